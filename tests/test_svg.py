"""The look: legible in light and dark, in print and to the colour-blind, and always the same."""

import re
from io import BytesIO
from itertools import chain, combinations
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image
from reading import drawn_in, texts_in
from test_draw import PICTURES

from transconv import svg
from transconv.picture import Bracket, Panel, column, groups, row

DARK = pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
INKS = {"": "ink", "bold": "ink"}  # the others have the name of their colour


def luminance(colour):
    """WCAG 2's relative luminance of "#rrggbb"."""
    rgb = linear(colour)
    return rgb @ [0.2126, 0.7152, 0.0722]


def linear(colour):
    parts = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def pairs(picture):
    """(ink, ground) of every number of a picture, as names of colours."""
    for panel in drawn_in(picture.svg):
        for ink, ground, hues in zip(
            panel.inks.flat, panel.grounds.flat, chain.from_iterable(panel.hues), strict=True
        ):
            for look in [f"h{hue}" for hue, _ in hues] or [ground]:
                if look:  # a blank cell of a loose panel has none
                    yield INKS.get(ink, ink), look


@DARK
def test_every_number_stands_out_from_its_ground(dark):
    """At least 4.5 to 1, as WCAG asks, in every picture."""
    colours = svg.colours(dark)
    seen = {pair for picture in PICTURES.values() for pair in pairs(picture)}
    assert {"now", "paper", "k1", "k6", "n1", "n6", "h1", "h4", "v1", "v8"} <= {
        look for _, look in seen
    }
    for ink, ground in seen:
        assert contrast(colours[ink], colours[ground]) >= 4.5, f"{ink} on {ground}"


@DARK
def test_so_does_what_the_pictures_of_the_tests_may_lack(dark):
    colours = svg.colours(dark)
    shades = [("low", f"v{n}") for n in range(1, 5)] + [("high", f"v{n}") for n in range(5, 9)]
    signed = [("ink", f"{sign}{n}") for sign in "pm" for n in range(1, 4)]
    hues = [("ink", f"h{n}") for n in range(1, 5)]
    greys = [("ink", f"{kind}{n}") for kind in "nk" for n in range(1, 7)]
    for ink, ground in [*shades, *signed, *hues, *greys, ("on", "now"), ("soft", "paper")]:
        assert contrast(colours[ink], colours[ground]) >= 4.5, f"{ink} on {ground}"


def test_the_shades_are_cividis_or_paler():
    """The blue ones and the greys are matplotlib's; the yellow ones are paler on white paper."""
    from matplotlib import colormaps
    from matplotlib.colors import to_hex

    dark = svg.colours(dark=True)
    stops = (0.0, 0.12, 0.24, 0.36, 0.62, 0.74, 0.87, 1.0)
    cividis = [to_hex(colormaps["cividis"](stop)) for stop in stops]
    assert [dark[f"v{n}"] for n in range(1, 9)] == cividis
    light = svg.colours()
    assert [light[f"v{n}"] for n in range(3, 9)] == cividis[5::-1]
    for colours, sign in ((light, -1), (dark, 1)):
        brightness = [luminance(colours[f"v{n}"]) for n in range(1, 9)]
        assert (np.diff(brightness) * sign > 0).all()


# Viénot, Brettel and Mollon 1999 for the first two, Brettel, Viénot and Mollon 1997 (as one plane)
# for the third: how linear red, green and blue look to a reader without one kind of cone.
BLIND = {
    "none": np.eye(3),
    "grey print": np.tile([0.2126, 0.7152, 0.0722], (3, 1)),
    "protanopia": [[0.11238, 0.88762, 0], [0.11238, 0.88762, 0], [0.00401, -0.00401, 1]],
    "deuteranopia": [[0.29275, 0.70725, 0], [0.29275, 0.70725, 0], [-0.02234, 0.02234, 1]],
    "tritanopia": [
        [1.01277, 0.13548, -0.14826],
        [-0.01243, 0.86812, 0.14431],
        [0.07589, 0.805, 0.11911],
    ],
}


def seen(colour, eyes):
    """The colour as these eyes see it, in CIELAB, whose distances are what one sees."""
    rgb = np.clip(np.array(BLIND[eyes]) @ linear(colour), 0, 1)
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    xyz = np.array(to_xyz) @ rgb / [0.9505, 1, 1.089]
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@DARK
@pytest.mark.parametrize("eyes", BLIND)
def test_this_step_is_told_from_earlier_sums_by_everyone(eyes, dark):
    """Its outline and its full colour stand out from every ground; its numbers are bold, too."""
    colours = {name: seen(colour, eyes) for name, colour in svg.colours(dark).items()}
    for ground in ("paper", *(f"{kind}{n}" for kind in "kn" for n in range(1, 7))):
        assert np.linalg.norm(colours["now"] - colours[ground]) > 20, ground
    panel = drawn_in(PICTURES["spread"].svg)[-1]
    step = np.char.startswith(panel.grounds.astype(str), "n")
    assert ((panel.inks == "bold") == step).all()
    assert panel.edges


@DARK
@pytest.mark.parametrize("eyes", BLIND)
def test_depths_are_told_apart_by_everyone(eyes, dark):
    colours = svg.colours(dark)
    for kind in "kn":
        levels = "paper", *(f"{kind}{n}" for n in range(1, 7))
        steps = np.diff([seen(colours[level], eyes)[0] for level in levels])
        assert (np.sign(steps) == np.sign(steps[0])).all()
        assert np.abs(steps).min() > 2.5  # one is a difference that can just be seen


@DARK
@pytest.mark.parametrize("eyes", ["none", "protanopia", "deuteranopia", "tritanopia"])
def test_the_hues_of_inputs_are_told_apart_in_colour(eyes, dark):
    colours = svg.colours(dark)
    for one, other in combinations("1234", 2):
        apart = seen(colours[f"h{one}"], eyes) - seen(colours[f"h{other}"], eyes)
        assert np.linalg.norm(apart) > 9


def test_every_look_that_is_drawn_is_in_the_style_sheet():
    for name, picture in PICTURES.items():
        assert set(re.findall(r"var\(--(\w+)\)", picture.svg)) <= svg.colours().keys()
        for look, ground in re.findall(r'class="(\w+)" style="fill:var\(--(\w+)\)"', picture.svg):
            assert look == ground
        for looks in re.findall(r'class="([^"]+)"(?! style="fill)', picture.svg):
            for look in set(looks.split()) - {"transconv", "panel", "title"}:
                assert re.search(rf"\.transconv \.{look}(,| {{)", svg.LOOK), (name, look)


def test_no_other_file_knows_a_colour():
    from importlib.resources import files

    for path in files("transconv").iterdir():
        if path.name.endswith(".py"):
            assert not re.findall(r"""["']#[0-9a-fA-F]{3,8}["']""", path.read_text()), path.name


def test_text_width_is_that_of_the_stored_font():
    font = svg.FONTS[0]
    from PIL import ImageFont

    for text in ("running sum before the crop 4×4", "→", "i,j = 0,0"):
        wide = ImageFont.truetype(str(font), 100).getlength(text, features=["-kern"])
        assert svg.text_width(text, 100) == pytest.approx(wide, rel=0.01)
    assert svg.text_width("10", bold=True) > svg.text_width("10")


def test_no_number_is_wider_than_its_cell():
    """In bold, and in a font that is a tenth wider than the stored one."""
    for number in (7, 88, 888, -888, 8888, -88888, 8888888):
        values = np.full((1, 2), number)
        picture = row("", Panel("a", values, step=np.ones((1, 2), bool)))
        size = float(re.search('font-size="(.*?)"', picture.svg)[1])
        side = int(re.search('data-cells="1,2,(.*?)"', picture.svg)[1])
        assert 1.1 * svg.text_width(str(number), size, bold=True) <= side
        assert size >= 0.12 * side


def test_titles_wrap_where_the_grid_is_narrow():
    narrow = row(
        "", Panel("flat input", np.ones((3, 1), int)), "@", Panel("b", np.ones((3, 3), int))
    )
    assert texts_in(narrow.svg)[:3] == ["flat", "input", "3×1"]
    wide = row("", Panel("flat input", np.ones((3, 4), int)))
    assert texts_in(wide.svg)[0] == "flat input 3×4"


def test_a_grid_stands_below_the_longest_of_the_titles_that_it_has_at_some_step():
    titles = "sum", "the sum of all patches so far"
    walk = [row("", Panel(title, np.ones((3, 1), int), room=(set(titles), 1))) for title in titles]
    tops = [drawn_in(picture.svg)[0].at[1] for picture in walk]
    alone = drawn_in(row("", Panel(titles[1], np.ones((3, 1), int))).svg)[0].at[1]
    assert tops == [alone, alone]


def test_a_sign_stands_in_the_middle_between_its_grids():
    tall, low = (Panel("a", np.ones(shape, int)) for shape in ((6, 2), (2, 2)))
    picture = row("", tall, "×", low)
    (_, top, left, bottom), (right, above, _, below) = (p.at for p in drawn_in(picture.svg))
    x, y = map(int, re.search('class="sign" x="(.*?)" y="(.*?)"', picture.svg).groups())
    assert x == pytest.approx((left + right) / 2, abs=1)
    middle = y - 0.36 * svg.SIGN  # of a letter, above the line that it stands on
    assert middle == pytest.approx((top + bottom) / 2, abs=1)
    assert above + below == top + bottom


def test_groups_have_a_line_between_them_and_nowhere_else():
    one, two, three = (Panel(name, np.ones((2, 2), int)) for name in "abc")
    picture = groups("", {"One": [one], "Two": [two], "Three": [three]})
    lines = re.findall(r'class="rule" d="M(-?\d+) \d+V\d+"', picture.svg)
    ends = [panel.at for panel in drawn_in(picture.svg)]
    assert len(lines) == 2
    for x, (_, _, left, _), (right, *_) in zip(map(int, lines), ends, ends[1:], strict=False):
        assert left < x < right


def test_a_drawing_that_needs_no_page_has_its_rules_and_nothing_else_in_its_style():
    style = re.search("<style>(.*?)</style>", svg.alone(PICTURES["spread"].svg), re.DOTALL)[1]
    assert re.fullmatch(r"(\.transconv[^{}]*\{[^{}]*\}\s*)+", style)
    assert "var(" not in style


def test_every_path_is_made_of_lines():
    for name, picture in PICTURES.items():
        for path in re.findall(r' d="([^"]*)"', picture.svg):
            assert re.fullmatch(r"(([MmLl] ?-?[\d.]+[ ,]-?[\d.]+|[HhVv]-?[\d.]+)|[Zz])*", path), (
                name
            )


def test_row_heads_end_before_the_grid_and_column_heads_stand_above_it():
    heads = re.findall('<text class="(head[^"]*)" x="(.*?)" y="(.*?)"', PICTURES["matrix"].svg)
    assert {look for look, *_ in heads} == {"head end", "head number"}
    for look, x, y in heads:
        assert float(x if look == "head end" else y) < 0


def test_the_deepest_of_six_counts_has_the_sixth_grey_or_tint():
    made = np.arange(7)[None]
    for step, kind in ((made < 0, "k"), (made > 0, "n")):
        panel = Panel("a", made, made=made, step=step)
        assert panel.grounds().tolist() == [["paper", *(f"{kind}{n}" for n in range(1, 7))]]


def test_counts_are_told_where_they_are_not_the_numbers_themselves():
    made = np.array([[1, 2]])
    for values, told in (([[1, 2]], False), ([[1, 7]], True), ([[5, 7]], True)):
        words = Panel("a", np.array(values), made=made).words()
        assert ("inputs that made each cell:" in words) == told
    once = Panel("a", np.array([[5, 0]]), made=np.array([[1, 0]])).words()
    assert once == "a (1×2)\n5 0", "a zero and a number tell it"


def test_what_is_written_is_escaped():
    picture = row('a "caption" <with> & signs', Panel("C < C.T & more", np.ones((2, 9), int)))
    assert drawn_in(picture.svg)[0].grid.title == "C < C.T & more (2×9)"
    assert 'aria-label="a &quot;caption&quot; &lt;with&gt; &amp; signs"' in picture.svg


@pytest.mark.parametrize("name", ["spread", "placed, cropped", "compare, matrix"])
@pytest.mark.parametrize("scale", [1, 2])
def test_png_has_the_light_colours_and_nothing_cut_off(name, scale):
    picture = PICTURES[name]
    pixels = np.asarray(Image.open(BytesIO(picture.png(scale))).convert("RGB")).astype(int)
    width, height = picture.size
    assert pixels.shape == (scale * height, scale * width, 3)
    border = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    assert border.min() > 250, "something is cut off"
    for panel in drawn_in(picture.svg):
        left, top, right, _ = panel.at
        side = (right - left) // panel.grounds.shape[1]
        for (i, j), ground in np.ndenumerate(panel.grounds):
            if panel.masks["cut"][i, j] or panel.hues[i][j]:
                continue
            # Where no number, line or mark is: near the bottom left corner of the cell.
            y, x = top + (i + 1) * side - 4, left + j * side + 3
            wanted = svg.colours()[ground]
            wanted = [int(wanted[k : k + 2], 16) for k in (1, 3, 5)]
            assert np.abs(pixels[scale * y, scale * x] - wanted).max() <= 4, (i, j, ground)


def test_png_takes_no_font_of_the_system(monkeypatch):
    """Where the stored font is missing no other steps in: the picture has no text at all."""
    blank = row("", Panel("a", np.ma.masked_all((3, 3))))
    picture = row("", Panel("a", np.full((3, 3), 8)))
    monkeypatch.setattr(svg, "FONTS", [])
    without = np.asarray(Image.open(BytesIO(picture.png())).convert("L"))
    np.testing.assert_array_equal(
        without, np.asarray(Image.open(BytesIO(blank.png())).convert("L"))
    )
    monkeypatch.undo()
    assert np.asarray(Image.open(BytesIO(picture.png())).convert("L")).mean() < without.mean()


def test_png_has_two_pixels_for_one_of_the_page():
    picture = PICTURES["spread"]
    assert picture.png() == picture.png(2) != picture.png(1)


def test_texts_are_measured_in_the_sizes_of_the_style_sheet():
    whole = re.search(r"^\.transconv \{.*?font-size: (\d+)px", svg.LOOK, re.DOTALL | re.MULTILINE)
    sizes = dict(re.findall(r"\.transconv \.(\w+) \{[^}]*font-size: (\d+)px", svg.LOOK))
    assert int(whole[1]) == svg.TITLE
    assert sizes == {"group": str(svg.GROUP), "sign": str(svg.SIGN), "head": str(svg.HEAD)}


def test_a_title_stands_above_its_grid_and_a_margin_around_both():
    """With cells of 20: 4 above, 23 for a title, 2 rows, 4 below."""
    picture = row("", Panel("a", np.ones((2, 3), int)), cell=20)
    assert drawn_in(picture.svg)[0].at == (4, 27, 64, 67)
    assert picture.size == (68, 71)
    assert 'data-room="71"' in picture.svg
    assert 'class="title" x="0" y="-9"' in picture.svg
    two = row("", Panel("abc", np.ones((2, 1), int)), cell=20)
    assert drawn_in(two.svg)[0].at == (4, 43, 24, 83)  # a line more
    assert re.findall('class="title" x="0" y="(.*?)"', two.svg) == ["-25", "-9"]


def test_items_are_a_gap_apart_and_the_last_ends_at_the_margin():
    one, other = (Panel(name, np.ones((1, 3), int)) for name in "ab")
    picture = row("", one, other, cell=20)
    (_, _, left, _), (right, _, end, _) = (panel.at for panel in drawn_in(picture.svg))
    assert right - left == 12
    assert picture.size[0] == end + 4


def test_numbers_stand_in_the_middle_of_their_cells():
    """Of 30, in a font of 0.41 of it, whose digits are 0.72 of that high: 15 + 0.36 * 12.3."""
    picture = row("", Panel("a", np.array([[7, 8], [9, 6]])), cell=30)
    assert 'font-size="12.3"' in picture.svg
    lines = re.findall(r'<text y="(\d+)">(.*?)</text>', picture.svg)
    assert [int(y) for y, _ in lines] == [19, 49]
    assert [re.findall('x="(.*?)"', spans) for _, spans in lines] == [["15", "45"]] * 2


def test_heads_stand_at_the_middles_of_their_rows_and_columns():
    values, heads = np.ones((2, 3), int), {"row_heads": ["p", "q"], "column_heads": list("rst")}
    picture = row("", Panel("a", values, **heads), cell=20)
    at = {text: (look, int(x), int(y)) for look, x, y, text in HEAD.findall(picture.svg)}
    assert at == {
        **{"p": ("head end", -8, 14), "q": ("head end", -8, 34)},
        **{"r": ("head number", 10, -6), "s": ("head number", 30, -6)},
        "t": ("head number", 50, -6),
    }
    plain = row("", Panel("a", values), cell=20)
    assert picture.size[1] - plain.size[1] == 14  # the title makes room for the column heads
    assert 'class="title" x="0" y="-23"' in picture.svg
    corner = row("", Panel("a", values, **heads | {"row_heads": ["o", "p", "q"]}), cell=20)
    at = {text: (int(x), int(y)) for _, x, y, text in HEAD.findall(corner.svg)}
    assert (at["o"], at["p"], at["q"]) == ((-8, -6), (-8, 14), (-8, 34))
    wide = row("", Panel("a", values, row_heads=["p", "a long one"]), cell=20)
    assert wide.size[0] - plain.size[0] == round(svg.text_width("a long one", 11) + 8)


HEAD = re.compile('<text class="(head[^"]*)" x="(.*?)" y="(.*?)">(.*?)<')


def lines_of(path):
    """The lines of a path, as pairs of their ends."""
    at, lines = np.zeros(2), []
    for letter, numbers in re.findall(r"([MmlhvHV])([^a-zA-Z]*)", path):
        way = [int(number) for number in re.findall(r"-?\d+", numbers)]
        way = {"h": [*way, 0], "v": [0, *way]}.get(letter, way)
        new = np.array(way) + (0 if letter == "M" else at)
        if letter in "lhv":
            lines.append((*map(int, at), *map(int, new)))
        at = new
    return lines


@pytest.mark.parametrize(("side", "half"), [(30, 15), (31, 15)])
def test_the_hatching_of_a_cell_goes_on_in_the_next(side, half):
    cut = np.array([[False, True]])
    picture = row("", Panel("a", np.ones((1, 2), int), cut=cut), cell=side)
    (path,) = re.findall('class="cut" d="(.*?)"', picture.svg)
    assert lines_of(path) == [
        (side, half, side + half, 0),
        (side, side, 2 * side, 0),
        (side + half, side, 2 * side, half),
    ]


@pytest.mark.parametrize(
    ("side", "lines"),
    [(18, [(13, 2, 13, 8), (10, 5, 16, 5)]), (17, [(14, 2, 14, 4), (13, 3, 15, 3)])],
)
def test_a_plus_stands_in_the_top_right_corner_and_is_small_in_small_cells(side, lines):
    picture = row("", Panel("a", np.zeros((1, 1), int), appended=np.ones((1, 1), bool)), cell=side)
    (path,) = re.findall('class="plus" d="(.*?)"', picture.svg)
    assert lines_of(path) == lines


def test_rules_go_around_every_cell_that_is_drawn():
    picture = row("", Panel("a", np.ones((1, 2), int)), cell=20)
    (path,) = re.findall('class="rule" d="(.*?)"', picture.svg)
    across, down = [(0, 0, 40, 0), (0, 20, 40, 20)], [(x, 0, x, 20) for x in (0, 20, 40)]
    assert lines_of(path) == across + down
    loose = Panel("a", np.ma.masked_equal([[1, 0, 1]], 0), loose=True)
    (path,) = re.findall('class="rule" d="(.*?)"', row("", loose, cell=20).svg)
    assert lines_of(path) == [
        line
        for x in (0, 40)
        for line in ((x, 0, x + 20, 0), (x + 20, 0, x + 20, 20), (x + 20, 20, x, 20))
    ]


def test_the_frame_is_just_outside_of_what_it_keeps():
    panel = Panel("a", np.ones((3, 4), int), frame=(slice(1, 3), slice(0, 2)))
    assert 'class="frame" d="M-2 18H42V62H-2z"' in row("", panel, cell=20).svg


def test_brackets_are_below_their_columns_with_their_texts_in_the_middle():
    """Those that would touch are a line lower."""
    brackets = [Bracket(0, 2, "two"), Bracket(2, 3, "one"), Bracket(0, 3, "three")]
    panel = Panel("a", np.ones((1, 3), int), brackets=brackets)
    below = Panel("b", np.ones((1, 3), int))
    picture = column("", panel, below, cell=40)
    drawn = re.findall(
        'class="bracket" d="(.*?)"/>\n<text class="number" x="(.*?)" y="(.*?)">', picture.svg
    )
    assert drawn == [
        ("M2 46v5H78v-5", "40", "64"),
        ("M82 46v5H118v-5", "100", "64"),
        ("M2 74v5H118v-5", "60", "92"),
    ]
    upper, lower = (panel.at for panel in drawn_in(picture.svg))
    assert lower[1] - upper[3] == 12 + 2 * 28  # a gap and two lines of brackets


def test_titles_of_a_column_end_left_of_the_grids_at_the_height_of_their_first_rows():
    panels = [
        Panel("a", np.ones((2, 2), int)),
        Panel("a far longer title than that", np.ones((1, 2), int)),
    ]
    picture = column("", *panels, cell=40)
    one, other = (panel.at for panel in drawn_in(picture.svg))
    titles = [
        [(int(x), int(y)) for x, y in TITLE.findall(g)]
        for g in picture.svg.split('<g class="panel"')[1:]
    ]
    assert {one[0] + x for of in titles for x, _ in of} == {4}
    assert [y for _, y in titles[0]] == [25]
    assert [y for _, y in titles[1]] == [17, 33]
    widest = max(svg.text_width(line, 13) for line in texts_in(picture.svg) if line[0].isalpha())
    assert one[0] == other[0] == 4 + round(widest) + 12
    assert (one[1], other[1]) == (4, 4 + 80 + 12)
    assert picture.size == (one[2] + 4, other[3] + 4)


TITLE = re.compile('class="title" x="(.*?)" y="(.*?)"')


def test_a_picture_that_just_fits_does_not_shrink():
    """A grid of 2 by 3 cells of 20 takes 68 by 71, as above."""
    panel = Panel("a", np.ones((2, 3), int))
    for size, side in (((68, 71), 20), ((67, 71), 19), ((68, 70), 19)):
        left, _, right, _ = drawn_in(row("", panel, cell=20, size=size).svg)[0].at
        assert right - left == 3 * side


def test_groups_stand_side_by_side_or_below_each_other_where_cells_would_be_small():
    def lefts_and_tops(columns, **look):
        named = {name: [Panel(name, np.ones((1, columns), int))] for name in "abcd"}
        panels = drawn_in(groups("", named, **look).svg)
        assert [panel.grid.title[0] for panel in panels] == list("abcd")
        side = (panels[0].at[2] - panels[0].at[0]) // columns
        return *(len({panel.at[k] for panel in panels}) for k in (0, 1)), side

    assert lefts_and_tops(2) == (4, 1, 34)
    assert lefts_and_tops(7) == (4, 1, 24)  # just large enough
    assert lefts_and_tops(8) == (2, 2, 28)
    assert lefts_and_tops(12) == (2, 2, 28)
    assert lefts_and_tops(20) == (1, 4, 28)
    assert lefts_and_tops(12, size=(840, 560)) == (4, 1, 14)  # a room that is given has one line


def test_the_next_group_is_clear_of_a_long_heading_in_bold():
    heading = "A heading that is wider than its grid"
    one, two = (Panel(name, np.ones((1, 1), int)) for name in "ab")
    picture = groups("", {heading: [one], "Two": [two]})
    (left, *_), (right, *_) = (panel.at for panel in drawn_in(picture.svg))
    assert right - left == round(svg.text_width(heading, 14, bold=True)) + 48


@pytest.mark.parametrize("name", PICTURES)
def test_nothing_is_written_but_in_texts(name):
    for element in ElementTree.fromstring(PICTURES[name].svg).iter():
        if not element.tag.endswith(("}text", "}tspan")):
            assert not (element.text or "").strip()
        assert not (element.tail or "").strip()


def test_a_loose_grid_is_as_wide_as_its_longest_row():
    loose = np.ma.masked_equal([[1, 0, 2], [0, 0, 3]], 0)
    assert Panel("a", loose, loose=True).size == (2, 2)
    assert Panel("a", loose).size == (2, 3)
