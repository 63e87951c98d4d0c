"""The mistakes that several exercises share, and the operations as they are when one is made.

A mistake about the operation itself is a *world* in which one thing works otherwise: the last patch
wins, the stride steps over the input, the kernel is turned. What one answers who makes it follows:
the exercise's own answer, computed in that world. See `in_worlds`.
"""

import re
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np

from transconv.geometry import Axis
from transconv.ops import conv2d


def questions(text):
    """{mistake: question} of a text in which each mistake begins a line, and is indented then."""
    entries = re.split(r"\n(?! )", text.strip())
    return dict(re.sub(r"\s+", " ", entry).split(": ", 1) for entry in entries if entry)


# An exercise whose docstring asks something else about one of these is free to do so.
QUESTIONS = questions("""
overlaps overwritten: Your overlaps hold one patch instead of the sum. What should happen where two
    patches meet?
the largest at overlaps: You keep the largest number at overlaps. Do the others not count?
overlaps averaged: You divide by the number of patches that meet. Which step divides?
kernel flipped: You turned it by 180 degrees. Which of its numbers makes a patch's first cell?
kernel transposed: You exchanged its rows and columns. Which number comes right of its first?
rows and columns exchanged: Which of the two comes first, rows or columns?
stride ignored: Yours is what stride 1 gives. How far is it from patch to patch?
stride applied to the input: You step over the input. Every input value is used: on which grid does
    the stride step?
patches side by side: Yours start one kernel size apart. What says how far apart they start?
taken for an inverse: The shape comes back, not the numbers. Which patches reach this cell?
mean for sum: You divide by how many there are. Does anything in the layer divide?
size taken as input * stride: That is the size with padding `same`. Where does the last patch end
    if nothing is cut?
size taken as input * stride + kernel: There is one step fewer than there are patches. Where does
    the last start?
cut as `same` cuts: You kept what `same` keeps. What does `valid` cut off?
one place forgotten: Lay a kernel of the size of the input over the input. In how many places does
    it fit?
same taken as the input's size: So it is at stride 1 only. What does a generator do with stride 2?
padding ignored: You used one padding's rule for the other. What does each do to the size?
floor for ceil: With `same`, the convolution adds zeros so that no input cell is left out. Then is
    half a step left out, or taken?
not rounded: There is no part of a cell. Which way does this padding round?
size taken as (n-1)s + k for k < s: Keras appends zeros after the last patch. Which is larger, k or
    s?
no crop: This is the whole spread. How many cells should `same` leave?
odd cell cut on both sides: You cut one cell too many. Which end keeps it?
odd cell cut at the start instead of the end: Which end loses the odd cell in Keras?
all cut at the start: Keras cuts the start only by half, rounded down. What is half of one?
all cut at the end: With two cells or more to cut, how many go at the start?
crop symmetric, rounded down: What if the number of cells to cut is odd?
a slice that ends at -0: full[a:-0] is full[a:0], which is empty. Where should the slice end?
padding that pads: You added zeros. Does this padding make the output larger?
no zeros appended: The spread is too small here. How many cells does `same` promise?
the two layers exchanged: Which of the two layers makes a grid larger?
the two answers exchanged: Both numbers are right. Which of them was asked for first?
what is left for what is lost: So many numbers are left. How many were there before?
channels exchanged: You read the kernel as Conv2D's, (height, width, in, out). What is the order in
    Conv2DTranspose?
one input channel alone: An output channel sums over all input channels. Over which do you?
bias forgotten: What does a layer add after the sum?
bias once per input channel: There is a kernel for each input channel of an output channel. Is there
    a bias for each?
kernel cut into blocks: Your parts lie side by side. Which rows of the kernel meet in an output row?
gradient using the output instead of the upstream gradient: You used what the layer put out. The
    loss reaches the layer through another grid of that size: which one?
upstream gradient multiplied by the output: The layer only multiplies and sums, so what it put out
    has no say. What does reach it from dY?
""")


class World(NamedTuple):
    """How the operation works here; by default, as it does."""

    lay: Callable = lambda kernel: kernel  # the kernel as it is laid down
    walk: Callable = lambda x, stride: x  # the input as it is walked over
    step: Callable = lambda kernel_size, stride: stride  # from a patch, or window, to the next
    meet: Callable = lambda there, comes, before: there + comes  # if `before` have come already
    keep: Callable | None = None  # (n, k, s) -> the first cell that is kept, and how many; or all


def flip(kernel):
    """The kernel turned by 180 degrees."""
    return kernel[::-1, ::-1]


def _transposed(kernel):
    return kernel.swapaxes(0, 1)


def _turned(x, stride):
    return x.swapaxes(1, 2)


def _stepped_over(x, stride):
    return x[:, ::stride, ::stride]


def _whole(n, k, s):
    return 0, Axis.from_small(n, k, s, output_padding=0).big


def _same(n, k, s):
    axis = Axis.from_small(n, k, s, "same")
    return axis.pad_before, axis.big


def _largest(there, comes, before):
    return np.where(before, np.maximum(there, comes), comes)


AS_IT_IS = World()
WORLDS = {
    "overlaps overwritten": [
        World(meet=lambda there, comes, before: comes),
        # Who loops over the taps writes the first input's share last.
        World(meet=lambda there, comes, before: np.where(before, there, comes)),
    ],
    "the largest at overlaps": [
        World(meet=_largest),
        World(meet=lambda there, comes, before: np.maximum(there, comes)),  # the canvas's zeros too
    ],
    "overlaps averaged": [World(meet=lambda there, comes, n: there + (comes - there) / (n + 1))],
    "kernel flipped": [World(lay=flip)],
    "kernel transposed": [World(lay=_transposed)],
    "rows and columns exchanged": [World(walk=_turned), World(walk=_turned, lay=_transposed)],
    "stride ignored": [World(step=lambda k, s: 1, keep=keep) for keep in (None, _whole)],
    "stride applied to the input": [
        World(walk=_stepped_over, step=lambda k, s: 1),
        World(walk=_stepped_over, step=lambda k, s: 1, keep=_whole),
        World(walk=_stepped_over),
        World(walk=_stepped_over, keep=_whole),
        World(walk=_stepped_over, step=lambda k, s: s * s, keep=_whole),
    ],
    "patches side by side": [World(step=lambda k, s: k)],
    "size taken as input * stride": [World(keep=lambda n, k, s: (0, n * s))],
    "size taken as input * stride + kernel": [
        World(keep=lambda n, k, s, most=most: (0, n * s + most(k, s)))
        for most in ((lambda k, s: k), max)
    ],
    "cut as `same` cuts": [World(keep=_same)],
}


MEETING = "overlaps overwritten, the largest at overlaps, overlaps averaged"
LAID = "kernel flipped, kernel transposed"
PLACED = "stride ignored, stride applied to the input, patches side by side"
SIZED = "size taken as input * stride, size taken as input * stride + kernel"


def in_worlds(answer, *names):
    """{mistake: what one answers who makes it}: `answer(*case, world)` in each of its worlds.

    `names` are those that can be made in an exercise, with commas; by default, all.
    """
    chosen = ", ".join(names or WORLDS).split(", ")
    return {name: [partial(_in_world, answer, world) for world in WORLDS[name]] for name in chosen}


def _in_world(answer, world, *case):
    return answer(*case, world)


def spread(x, kernel, stride, world=AS_IT_IS):
    """The patches of a grid, or of a batch, summed; nothing is cut or appended."""
    if x.ndim == 2:
        return spread(x[None, :, :, None], kernel[:, :, None, None], stride, world)[0, ..., 0]
    laid, walked = world.lay(kernel), world.walk(x, stride)
    rows, columns = (
        Axis.from_small(n, k, world.step(k, stride), output_padding=0)
        for n, k in zip(walked.shape[1:3], laid.shape[:2], strict=True)
    )
    y = np.zeros((len(x), rows.big, columns.big, laid.shape[2]))
    before = np.zeros((1, rows.big, columns.big, 1))
    for i, j in np.ndindex(rows.small, columns.small):
        here = np.s_[:, rows.cells(i)[:, None], columns.cells(j)]
        patch = np.einsum("bi,hwoi->bhwo", walked[:, i, j], laid)
        y[here] = world.meet(y[here], patch, before[here])
        before[here] += 1
    if world.keep:
        for axis, (n, k) in enumerate(zip(x.shape[1:3], kernel.shape[:2], strict=True), start=1):
            y = window(y, axis, *world.keep(n, k, stride))
    return y


def window(grid, axis, start, cells):
    """Some cells along an axis; zeros where there are none."""
    ends = [(0, 0)] * grid.ndim
    ends[axis] = max(-start, 0), max(start + cells - grid.shape[axis], 0)
    return np.pad(grid, ends).take(max(start, 0) + np.arange(cells), axis)


def gather(X, W, stride, world=AS_IT_IS):
    """The convolution of a grid."""
    strides = [world.step(k, stride) for k in W.shape]
    return conv2d(X[None, :, :, None], world.lay(W)[:, :, None, None], strides)[0, ..., 0]


def gradient(X, W, dY, stride, world=AS_IT_IS):
    """The kernel's: for each tap, the sum of the products of the cells that it ties."""
    rows, columns = (
        Axis.from_small(n, k, world.step(k, stride), output_padding=0)
        for n, k in zip(X.shape, W.shape, strict=True)
    )
    dW = np.zeros(W.shape)
    for before, (i, j) in enumerate(np.ndindex(X.shape)):
        dW = world.meet(dW, X[i, j] * dY[np.ix_(rows.cells(i), columns.cells(j))], before)
    return world.lay(dW)


def random(seed, *shapes):
    """Grids of whole numbers, so that a canvas of whole numbers holds the answer as well."""
    rng = np.random.default_rng(seed)
    return [rng.integers(-9, 10, shape) for shape in shapes]


def counted(*shape):
    """The grid of 1, 2, 3, ..."""
    return np.arange(1, np.prod(shape) + 1).reshape(shape)


def numbers(text):
    """The rows of a text, with a comma between two, as tuples of whole numbers."""
    return [tuple(map(int, row.split())) for row in text.split(",")]


SPREAD_CASES = [
    (np.array([[1, 2]]), np.array([[1, 2, 4]]), 1),
    (np.array([[1, 2], [3, 5]]), counted(2, 2), 1),
    (counted(2, 3), np.array([[1, 2], [0, 1], [3, 1]]), 2),
    (*random(1, (3, 4), (4, 3)), 2),
    (*random(2, (5, 2), (5, 4)), 3),
    (*random(3, (4, 4), (3, 3)), 3),
]
