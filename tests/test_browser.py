"""The first notebook and its sliders, as a reader meets them: JupyterLab in a browser."""

import base64
from functools import cache
from pathlib import Path

import pytest
from jupyter_browser import ERROR, STDERR, NoBrowser, browser, lab, opened, run_all

from transconv import explore

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
NOTEBOOK = "01_concept.ipynb"
SLIDERS = "kernel size", "stride", "padding", "step"

# What the notebook gives its explorer.
X = [[55, 52], [57, 50]]
W = [[1, 2, 1], [2, 1, 2], [1, 1, 2]]


@cache
def picture_of(**setting):
    """What the explorer should show: drawn here, without widgets or a kernel."""
    return explore.spread(X, W).picture_of(**setting)


@pytest.fixture(scope="module")
def page():
    """The notebook in JupyterLab, after Run All."""
    try:
        with browser() as chromium, lab(NOTEBOOKS) as url, opened(chromium, url(NOTEBOOK)) as page:
            run_all(page)
            yield page
    except NoBrowser as reason:
        pytest.skip(f"browser tests: {reason}")


@pytest.fixture(scope="module")
def explorer(page):
    return Explorer(page)


class Explorer:
    """The page's only explorer, by what a reader can see and touch."""

    def __init__(self, page):
        self.page = page
        self.view = page.locator(".jp-OutputArea-output:has(img.widget-image)")
        self.image = self.view.locator("img.widget-image")
        self.caption = self.view.locator(".widget-html-content")
        width, _ = picture_of(**self.setting()).size
        self.sharpness = round(self.image.evaluate("image => image.naturalWidth") / width)

    def slider(self, name):
        label = self.page.get_by_text(name, exact=True)
        return self.view.locator(".widget-hslider").filter(has=label)

    def handle(self, name):
        return self.slider(name).locator(".noUi-handle")

    def press(self, name, key):
        self.handle(name).press(key)

    def setting(self):
        """Where the sliders stand, by the numbers beside them."""
        texts = {n: self.slider(n).locator(".widget-readout").inner_text() for n in SLIDERS}
        return {n.replace(" ", "_"): int(t) if t.isdigit() else t for n, t in texts.items()}

    def settle(self):
        """Wait for the picture and the caption of the present setting; return both."""
        setting = self.setting()
        picture = picture_of(**setting)
        png = picture.png(self.sharpness)
        wanted = ["data:image/png;base64," + base64.b64encode(png).decode(), picture.caption]
        try:
            self.page.wait_for_function(
                """([image, caption, wanted]) =>
                image.src === wanted[0] && caption.innerText.trim() === wanted[1]""",
                arg=[self.image.element_handle(), self.caption.element_handle(), wanted],
                timeout=15_000,
            )
        except Exception as error:
            same = self.image.get_attribute("src") == wanted[0]
            raise AssertionError(
                f"at {setting}\nthe caption is    {self.caption.inner_text()!r}\n"
                f"it should be      {wanted[1]!r}\nthe picture is {'right' if same else 'another'}"
            ) from error
        return wanted


def test_run_all_reaches_the_end(page):
    assert page.locator(ERROR).all_inner_texts() == []
    assert page.locator(STDERR).all_inner_texts() == []
    assert page.get_by_text("Error displaying widget").count() == 0
    assert page.crashes == []


def test_explorer_shows_its_setting_at_first(explorer):
    explorer.settle()


@pytest.mark.parametrize("name", SLIDERS)
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
    assert len({picture for picture, _ in seen}) == len(seen)  # each setting looks different
    explorer.press(name, "ArrowLeft")
    assert explorer.settle() == seen[-2]


@pytest.mark.parametrize("name", SLIDERS)
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


def test_nothing_crashed_meanwhile(page, explorer):
    assert page.crashes == []
    assert page.locator(STDERR).count() == 0
