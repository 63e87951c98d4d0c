"""Right and wrong answers, and cases, that several exercises share."""

import sys
from pathlib import Path

import numpy as np

from transconv.checks import mistakes as m
from transconv.checks.marking import run
from transconv.ops import conv2d, conv2d_transpose
from transconv.steps import TransposedConvolution


def spread(X, W, stride):
    """The patches of a grid, summed; nothing is cut or appended."""
    return conv2d_transpose(X[None, :, :, None], W[:, :, None, None], stride, "valid", 0)[0, ..., 0]


def gather(X, W, stride):
    """The convolution of a grid."""
    return conv2d(X[None, :, :, None], W[:, :, None, None], stride)[0, ..., 0]


def flip(W):
    """The kernel turned by 180 degrees."""
    return W[::-1, ::-1]


def counts(X, W, stride):
    """How many patches reach each cell."""
    return TransposedConvolution(X, W, stride, output_padding=0).counts


def batch_overwritten(x, kernel, stride):
    """The patches of a batch, each laid over those before it."""
    y = np.zeros_like(conv2d_transpose(x, kernel, stride, "valid", 0))
    for i, j in np.ndindex(x.shape[1:3]):
        patch = np.einsum("bi,hwoi->bhwo", x[:, i, j], kernel)
        y[:, i * stride :, j * stride :][:, : len(kernel), : kernel.shape[1]] = patch
    return y


def batch_overwritten_by_taps(x, kernel, stride):
    """What each tap of the kernel writes, laid over what those before it wrote."""
    y = np.zeros_like(conv2d_transpose(x, kernel, stride, "valid", 0))
    rows, columns = ((n - 1) * stride + 1 for n in x.shape[1:3])
    for p, q in np.ndindex(kernel.shape[:2]):
        y[:, p : p + rows : stride, q : q + columns : stride] = x @ kernel[p, q].T
    return y


def overwritten(X, W, stride, batch_overwritten=batch_overwritten):
    """The patches of a grid, each laid over those before it."""
    return batch_overwritten(X[None, :, :, None], W[:, :, None, None], stride)[0, ..., 0]


def _in_right_size(Y, X, W, stride):
    """`Y`, with zeros at the end up to the size of the spread."""
    return np.pad(Y, [(0, n - m) for n, m in zip(spread(X, W, stride).shape, Y.shape, strict=True)])


SPREAD_MISTAKES = {
    m.OVERWRITTEN: (
        overwritten,
        lambda X, W, s: overwritten(X, W, s, batch_overwritten_by_taps),
    ),
    m.AVERAGED: lambda X, W, s: spread(X, W, s) / np.maximum(counts(X, W, s), 1),
    m.FLIPPED: lambda X, W, s: spread(X, flip(W), s),
    m.KERNEL_TRANSPOSED: lambda X, W, s: spread(X, W.T, s),
    m.EXCHANGED: lambda X, W, s: spread(X.T, W, s),
    m.STRIDE_IGNORED: (
        lambda X, W, s: spread(X, W, 1),
        lambda X, W, s: _in_right_size(spread(X, W, 1), X, W, s),
    ),
    m.STRIDE_ON_INPUT: (
        lambda X, W, s: spread(X[::s, ::s], W, 1),
        lambda X, W, s: _in_right_size(spread(X[::s, ::s], W, s), X, W, s),
        lambda X, W, s: _in_right_size(spread(X[::s, ::s], W, s * s), X, W, s),
    ),
    m.TIMES_STRIDE_PLUS_KERNEL: lambda X, W, s: np.pad(spread(X, W, s), (0, s)),
    m.TIMES_STRIDE: lambda X, W, s: spread(X, W, s)[: len(X) * s, : X.shape[1] * s],
}


def random(seed, *shapes):
    """Whole and half numbers: no answer owes its right digits to luck in rounding."""
    rng = np.random.default_rng(seed)
    return [rng.integers(-9, 10, shape) / 2 for shape in shapes]


SPREAD_CASES = [
    (np.array([[1, 2]]), np.array([[1, 2, 4]]), 1),
    (np.array([[1, 2], [3, 5]]), np.array([[1, 2], [3, 4]]), 1),
    (np.array([[1, 2, 3], [4, 5, 6]]), np.array([[1, 2], [0, 1], [3, 1]]), 2),
    (*random(1, (3, 4), (4, 3)), 2),
    (*random(2, (5, 2), (5, 4)), 3),
    (*random(3, (4, 4), (3, 3)), 3),
]


def walks_over_inputs(*case):
    """What `Exercise.also` says if a function, on this case, walks over the inputs one by one.

    Counted in lines of the reader's own code: a clock would say something else on each machine.
    """
    rows, columns = case[0].shape[-3:-1] if case[0].ndim == 4 else case[0].shape

    def also(function):
        code = getattr(function, "__code__", None)
        home = code and Path(code.co_filename).parent
        lines = 0

        def trace(frame, event, argument):
            nonlocal lines
            if Path(frame.f_code.co_filename).parent != home:
                return None
            lines += 1
            return trace

        before = sys.gettrace()
        sys.settrace(trace)
        try:
            run(function, case)
        finally:
            sys.settrace(before)
        if lines < rows * columns / 2:
            return None
        return (
            f"The numbers are right. But for an input of {rows} × {columns}, Python ran {lines} "
            "lines of your code: it still walks over the inputs. Which loop is much shorter?"
        )

    return also
