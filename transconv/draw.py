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
from matplotlib.ticker import LogLocator, NullFormatter

from transconv.picture import CSS_PIXELS_PER_INCH, Chart, Panel, Picture, panels
from transconv.sheet import INK
from transconv.steps import Convolution

WIDE, TALL = 30, 28  # side of a cell in pictures with many cells across, and down; CSS pixels


def window(conv, step):
    """The window that `step` of a Convolution reads, times the kernel, summed to an output cell."""
    i, j = conv.small_cells[step]
    read = conv.canvas[conv.window(step)]
    terms = " + ".join(f"{x}*{w}" for x, w in zip(read.flat, conv.W.flat, strict=True))
    of_step = _one(conv, step)
    reached = conv.reached[..., step]
    written = np.arange(len(conv)) <= step
    padding = ~conv.kept
    return panels(
        f"Output ({i},{j}) is the window at {_place(*conv.cells(step))} of the input times the "
        f"kernel, summed: {terms} = {conv.output[i, j]}.",
        Panel(
            "input with zeros around it" if padding.any() else "input",
            conv.canvas,
            parts=of_step & reached[..., None],
            lit=reached,
            appended=padding,
            faint=padding,
        ),
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
        "each ×",
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
        f"{spread_in_words(transposed, step)} Output: {_size(transposed.output)}.",
        Panel("input", transposed.X, parts=_small(transposed), lit=_lit(transposed, step)),
        "×",
        Panel("kernel", transposed.W),
        "→",
        _patch(transposed, step),
        "sum →",
        _sum(transposed, step, "running sum", lit=transposed.reached[..., step]),
        size=size,
    )


def spread_in_words(transposed, step):
    """What `step` of a TransposedConvolution does, in a sentence; cells are those of the canvas."""
    i, j = transposed.small_cells[step]
    axes = transposed.rows, transposed.columns
    cells = [c + a.pad_before for c, a in zip(transposed.cells(step), axes, strict=True)]
    kept = [c[(c >= f.start) & (c < f.stop)] for c, f in zip(cells, transposed.frame, strict=True)]
    words = (
        f"Step {step + 1} of {len(transposed)}: input ({i},{j}) = {transposed.X[i, j]} times the "
        f"kernel is added at {_place(*cells)}"
    )
    if not all(len(k) for k in kept):
        return f"{words}; all of it is cut off."
    if any(len(k) < len(c) for k, c in zip(kept, cells, strict=True)):
        return f"{words}; of these, {_place(*kept)} are kept."
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


VIEWS = ("spread and sum", "overlap count", "zero insertion", "matrix")


def compare(conv, transposed, view="spread and sum", step=None, cell=None, size=None):
    """`step` of both layers for one setting, in one of VIEWS.

    Parameters
    ----------
    conv : Convolution or None
        None where the kernel does not fit into the input.
    transposed : TransposedConvolution
        Of the same input and kernel.
    view : str, one of VIEWS
    step : int, from 0
        Of a convolution with fewer steps, its last one. The last of all, if not given.
    cell : (row, column) of the transposed convolution's output to point at
    size : (width, height) in CSS pixels
    """
    gather, spread = _COMPARED[view]
    step = len(transposed) - 1 if step is None else step
    conv_step = min(step, len(conv) - 1) if conv else None
    return panels(
        compared_in_words(conv, transposed, view, step, cell),
        Panel("kernel", transposed.W),
        *(gather(conv, conv_step) if conv else ["no window fits"]),
        "|",
        *spread(transposed, step, _pointed(transposed, cell)),
        size=size,
    )


def compared_in_words(conv, transposed, view, step, cell):
    """What `compare` shows, in one paragraph."""
    words = [
        f"Conv2D: {_size(transposed.X)} to {_size(conv.output)}."
        if conv
        else f"Conv2D: {_size(transposed.X)} to nothing, the kernel does not fit.",
        f"Conv2DTranspose: {_size(transposed.X)} to {_size(transposed.output)}.",
        spread_in_words(transposed, step),
    ]
    if view == "overlap count":
        counts = np.outer(transposed.rows.overlaps, transposed.columns.overlaps)
        low, high = counts.min(), counts.max()
        factor = f"a factor of {high / low:g}" if low else "and some get none"
        words.append(f"Far from the border, {low} to {high} values make an output cell, {factor}.")
    if cell:
        addends = transposed.addends(*cell)
        sum_of = " + ".join(f"{a.value}*{a.weight}" for a in addends) or "0, as no patch reaches it"
        total = f" = {transposed.output[cell]}" if addends else ""
        words.append(f"Output ({cell[0]},{cell[1]}) = {sum_of}{total}.")
    return " ".join(words)


def _gather(conv, step):
    """Conv2D: its input with the window, and its output so far."""
    reached = conv.reached[..., step]
    padding = ~conv.kept
    written = np.arange(len(conv)) <= step
    return (
        Panel(
            "Conv2D input",
            conv.canvas,
            parts=_one(conv, step) & reached[..., None],
            lit=reached,
            appended=padding,
            faint=padding,
        ),
        "→",
        Panel("output", conv.partial(step), parts=_small(conv) & written, lit=_lit(conv, step)),
    )


def _spread(transposed, step, pointed):
    """Conv2DTranspose: its input, and the sum so far."""
    return (
        _transposed_input(transposed, step),
        "→",
        _sum(transposed, step, "running sum", lit=transposed.reached[..., step], pointed=pointed),
    )


def _count_reads(conv, step):
    return (Panel("Conv2D: reads of each input", conv.counts, **_shaded(conv, step)),)


def _count_writes(transposed, step, pointed):
    marks = _shaded(transposed, step) | _crop(transposed)
    return (
        _transposed_input(transposed, step),
        "→",
        Panel("inputs that make each output", transposed.counts, pointed=pointed, **marks),
    )


def _insert_zeros(transposed, step, pointed):
    """Conv2DTranspose: its input with zeros inserted, the kernel rotated, and the sum so far."""
    inputs = _inserted(transposed)
    return (
        Panel(
            "Conv2DTranspose input, zeros inserted",
            transposed.zero_inserted,
            parts=inputs,
            faint=~inputs.any(axis=2),
            lit=inputs[..., step],
        ),
        "∗",
        Panel("rotated", transposed.rotated_kernel),
        "=",
        _sum(
            transposed,
            len(transposed) - 1,
            "sum",
            lit=transposed.reached[..., step],
            pointed=pointed,
        ),
    )


def _conv_matrix(conv, step):
    """Conv2D: its matrix, the row of the step lit."""
    lit = np.zeros(conv.matrix.shape, bool)
    lit[step] = True
    faint = conv.matrix == 0
    return (Panel("C of Conv2D", conv.matrix, parts=_rows(conv.matrix), faint=faint, lit=lit),)


def _transposed_matrix(transposed, step, pointed):
    """Conv2DTranspose: its matrix times the flat input, or, of a large one, the step's column."""
    matrix, output = transposed.matrix, transposed.output
    used = matrix != 0
    in_output = transposed.frame
    reached, pointed = transposed.reached[..., step][in_output], pointed[in_output]
    if len(matrix) > 24:
        size = f"{len(matrix)}×{len(transposed)}"
        column, used = (of[:, step].reshape(output.shape) for of in (matrix, used))
        colour = _one(transposed, step) & used[..., None]
        return (
            Panel(f"column {step} of C.T ({size}), reshaped", column, parts=colour, faint=~used),
            "×",
            Panel("input", transposed.X.reshape(-1, 1)[[step]], parts=_one(transposed, step)),
            "=",
            Panel(
                "patch",
                transposed.placed(step)[in_output],
                parts=colour,
                faint=~used,
                lit=reached,
                pointed=pointed,
            ),
        )
    lit = np.zeros(matrix.shape, bool)
    lit[:, step] = True
    own_colour = used[..., None] & np.eye(len(transposed), dtype=bool)
    x = transposed.X.reshape(-1, 1)
    return (
        Panel("C.T of Conv2DTranspose", matrix, parts=own_colour, faint=~used, lit=lit),
        "×",
        Panel(
            "flat input",
            x,
            parts=_small(transposed).reshape(len(x), 1, -1),
            lit=_lit(transposed, step).reshape(-1, 1),
        ),
        "=",
        Panel(
            "flat output",
            output.reshape(-1, 1),
            parts=used[:, None, :],
            lit=reached.reshape(-1, 1),
            pointed=pointed.reshape(-1, 1),
        ),
    )


_COMPARED = {
    "spread and sum": (_gather, _spread),
    "overlap count": (_count_reads, _count_writes),
    "zero insertion": (_gather, _insert_zeros),
    "matrix": (_conv_matrix, _transposed_matrix),
}


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
    inputs = _inserted(transposed)
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
    low, high = _range(named.values())
    grids = [Panel(title, grid, fill=_shades(grid, low, high)) for title, grid in named.items()]
    return panels(caption, *grids, cell=TALL)


def difference(caption, named, title):
    """One grid minus another; what is left is paler the closer it is to zero.

    Parameters
    ----------
    caption : str
    named : dict from title to (height, width) array
        Two, of one shape.
    title : str
        Of the difference.
    """
    low, high = _range(named.values())
    first, second = (Panel(t, grid, fill=_shades(grid, low, high)) for t, grid in named.items())
    left = first.values - second.values
    fill = colormaps["PuOr"](0.5 + 0.4 * left / max(np.abs(left).max(), 1))[..., :3]
    return panels(caption, first, "−", second, "=", Panel(title, left, fill=fill), cell=TALL)


def overlaps(*transposed):
    """How many inputs make each cell of TransposedConvolutions; an outline on what repeats."""
    high = max(t.counts.max() for t in transposed)
    return panels(
        "How many inputs make each cell. Away from the border the outlined cells repeat. "
        + " ".join(_evenness(t) for t in transposed),
        *(
            Panel(
                _kernel_and_stride(t),
                t.counts,
                fill=_darker(t.counts, high),
                lit=_repeats(t),
                **_crop(t),
            )
            for t in transposed
        ),
        cell=WIDE,
    )


def images(caption, named, stride):
    """Grey-scale pictures side by side on one scale, with the means of their phases.

    Phase (p,q) of a picture is its cells in rows p, p + stride, ... and columns q, q + stride, ...

    Parameters
    ----------
    caption : str
    named : dict from title to (height, width) array
        Of at most 256 rows and columns, less if there are more than three.
    stride : int

    Raises
    ------
    ValueError
        For a larger picture. Shrunk, it would show patterns that are not in the data, or none.
    """
    low, high = _range(named.values())
    side = min(256, 832 // len(named))  # of a picture; all lengths are in CSS pixels
    for title, picture in named.items():
        if max(picture.shape) > side:
            raise ValueError(
                f"named must hold pictures of at most {side}×{side} cells, one pixel each, if it "
                f"holds {len(named)}; draw a part. Received: {title!r} of {_size(picture)}"
            )
    gap, above, line = 12, 24, 17
    width, height = len(named) * (side + gap) + gap, above + side + (stride + 2.5) * line
    figure = Figure((width / CSS_PIXELS_PER_INCH, height / CSS_PIXELS_PER_INCH))

    def write(text, x, y):
        figure.text(x / width, 1 - y / height, text, va="top", size=9, linespacing=1.3)

    words = []
    for n, (title, picture) in enumerate(named.items()):
        rows, columns = picture.shape
        x, zoom = gap + n * (side + gap), side // max(rows, columns)  # whole pixels for each cell
        wide, tall = columns * zoom, rows * zoom
        axes = figure.add_axes(
            (x / width, 1 - (above + tall) / height, wide / width, tall / height),
            xticks=[],
            yticks=[],
        )
        axes.imshow(picture, "gray", vmin=low, vmax=high, aspect="auto", interpolation="nearest")
        full_title, means = f"{title} ({rows}×{columns})", _means_of_phases(picture, stride)
        write(full_title, x, 4)
        write(means, x, above + side + line / 2)
        low_high = f"{_decimal(picture.min())} to {_decimal(picture.max())}"
        words.append(
            f"{full_title}: {low_high}, mean {_decimal(picture.mean())}\n"
            f"means of its {stride}×{stride} phases:\n{means}"
        )
    words.append(f"black is {_decimal(low)}, white is {_decimal(high)}")
    key = f"numbers: means of the {stride}×{stride} phases     {words[-1]}"
    write(key, gap, height - 1.4 * line)
    return Picture(Chart(figure), caption, lambda: words)


def walk(caption, named):
    """A grid that is filled step by step; outlined and bold is what each step changed.

    Parameters
    ----------
    caption : str
    named : dict from title to (height, width) array
        The grid after each step. It was all zeros before the first.
    """
    before, frames = 0, []
    for title, grid in named.items():
        changed = grid != before
        frames.append(Panel(title, grid, lit=changed, bold=changed, faint=grid == 0))
        before = grid
    return panels(caption, *_joined("→", frames), cell=TALL)


def sheet(caption, named):
    """Rows of small grey-scale pictures, all on one scale.

    Parameters
    ----------
    caption : str
    named : dict from title to (pictures, height, width) array
        A row for each, of equally many pictures.
    """
    side, gap, above = 48, 8, 22  # in CSS pixels
    rows = list(named.values())
    width, height = gap + len(rows[0]) * (side + gap), len(rows) * (above + side) + gap
    figure = Figure((width / CSS_PIXELS_PER_INCH, height / CSS_PIXELS_PER_INCH))
    low, high = _range(rows)
    words = []
    for row, (title, pictures) in enumerate(named.items()):
        top = row * (above + side)
        figure.text(gap / width, 1 - (top + 4) / height, title, va="top", size=9)
        words.append(f"{title}: {len(pictures)} pictures of {_size(pictures[0])}")
        for column, picture in enumerate(pictures):
            corner = (gap + column * (side + gap)) / width, 1 - (top + above + side) / height
            axes = figure.add_axes((*corner, side / width, side / height))
            axes.set_axis_off()
            axes.imshow(picture, "gray", vmin=low, vmax=high, interpolation="nearest")
    return Picture(Chart(figure), caption, lambda: words)


def times(caption, seconds):
    """How long each of several ways took, as bars on a log axis.

    The words leave the times out, as they are different each time.

    Parameters
    ----------
    caption : str
    seconds : dict from name to float
    """
    milliseconds = [1000 * s for s in seconds.values()]
    with matplotlib.style.context(files("transconv") / "transconv.mplstyle"):
        figure = Figure((6.5, 0.6 + 0.4 * len(seconds)))
        axes = figure.add_subplot()
        bars = axes.barh(list(seconds), milliseconds)
        axes.bar_label(bars, [f"{t:.3g} ms" for t in milliseconds], padding=4)
        axes.set(xscale="log", xlim=(min(milliseconds) / 3, max(milliseconds) * 4))
        axes.set(xlabel="milliseconds, log axis")
        axes.xaxis.set_major_formatter("{x:g}")
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.grid(visible=False, axis="y")
        axes.set_axisbelow(True)
        axes.invert_yaxis()
    return Picture(Chart(figure), caption, lambda: ["\n".join(seconds)])


def descent(losses, optimum):
    """The loss at each step of a training, falling towards the optimum, on a log axis."""
    with matplotlib.style.context(files("transconv") / "transconv.mplstyle"):
        figure = Figure()
        axes = figure.add_subplot()
        axes.plot(losses, label="training")
        axes.axhline(optimum, color=INK, linestyle="--", label="least-squares optimum")
        axes.set(xlabel="step", ylabel="mean squared error, log axis", yscale="log")
        if max(losses) < 100 * optimum:  # two powers of ten are too few labels
            axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_major_formatter("{x:,g}")  # 10,000 is easier to read than a power of ten
        axes.yaxis.set_minor_formatter(NullFormatter())
        axes.legend()
    at = [0, *(10**p for p in range(9) if 10**p < len(losses) - 1), len(losses) - 1]
    number = "{:.2f}" if optimum >= 1 else "{:.3f}"
    return Picture(
        Chart(figure),
        "The mean squared error falls towards the least-squares optimum, "
        f"{number.format(optimum)} (dashed line).",
        lambda: ["\n".join(f"step {t}: {number.format(losses[t])}" for t in at)],
    )


def _patch(transposed, step):
    """The patch of `step` where it lies on the canvas."""
    reached = transposed.reached[..., step]
    return Panel(
        f"patch of {transposed.X.flat[step]}, placed",
        transposed.placed(step),
        parts=_one(transposed, step) & reached[..., None],
        faint=~reached,
        **_crop(transposed),
    )


def _sum(transposed, step, title, **marks):
    """The sum of the patches so far."""
    parts = transposed.reached & (np.arange(len(transposed)) <= step)
    return Panel(
        title if transposed.kept.all() else f"{title}, before the crop",
        transposed.partial(step),
        parts=parts,
        faint=~parts.any(axis=2),
        **_crop(transposed),
        **marks,
    )


def _transposed_input(transposed, step):
    lit = _lit(transposed, step)
    return Panel("Conv2DTranspose input", transposed.X, parts=_small(transposed), lit=lit)


def _shaded(steps, step):
    """Fills and marks of a grid of counts on the canvas: the more, the darker."""
    fill = _darker(steps.counts, steps.counts.max())
    return {"fill": fill, "lit": steps.reached[..., step]}


def _darker(counts, most):
    """A grey for each cell: the more, the darker, but pale enough for black text."""
    return np.repeat(1 - 0.5 * counts[..., None] / most, 3, axis=2)


def _pointed(transposed, cell):
    """The canvas, True at a cell of the output."""
    pointed = np.zeros(transposed.canvas_shape, bool)
    if cell:
        pointed[transposed.frame][cell] = True
    return pointed


def _inserted(transposed):
    """Parts of `zero_inserted`: which cells hold which input value."""
    inputs = np.zeros((*transposed.zero_inserted.shape, len(transposed)), bool)
    inputs[transposed.inserted_at] = _small(transposed)
    return inputs


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


def _range(grids):
    return min(np.min(grid) for grid in grids), max(np.max(grid) for grid in grids)


def _shades(grid, low, high):
    """A colour for each cell of a grid, by value."""
    return colormaps["cividis"]((grid - low) / ((high - low) or 1))[..., :3]


def _kernel_and_stride(transposed):
    setting = transposed.setting
    kernel, stride = (
        f"{a}" if a == b else f"{a}×{b}" for a, b in (setting.kernel_size, setting.strides)
    )
    return f"kernel {kernel}, stride {stride}"


def _evenness(transposed):
    """The overlaps away from the border, in one sentence."""
    counts = np.unique(np.outer(transposed.rows.overlaps, transposed.columns.overlaps))
    words = f"{', '.join(map(str, counts[:-1]))} or {counts[-1]}"
    if len(counts) == 1:
        words = f"{counts[0]} everywhere"
    elif counts[0] == 0:
        words += ", so that there are gaps"
    else:
        words += f", a factor of {counts[-1] / counts[0]:g}"
    return f"{_kernel_and_stride(transposed).capitalize()}: {words}."


def _repeats(transposed):
    """The canvas, True at the first stride x stride cells that a larger input would not change."""
    axes = transposed.rows, transposed.columns
    starts = [-(-max(a.spread - a.small * a.stride, 0) // a.stride) * a.stride for a in axes]
    lit = np.zeros(transposed.canvas_shape, bool)
    if all(start < a.small * a.stride for start, a in zip(starts, axes, strict=True)):
        lit[tuple(slice(i, i + a.stride) for i, a in zip(starts, axes, strict=True))] = True
    return lit


def _means_of_phases(picture, stride):
    phases = [[picture[p::stride, q::stride] for q in range(stride)] for p in range(stride)]
    return "\n".join("  ".join(_decimal(phase.mean()) for phase in row) for row in phases)


def _decimal(number):
    return f"{round(float(number), 2) + 0:.2f}"  # + 0 makes 0.00 of -0.00


def _joined(sign, items):
    return [part for item in items for part in (sign, item)][1:]


def _size(grid):
    return "×".join(map(str, grid.shape))


def _place(rows, columns):
    return f"{_span('row', rows)}, {_span('column', columns)}"


def _span(name, cells):
    if len(cells) == 1:
        return f"{name} {cells[0]}"
    if cells[-1] - cells[0] == len(cells) - 1:
        return f"{name}s {cells[0]} to {cells[-1]}"
    return f"{name}s {', '.join(map(str, cells))}"
