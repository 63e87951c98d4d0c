"""The strip: all steps of one row at a glance, and the same ties read upward."""

import re
from itertools import product

import numpy as np
import pytest
from reading import check_links, drawn_in, grids_in_words, texts_in

from transconv import conv2d, conv2d_transpose, draw, explore, svg
from transconv.steps import Convolution, TransposedConvolution

X, W = np.array([[3, 5, 2, 7, 4]]), np.array([[1, 2, 1, 3, 2]])


def walks():
    """Every walk of small sizes that the layers take."""
    for n, k, s, padding, d in product(
        (1, 2, 4), (1, 2, 3, 5), (1, 2, 4), ("valid", "same"), (1, 2)
    ):
        for over in (None, 0, 1, 3):
            how = X[0, :n], W[0, :k], s, padding, d
            try:
                yield TransposedConvolution.of_row(*how, output_padding=over)
                if over is None:
                    yield Convolution.of_row(*how)
            except ValueError:
                continue


WALKS = list(walks())


def numbers(picture):
    """The numbers of the four panels."""
    return [grid.numbers for grid in grids_in_words(picture.words)]


def of_one_row(operation, walk, *more):
    setting = walk.setting
    how = setting.strides, setting.padding, *more, setting.dilation_rate
    return operation(walk.X[None, :, :, None], walk.W[:, :, None, None], *how)[0, :, :, 0]


def test_in_words():
    walk = TransposedConvolution(X[:, :4], W[:, :3], (1, 2), "same")
    assert draw.strip(walk, 2).words == (
        "Conv2DTranspose, 4 to 8: kernel 3, stride 2, same. Read down: each input value times the "
        "kernel is a patch, and each column is summed. Outlined: step 3 of 4.\n\n"
        "kernel (1×3)\n1 2 1\n\n"
        "input (1×4)\n3 . 5 . [2] . 7\n\n"
        "patches (4×3)\n"
        "3 × kernel 3 6 3  .   .   .   .  . .\n"
        "5 × kernel . . 5 10   5   .   .  . .\n"
        "2 × kernel . . .  . [2] [4] [2]  . .\n"
        "7 × kernel . . .  .   .   .   7 14 7\n\n"
        "sum of each column (1×9)\n"
        "made by 1 1 2  1   2   1   2  1  1\n"
        "        3 6 8 10 [7] [4] [9] 14 7x\n"
        "columns 0 to 7: output: 4 · 2 = 8\n"
        "columns 8 to 8: 1 cut\n"
        "columns 0 to 8: whole spread: (4 − 1) · 2 + 3 = 9\n\n"
        "nx hatched: cut off\n\n[n] this step\n\ndashed frame: the output, all but the nx"
    )
    convolution = draw.strip(Convolution(X, W[:, :3], (1, 2), "same"))
    assert convolution.words == (
        "Conv2D, 5 to 3: kernel 3, stride 2, same. Read up: each window of the input times the "
        "kernel, and each row is summed.\n\n"
        "kernel (1×3)\n1 2 1\n\n"
        "output: sum of each row (1×3)\n11 . 16 . 15\n\n"
        "windows × kernel (3×3)\n"
        "0 6 5 . . . .\n"
        ". . 5 4 7 . .\n"
        ". . . . 7 8 0\n\n"
        "input with zeros added (1×7)\n"
        "read by  1 1 2 1 2 1  1\n"
        "        0+ 3 5 2 7 4 0+\n"
        "columns 0 to 0: 1 added\n"
        "columns 1 to 5: input: 5\n"
        "columns 6 to 6: 1 added\n"
        "columns 0 to 6: all windows: (3 − 1) · 2 + 3 = 7\n\n"
        "n+ zeros added"
    )


@pytest.mark.parametrize(
    ("stride", "dilation", "more", "said"),
    [
        (3, 1, {}, "kernel 3, stride 3, valid"),
        (3, 1, {"output_padding": 0}, "kernel 3, stride 3, valid, output_padding 0"),
        (3, 1, {"output_padding": 1}, "kernel 3, stride 3, valid, output_padding 1"),
        (1, 2, {}, "kernel 3, stride 1, valid, dilation 2"),
    ],
)
def test_the_caption_names_what_is_set_and_no_more(stride, dilation, more, said):
    walk = TransposedConvolution.of_row(X[0, :2], W[0, :3], stride, "valid", dilation, **more)
    assert f": {said}. Read" in draw.strip(walk).caption


def test_numbers_are_those_of_the_layers():
    seen = set()
    for walk in WALKS:
        picture = draw.strip(walk)
        kernel, small, bricks, big = numbers(picture)
        spreads = isinstance(walk, TransposedConvolution)
        seen.add(spreads)
        np.testing.assert_array_equal(kernel[~np.isnan(kernel)], walk.W.ravel())
        total, of = (big, np.nansum(bricks, axis=0)) if spreads else (small, np.nansum(bricks, 1))
        np.testing.assert_array_equal(total[~np.isnan(total)], of)
        if spreads:
            output = of_one_row(conv2d_transpose, walk, walk.setting.output_padding)
            kept = ~grids_in_words(picture.words)[-1].marked("x")
            np.testing.assert_array_equal(big[kept], output.ravel())
            np.testing.assert_array_equal(small[0, :: walk.columns.stride], walk.X[0])
        else:
            np.testing.assert_array_equal(of, of_one_row(conv2d, walk).ravel())
            given = ~grids_in_words(picture.words)[-1].marked("+")
            np.testing.assert_array_equal(big[given], walk.X.ravel())
    assert seen == {True, False}


def test_a_brick_lies_where_the_geometry_ties_its_step_to_the_big_axis():
    for walk in WALKS:
        bricks, axis = numbers(draw.strip(walk))[2], walk.columns
        for step, row in enumerate(bricks):
            (columns,) = np.nonzero(~np.isnan(row))
            np.testing.assert_array_equal(columns - axis.pad_before, axis.cells(step))


def test_brackets_say_what_the_axis_says():
    seen = set()
    for walk in WALKS:
        axis, setting = walk.columns, walk.setting
        lines = re.findall(r"columns (\d+) to (\d+): (.*)", draw.strip(walk).words)
        said = {}
        for first, last, text in lines:
            *rule, number = map(str.strip, text.split(": ")[-1].split("="))
            number = int(re.search(r"\d+", number)[0])
            assert number == int(last) - int(first) + 1
            for formula in rule:
                assert eval(formula.replace("·", "*").replace("−", "-")) == number
            name = re.search("[a-z ]+", text)[0].strip()
            said.setdefault(name, []).append((int(first), number))
        transposed = isinstance(walk, TransposedConvolution)
        start, end = axis.pad_before, axis.full - axis.pad_before - axis.big
        wanted = {
            ("whole spread" if transposed else "all windows"): [(0, axis.full)],
            ("output" if transposed else "input"): [(start, axis.big)],
            ("cut" if transposed else "added"): [
                (at, n) for at, n in ((0, start), (start + axis.big, end)) if n > 0
            ],
            ("appended" if transposed else "not read"): [(axis.full, -end)] * (end < 0),
        }
        assert said == {name: of for name, of in wanted.items() if of}
        seen |= said.keys()
        if transposed and setting.padding == "same" and not setting.output_padding:
            assert f"output: {axis.small} · {axis.stride} = {axis.big}" in draw.strip(walk).words
    assert len(seen) == 8


def test_links_evaluate_to_the_number_that_is_shown():
    """What a patch's cell is made of, and what a sum is made of: nothing else is linked."""
    for walk in WALKS:
        picture = draw.strip(walk)
        titles = [[picture.panels[p].title for p in link["panels"]] for link in picture.links]
        if isinstance(walk, TransposedConvolution):
            ties = [["patches", "input", "kernel"], ["sum of each column", "patches"]]
        else:
            small, big = picture.panels[1].title, picture.panels[3].title
            ties = [[small, "windows × kernel"], ["windows × kernel", big, "kernel"]]
        assert titles == ties
        check_links(picture)


def test_cells_that_can_be_typed_into_are_told():
    walk = TransposedConvolution(X[:, :2], W[:, :2], (1, 3))
    given = draw.strip(walk).given
    assert given["0"] == {"name": "kernel", "width": 2, "places": [0, 1]}
    assert given["1"] == {"name": "input", "width": 2, "places": [0, -1, -1, 1]}


def test_every_strip_is_drawn_as_it_is_told():
    """Numbers, marks and brackets; blank cells have no ground; nothing is out of the picture."""
    for n, walk in enumerate(WALKS):
        picture = draw.strip(walk, n % len(walk))
        width, height = picture.size
        panels = drawn_in(picture.svg)
        for panel, grid in zip(panels, grids_in_words(picture.words), strict=True):
            assert panel.grid.title == grid.title
            np.testing.assert_array_equal(panel.grid.numbers, grid.numbers)
            assert ((panel.grounds == "") == np.isnan(grid.numbers)).all()
            assert (panel.masks["cut"] == grid.marked("x")).all()
            assert (panel.masks["plus"] == grid.marked("+")).all()
            step = np.isin(panel.inks, ["bold", "on"]) | (grid.marked("[") & panel.masks["cut"])
            assert (step | (grid.marked("[") & panel.masks["plus"]) == grid.marked("[")).all()
            left, top, right, bottom = panel.at
            assert left == panels[0].at[0]
            assert 0 < top < bottom < height
            assert right < width
        cells = [int(cell) for cell in re.findall(r'class="bracket" d="M(\d+)', picture.svg)]
        side = (panels[0].at[2] - panels[0].at[0]) / panels[0].grounds.shape[1]
        assert [round((at - 2) / side, 6) for at in cells] == [start for _, start, _ in walk.parts]


def bracketed(svg_text):
    """(left, right, baseline) of the texts of brackets."""
    for middle, y, text in re.findall(r'class="number" x="([\d.]+)" y="(\d+)">(.*?)<', svg_text):
        half = svg.text_width(text, svg.TITLE) / 2
        yield float(middle) - half, float(middle) + half, int(y)


def test_texts_of_brackets_do_not_touch_and_are_in_the_picture():
    for walk in WALKS:
        picture = draw.strip(walk, size=(500, 300))
        left = drawn_in(picture.svg)[0].at[0]
        texts = list(bracketed(picture.svg))
        assert len(texts) == len(walk.parts)
        for n, (start, end, y) in enumerate(texts):
            assert 0 < left + start < left + end < picture.size[0]
            assert all(y != b or end < a or start > c for a, c, b in texts[n + 1 :])


def test_refuses_more_than_one_row():
    with pytest.raises(ValueError, match=r"walk must be of one row\. Received: 2 rows"):
        draw.strip(TransposedConvolution(X, W.T[:2]))


@pytest.fixture
def explorer():
    return explore.strip(X[0], [1, 2, 1, 3, 2, 1, 2])


def test_explorer_shows_cells_come_out_of_the_crop(explorer):
    """Seven taps, stride 3, same: at both ends by turns."""
    explorer.setting = {"kernel_size": 7, "stride": 3, "padding": "same"}
    kept = {}
    for over in (0, 1, 2):
        explorer.setting = {"output_padding": over}
        cut = grids_in_words(explorer.picture.words)[-1].marked("x")
        kept[over] = np.flatnonzero(~cut).tolist()
    assert kept == {0: [*range(3, 13)], 1: [*range(2, 13)], 2: [*range(2, 14)]}


def test_explorer_outlines_a_patch_or_none(explorer):
    (step,) = (control for control in explorer.controls if control["name"] == "step")
    assert step["label"] == "patch"
    assert "Outlined" not in explorer.picture.caption
    for patch in (1, 4):
        explorer.setting = {"step": patch}
        assert f"Outlined: step {patch} of 4." in explorer.picture.caption


def test_explorer_says_why_the_layers_refuse_a_setting(explorer):
    whole = {"size": 4, "kernel_size": 3, "stride": 2, "padding": "valid", "output_padding": None}
    whole |= {"dilation": 1, "step": None}
    reasons = {}
    for name, value in [("output_padding", 2), ("dilation", 2), ("stride", 2)]:
        asked = dict(explorer.setting) | whole | {name: value}
        sent = []
        explorer.send = sent.append
        explorer._answer(explorer, {"id": 1, "ask": [asked]}, [])
        (frame,) = sent[0]["frames"].values()
        reasons[name] = frame.get("error", "a picture")
    assert reasons["output_padding"].startswith("ValueError: output_padding must be smaller than")
    assert reasons["dilation"].startswith("ValueError: strides and dilation_rate cannot both")
    assert reasons["stride"] == "a picture"


def test_explorer_has_one_size(explorer):
    for size, kernel in product((1, 5), (1, 7)):
        explorer.setting = {"size": size, "kernel_size": kernel}
        width, height = explorer.picture.size
        assert width <= explore.TALL[0]
        assert height <= explore.TALL[1]
        assert f'data-room="{explore.TALL[1]}"' in explorer.picture.svg
        assert {f"input 1×{size}", f"kernel 1×{kernel}"} <= set(texts_in(explorer.picture.svg))
