"""The pictures: what is drawn, what the words say, and the data, are the same."""

from html import unescape
from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from reading import grids_in_words, grids_on_sheet

from transconv import draw
from transconv.picture import TINTS, Panel, panels
from transconv.sheet import GREY, INK, PAPER
from transconv.steps import Convolution, TransposedConvolution

X = np.array([[3, 5, 2, 7], [4, 1, 3, 8], [6, 3, 8, 2], [9, 6, 1, 5]])
W = np.array([[1, 2, 1], [2, 1, 2], [1, 1, 2]])
CONV = Convolution(X, W)
SPREAD = TransposedConvolution(CONV.output, W)
SAME = TransposedConvolution(CONV.output, W, padding="same")
APART = TransposedConvolution(CONV.output, W[:2, :2], strides=3, padding="same")
OBLONG = TransposedConvolution(X[:2, :3] - 4, W[:, :2], strides=(2, 1))

BOTH = [kind(X[:2, :3], W[:2, :2], padding="same") for kind in (Convolution, TransposedConvolution)]
LARGE = [kind(X, W, strides=2, padding="same") for kind in (Convolution, TransposedConvolution)]

PICTURES = {
    "window": draw.window(CONV, 2),
    "window, padded": draw.window(Convolution(X, W, padding="same"), 3),
    "patches": draw.patches(SPREAD),
    "placed": draw.placed(SPREAD),
    "placed, cropped": draw.placed(SAME),
    "spread": draw.spread(SPREAD, 1),
    "spread, cropped": draw.spread(SAME, 3),
    "spread, appended": draw.spread(APART, 2, size=(600, 200)),
    "spread, oblong": draw.spread(OBLONG, 4),
    "matrix": draw.matrix(CONV),
    "matrix times vector": draw.matrix_times_vector(CONV),
    "transpose times vector": draw.transpose_times_vector(SPREAD),
    "columns reshaped": draw.columns_reshaped(SPREAD),
    "zero insertion": draw.zero_insertion(OBLONG, 2, 1),
    **{f"compare, {view}": draw.compare(*BOTH, view, 4, (1, 2)) for view in draw.VIEWS},
    "compare, large matrix": draw.compare(*LARGE, "matrix", 3, (0, 0), size=(870, 370)),
    "compare, no window": draw.compare(None, OBLONG, size=(870, 370)),
    "difference": draw.difference("Left.", {"a": X / 3, "b": X - 4}, "rest"),
    "walk": draw.walk("Two steps.", {"i,j = 0,0": X * (X > 4), "i,j = 0,1": X}),
    "grids": draw.grids("Two.", {"whole": X, "C.T @ C": X / 3 - 1}),
}
every_picture = pytest.mark.parametrize("picture", PICTURES.values(), ids=PICTURES)


@every_picture
def test_drawing_and_words_have_the_same_titles_and_numbers(picture):
    drawn, written = grids_on_sheet(picture.drawing), grids_in_words(picture.words)
    assert len(drawn) == len(written) > 0
    for on_sheet, in_words in zip(drawn, written, strict=True):
        assert on_sheet.title == in_words.title
        np.testing.assert_array_equal(on_sheet.numbers, in_words.numbers)


@every_picture
def test_drawing_and_words_have_the_same_marks(picture):
    outlined = set()
    grids = zip(picture.drawing.grids, grids_in_words(picture.words), strict=True)
    for (x, y, rows), in_words in grids:
        for mark, attribute in (("x", "hatched"), ("+", "crossed"), ("<", "circled")):
            marked = [[getattr(cell, attribute) for cell in row] for row in rows]
            assert in_words.marked(mark).tolist() == marked
        lit = np.pad(in_words.marked("["), 1)
        outlined |= {
            (x + j, y + i + 0.5) for i, j in np.argwhere(lit[1:-1, 1:] != lit[1:-1, :-1])
        } | {(x + j + 0.5, y + i) for i, j in np.argwhere(lit[1:, 1:-1] != lit[:-1, 1:-1])}
        for cell in (cell for row in rows for cell in row if cell.hatched):
            assert cell.ink == GREY
    assert bool(picture.drawing.frames) == ("dashed frame" in picture.words)
    lines = np.reshape(picture.drawing.outlines, (-1, 2, 2))
    np.testing.assert_allclose(sorted(map(tuple, lines.mean(axis=1))), sorted(outlined))


def numbers(picture, title):
    """The numbers of the grids of a picture whose title starts so."""
    return [g.numbers.tolist() for g in grids_in_words(picture.words) if g.title.startswith(title)]


def test_window_multiplies_and_sums():
    picture = draw.window(CONV, 0)
    assert picture.caption == (
        "Output (0,0) is the window at rows 0 to 2, columns 0 to 2 of the input times the kernel, "
        "summed: 3*1 + 5*2 + 2*1 + 4*2 + 1*1 + 3*2 + 6*1 + 3*1 + 8*2 = 55."
    )
    assert numbers(picture, "input") == [X.tolist()]
    assert numbers(picture, "kernel") == [W.tolist()]
    assert numbers(picture, "products") == [[[3, 10, 2], [8, 1, 6], [6, 3, 16]]]
    np.testing.assert_array_equal(numbers(picture, "output"), [[[55, np.nan], [np.nan, np.nan]]])


def test_patches():
    assert [numbers(PICTURES["patches"], f"{x} ×") for x in (55, 52, 57, 50)] == [
        [(x * W).tolist()] for x in (55, 52, 57, 50)
    ]


@pytest.mark.parametrize("name", ["placed", "columns reshaped"])
def test_placed_patches_and_their_sum(name):
    grids = [g.numbers for g in grids_in_words(PICTURES[name].words)]
    assert grids[1].tolist() == [[0, 52, 104, 52], [0, 104, 52, 104], [0, 52, 52, 104], [0] * 4]
    assert grids[4].tolist() == SPREAD.output.tolist()
    np.testing.assert_array_equal(sum(grids[:4]), grids[4])


def test_matrix_pictures():
    picture = PICTURES["matrix times vector"]
    C, x, flat, output = (g.numbers for g in grids_in_words(picture.words))
    assert C.shape == (4, 16)
    np.testing.assert_array_equal(C @ x, flat)
    assert output.tolist() == [[55, 52], [57, 50]]
    C_T, y, columns, total = (
        g.numbers for g in grids_in_words(PICTURES["transpose times vector"].words)
    )
    np.testing.assert_array_equal(C_T, C.T)
    np.testing.assert_array_equal(columns, C_T * y.ravel())
    np.testing.assert_array_equal(total.ravel(), SPREAD.output.ravel())
    assert "window (1,1)   0   0   0   0   0   1   2   1" in PICTURES["matrix"].words


@pytest.mark.parametrize(
    ("transposed", "step", "caption"),
    [
        (
            SPREAD,
            1,
            "Step 2 of 4: input (0,1) = 52 times the kernel is added at rows 0 to 2, "
            "columns 1 to 3. Output: 4×4.",
        ),
        (
            SAME,
            0,
            "Step 1 of 4: input (0,0) = 55 times the kernel is added at rows 0 to 2, "
            "columns 0 to 2; of these, rows 1 to 2, columns 1 to 2 are kept. Output: 2×2.",
        ),
        (
            TransposedConvolution(X, W[:1, :1], strides=2),
            5,
            "Step 6 of 16: input (1,1) = 1 times the kernel is added at row 2, column 2. "
            "Output: 8×8.",
        ),
        (
            TransposedConvolution(X, W[:, :2], dilation_rate=2),
            0,
            "Step 1 of 16: input (0,0) = 3 times the kernel is added at rows 0, 2, 4, "
            "columns 0, 2. Output: 8×6.",
        ),
        (
            TransposedConvolution(X[:1, :1], W[:2, :2], padding="same", dilation_rate=4),
            0,
            "Step 1 of 1: input (0,0) = 3 times the kernel is added at rows 0, 4, columns 0, 4; "
            "all of it is cut off. Output: 1×1.",
        ),
    ],
)
def test_spread_says_the_step(transposed, step, caption):
    assert draw.spread(transposed, step).caption == caption


@pytest.mark.parametrize("view", draw.VIEWS)
def test_every_view_lights_the_same_step(view):
    """The input cell of the step, and the output cells that its patch reaches."""
    transposed = LARGE[1]
    step, cell = 6, (2, 3)
    grids = {
        g.title.rsplit(" ", 1)[0]: g
        for g in grids_in_words(draw.compare(*LARGE, view, step, cell).words)
    }
    reached = transposed.reached[..., step]
    value = transposed.X.flat[step]
    if view == "matrix":
        assert grids["input"].numbers == [[value]]
        last = grids["patch"]
        reached = reached[transposed.frame]
    else:
        title = "Conv2DTranspose input" + ", zeros inserted" * (view == "zero insertion")
        assert grids[title].numbers[grids[title].marked("[")].tolist() == [value]
        last = list(grids.values())[-1]
    assert last.marked("[").tolist() == reached.tolist()
    assert np.argwhere(last.marked("<")).tolist() == [list(cell)]
    conv, last_step = LARGE[0], len(LARGE[0]) - 1  # the convolution has fewer steps
    its = next(g for t, g in grids.items() if t.startswith(("Conv2D", "C of")))
    lit = conv.reached[..., last_step]
    if view == "matrix":
        lit = np.zeros(conv.matrix.shape, bool)
        lit[last_step] = True
    assert its.marked("[").tolist() == lit.tolist()


def test_compared_in_words():
    words = draw.compared_in_words(*LARGE, "overlap count", 0, (2, 2))
    assert words == (
        "Conv2D: 4×4 to 2×2. Conv2DTranspose: 4×4 to 8×8. Step 1 of 16: input (0,0) = 3 times the "
        "kernel is added at rows 0 to 2, columns 0 to 2. Far from the border, 1 to 4 values make "
        "an output cell, a factor of 4. Output (2,2) = 3*2 + 5*1 + 4*1 + 1*1 = 16."
    )
    gaps = TransposedConvolution(X, W[:1, :1], strides=2)
    words = draw.compared_in_words(None, gaps, "overlap count", 0, (1, 1))
    assert words.startswith("Conv2D: 4×4 to nothing, the kernel does not fit.")
    assert "0 to 1 values make an output cell, and some get none." in words
    assert words.endswith("Output (1,1) = 0, as no patch reaches it.")


def test_stripes_show_which_inputs_made_a_cell():
    """Every cell of the output is painted in the colours of its addends' inputs, side by side."""
    for transposed, name in ((SPREAD, "placed"), (SAME, "placed, cropped")):
        *_, rows = PICTURES[name].drawing.grids[-1]
        offset = transposed.rows.pad_before
        for row, column in np.ndindex(transposed.output.shape):
            inputs = [np.ravel_multi_index(a.cell, (2, 2)) for a in transposed.addends(row, column)]
            assert rows[row + offset][column + offset].colours == tuple(TINTS[k] for k in inputs)


def test_a_dashed_frame_is_around_what_is_kept():
    drawing = PICTURES["spread, cropped"].drawing
    *_, (x, y, _) = drawing.grids
    ends = np.array([line for line in drawing.frames if line[0] >= x])
    rows, columns = SAME.frame
    kept = [x + columns.start, y + rows.start, x + columns.stop, y + rows.stop]
    around = [*ends[:, :2].min(axis=0), *ends[:, 2:].max(axis=0)]
    np.testing.assert_allclose(around, kept, atol=0.1)


def test_zeros_that_no_input_made_are_grey():
    *_, (_, _, rows) = PICTURES["spread"].drawing.grids
    inks = [[cell.ink for cell in row] for row in rows]
    assert inks == [[INK] * 4] * 3 + [[GREY] * 4]


def test_words_count_the_overlaps():
    assert (
        "inputs that made each cell:\n1 2 2 1\n2 4 4 2\n2 4 4 2\n1 2 2 1"
        in draw.placed(SPREAD).words
    )


def test_words_explain_the_marks():
    assert draw.spread(SAME, 0).words.endswith(
        "[n] thick outline\n\nnx hatched: cut off\n\ndashed frame: the output, all but the nx"
    )


def test_text_stands_out_from_its_cell():
    """Black or white, whichever has more contrast: at least 4.5 to 1, as WCAG asks."""

    def luminance(rgb):
        rgb = np.asarray(rgb) / 255
        linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
        return linear @ [0.2126, 0.7152, 0.0722]

    for tint in TINTS:
        assert (luminance(tint) + 0.05) / 0.05 > 4.5
    shades = draw.colormaps["cividis"](np.linspace(0, 1, 64))[None, :, :3]
    picture = panels("", Panel("shades", np.zeros((1, 64), int), fill=shades))
    ((_, _, (row,)),) = picture.drawing.grids
    assert {cell.ink for cell in row} == {INK, PAPER}
    for cell in row:
        (colour,) = cell.colours
        contrast = (luminance(colour) + 0.05) / 0.05
        assert (1.05 / 0.05 / contrast if cell.ink == PAPER else contrast) > 4.5


def test_a_picture_of_fixed_size_holds_everything():
    """So the page does not jump when a setting changes; what does not fit shrinks."""
    large = TransposedConvolution(X, W, strides=4)
    for transposed in (SPREAD, SAME, APART, large):
        picture = draw.spread(transposed, 1, size=(870, 290))
        assert picture.size == (870, 290)
        pixels = np.asarray(Image.open(BytesIO(picture.png(1))).convert("L"))
        border = [pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]]
        assert all(edge.min() > 250 for edge in border), "something is cut off"


def test_descent_says_and_draws_the_losses():
    losses = [100 / 2**t + 3 for t in range(21)]
    picture = draw.descent(losses, 3)
    curve, optimum = picture.drawing.figure.axes[0].lines
    assert curve.get_ydata().tolist() == losses
    assert set(optimum.get_ydata()) == {3}
    assert "step 0: 103.00\nstep 1: 53.00\nstep 10: 3.10\nstep 20: 3.00" in picture.words


def test_picture_shows_png_and_words(monkeypatch):
    picture, shown = draw.spread(SPREAD, 1), []
    monkeypatch.setattr(
        "transconv.picture.display", lambda *args, **kwargs: shown.append((args, kwargs))
    )
    picture._ipython_display_()
    ((bundle,), look), ((html,), _) = shown
    assert bundle["image/png"].startswith(b"\x89PNG")
    assert bundle["text/plain"] == repr(picture) == picture.words
    assert look["metadata"]["image/png"]["alt"] == picture.words
    assert unescape(html.data).count(picture.caption) == 2
    assert picture.words in unescape(html.data)


def test_difference_is_the_difference():
    picture = draw.difference(
        "Left.", {"a": X, "b": W.repeat(2, 0)[:4].repeat(2, 1)[:, :4]}, "rest"
    )
    a, b, rest = (g.numbers for g in grids_in_words(picture.words))
    np.testing.assert_array_equal(a - b, rest)


def test_walk_marks_what_each_step_changed():
    first, second = np.zeros((2, 3), int), np.array([[0, 7, 0], [0, 0, 0]])
    picture = draw.walk(
        "Three steps.", {"a": first, "b": second, "c": np.array([[1, 8, 1], [0, 0, 0]])}
    )
    marked = [grid.marked("[").tolist() for grid in grids_in_words(picture.words)]
    no, yes = [False] * 3, [True] * 3
    assert marked == [[no, no], [[False, True, False], no], [yes, no]]
    bold = [[[cell.bold for cell in row] for row in rows] for *_, rows in picture.drawing.grids]
    assert bold == marked  # what is outlined, and nothing else


def test_sheet_shows_every_picture_on_one_scale():
    rng = np.random.default_rng(0)
    rows = {"large": rng.random((3, 12, 12)), "small": 5 * rng.random((3, 6, 4)) - 2}
    picture = draw.sheet("Two rows.", rows)
    shown = [axes.images[0] for axes in picture.drawing.figure.axes]
    for drawn, given in zip(shown, [*rows["large"], *rows["small"]], strict=True):
        np.testing.assert_array_equal(drawn.get_array(), given)
    assert {image.get_clim() for image in shown} == {(rows["small"].min(), rows["small"].max())}
    assert [text.get_text() for text in picture.drawing.figure.texts] == list(rows)
    lines = ["Two rows.", "large: 3 pictures of 12×12", "small: 3 pictures of 6×4"]
    assert picture.words.split("\n\n") == lines


def test_times_draws_the_times_and_leaves_them_out_of_the_words():
    picture = draw.times("Loops are slow.", {"loops": 0.5, "fast": 0.0004})
    (axes,) = picture.drawing.figure.axes
    assert [bar.get_width() for bar in axes.patches] == [500, 0.4]
    assert [text.get_text() for text in axes.texts] == ["500 ms", "0.4 ms"]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["loops", "fast"]
    assert axes.get_xscale() == "log"
    assert picture.words == "Loops are slow.\n\nloops\nfast"


def test_words_give_the_factor_between_the_counts():
    """Also where the smallest is not 1: kernel 5, stride 2 has 2 or 3 inputs a row and a column."""
    five = TransposedConvolution(X, np.ones((5, 5), int), strides=2)
    words = "4 to 9 values make an output cell, a factor of 2.25."
    assert words in draw.compare(None, five, "overlap count").caption
    assert "a factor of 2.25" in draw.overlaps(five).caption
    oblong = TransposedConvolution(X, np.ones((3, 4), int), strides=(2, 1))
    words = "4 to 8 values make an output cell, a factor of 2."
    assert words in draw.compare(None, oblong, "overlap count").caption
