"""Grids of numbers in a row, and the words that say the same."""

from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import NamedTuple

import numpy as np
from IPython.display import HTML, display

from transconv import svg

SVG = "application/vnd.transconv.svg"  # a type of our own, which no viewer shows in place of PNG
MARKS = {  # attribute of a Panel: how it marks a number in words, its key in words, its key drawn
    "cut": ("{}x", "nx hatched: cut off", "hatched: cut off"),
    "appended": ("{}+", "n+ zeros added", "+: zeros added"),
    "here": ("[{}]", "", ""),
    "step": ("[{}]", "[n] this step", ""),
    "frame": ("", "dashed frame: the output, all but the nx", "dashed frame: the output"),
}
MASKS = ("cut", "appended", "here", "step")
DEEPEST = 6  # look.css has so many greys and tints of the accent
HUES = 4  # and a hue for each of so many inputs
GREYS = np.array(["paper", *(f"k{n}" for n in range(1, DEEPEST + 1))], object)
TINTS = np.array(["paper", *(f"n{n}" for n in range(1, DEEPEST + 1))], object)
INKS = {"paper": "soft", **{f"v{n}": "low" if n < 5 else "high" for n in range(1, 9)}}  # on shades


class Picture:
    """A drawing together with its words: for the eye, and as text and as alt text.

    Parameters
    ----------
    svg : str
    size : (width, height) in CSS pixels
    caption : str
        One sentence or a few, on one line.
    describe : callable
        Makes the paragraphs that follow the caption in the words; called when they are asked for.
    exact : bool
        Whether the SVG is the same to the letter on every machine. A notebook then stores it where
        nbval compares it.
    panels : sequence of Panel
        Those that are drawn, in order.
    """

    def __init__(self, svg, size, caption, describe, exact=True, panels=()):
        self.svg, self.size, self.caption, self._describe = svg, size, caption, describe
        self.exact, self.panels = exact, panels

    def __repr__(self):
        return self.words

    @cached_property
    def words(self):
        """The caption, and exactly what is drawn: every number, and which cells are marked."""
        return "\n\n".join([self.caption, *self._describe()])

    @property
    def links(self):
        """The sums of the panels, as JSON: a panel goes by its number, `rows` is one flat list."""
        number = {id(panel): n for n, panel in enumerate(self.panels)}
        return [
            {
                "panels": [n, *(number[id(source)] for source in panel.sums.sources)],
                "rows": panel.sums.rows.ravel().tolist(),
                "says": list(panel.sums[2:]),
            }
            for n, panel in enumerate(self.panels)
            if panel.sums
        ]

    @property
    def given(self):
        """Which panels show numbers of the input or the kernel, as JSON."""
        given = {n: panel.given for n, panel in enumerate(self.panels) if panel.given}
        return {
            str(n): {"name": name, "width": width, "places": places.ravel().tolist()}
            for n, (name, width, places) in given.items()
        }

    def png(self, scale=2):
        """The drawing as PNG bytes, in the light look, the same on every machine."""
        return svg.png(self.svg, scale)

    def stored(self):
        """What a notebook stores of the picture, and how to show it: two dicts by MIME type."""
        width, height = self.size
        data = {"image/png": self.png(), "text/plain": self.words}
        look = {"width": width, "height": height, "alt": self.words}
        (data if self.exact else look)[SVG] = self.svg  # nbval compares the data alone
        return data, {"image/png": look}

    def _ipython_display_(self):
        """Show the picture, its caption, and its words to unfold.

        JupyterLab gives pictures no alt text, so the words are on the page. nbval compares them.
        """
        data, look = self.stored()
        display(data, raw=True, metadata=look)
        display(HTML(self.html()))

    def html(self):
        """The caption, and the words to unfold."""
        caption, words = escape(self.words).split("\n\n", 1)
        return f"<p>{caption}</p><details><summary>as text</summary><pre>{words}</pre></details>"


class Sums(NamedTuple):
    """What the cells of a panel are made of: sums of products of cells of other panels.

    Attributes
    ----------
    sources : tuple of Panel
    rows : (addends, 1 + sources) int array
        For each addend the cell of the panel, and of each source the cell that is a factor. A cell
        goes by its place in reading order.
    says, and_, none : str
        What is written before the addends, "{}" being the number in the cell, and between them; and
        of a cell without any.
    """

    sources: tuple
    rows: np.ndarray
    says: str = "{} = "
    and_: str = " + "
    none: str = "No patch reaches it."


class Given(NamedTuple):
    """Which numbers of the input or the kernel a panel shows.

    Attributes
    ----------
    name : "input" or "kernel"
    width : int
        Of that grid.
    places : int array
        For each cell of the panel its place in that grid, in reading order; -1 for others.
    """

    name: str
    width: int
    places: np.ndarray


class Bracket(NamedTuple):
    """A bracket below the columns from `start` to before `stop`, with a text."""

    start: int
    stop: int
    text: str


@dataclass
class Panel:
    """A titled grid of numbers.

    Attributes
    ----------
    title : str
        Says whether this is an input, a kernel or an output.
    values : (height, width) array
        Masked cells stay blank.
    loose : bool
        Whether masked cells have neither ground nor rules, and do not count for the size.
    made : (height, width) int array
        How many addends are in each cell: the more, the deeper its ground. Where there are none the
        number is soft: nothing has reached it.
    scale : int array
        Every count that `made` comes to in the end: the smallest has the palest ground, the largest
        the deepest, and up to DEEPEST of them one each. Those of `made`, if not given.
    hues : (height, width, inputs) bool array
        In place of `made`, which of up to HUES inputs are in each cell: stripes of their hues.
    shades : (height, width) array of str
        The look of each cell's ground, where its colour tells its value.
    here : (height, width) bool array
        The cell that this step is about, in full colour.
    step, cut, appended : (height, width) bool array
        Cells that this step reads or writes, in an outline, tinted and in bold; that are hatched;
        that have a small "+".
    frame : (slice, slice)
        Rows and columns to draw a dashed frame around.
    row_heads, column_heads : list of str
        One row head more is that of the column heads.
    brackets : list of Bracket
    sums : Sums
        What its numbers are made of.
    given : Given
        Where its numbers are those of the input or the kernel.
    room : (set of str, int)
        The titles that stand here at other steps, and the length of the longest number: with room
        for them, nothing moves from one step to the next.
    """

    title: str
    values: np.ndarray
    made: np.ndarray = None
    scale: np.ndarray = None
    hues: np.ndarray = None
    shades: np.ndarray = None
    here: np.ndarray = None
    step: np.ndarray = None
    cut: np.ndarray = None
    appended: np.ndarray = None
    frame: tuple = None
    row_heads: list = ()
    column_heads: list = ()
    brackets: list = ()
    loose: bool = False
    sums: Sums = None
    given: Given = None
    room: tuple = None

    def __post_init__(self):
        self.values = np.ma.asarray(self.values)
        for name in MASKS:
            if getattr(self, name) is None:
                setattr(self, name, np.zeros(self.values.shape, bool))
        if self.hues is not None:
            self.hues = np.broadcast_to(self.hues, (*self.values.shape, self.hues.shape[2]))
            self.made = self.hues.sum(axis=2)

    @cached_property
    def there(self):
        """Which cells are drawn, (height, width)."""
        return ~np.ma.getmaskarray(self.values) | (not self.loose)

    @cached_property
    def size(self):
        """(height, width), in cells that are drawn."""
        return len(self.values), int(self.there.sum(axis=1).max())

    @cached_property
    def strings(self):
        """The numbers as they are drawn, (height, width); blank where masked."""
        pattern = "{:.1f}" if self.values.dtype.kind == "f" else "{}"
        filled = self.values.filled(0).round(1) + 0  # no -0.0
        strings = [[pattern.format(value) for value in row] for row in filled.tolist()]
        return np.where(np.ma.getmaskarray(self.values), "", np.array(strings, object))

    def grounds(self):
        """The look in look.css of each cell's ground, (height, width)."""
        if self.shades is not None:
            return self.shades
        if self.hues is not None:
            return np.full(self.values.shape, GREYS[0])
        if self.made is None:
            depth = np.ones(self.values.shape, int)
        else:
            counts = np.unique(self.made if self.scale is None else self.scale)
            counts = counts[counts > 0]
            rank = np.searchsorted(counts, self.made)
            depth = 1 + rank * (DEEPEST - 1) // max(2, len(counts) - 1)
            depth = np.where(self.made > 0, depth, 0)
        depth = np.where(self.cut, self.step, depth)  # what is cut off is not told apart
        greys = GREYS[depth] if self.made is not None else GREYS[0]
        greys = np.where(self.there, greys, "")
        return np.where(self.here, "now", np.where(self.step, TINTS[depth], greys))

    def inks(self):
        """The look of each cell's number, (height, width)."""
        if self.shades is not None:
            return np.vectorize(lambda ground: INKS.get(ground, ""), otypes=[object])(self.shades)
        soft = self.cut | (self.appended if self.made is None else self.made == 0)
        inks = np.where(soft, "soft", np.where(self.step, "bold", ""))
        return np.where(self.here, "on", inks)

    def words(self):
        """The title, the rows with the marks of MARKS, and how many addends are in each cell."""
        rows = [[cell or "." for cell in row] for row in self.strings.tolist()]
        for name in MASKS:
            for i, j in zip(*getattr(self, name).nonzero(), strict=True):
                rows[i][j] = MARKS[name][0].format(rows[i][j])
        if len(self.column_heads):
            rows.insert(0, self.column_heads)
        if len(self.row_heads):
            heads = [""] * (len(rows) - len(self.row_heads)) + list(self.row_heads)
            rows = [[head, *row] for head, row in zip(heads, rows, strict=True)]
        height, width = self.size
        words = [f"{self.title} ({height}×{width})", *_table(rows)]
        words += [f"columns {b.start} to {b.stop - 1}: {b.text}" for b in self.brackets]
        made = self.made is not None and not len(self.column_heads) and self.made.max() > 1
        if made and np.any(self.made != self.values):  # which would tell it already
            words += ["inputs that made each cell:", *_table(self.made.astype(str))]
        return "\n".join(words)


def _table(rows):
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [" ".join(c.rjust(w) for c, w in zip(row, widths, strict=True)) for row in rows]


def row(caption, *items, **look):
    """A Picture of panels side by side, with signs such as "+" or "=" between them.

    Parameters
    ----------
    caption : str
        One sentence or a few; they stand first in the words and are not drawn.
    *items : Panel or str
    **look : cell, size
        As in `svg.row`.
    """
    return groups(caption, {"": items}, **look)


def groups(caption, named, **look):
    """A Picture of several rows, clearly apart: a dict from heading to items, as `row` has them."""
    return _picture(svg.row, list(named.items()), named, caption, **look)


def column(caption, *panels, **look):
    """A Picture of panels below each other, column below column, with titles at their left."""
    return _picture(svg.column, panels, {"": panels}, caption, **look)


def _picture(draw, drawn, named, caption, **look):
    items = [item for of in named.values() for item in of]
    panels = [item for item in items if isinstance(item, Panel)]
    marks = [MARKS[name] for name in MARKS if any(np.any(getattr(p, name)) for p in panels)]
    key = " \N{MIDDLE DOT} ".join(drawn for _, _, drawn in marks if drawn)

    def describe():
        for heading, of in named.items():
            yield from [heading] if heading else []
            yield from (item.words() if isinstance(item, Panel) else item for item in of)
        yield from (written for _, written, _ in marks if written)

    return Picture(*draw(drawn, key, caption, **look), caption, describe, panels=panels)
