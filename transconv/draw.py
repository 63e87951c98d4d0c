"""The pictures of the lessons, made from the data in `steps`.

What belongs to the step that is shown has the accent's hue, a bold number and an outline; what
earlier steps summed is grey, and the deeper, the more addends there are. With few inputs, pictures
of all steps at once give each input a hue of its own instead. Grids lie on the canvas of `steps`,
so cells that padding adds or cuts off are in the picture.
"""

import re
from collections import Counter
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from PIL import Image

from transconv import svg
from transconv.picture import HUES, Bracket, Given, Panel, Sums, column, groups, row
from transconv.steps import TransposedConvolution


def window(conv, step):
    """The window that `step` of a Convolution reads, times the kernel, summed to an output cell."""
    caption, items = _window(conv, step)
    return row(caption, *items)


def _window(conv, step):
    """What `window` says and what it shows."""
    i, j = conv.small_cells[step]
    read = conv.canvas[conv.window(step)]
    terms = " + ".join(f"{x}*{w}" for x, w in zip(read.flat, conv.W.flat, strict=True))
    everywhere = np.ones(read.shape, bool)
    return (
        f"Output ({i},{j}) is the window at {_place(*conv.cells(step))} of the input times the "
        f"kernel, summed: {terms} = {conv.output[i, j]}."
    ), (
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
                    f"placed patch of {x}",
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
    caption, items = _patch(transposed, step)
    return row(caption, *items, size=size)


def _patch(transposed, step):
    """What `spread` says and what it shows."""
    touched = transposed.reached[..., step]
    given, kernel = _input(transposed, step), _kernel(transposed)
    here = transposed.ties[:, 1] == step
    words = spread_in_words(transposed, step)
    after = "" if transposed.kept.all() else " after the crop"
    return f"{words[0].upper()}{words[1:]}. Output{after}: {_size(transposed.output)}.", (
        given,
        "×",
        kernel,
        "→",
        Panel(
            f"placed patch of {transposed.X.flat[step]}",
            transposed.placed(step),
            made=touched.astype(int),
            step=touched,
            sums=Sums((given, kernel), transposed.ties[here], none="This patch does not reach it."),
            **_crop(transposed),
        ),
        "sum →",
        _sum(transposed, step, Sums((given, kernel), transposed.ties_until(step))),
    )


def spread_in_words(transposed, step, which=None):
    """What `step` of a TransposedConvolution does; cells are those of the canvas."""
    i, j = transposed.small_cells[step]
    axes = transposed.axes
    cells = [c + a.pad_before for c, a in zip(transposed.cells(step), axes, strict=True)]
    kept = [c[(c >= f.start) & (c < f.stop)] for c, f in zip(cells, transposed.frame, strict=True)]
    words = (
        f"{which or _which(transposed, step)} adds input ({i},{j}) = {transposed.X[i, j]} times "
        f"the kernel at {_place(*cells)}"
    )
    if not all(len(k) for k in kept):
        return f"{words}; all of it is cut off"
    if any(len(k) < len(c) for k, c in zip(kept, cells, strict=True)):
        return f"{words}; kept: {_place(*kept)}"
    return words


def strip(walk, step=None, size=None):
    """All steps of one row at a glance: their products like bricks, one step below the other.

    A TransposedConvolution is read down: input, patches, and the sum of each column. A Convolution,
    which has the same ties, is read up: input, windows, and the sum of each row.

    Parameters
    ----------
    walk : Convolution or TransposedConvolution
        Of an input and a kernel of one row.
    step : int, from 0
        The step to point out, if any.
    size : (width, height) in CSS pixels

    Raises
    ------
    ValueError
        For more than one row.
    """
    rows, width = walk.canvas_shape
    if rows > 1:
        raise ValueError(f"walk must be of one row. Received: {rows} rows")
    axis, setting, bricks = walk.columns, walk.setting, walk.bricks
    cells, steps, taps = walk.ties.T
    small_at, brick_at = steps * axis.stride, steps * width + cells
    here = np.arange(len(walk)) == step
    there = ~np.ma.getmaskarray(bricks)
    marks = {"made": there.astype(int), "step": there & here[:, None], "loose": True}
    kernel = _apart("kernel", walk.W, axis.dilation, given=walk.W)
    if isinstance(walk, TransposedConvolution):
        small = _apart("input", walk.X, axis.stride, here, given=walk.X)
        heads = [f"{x} × kernel" for x in walk.X.flat]
        bricks = Panel("patches", bricks, row_heads=heads, **marks)
        big = Panel(
            "sum of each column", walk.partial(len(walk) - 1), made=walk.counts, **_crop(walk)
        )
        tied, made = (small, small_at, big, cells), "made by"
        caption = f"Conv2DTranspose, {axis.small} to {axis.big}"
        way = "down: each input value times the kernel is a patch, and each column is summed"
        cut, past, names = "cut", "appended", ("output", "whole spread")
        rule = ""
        if setting.output_padding is None and setting.padding == "same":
            rule = f"{axis.small} · {axis.stride} = "
        elif setting.output_padding is None and axis.extent < axis.stride:
            last = f"max({axis.extent}, {axis.stride})"
            rule = f"({axis.small} − 1) · {axis.stride} + {last} = "
    else:
        small = _apart("output: sum of each row", walk.output, axis.stride, here)
        bricks, big = Panel("windows × kernel", bricks, **marks), _read(walk, 0)
        tied, made = (big, cells, small, small_at), "read by"
        caption = f"Conv2D, {axis.big} to {axis.small}"
        way = "up: each window of the input times the kernel, and each row is summed"
        cut, past, names, rule = "added", "not read", ("input", "all windows"), ""
    source, source_at, total, total_at = tied
    factors = np.stack([brick_at, source_at, taps * axis.dilation], axis=1)
    bricks.sums = Sums((source, kernel), factors)
    total.sums = Sums((bricks,), np.stack([total_at, brick_at], axis=1))
    big.step = bricks.step.any(axis=0, keepdims=True)
    big.column_heads, big.row_heads = walk.counts[0].astype(str), [made, ""]
    whole = f"({axis.small} − 1) · {axis.stride} + {axis.extent} = {axis.full}"
    texts = {"before": f"{{}} {cut}", "after": f"{{}} {cut}", "past": f"{{}} {past}"}
    texts |= {"big": f"{names[0]}: {rule}{{}}", "whole": f"{names[1]}: {whole}"}
    big.brackets = [
        Bracket(start, stop, texts[name].format(stop - start)) for name, start, stop in walk.parts
    ]
    how = [f"kernel {axis.kernel}", f"stride {axis.stride}", setting.padding]
    if setting.output_padding:
        how.append(f"output_padding {setting.output_padding[1]}")
    if axis.dilation > 1:
        how.append(f"dilation {axis.dilation}")
    caption = f"{caption}: {', '.join(how)}. Read {way}."
    if step is not None:
        caption += f" Outlined: {_which(walk, step)}."
    return column(caption, kernel, small, bricks, big, size=size)


def _apart(title, grid, gap, here=None, given=None):
    """A Panel of one row whose cells are `gap` columns apart."""
    laid = np.ma.masked_all((1, (grid.size - 1) * gap + 1), grid.dtype)
    laid[0, ::gap] = grid.ravel()
    places = np.full(laid.shape, -1)
    places[0, ::gap] = np.arange(grid.size)
    return Panel(
        title,
        laid,
        loose=True,
        here=None if here is None else (places >= 0) & here[places],
        given=None if given is None else _given(title, given, places),
    )


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


def compare(conv, transposed, view="spread and sum", step=None, size=None):
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
    size : (width, height) in CSS pixels
    """
    step = len(transposed) - 1 if step is None else step
    walks = {"Conv2D": conv, "Conv2DTranspose": transposed}
    scale = np.concatenate([walk.counts.ravel() for walk in walks.values() if walk])
    caption, shown = [], {}
    for (name, walk), view_of in zip(walks.items(), VIEWS[view], strict=True):
        if walk is None:
            caption.append(f"{name}: no window fits.")
            shown[name] = ("no window fits",)
            continue
        last = len(walk) - 1
        which = _which(walk, step) if step <= last else f"its last step, {len(walk)},"
        words, shown[name] = view_of(walk, min(step, last), which, scale)
        caption.append(f"{name}, {_size(walk.X)} to {_size(walk.output)}: {words}.")
    return groups(" ".join(caption), shown, size=size)


# Each view of each layer: from a walk, a step, what that step is called, and the scale of the
# counts of both layers, to what it says and what it shows.


def _gathered(conv, step, which, _scale):
    """The input, the kernel, and what has been written so far."""
    i, j = conv.small_cells[step]
    given, kernel = _read(conv, step), _kernel(conv)
    rows = conv.ties_until(step)[:, [1, 0, 2]]
    sums = Sums((given, kernel), rows, none="This cell is still to be written.")
    return f"{which} writes ({i},{j})", (given, "∗", kernel, "→", _written(conv, step, sums))


def _spread(transposed, step, which, _scale):
    """The input, the kernel, and the sum so far."""
    given, kernel = _input(transposed, step), _kernel(transposed)
    total = _sum(transposed, step, Sums((given, kernel), transposed.ties_until(step)))
    return spread_in_words(transposed, step, which), (given, "×", kernel, "→", total)


def _reads(conv, step, which, scale):
    """How often each input is read, and by which outputs."""
    output = _written(conv, step)
    reads = Panel(
        "reads of each input",
        conv.counts,
        made=conv.counts,
        scale=scale,
        step=conv.reached[..., step],
        appended=~conv.kept,
        sums=Sums(
            (output,), conv.ties[:, :2], "outputs that read it: ", ", ", "No output reads it."
        ),
    )
    return f"outputs that read each input, {which} outlined", (reads, "→", output)


def _overlap_count(transposed, step, which, scale):
    """How many inputs make each output."""
    given = _input(transposed, step)
    counts = Panel(
        "inputs that make each output",
        transposed.counts,
        made=transposed.counts,
        scale=scale,
        step=transposed.reached[..., step],
        sums=Sums((given,), transposed.ties[:, :2], "inputs that reach it: ", ", ", "No input."),
        **_crop(transposed),
    )
    words = (
        f"inputs that make each output, {_evenness(transposed)} away from the border; "
        f"{which} outlined"
    )
    return words, (given, "→", counts)


def _as_convolution(transposed, step, which, _scale):
    """A plain convolution with the same output."""
    conv, inserted = transposed.as_convolution, transposed.inserted
    given = Panel(
        "input with zeros added",
        conv.X,
        here=inserted == step,
        appended=inserted < 0,
        given=_given("input", transposed.X, inserted),
    )
    places = np.arange(conv.W.size)[::-1]
    kernel = Panel("kernel, rotated", conv.W, given=_given("kernel", conv.W, places))
    outputs = np.unravel_index(conv.ties[:, 1], conv.output.shape)
    outputs = np.ravel_multi_index(outputs, transposed.canvas_shape)
    rows = np.stack([outputs, conv.ties[:, 0], conv.ties[:, 2]], axis=1)
    total = _sum(transposed, len(transposed) - 1, Sums((given, kernel), rows), touched=step)
    i, j = transposed.small_cells[step]
    words = (
        "zeros between the inputs and around them, and a convolution; "
        f"{which}, input ({i},{j}) = {transposed.X[i, j]}, goes into the outline"
    )
    return words, (given, "∗", kernel, "=", total)


WHOLE = 9  # a matrix is shown whole up to so many rows and columns


def _row_of_matrix(conv, step, which, _scale):
    """C times the flattened input; of a large matrix the row of the step alone, reshaped."""
    words = f"{which} is row {step} of C times the input"
    tied = conv.reached[conv.frame].reshape(-1, len(conv)).T
    if max(tied.shape) <= WHOLE:
        matrix = Panel("C", conv.matrix, made=tied.astype(int), step=_only(tied.shape, step))
        given = Panel("flat input", conv.X.reshape(-1, 1), given=_given("input", conv.X))
        output = Panel(
            "flat output",
            conv.partial(step).reshape(-1, 1),
            made=conv.written(step).astype(int).reshape(-1, 1),
            here=conv.own[..., step].reshape(-1, 1),
            sums=_product(matrix, given, tied & conv.written(step).reshape(-1, 1)),
        )
        return words, (matrix, "@", given, "=", output)
    lit = conv.reached[..., step][conv.frame]
    weights = Panel(
        f"row {step} of C ({_size(tied)}), reshaped",
        conv.matrix[step].reshape(conv.X.shape),
        made=lit.astype(int),
        step=lit,
    )
    given = Panel("input", conv.X, step=lit, given=_given("input", conv.X))
    cells = np.flatnonzero(lit)
    rows = np.stack([np.full(cells.size, step), cells, cells], axis=1)
    sums = Sums((weights, given), rows, none="Another row of C makes it.")
    return words, (weights, "×", given, "sum →", _written(conv, step, sums))


def _column_of_matrix(transposed, step, which, _scale):
    """C.T times the flattened input; of a large matrix the column of the step alone, reshaped."""
    i, j = transposed.small_cells[step]
    x, frame = transposed.X.reshape(-1, 1), transposed.frame
    words = f"{which} is column {step} of C.T times input ({i},{j}) = {transposed.X[i, j]}"
    tied = transposed.reached[frame].reshape(-1, len(transposed))
    reached = transposed.reached[..., step][frame]
    if max(tied.shape) <= WHOLE:
        lit = _only(tied.T.shape, step).T
        matrix = Panel("C.T", transposed.matrix, made=tied.astype(int), step=lit)
        here = transposed.own[..., step].reshape(-1, 1)
        given = Panel("flat input", x, here=here, given=_given("input", transposed.X))
        output = Panel(
            "flat output",
            transposed.output.reshape(-1, 1),
            made=transposed.counts[frame].reshape(-1, 1),
            step=reached.reshape(-1, 1),
            sums=_product(matrix, given, tied),
        )
        return words, (matrix, "@", given, "=", output)
    marks = {"made": reached.astype(int), "step": reached}
    title = f"column {step} of C.T ({_size(tied)}), reshaped"
    column = Panel(title, transposed.matrix[:, step].reshape(reached.shape), **marks)
    here, places = np.ones((1, 1), bool), np.array([step])
    given = Panel("input", x[[step]], here=here, given=_given("input", transposed.X, places))
    cells = np.flatnonzero(reached)
    rows = np.stack([cells, cells, np.zeros_like(cells)], axis=1)
    sums = Sums((column, given), rows, none="This column does not reach it.")
    patch = Panel("patch", transposed.placed(step)[frame], sums=sums, **marks)
    return words, (column, "×", given, "=", patch)


def _only(shape, row):
    """All False but for one row."""
    only = np.zeros(shape, bool)
    only[row] = True
    return only


def _product(matrix, vector, tied):
    """The sums of a matrix product; `tied` tells which cells of the matrix are of any weight."""
    rows, columns = np.nonzero(tied)
    cells = np.ravel_multi_index((rows, columns), tied.shape)
    return Sums((matrix, vector), np.stack([rows, cells, columns], axis=1))


VIEWS = {
    "spread and sum": (_gathered, _spread),
    "overlap count": (_reads, _overlap_count),
    "zero insertion": (_gathered, _as_convolution),
    "matrix": (_row_of_matrix, _column_of_matrix),
}


def animate(walk, path=None, step=None, dark=False, force=False, size=None, scale=2):
    """All steps of a walk as an animation that loops, for slides and pages of one's own.

    Parameters
    ----------
    walk : Convolution or TransposedConvolution
    path : str or Path
        The file to write, if any: .gif, .png (APNG), .webp, or .svg, which holds one step.
    step : int, from 0
        This step alone, as a still picture. Of an .svg the last, if not given.
    dark : bool
        Whether the file has the dark look.
    force : bool
        Whether to write over a file.
    size : (width, height) in CSS pixels
        The room for a frame, 840 by 560 if not given; cells shrink to fit.
    scale : int
        Pixels of the file for each CSS pixel; an .svg has none.

    Returns
    -------
    list of Picture
        The frames, all of one size; nothing in them moves but what the step changes.

    Raises
    ------
    FileExistsError
        If there is a file and `force` is not given.
    ValueError
        For another ending, for a step that there is not, for more steps than one watches and more
        cells than can be read.
    """
    path = path and Path(path)
    if path and path.suffix.lower() not in FORMATS:
        raise ValueError(f"path must end in one of {', '.join(FORMATS)}. Received: {str(path)!r}")
    if path and path.exists() and not force:
        raise FileExistsError(f"path is there already, and force is not given. Received: {path}")
    if step is not None and step not in range(len(walk)):
        raise ValueError(f"step must be from 0 to {len(walk) - 1}. Received: {step}")
    frames = _frames(walk, size)
    if path:
        one = step if step is not None or path.suffix.lower() != ".svg" else -1
        shown = frames if one is None else [frames[one]]
        data = _file(shown, path.suffix.lower(), dark, scale)
        with TemporaryDirectory(dir=path.parent) as folder:
            part = Path(folder, path.name)
            part.write_bytes(data)
            part.replace(path)  # whole or not at all
    return frames if step is None else [frames[step]]


FORMATS = {".gif": "GIF", ".png": "PNG", ".webp": "WEBP", ".svg": "SVG"}
READING, AT_LAST = 1200, 3600  # milliseconds for a step and for the last
LEGIBLE = 5  # the least font of a number, in CSS pixels
LONGEST = 100  # steps, which take two minutes to watch


def _frames(walk, size):
    """A Picture of each step, with room in each for what stands in the others."""
    transposed = isinstance(walk, TransposedConvolution)
    view, name = (_patch, "Conv2DTranspose") if transposed else (_window, "Conv2D")
    heading = f"{name}, {_size(walk.X)} to {_size(walk.output)}: {_setting(walk)}"

    def frame(step, caption, items):
        which = f"{step + 1:\u2007>{len(str(len(walk)))}} of {len(walk)}"  # of one width
        return groups(caption, {f"{heading} · step {which}": items}, size=size)

    if len(walk) > LONGEST:
        raise ValueError(
            f"a walk must have at most {LONGEST} steps, one for each cell of the smaller grid. "
            f"Received: {len(walk)} steps of {heading}"
        )
    last = frame(len(walk) - 1, *view(walk, len(walk) - 1))
    if min(map(float, re.findall(r'font-size="(.*?)"', last.svg))) < LEGIBLE:
        raise ValueError(
            "input and output must be small enough for numbers that can be read. "
            f"Received: {heading}"
        )
    steps = [view(walk, step) for step in range(len(walk))]
    for place in zip(*(items for _, items in steps), strict=True):
        if isinstance(place[0], Panel):
            longest = max(len(text) for panel in place for text in panel.strings.flat)
            for panel in place:
                panel.room = {panel.title for panel in place}, longest
    return [frame(step, *what) for step, what in enumerate(steps)]


def _file(frames, ending, dark, scale):
    """The bytes of a file with these frames."""
    if ending == ".svg":
        return svg.alone(frames[0].svg, dark).encode()
    images = (svg.image(frame.svg, scale, dark) for frame in frames)
    first, *others = _with_one_palette(images)
    webp = ending == ".webp"
    file, more = BytesIO(), {"lossless": True, "method": 4} if webp else {"optimize": True}
    if ending == ".gif":
        more["palette"] = bytes(first.getpalette())  # or each frame has a table of its own
    if others:
        durations = [READING] * len(others) + [AT_LAST]
        more |= {"save_all": True, "append_images": others, "duration": durations, "loop": 0}
    first.save(file, FORMATS[ending], **more)
    return file.getvalue()


def _with_one_palette(images):
    """The RGB images in their most frequent colours, and in the nearest of these what has others.

    Grounds stay as they are, which they need not if the palette is the average of what is near.
    """
    counts, packed = Counter(), []
    for image in images:
        packed.append(np.asarray(image.convert("RGBA")).view(np.uint32)[..., 0])
        colours, times = np.unique(packed[-1], return_counts=True)
        counts.update(dict(zip(colours.tolist(), times.tolist(), strict=True)))
    colours = np.array([colour for colour, _ in counts.most_common()], np.uint32)
    rgb = colours.view(np.uint8).reshape(-1, 4)[:, :3].astype(int)
    palette = rgb[:255]  # one is left for what stays
    nearest = [((palette - colour) ** 2).sum(axis=1).argmin() for colour in rgb]
    order = np.argsort(colours)
    nearest = np.array(nearest, np.uint8)[order]
    for pixels in packed:
        few = Image.fromarray(nearest[np.searchsorted(colours[order], pixels)])
        few.putpalette(palette.astype(np.uint8).tobytes())
        yield few


def _setting(walk):
    """The arguments of a walk, in the words of the sliders."""
    setting = walk.setting
    words = f"{_kernel_and_stride(walk)}, {setting.padding}"
    more = {"dilation": setting.dilation_rate, "output_padding": setting.output_padding}
    for name, (a, b) in ((name, both) for name, both in more.items() if both not in (None, (1, 1))):
        words += f", {name} {a}" if a == b else f", {name} {a}×{b}"
    return words


def zero_insertion(transposed, row_, column):
    """The same output by a plain convolution: zeros between the inputs, the kernel rotated.

    The window that makes cell (row, column) of the spread has a thick outline.
    """
    conv = transposed.as_convolution
    step = conv.small_cells.index((row_, column))
    terms = [
        f"{x}*{w}" for x, w in zip(conv.X[conv.window(step)].flat, conv.W.flat, strict=True) if x
    ]
    return row(
        f"Output ({row_},{column}) is the window at {_place(*conv.cells(step))} times the rotated "
        f"kernel, summed: {' + '.join(terms)} = {conv.output[row_, column]}; the rest is zeros.",
        Panel(
            "input with zeros added",
            conv.X,
            step=conv.reached[..., step],
            appended=transposed.inserted < 0,
        ),
        "∗",
        Panel("kernel, rotated", conv.W),
        "=",
        Panel("output", conv.output, here=conv.own[..., step]),
    )


def overlaps(*transposed):
    """How many inputs make each cell of TransposedConvolutions; an outline on what repeats."""
    scale = np.concatenate([t.counts.ravel() for t in transposed])
    return row(
        "How many inputs make each cell. Away from the border the outlined cells repeat. "
        + " ".join(f"{_kernel_and_stride(t).capitalize()}: {_evenness(t)}." for t in transposed),
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


def _input(transposed, step):
    """The input of a TransposedConvolution, and the cell that `step` spreads."""
    here, given = transposed.own[..., step], _given("input", transposed.X)
    return Panel("input", transposed.X, here=here, given=given)


def _kernel(walk):
    return Panel("kernel", walk.W, given=_given("kernel", walk.W))


def _given(name, grid, places=None):
    """Which numbers of a grid a panel shows: all of them in their order, if not told the places."""
    return Given(name, grid.shape[1], np.arange(grid.size) if places is None else places)


def _read(conv, step):
    """The input of a Convolution, zeros around it included, and the window that `step` reads."""
    return Panel(
        "input" if conv.kept.all() else "input with zeros added",
        conv.canvas,
        step=conv.reached[..., step],
        appended=~conv.kept,
        given=_given("input", conv.X, conv.places),
    )


def _written(conv, step, sums=None):
    """The output of a Convolution so far, and the cell that `step` writes."""
    return Panel(
        "output" if step == len(conv) - 1 else "output so far",
        conv.partial(step),
        made=conv.written(step).astype(int),
        here=conv.own[..., step],
        sums=sums,
    )


def _sum(transposed, step, sums, touched=None):
    """The sum of the patches so far, and the cells touched by `step`, or by another, if given."""
    if step < len(transposed) - 1:
        sums = sums._replace(says="{} so far = ", none="No patch has reached it yet.")
    return Panel(
        _with_crop("output" if step == len(transposed) - 1 else "running sum", transposed),
        transposed.partial(step),
        made=transposed.made(step),
        scale=transposed.counts,
        step=transposed.reached[..., step if touched is None else touched],
        sums=sums,
        **_crop(transposed),
    )


def _with_crop(title, transposed):
    return title if transposed.kept.all() else f"{title} before the crop"


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
    """How many inputs make each cell away from the border, in words."""
    *counts, most = np.unique(transposed.overlaps)
    if not counts:
        return f"{most} everywhere"
    factor = f"a factor of {most / counts[0]:g}" if counts[0] else "so that there are gaps"
    return f"{', '.join(map(str, counts))} or {most}, {factor}"


def _which(walk, step):
    return f"step {step + 1} of {len(walk)}"


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
