"""Read a Picture back: its grids from its words, and from its SVG."""

import re
from typing import NamedTuple
from xml.etree import ElementTree

import numpy as np

SVG = "{http://www.w3.org/2000/svg}"


class Grid(NamedTuple):
    """One panel of a picture: its title, and its cells as strings."""

    title: str
    cells: list

    @property
    def numbers(self):
        """The cells without the marks of the words; nan for a blank one."""
        bare = [[re.sub(r"[\[\]x+]", "", cell) for cell in row] for row in self.cells]
        return np.array(
            [["nan" if cell in (".", "") else cell for cell in row] for row in bare], float
        )

    def marked(self, mark):
        """Which cells have the mark "[", "x" or "+" in the words."""
        return np.array([[mark in cell for cell in row] for row in self.cells])


def grids_in_words(words):
    """The Grids that the words of a picture spell out."""
    grids = []
    for block in words.split("\n\n")[1:]:
        title, *lines = block.split("\n")
        if size := re.search(r"\((\d+)×(\d+)\)$", title):
            height = int(size[1])
            heads = bool(re.match(r"\s*(×|\d+,\d|made by|read by)", lines[0]))
            rows = [re.sub(r"^.*(\)|kernel) ", "", row) for row in lines[heads : heads + height]]
            grids.append(Grid(title, [row.split() for row in rows]))
    return grids


class Drawn(NamedTuple):
    """One panel of an SVG: a Grid, and for each cell how it looks."""

    grid: Grid
    grounds: np.ndarray  # classes of look.css
    inks: np.ndarray
    hues: list  # rows of lists of (hue, width as a part of the cell), from the left
    masks: dict  # from "cut", "plus" to where there is one
    edges: set  # of the outline: (row, column) of their middles, in cells
    frame: tuple  # (first row, first column, row and column after the last), or None
    at: tuple  # the left, top, right and bottom ends of the grid on the page


def drawn_in(svg):
    """The panels of an SVG, in order."""
    root = ElementTree.fromstring(svg)
    return [_panel(g) for g in root.iter(f"{SVG}g") if g.get("class") == "panel"]


def check_links(picture):
    """Each number is the sum of the products that the links tell, or their count, or blank."""
    grids = [panel.grid.numbers.ravel() for panel in drawn_in(picture.svg)]
    for link in picture.links:
        rows = np.array(link["rows"], int).reshape(-1, len(link["panels"]))
        cells, *factors = rows.T
        target, *sources = (grids[p] for p in link["panels"])
        products = np.prod([of[at] for of, at in zip(sources, factors, strict=True)], axis=0)
        if "=" not in link["says"][0]:
            products = np.ones(len(rows))
        sums = np.bincount(cells, products, minlength=target.size)
        made = np.bincount(cells, minlength=target.size) > 0
        assert (np.isnan(target) | (target == 0))[~made].all() or "row" in link["says"][2]
        np.testing.assert_array_equal(sums[made], target[made])


def texts_in(svg):
    """Every text of an SVG."""
    return ["".join(text.itertext()) for text in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def _panel(g):
    rows, columns, side = map(int, g.get("data-cells").split(","))
    paths = {path.get("class"): path.get("d") for path in g.iter(f"{SVG}path")}
    titles = ["".join(t.itertext()) for t in g.iter(f"{SVG}text") if t.get("class") == "title"]
    *words, size = " ".join(titles).split()
    strings, inks, grounds = (np.full((rows, columns), "", object) for _ in range(3))
    (numbers,) = (n for n in g.iter(f"{SVG}g") if n.get("class") == "number")
    for text in numbers:
        for span in text:
            at = int(text.get("y")) // side, int(span.get("x")) // side
            assert not strings[at]
            strings[at], inks[at] = span.text, span.get("class", "")
    hues = [[[] for _ in range(columns)] for _ in range(rows)]
    for look, path in paths.items():
        if look == "rule":
            continue
        for x, y, width in re.findall(r"M([\d.]+) (\d+)h([\d.]+)v\d+h-[\d.]+z", path):
            i, j, span = int(y) // side, float(x) / side, float(width) / side
            if look.startswith("h"):
                hues[i][int(j + 1e-3)].append((j % 1, int(look[1]), span))
            else:
                assert not grounds[i, int(j) : round(j + span)].any()
                grounds[i, int(j) : round(j + span)] = look
    masks = {}
    for look in ("cut", "plus"):
        masks[look] = np.zeros((rows, columns), bool)
        for x, y in re.findall(r"M(\d+) (\d+)", paths.get(look, "")):
            masks[look][int(y) // side, int(x) // side] = True
    edges = set()
    for x, y, way in re.findall(r"M(\d+) (\d+)([hv])", paths.get("step", "")):
        i, j = int(y) / side, int(x) / side
        edges.add((i, j + 0.5) if way == "h" else (i + 0.5, j))
    frame = None
    if "frame" in paths:
        left, top, right, bottom, _ = map(int, re.findall(r"-?\d+", paths["frame"]))
        frame = tuple(round(end / side) for end in (top, left, bottom, right))
    x, y = map(int, re.findall(r"\d+", g.get("transform")))
    hues = [[[(hue, span) for _, hue, span in sorted(cell)] for cell in row] for row in hues]
    grid = Grid(f"{' '.join(words)} ({size})", strings.tolist())
    at = (x, y, x + columns * side, y + rows * side)
    return Drawn(grid, grounds, inks, hues, masks, edges, frame, at)
