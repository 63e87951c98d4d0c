"""Pictures made of grids of numbers, and the words that say the same."""

import io
from dataclasses import dataclass
from functools import cached_property
from html import escape

import numpy as np
from IPython.display import HTML, display
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image, ImageColor

from transconv.sheet import GREY, INK, LINE, PAPER, TEXT, Cell, Sheet, text_width

# Okabe and Ito's colours, told apart by colour-blind readers too; which input made this.
INPUT_COLOURS = ("#E69F00", "#56B4E9", "#009E73", "#CC79A7", "#F0E442", "#0072B2", "#D55E00")
TINTS = tuple(  # the same, pale enough for black text
    tuple(round(0.45 * 255 + 0.55 * part) for part in ImageColor.getrgb(colour))
    for colour in INPUT_COLOURS
)
WHITE = (255, 255, 255)
LUMINANCE = np.array([0.299, 0.587, 0.114])  # how bright red, green and blue look
SIGN = 0.6  # size of the signs between grids
CSS_PIXELS_PER_INCH = 96

MARKS = {  # attribute of a Panel: how it marks a number in words, its key in words, its key drawn
    "lit": ("[{}]", "[n] thick outline", ""),
    "cut": ("{}x", "nx hatched: cut off", "hatched: cut off"),
    "appended": ("{}+", "n+ zeros added", "+: zeros added"),
    "pointed": ("<{}>", "<n> in a circle", ""),
    "frame": ("", "dashed frame: the output, all but the nx", "dashed frame: the output"),
}


class Picture:
    """A figure together with its words: PNG for the eye, the words as text and as alt text.

    Parameters
    ----------
    drawing : Sheet or Chart
    caption : str
        One sentence or a few, on one line.
    describe : callable
        Makes the paragraphs that follow the caption in the words; called when they are asked for.

    Attributes
    ----------
    size : (width, height) in CSS pixels
    """

    def __init__(self, drawing, caption, describe):
        self.drawing, self.caption, self._describe = drawing, caption, describe
        self.size = tuple(map(round, drawing.size))

    def __repr__(self):
        return self.words

    @cached_property
    def words(self):
        """The caption, and exactly what is drawn: every number, and which cells are marked."""
        return "\n\n".join([self.caption, *self._describe()])

    def png(self, pixels_per_css_pixel=2):
        """The drawing as PNG bytes, in 256 colours: smaller and faster than full colour."""
        file = io.BytesIO()
        self.drawing.paint(pixels_per_css_pixel).save(file, "PNG", compress_level=1)
        return file.getvalue()

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


class Chart:
    """A matplotlib Figure, to be shown in a Picture."""

    def __init__(self, figure):
        self.figure = figure
        self.size = figure.get_size_inches() * CSS_PIXELS_PER_INCH

    def paint(self, pixels_per_css_pixel):
        """The figure as an Image of 256 colours."""
        self.figure.set_dpi(CSS_PIXELS_PER_INCH * pixels_per_css_pixel)
        canvas = FigureCanvasAgg(self.figure)
        canvas.draw()
        image = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
        return image.quantize(256, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)


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
        filled = self.values.filled(0).round(1) + 0  # no -0.0
        strings = [[pattern.format(value) for value in row] for row in filled.tolist()]
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

    @property
    def width(self):
        """How wide it is drawn, in cells."""
        columns = max(self.values.shape[1], text_width(self.full_title) * TEXT)
        return self._heads_width + columns

    @property
    def _heads_width(self):
        return max((text_width(head) * TEXT + 0.2 for head in self.row_heads), default=0)

    def draw(self, sheet, x, y):
        """Put it on a Sheet: its column heads end at row `y`, its row heads start at column `x`."""
        x += self._heads_width
        above = y - LINE * (0.75 + bool(len(self.column_heads)))
        sheet.text(self.full_title, x, above)
        for j, head in enumerate(self.column_heads):
            sheet.text(head, x + j + 0.5, y - LINE / 2, TEXT * 0.9, "center")
        for i, head in enumerate(self.row_heads):
            sheet.text(head, x - 0.2, y + i + 0.5, TEXT * 0.9, "right")
        sheet.grid(x, y, self.cells())
        sheet.outline(x, y, self.lit)
        if self.frame:
            rows, columns = self.frame
            height, width = rows.stop - rows.start, columns.stop - columns.start
            sheet.frame(x + columns.start, y + rows.start, height, width)

    def cells(self):
        """What is drawn in each cell, as rows of Cell."""
        fill = np.ones((*self.values.shape, 3)) if self.fill is None else self.fill
        grey = np.where(self.faint | self.cut, GREY, INK)
        inks = np.where(fill @ LUMINANCE < 0.46, PAPER, grey)
        stripes = [[(tuple(c),) for c in row] for row in np.round(255 * fill).astype(int).tolist()]
        if self.parts is not None:
            made_by = self.parts & ~self.cut[..., None]
            for i, j in np.argwhere(made_by.any(axis=2)).tolist():
                stripes[i][j] = ()
            for i, j, k in np.argwhere(made_by).tolist():
                stripes[i][j] += (TINTS[k % len(TINTS)],)
        strings = self.strings()
        bold = bool(self.bold.any())
        longest = max(text_width(string, bold) for string in ["0", *strings.flat])
        size = min(TEXT * 1.12, 0.84 / longest)
        marks = (mark.tolist() for mark in (self.cut, self.appended, self.pointed))
        rows = zip(strings, inks.tolist(), self.bold.tolist(), stripes, *marks, strict=True)
        return [[Cell(s, size, *look) for s, *look in zip(*row, strict=True)] for row in rows]


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
    key = "     ".join(drawn for _, _, drawn in marks if drawn)
    starts = np.cumsum([0.2, *(_width(item) + 0.35 for item in row)])
    width = max(starts[-1] - 0.15, text_width(key) * TEXT + 0.4)
    height = head + body + 0.2 + LINE * 1.3 * bool(key)
    if size is None:
        size = width * cell, height * cell
    hues = any(panel.fill is not None and np.ptp(panel.fill, axis=2).any() for panel in in_row)
    colours = None if hues else (WHITE, *TINTS)
    sheet = Sheet(size, min(cell, size[0] / width, size[1] / height), colours)
    for item, x in zip(row, starts.tolist(), strict=False):
        if isinstance(item, str):
            sheet.text(item, x, head + body / 2, SIGN)
        else:
            item.draw(sheet, x, head + (body - item.values.shape[0]) / 2)
    if key:
        sheet.text(key, 0.2, head + body + 0.2 + LINE / 2)

    def describe():
        yield from (item.words() if isinstance(item, Panel) else item for item in row)
        yield from (written for _, written, _ in marks)

    return Picture(sheet, caption, describe)


def _width(item):
    """How wide an item of a row is, in cells."""
    return text_width(item) * SIGN if isinstance(item, str) else item.width
