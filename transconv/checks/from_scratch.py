"""The exercises of lesson 3."""

import numpy as np

from transconv.checks.marking import in_lesson
from transconv.checks.mistakes import (
    LAID,
    MEETING,
    PLACED,
    SPREAD_CASES,
    counted,
    gather,
    gradient,
    in_worlds,
    numbers,
    random,
    spread,
)
from transconv.geometry import Axis

value, function = in_lesson("03_from_scratch")


def _cell(X, W, stride, row, column, *world):
    """One cell of the whole spread; nothing where a mistaken one does not reach."""
    Y = spread(X, W, stride, *world)
    return Y[row, column] if row < len(Y) and column < Y.shape[1] else 0


def _wrapped(X, W, stride, row, column):
    """The sum with the taps of indices below zero in it."""
    return sum(
        X[i, j] * W[p, q]
        for i, j in np.ndindex(X.shape)
        for p, q in [(row - i * stride, column - j * stride)]
        if -len(W) <= p < len(W) and -W.shape[1] <= q < W.shape[1]
    )


def _of_one_input(X, W, stride, row, column):
    (i, p), (j, q) = divmod(row, stride), divmod(column, stride)
    inside = i < len(X) and j < X.shape[1] and p < len(W) and q < W.shape[1]
    return X[i, j] * W[p, q] if inside else 0


@function(
    cases=[
        *((*SPREAD_CASES[0], 0, 1), (*SPREAD_CASES[0], 0, 3), (*SPREAD_CASES[1], 1, 0)),
        (*SPREAD_CASES[1][:2], 3, 2, 1),
        *((*SPREAD_CASES[3], row, column) for row, column in ((4, 3), (2, 6), (6, 4))),
        *((*SPREAD_CASES[4], row, column) for row, column in ((4, 4), (13, 2))),
    ],
    mistakes={
        "index below zero": _wrapped,
        "only one input looked at": _of_one_input,
        "rows and columns exchanged": lambda X, W, s, row, column: _cell(X, W, s, column, row),
    }
    | in_worlds(_cell, MEETING, LAID, PLACED),
)
def one_cell(X, W, stride, row, column):
    """Spreading and gathering are one sum, written from either end.

    index below zero: In Python, W[-1] is the last number of W. Which patches end before this cell?
    only one input looked at: row // stride is the last input whose patch starts before the cell. Do
        others reach it as well?
    """
    return spread(X, W, stride)[row, column]


def _zeros(n, k, s):
    """The zeros that `same` puts before and after an input."""
    axis = Axis.from_big(n, k, s, "same")
    return axis.pad_before, max(axis.full - n, 0) - axis.pad_before


def _dealt(total, before=lambda total: total // 2):
    """Zeros before and after, by a wrong total or a wrong part of it before."""
    return lambda n, k, s: (before(total(n, k, s)), total(n, k, s) - before(total(n, k, s)))


def _total(n, k, s):
    return sum(_zeros(n, k, s))


@function(
    cases=numbers(
        "1 1 1, 3 3 1, 4 1 2, 4 3 2, 5 3 2, 5 2 3, 5 4 3, 7 4 3, 9 1 4, 8 6 1, 8 3 5, 11 4 3, "
        "11 6 4, 14 7 5"
    ),
    mistakes={
        "equally many zeros on both sides": [
            lambda n, k, s: _zeros(n, k, s)[:1] * 2,
            lambda n, k, s: _zeros(n, k, s)[1:] * 2,
            lambda n, k, s: (_total(n, k, s) / 2,) * 2,
        ],
        "odd zero at the start": lambda n, k, s: _zeros(n, k, s)[::-1],
        "all zeros on one side": [_dealt(_total, lambda total: 0), _dealt(_total, int)],
        "floor for ceil": _dealt(lambda n, k, s: max((n // s - 1) * s + k - n, 0)),
        "the formula rounded down": lambda n, k, s: (((n // s - 1) * s + k - n) // 2,) * 2,
        "fewer than no zeros": _dealt(lambda n, k, s: (-(-n // s) - 1) * s + k - n),
        "stride ignored": _dealt(lambda n, k, s: k - 1),
    },
)
def same_padding(n, k, s):
    """The odd zero goes to the end. That is why a transposed convolution cuts more there.

    equally many zeros on both sides: What if the number of zeros is odd?
    odd zero at the start: If the number of zeros is odd, which side gets one more?
    all zeros on one side: Half of the zeros, rounded down, go before the input. Where are yours?
    the formula rounded down: ((o - 1)s + k - n) / 2 with o = n / s is right where both divisions
        come out even and nothing is negative. Which of the three goes wrong in this case?
    fewer than no zeros: The formula gives a negative number. What is the least that can be added?
    stride ignored: So many zeros stride 1 needs. Which cells does your last window read?
    """
    return _zeros(n, k, s)


def _layer(x, kernel, bias, stride, *world):
    return spread(x, kernel, stride, *world) + bias


def _counts(x, kernel, stride):
    """How many patches reach each cell."""
    return spread(np.ones_like(x[..., :1]), np.ones_like(kernel[..., :1, :1]), stride)


def _as_conv2d(x, kernel, stride, bias=0):
    """What comes of a kernel that is read as (height, width, in, out)."""
    exchanged = kernel.swapaxes(2, 3)
    if exchanged.shape[3] == 1:  # einsum takes one channel for as many as it needs
        exchanged = exchanged.repeat(x.shape[3], axis=3)
    return spread(x, exchanged, stride) + bias


CHANNEL_CASES = [
    (counted(1, 1, 1, 2), np.array([1, 2, 3, 5]).reshape(1, 1, 2, 2), 1),
    (counted(1, 1, 2, 2), counted(2, 2, 2, 2), 1),
    (*random(11, (2, 2, 3, 2), (3, 2, 2, 2)), 2),
    (*random(12, (2, 3, 2, 3), (2, 5, 3, 3)), 2),
]


@function(
    cases=[
        (x, kernel, 10 * counted(len(kernel[0, 0])), stride)
        for x, kernel, stride in [*CHANNEL_CASES, (*random(13, (2, 3, 2, 3), (4, 3, 1, 3)), 2)]
    ],
    mistakes={
        "channels exchanged": lambda x, kernel, bias, s: _as_conv2d(x, kernel, s, bias),
        "bias added once per patch": lambda x, kernel, bias, s: (
            spread(x, kernel, s) + bias * _counts(x, kernel, s)
        ),
        "bias once per input channel": lambda x, kernel, bias, s: (
            spread(x, kernel, s) + bias * x.shape[3]
        ),
        "bias forgotten": lambda x, kernel, bias, s: spread(x, kernel, s),
        "mean for sum": lambda x, kernel, bias, s: spread(x, kernel, s) / x.shape[3] + bias,
        "one input channel alone": lambda x, kernel, bias, s: (
            spread(x[..., :1], kernel[..., :1], s) + bias
        ),
    }
    | in_worlds(_layer),
)
def with_channels(x, kernel, bias, stride):
    """(height, width, out, in), and one bias for each output channel: Keras's weights fit.

    bias added once per patch: Where patches overlap, your bias is added several times. When is it
        added, if it is added once?
    """
    return _layer(x, kernel, bias, stride)


@function(
    cases=CHANNEL_CASES,
    mistakes=in_worlds(spread)
    | {
        "channels exchanged": _as_conv2d,
        "mean for sum": lambda x, kernel, s: spread(x, kernel, s) / x.shape[3],
        "one input channel alone": lambda x, kernel, s: spread(x[..., :1], kernel[..., :1], s),
    },
)
def tap_by_tap(x, kernel, stride):
    """One matrix product for each tap, summed: this is the whole of transconv/ops.py."""
    return spread(x, kernel, stride)


def _gradients(answer, *more):
    """The mistakes about what comes from upstream, where `answer(X, W, dY, stride)` is right."""
    return in_worlds(answer, LAID, "stride ignored", *more) | {
        "gradient using the output instead of the upstream gradient": lambda X, W, dY, s: answer(
            X, W, spread(X, W, s), s
        ),
        "upstream gradient multiplied by the output": lambda X, W, dY, s: answer(
            X, W, dY * spread(X, W, s), s
        ),
    }


def _input_gradient(X, W, dY, stride, *world):
    return gather(dY, W, stride, *world)


GRADIENT_CASES = [
    (X, W, counted(*spread(X, W, s).shape) % 7 - 3, s)
    for X, W, s in [(counted(1, 2), counted(2, 1), 1), *SPREAD_CASES[1:]]
]


@function(
    cases=GRADIENT_CASES,
    mistakes=_gradients(_input_gradient)
    | {
        "spread once more": lambda X, W, dY, s: spread(dY, W, s),
        "gradient times the input": lambda X, W, dY, s: X * gather(dY, W, s),
    },
)
def input_gradient(X, W, dY, stride):
    """The backward pass of the one layer is the forward pass of the other.

    kernel flipped: Which number of its patch did an input make with the kernel's first number?
    stride ignored: Yours is what stride 1 gives. How far is it from one window of dY to the next?
    spread once more: The gradient of X has the shape of X. Which operation leads back to that?
    gradient times the input: X[i, j] is multiplied by W alone. Does it matter how large it was?
    """
    return gather(dY, W, stride)


@function(
    cases=GRADIENT_CASES,
    mistakes={
        "mean for sum" if name == "overlaps averaged" else name: ways
        for name, ways in _gradients(gradient, "overlaps overwritten, overlaps averaged").items()
    }
    | {"gradient times the kernel": lambda X, W, dY, s: W * gradient(X, W, dY, s)},
)
def kernel_gradient(X, W, dY, stride):
    """Each weight gathers what it was multiplied with, times what that did to the loss.

    kernel flipped: Which cell of its patch did an input write to through the kernel's first number?
    stride ignored: Yours is what stride 1 gives. Where on dY does the patch of X[i, j] start?
    overlaps overwritten: Your gradient holds what one input adds. What becomes of all the others?
    gradient times the kernel: W[p, q] is multiplied by X alone. Does it matter how large it was?
    """
    return gradient(X, W, dY, stride)


def _bias(pictures=4, cells=6 * 6, filters=1):
    return 0.5 * pictures * cells * filters


@value(
    mistakes={
        "mean for sum": [_bias(1, 1), _bias(cells=1), _bias(pictures=1)],
        "filters summed as well": [_bias(filters=3), _bias(pictures=1, filters=3)],
    }
)
def bias_gradient():
    """A bias is added to each cell of its channel, in each picture: that many slopes add up.

    mean for sum: If the bias grows by 1, so does each cell it was added to. How many?
    filters summed as well: There is a bias for each filter. Which cells is one of them added to?
    """
    return _bias()


@value(
    mistakes={
        "taken for an inverse": (0, 0),
        "what is left for what is lost": (10 * 10, 4 * 10 * 10),
        "one filter for all": (20 * 20 - 10 * 10,) * 2,
        "the two answers exchanged": (0, 300),
    }
)
def numbers_lost():
    """It is a matter of counting: what no filter has kept, no training brings back.

    taken for an inverse: Can so few numbers tell all the numbers that went in?
    one filter for all: Each filter puts out a grid of its own. How many numbers do four put out?
    """
    return 20 * 20 - 10 * 10, 20 * 20 - 4 * 10 * 10
