"""The pictures: what is drawn, what the words say, and the data, are the same."""

import re
from html import unescape

import numpy as np
import pytest
from reading import check_links, drawn_in, grids_in_words, texts_in

from transconv import charts, draw
from transconv.picture import SVG
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
    **{f"compare, {view}": draw.compare(*BOTH, view, 4) for view in draw.VIEWS},
    "compare, large matrix": draw.compare(*LARGE, "matrix", 3, size=(870, 370)),
    "compare, no window": draw.compare(None, OBLONG, size=(870, 370)),
    "walk": draw.walk("Two.", X, {((0, 0), (0, 0)): X * (X > 4), ((0, 1), (0, 2)): X}, 2),
    "strip": draw.strip(TransposedConvolution(X[:1], W[:1], (1, 2), "same"), 2),
    "strip, appended": draw.strip(TransposedConvolution(X[:1], W[:1, :2], (1, 3), "same"), 3),
    "strip, read upward": draw.strip(Convolution(X[:1], W[:1], (1, 2), "same"), 1),
    "overlaps": draw.overlaps(SPREAD, APART, TransposedConvolution(X, X, strides=2)),
    "difference": charts.difference("Left.", {"a": X / 3, "b": X - 4}, "rest"),
    "grids": charts.grids("Two.", {"whole": X - 2, "C.T @ C": X / 3}),
    "grids, values": charts.grids("Two.", {"whole": X - 1, "C.T @ C": X / 3}),
}
every_picture = pytest.mark.parametrize("picture", PICTURES.values(), ids=PICTURES)


@every_picture
def test_drawing_and_words_have_the_same_titles_and_numbers(picture):
    drawn, written = drawn_in(picture.svg), grids_in_words(picture.words)
    assert len(drawn) == len(written) > 0
    for panel, in_words in zip(drawn, written, strict=True):
        assert panel.grid.title == in_words.title
        np.testing.assert_array_equal(panel.grid.numbers, in_words.numbers)


@every_picture
def test_drawing_and_words_have_the_same_marks(picture):
    framed = False
    for panel, in_words in zip(drawn_in(picture.svg), grids_in_words(picture.words), strict=True):
        for mark, look in (("x", "cut"), ("+", "plus")):
            assert in_words.marked(mark).tolist() == panel.masks[look].tolist()
        here = panel.inks == "on"
        assert (panel.grounds[here] == "now").all()
        step = np.pad(in_words.marked("[") & ~here, 1)
        outline = {(i, j + 0.5) for i, j in np.argwhere(step[1:, 1:-1] != step[:-1, 1:-1])} | {
            (i + 0.5, j) for i, j in np.argwhere(step[1:-1, 1:] != step[1:-1, :-1])
        }
        assert panel.edges == outline
        assert (panel.inks[panel.masks["cut"]] == "soft").all()
        framed |= panel.frame is not None
    assert framed == ("dashed frame" in picture.words)


@every_picture
def test_everything_is_within_the_picture_and_apart(picture):
    """No grid leaves the picture or touches another, frames and outlines included."""
    width, height = picture.size
    boxes = np.array([panel.at for panel in drawn_in(picture.svg)])
    assert boxes.min() >= 3
    assert boxes[:, 2].max() <= width - 3
    assert boxes[:, 3].max() <= height - 3
    for n, (left, top, right, bottom) in enumerate(boxes):
        for other in boxes[n + 1 :]:
            apart = max(other[0] - right, left - other[2], other[1] - bottom, top - other[3])
            assert apart >= 8


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
            "Step 2 of 4 adds input (0,1) = 52 times the kernel at rows 0 to 2, columns 1 to 3. "
            "Output: 4×4.",
        ),
        (
            SAME,
            0,
            "Step 1 of 4 adds input (0,0) = 55 times the kernel at rows 0 to 2, columns 0 to 2; "
            "kept: rows 1 to 2, columns 1 to 2. Output after the crop: 2×2.",
        ),
        (
            TransposedConvolution(X, W[:1, :1], strides=2),
            5,
            "Step 6 of 16 adds input (1,1) = 1 times the kernel at row 2, column 2. Output: 8×8.",
        ),
        (
            TransposedConvolution(X, W[:, :2], dilation_rate=2),
            0,
            "Step 1 of 16 adds input (0,0) = 3 times the kernel at rows 0, 2, 4, columns 0, 2. "
            "Output: 8×6.",
        ),
        (
            TransposedConvolution(X[:1, :1], W[:2, :2], padding="same", dilation_rate=4),
            0,
            "Step 1 of 1 adds input (0,0) = 3 times the kernel at rows 0, 4, columns 0, 4; "
            "all of it is cut off. Output after the crop: 1×1.",
        ),
    ],
)
def test_spread_says_the_step(transposed, step, caption):
    assert draw.spread(transposed, step).caption == caption


SMALL = [
    kind(X[:2, :2], W[:2, :2], padding="same") for kind in (Convolution, TransposedConvolution)
]


@pytest.mark.parametrize("walks", [LARGE, BOTH, SMALL], ids=["large", "oblong", "small"])
@pytest.mark.parametrize("view", draw.VIEWS)
def test_every_view_lights_the_same_step(walks, view):
    """The input cell of the step, the window read and the output cells that its patch reaches."""
    conv, transposed = walks
    step = 1
    picture = draw.compare(conv, transposed, view, step)
    gather, spread = picture.words.split("\n\nConv2DTranspose\n")
    of_conv, of_transposed = grids_in_words(gather), grids_in_words(f"\n{spread}")
    reached, window = transposed.reached[..., step], conv.reached[..., step]
    last = of_transposed[-1]
    if view == "matrix":
        reached, window = reached[transposed.frame], window[conv.frame]
    assert last.marked("[").ravel().tolist() == reached.ravel().tolist()
    (given,) = (g for g in of_transposed[:-1] if g.title.startswith(("input", "flat input")))
    assert given.numbers[given.marked("[")].tolist() == [transposed.X.flat[step]]
    if of_transposed[0].title.startswith("C.T "):
        column = np.zeros(transposed.matrix.shape, bool)
        column[:, step] = True
        assert of_transposed[0].marked("[").tolist() == column.tolist()
    if of_conv[0].title.startswith("C "):
        window = np.zeros(conv.matrix.shape, bool)
        window[step] = True
    assert of_conv[0].marked("[").tolist() == window.tolist()
    written = of_conv[-1].marked("[")
    assert np.flatnonzero(written).tolist() == [step]


def test_matrices_are_shown_whole_while_they_are_small():
    titles = [p.title for p in draw.compare(*SMALL, "matrix").panels]
    assert titles == ["C", "flat input", "flat output", "C.T", "flat input", "flat output"]
    nine = [kind(X[:3, :3], W, padding="same") for kind in (Convolution, TransposedConvolution)]
    assert {"C", "C.T"} < {p.title for p in draw.compare(*nine, "matrix").panels}
    titles = [p.title for p in draw.compare(None, SPREAD, "matrix").panels]  # of 16 rows
    assert titles == ["column 3 of C.T (16×4), reshaped", "input", "patch"]
    titles = [p.title for p in draw.compare(*LARGE, "matrix", 3).panels]
    assert titles[0] == "row 3 of C (4×16), reshaped"
    assert titles[3] == "column 3 of C.T (64×16), reshaped"


@pytest.mark.parametrize(
    ("view", "of_conv", "of_transposed"),
    [
        (
            "spread and sum",
            "its last step, 4, writes (1,1)",
            "step 6 of 16 adds input (1,1) = 1 times the kernel at rows 2 to 4, columns 2 to 4",
        ),
        (
            "overlap count",
            "outputs that read each input, its last step, 4, outlined",
            "inputs that make each output, 1, 2 or 4, a factor of 4 away from the border; "
            "step 6 of 16 outlined",
        ),
        (
            "zero insertion",
            "its last step, 4, writes (1,1)",
            "zeros between the inputs and around them, and a convolution; "
            "step 6 of 16, input (1,1) = 1, goes into the outline",
        ),
        (
            "matrix",
            "its last step, 4, is row 3 of C times the input",
            "step 6 of 16 is column 5 of C.T times input (1,1) = 1",
        ),
    ],
)
def test_each_view_tells_the_step_in_its_own_words(view, of_conv, of_transposed):
    """And a step that the convolution does not have is said."""
    caption = draw.compare(*LARGE, view, 5).caption
    assert (
        caption == f"Conv2D, 4×4 to 2×2: {of_conv}. Conv2DTranspose, 4×4 to 8×8: {of_transposed}."
    )
    alone = draw.compare(None, LARGE[1], view, 5).caption
    assert alone == f"Conv2D: no window fits. Conv2DTranspose, 4×4 to 8×8: {of_transposed}."


def test_stripes_show_which_inputs_made_a_cell():
    """Every cell of the output has the hues of its addends' inputs, side by side, equally wide."""
    for transposed, name in ((SPREAD, "placed"), (SAME, "placed, cropped")):
        hues = drawn_in(PICTURES[name].svg)[-1].hues
        offset = transposed.rows.pad_before
        for row, column in np.ndindex(transposed.output.shape):
            inputs = [np.ravel_multi_index(a.cell, (2, 2)) for a in transposed.addends(row, column)]
            stripes = hues[row + offset][column + offset]
            assert [hue for hue, _ in stripes] == [k + 1 for k in inputs]
            np.testing.assert_allclose([wide for _, wide in stripes], 1 / len(inputs), rtol=1e-3)


def test_a_dashed_frame_is_around_what_is_kept():
    *_, total = drawn_in(PICTURES["spread, cropped"].svg)
    rows, columns = SAME.frame
    assert total.frame == (rows.start, columns.start, rows.stop, columns.stop)


def looks(transposed, step):
    """The grounds and the inks of the sum so far, from what adds up in each cell."""
    reached = transposed.reached
    counts = sorted({count for count in reached.sum(axis=2).flat if count})
    for i, j in np.ndindex(transposed.canvas_shape):
        made, now = reached[i, j, : step + 1].sum(), reached[i, j, step]
        rank = sum(count < made for count in counts)
        depth = 1 + int(rank * 5 / max(2, len(counts) - 1))
        if not transposed.kept[i, j]:
            yield "n1" if now else "paper", "soft"
        elif made == 0:
            yield "paper", "soft"
        else:
            yield f"{'n' if now else 'k'}{depth}", "bold" if now else ""


def test_each_of_up_to_six_counts_has_a_depth_of_its_own():
    """In lesson 2's first picture there are 1, 2, 3, 4, 6 and 9 addends."""
    total = drawn_in(draw.compare(None, TransposedConvolution(X, W)).svg)[-1]
    counts = TransposedConvolution(X, W).counts
    plain = total.inks == ""
    depths = {(n, look) for n, look in zip(counts[plain], total.grounds[plain], strict=True)}
    assert sorted(depths) == [(1, "k1"), (2, "k2"), (3, "k3"), (4, "k4"), (6, "k5"), (9, "k6")]


@pytest.mark.parametrize(
    "transposed",
    [SPREAD, SAME, APART, OBLONG, TransposedConvolution(X, np.ones((5, 3), int), strides=(2, 1))],
    ids=["plain", "cropped", "appended", "oblong", "up to nine addends"],
)
def test_hue_says_this_step_and_depth_how_many_addends(transposed):
    for step in range(len(transposed)):
        *_, total = drawn_in(draw.spread(transposed, step).svg)
        both = zip(total.grounds.flat, total.inks.flat, strict=True)
        assert list(both) == list(looks(transposed, step))


def test_one_scale_of_greys_for_both_counts():
    """A count has the same grey in both grids."""
    for walks in (LARGE, BOTH):
        picture = draw.compare(*walks, "overlap count", step=0)
        grey = {}
        for panel in (panels := drawn_in(picture.svg))[0], panels[-1]:
            plain = ~panel.masks["cut"] & (panel.inks == "")
            for number, ground in zip(panel.grid.numbers[plain], panel.grounds[plain], strict=True):
                assert grey.setdefault(number, ground) == ground


def test_the_last_sum_is_the_output():
    assert drawn_in(draw.spread(SPREAD, 2).svg)[-1].grid.title == "running sum (4×4)"
    assert drawn_in(draw.spread(SPREAD, 3).svg)[-1].grid.title == "output (4×4)"
    assert drawn_in(draw.spread(SAME, 3).svg)[-1].grid.title == "output before the crop (4×4)"
    assert drawn_in(draw.window(CONV, 0).svg)[-1].grid.title == "output so far (2×2)"
    assert drawn_in(draw.window(CONV, 3).svg)[-1].grid.title == "output (2×2)"


def test_zero_insertion_outlines_the_window_of_its_caption():
    picture = PICTURES["zero insertion"]
    marked = grids_in_words(picture.words)[0].marked("[")
    assert "Output (2,1) is the window at rows 2 to 4, columns 1 to 2 times" in picture.caption
    assert np.argwhere(marked).tolist() == [[i, j] for i in (2, 3, 4) for j in (1, 2)]


@pytest.mark.parametrize(("step", "says"), [(2, "{} so far = "), (3, "{} = ")])
def test_a_sum_is_so_far_until_the_last_step(step, says):
    *_, link = draw.spread(SPREAD, step).links
    assert link["says"][0] == says


def test_words_count_the_overlaps():
    assert (
        "inputs that made each cell:\n1 2 2 1\n2 4 4 2\n2 4 4 2\n1 2 2 1"
        in draw.placed(SPREAD).words
    )


def test_the_key_explains_the_marks_that_are_drawn():
    (key,) = (text for text in texts_in(draw.spread(APART, 2).svg) if "zeros" in text)
    assert key == "+: zeros added"
    assert texts_in(draw.spread(SAME, 0).svg)[-1] == ("hatched: cut off · dashed frame: the output")
    assert not [text for text in texts_in(draw.spread(SPREAD, 0).svg) if "·" in text]


def test_words_explain_the_marks():
    assert draw.spread(SAME, 0).words.endswith(
        "nx hatched: cut off\n\n[n] this step\n\ndashed frame: the output, all but the nx"
    )


def test_a_picture_shrinks_to_fit_its_room():
    """And tells the page how high that is, so that nothing jumps when a setting changes."""
    large = TransposedConvolution(X, W, strides=4)
    for transposed in (SPREAD, SAME, APART, large):
        picture = draw.spread(transposed, 1, size=(600, 250))
        assert picture.size[0] <= 600
        assert picture.size[1] <= 250
        assert 'data-room="250"' in picture.svg
        test_everything_is_within_the_picture_and_apart(picture)


def test_two_layers_do_not_read_as_one_equation():
    """Each has a heading, its kernel and its signs, and stands apart or in a line of its own."""
    for walks in (BOTH, LARGE):
        picture = draw.compare(*walks, step=1)
        texts = texts_in(picture.svg)
        assert [t for t in texts if t.startswith("Conv2D")] == ["Conv2D", "Conv2DTranspose"]
        assert [t for t in texts if t in "∗×→|="] == ["∗", "→", "×", "→"]
        panels = drawn_in(picture.svg)
        titles = [panel.grid.title.split(" (")[0] for panel in panels]
        assert [title.split(" with")[0] for title in titles[:2]] == ["input", "kernel"]
        assert titles[3:5] == ["input", "kernel"]
        right = max(panel.at[2] for panel in panels[:3])
        below = max(panel.at[3] for panel in panels[:3])
        assert panels[3].at[0] - right >= 40 or panels[3].at[1] - below >= 40


def test_picture_shows_png_and_words(monkeypatch):
    picture, shown = draw.spread(SPREAD, 1), []
    monkeypatch.setattr(
        "transconv.picture.display", lambda *args, **kwargs: shown.append((args, kwargs))
    )
    picture._ipython_display_()
    ((bundle,), look), ((html,), _) = shown
    assert bundle["image/png"].startswith(b"\x89PNG")
    assert bundle["text/plain"] == repr(picture) == picture.words
    assert bundle[SVG] == picture.svg
    assert look["metadata"]["image/png"]["alt"] == picture.words
    assert look["raw"]
    shown_as = look["metadata"]["image/png"]
    assert (shown_as["width"], shown_as["height"]) == picture.size
    folded = r"<p>(.*?)</p><details><summary>as text</summary><pre>(.*)</pre></details>"
    told = re.fullmatch(folded, unescape(html.data), re.DOTALL)
    assert "\n\n".join(told.groups()) == picture.words


def test_walk_marks_what_each_step_read_and_changed():
    first, second = np.zeros((2, 3), int), np.array([[0, 7, 0], [0, 0, 0]])
    picture = draw.walk(
        "Three steps.",
        X,
        {
            ((0, 0), (0, 0)): first,
            ((0, 2), (0, 1)): second,
            ((2, 1), (0, 0)): np.array([[1, 8, 1], [0, 0, 0]]),
        },
        window=2,
    )
    marked = [grid.marked("[") for grid in grids_in_words(picture.words)]
    read = [X[of].tolist() for of in marked[::2]]
    assert read == [[3, 5, 4, 1], [2, 7, 3, 8], [3, 8, 6, 1]]
    no, yes = [False] * 3, [True] * 3
    assert [of.tolist() for of in marked[1::2]] == [[no, no], [[False, True, False], no], [yes, no]]
    full = [(panel.grounds == "now").sum() for panel in drawn_in(picture.svg)]
    assert full == [0, 0, 0, 1, 0, 0]  # cells in full colour: one that is marked alone
    texts = texts_in(picture.svg)
    assert "i,j = 0,2 → i',j' = 0,1" in texts


def test_words_give_the_factor_between_the_counts():
    """Also where the smallest is not 1: kernel 5, stride 2 has 2 or 3 inputs a row and a column."""
    for kernel, strides, words in (
        ((5, 5), 2, "4, 6 or 9, a factor of 2.25"),
        ((3, 4), (2, 1), "4 or 8, a factor of 2"),
        ((4, 4), 2, "4 everywhere"),
        ((1, 1), 2, "0 or 1, so that there are gaps"),
    ):
        transposed = TransposedConvolution(X, np.ones(kernel, int), strides)
        assert words in draw.compare(None, transposed, "overlap count").caption
        assert f": {words}." in draw.overlaps(transposed).caption


LINKED = [name for name in PICTURES if PICTURES[name].links]


@pytest.mark.parametrize("name", LINKED)
def test_links_sum_to_the_numbers(name):
    check_links(PICTURES[name])


def test_a_number_that_no_row_makes_says_why():
    links = {link["says"][2] for name in LINKED for link in PICTURES[name].links}
    assert links == {
        "No patch reaches it.",
        "No patch has reached it yet.",
        "This patch does not reach it.",
        "This cell is still to be written.",
        "No output reads it.",
        "No input.",
        "Another row of C makes it.",
        "This column does not reach it.",
    }


def test_crops_frame_what_each_keeps_of_one_output():
    """Kernel 3, stride 2, 2 inputs: of 5 cells an axis, "same" keeps the first 4."""
    full = TransposedConvolution(X[:2, :2], W, 2).output
    axes = {
        "ours": TransposedConvolution(X[:2, :2], W, 2, "same").rows,
        "all": TransposedConvolution(X[:2, :2], W, 2).rows,
    }
    picture = draw.crops("Two crops.", full, axes)
    assert picture.caption == "Two crops."
    ours, whole = drawn_in(picture.svg)
    assert ours.grid.title == "ours, before the crop (5×5)"
    assert ours.grid.numbers.tolist() == whole.grid.numbers.tolist() == full.tolist()
    assert (ours.frame, whole.frame) == ((0, 0, 4, 4), (0, 0, 5, 5))
    assert np.argwhere(~ours.masks["cut"]).tolist() == [list(at) for at in np.ndindex(4, 4)]
    assert not whole.masks["cut"].any()


@pytest.mark.parametrize(
    ("name", "titles"),
    [
        ("window", ["input", "window", "kernel", "products", "output so far"]),
        ("placed", [*(f"placed patch of {x}" for x in (55, 52, 57, 50)), "output"]),
        ("spread", ["input", "kernel", "placed patch of 52", "running sum"]),
        ("matrix", ["convolution matrix C"]),
        ("matrix times vector", ["C", "flat input", "flat output", "output"]),
        (
            "transpose times vector",
            ["C.T", "flat input", "columns × inputs", "flat output"],
        ),
        ("columns reshaped", [*(f"column ×{x}" for x in (55, 52, 57, 50)), "output"]),
        ("zero insertion", ["input with zeros added", "kernel, rotated", "output"]),
    ],
)
def test_each_grid_says_what_it_is(name, titles):
    assert [panel.title for panel in PICTURES[name].panels] == titles


def test_zeros_that_were_inserted_are_marked_and_no_input_is():
    conv, transposed = LARGE
    for step in range(len(transposed)):
        panels = drawn_in(draw.compare(conv, transposed, "zero insertion", step).svg)
        *_, given = [one for one in panels if one.grid.title.startswith("input with zeros added")]
        np.testing.assert_array_equal(given.masks["plus"], transposed.inserted < 0)
