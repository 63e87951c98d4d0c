"""Read a Picture back: its grids from its words, and from what was put on its sheet."""

import re
from typing import NamedTuple

import numpy as np


class Grid(NamedTuple):
    """One panel of a picture: its title, and its cells as strings."""

    title: str
    cells: list

    @property
    def numbers(self):
        """The cells without the marks of the words; nan for a blank one."""
        bare = [[re.sub(r"[\[\]<>x+]", "", cell) for cell in row] for row in self.cells]
        return np.array(
            [["nan" if cell in (".", "") else cell for cell in row] for row in bare], float
        )

    def marked(self, mark):
        """Which cells have the mark "[", "<", "x" or "+" in the words."""
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


def grids_on_sheet(sheet):
    """The Grids that are drawn: the strings of the cells, and the highest text above them."""
    grids = []
    for x, y, rows in sheet.grids:
        above = [
            (text_y, string)
            for string, text_x, text_y, *_ in sheet.texts
            if text_x == x and text_y < y
        ]
        grids.append(Grid(min(above)[1], [[cell.string for cell in row] for row in rows]))
    return grids
