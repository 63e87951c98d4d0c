"""The reading times that the lessons state are counted."""

from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tools.reading_time import Reading, parts, stated

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
MOST = {"01_concept": 45, "02_parameters": 60, "03_from_scratch": 75}


def test_counts_words_pictures_and_lines_but_not_the_exercises():
    picture = new_output("display_data", {"image/png": ""})
    notebook = new_notebook(
        cells=[
            new_markdown_cell("# One two three"),
            new_code_cell("a = 1\n\nb = 2", outputs=[picture, picture]),
            new_markdown_cell("### Practise: four (2 minutes)\n\nfive"),
            new_code_cell("five = ...\n\nchecks.five(five)"),
            new_markdown_cell("<details>\n<summary>Hint 1</summary>\n\nsix\n\n</details>"),
            new_code_cell("c = 3", outputs=[picture]),
            new_markdown_cell("# Reference\n\nseven"),
            new_code_cell("d = 4"),
        ]
    )
    assert parts(notebook) == {"lesson": (4, 3, 3), "Reference": (3, 0, 1)}


@pytest.mark.parametrize(
    ("reading", "minutes"),
    [
        (Reading(120, 0, 0), 1),
        (Reading(121, 0, 0), 2),
        (Reading(0, 3, 0), 2),
        (Reading(0, 0, 15), 2),
        (Reading(0, 0, 16), 3),
    ],
)
def test_minutes_are_rounded_up(reading, minutes):
    assert reading.minutes == minutes


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_lesson_states_what_is_counted_and_is_not_too_long(path):
    notebook = nbformat.read(path, as_version=4)
    reading = parts(notebook)["lesson"]
    assert reading.minutes <= stated(notebook) < reading.minutes + 5
    assert stated(notebook) <= MOST[path.stem]
    assert reading.words <= 3000
