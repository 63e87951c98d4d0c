"""The exercises of lesson 3."""

from functools import partial

import numpy as np

from transconv.checks import mistakes as m
from transconv.checks.answers import (
    SPREAD_CASES,
    batch_overwritten,
    batch_overwritten_by_taps,
    flip,
    gather,
    random,
    spread,
    walks_over_inputs,
)
from transconv.checks.marking import Exercise
from transconv.geometry import Axis
from transconv.ops import conv2d_transpose

exercise = partial(Exercise, lesson="03_from_scratch")


def _walk(n, k, s, p):
    """How many windows there are, and where the last one starts on the input."""
    windows = (n + 2 * p - k) // s + 1
    return windows, (windows - 1) * s - p


last_window = exercise(
    name="last_window",
    reference=lambda: _walk(10, 4, 2, 1),
    mistakes={
        m.ZEROS_NOT_COUNTED: lambda: _walk(10, 4, 2, 0),
        m.NO_PLUS_ONE: lambda: (4, 5),
        m.COUNTED_FROM_PADDING: lambda: (5, 8),
        m.STRIDE_IGNORED: lambda: _walk(10, 4, 1, 1),
    },
    shows="The window reads cells 7 to 10, and cell 10 is the zero after the input.",
)


def _cell(X, W, stride, row, column, least=0):
    """The sum that makes one output cell, of the taps that lie in the kernel."""
    return sum(
        X[i, j] * W[p, q]
        for i, j in np.ndindex(X.shape)
        for p, q in [(row - i * stride, column - j * stride)]
        if least * len(W) <= p < len(W) and least * W.shape[1] <= q < W.shape[1]
    )


one_cell = exercise(
    name="one_cell",
    reference=lambda X, W, stride, row, column: spread(X, W, stride)[row, column],
    cases=[
        (np.array([[1, 2]]), np.array([[1, 2, 4]]), 1, 0, 1),
        (np.array([[1, 2], [3, 5]]), np.array([[1, 2], [3, 4]]), 1, 1, 0),
        (*random(9, (3, 4), (4, 3)), 2, 4, 3),
        (*random(10, (5, 3), (3, 4)), 3, 4, 7),
    ],
    mistakes={
        m.FLIPPED: lambda X, W, s, row, column: spread(X, flip(W), s)[row, column],
        m.NEGATIVE_INDEX: lambda *case: _cell(*case, least=-1),
        m.STRIDE_IGNORED: lambda X, W, s, row, column: _cell(X, W, 1, row, column),
        m.EXCHANGED: lambda X, W, s, row, column: _cell(X, W, s, column, row),
    },
    shows="Spreading and gathering are one sum, written from either end.",
)


def _padding(n, k, s, small=None):
    small = -(-n // s) if small is None else small
    total = (small - 1) * s + k - n
    return total, max(total, 0)


def _zeros(n, k, s):
    """The zeros that `same` puts before and after an input."""
    axis = Axis.from_big(n, k, s, "same")
    return axis.pad_before, max(axis.full - n, 0) - axis.pad_before


same_padding = exercise(
    name="same_padding",
    reference=_zeros,
    cases=[(1, 1, 1), (3, 3, 1), (4, 1, 2), (4, 3, 2), (5, 3, 2), (7, 4, 3), (9, 1, 4), (8, 6, 1)],
    mistakes={
        m.PAD_BOTH: lambda n, k, s: _zeros(n, k, s)[:1] * 2,
        m.PAD_START: lambda n, k, s: _zeros(n, k, s)[::-1],
        m.FLOOR: lambda n, k, s: (
            _padding(n, k, s, n // s)[1] // 2,
            -(-_padding(n, k, s, n // s)[1] // 2),
        ),
        m.ROUNDED_FORMULA: lambda n, k, s: (_padding(n, k, s, n // s)[0] // 2,) * 2,
        m.NEGATIVE_PADDING: lambda n, k, s: (
            _padding(n, k, s)[0] // 2,
            _padding(n, k, s)[0] - _padding(n, k, s)[0] // 2,
        ),
    },
    shows="The odd zero goes to the end. That is why a transposed convolution cuts more there.",
)


def _layered(x, kernel, bias, stride):
    return conv2d_transpose(x, kernel, stride, "valid", 0) + bias


def _as_conv2d(x, kernel, stride):
    """What comes of a kernel that is read as (height, width, in, out)."""
    return conv2d_transpose(x, kernel.swapaxes(2, 3), stride, "valid", 0)


def _patches(x, kernel, stride):
    return conv2d_transpose(np.ones_like(x[..., :1]), np.ones_like(kernel[..., :1, :1]), stride)


CHANNEL_CASES = [
    (np.array([1, 2]).reshape(1, 1, 1, 2), np.array([1, 2, 3, 5]).reshape(1, 1, 2, 2), 1),
    (np.arange(1, 5).reshape(1, 1, 2, 2), np.arange(1, 17).reshape(2, 2, 2, 2), 1),
    (*random(11, (2, 2, 3, 2), (3, 2, 2, 2)), 2),
    (*random(12, (2, 3, 2, 3), (4, 3, 1, 3)), 2),
]

with_channels = exercise(
    name="with_channels",
    reference=_layered,
    cases=[
        (x, kernel, np.arange(10, 10 * len(kernel[0, 0]) + 1, 10), stride)
        for x, kernel, stride in CHANNEL_CASES
    ],
    mistakes={
        m.CHANNELS: lambda x, kernel, bias, s: _as_conv2d(x, kernel, s) + bias,
        m.BIAS_PER_PATCH: lambda x, kernel, bias, s: (
            _layered(x, kernel, 0, s) + bias * _patches(x, kernel, s)
        ),
        m.OVERWRITTEN: lambda x, kernel, bias, s: batch_overwritten(x, kernel, s) + bias,
        m.NO_BIAS: lambda x, kernel, bias, s: _layered(x, kernel, 0, s),
        m.FLIPPED: lambda x, kernel, bias, s: _layered(x, flip(kernel), bias, s),
    },
    shows="(height, width, out, in), and one bias for each output channel: Keras's weights fit.",
)

tap_by_tap = exercise(
    name="tap_by_tap",
    reference=lambda x, kernel, stride: _layered(x, kernel, 0, stride),
    cases=CHANNEL_CASES,
    also=walks_over_inputs(*random(15, (2, 40, 30, 2), (3, 2, 1, 2)), 2),
    mistakes={
        m.CHANNELS: _as_conv2d,
        m.OVERWRITTEN: (batch_overwritten, batch_overwritten_by_taps),
        m.FLIPPED: lambda x, kernel, s: _layered(x, flip(kernel), 0, s),
    },
    shows="One matrix product for each tap: this is the whole of transconv/ops.py.",
)

input_gradient = exercise(
    name="input_gradient",
    reference=lambda X, W, dY, stride: gather(dY, W, stride),
    cases=[],
    mistakes={
        m.OUTPUT_FOR_UPSTREAM: lambda X, W, dY, s: gather(spread(X, W, s), W, s),
        m.OUTPUT_AS_FACTOR: lambda X, W, dY, s: gather(dY * spread(X, W, s), W, s),
        m.FLIPPED_WINDOW: lambda X, W, dY, s: gather(dY, flip(W), s),
        m.SPREAD_AGAIN: lambda X, W, dY, s: spread(dY, W, s),
    },
    shows="The backward pass of the one layer is the forward pass of the other.",
)


def _weights_gradient(X, dY, shape, stride):
    """The sum, for each tap, of the products of the cells that it ties."""
    height, width = ((n - 1) * stride + 1 for n in X.shape)
    return np.array(
        [
            [
                np.sum(X * dY[p : p + height : stride, q : q + width : stride])
                for q in range(shape[1])
            ]
            for p in range(shape[0])
        ]
    )


kernel_gradient = exercise(
    name="kernel_gradient",
    reference=lambda X, W, dY, stride: _weights_gradient(X, dY, W.shape, stride),
    cases=[
        (X, W, np.arange(spread(X, W, s).size).reshape(spread(X, W, s).shape) % 7 - 2, s)
        for X, W, s in SPREAD_CASES
    ],
    mistakes={
        m.OUTPUT_FOR_UPSTREAM: lambda X, W, dY, s: _weights_gradient(
            X, spread(X, W, s), W.shape, s
        ),
        m.OUTPUT_AS_FACTOR: lambda X, W, dY, s: _weights_gradient(
            X, dY * spread(X, W, s), W.shape, s
        ),
        m.FLIPPED_WINDOW: lambda X, W, dY, s: flip(_weights_gradient(X, dY, W.shape, s)),
        m.STRIDE_IGNORED: lambda X, W, dY, s: _weights_gradient(X, dY, W.shape, 1),
    },
    shows="Each weight gathers what it was multiplied with, times what that did to the loss.",
)
input_gradient.cases = kernel_gradient.cases


numbers_lost = exercise(
    name="numbers_lost",
    reference=lambda: (20 * 20 - 10 * 10, 20 * 20 - 4 * 10 * 10),
    mistakes={
        m.INVERTED_FROM_FEWER: lambda: (0, 0),
        m.LEFT_FOR_LOST: lambda: (10 * 10, 4 * 10 * 10),
        m.ONE_FILTER: lambda: (20 * 20 - 10 * 10,) * 2,
    },
    shows="It is a matter of counting: what no filter has kept, no training brings back.",
)
