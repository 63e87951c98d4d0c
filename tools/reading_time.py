"""Count how long the lessons take to read: `python -m tools.reading_time notebooks/*.ipynb`."""

import re
import sys
from pathlib import Path
from typing import NamedTuple

import nbformat

WORDS, PICTURE, LINE = 120, 40, 8  # words a minute; seconds for a picture and for a line of code
STATED = re.compile(r"\*\*How long:\*\* about (\d+) minutes")


class Reading(NamedTuple):
    """What there is to read in a part of a lesson."""

    words: int
    pictures: int
    lines: int

    @property
    def minutes(self):
        """Rounded up."""
        seconds = self.words * 60 / WORDS + self.pictures * PICTURE + self.lines * LINE
        return int(-(-seconds // 60))


def parts(notebook):
    """The Reading of a notebook by part, "lesson" and "Reference", without the exercises."""
    found, part, exercise = {"lesson": [0, 0, 0]}, "lesson", False
    for cell in notebook.cells:
        text = cell.source
        if text.startswith("# Reference"):
            found[part := "Reference"] = [0, 0, 0]
        # A task, the cell to fill in, and the folds.
        exercise = text.startswith("### Practise") or (
            exercise and ("\nchecks." in text or text.startswith("<details>\n<summary>Hint"))
        )
        if exercise:
            continue
        if cell.cell_type == "markdown":
            found[part][0] += len(text.split())
        else:
            found[part][1] += sum("image/png" in o.get("data", {}) for o in cell.outputs)
            found[part][2] += sum(bool(line.strip()) for line in text.splitlines())
    return {name: Reading(*counts) for name, counts in found.items()}


def stated(notebook):
    """How many minutes a lesson says that it takes, without its exercises."""
    return int(STATED.search(notebook.cells[0].source)[1])


if __name__ == "__main__":
    for name in sys.argv[1:]:
        notebook = nbformat.read(Path(name), as_version=4)
        for part, reading in parts(notebook).items():
            print(f"{name}, {part}: {reading.minutes} minutes, {reading}")
        print(f"{name} says about {stated(notebook)} minutes")
