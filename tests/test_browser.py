"""The notebooks and their sliders, as a reader meets them: JupyterLab in a browser."""

import time
from pathlib import Path

import nbformat
import pytest

from tools.browser import STDERR, NoBrowser, browser, errors, lab, opened, run_all
from transconv import explore, svg

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
W = [[1, 2, 1], [2, 1, 2], [1, 1, 2]]
EXPLORERS = {  # what the notebooks show, made here without a kernel; lesson 3 has no sliders
    "01_concept.ipynb": explore.spread([[55, 52], [57, 50]], W),
    "02_parameters.ipynb": explore.layers(
        [[3, 5, 2, 7], [4, 1, 3, 8], [6, 3, 8, 2], [9, 6, 1, 5]], W
    ),
}


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


@pytest.fixture(scope="module")
def explorer(page):
    if page.notebook not in EXPLORERS:
        pytest.skip("this notebook has no explorer")
    explorer = Explorer(page, EXPLORERS[page.notebook])
    assert explorer.words.count() == 0  # they are sent only while they are unfolded
    explorer.view.get_by_role("button", name="in words").press("Enter")
    explorer.words.wait_for()
    return explorer


@pytest.fixture(params=["input height", "input width", "kernel size", "stride", "padding", "step"])
def name(request, explorer):
    """The name of a slider of the explorer."""
    if request.param not in explorer.names:
        pytest.skip("the explorer of this notebook has no such slider")
    return request.param


class Explorer:
    """The page's only explorer, by what a reader can see and touch."""

    def __init__(self, page, twin):
        self.page, self.twin = page, twin
        self.names = [s.description for s in twin.sliders.values() if hasattr(s, "readout")]
        self.view = page.locator(".jp-OutputArea-output:has(.widget-html svg)")
        self.svg = self.view.locator("svg")
        self.caption = self.view.get_by_role("status")
        self.words = self.view.locator("pre")

    def slider(self, name):
        label = self.page.get_by_text(name, exact=True)
        return self.view.locator(".widget-hslider").filter(has=label)

    def handle(self, name):
        return self.slider(name).locator(".noUi-handle")

    def press(self, name, key):
        self.handle(name).press(key)

    def setting(self):
        """Where the sliders in sight stand, by what is written beside them."""
        readouts = {n: self.slider(n).locator(".widget-readout") for n in self.names}
        return {n: readout.text_content() for n, readout in readouts.items()}

    def wanted(self, setting):
        """The picture, its label, the caption and the words that should be shown, drawn here."""
        for slider in self.twin.sliders.values():
            if text := setting.get(slider.description):
                values = dict(getattr(slider, "options", ()))
                slider.value = values.get(text, slider.value) if values else int(text)
        picture = self.twin.picture_of(**self.twin.setting)
        svg = self.page.evaluate(  # as the browser writes it
            """svg => {
                const parsed = document.createElement('template');
                parsed.innerHTML = svg;
                return parsed.content.firstChild.outerHTML;
            }""",
            picture.svg,
        )
        return [svg, picture.caption, picture.caption, picture.words]

    def shown(self):
        """The picture, its label, the caption and the words that are shown."""
        return self.view.evaluate(
            """view => [view.querySelector('svg').outerHTML,
            view.querySelector('svg').getAttribute('aria-label'),
            view.querySelector('[role=status]').textContent,
            view.querySelector('pre').textContent]"""
        )

    def settle(self):
        """Wait until what is shown is what the sliders say; return it."""
        deadline = time.monotonic() + 20
        while True:
            setting = self.setting()
            wanted, shown = self.wanted(setting), self.shown()
            shown[2] = shown[2][: len(wanted[2])]  # notes on sliders that moved may follow
            if shown == wanted:
                return wanted
            same = shown[0] == wanted[0]
            assert time.monotonic() < deadline, (
                f"at {setting}\nthe picture is {'right' if same else 'another'}\n"
                f"label: {shown[1]!r}\ncaption: {shown[2]!r}\nboth should be: {wanted[2]!r}\n"
                f"words:\n{shown[3]}\nthey should be:\n{wanted[3]}"
            )
            self.page.wait_for_timeout(20)


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
    wanted = sum("image/png" in output for output in stored(page))
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
        done, of = bar.locator(".widget-html").last.inner_text().split("/")
        assert int(done) == int(of) > 0


def test_explorer_shows_its_setting_at_first(explorer):
    explorer.settle()


def test_the_look_follows_the_theme(explorer):
    """Dark in JupyterLab's dark theme, light in its light one, and no wider than its room."""
    page = explorer.page
    ink = "svg => [getComputedStyle(svg).fill, getComputedStyle(svg.querySelector('.paper')).fill]"
    rgb = {}
    for dark in (False, True):
        page.evaluate("dark => { document.body.dataset.jpThemeLight = !dark }", dark)
        rgb[dark] = explorer.svg.evaluate(ink)
        colours = [svg.colours(dark)[name] for name in ("ink", "paper")]
        as_rgb = [tuple(int(c[i : i + 2], 16) for i in (1, 3, 5)) for c in colours]
        assert rgb[dark] == ["rgb({}, {}, {})".format(*colour) for colour in as_rgb]
    page.evaluate("() => { document.body.dataset.jpThemeLight = true }")
    box, room = explorer.svg.bounding_box(), explorer.view.bounding_box()
    assert box["x"] + box["width"] <= room["x"] + room["width"]


def test_arrow_keys_walk_through_the_pictures(explorer, name):
    explorer.press(name, "Home")
    seen = [explorer.settle()]
    setting, previous = explorer.setting(), None
    while setting != previous:  # at the end a key press changes nothing
        explorer.press(name, "ArrowRight")
        seen.append(explorer.settle())
        setting, previous = explorer.setting(), setting
    *seen, stayed = seen
    assert stayed == seen[-1]
    assert len(seen) > 1
    assert len({picture for picture, *_ in seen}) == len(seen)  # each setting looks different
    explorer.press(name, "ArrowLeft")
    assert explorer.settle() == seen[-2]


def test_the_picture_follows_the_mouse_and_ends_where_it_ends(explorer, name):
    explorer.press(name, "Home")
    start = explorer.settle()
    explorer.handle(name).hover()  # this may scroll, so the track is measured after it
    track = explorer.slider(name).locator(".noUi-base").bounding_box()

    def move(share, steps):
        explorer.page.mouse.move(track["x"] + share * track["width"], track["y"], steps=steps)

    explorer.page.mouse.down()
    move(1, steps=20)
    end = explorer.settle()  # before the button is released
    assert end != start
    # There and back too fast for every picture: what is drawn last must be what was set last.
    move(0, steps=1)
    move(1, steps=1)
    explorer.page.mouse.up()
    assert explorer.settle() == end


def test_play_advances_the_step_to_the_end(explorer):
    explorer.press("step", "End")
    explorer.settle()
    last = explorer.setting()["step"]
    explorer.press("step", "Home")
    explorer.settle()
    explorer.view.locator(".widget-play button").first.click()
    explorer.slider("step").locator(".widget-readout").filter(has_text=str(last)).wait_for()
    explorer.settle()


def test_folds_and_views_are_reached_by_keyboard(explorer):
    """Unfold, point at an output cell, and look at it in another view."""
    if "output row" not in explorer.names:
        pytest.skip("the explorer of this notebook has no folds but its words")
    explorer.view.get_by_role("button", name="point at a cell").press("Enter")
    for name in ("output row", "output column"):
        explorer.press(name, "Home")
        explorer.press(name, "ArrowRight")
    explorer.settle()
    assert "Output (0,0) = " in explorer.caption.text_content()
    explorer.twin.sliders["view"].value = "overlap count"
    explorer.view.get_by_role("button", name="overlap count").press("Enter")
    explorer.settle()
    assert "values make an output cell" in explorer.caption.text_content()


def test_nothing_crashed_meanwhile(page):
    assert page.crashes == []
    assert page.locator(STDERR).count() == 0
