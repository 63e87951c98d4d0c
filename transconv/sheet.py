"""A sheet of paper that grids, outlines and texts are put on, and how it becomes pixels.

A slider redraws its picture many times a second. So a picture is put together from stamps: a cell
is drawn once, with all that is in it, and from then on copied to wherever one like it belongs. All
cells are equally many whole pixels wide, so that every line is sharp.
"""

from functools import cache, lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from matplotlib.font_manager import FontProperties, findfont
from PIL import Image, ImageDraw, ImageFont

INK, GREY, RULE, PAPER = "#000000", "#6b6b6b", "#b8b8b8", "#ffffff"
LINE = 0.5  # height of a line of text, in cells; all lengths on a sheet are in cells
TEXT = 0.38  # size of the font
HALF_A_DIGIT = 0.365  # height, in sizes of the font
DASH, GAP = 0.14, 0.26  # of a frame; its thickness makes the dashes longer, the gaps shorter
FINER = 8  # slanted and round lines are drawn so many times larger, and then made smaller
RULES, HATCHES, CIRCLES, OUTLINES = 1, 0.9, 1.9, 2.7  # widths of lines in CSS pixels


class Cell(NamedTuple):
    """What is in a cell."""

    string: str  # its number
    size: float = TEXT  # of the font
    ink: str = INK
    bold: bool = False
    colours: tuple = (PAPER,)  # stripes of equal width; names, or (red, green, blue)
    hatched: bool = False
    crossed: bool = False  # with a small "+" in the corner
    circled: bool = False


class Sheet:
    """A white sheet.

    Parameters
    ----------
    size : (width, height) in CSS pixels
    cell : float
        Side of a cell in CSS pixels.
    colours : tuple of (red, green, blue) from 0 to 255, optional
        White, and the only others that cells have. (Ink on them is no further colour.) They make
        painting faster.

    Attributes
    ----------
    texts : list of (string, x, y, size, align)
    grids : list of (x, y, rows)
    outlines, frames : list of (left, top, right, bottom)
        Lines along rows and columns.
    """

    def __init__(self, size, cell, colours=None):
        self.size, self.cell, self.colours = size, cell, colours
        self.texts, self.grids, self.outlines, self.frames = [], [], [], []

    def text(self, string, x, y, size=TEXT, align="left"):
        """A text whose left end, "center" or "right" end is at `x`, and whose middle is at `y`."""
        self.texts.append((string, x, y, size, align))

    def grid(self, x, y, rows):
        """Rows of Cell with their top left corner at (x, y)."""
        self.grids.append((x, y, rows))

    def outline(self, x, y, mask):
        """A thick line wherever a cell of the mask meets one outside it."""
        height, width = mask.shape
        inside = np.zeros((height + 2, width + 2), bool)  # np.pad takes longer
        inside[1:-1, 1:-1] = mask
        for i, j in np.argwhere(inside[1:, 1:-1] != inside[:-1, 1:-1]).tolist():
            self.outlines.append((x + j, y + i, x + j + 1, y + i))
        for i, j in np.argwhere(inside[1:-1, 1:] != inside[1:-1, :-1]).tolist():
            self.outlines.append((x + j, y + i, x + j, y + i + 1))

    def frame(self, x, y, height, width):
        """A dashed line around `height` rows and `width` columns."""
        left, top = x - 0.06, y - 0.06  # outside an outline at the same place
        right, bottom = x + width + 0.06, y + height + 0.06
        for start, stop in _dashes(left, right):
            self.frames += [(start, at, stop, at) for at in (top, bottom)]
        for start, stop in _dashes(top, bottom):
            self.frames += [(at, start, at, stop) for at in (left, right)]

    def paint(self, scale):
        """The sheet as an Image of 256 colours, with `scale` pixels for each CSS pixel."""
        width, height = (round(length * scale) for length in self.size)
        paper, ink = (_pixels(Image.new("RGB", (1, 1), of), self.colours) for of in (PAPER, INK))
        pixels = np.full((height, width, *paper.shape[2:]), paper[0, 0])
        side = int(self.cell * scale)

        def at(length):
            return int(length * side + 0.5)

        def put(stamp, left, top):
            pixels[top : top + len(stamp), left : left + stamp.shape[1]] = stamp

        for string, x, y, size, align in self.texts:
            stamp, right, down, length = _text(string, round(size * side, 1), self.colours)
            start = x * side - {"left": 0, "center": length / 2, "right": length}[align]
            put(stamp, round(start) + right, at(y) + down)
        for x, y, rows in self.grids:
            left, top = at(x), at(y)
            for i, row in enumerate(rows):
                for j, cell in enumerate(row):
                    put(_stamp(cell, side, scale, self.colours), left + j * side, top + i * side)
        thick = round(OUTLINES * scale)
        for lines in (self.outlines, self.frames):
            for line in lines:
                left, top, right, bottom = (at(end) - thick // 2 for end in line)
                pixels[top : bottom + thick, left : right + thick] = ink[0, 0]
        image = Image.fromarray(pixels)
        if self.colours is None:
            return image.quantize(256, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
        image.putpalette(_palette(self.colours).getpalette())
        return image


def _dashes(start, stop):
    """The dashes, from start to end, of a line that begins and ends with one."""
    many = round((stop - start + GAP) / (DASH + GAP))
    dash = (stop - start + GAP) / many - GAP
    starts = [start + n * (dash + GAP) for n in range(many)]
    return [(at, at + dash) for at in starts]


@lru_cache(maxsize=2048)
def _stamp(cell, side, scale, colours):
    """The pixels of a Cell with the rules around it."""
    rule = max(1, round(RULES * scale))
    whole = side + rule
    image = Image.new("RGB", (whole, whole), PAPER)
    draw = ImageDraw.Draw(image)
    edges = [round(n * whole / len(cell.colours)) for n in range(len(cell.colours) + 1)]
    for colour, (left, right) in zip(cell.colours, pairwise(edges), strict=True):
        draw.rectangle((left, 0, right - 1, whole), colour)
    if cell.hatched:
        image.paste(RULE, (0, 0), _hatch(whole, scale))
    if cell.circled:
        image.paste(INK, (0, 0), _circle(whole, scale))
    if cell.crossed:
        x, y, arm = round(0.8 * whole), round(0.2 * whole), round(0.12 * whole)
        draw.rectangle((x - arm, y, x + arm + rule - 1, y + rule - 1), GREY)
        draw.rectangle((x, y - arm, x + rule - 1, y + arm + rule - 1), GREY)
    if cell.string:
        font = _font(round(cell.size * side, 1), cell.bold)
        left = round((whole - font.getlength(cell.string)) / 2)
        base = round(whole / 2 + HALF_A_DIGIT * font.size)
        draw.text((left, base), cell.string, cell.ink, font, anchor="ls")
    draw.rectangle((0, 0, whole - 1, whole - 1), outline=RULE, width=rule)
    return _pixels(image, colours)


def _pixels(image, colours):
    """An RGB Image as an array: of its colours, or of their numbers in the palette."""
    if colours:
        image = image.quantize(palette=_palette(colours), dither=Image.Dither.NONE)
    return np.asarray(image)


@cache
def _palette(colours):
    """An Image whose palette leads from ink to each colour: what text on them needs."""
    ways = [np.linspace(0, colour, 256 // len(colours)) for colour in colours]
    image = Image.new("P", (1, 1))
    image.putpalette(np.round(np.concatenate(ways)).astype(np.uint8).tobytes())
    return image


@cache
def _hatch(whole, scale):
    """A mask of slanted lines."""
    side = whole * FINER
    mask = Image.new("L", (side, side))
    for across in np.arange(0.25, 2, 0.25) * side:
        ImageDraw.Draw(mask).line((across, 0, 0, across), 255, round(HATCHES * scale * FINER))
    return mask.reduce(FINER)


@cache
def _circle(whole, scale):
    """A mask of a circle."""
    side, edge = whole * FINER, 0.03 * whole * FINER
    mask = Image.new("L", (side, side))
    corners = (edge, edge, side - edge, side - edge)
    ImageDraw.Draw(mask).ellipse(corners, outline=255, width=round(CIRCLES * scale * FINER))
    return mask.reduce(FINER)


@lru_cache(maxsize=2048)
def _text(string, size, colours):
    """A text's pixels, where they begin right of its start and below its middle, its length."""
    font = _font(size)
    left, top, right, bottom = map(round, font.getbbox(string, anchor="ls"))
    image = Image.new("RGB", (right - left, bottom - top), PAPER)
    ImageDraw.Draw(image).text((-left, -top), string, INK, font, anchor="ls")
    down = round(HALF_A_DIGIT * size) + top
    return _pixels(image, colours), left, down, font.getlength(string)


@cache
def _font(size, bold=False):
    name = FontProperties(family="DejaVu Sans", weight="bold" if bold else "normal")
    return ImageFont.truetype(findfont(name), size)


@lru_cache(maxsize=4096)
def text_width(string, bold=False):
    """The length of a text of size 1."""
    return _font(100, bold).getlength(string) / 100
