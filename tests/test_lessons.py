"""How the lessons are made: they ask before they tell, and their links lead somewhere."""

import re
from itertools import pairwise
from pathlib import Path

import nbformat
import pytest

NOTEBOOKS = {
    path.name: nbformat.read(path, as_version=4).cells
    for path in sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
}
each_lesson = pytest.mark.parametrize("name", NOTEBOOKS)


def headings(name):
    """The anchors of a notebook's headings, as JupyterLab makes them."""
    text = "\n".join(cell.source for cell in NOTEBOOKS[name] if cell.cell_type == "markdown")
    bare = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    return {title.replace(" ", "-") for title in re.findall(r"^#+ (.+)$", bare, re.MULTILINE)}


@each_lesson
def test_no_assert_tells_the_answer_to_a_prediction(name):
    """The cell that follows a question may compute the answer, but not hold it."""
    cells, asked = NOTEBOOKS[name], 0
    for cell, following in pairwise(cells):
        if "<b>Predict:</b>" in cell.source and following.cell_type == "code":
            asked += 1
            assert not re.search(r"^\s*assert", following.source, re.MULTILINE), following.source
    assert asked > 5


@each_lesson
def test_every_reference_to_another_lesson_is_a_link_that_leads_somewhere(name):
    links = 0
    for cell in NOTEBOOKS[name]:
        if cell.cell_type != "markdown":
            continue
        for target, anchor in re.findall(r"\]\((\d\d_\w+\.ipynb)(?:#([^\s)]+))?\)", cell.source):
            links += 1
            assert target in NOTEBOOKS
            assert not anchor or anchor in headings(target), anchor
        bare = re.sub(r"\[[^\]]*\]\([^)]*\)", "", cell.source)
        task = cell.source.startswith(("### Practise", "<details>\n<summary>Hint"))
        assert task or not re.search(r"[Ll]essons? \d", bare), bare
    assert links
