"""Photographs of a notebook, from which its pictures are judged: all of it, as it was asked for."""

import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import matplotlib.image
import nbformat.v4 as nbformat
import numpy as np
import pytest

ROOT = Path(__file__).parents[1]
COLOURS = {"stored": (200, 40, 0), "run": (0, 120, 200), "last": (0, 160, 60)}


def block(name):
    """HTML that shows a colour, less high than a window."""
    return f'<div style="height: 500px; background: rgb{COLOURS[name]}"></div>'


@pytest.fixture
def notebook(tmp_path):
    """A file that is stored with another output than a run of it gives; the last cell fails."""
    code = nbformat.new_code_cell(f"from IPython.display import HTML\nHTML({block('run')!r})")
    stored = {"text/html": block("stored"), "text/plain": "stored"}
    code.outputs = [nbformat.new_output("execute_result", stored, execution_count=1)]
    cells = [code, nbformat.new_markdown_cell(block("last")), nbformat.new_code_cell("1 / 0")]
    kernel = {"name": "python3", "display_name": "Python 3"}  # or JupyterLab asks for one
    path = tmp_path / "notebook.ipynb"
    whole = nbformat.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    path.write_text(nbformat.writes(whole))
    return path


def photographed(notebook, *options):
    """The photographs in their order, as arrays of numbers from 0 to 255, and what was said."""
    folder = notebook.with_name("photographs")
    command = [sys.executable, "-m", "tools.screenshots", notebook, folder, *options]
    done = subprocess.run(command, cwd=ROOT, text=True, capture_output=True)
    if done.stderr.startswith("no screenshots: "):
        pytest.skip(done.stderr)
    paths = done.stdout.split()
    assert paths == [str(path) for path in sorted(folder.iterdir())], done.stderr
    return [np.round(matplotlib.image.imread(path)[..., :3] * 255) for path in paths], done.stderr


def rows_of(name, picture):
    """Which rows of a photograph show the colour."""
    return np.flatnonzero((picture == COLOURS[name]).all(axis=2).any(axis=1))


@pytest.mark.parametrize("as_html", [False, True], ids=["JupyterLab", "HTML"])
@pytest.mark.parametrize(("dark", "scale"), [(False, 1), (True, 2)], ids=["light", "dark, sharp"])
def test_a_notebook_is_photographed_whole_and_as_asked_for(notebook, as_html, dark, scale):
    options = ["--html"] * as_html + ["--dark"] * dark + [f"--scale={scale}", "--width=800"]
    pictures, said = photographed(notebook, *options)
    assert said == ("" if as_html else "A cell failed:\nZeroDivisionError: division by zero\n")

    shown, other = ("stored", "run") if as_html else ("run", "stored")
    assert rows_of(shown, pictures[0]).size == 500 * scale
    assert not any(rows_of(other, picture).size for picture in pictures)
    assert rows_of("last", pictures[-1]).size
    for picture in pictures:
        assert picture.shape == pictures[0].shape
        assert (np.median(picture[:, -1]) < 128) == dark  # the ground at the right border
    # What one cuts off, the next shows: 40 rows are on both.
    for before, after in pairwise(pictures[:-1]):
        np.testing.assert_array_equal(before[-40 * scale :], after[: 40 * scale])
    if as_html:
        assert pictures[0].shape[1] == 800 * scale
