"""What a diagram shows, step by step, as plain data.

`Convolution` and `TransposedConvolution` walk one 2-D grid with one 2-D kernel. Step `t` is about
one cell of the small grid, in reading order: the output cell that a convolution computes, the input
cell that a transposed convolution spreads. What it touches on the big grid is the same for both.

Big grids are laid on a canvas, which has room for every cell that any step touches: a convolution's
canvas is its padded input, a transposed convolution's is the spread before the crop. `frame` cuts
the real input, or the output that is kept, out of the canvas.
"""

from dataclasses import replace
from functools import cached_property
from itertools import product
from typing import NamedTuple

import numpy as np

from transconv.geometry import Setting
from transconv.ops import convolution_matrix, gather, spread


class Addend(NamedTuple):
    """One product in the sum that makes an output cell: the input's `value` times a `weight`."""

    cell: tuple
    value: float
    tap: tuple
    weight: float


class _Steps:
    """The windows of a kernel: which cells of the big grid belong to which cell of the small one.

    Attributes
    ----------
    X : (height, width) array, the input
    W : (kernel height, kernel width) array, the kernel
    setting : Setting
    rows, columns : Axis
    """

    def __init__(self, X, W, setting, axes):
        self.X, self.W, self.setting = X, W, setting
        self.rows, self.columns = axes

    @classmethod
    def of_row(cls, x, w, strides=1, padding="valid", dilation_rate=1, **more):
        """The steps of one row: of (width,) arrays, and of arguments that hold along it."""
        more = {name: None if value is None else (0, value) for name, value in more.items()}
        grids = np.reshape(x, (1, -1)), np.reshape(w, (1, -1))
        return cls(*grids, (1, strides), padding, dilation_rate=(1, dilation_rate), **more)

    def __len__(self):
        return self.rows.small * self.columns.small

    @property
    def small_cells(self):
        """The cell of the small grid that each step is about."""
        return list(product(range(self.rows.small), range(self.columns.small)))

    @property
    def axes(self):
        """The rows and the columns, as the operations take them."""
        return self.rows, self.columns

    @cached_property
    def canvas_axes(self):
        """The same with the canvas as the big grid: nothing lies outside it."""
        sizes = (max(a.full, a.pad_before + a.big) for a in self.axes)
        return tuple(replace(a, big=n, pad_before=0) for a, n in zip(self.axes, sizes, strict=True))

    @property
    def canvas_shape(self):
        """(height, width) of the canvas."""
        return tuple(axis.big for axis in self.canvas_axes)

    @property
    def frame(self):
        """Where the big grid lies on the canvas, as an index."""
        return tuple(slice(a.pad_before, a.pad_before + a.big) for a in self.axes)

    @property
    def kept(self):
        """The canvas, True where a cell belongs to the big grid."""
        kept = np.zeros(self.canvas_shape, bool)
        kept[self.frame] = True
        return kept

    def cells(self, step):
        """Rows and columns of the big grid that `step` touches; those outside it are padding."""
        i, j = self.small_cells[step]
        return self.rows.cells(i), self.columns.cells(j)

    def window(self, step):
        """The canvas cells that `step` touches, as an index of the kernel's shape."""
        rows, columns = self.cells(step)
        return np.ix_(rows + self.rows.pad_before, columns + self.columns.pad_before)

    @cached_property
    def ties(self):
        """(steps * taps, 3): which cell of the canvas, step and tap belong together, step by step.

        Each is given by its place in reading order.
        """
        rows, columns = (axis.cells(np.arange(axis.small)[:, None]) for axis in self.canvas_axes)
        cells = rows[:, None, :, None] * self.canvas_shape[1] + columns[None, :, None, :]
        steps, taps = np.indices((len(self), self.W.size))
        return np.stack([cells.ravel(), steps.ravel(), taps.ravel()], axis=1)

    def ties_until(self, step):
        """The ties of `step` and of those before it."""
        return self.ties[: (step + 1) * self.W.size]

    @property
    def parts(self):
        """(name, first column, column after the last) of the parts of the canvas that there are.

        "whole" is what the steps reach, "big" the big grid, "before" and "after" what is reached
        at either side of it, and "past" what of it lies past all that is reached.
        """
        full, start = self.columns.full, self.columns.pad_before
        stop = start + self.columns.big
        ends = {"before": (0, start), "big": (start, stop), "after": (stop, full)}
        ends |= {"whole": (0, full), "past": (full, stop)}
        return [(name, *of) for name, of in ends.items() if of[0] < of[1]]

    def _laid(self, products):
        """(steps, cells of the canvas): the product of each of `ties`; masked where there is none.

        The sums of its columns are the spread, the sums of its rows the convolution's output.
        """
        products = np.array(products)
        bricks = np.ma.masked_all((len(self), np.prod(self.canvas_shape)), products.dtype)
        bricks[self.ties[:, 1], self.ties[:, 0]] = products.ravel()
        return bricks

    @cached_property
    def reached(self):
        """(canvas height, canvas width, steps): True where the step touches the cell."""
        reached = np.zeros((np.prod(self.canvas_shape), len(self)), bool)
        reached[self.ties[:, 0], self.ties[:, 1]] = True
        return reached.reshape(*self.canvas_shape, -1)

    @property
    def counts(self):
        """How many steps touch each cell of the canvas."""
        return self.reached.sum(axis=2)

    def made(self, step):
        """How many of the steps up to `step` touch each cell of the canvas."""
        return self.reached[..., : step + 1].sum(axis=2)

    @property
    def own(self):
        """(small height, small width, steps): True where the step is about the cell."""
        return np.eye(len(self), dtype=bool).reshape(self.rows.small, self.columns.small, -1)


class Convolution(_Steps):
    """The steps of a convolution: each reads a window of the input and writes one output cell.

    Parameters are those of `conv2d`, for one picture of one channel.

    Attributes
    ----------
    output : (height, width) array

    Examples
    --------
    >>> X = np.array([[3, 5, 2, 7], [4, 1, 3, 8], [6, 3, 8, 2], [9, 6, 1, 5]])
    >>> steps = Convolution(X, np.array([[1, 2, 1], [2, 1, 2], [1, 1, 2]]))
    >>> steps.products(0)
    array([[ 3, 10,  2],
           [ 8,  1,  6],
           [ 6,  3, 16]])
    >>> steps.products(0).sum()
    np.int64(55)
    """

    def __init__(self, X, W, strides=1, padding="valid", dilation_rate=1):
        X, W = np.asarray(X), np.asarray(W)
        setting = Setting(W.shape, strides, padding, dilation_rate)
        super().__init__(X, W, setting, setting.from_big(*X.shape))
        self.output = _plane(gather(*_batch(X, W), self.axes))

    @cached_property
    def canvas(self):
        """The padded input: zeros around the input, as far as a window reaches."""
        canvas = np.zeros(self.canvas_shape, self.X.dtype)
        canvas[self.frame] = self.X
        return canvas

    @property
    def places(self):
        """The canvas: the place of each cell in the input, in reading order; -1 outside it."""
        places = np.full(self.canvas_shape, -1)
        places[self.frame] = np.arange(self.X.size).reshape(self.X.shape)
        return places

    def products(self, step):
        """The window of `step` times the kernel; their sum is the output cell."""
        return self.canvas[self.window(step)] * self.W

    @property
    def bricks(self):
        """(steps, cells of the canvas): the products of each step where its window lies."""
        return self._laid([self.products(step) for step in range(len(self))])

    def written(self, step):
        """The output grid, True where a cell is written by then."""
        return np.arange(len(self)).reshape(self.output.shape) <= step

    def partial(self, step):
        """The output after `step`, as a masked array: cells not yet written are masked."""
        return np.ma.array(self.output, mask=~self.written(step))

    @cached_property
    def matrix(self):
        """The (output cells, input cells) matrix C: C @ X.ravel() is the output, flattened."""
        s = self.setting
        return convolution_matrix(self.W, self.X.shape, s.strides, s.padding, s.dilation_rate)


class TransposedConvolution(_Steps):
    """The steps of a transposed convolution: each spreads one input value over the output.

    Parameters are those of `conv2d_transpose`, for one picture of one channel.

    Attributes
    ----------
    output : (height, width) array

    Examples
    --------
    >>> W = np.array([[1, 2, 1], [2, 1, 2], [1, 1, 2]])
    >>> steps = TransposedConvolution(np.array([[55, 52], [57, 50]]), W)
    >>> steps.placed(1)
    array([[  0,  52, 104,  52],
           [  0, 104,  52, 104],
           [  0,  52,  52, 104],
           [  0,   0,   0,   0]])
    >>> steps.addends(0, 1)
    [Addend(cell=(0, 0), value=55, tap=(0, 1), weight=2), \
Addend(cell=(0, 1), value=52, tap=(0, 0), weight=1)]
    """

    def __init__(self, X, W, strides=1, padding="valid", output_padding=None, dilation_rate=1):
        X, W = np.asarray(X), np.asarray(W)
        setting = Setting(W.shape, strides, padding, dilation_rate, output_padding)
        super().__init__(X, W, setting, setting.from_small(*X.shape))
        self.output = _plane(spread(*_batch(X, W), self.axes))

    def patch(self, step):
        """The input value of `step` times the kernel."""
        return self.X[self.small_cells[step]] * self.W

    def placed(self, step):
        """The patch of `step` where it lies on the canvas, zeros elsewhere."""
        canvas = np.zeros(self.canvas_shape, self.output.dtype)
        canvas[self.window(step)] = self.patch(step)
        return canvas

    @property
    def bricks(self):
        """(steps, cells of the canvas): the patch of each step where it lies."""
        return self._laid([self.patch(step) for step in range(len(self))])

    def partial(self, step):
        """The canvas after `step`: the sum of the patches placed so far."""
        so_far = np.where(np.arange(self.X.size).reshape(self.X.shape) <= step, self.X, 0)
        return _plane(spread(*_batch(so_far, self.W), self.canvas_axes))

    def addends(self, row, column):
        """The products that sum to the output cell (row, column), as a list of Addend."""
        cell = (
            (row + self.rows.pad_before) * self.canvas_shape[1] + column + self.columns.pad_before
        )
        addends = []
        for _, step, tap in self.ties[self.ties[:, 0] == cell].tolist():
            x, w = divmod(step, self.X.shape[1]), divmod(tap, self.W.shape[1])
            addends.append(Addend(x, self.X[x].item(), w, self.W[w].item()))
        return addends

    @property
    def appended(self):
        """The canvas, True in rows and columns of the output that lie past the spread: zeros."""
        rows, columns = np.indices(self.canvas_shape)
        past = (rows >= self.rows.full) | (columns >= self.columns.full)
        return past & self.kept

    @cached_property
    def matrix(self):
        """The (output cells, input cells) matrix C.T of the convolution C that leads back.

        Its column `t` times the input value of step `t` is the output's part of `placed(t)`.
        """
        s = self.setting
        leads_back = convolution_matrix(
            self.W, self.output.shape, s.strides, s.padding, s.dilation_rate
        )
        return leads_back.T

    @property
    def overlaps(self):
        """How many inputs make a cell far from the border, for each phase of the strides."""
        return np.outer(self.rows.overlaps, self.columns.overlaps)

    @property
    def repeats(self):
        """The canvas, True at the first cells that a larger input repeats, one of each phase.

        All False if the input is too small to have such cells.
        """
        repeats = np.zeros(self.canvas_shape, bool)
        starts = [-(-max(a.full - a.small * a.stride, 0) // a.stride) for a in self.axes]
        if all(start < a.small for start, a in zip(starts, self.axes, strict=True)):
            for_each = zip(starts, self.axes, strict=True)
            repeats[tuple(slice(i * a.stride, (i + 1) * a.stride) for i, a in for_each)] = True
        return repeats

    @property
    def inserted_at(self):
        """Where the input values sit in `zero_inserted`, as an index of the input's shape."""
        return np.ix_(*(a.extent - 1 + a.stride * np.arange(a.small) for a in self.axes))

    @property
    def inserted(self):
        """`zero_inserted`: the place of each cell in the input, in reading order; -1 for a zero."""
        inserted = np.full(self.zero_inserted.shape, -1)
        inserted[self.inserted_at] = np.arange(self.X.size).reshape(self.X.shape)
        return inserted

    @property
    def zero_inserted(self):
        """The input with stride - 1 zeros between its values, and a border of kernel - 1 zeros.

        A plain convolution of this with `rotated_kernel` gives the spread.
        """
        grid = np.zeros([a.full + a.extent - 1 for a in self.axes], self.X.dtype)
        grid[self.inserted_at] = self.X
        return grid

    @property
    def rotated_kernel(self):
        """The kernel turned by 180 degrees."""
        return self.W[::-1, ::-1]

    @property
    def as_convolution(self):
        """The Convolution of `zero_inserted` with `rotated_kernel`, whose output is the spread."""
        dilation = self.setting.dilation_rate
        return Convolution(self.zero_inserted, self.rotated_kernel, dilation_rate=dilation)


def both(X, W, *how):
    """The Convolution and the TransposedConvolution of one input, with the same arguments."""
    return Convolution(X, W, *how), TransposedConvolution(X, W, *how)


def _batch(X, W):
    """One grid and one kernel as the operations want them: with batch and channels."""
    return X[None, :, :, None], W[:, :, None, None]


def _plane(batch):
    return batch[0, :, :, 0]
