"""The notebooks and their sliders, as a reader meets them: JupyterLab in a browser."""

from pathlib import Path

import nbformat
import pytest

from tools.browser import STDERR, NoBrowser, browser, errors, lab, opened, run_all

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
EXPLORERS = {"01_concept.ipynb": 1, "02_parameters.ipynb": 2, "03_from_scratch.ipynb": 0}


@pytest.fixture(scope="module", params=sorted(path.name for path in NOTEBOOKS.glob("*.ipynb")))
def page(request):
    """A notebook in JupyterLab, after Run All."""
    notebook = request.param
    try:
        with (
            browser() as chromium,
            lab(NOTEBOOKS) as url,
            opened(chromium, url(notebook)) as page,
        ):
            page.notebook = notebook
            run_all(page)
            yield page
    except NoBrowser as reason:
        pytest.skip(f"browser tests: {reason}")


def test_run_all_reaches_the_end(page):
    assert errors(page) == []
    assert page.locator(STDERR).all_inner_texts() == []
    assert page.get_by_text("Error displaying widget").count() == 0
    assert page.crashes == []


def stored(page):
    """The outputs that the notebook is stored with, as dicts from MIME type to content."""
    notebook = nbformat.read(NOTEBOOKS / page.notebook, as_version=4)
    outputs = (output for cell in notebook.cells for output in cell.get("outputs", []))
    return [output.get("data", {}) for output in outputs]


def test_every_picture_of_the_notebook_is_on_the_page(page):
    cells = nbformat.read(NOTEBOOKS / page.notebook, as_version=4).cells
    charts = sum("not-stored" in cell.metadata.get("tags", []) for cell in cells)  # one in each
    wanted = sum("image/png" in output for output in stored(page)) + charts
    wanted -= EXPLORERS[page.notebook]
    page.wait_for_function(
        """wanted => [...document.querySelectorAll('.jp-RenderedImage img')].filter(
            image => image.naturalWidth).length === wanted""",
        arg=wanted,
    )


def test_every_training_has_come_to_its_end(page):
    bars = page.locator(".jp-OutputArea-output:has(.widget-hprogress)").all()
    trainings = [output.get("text/plain", "").startswith("training") for output in stored(page)]
    assert len(bars) == sum(trainings)
    for bar in bars:
        done, of = (bar.locator(part).bounding_box() for part in (".progress-bar", ".progress"))
        assert done["width"] == pytest.approx(of["width"], abs=2)


def test_explorers_are_alive(page):
    """In place of the picture that is stored; test_explorer_page.py has all that they do."""
    explorers = page.locator(".transconv-explorer")
    assert explorers.count() == EXPLORERS[page.notebook]
    for explorer in explorers.all():
        picture = explorer.locator(".picture svg")
        before = picture.evaluate("svg => svg.outerHTML")
        explorer.locator("input[name=step]").press("End")
        page.wait_for_function(
            "([explorer, before]) => explorer.querySelector('svg').outerHTML !== before",
            arg=[explorer.element_handle(), before],
        )
    for stored in page.locator(".transconv-stored").all():
        assert not stored.is_visible()


def test_nothing_crashed_meanwhile(page):
    assert page.crashes == []
    assert page.locator(STDERR).count() == 0


def test_opened_and_not_run_it_shows_the_pictures_above_their_words(page):
    """Also those of the explorers."""
    with (
        lab(NOTEBOOKS, keep=True) as url,
        opened(page.context.browser, url(page.notebook)) as unrun,
    ):
        pictures = sum("image/png" in output for output in stored(page))
        unrun.wait_for_function(
            "n => document.querySelectorAll('.jp-RenderedImage img').length === n", arg=pictures
        )
        words = unrun.locator(".jp-OutputArea-child:has(img) + :has(.transconv-stored)")
        assert words.count() == EXPLORERS[page.notebook]
        assert all(of.is_visible() for of in words.all())
        assert unrun.get_by_text("Error displaying widget").count() == 0
        assert unrun.crashes == []
