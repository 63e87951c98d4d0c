"""The pixels: every cell, line and text is where it was put, and looks like what it is."""

from copy import copy

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image, ImageColor
from test_draw import PICTURES

from transconv.sheet import GREY, INK, PAPER, RULE, Cell, Sheet

every_sheet = pytest.mark.parametrize(
    "sheet", [picture.drawing for picture in PICTURES.values()], ids=PICTURES
)
scales = pytest.mark.parametrize("scale", [1, 2])


def painted(sheet, scale=1):
    """The pixels, as (height, width, 3) integers."""
    return np.asarray(sheet.paint(scale).convert("RGB")).astype(int)


def places(sheet, scale):
    """Each cell with the left and top pixel of it, and its side in pixels."""
    side = int(sheet.cell * scale)
    for x, y, rows in sheet.grids:
        for i, row in enumerate(rows):
            for j, cell in enumerate(row):
                yield cell, int(x * side + 0.5) + j * side, int(y * side + 0.5) + i * side, side


def one_cell(cell, scale=1):
    """The pixels of a sheet with one cell of 34 CSS pixels, without its rules."""
    sheet = Sheet((36, 36), 34)
    sheet.grid(0, 0, [[cell]])
    side = 34 * scale
    return painted(sheet, scale)[scale:side, scale:side]


@every_sheet
@scales
def test_every_cell_has_its_colours_in_stripes(sheet, scale):
    pixels = painted(sheet, scale)
    for cell, left, top, side in places(sheet, scale):
        if cell.hatched:
            continue
        share = side / len(cell.colours)
        for n, colour in enumerate(cell.colours):
            wanted = ImageColor.getrgb(colour) if isinstance(colour, str) else colour
            middle = left + round((n + 0.5) * share)
            if share > 3 * scale:  # else its middle may be its neighbour's
                below = pixels[top + round(0.87 * side), middle]  # the text
                black = cell.circled or np.abs(below).max() == 0
                assert black or np.abs(below - wanted).max() <= 24


@every_sheet
@scales
def test_every_outline_is_black(sheet, scale):
    pixels, side = painted(sheet, scale), int(sheet.cell * scale)
    for left, top, right, bottom in sheet.outlines + sheet.frames:
        assert not pixels[round((top + bottom) / 2 * side), round((left + right) / 2 * side)].any()


@scales
def test_a_grid_has_a_rule_around_every_cell(scale):
    sheet, side = Sheet((100, 80), 20), 20 * scale
    sheet.grid(1, 1, [[Cell("8")] * 3] * 2)
    grey = np.abs(painted(sheet, scale)[..., 0] - ImageColor.getrgb(RULE)[0]) <= 1
    for n in range(3):
        assert grey[side + n * side, side : 4 * side].all()
    for n in range(4):
        assert grey[side : 3 * side, side + n * side].all()


@scales
@pytest.mark.parametrize("string", ["0", "1", "7", "-4", "12", "323", "-0.5"])
@pytest.mark.parametrize("bold", [False, True])
def test_numbers_stand_in_the_middle_of_their_cells(string, bold, scale):
    dark = one_cell(Cell(string, size=0.42, bold=bold), scale).min(axis=2) < 128
    rows, columns = (np.flatnonzero(dark.any(axis=axis)) for axis in (1, 0))
    for ends in (rows, columns):
        assert ends[0] > 0
        assert abs((ends[0] + ends[-1]) / 2 - (len(dark) - 1) / 2) <= 1.5 * scale
    assert 0.2 < len(rows) / len(dark) < 0.4


def shape(dark):
    """What is dark, cut out and made equally large."""
    rows, columns = (np.flatnonzero(dark.any(axis=axis)) for axis in (1, 0))
    cut = dark[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return (
        np.asarray(Image.fromarray(cut).convert("L").resize((20, 30), Image.Resampling.BOX)) / 255
    )


def by_matplotlib(character, bold):
    """The shape of a character as matplotlib draws it, large."""
    figure = Figure((2, 2))
    weight = "bold" if bold else "normal"
    figure.text(0.3, 0.3, character, size=72, family="DejaVu Sans", weight=weight)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return shape(np.asarray(canvas.buffer_rgba())[..., 0] < 128)


@scales
@pytest.mark.parametrize("bold", [False, True])
def test_every_digit_looks_like_itself(bold, scale):
    known = {digit: by_matplotlib(digit, bold) for digit in "0123456789"}
    for digit in known:
        drawn = shape(one_cell(Cell(digit, size=0.42, bold=bold), scale).min(axis=2) < 128)
        assert min(known, key=lambda other: np.abs(known[other] - drawn).mean()) == digit


def test_bold_is_bolder_and_grey_is_paler():
    plain = one_cell(Cell("8"))
    assert one_cell(Cell("8", bold=True)).sum() < plain.sum()
    grey = one_cell(Cell("8", ink=GREY))
    assert grey.sum() > plain.sum()
    assert grey.min() == ImageColor.getrgb(GREY)[0]


@pytest.mark.parametrize(
    ("mark", "where"),
    [
        ("hatched", "everywhere"),
        ("crossed", "top right"),
        ("circled", "around"),
    ],
)
def test_marks_are_seen_where_they_belong(mark, where):
    marked = one_cell(Cell("", **{mark: True})).min(axis=2) < 250
    i, j = np.indices(marked.shape) / (len(marked) - 1)
    corner = (i < 0.4) & (j > 0.6)
    ring = np.abs(np.hypot(i - 0.5, j - 0.5) - 0.45) < 0.08
    if where == "top right":
        assert marked[corner].any()
        assert not marked[~corner].any()
    if where == "around":
        assert not marked[~ring].any()
        assert all(marked[a].any() for a in (i < 0.2, i > 0.8, j < 0.2, j > 0.8))
    if where == "everywhere":
        assert 0.1 < marked.mean() < 0.5
        for quarter in (marked[:17, :17], marked[:17, 17:], marked[17:, :17], marked[17:, 17:]):
            assert quarter.any()


@scales
@pytest.mark.parametrize("align", ["left", "center", "right"])
def test_texts_stand_where_they_are_put(align, scale):
    sheet = Sheet((300, 60), 30)
    sheet.text("HHHH", 5, 1, 0.5, align)
    rows, columns = (
        np.flatnonzero((painted(sheet, scale) < 128).any(axis=(2, axis))) for axis in (1, 0)
    )
    assert (rows[0] + rows[-1]) / 2 == pytest.approx(30 * scale, abs=1.5 * scale)
    ends = {"left": columns[0], "center": columns[[0, -1]].mean(), "right": columns[-1]}
    assert ends[align] == pytest.approx(150 * scale, abs=2.5 * scale)


def test_a_frame_is_dashed_and_ends_in_corners():
    sheet = Sheet((200, 200), 20)
    sheet.frame(2, 3, 4, 5)
    dark = painted(sheet)[..., 0] < 128
    rows, columns = (np.flatnonzero(dark.any(axis=axis)) for axis in (1, 0))
    np.testing.assert_allclose([*rows[[0, -1]], *columns[[0, -1]]], [60, 140, 40, 140], atol=4)
    for line in (dark[rows[0]], dark[rows[-1]], dark[:, columns[0]], dark[:, columns[-1]]):
        inked = np.flatnonzero(line)
        assert 0.5 < len(inked) / (inked[-1] - inked[0] + 1) < 0.85
    for corner in ((0, 0), (0, -1), (-1, 0), (-1, -1)):
        assert dark[rows[corner[0]], columns[corner[1]]]


@every_sheet
def test_few_colours_or_all_of_them_look_the_same(sheet):
    """A palette made for the tints is faster than one made for each picture, and as good."""
    if sheet.colours is None:
        pytest.skip("painted with all colours anyway")
    few = painted(sheet)
    everything = copy(sheet)
    everything.colours = None
    off = np.abs(few - painted(everything)).max(axis=2)
    assert off.max() < 48
    assert (off > 12).mean() < 0.02


def test_an_outline_lies_on_the_rules_around_a_cell():
    sheet, bare = Sheet((100, 100), 20), Sheet((100, 100), 20)
    for s in (sheet, bare):
        s.grid(1, 1, [[Cell("")] * 3] * 3)
    sheet.outline(1, 1, np.eye(3, dtype=bool)[[1]].repeat(3, axis=0) & np.eye(3, dtype=bool))
    black = (painted(sheet) == 0).all(axis=2)
    rows, columns = (np.flatnonzero(black.any(axis=axis)) for axis in (1, 0))
    assert (rows[[0, -1]] == [39, 61]).all()  # of the middle cell, whose rules are at 40 and 60
    assert (columns[[0, -1]] == [39, 61]).all()


def test_white_and_black_are_exact():
    assert (one_cell(Cell("")) == ImageColor.getrgb(PAPER)[0]).all()
    assert (one_cell(Cell("", colours=(INK,))) == 0).all()
