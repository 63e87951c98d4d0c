"""The pictures of the lessons, made from the data in `steps`.

What belongs to the step that is shown has the accent's hue, a bold number and an outline; what
earlier steps summed is grey, and the deeper, the more addends there are. With few inputs, pictures
of all steps at once give each input a hue of its own instead. Grids lie on the canvas of `steps`,
so cells that padding adds or cuts off are in the picture.
"""

import numpy as np

from transconv.picture import HUES, Panel, groups, row
from transconv.steps import Convolution


def window(conv, step):
    """The window that `step` of a Convolution reads, times the kernel, summed to an output cell."""
    i, j = conv.small_cells[step]
    read = conv.canvas[conv.window(step)]
    terms = " + ".join(f"{x}*{w}" for x, w in zip(read.flat, conv.W.flat, strict=True))
    everywhere = np.ones(read.shape, bool)
    return row(
        f"Output ({i},{j}) is the window at {_place(*conv.cells(step))} of the input times the "
        f"kernel, summed: {terms} = {conv.output[i, j]}.",
        _read(conv, step),
        "→",
        Panel("window", read, step=everywhere),
        "×",
        Panel("kernel", conv.W),
        "=",
        Panel("products", conv.products(step), step=everywhere),
        "sum →",
        _written(conv, step),
    )


def patches(transposed):
    """Each input value of a TransposedConvolution times the whole kernel: one patch for each."""
    return row(
        f"Each of the {len(transposed)} input values times the whole kernel gives one patch.",
        Panel("input", transposed.X, **_hues(transposed.own)),
        "each ×",
        Panel("kernel", transposed.W),
        "=",
        *_joined(
            ",",
            [
                Panel(f"{x} × kernel", transposed.patch(step), **_hues(_one(transposed, step)))
                for step, x in enumerate(transposed.X.flat)
            ],
        ),
    )


def placed(transposed):
    """The patches where they lie on the output, and their sum, with the overlaps visible."""
    return row(
        "Each patch is placed where its input value sits; where patches overlap, they are summed.",
        *_joined(
            "+",
            [
                Panel(
                    f"patch of {x}, placed",
                    transposed.placed(step),
                    **_hues(_one(transposed, step) & transposed.reached[..., [step]]),
                    **_crop(transposed),
                )
                for step, x in enumerate(transposed.X.flat)
            ],
        ),
        "=",
        Panel(
            _with_crop("output", transposed),
            transposed.partial(len(transposed) - 1),
            **_hues(transposed.reached),
            **_crop(transposed),
        ),
    )


def spread(transposed, step, size=None):
    """`step` of a TransposedConvolution: input, kernel, the patch on the output, the sum so far."""
    touched = transposed.reached[..., step]
    return row(
        f"{spread_in_words(transposed, step)} Output: {_size(transposed.output)}.",
        Panel("input", transposed.X, here=transposed.own[..., step]),
        "×",
        Panel("kernel", transposed.W),
        "→",
        Panel(
            f"patch of {transposed.X.flat[step]}, placed",
            transposed.placed(step),
            made=touched.astype(int),
            step=touched,
            **_crop(transposed),
        ),
        "sum →",
        _sum(transposed, step),
        size=size,
    )


def spread_in_words(transposed, step):
    """What `step` of a TransposedConvolution does, in a sentence; cells are those of the canvas."""
    i, j = transposed.small_cells[step]
    axes = transposed.axes
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
    return row(
        f"The convolution as a matrix: {len(conv)} rows, one for each window, and {conv.X.size} "
        "columns, one for each cell of the flattened input.",
        Panel(
            "convolution matrix C",
            conv.matrix,
            **_hues(_rows(conv.matrix)),
            row_heads=[f"window ({i},{j})" for i, j in conv.small_cells],
            column_heads=[f"{i},{j}" for i, j in np.ndindex(conv.X.shape)],
        ),
    )


def matrix_times_vector(conv):
    """The convolution matrix times the flattened input, reshaped: the convolution."""
    y = conv.matrix @ conv.X.reshape(-1, 1)
    return row(
        "The convolution matrix times the flattened input is the flattened output.",
        Panel("C", conv.matrix, **_hues(_rows(conv.matrix))),
        "@",
        Panel("flat input", conv.X.reshape(-1, 1)),
        "=",
        Panel("flat output", y, **_hues(_rows(y))),
        "→",
        Panel("output", y.reshape(conv.output.shape), **_hues(conv.own)),
    )


def transpose_times_vector(transposed):
    """The transposed matrix times the flattened input: one coloured column for each input value."""
    columns = transposed.matrix * transposed.X.ravel()
    used = transposed.matrix != 0
    by_column = used[..., None] & np.eye(len(transposed), dtype=bool)
    x = transposed.X.reshape(-1, 1)
    return row(
        "Each column of the transposed matrix is multiplied by its input value; the rows of the "
        "coloured columns sum to the flattened output.",
        Panel("C.T", transposed.matrix, **_hues(by_column)),
        "each column ×",
        Panel("flat input", x, **_hues(_rows(x))),
        "=",
        Panel(
            "columns × inputs",
            columns,
            **_hues(by_column),
            column_heads=[f"×{value}" for value in x.flat],
        ),
        "sum →",
        Panel("flat output", columns.sum(axis=1, keepdims=True), **_hues(used[:, None, :])),
    )


def columns_reshaped(transposed):
    """The coloured columns, each reshaped to the output: the placed patches, and their sum."""
    columns = (transposed.matrix * transposed.X.ravel()).reshape(*transposed.output.shape, -1)
    used = (transposed.matrix != 0).reshape(columns.shape)
    return row(
        "Each coloured column, reshaped to the output's shape, is a placed patch.",
        *_joined(
            "+",
            [
                Panel(
                    f"column ×{x}",
                    columns[..., step],
                    **_hues(_one(transposed, step) & used[..., [step]]),
                )
                for step, x in enumerate(transposed.X.flat)
            ],
        ),
        "=",
        Panel("output", columns.sum(axis=2), **_hues(used)),
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
    step = len(transposed) - 1 if step is None else step
    conv_step = min(step, len(conv) - 1) if conv else None
    pointed = np.zeros(transposed.canvas_shape, bool)
    if cell:
        pointed[transposed.frame][cell] = True
    shown = _COMPARED[view](conv, conv_step, transposed, step, pointed)
    caption = compared_in_words(conv, transposed, view, step, cell)
    return groups(caption, dict(zip(("Conv2D", "Conv2DTranspose"), shown, strict=True)), size=size)


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
        low, high = transposed.overlaps.min(), transposed.overlaps.max()
        factor = f"a factor of {high / low:g}" if low else "and some get none"
        words.append(f"Far from the border, {low} to {high} values make an output cell, {factor}.")
    if cell:
        addends = transposed.addends(*cell)
        sum_of = " + ".join(f"{a.value}*{a.weight}" for a in addends) or "0, as no patch reaches it"
        total = f" = {transposed.output[cell]}" if addends else ""
        words.append(f"Output ({cell[0]},{cell[1]}) = {sum_of}{total}.")
    return " ".join(words)


NO_WINDOW = ("no window fits",)


def _spread_and_sum(conv, conv_step, transposed, step, pointed):
    """Each layer's input, its kernel, and what it has written so far."""
    gather = NO_WINDOW
    if conv:
        gather = (
            _read(conv, conv_step),
            "∗",
            Panel("kernel", conv.W),
            "→",
            _written(conv, conv_step),
        )
    return gather, (
        Panel("input", transposed.X, here=transposed.own[..., step]),
        "×",
        Panel("kernel", transposed.W),
        "→",
        _sum(transposed, step, pointed=pointed),
    )


def _overlap_count(conv, conv_step, transposed, step, pointed):
    """How often each input of a convolution is read, and how many inputs make each output."""
    scale = np.concatenate([walk.counts.ravel() for walk in (conv, transposed) if walk])
    reads = NO_WINDOW
    if conv:
        reached = conv.reached[..., conv_step]
        reads = (
            Panel(
                "reads of each input",
                conv.counts,
                made=conv.counts,
                scale=scale,
                step=reached,
                appended=~conv.kept,
            ),
        )
    return reads, (
        Panel("input", transposed.X, here=transposed.own[..., step]),
        "→",
        Panel(
            "inputs that make each output",
            transposed.counts,
            made=transposed.counts,
            scale=scale,
            step=transposed.reached[..., step],
            pointed=pointed,
            **_crop(transposed),
        ),
    )


def _zero_insertion(conv, conv_step, transposed, step, pointed):
    """The transposed convolution as a plain one, beside the convolution."""
    gather, _ = _spread_and_sum(conv, conv_step, transposed, step, pointed)
    return gather, (
        Panel(
            "input with zeros added",
            transposed.zero_inserted,
            here=transposed.inserted[..., step],
            appended=~transposed.inserted.any(axis=2),
        ),
        "∗",
        Panel("kernel, rotated", transposed.rotated_kernel),
        "=",
        _sum(transposed, len(transposed) - 1, touched=step, pointed=pointed),
    )


WHOLE = 16  # a matrix is shown whole up to so many rows and columns


def _matrices(conv, conv_step, transposed, step, pointed):
    """The matrix of each layer with the step's row or column; if it is large, that one alone."""
    of_conv = NO_WINDOW
    if conv and max(conv.matrix.shape) <= WHOLE:
        lit = np.zeros(conv.matrix.shape, bool)
        lit[conv_step] = True
        of_conv = (Panel("C", conv.matrix, made=(conv.matrix != 0).astype(int), step=lit),)
    elif conv:
        weights = conv.matrix[conv_step].reshape(conv.X.shape)
        lit = weights != 0
        title = f"row {conv_step} of C ({_size(conv.matrix)}), reshaped"
        of_conv = (Panel(title, weights, made=lit.astype(int), step=lit),)
    matrix, output, crop = transposed.matrix, transposed.output, transposed.frame
    reached, pointed = transposed.reached[..., step][crop], pointed[crop]
    if max(matrix.shape) > WHOLE:
        column = matrix[:, step].reshape(output.shape)
        title = f"column {step} of C.T ({_size(matrix)}), reshaped"
        marks = {"made": (column != 0).astype(int), "step": reached}
        return of_conv, (
            Panel(title, column, **marks),
            "×",
            Panel("input", transposed.X.reshape(-1, 1)[[step]], here=np.ones((1, 1), bool)),
            "=",
            Panel("patch", transposed.placed(step)[crop], pointed=pointed, **marks),
        )
    lit = np.zeros(matrix.shape, bool)
    lit[:, step] = True
    return of_conv, (
        Panel("C.T", matrix, made=(matrix != 0).astype(int), step=lit),
        "@",
        Panel(
            "flat input",
            transposed.X.reshape(-1, 1),
            here=transposed.own[..., step].reshape(-1, 1),
        ),
        "=",
        Panel(
            "flat output",
            output.reshape(-1, 1),
            made=transposed.counts[crop].reshape(-1, 1),
            step=reached.reshape(-1, 1),
            pointed=pointed.reshape(-1, 1),
        ),
    )


_COMPARED = dict(
    zip(VIEWS, (_spread_and_sum, _overlap_count, _zero_insertion, _matrices), strict=True)
)


def zero_insertion(transposed, row_, column):
    """The same output by a plain convolution: zeros between the inputs, the kernel rotated.

    The window that makes cell (row, column) of the spread has a thick outline.
    """
    grid, kernel = transposed.zero_inserted, transposed.rotated_kernel
    conv = Convolution(grid, kernel, dilation_rate=transposed.setting.dilation_rate)
    step = conv.small_cells.index((row_, column))
    terms = [
        f"{x}*{w}" for x, w in zip(grid[conv.window(step)].flat, kernel.flat, strict=True) if x
    ]
    return row(
        f"Output ({row_},{column}) is the window at {_place(*conv.cells(step))} times the rotated "
        f"kernel, summed: {' + '.join(terms)} = {conv.output[row_, column]}; the rest is zeros.",
        Panel(
            "input with zeros added",
            grid,
            step=conv.reached[..., step],
            appended=~transposed.inserted.any(axis=2),
        ),
        "∗",
        Panel("kernel, rotated", kernel),
        "=",
        Panel("output", conv.output, here=conv.own[..., step]),
    )


def overlaps(*transposed):
    """How many inputs make each cell of TransposedConvolutions; an outline on what repeats."""
    scale = np.concatenate([t.counts.ravel() for t in transposed])
    return row(
        "How many inputs make each cell. Away from the border the outlined cells repeat. "
        + " ".join(_evenness(t) for t in transposed),
        *(
            Panel(
                _kernel_and_stride(t),
                t.counts,
                made=t.counts,
                scale=scale,
                step=t.repeats,
                **_crop(t),
            )
            for t in transposed
        ),
    )


def crops(caption, full, named):
    """One full output, and what several crops keep of it.

    Parameters
    ----------
    caption : str
    full : (height, width) array
    named : dict from title to Axis
        Its rows and columns are cut alike.
    """
    panels = []
    for title, axis in named.items():
        frame = (slice(axis.pad_before, axis.pad_before + axis.big),) * 2
        cut = np.ones(full.shape, bool)
        cut[frame] = False
        panels.append(Panel(f"{title}, before the crop", full, cut=cut, frame=frame))
    return row(caption, *panels)


def walk(caption, X, grids, window=1):
    """A grid that is filled step by step, beside the input that each step reads.

    Parameters
    ----------
    caption : str
    X : (height, width) array, the input
    grids : dict from ((i, j), (i', j')) to (height, width) array
        The grid after the step that reads at (i, j) and writes at (i', j'). It was all zeros before
        the first.
    window : int
        How many rows and columns of the input a step reads, from (i, j) on.
    """
    changes = np.diff(np.array([*grids.values()]), axis=0, prepend=0) != 0
    made = changes.cumsum(axis=0)
    steps = {}
    for n, (((i, j), (i_out, j_out)), grid) in enumerate(grids.items()):
        read = np.zeros(X.shape, bool)
        read[i : i + window, j : j + window] = True
        steps[f"i,j = {i},{j} → i',j' = {i_out},{j_out}"] = (
            Panel("input", X, **_here_or_step(read)),
            "→",
            Panel(
                "output" if n == len(grids) - 1 else "output so far",
                grid,
                made=made[n],
                scale=made[-1],
                **_here_or_step(changes[n]),
            ),
        )
    return groups(caption, steps)


def _here_or_step(mask):
    """One cell is in full colour, several have an outline."""
    return {"here" if mask.sum() == 1 else "step": mask}


def _read(conv, step):
    """The input of a Convolution, zeros around it included, and the window that `step` reads."""
    title = "input" if conv.kept.all() else "input with zeros added"
    return Panel(title, conv.canvas, step=conv.reached[..., step], appended=~conv.kept)


def _written(conv, step):
    """The output of a Convolution so far, and the cell that `step` writes."""
    return Panel(
        "output" if step == len(conv) - 1 else "output so far",
        conv.partial(step),
        made=conv.written(step).astype(int),
        here=conv.own[..., step],
    )


def _sum(transposed, step, touched=None, pointed=None):
    """The sum of the patches so far, and the cells touched by `step`, or by another, if given."""
    return Panel(
        _with_crop("output" if step == len(transposed) - 1 else "running sum", transposed),
        transposed.partial(step),
        made=transposed.made(step),
        scale=transposed.counts,
        step=transposed.reached[..., step if touched is None else touched],
        pointed=pointed,
        **_crop(transposed),
    )


def _with_crop(title, transposed):
    return title if transposed.kept.all() else f"{title}, before the crop"


def _crop(transposed):
    """Marks for what padding cuts off the canvas and for what Keras appends to it."""
    cut = ~transposed.kept
    return {
        "cut": cut,
        "appended": transposed.appended,
        "frame": transposed.frame if cut.any() else None,
    }


def _hues(parts):
    """Few inputs have a hue each; of many, it is shown how many are in a cell."""
    return {"hues": parts} if parts.shape[2] <= HUES else {"made": parts.sum(axis=2)}


def _one(steps, step):
    """Parts of a grid whose cells are all made by one step."""
    return np.broadcast_to(np.arange(len(steps)) == step, (1, 1, len(steps)))


def _rows(matrix):
    """Parts of a matrix with a row for each step: its non-zero cells."""
    return (matrix != 0)[..., None] & np.eye(len(matrix), dtype=bool)[:, None, :]


def _kernel_and_stride(transposed):
    setting = transposed.setting
    kernel, stride = (
        f"{a}" if a == b else f"{a}×{b}" for a, b in (setting.kernel_size, setting.strides)
    )
    return f"kernel {kernel}, stride {stride}"


def _evenness(transposed):
    """The overlaps away from the border, in one sentence."""
    counts = np.unique(transposed.overlaps)
    words = f"{', '.join(map(str, counts[:-1]))} or {counts[-1]}"
    if len(counts) == 1:
        words = f"{counts[0]} everywhere"
    elif counts[0] == 0:
        words += ", so that there are gaps"
    else:
        words += f", a factor of {counts[-1] / counts[0]:g}"
    return f"{_kernel_and_stride(transposed).capitalize()}: {words}."


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
