"""Read a Picture back: its grids from its words, and from the shapes on its figure."""

import re
from functools import cache
from typing import NamedTuple

import numpy as np
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextPath


class Grid(NamedTuple):
    """One panel of a picture: its title, and its cells as strings."""

    title: str
    cells: list

    @property
    def numbers(self):
        """The cells without the marks of the words; nan for a blank one."""
        bare = [[re.sub(r"[\[\]<>x+]", "", cell) for cell in row] for row in self.cells]
        return np.array([["nan" if cell == "." else cell for cell in row] for row in bare], float)

    def marked(self, mark):
        """Which cells have the mark "[", "x" or "+" in the words."""
        return np.array([[mark in cell for cell in row] for row in self.cells])


def grids_in_words(words):
    """The Grids that the words of a picture spell out."""
    grids = []
    for block in words.split("\n\n")[1:]:
        title, *lines = block.split("\n")
        if size := re.search(r"\((\d+)×(\d+)\)$", title):
            height, width = map(int, size.groups())
            heads = bool(re.search("[×,]", lines[0]))
            rows = lines[heads : heads + height]
            grids.append(Grid(title, [row.split()[-width:] for row in rows]))
    return grids


def grids_on_figure(figure):
    """The Grids that are drawn: what the outlines of characters in and above ruled lines spell."""
    glyphs = [g for a in figure.artists if a.get_gid() == "text" for g in characters(a.get_path())]

    def spelled(left, right, top, bottom):
        found = sorted((x, c) for c, x, y in glyphs if left < x < right and top < y < bottom)
        return "".join(character for _, character in found)

    grids = []
    ruled = ruled_on_figure(figure)
    for (x, y, height, width), (end, *_) in zip(ruled, [*ruled[1:], (np.inf,)], strict=True):
        title = min(gy for _, gx, gy in glyphs if x < gx < end and y - 1.1 < gy < y)  # over heads
        cells = [
            [spelled(x + j, x + j + 1, y + i, y + i + 1) for j in range(width)]
            for i in range(height)
        ]
        grids.append(Grid(spelled(x, end, title - 0.1, title + 0.25), cells))
    return grids


def ruled_on_figure(figure):
    """The (left, top, height, width) of each ruled grid on a figure, in cells."""
    segments = lines(figure, "rules")
    down = [s for s in segments if s[0, 1] == s[1, 1]]  # the ends of the rows, grid by grid
    grids, start = [], 0
    for n in range(1, len(down) + 1):
        if n == len(down) or not np.allclose(down[n][:, 0], down[start][:, 0]):
            (left, top), (right, _) = down[start]
            grids.append((left, top, n - start - 1, round(right - left)))
            start = n
    return grids


def lines(figure, kind):
    """The segments of one kind of line on a figure, in cells."""
    paths = [a.get_path().vertices for a in figure.artists if a.get_gid() == kind]
    return np.concatenate(paths).reshape(-1, 2, 2) if paths else np.zeros((0, 2, 2))


def cells(figure):
    """The painted rectangles of a figure: (left, top, width, colour) in cells."""
    return [
        (*corners[0], corners[1, 0] - corners[0, 0], artist.get_facecolor()[:3])
        for artist in figure.artists
        if artist.get_gid() == "cells"
        for corners in artist.get_path().vertices.reshape(-1, 5, 2)
    ]


def characters(path):
    """Each character of a compound path, with the middle of its outline."""
    start = 0
    while start < len(path.vertices):
        for character in CHARACTERS:
            outline = _outline(character)
            end = start + len(outline.vertices)
            vertices = path.vertices[start:end]
            if np.array_equal(path.codes[start:end], outline.codes):
                drawn, known = np.ptp(vertices, axis=0), np.ptp(outline.vertices, axis=0)
                # Grids are drawn downward, characters are outlined upward.
                expected = (outline.vertices - outline.vertices[0]) * (1, -1) * drawn[0] / known[0]
                if np.allclose(vertices - vertices[0], expected, atol=1e-6):
                    x, y = (vertices.min(axis=0) + vertices.max(axis=0)) / 2
                    yield character, x, y
                    start = end
                    break
        else:
            raise AssertionError(f"no known character at ({path.vertices[start]})")


CHARACTERS = [*map(chr, range(33, 127)), *"×→∗−"]


@cache
def _outline(character):
    return TextPath((0, 0), character, size=1, prop=FontProperties(family="DejaVu Sans"))
