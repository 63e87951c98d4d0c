"""The exercises of lesson 1."""

import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np

from transconv.checks.marking import in_lesson
from transconv.checks.mistakes import (
    LAID,
    MEETING,
    PLACED,
    SIZED,
    SPREAD_CASES,
    counted,
    flip,
    gather,
    in_worlds,
    random,
    spread,
)
from transconv.checks.running import run
from transconv.geometry import Axis
from transconv.ops import conv2d, convolution_matrix

value, function = in_lesson("01_concept")

X = np.array([[3, 5, 2, 7], [4, 1, 3, 8], [6, 3, 8, 2], [9, 6, 1, 5]])
W = np.array([[1, 2, 1], [2, 1, 2], [1, 1, 2]])


def _grown(layers=3, padding="same"):
    """Rows and columns after some layers with kernel 5 and stride 2."""
    size = 4, 6
    for _ in range(layers):
        size = tuple(Axis.from_small(n, 5, 2, padding).big for n in size)
    return size


@value(
    mistakes={
        "same taken as the input's size": _grown(0),
        "layers miscounted": [_grown(layers) for layers in (1, 2, 4)],
        "doublings added up": (4 * (2 + 2 + 2), 6 * (2 + 2 + 2)),
        "padding ignored": _grown(padding="valid"),
        "rows and columns exchanged": _grown()[::-1],
    }
)
def grown():
    """With `same` the size is multiplied by the stride, whatever the kernel size is.

    layers miscounted: Each layer is given what the one before it returns. How many are there?
    doublings added up: You multiplied once, by 2 + 2 + 2. The second layer doubles what the first
        has doubled already: how large is it then?
    padding ignored: That is what `valid` makes. What did `same` make of 7 × 7, above?
    """
    return _grown()


_FOUR = np.array([[1, 2], [0, 4]])


@value(
    mistakes=in_worlds(lambda world: gather(X, _FOUR, 1, world)[0, 2], LAID)
    | {
        "rows and columns exchanged": gather(X, _FOUR, 1)[2, 0],
        "columns counted from 1": gather(X, _FOUR, 1)[0, 1],
    }
)
def window_sum():
    """You laid the kernel down as it is, on the right window: no flip, rows before columns.

    kernel flipped: You turned it by 180 degrees. Which cell of a window does its first number meet?
    columns counted from 1: This is the window one column to the left. Where does column 0 stand?
    """
    return gather(X, _FOUR, 1)[0, 2]


_INPUT, _KERNEL = np.ones((2, 4)), np.ones((5, 3))


@value(
    mistakes=in_worlds(
        lambda world: spread(_INPUT, _KERNEL, 2, world).shape,
        PLACED,
        SIZED,
        "kernel transposed, rows and columns exchanged",
    )
)
def spread_shape():
    """The last of n patches starts n - 1 strides after the first, and is one kernel long."""
    return spread(_INPUT, _KERNEL, 2).shape


@function(cases=SPREAD_CASES, mistakes=in_worlds(spread))
def spread_and_sum(X, W, stride):
    """The loop is a transposed convolution. All that Keras adds is the crop."""
    return spread(X, W, stride)


def _gapless(W, height, width):
    C = convolution_matrix(W, (height, width))
    flat = np.zeros_like(C)
    for row, index in zip(flat, (C != 0).argmax(axis=1), strict=True):
        row[index : index + W.size] = W.ravel()
    return flat


def _column_major(shape):
    return np.arange(np.prod(shape)).reshape(shape).ravel(order="F")


def _windows_down(W, *size):
    order = _column_major(gather(np.ones(size), W, 1).shape)
    return convolution_matrix(W, size)[order]


@function(
    cases=[(np.array([[1, 2]]), 2, 3), (counted(2, 2), 2, 3), (counted(3, 2), 4, 3), (W, 4, 5)],
    mistakes={
        "kernel flipped": lambda W, *size: convolution_matrix(flip(W), size),
        "kernel transposed": lambda W, *size: convolution_matrix(W.T, size),
        "matrix transposed the wrong way": lambda W, *size: convolution_matrix(W, size).T,
        "columns in column-major order": lambda W, *size: convolution_matrix(W, size)[
            :, _column_major(size)
        ],
        "windows in column-major order": _windows_down,
        "kernel rows without gaps": _gapless,
    },
)
def build_matrix(W, height, width):
    """Its transpose spreads: each of your rows, reshaped, is a kernel placed on the output.

    kernel flipped: You turned it by 180 degrees. Which cell of a window does its first number meet?
    matrix transposed the wrong way: Each window should be a row. What is each window in yours?
    columns in column-major order: In which order does `X.ravel()` list the cells?
    windows in column-major order: Which window comes second in reading order?
    kernel rows without gaps: You wrote the kernel's numbers one after the other. How many cells of
        the flattened input lie between the end of one row of a window and the start of the next?
    """
    return convolution_matrix(W, (height, width))


_DOT, _K = np.pad([[1]], 1), np.array([[3, 1], [5, 2]])


def _there_and_back(world):
    return spread(gather(_DOT, _K, 1), _K, 1, world)[1, 1]


@value(
    mistakes=in_worlds(
        _there_and_back,
        MEETING,
        "kernel transposed",
    )
    | {
        "kernel flipped in one of the steps": spread(flip(_K), flip(_K), 1)[1, 1],
        "taken for an inverse": 1,
    }
)
def there_and_back():
    """Each number of the kernel meets itself: the sum of the squares, and not 1.

    kernel flipped in one of the steps: One of your steps uses it turned round. Through which number
        does window (0,0) see the 1? And through which does its patch come back to it?
    """
    return spread(gather(_DOT, _K, 1), _K, 1)[1, 1]


class Map(NamedTuple):
    """A map from grids to grids, and how it is shown."""

    name: str
    of: object

    def __call__(self, grid):  # noqa: D102
        return self.of(grid)

    def __repr__(self):
        return self.name


def _pair(kernel, turned):
    """A convolution, and the transposed one of the same kernel or of that turned."""
    back = flip(kernel) if turned else kernel
    return (
        Map(f"convolution with {kernel.tolist()}", lambda x: gather(x, kernel, 1)),
        Map(f"transposed convolution with {back.tolist()}", lambda y: spread(y, back, 1)),
    )


def _strided(start):
    """A convolution with stride 2, and the spread of which a row and a column are cut off."""
    how = {"strides": 2, "padding": "same"}
    kept = slice(start, start + 4)
    return (
        Map("Conv2D, stride 2, same", lambda x: conv2d(x[None, ..., None], TAPS, **how)[0, ..., 0]),
        Map(f"the spread from row and column {start} on", lambda y: spread(y, W, 2)[kept, kept]),
    )


TAPS = W[:, :, None, None]
_DOUBLE = Map("x * 2", lambda x: x * 2)


@function(
    cases=[
        (_DOUBLE, _DOUBLE, np.array([[3]]), np.array([[3]])),
        (_DOUBLE, Map("y // 2", lambda y: y // 2), np.array([[3]]), np.array([[12]])),
        (*_pair(np.array([[1, 2]]), turned=True), *random(4, (1, 3), (1, 2))),
        (*_pair(counted(2, 2), turned=False), *random(5, (3, 4), (2, 3))),
        *((*_strided(start), *random(6, (4, 4), (2, 2))) for start in (0, 1)),
    ],
    mistakes={
        "taken for an inverse": [
            lambda conv, back, x, y: np.array_equal(back(conv(x)), x),
            lambda conv, back, x, y: np.array_equal(conv(back(y)), y),
        ],
        "sums without the products": lambda conv, back, x, y: conv(x).sum() == back(y).sum(),
    },
)
def adjoint(conv, back, x, y):
    """One line tells an adjoint from all that merely has its shape: a wrong crop shows, too.

    taken for an inverse: Do the numbers have to come back for the promise?
    sums without the products: With what is each cell multiplied before the sums?
    """
    return np.sum(conv(x) * y) == np.sum(x * back(y))


def walks_over_inputs(function):
    """What is missing of a right answer that walks over the inputs one by one.

    Counted in lines of the reader's own code: a clock would say something else on each machine.
    """
    case = *random(7, (40, 30), (4, 2)), 2
    rows, columns = case[0].shape
    code = getattr(function, "__code__", None)
    home = code and Path(code.co_filename).parent
    lines = 0

    def trace(frame, event, argument):
        nonlocal lines
        if Path(frame.f_code.co_filename).parent != home:
            return None
        lines += 1
        return trace

    def traced(*case):
        sys.settrace(trace)  # for the answer's own thread, which ends with it
        return function(*case)

    run(traced, case)
    if lines < rows * columns / 2:
        return None
    return (
        f"The numbers are right. But for an input of {rows} × {columns}, Python ran {lines} "
        "lines of your code: it still walks over the inputs. Which loop is much shorter?"
    )


@function(
    cases=SPREAD_CASES,
    # Who gathers over inserted zeros has to flip the kernel: the same answer is another mistake.
    mistakes={
        "kernel not flipped" if name == "kernel flipped" else name: ways
        for name, ways in in_worlds(spread).items()
    }
    | {
        "values repeated": lambda X, W, s: spread(X.repeat(s, 0).repeat(s, 1), W, 1),
        "zeros after the last value as well": lambda X, W, s: np.pad(spread(X, W, s), (0, s - 1)),
        "stride zeros instead of stride - 1": lambda X, W, s: spread(X, W, s + 1),
    },
    also=walks_over_inputs,
)
def without_loops(X, W, stride):
    """No loop over the inputs. Lesson 3 loops over the kernel: no inserted zeros, and no matrix.

    kernel not flipped: From an output cell, through which number is the input above it seen?
    values repeated: You repeat, as UpSampling2D does. What stands between the values?
    zeros after the last value as well: Zeros go between values. Is there a value after the last?
    stride zeros instead of stride - 1: With stride 1 there should be none. How many are in yours?
    """
    return spread(X, W, stride)
