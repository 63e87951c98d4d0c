"""`make notebooks` stores what a second run would store again."""

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

from tools.execute_notebooks import execute

MEASURED = "import time\n\nprint(time.perf_counter())"


def test_a_second_run_leaves_the_file_as_it_was(tmp_path):
    path = tmp_path / "lesson.ipynb"
    cells = [
        new_code_cell(MEASURED, metadata={"tags": ["nbval-ignore-output", "not-stored"]}),
        new_code_cell("from transconv.progress import progress\n\nlist(progress(2))"),
    ]
    nbformat.write(new_notebook(cells=cells), path)
    execute(path)
    first = path.read_text()
    execute(path)
    assert path.read_text() == first
    measured, bar = nbformat.read(path, as_version=4).cells
    assert measured.outputs == []
    said, result = (output["data"] for output in bar.outputs)
    assert said == {"text/plain": "training: 2 of 2 steps"}
    assert result == {"text/plain": "[0, 1]"}
