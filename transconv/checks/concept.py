"""The exercises of lesson 1."""

from functools import partial

import numpy as np

from transconv.checks import mistakes as m
from transconv.checks.answers import (
    SPREAD_CASES,
    SPREAD_MISTAKES,
    flip,
    gather,
    overwritten,
    random,
    spread,
    walks_over_inputs,
)
from transconv.checks.marking import Exercise
from transconv.ops import convolution_matrix

exercise = partial(Exercise, lesson="01_concept")

X = np.array([[3, 5, 2, 7], [4, 1, 3, 8], [6, 3, 8, 2], [9, 6, 1, 5]])

grown = exercise(
    name="grown",
    reference=lambda: (4 * 2 * 2 * 2, 6 * 2 * 2 * 2),
    mistakes={
        m.SAME_AS_INPUT: lambda: (4, 6),
        m.ONE_LAYER: lambda: (4 * 2, 6 * 2),
        m.DOUBLINGS_ADDED: lambda: (4 * (2 + 2 + 2), 6 * (2 + 2 + 2)),
        m.EXCHANGED: lambda: (48, 32),
    },
    shows="With `same` the size is multiplied by the stride, whatever the kernel size is.",
)

window_sum = exercise(
    name="window_sum",
    reference=lambda: gather(X, np.array([[1, 2], [0, 4]]), 1)[0, 2],
    mistakes={
        m.FLIPPED_WINDOW: lambda: gather(X, flip(np.array([[1, 2], [0, 4]])), 1)[0, 2],
        m.KERNEL_TRANSPOSED: lambda: gather(X, np.array([[1, 0], [2, 4]]), 1)[0, 2],
        m.EXCHANGED: lambda: gather(X, np.array([[1, 2], [0, 4]]), 1)[2, 0],
    },
    shows="You laid the kernel down as it is, on the right window: no flip, rows before columns.",
)

spread_shape = exercise(
    name="spread_shape",
    reference=lambda: ((2 - 1) * 2 + 5, (4 - 1) * 2 + 3),
    mistakes={
        m.TIMES_STRIDE: lambda: (2 * 2, 4 * 2),
        m.TIMES_STRIDE_PLUS_KERNEL: lambda: (2 * 2 + 5, 4 * 2 + 3),
        m.STRIDE_IGNORED: lambda: (2 - 1 + 5, 4 - 1 + 3),
        m.STRIDE_ON_INPUT: lambda: (1 - 1 + 5, 2 - 1 + 3),
        m.EXCHANGED: lambda: (9, 7),
        m.SIDE_BY_SIDE: lambda: (2 * 5, 4 * 3),
    },
    shows="The output ends where the last patch ends: (n - 1) strides, and then one kernel.",
)

spread_and_sum = exercise(
    name="spread_and_sum",
    reference=spread,
    cases=SPREAD_CASES,
    mistakes=SPREAD_MISTAKES,
    shows="This loop is a transposed convolution. All that Keras adds is the crop.",
)


def _gapless(W, height, width):
    C = convolution_matrix(W, (height, width))
    flat = np.zeros_like(C)
    for row, index in zip(flat, (C != 0).argmax(axis=1), strict=True):
        row[index : index + W.size] = W.ravel()[: len(row) - index]
    return flat


def _column_major(W, height, width):
    order = np.arange(height * width).reshape(height, width).ravel(order="F")
    return convolution_matrix(W, (height, width))[:, order]


build_matrix = exercise(
    name="build_matrix",
    reference=lambda W, height, width: convolution_matrix(W, (height, width)),
    cases=[
        (np.array([[1, 2]]), 1, 3),
        (np.array([[1, 2], [3, 4]]), 2, 3),
        (np.array([[1, 2], [3, 4], [5, 6]]), 4, 3),
        (np.array([[1, 2, 1], [2, 1, 2], [1, 1, 2]]), 4, 4),
    ],
    mistakes={
        m.MATRIX_TRANSPOSED: lambda W, h, w: convolution_matrix(W, (h, w)).T,
        m.COLUMN_MAJOR: _column_major,
        m.FLIPPED_WINDOW: lambda W, h, w: convolution_matrix(flip(W), (h, w)),
        m.NO_GAPS: _gapless,
    },
    shows="Its transpose spreads: each of your rows, reshaped, is a kernel placed on the output.",
)

equations = exercise(
    name="equations",
    reference=lambda: (6 * 5, 3 * 2),
    mistakes={
        m.INPUT_FOR_OUTPUT: lambda: ((6 - 3 + 1) * (5 - 2 + 1), 3 * 2),
        m.EQUATIONS_EXCHANGED: lambda: (3 * 2, 6 * 5),
    },
    shows="Five equations for each unknown: training finds the kernel that misses them least.",
)

_DOT, _V = np.pad([[1]], 1), np.array([[3, 1], [2, 5]])

there_and_back = exercise(
    name="there_and_back",
    reference=lambda: spread(gather(_DOT, _V, 1), _V, 1)[1, 1],
    mistakes={
        m.INVERTED: lambda: 1,
        m.OVERWRITTEN: lambda: overwritten(gather(_DOT, _V, 1), _V, 1)[1, 1],
        m.AVERAGED: lambda: spread(gather(_DOT, _V, 1), _V, 1)[1, 1] / 4,
        m.FLIPPED_ONCE: lambda: spread(gather(_DOT, _V, 1), flip(_V), 1)[1, 1],
    },
    shows="Each number of the kernel meets itself: the sum of the squares, and not 1.",
)


def _insert(X, stride):
    Y = np.zeros([(n - 1) * stride + 1 for n in X.shape], X.dtype)
    Y[::stride, ::stride] = X
    return Y


insert_zeros = exercise(
    name="insert_zeros",
    reference=_insert,
    cases=[
        (np.array([[1, 2]]), 2),
        (np.array([[1, 2], [3, 4]]), 1),
        (np.array([[1, 2, 3], [4, 5, 6]]), 3),
        (*random(5, (4, 3)), 2),
    ],
    mistakes={
        m.ZEROS_AFTER: lambda X, s: np.pad(_insert(X, s), (0, s - 1)),
        m.TOO_MANY_ZEROS: lambda X, s: _insert(X, s + 1),
        m.REPEATED: lambda X, s: X.repeat(s, axis=0).repeat(s, axis=1),
        m.EXCHANGED: lambda X, s: _insert(X.T, s),
        m.STRIDE_IGNORED: lambda X, s: X,
    },
    shows="A zero between the inputs and a stride over the output are the same thing.",
)

without_loops = exercise(
    name="without_loops",
    reference=spread,
    cases=SPREAD_CASES,
    # Who gathers over inserted zeros has to flip the kernel: the same answer is another mistake.
    mistakes={
        m.NOT_FLIPPED if k is m.FLIPPED else k: wrong for k, wrong in SPREAD_MISTAKES.items()
    },
    also=walks_over_inputs(*random(4, (40, 30), (4, 2)), 2),
    shows="No loop over the inputs. Lesson 3 uses the way that loops over the kernel: it "
    "multiplies no inserted zeros and builds no matrix.",
)
