"""Pictures made of grids of numbers, and the words that say the same.

A picture is drawn in a few milliseconds, so that a slider can redraw it: the outline of a character
is made once, and all characters of one colour are one path, all cells one collection.
"""

import io
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from html import escape
from itertools import pairwise

import numpy as np
from IPython.display import HTML, display
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.textpath import TextPath
from matplotlib.transforms import Affine2D
from PIL import Image

# Okabe and Ito's colours, told apart by colour-blind readers too; which input made this.
INPUT_COLOURS = ("#E69F00", "#56B4E9", "#009E73", "#CC79A7", "#F0E442", "#0072B2", "#D55E00")
INK, GREY, RULE, PAPER = "#000000", "#6b6b6b", "#b8b8b8", "#ffffff"
LUMINANCE = np.array([0.299, 0.587, 0.114])  # how bright red, green and blue look

MARKS = {  # attribute of a Panel: how it marks a number in words, its key in words, its key drawn
    "lit": ("[{}]", "[n] thick outline", ""),
    "cut": ("{}x", "nx hatched: cut off", "hatched: cut off"),
    "appended": ("{}+", "n+ zeros added", "+: zeros added"),
    "pointed": ("<{}>", "<n> in a circle", ""),
    "frame": ("", "dashed frame: the output, all but the nx", "dashed frame: the output"),
}

LINES = {  # in the order in which they are drawn; widths in points
    "rules": {"edgecolor": RULE, "linewidth": 0.7},
    "hatches": {"edgecolor": RULE, "linewidth": 0.7},
    "crosses": {"edgecolor": GREY, "linewidth": 0.8},
    "outlines": {"edgecolor": INK, "linewidth": 2, "capstyle": "projecting"},
    "circles": {"edgecolor": INK, "linewidth": 1.4},
    "frames": {"edgecolor": INK, "linewidth": 2.2, "linestyle": "dashed"},
}
FILLED = {"linewidth": 0, "antialiased": False}
SEGMENT = (Path.MOVETO, Path.LINETO)
RECTANGLE = (Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY)

CSS_PIXELS_PER_INCH = 96
LINE = 0.5  # height of a line of text, in cells; all lengths of a layout are in cells
TEXT = 0.38  # size of the font
SIGN = 0.6  # size of the signs between grids


class Picture:
    """A figure together with its words: PNG for the eye, the words as text and as alt text.

    Parameters
    ----------
    figure : matplotlib Figure
    caption : str
        One sentence or a few, on one line.
    describe : callable
        Makes the paragraphs that follow the caption in the words; called when they are asked for.
    palette : PIL Image, optional
        Its 256 colours are those of the PNG. To choose them takes longer than to draw.
    """

    def __init__(self, figure, caption, describe, palette=None):
        self.figure, self.caption, self._describe = figure, caption, describe
        self.palette = palette

    def __repr__(self):
        return self.words

    @cached_property
    def words(self):
        """Says exactly what is drawn: the caption, every number, and which cells are marked."""
        return "\n\n".join([self.caption, *self._describe()])

    def png(self, pixels_per_css_pixel=2):
        """The figure as PNG bytes, in 256 colours: smaller and faster than full colour."""
        self.figure.set_dpi(CSS_PIXELS_PER_INCH * pixels_per_css_pixel)
        canvas = FigureCanvasAgg(self.figure)
        canvas.draw()
        image = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
        palette = self.palette or image.quantize(256, Image.Quantize.FASTOCTREE)
        image = image.quantize(palette=palette, dither=Image.Dither.NONE)
        file = io.BytesIO()
        image.save(file, "PNG", compress_level=1)
        return file.getvalue()

    @property
    def size(self):
        """(width, height) in CSS pixels."""
        return tuple(round(i * CSS_PIXELS_PER_INCH) for i in self.figure.get_size_inches())

    def _ipython_display_(self):
        """Show the picture, and under it its caption, which unfolds to the words.

        JupyterLab gives pictures no alt text, so the words are on the page. nbval compares them.
        """
        width, height = self.size
        look = {"image/png": {"width": width, "height": height, "alt": self.words}}
        display({"image/png": self.png(), "text/plain": self.words}, raw=True, metadata=look)
        display(HTML(self.html()))

    def html(self):
        """The caption, which unfolds to the words."""
        caption, words = escape(self.caption), escape(self.words)
        return f"<details><summary>{caption}</summary><pre>{words}</pre></details>"


@dataclass
class Panel:
    """A titled grid of numbers.

    Attributes
    ----------
    title : str
        Says whether this is an input, a kernel or an output.
    values : (height, width) array
        Masked cells stay blank.
    fill : (height, width, 3) array
        Colours of the cells, as RGB from 0 to 1.
    parts : (height, width, inputs) bool array
        Which inputs made each cell; it is painted in stripes of their colours.
    lit, cut, appended, pointed, faint, bold : (height, width) bool array
        Cells inside a thick outline; hatched; with a small "+"; circled; with the number in grey;
        in bold.
    frame : (slice, slice)
        Rows and columns to draw a dashed frame around.
    row_heads, column_heads : list of str
    """

    title: str
    values: np.ndarray
    fill: np.ndarray = None
    parts: np.ndarray = None
    lit: np.ndarray = None
    cut: np.ndarray = None
    appended: np.ndarray = None
    pointed: np.ndarray = None
    faint: np.ndarray = None
    bold: np.ndarray = None
    frame: tuple = None
    row_heads: list = ()
    column_heads: list = ()

    def __post_init__(self):
        self.values = np.ma.asarray(self.values)
        for name in ("lit", "cut", "appended", "pointed", "faint", "bold"):
            if getattr(self, name) is None:
                setattr(self, name, np.zeros(self.values.shape, bool))

    @property
    def full_title(self):
        """The title with the size of the grid."""
        height, width = self.values.shape
        return f"{self.title} ({height}×{width})"

    def strings(self):
        """The numbers as they are drawn, (height, width); blank where masked."""
        pattern = "{:.1f}" if self.values.dtype.kind == "f" else "{}"
        filled = self.values.filled(0).tolist()
        strings = [[pattern.format(value) for value in row] for row in filled]
        return np.where(np.ma.getmaskarray(self.values), "", np.array(strings, object))

    def words(self):
        """The title, the rows with the marks of MARKS, and how many inputs made each cell."""
        cells = self.strings()
        for name in ("cut", "appended", "lit", "pointed"):
            for i, j in np.argwhere(getattr(self, name)):
                cells[i, j] = MARKS[name][0].format(cells[i, j])
        rows = [[cell or "." for cell in row] for row in cells]
        if len(self.column_heads):
            rows.insert(0, self.column_heads)
        if len(self.row_heads):
            heads = [""] * (len(rows) - len(self.row_heads)) + list(self.row_heads)
            rows = [[head, *row] for head, row in zip(heads, rows, strict=True)]
        words = [self.full_title, *_table(rows)]
        if self.parts is not None and (made_by := self.parts.sum(axis=2)).max() > 1:
            words += ["inputs that made each cell:", *_table(made_by.astype(str))]
        return "\n".join(words)


def _table(rows):
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [" ".join(c.rjust(w) for c, w in zip(row, widths, strict=True)) for row in rows]


def panels(caption, *row, cell=34, size=None):
    """A Picture of panels side by side, with signs such as "+" or "=" between them.

    Parameters
    ----------
    caption : str
        One sentence; it stands first in the words and is not drawn.
    *row : Panel or str
    cell : float
        Side of a cell in CSS pixels.
    size : (float, float)
        Width and height of the picture in CSS pixels, if it is to be the same for every setting;
        cells shrink to fit.
    """
    in_row = [item for item in row if isinstance(item, Panel)]
    head = LINE * (1.9 + any(len(panel.column_heads) for panel in in_row))
    body = max(panel.values.shape[0] for panel in in_row)
    marks = [MARKS[name] for name in MARKS if any(np.any(getattr(p, name)) for p in in_row)]
    ink, x, bottom = _Ink(), 0.2, head + body + 0.2
    for item in row:
        if isinstance(item, str):
            ink.text(item, x, head + body / 2, SIGN, align="left")
            x += _text_width(item) * SIGN
        else:
            height, width = item.values.shape
            heads = max((_text_width(h) * TEXT + 0.2 for h in item.row_heads), default=0)
            _draw(ink, item, x + heads, head + (body - height) / 2)
            x += heads + max(width, _text_width(item.full_title) * TEXT)
        x += 0.35
    if key := [drawn for _, _, drawn in marks if drawn]:
        ink.text("     ".join(key), 0.2, bottom + LINE / 2, align="left")
        bottom += LINE * 1.3
    right = x - 0.15
    if size is None:
        size = right * cell, bottom * cell
    cell = min(cell, size[0] / right, size[1] / bottom)

    def describe():
        yield from (item.words() if isinstance(item, Panel) else item for item in row)
        yield from (written for _, written, _ in marks)

    hues = any(panel.fill is not None and np.ptp(panel.fill, axis=2).any() for panel in in_row)
    return Picture(ink.figure(size, cell), caption, describe, None if hues else _tints_to_ink())


def _draw(ink, panel, x, y):
    height, width = panel.values.shape
    rows, columns = np.indices((height, width)).reshape(2, -1)
    fill = np.ones((height, width, 3)) if panel.fill is None else panel.fill
    if panel.fill is not None:
        ink.fill(x + columns, y + rows, 1, fill.reshape(-1, 3))
    if panel.parts is not None:
        parts = panel.parts & ~panel.cut[..., None]
        _paint_parts(ink, parts, x, y)
    ink.text(panel.full_title, x, y - LINE * (0.75 + bool(len(panel.column_heads))), align="left")
    for j, head in enumerate(panel.column_heads):
        ink.text(head, x + j + 0.5, y - LINE / 2, TEXT * 0.9)
    for i, head in enumerate(panel.row_heads):
        ink.text(head, x - 0.2, y + i + 0.5, TEXT * 0.9, align="right")
    strings = panel.strings()
    size = min(TEXT * 1.12, 0.84 / max(_text_width(s) for s in strings.flat or ["0"]))
    ink_colours = np.where(
        fill @ LUMINANCE < 0.46, PAPER, np.where(panel.faint | panel.cut, GREY, INK)
    )
    for (i, j), string in np.ndenumerate(strings):
        ink.text(string, x + j + 0.5, y + i + 0.5, size, ink_colours[i, j], bold=panel.bold[i, j])
    for i, j in np.argwhere(panel.cut):
        ink.hatch(x + j, y + i)
    for i, j in np.argwhere(panel.appended):
        ink.cross(x + j, y + i)
    for i, j in np.argwhere(panel.pointed):
        ink.circle(x + j + 0.5, y + i + 0.5)
    ink.grid(x, y, height, width)
    ink.outline(x, y, panel.lit)
    if panel.frame:
        (top, bottom), (left, right) = ((s.start, s.stop) for s in panel.frame)
        ink.frame(x + left, y + top, right - left, bottom - top)


def _paint_parts(ink, parts, x, y):
    """Share each cell out among the inputs that made it, in stripes of equal width."""
    share = 1 / np.maximum(parts.sum(axis=2), 1)
    rank = parts.cumsum(axis=2) - 1
    i, j, k = np.nonzero(parts)
    ink.fill(x + j + rank[i, j, k] * share[i, j], y + i, share[i, j], [tint(n) for n in k])


@cache
def tint(k):
    """The colour of input number `k`, pale enough for black text."""
    colour = np.array(to_rgb(INPUT_COLOURS[k % len(INPUT_COLOURS)]))
    return tuple(0.45 + 0.55 * colour)


@cache
def _tints_to_ink():
    """An image whose palette leads from ink to white and to each tint: what text on them needs."""
    ends = [to_rgb(PAPER), *map(tint, range(len(INPUT_COLOURS)))]
    ways = [np.linspace(0, end, 256 // len(ends)) for end in ends]
    image = Image.new("P", (1, 1))
    image.putpalette(np.round(255 * np.concatenate(ways)).astype(np.uint8).tobytes())
    return image


class _Ink:
    """Collects marks, in cells from the top left corner; each kind becomes one path on a figure."""

    def __init__(self):
        self.fills, self.texts = {}, {}
        self.lines = {kind: [] for kind in LINES}

    def fill(self, x, y, width, colours):
        """Paint cells, or stripes of them: arrays of left and top edges, and of widths."""
        left, right = x, x + width
        corners = np.array([(left, y), (right, y), (right, y + 1), (left, y + 1), (left, y)])
        for colour, rectangle in zip(colours, corners.transpose(2, 0, 1), strict=True):
            self.fills.setdefault(tuple(colour), []).append(rectangle)

    def grid(self, x, y, height, width):
        self.lines["rules"] += [((x, y + i), (x + width, y + i)) for i in range(height + 1)]
        self.lines["rules"] += [((x + j, y), (x + j, y + height)) for j in range(width + 1)]

    def hatch(self, x, y):
        for d in (0.25, 0.5, 0.75):
            self.lines["hatches"] += [((x, y + d), (x + d, y)), ((x + d, y + 1), (x + 1, y + d))]

    def cross(self, x, y):
        self.lines["crosses"] += [((x + 0.8, y + 0.08), (x + 0.8, y + 0.32))]
        self.lines["crosses"] += [((x + 0.68, y + 0.2), (x + 0.92, y + 0.2))]

    def circle(self, x, y):
        around = np.linspace(0, 2 * np.pi, 25)
        points = np.column_stack([x + 0.46 * np.cos(around), y + 0.46 * np.sin(around)])
        self.lines["circles"] += pairwise(points)

    def outline(self, x, y, mask):
        """A thick line wherever a cell of the mask meets one outside it."""
        if not mask.any():
            return
        height, width = mask.shape
        inside = np.zeros((height + 2, width + 2), bool)  # np.pad takes longer
        inside[1:-1, 1:-1] = mask
        for i, j in np.argwhere(inside[1:, 1:-1] != inside[:-1, 1:-1]):
            self.lines["outlines"].append(((x + j, y + i), (x + j + 1, y + i)))
        for i, j in np.argwhere(inside[1:-1, 1:] != inside[1:-1, :-1]):
            self.lines["outlines"].append(((x + j, y + i), (x + j, y + i + 1)))

    def frame(self, x, y, width, height):
        left, top = x - 0.06, y - 0.06  # outside an outline at the same place
        right, bottom = x + width + 0.06, y + height + 0.06
        corners = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
        self.lines["frames"] += pairwise(corners)

    def text(self, string, x, y, size=TEXT, colour=INK, align="center", bold=False):
        outline, width = _outline(string)
        shift = {"left": 0, "center": width / 2, "right": width}[align]
        self.texts.setdefault((colour, bold), []).append((outline, size, x - shift * size, y))

    def figure(self, size, cell):
        """All marks on a figure of `size`, a cell being `cell` wide, both in CSS pixels."""
        width, height, cell = (pixels / CSS_PIXELS_PER_INCH for pixels in (*size, cell))
        figure = Figure((width, height))
        to_page = Affine2D().scale(cell, -cell).translate(0, height)

        def add(name, vertices, codes, **look):
            path = PathPatch(Path(vertices, codes), gid=name, **look)
            path.set(transform=to_page + figure.dpi_scale_trans, zorder=len(figure.artists))
            figure.add_artist(path)

        # What there are many of goes to NumPy in one call: a call for each would take most of the
        # time of a picture.
        for colour, rectangles in self.fills.items():
            codes = np.tile(RECTANGLE, len(rectangles))
            add("cells", np.concatenate(rectangles), codes, facecolor=colour, **FILLED)
        for kind, segments in self.lines.items():
            if segments:
                codes = np.tile(SEGMENT, len(segments))
                add(kind, np.reshape(segments, (-1, 2)), codes, fill=False, **LINES[kind])
        for (colour, bold), texts in self.texts.items():
            outlines, sizes, x, y = zip(*texts, strict=True)
            lengths = [len(outline.codes) for outline in outlines]
            vertices = np.concatenate([outline.vertices for outline in outlines])
            size = np.repeat(sizes, lengths)[:, None] * (1, -1)
            vertices = vertices * size + np.repeat(np.column_stack([x, y]), lengths, axis=0)
            codes = np.concatenate([outline.codes for outline in outlines])
            # Bold is the same outline with a line around it.
            add("text", vertices, codes, color=colour, linewidth=0.6 * bold)
        return figure


@lru_cache(maxsize=4096)
def _outline(string):
    """The outline of a text of size 1, middle of a digit's height at 0, and its width."""
    x, vertices, codes = 0, [np.zeros((0, 2))], [np.zeros(0, Path.code_type)]
    for character in string:
        outline, advance = _glyph(character)
        vertices.append(outline.vertices + np.array([x, 0]))
        codes.append(outline.codes)
        x += advance
    return Path(np.concatenate(vertices), np.concatenate(codes)), x


@cache
def _glyph(character):
    """The outline of one character, and how far it moves the next one on."""
    font = FontProperties(family="DejaVu Sans")
    ends = [TextPath((0, 0), s, size=1, prop=font).get_extents().x1 for s in ("|", character + "|")]
    if character.isspace():
        outline = Path(np.zeros((0, 2)), np.zeros(0, Path.code_type))
    else:
        outline = TextPath((0, -0.365), character, size=1, prop=font)
    return outline, ends[1] - ends[0]


def _text_width(string):
    return _outline(string)[1]
