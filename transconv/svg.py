"""A row of panels as one SVG, and an SVG as pixels. All lengths are CSS pixels.

The only renderer: what it returns is shown as it is by a slider, and stored as PNG by a notebook.
Colours and fonts are those of look.css, which a page brings along and the PNG has built in.
"""

import re
from functools import cache, lru_cache, partial
from html import escape
from importlib.resources import files
from io import BytesIO
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import matplotlib
import numpy as np
import resvg_py
from matplotlib.ft2font import FT2Font
from PIL import Image

TITLE, GROUP, SIGN, HEAD = 13, 14, 20, 11  # sizes of the fonts, as in look.css
CELL, WIDTH, HEIGHT = 34, 840, 560  # of a cell and a picture, at most, unless asked for others
SMALL, STACKED = 24, 28  # groups are stacked, with such cells, if side by side they would be small
GAP, APART, MARGIN = 12, 48, 4  # between items, between groups, around everything
LINE, HEADS, RISE = 16, 14, 9  # heights: a line of a title, column heads, a title above its grid
BRACKET, BESIDE = 28, 120  # height of a bracket with its text, width of a title beside its grid
FONTS = [
    Path(matplotlib.get_data_path(), "fonts", "ttf", f"DejaVuSans{b}.ttf") for b in ("", "-Bold")
]
LOOK = files("transconv").joinpath("look.css").read_text()


def row(groups, key="", label="", cell=CELL, size=None):
    """Panels side by side, with signs between them.

    Parameters
    ----------
    groups : list of (heading, items)
        Each item is a Panel or a sign, such as "+". Groups stand clearly apart, or below each other
        where side by side they would be small. One group alone needs no heading: "".
    key : str
        What marks mean; it stands below.
    label : str
        What the picture is called by a screen reader.
    cell : int
        Side of a cell, at most.
    size : (width, height)
        The room for the picture, the same for every setting; cells shrink to fit.

    Returns
    -------
    svg : str
        Its `data-room` is the height of that room, lest the page jumps.
    size : (width, height)
    """
    if size:
        layout = _fit_lines([groups], key, cell, size)
    else:
        layouts = []
        for lines in range(1, len(groups) + 1):
            across = -(-len(groups) // lines)
            stacked = [groups[i : i + across] for i in range(0, len(groups), across)]
            side = cell if lines == 1 else STACKED
            layouts.append(_fit_lines(stacked, key, side, (WIDTH, HEIGHT)))
        enough = (layout for layout in layouts if layout.side >= SMALL)
        layout = next(enough, max(layouts, key=lambda layout: layout.side))
    return _drawn(layout, label, size)


def column(panels, key="", label="", cell=CELL, size=None):
    """Panels below each other, column below column, with titles at their left.

    Parameters and returns are those of `row`, but for a list of Panel in place of groups.
    """
    columns = max(map(_columns, panels))
    layout = _fit(partial(_stack, panels, key), columns, cell, size or (WIDTH, HEIGHT))
    return _drawn(layout, label, size)


def _drawn(layout, label, size):
    elements = [element for draw, *what in layout.parts for element in draw(*what)]
    of = (layout.width, layout.height)
    return document(elements, of, label, size[1] if size else layout.height), of


def document(elements, size, label, room=0):
    """The elements as one SVG of a size, with a label for screen readers; `room` is as in `row`."""
    width, height = size
    head = (
        '<svg xmlns="http://www.w3.org/2000/svg" class="transconv" role="img"'
        f' aria-label="{escape(label)}" width="{width}" height="{height}"'
        f' viewBox="0 0 {width} {height}" data-room="{room or height}">'
    )
    return "\n".join([head, *elements, "</svg>"])


def png(svg, scale):
    """An SVG in the light look as PNG bytes, with `scale` pixels for each CSS pixel."""
    file = BytesIO()
    few = image(svg, scale).quantize(128, dither=Image.Dither.NONE)
    few.save(file, "PNG", optimize=True)
    return file.getvalue()


def image(svg, scale, dark=False):
    """An SVG as an RGB image of Pillow, with `scale` pixels for each CSS pixel."""
    full = resvg_py.svg_to_bytes(
        _coloured(svg, dark),
        style_sheet=_rules(dark),
        zoom=scale,
        background=colours(dark)["paper"],
        skip_system_fonts=True,
        font_files=[str(font) for font in FONTS],
        sans_serif_family="DejaVu Sans",
    )
    return Image.open(BytesIO(bytes(full))).convert("RGB")


def alone(svg, dark=False):
    """An SVG that needs no page: with its ground, its colours and its rules in it."""
    head, rest = svg.split("\n", 1)
    ground = f'<path fill="{colours(dark)["paper"]}" d="M0 0H9999V9999H0z"/>'
    return f"{head}\n<style>{_rules(dark)}</style>\n{ground}\n{_coloured(rest, dark)}"


@cache
def colours(dark=False):
    """The colours of look.css by name, as "#rrggbb"."""
    pairs = re.findall(r"--(\w+): light-dark\((#\w+), (#\w+)\)", LOOK)
    return {name: pair[dark] for name, *pair in pairs}


@cache
def _rules(dark):
    """The rules of look.css with its colours and a font that is at hand."""
    rules = "\n".join(re.findall(r"^\.transconv \.[^{]*\{[^}]*\}", LOOK, re.MULTILINE))
    whole = f"font-family: sans-serif; font-size: {TITLE}px; fill: var(--ink)"
    return _coloured(f".transconv {{ {whole} }}\n{rules}", dark)


def _coloured(text, dark):
    """SVG or CSS with the colours in place of the variables, which few but browsers know."""
    return re.sub(r"var\(--(\w+)\)", lambda variable: colours(dark)[variable[1]], text)


@lru_cache(maxsize=4096)
def text_width(text, size=1, bold=False):
    """The length of a text in the font of the PNG, which few are wider than."""
    return size * sum(_advance(letter, bold) for letter in text)


@cache
def _advance(letter, bold):
    return _font(bold).load_char(ord(letter)).linearHoriAdvance / 65536 / 100


@cache
def _font(bold):
    font = FT2Font(str(FONTS[bold]))
    font.set_size(100, 72)
    return font


class _Layout(NamedTuple):
    """Where everything goes with cells of one size, and how much room that takes."""

    side: int
    width: int
    height: int
    parts: list  # of (function that returns elements, *its arguments)


def _fit_lines(lines, key, cell, size):
    columns = max(sum(map(_columns, items)) for line in lines for _, items in line)
    return _fit(partial(_place, lines, key), columns, cell, size)


def _fit(place, columns, cell, size):
    """The layout with the largest cells, of `cell` at most, that is within `size`."""
    side = max(1, int(min(cell, size[0] / columns)))
    while True:
        layout = place(side)
        if side == 1 or (layout.width <= size[0] and layout.height <= size[1]):
            return layout
        side -= 1


def _place(lines, key, side):
    """The lines of groups one below the other, and the key below them."""
    parts, width, y = [], 0, MARGIN
    for line in lines:
        x, bottom, starts = MARGIN, y, []
        for heading, items in line:
            starts.append(x)
            x, end = _place_group(heading, items, side, x, y, parts)
            x, bottom = x + APART, max(bottom, end)
        parts += [(_rule, start - APART // 2, y, bottom) for start in starts[1:]]
        width, y = max(width, x - APART), bottom + APART // 2
    return _with_key(key, side, width, y + MARGIN - APART // 2, parts)


def _stack(panels, key, side):
    """The panels one below the other, and the key below them."""
    names = [_wrapped(panel.title, panel.size, BESIDE) for panel in panels]
    left = MARGIN + round(max(map(_widest, names))) + GAP + max(map(_left, panels))
    parts, width, y = [], 0, MARGIN
    for panel, name in zip(panels, names, strict=True):
        y += HEADS * bool(len(panel.column_heads))
        at = MARGIN - left, side // 2 + 5 + (len(name) - 1) * LINE // 2
        parts.append((_panel, panel, name, left, y, side, at))
        y += _rows(panel) * side
        for _, middle, (*_, text) in (under := _brackets(panel, side)):
            width = max(width, left + middle + text_width(text, TITLE) / 2)
        width = max(width, left + _columns(panel) * side)
        y += GAP + BRACKET * (1 + max((line for line, *_ in under), default=-1))
    return _with_key(key, side, width, y + MARGIN - GAP, parts)


def _brackets(panel, side):
    """(line, middle, bracket) of each bracket: a line further down where texts would touch."""
    placed, ends = [], []  # the ends of the last bracket and the last text of each line
    for start, stop, text in panel.brackets:
        middle, half = (start + stop) * side / 2, text_width(text, TITLE) / 2
        room = (end <= start and of <= middle - half for end, of in ends)
        line = next((n for n, fits in enumerate(room) if fits), len(ends))
        ends[line : line + 1] = [(stop, middle + half + 4)]
        placed.append((line, middle, (start, stop, text)))
    return placed


def _with_key(key, side, width, y, parts):
    if key:
        parts.append((_text, "head", MARGIN, y + LINE, key))
        width, y = max(width, MARGIN + text_width(key, HEAD)), y + LINE + MARGIN
    return _Layout(side, round(width) + MARGIN, y, parts)


def _place_group(heading, items, side, x, y, parts):
    """A heading, if there is one, and a row of items below it; their right end and their bottom."""
    heading_end = x + text_width(heading, GROUP, bold=True)
    if heading:
        parts.append((_text, "group", x, y + GROUP, heading))
        y += GROUP + GAP
    tall = max(map(_rows, items))
    # A grid that is lower than the others stands in their middle: its title has more room.
    y += max(_above(item, side) - (tall - _rows(item)) * side // 2 for item in items)
    for item in items:
        if isinstance(item, str):
            width = round(text_width(item, SIGN))
            middle = y + tall * side // 2 + round(0.36 * SIGN)
            parts.append((_text, "sign", x + width // 2, middle, item))
        else:
            title = _wrapped(item.title, item.size, _columns(item) * side)
            left, down = _left(item), y + (tall - _rows(item)) * side // 2
            above = -RISE - HEADS * bool(len(item.column_heads))
            parts.append((_panel, item, title, x + left, down, side, (0, above)))
            widest = max(map(_widest, _titles(item, side)))
            width = left + max(_columns(item) * side, round(widest))
        x += width + GAP
    return max(x - GAP, round(heading_end)), y + tall * side


def _rows(item):
    return 1 if isinstance(item, str) else item.values.shape[0]


def _columns(item):
    return 0 if isinstance(item, str) else item.values.shape[1]


def _left(panel):
    """The room for the row heads."""
    return round(max((text_width(head, HEAD) + 8 for head in panel.row_heads), default=0))


def _above(item, side):
    """The room for the title and the column heads."""
    if isinstance(item, str):
        return 0
    lines = max(map(len, _titles(item, side)))
    return LINE * lines + RISE + HEADS * bool(len(item.column_heads)) - 2


def _titles(panel, side):
    """Each title that room is kept for, as lines."""
    titles = panel.room[0] if panel.room else [panel.title]
    return [_wrapped(title, panel.size, _columns(panel) * side) for title in titles]


@lru_cache(maxsize=1024)
def _wrapped(title, size, width):
    """The title and the size of a grid as lines that are no wider than `width`, if words allow."""
    size = "×".join(map(str, size))
    *lines, line = [""]
    for word in [*title.split(), size]:
        longer = f"{line} {word}".strip()
        if line and text_width(longer, TITLE) > width:
            lines.append(line)
            longer = word
        line = longer
    return (*lines, line)


def _widest(lines):
    return max(text_width(line, TITLE) for line in lines)


def _text(look, x, y, text):
    yield f'<text class="{look}" x="{x}" y="{y}">{escape(text)}</text>'


def _rule(x, top, bottom):
    yield f'<path class="rule" d="M{x} {top}V{bottom}"/>'


def _panel(panel, title, x, y, side, title_at):
    """The elements of a panel with the corner of its grid at (x, y), and from there its title."""
    rows, columns = panel.values.shape
    height, width = rows * side, columns * side
    loose = ' data-loose=""' * panel.loose
    cells = f'data-cells="{rows},{columns},{side}"{loose}'
    yield f'<g class="panel" {cells} transform="translate({x},{y})">'
    yield from _title(title, *title_at)
    for look, shape in _boxes(panel.grounds(), side):
        yield f'<path class="{look}" style="fill:var(--{look})" d="{shape}"/>'
    if panel.hues is not None:
        yield from _stripes(panel.hues & ~panel.cut[..., None], side)
    if panel.cut.any():
        yield f'<path class="cut" d="{_each(panel.cut, side, _hatch(side))}"/>'
    if panel.loose:
        rules = _each(panel.there, side, f"h{side}v{side}h-{side}z")
    else:
        rules = "".join(f"M0 {i * side}h{width}" for i in range(rows + 1))
        rules += "".join(f"M{j * side} 0v{height}" for j in range(columns + 1))
    yield f'<path class="rule" d="{rules}"/>'
    if panel.appended.any():
        arm = 3 if side >= 18 else 1  # or it would reach into the number
        plus = f"m{side - arm - 2} 2v{2 * arm}m-{arm} -{arm}h{2 * arm}"
        yield f'<path class="plus" d="{_each(panel.appended, side, plus)}"/>'
    yield from _numbers(panel, side)
    for j, head in enumerate(panel.column_heads):
        yield from _text("head number", j * side + side // 2, -6, head)
    for i, head in enumerate(panel.row_heads, rows - len(panel.row_heads)):
        yield from _text("head end", -8, i * side + side // 2 + 4 if i >= 0 else -6, head)
    if panel.step.any():
        yield f'<path class="step" d="{_outline(panel.step, side)}"/>'
    if panel.frame:
        rows, columns = panel.frame
        left, right = columns.start * side - 2, columns.stop * side + 2
        top, bottom = rows.start * side - 2, rows.stop * side + 2
        yield f'<path class="frame" d="M{left} {top}H{right}V{bottom}H{left}z"/>'
    for line, middle, (start, stop, text) in _brackets(panel, side):
        y = height + line * BRACKET + 6
        ends = f"M{start * side + 2} {y}v5H{stop * side - 2}v-5"
        yield f'<path class="bracket" d="{ends}"/>'
        yield from _text("number", f"{middle:g}", y + 18, text)
    yield "</g>"


def _title(lines, x, y):
    """The title's lines, the last of them at `y`; its last word is the size."""
    *above, last = lines
    for n, line in enumerate(above):
        yield from _text("title", x, y - (len(above) - n) * LINE, line)
    *words, size = last.rsplit(" ", 1)
    name = "".join(f"{escape(word)} " for word in words)
    yield f'<text class="title" x="{x}" y="{y}">{name}<tspan class="soft">{size}</tspan></text>'


def _numbers(panel, side):
    """The numbers of a grid, in one size that leaves each some room in its cell."""
    strings = panel.strings
    longest = panel.room[1] if panel.room else max(1, *map(len, strings.flat))
    size = round(min(0.41, 1.2 / longest) * side, 1)  # a digit is up to 0.7 wide
    yield f'<g class="number" font-size="{size}">'
    for i, row in enumerate(zip(strings.tolist(), panel.inks().tolist(), strict=True)):
        spans = [
            f'<tspan class="{look}" x="{j * side + side // 2}">{string}</tspan>'
            if look
            else f'<tspan x="{j * side + side // 2}">{string}</tspan>'
            for j, (string, look) in enumerate(zip(*row, strict=True))
            if string
        ]
        if spans:
            yield f'<text y="{i * side + round(side / 2 + 0.36 * size)}">{"".join(spans)}</text>'
    yield "</g>"


def _boxes(looks, side):
    """(look, path) of the cells of each look, neighbours in a row joined."""
    boxes = {}
    for i, row in enumerate(looks.tolist()):
        j = 0
        for look, cells in groupby(row):
            length = len(list(cells)) * side
            boxes.setdefault(look, []).append(f"M{j} {i * side}h{length}v{side}h-{length}z")
            j += length
    return [(look, "".join(shapes)) for look, shapes in boxes.items() if look]


def _stripes(hues, side):
    """The cells in stripes of equal width, one for each input that made them."""
    shapes = {}
    for i, j in np.argwhere(hues.any(axis=2)).tolist():
        inputs = np.flatnonzero(hues[i, j]).tolist()
        wide = side / len(inputs)
        for n, k in enumerate(inputs):
            stripe = f"M{j * side + n * wide:g} {i * side}h{wide:g}v{side}h-{wide:g}z"
            shapes.setdefault(k, []).append(stripe)
    for k, stripes in sorted(shapes.items()):
        look = f"h{k + 1}"
        yield f'<path class="{look}" style="fill:var(--{look})" d="{"".join(stripes)}"/>'


def _each(mask, side, shape):
    """A path with a shape, relative to its corner, in each cell of a mask."""
    return "".join(f"M{j * side} {i * side}{shape}" for i, j in np.argwhere(mask).tolist())


def _hatch(side):
    """Three slanted lines that those of the next cells go on."""
    half = side // 2
    rest = side - half
    return f"m0 {half}l{half} -{half}m-{half} {side}l{side} -{side}m-{rest} {side}l{rest} -{rest}"


def _outline(mask, side):
    """The path along every edge between a cell of the mask and one outside it."""
    inside = np.zeros(np.add(mask.shape, 2), bool)  # np.pad takes longer
    inside[1:-1, 1:-1] = mask
    across = np.argwhere(inside[1:, 1:-1] != inside[:-1, 1:-1]).tolist()
    down = np.argwhere(inside[1:-1, 1:] != inside[1:-1, :-1]).tolist()
    edges = [f"M{j * side} {i * side}h{side}" for i, j in across]
    return "".join(edges + [f"M{j * side} {i * side}v{side}" for i, j in down])
