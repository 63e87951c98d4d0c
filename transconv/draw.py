"""The pictures of the lessons, made from the data in `steps`.

The colour of a cell says which step made it: which output cell of a convolution, which input value
of a transposed convolution. A cell that several made is striped. Grids lie on the canvas of
`steps`, so cells that padding adds or cuts off are in the picture.
"""

from importlib.resources import files

import matplotlib.style
import numpy as np
from matplotlib import colormaps
from matplotlib.figure import Figure

from transconv.picture import INK, Panel, Picture, panels
from transconv.steps import Convolution

WIDE, TALL = 30, 25  # side of a cell in pictures with many cells across, and down; CSS pixels


def window(conv, step):
    """The window that `step` of a Convolution reads, times the kernel, summed to an output cell."""
    i, j = conv.small_cells[step]
    read = conv.canvas[conv.window(step)]
    terms = " + ".join(f"{x}*{w}" for x, w in zip(read.flat, conv.W.flat, strict=True))
    of_step = _one(conv, step)
    reached = conv.reached[..., step]
    written = np.arange(len(conv)) <= step
    return panels(
        f"Output ({i},{j}) is the window at {_place(*conv.cells(step))} of the input times the "
        f"kernel, summed: {terms} = {conv.output[i, j]}.",
        Panel("input", conv.canvas, parts=of_step & reached[..., None], lit=reached),
        "→",
        Panel("window", read, parts=of_step),
        "×",
        Panel("kernel", conv.W),
        "=",
        Panel("products", conv.products(step), parts=of_step),
        "sum →",
        Panel("output", conv.partial(step), parts=_small(conv) & written, lit=_lit(conv, step)),
    )


def patches(transposed):
    """Each input value of a TransposedConvolution times the whole kernel: one patch for each."""
    return panels(
        f"Each of the {len(transposed)} input values times the whole kernel gives one patch.",
        Panel("input", transposed.X, parts=_small(transposed)),
        "×",
        Panel("kernel", transposed.W),
        "=",
        *_joined(
            ",",
            [
                Panel(f"{x} × kernel", transposed.patch(step), parts=_one(transposed, step))
                for step, x in enumerate(transposed.X.flat)
            ],
        ),
        cell=WIDE,
    )


def placed(transposed):
    """The patches where they lie on the output, and their sum, with the overlaps visible."""
    return panels(
        "Each patch is placed where its input value sits; where patches overlap, they are summed.",
        *_joined("+", [_patch(transposed, step) for step in range(len(transposed))]),
        "=",
        _sum(transposed, len(transposed) - 1, "output"),
        cell=WIDE,
    )


def spread(transposed, step, size=None):
    """`step` of a TransposedConvolution: input, kernel, the patch on the output, the sum so far."""
    return panels(
        spread_in_words(transposed, step),
        Panel("input", transposed.X, parts=_small(transposed), lit=_lit(transposed, step)),
        "×",
        Panel("kernel", transposed.W),
        "→",
        _patch(transposed, step, " on the output"),
        "sum →",
        _sum(
            transposed,
            step,
            "running sum on the output",
            lit=transposed.reached[..., step],
        ),
        size=size,
    )


def spread_in_words(transposed, step):
    """What `step` of a TransposedConvolution does, in one sentence."""
    i, j = transposed.small_cells[step]
    cells = transposed.cells(step)
    words = (
        f"Step {step + 1} of {len(transposed)}: input ({i},{j}) = {transposed.X[i, j]} times the "
        f"kernel is added at {_place(*cells)}"
    )
    kept = [c[(c >= 0) & (c < n)] for c, n in zip(cells, transposed.output.shape, strict=True)]
    if not all(len(k) for k in kept):
        return f"{words}; all of it is cut off."
    if any(len(k) < len(c) for k, c in zip(kept, cells, strict=True)):
        return f"{words}; the output keeps {_place(*kept)}."
    return f"{words}."


def matrix(conv):
    """The convolution matrix: a row for each window, a column for each cell of the input."""
    return panels(
        f"The convolution as a matrix: {len(conv)} rows, one for each window, and {conv.X.size} "
        "columns, one for each cell of the flattened input.",
        Panel(
            "convolution matrix C",
            conv.matrix,
            faint=conv.matrix == 0,
            parts=_rows(conv.matrix),
            row_heads=[f"window ({i},{j})" for i, j in conv.small_cells],
            column_heads=[f"{i},{j}" for i, j in np.ndindex(conv.X.shape)],
        ),
        cell=WIDE,
    )


def matrix_times_vector(conv):
    """The convolution matrix times the flattened input, reshaped: the convolution."""
    y = conv.matrix @ conv.X.reshape(-1, 1)
    return panels(
        "The convolution matrix times the flattened input is the flattened output.",
        Panel("C", conv.matrix, faint=conv.matrix == 0, parts=_rows(conv.matrix)),
        "×",
        Panel("flat input", conv.X.reshape(-1, 1)),
        "=",
        Panel("flat output", y, parts=_rows(y)),
        "→",
        Panel("output", y.reshape(conv.output.shape), parts=_small(conv)),
        cell=TALL,
    )


def transpose_times_vector(transposed):
    """The transposed matrix times the flattened input: one coloured column for each input value."""
    columns = transposed.matrix * transposed.X.ravel()
    used = transposed.matrix != 0
    own_colour = used[..., None] & np.eye(len(transposed), dtype=bool)
    x = transposed.X.reshape(-1, 1)
    return panels(
        "Each column of the transposed matrix is multiplied by its input value; the rows of the "
        "coloured columns sum to the flattened output.",
        Panel("C.T", transposed.matrix, faint=~used, parts=own_colour),
        "×",
        Panel("flat input", x, parts=_rows(x)),
        "=",
        Panel(
            "coloured columns",
            columns,
            faint=~used,
            parts=own_colour,
            column_heads=[f"×{value}" for value in x.flat],
        ),
        "sum →",
        Panel("flat output", columns.sum(axis=1, keepdims=True), parts=used[:, None, :]),
        cell=TALL,
    )


def columns_reshaped(transposed):
    """The coloured columns, each reshaped to the output: the placed patches, and their sum."""
    columns = (transposed.matrix * transposed.X.ravel()).reshape(*transposed.output.shape, -1)
    used = (transposed.matrix != 0).reshape(columns.shape)
    return panels(
        "Each coloured column, reshaped to the output's shape, is a placed patch.",
        *_joined(
            "+",
            [
                Panel(
                    f"column ×{x}",
                    columns[..., step],
                    faint=~used[..., step],
                    parts=_one(transposed, step) & used[..., [step]],
                )
                for step, x in enumerate(transposed.X.flat)
            ],
        ),
        "=",
        Panel("output", columns.sum(axis=2), parts=used),
        cell=WIDE,
    )


def zero_insertion(transposed, row, column):
    """The same output by a plain convolution: zeros between the inputs, the kernel rotated.

    The window that makes cell (row, column) of the spread has a thick outline.
    """
    grid, kernel = transposed.zero_inserted, transposed.rotated_kernel
    conv = Convolution(grid, kernel, dilation_rate=transposed.setting.dilation_rate)
    step = conv.small_cells.index((row, column))
    terms = [
        f"{x}*{w}" for x, w in zip(grid[conv.window(step)].flat, kernel.flat, strict=True) if x
    ]
    inputs = np.zeros((*grid.shape, len(transposed)), bool)
    inputs[transposed.inserted_at] = _small(transposed)
    return panels(
        f"Output ({row},{column}) is the window at {_place(*conv.cells(step))} times the rotated "
        f"kernel, summed: {' + '.join(terms)} = {conv.output[row, column]}; the rest is zeros.",
        Panel(
            "input, zeros inserted",
            grid,
            parts=inputs,
            faint=~inputs.any(axis=2),
            lit=conv.reached[..., step],
        ),
        "∗",
        Panel("kernel, rotated", kernel),
        "=",
        Panel("output", conv.output, parts=transposed.reached, lit=_lit(conv, step)),
    )


def grids(caption, named):
    """Grids side by side, coloured by value on one scale.

    Parameters
    ----------
    caption : str
    named : dict from title to (height, width) array
    """
    low = min(np.min(grid) for grid in named.values())
    high = max(np.max(grid) for grid in named.values())

    def colours(grid):
        return colormaps["cividis"]((grid - low) / ((high - low) or 1))[..., :3]

    grids = [Panel(title, grid, fill=colours(grid)) for title, grid in named.items()]
    return panels(caption, *grids, cell=TALL)


def descent(losses, optimum):
    """The loss at each step of a training, falling towards the optimum, on a log axis."""
    with matplotlib.style.context(files("transconv") / "transconv.mplstyle"):
        figure = Figure()
        axes = figure.add_subplot()
        axes.plot(losses, label="training")
        axes.axhline(optimum, color=INK, linestyle="--", label="least-squares optimum")
        axes.set(xlabel="step", ylabel="mean squared error", yscale="log")
        axes.legend()
    at = [0, *(10**p for p in range(9) if 10**p < len(losses) - 1), len(losses) - 1]
    words = (
        "The mean squared error falls towards the least-squares optimum, "
        f"{optimum:.2f} (dashed line)."
    )
    return Picture(figure, "\n".join([words, "", *(f"step {t}: {losses[t]:.2f}" for t in at)]))


def _patch(transposed, step, where=""):
    """The patch of `step` where it lies on the canvas."""
    reached = transposed.reached[..., step]
    return Panel(
        f"patch of {transposed.X.flat[step]}{where}",
        transposed.placed(step),
        parts=_one(transposed, step) & reached[..., None],
        faint=~reached,
        **_crop(transposed),
    )


def _sum(transposed, step, title, **marks):
    """The sum of the patches so far."""
    parts = transposed.reached & (np.arange(len(transposed)) <= step)
    return Panel(
        title,
        transposed.partial(step),
        parts=parts,
        faint=~parts.any(axis=2),
        **_crop(transposed),
        **marks,
    )


def _crop(transposed):
    """Marks for what padding cuts off the canvas and for what Keras appends to it."""
    cut = ~transposed.kept
    return {
        "cut": cut,
        "appended": transposed.appended,
        "frame": transposed.frame if cut.any() else None,
    }


def _one(steps, step):
    """Parts of a grid whose cells are all made by one step."""
    return (np.arange(len(steps)) == step)[None, None, :]


def _small(steps):
    """Parts of the small grid: each cell belongs to its own step."""
    return np.eye(len(steps), dtype=bool).reshape(steps.rows.small, steps.columns.small, -1)


def _lit(steps, step):
    """The small grid, True at the cell of `step`."""
    return _small(steps)[..., step]


def _rows(matrix):
    """Parts of a matrix with a row for each step: its non-zero cells."""
    return (matrix != 0)[..., None] & np.eye(len(matrix), dtype=bool)[:, None, :]


def _joined(sign, items):
    return [part for item in items for part in (sign, item)][1:]


def _place(rows, columns):
    return f"{_span('row', rows)}, {_span('column', columns)}"


def _span(name, cells):
    if len(cells) == 1:
        return f"{name} {cells[0]}"
    if cells[-1] - cells[0] == len(cells) - 1:
        return f"{name}s {cells[0]} to {cells[-1]}"
    return f"{name}s {', '.join(map(str, cells))}"
