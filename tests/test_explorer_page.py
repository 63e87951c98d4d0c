"""The explorers as a reader meets them, in JupyterLab: by mouse, touch and keyboard."""

import json
import time

import nbformat.v4 as nbformat
import numpy as np
import pytest

from tools.browser import NoBrowser, browser, errors, in_kernel, lab, opened, run_all
from transconv import draw, explore, svg

SETUP = """
from ipywidgets import VBox
from transconv import explore
from transconv.explore import Control, Explorer
from transconv.picture import Panel, row

X = [[3, 5, 2, 7], [4, 1, 3, 8], [6, 3, 8, 2], [9, 6, 1, 5]]
W = [[1, 2, 1], [2, 1, 2], [1, 1, 2]]

def fails_at_two(n, numbers):
    if n == 2:
        raise RuntimeError("two is too much")
    return row(f"{n}.", Panel("number", [[n]]))
"""
CELLS = {
    "layers": "layers = explore.layers(X, W)\nlayers",
    "spread": "spread = explore.spread([[55, 52], [57, 50]], W)\nspread",
    "again": "VBox([layers])",
    "failing": "Explorer([Control('n', range(1, 5)), explore.NUMBERS], fails_at_two)",
}
exec(SETUP)
TWINS = {"layers": explore.layers(X, W), "spread": explore.spread([[55, 52], [57, 50]], W)}  # noqa: F821


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """A notebook of explorers in JupyterLab, after Run All."""
    folder = tmp_path_factory.mktemp("explorers")
    cells = [nbformat.new_code_cell(source) for source in (SETUP, *CELLS.values())]
    kernel = {"name": "python3", "display_name": "Python 3"}
    notebook = nbformat.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    (folder / "explorers.ipynb").write_text(nbformat.writes(notebook))
    try:
        with (
            browser() as chromium,
            lab(folder) as url,
            opened(chromium, url("explorers.ipynb"), height=720) as page,
        ):
            run_all(page)
            page.locator(".transconv-explorer").nth(len(CELLS) - 1).wait_for()
            yield page
    except NoBrowser as reason:
        pytest.skip(f"browser tests: {reason}")


@pytest.fixture
def layers(page):
    explorer = Explorer(page, "layers")
    explorer.move(explorer.first)
    yield explorer
    assert page.crashes == []


@pytest.fixture
def spread(page):
    explorer = Explorer(page, "spread")
    explorer.move(explorer.first)
    yield explorer
    assert page.crashes == []


class Explorer:
    """One explorer of the page, by what a reader can see and touch."""

    def __init__(self, page, name):
        self.page, self.name, self.twin = page, name, TWINS.get(name)
        self.view = page.locator(".transconv-explorer").nth(list(CELLS).index(name))
        self.view.scroll_into_view_if_needed()
        self.first = dict(self.twin.setting) if self.twin else {}
        self.caption, self.sum = self.view.get_by_role("status"), self.view.locator(".sum")

    def control(self, name):
        return self.view.locator(f"input[name={name}]")

    def panel(self, n):
        return self.view.locator(".panel").nth(n)

    def place(self, panel, row, column):
        """Where the middle of a cell is on the page."""
        return self.panel(panel).evaluate(
            """(g, [i, j]) => {
                const side = +g.dataset.cells.split(',')[2];
                const middle = new DOMPoint((j + 0.5) * side, (i + 0.5) * side);
                const {x, y} = middle.matrixTransform(g.getScreenCTM());
                return [x, y];
            }""",
            [row, column],
        )

    def point(self, panel, row, column):
        self.page.mouse.move(*self.place(panel, row, column))

    def click(self, panel, row, column, **how):
        self.page.mouse.click(*self.place(panel, row, column), **how)

    def marked(self, look):
        """(panel, row, column) of the cells that have a rectangle of a look."""
        return {
            tuple(cell)
            for cell in self.view.evaluate(
                """(view, look) => [...view.querySelectorAll('.panel')].flatMap((g, p) =>
                [...g.querySelectorAll('rect.' + look)].map(rect => {
                    const side = +g.dataset.cells.split(',')[2];
                    return [p, ...['y', 'x'].map(at => Math.floor(rect.getAttribute(at) / side))];
                }))""",
                look,
            )
        }

    def told(self, name, value):
        """Wait until the kernel has been told of a value, which it is when the reader rests."""
        deadline = time.monotonic() + 20
        while True:
            said = in_kernel(self.page, f"import json; print(json.dumps({self.name}.setting))")
            if json.loads(said)[name] == value:
                return
            assert time.monotonic() < deadline, said
            self.page.wait_for_timeout(20)

    def move(self, setting):
        """Let Python move the page, even if it has not been told yet that the page is elsewhere."""
        move = f"{self.name}.setting = {self.first | setting!r}"
        in_kernel(self.page, f"{move}; {self.name}.send_state('setting')")
        self.settle(setting)

    def settle(self, setting):
        """Wait until the page shows a setting: picture, caption, words, and the controls."""
        setting = self.twin._fit(self.first | setting)[0]
        picture = self.twin._row_of(**setting)
        deadline = time.monotonic() + 20
        while True:
            drawn, wanted, caption, at = self.view.evaluate(
                """(view, svg) => {
                    const parsed = document.createElement('template');
                    parsed.innerHTML = svg;
                    const shown = view.querySelector('svg').cloneNode(true);
                    shown.querySelectorAll('rect').forEach(rect => rect.remove());
                    shown.setAttribute('role', 'img');
                    for (const g of shown.querySelectorAll('.panel'))
                        for (const name of ['tabindex', 'role', 'aria-label',
                            'data-lm-suppress-shortcuts']) g.removeAttribute(name);
                    const texts = [...view.querySelectorAll('form > div')].map(control => {
                        const input = control.querySelector('input:checked');
                        return (input?.parentNode ?? control.querySelector('.value')).textContent;
                    });
                    return [shown.outerHTML, parsed.content.firstChild.outerHTML,
                        view.querySelector('.caption').textContent, texts];
                }""",
                picture.svg,
            )
            if drawn == wanted and caption.startswith(picture.caption):
                break
            assert time.monotonic() < deadline, f"{setting}\n{picture.caption}\n{caption}\n{drawn}"
            self.page.wait_for_timeout(20)
        for text, (name, value) in zip(at, setting.items(), strict=True):
            if name != "numbers":
                assert text.split(" (")[0] == str(value), name
        return picture


def test_run_all_makes_explorers_and_no_second_picture(page):
    assert errors(page) == []
    assert page.locator(".jp-RenderedImage").count() == 0
    assert page.locator(".transconv-stored").first.is_visible() is False


SLIDERS = {
    "layers": ["height", "width", "kernel_size", "stride", "dilation", "output_padding", "step"],
    "spread": ["kernel_size", "stride", "step"],
}


@pytest.mark.parametrize(
    ("name", "slider"), [(name, slider) for name in SLIDERS for slider in SLIDERS[name]]
)
def test_arrow_keys_walk_through_the_options(request, name, slider):
    explorer = request.getfixturevalue(name)
    setting = explorer.first | ({"stride": 3} if slider == "output_padding" else {})
    explorer.move(setting)
    options = explorer.twin._fit(setting)[1][slider]
    explorer.control(slider).press("Home")
    for option in options:
        explorer.settle(setting | {slider: option})
        explorer.page.keyboard.press("ArrowRight")
    explorer.settle(setting | {slider: options[-1]})
    explorer.told(slider, options[-1])
    explorer.page.keyboard.press("ArrowLeft")
    explorer.settle(setting | {slider: options[-2]})


@pytest.mark.parametrize("name", ["layers", "spread"])
def test_the_picture_follows_the_mouse_and_ends_where_it_ends(request, name):
    explorer = request.getfixturevalue(name)
    box = explorer.control("step").bounding_box()
    y, left, right = box["y"] + box["height"] / 2, box["x"] + 8, box["x"] + box["width"] - 8
    last = len(explorer.twin._fit(explorer.first)[1]["step"])
    mouse = explorer.page.mouse
    mouse.move(left, y)
    mouse.down()
    explorer.settle({"step": 1})
    mouse.move(right, y, steps=20)
    explorer.settle({"step": last})  # before the button is released
    mouse.move(left, y)  # there and back too fast for every picture
    mouse.move(right, y)
    mouse.up()
    explorer.settle({"step": last})


def test_buttons_choose_padding_and_view_by_keyboard(layers):
    layers.view.get_by_label("same").check()
    layers.settle({"padding": "same"})
    layers.view.get_by_label(draw.VIEWS and "spread and sum").focus()
    for view in [*draw.VIEWS][1:]:
        layers.page.keyboard.press("ArrowRight")
        layers.settle({"padding": "same", "view": view})
    layers.told("view", view)


def test_what_moves_another_control_says_so(layers):
    layers.move({"dilation": 3})
    layers.control("stride").press("ArrowRight")
    layers.settle({"stride": 2, "dilation": 1})
    assert layers.caption.text_content().endswith(" (dilation moved to 1.)")
    dilation = layers.control("dilation")
    assert dilation.is_disabled()
    assert dilation.get_attribute("aria-valuetext") == "1 (needs stride 1)"
    layers.control("step").press("ArrowRight")
    layers.settle({"stride": 2, "step": 2})
    assert "moved" not in layers.caption.text_content()


def test_play_walks_to_the_last_step_and_starts_again(spread):
    spread.move({"step": 3})
    play = spread.view.get_by_role("button", name="play the steps")
    play.click()
    spread.settle({"step": 4})
    play.wait_for()  # it has stopped by itself
    play.press("Enter")
    spread.settle({"step": 1})
    spread.settle({"step": 2})
    spread.view.get_by_role("button", name="pause").press("Enter")


def test_pointing_at_a_sum_lights_what_makes_it_and_writes_it_out(spread):
    spread.move({"step": 4})
    spread.point(3, 1, 1)
    assert spread.sum.text_content() == "output (1,1): 327 = 55×1 + 52×2 + 57×2 + 50×1".replace(
        "327", str(55 + 104 + 114 + 50)
    )
    assert spread.marked("lit") == {(p, i, j) for p in (0, 1) for i in (0, 1) for j in (0, 1)}
    assert spread.marked("pointed") == {(3, 1, 1)}
    spread.page.mouse.move(0, 0)
    assert spread.marked("lit") == set()
    assert spread.sum.text_content().startswith("Point at a cell")


def test_pointing_at_an_input_lights_all_that_it_went_into(layers):
    layers.move({"step": 16, "stride": 2})
    layers.point(3, 1, 2)
    assert layers.marked("lit") == {(5, i, j) for i in (2, 3, 4) for j in (4, 5, 6)}
    layers.point(0, 1, 2)
    assert layers.marked("lit") == {(2, 0, 0)}
    assert layers.sum.text_content() == "input (1,2): 3, goes into output (0,0)"
    layers.move({"step": 15, "stride": 2})
    layers.point(3, 3, 3)  # the last of 16
    assert layers.sum.text_content() == "input (3,3): 5, goes into no number at this step"
    layers.point(3, 1, 2)
    words = "input (1,2): 3, goes into 9 cells of running sum, from (2,4) to (4,6)"
    assert layers.sum.text_content() == words
    layers.point(0, 3, 3)  # which Conv2D never reads
    assert layers.sum.text_content() == "input (3,3): 5, goes into no number at this step"


@pytest.mark.parametrize("view", draw.VIEWS)
def test_every_cell_of_every_view_lights_what_its_links_say(layers, view):
    """What Python says that a cell is made of, and goes into, is what lights up."""
    layers.move({"view": view, "stride": 2, "padding": "same", "step": 6})
    picture = layers.settle({"view": view, "stride": 2, "padding": "same", "step": 6})
    rng = np.random.default_rng(0)
    shapes = [panel.values.shape for panel in picture.panels]
    for p, shape in enumerate(shapes):
        for n in rng.choice(np.prod(shape), 3):
            wanted = set()
            for link in picture.links:
                panels = link["panels"]
                for row in np.reshape(link["rows"], (-1, len(panels))).tolist():
                    if panels[0] == p and row[0] == n:
                        wanted |= set(zip(panels[1:], row[1:], strict=True))
                    elif (p, n) in list(zip(panels[1:], row[1:], strict=True)):
                        wanted.add((panels[0], row[0]))
            layers.point(p, *divmod(int(n), shape[1]))
            lit = {(q, i * shapes[q][1] + j) for q, i, j in layers.marked("lit")}
            assert lit == wanted


def test_a_click_pins_a_cell_while_the_steps_are_played(layers):
    layers.click(5, 1, 1)
    layers.page.mouse.move(0, 0)
    assert layers.marked("pinned") == {(5, 1, 1)}
    layers.control("step").press("End")
    layers.settle({"step": 16})
    assert layers.sum.text_content() == "output (1,1): 22 = 3×1 + 5×2 + 4×2 + 1×1"
    layers.point(5, 0, 0)
    assert layers.sum.text_content() == "output (0,0): 3 = 3×1"
    layers.panel(5).press("Escape")
    layers.page.mouse.move(0, 0)
    layers.control("step").focus()
    assert layers.marked("pinned") == layers.marked("lit") == set()


def test_a_click_on_an_input_cell_makes_it_the_step(layers):
    layers.click(3, 2, 1)
    layers.settle({"step": 10})
    layers.move({"step": 10, "view": "zero insertion"})
    layers.click(3, 2, 4)  # two zeros around: input (0,2)
    layers.settle({"view": "zero insertion", "step": 3})
    layers.click(3, 2, 4)


def test_keyboard_alone_points_pins_steps_and_types(spread):
    page = spread.page
    spread.control("step").press("End")
    spread.settle({"step": 4})
    for _ in range(20):  # by Tab from the step slider to the sum
        page.keyboard.press("Tab")
        focused = page.evaluate("() => document.activeElement.getAttribute('aria-label')")
        if focused == "output":
            break
    assert focused == "output"
    keys = ["ArrowUp", "ArrowLeft"] * 3  # from wherever it was before
    for key in [*keys, "ArrowDown", "ArrowRight", "ArrowRight"]:
        page.keyboard.press(key)
    assert spread.sum.text_content().startswith("output (1,2): ")
    page.keyboard.press("Enter")
    assert spread.marked("pinned") == {(3, 1, 2)}
    page.keyboard.press("Escape")
    assert spread.marked("pinned") == set()
    spread.panel(0).focus()
    page.keyboard.press("Space")
    spread.settle({"step": 1})
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.keyboard.type("-7")
    page.keyboard.press("Enter")
    typed = {"seed": 0, "typed": [["input", 0, 1, -7]]}
    spread.settle({"step": 1, "numbers": typed})
    spread.told("numbers", typed)
    assert spread.marked("pointed") == {(0, 0, 1)}  # and the focus is where it was


def test_typed_numbers_are_the_readers_until_the_lessons_come_back(layers):
    layers.page.mouse.dblclick(*layers.place(1, 0, 2))
    layers.page.keyboard.type("40")
    layers.page.keyboard.press("Enter")
    typed = [["kernel", 0, 2, 40]]
    layers.settle({"numbers": {"seed": 0, "typed": typed}})
    layers.page.mouse.dblclick(*layers.place(3, 1, 0))  # which one click would make the step
    layers.page.keyboard.type("8")
    layers.page.keyboard.press("Tab")
    typed.append(["input", 1, 0, 8])
    layers.settle({"numbers": {"seed": 0, "typed": typed}})
    layers.view.get_by_role("button", name="new numbers").click()
    layers.settle({"numbers": {"seed": 1, "typed": []}})
    layers.view.get_by_role("button", name="lesson's").click()
    layers.settle({})


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ("", "Type a number."),
        ("abc", "This is no whole number."),
        ("1.5", "This is no whole number."),
        ("12345", "At most four digits."),
        ("-00000", "At most four digits."),
    ],
)
def test_what_is_no_number_gets_a_word_and_the_old_one_stays(layers, typed, word):
    layers.page.mouse.dblclick(*layers.place(1, 0, 0))
    editor = layers.view.get_by_role("textbox")
    editor.fill(typed)
    editor.press("Enter")
    assert layers.view.get_by_role("alert").text_content() == word
    editor.press("Escape")
    assert editor.count() == 0
    layers.settle({})


def test_touch_points_and_pins(spread):
    """As a finger does it: no hover, and the pointer is gone after the tap."""
    spread.move({"step": 4})
    x, y = spread.place(3, 2, 2)
    spread.view.evaluate(
        """(view, [x, y]) => {
            const how = {clientX: x, clientY: y, bubbles: true, pointerType: 'touch', pointerId: 9};
            const at = document.elementFromPoint(x, y);
            for (const type of ['pointerdown', 'pointerup', 'pointerleave'])
                (type.endsWith('leave') ? view.querySelector('.picture') : at)
                    .dispatchEvent(new PointerEvent(type, how));
            at.dispatchEvent(new MouseEvent('click', how));
        }""",
        [x, y],
    )
    assert spread.marked("pinned") == {(3, 2, 2)}
    assert "output (2,2): " in spread.sum.text_content()
    spread.panel(3).press("Escape")


def test_two_views_of_one_explorer_agree(layers):
    again = Explorer(layers.page, "again")
    again.twin, again.first = layers.twin, layers.first
    again.control("stride").press("ArrowRight")
    again.settle({"stride": 2})
    layers.view.scroll_into_view_if_needed()
    layers.settle({"stride": 2})
    layers.control("stride").press("ArrowLeft")
    layers.settle({})
    again.settle({})


def test_a_row_that_raises_shows_why_and_the_next_is_drawn(page):
    failing = Explorer(page, "failing")
    failing.control("n").press("ArrowRight")
    alert = failing.view.get_by_role("alert")
    alert.wait_for()
    assert alert.text_content() == "RuntimeError: two is too much"
    failing.page.keyboard.press("ArrowRight")
    failing.view.get_by_text("3.", exact=True).wait_for()
    assert alert.count() == 0
    assert page.crashes == []


def test_in_words_says_what_is_drawn(layers):
    def says(words):
        shown = "([pre, words]) => pre.textContent === words"
        pre = layers.view.locator("pre").element_handle()
        layers.page.wait_for_function(shown, arg=[pre, words])

    layers.view.get_by_text("as text").press("Enter")
    says(layers.twin.picture.words)
    layers.control("step").press("ArrowRight")
    says(layers.settle({"step": 2}).words)
    layers.view.get_by_text("as text").press("Enter")
    says("")


def test_the_look_follows_the_theme(layers):
    ink = "svg => [getComputedStyle(svg).fill, getComputedStyle(svg.querySelector('.paper')).fill]"
    for dark in (False, True):
        layers.page.evaluate("dark => { document.body.dataset.jpThemeLight = !dark }", dark)
        colours = [svg.colours(dark)[name] for name in ("ink", "paper")]
        as_rgb = [tuple(int(c[i : i + 2], 16) for i in (1, 3, 5)) for c in colours]
        shown = layers.view.locator("svg").evaluate(ink)
        assert shown == ["rgb({}, {}, {})".format(*colour) for colour in as_rgb]
    layers.page.evaluate("() => { document.body.dataset.jpThemeLight = true }")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", ["layers", "spread"])
def test_axe_finds_nothing(request, name, dark):
    from axe_playwright_python.sync_playwright import Axe

    explorer = request.getfixturevalue(name)
    explorer.page.evaluate("dark => { document.body.dataset.jpThemeLight = !dark }", dark)
    nth = list(CELLS).index(name)
    explorer.page.evaluate(
        "nth => { document.querySelectorAll('.transconv-explorer')[nth].id = 'looked-at' }", nth
    )
    results = Axe().run(explorer.page, context="#looked-at")
    explorer.view.evaluate("view => view.removeAttribute('id')")
    explorer.page.evaluate("() => { document.body.dataset.jpThemeLight = true }")
    assert results.violations_count == 0, results.generate_report()


@pytest.mark.parametrize("view", draw.VIEWS)
def test_all_of_it_is_in_sight_beside_the_side_bar(layers, view):
    """At 1280 x 720: controls, caption, the whole picture and the sum, for every view."""
    for setting in ({}, {"stride": 3}, {"stride": 3, "kernel_size": 4}):
        layers.move(setting | {"view": view})
        seen = layers.view.evaluate(
            """view => {
                view.scrollIntoView({block: 'start'});
                const panel = view.closest('.jp-WindowedPanel-outer').getBoundingClientRect();
                const ends = selector => view.querySelector(selector).getBoundingClientRect();
                return [ends('form').top - panel.top, panel.bottom - ends('svg').bottom,
                    panel.bottom - ends('.sum').top - 20, panel.right - ends('svg').right];
            }"""
        )
        assert min(seen) >= -1, (setting, seen)


def test_nothing_jumps_while_sliders_move(layers):
    heights = set()
    for setting in ({}, {"stride": 3}, {"kernel_size": 1}, {"view": "matrix"}, {"height": 1}):
        layers.move(setting)
        heights.add(layers.view.bounding_box()["height"])
    assert len(heights) == 1


def test_a_busy_kernel_is_told_and_what_is_in_the_page_still_comes(layers):
    """First what is near is fetched; then the kernel does nothing else for eight seconds.

    A call into C that keeps Python's lock: other work JupyterLab's messages to widgets can pass.
    """
    layers.control("step").press("ArrowRight")
    layers.settle({"step": 2})
    layers.page.wait_for_timeout(3000)
    layers.page.evaluate(
        """() => { jupyterapp.shell.currentWidget.sessionContext.session.kernel
            .requestExecute({code: 'import ctypes; ctypes.PyDLL(None).sleep(8)'}) }"""
    )
    start = time.monotonic()
    layers.page.keyboard.press("ArrowRight")
    layers.settle({"step": 3})
    assert time.monotonic() - start < 2
    layers.page.keyboard.press("End")
    layers.view.get_by_label("same").check()
    layers.control("stride").press("End")
    layers.view.get_by_text("The kernel does not answer.").wait_for(timeout=9000)
    assert time.monotonic() - start > 4
    layers.settle({"padding": "same", "stride": 3, "step": 16})  # when it has time again


def test_a_restarted_kernel_is_told_and_hangs_nothing(layers):
    """The last test, as the kernel knows no explorer after it."""
    layers.page.evaluate(
        "() => jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()"
    )
    layers.page.wait_for_timeout(1000)
    layers.control("step").press("ArrowRight")  # fetched before
    layers.page.keyboard.press("End")
    layers.view.get_by_label("same").check()
    layers.control("kernel_size").press("Home")
    layers.view.get_by_text("The kernel does not answer.").wait_for(timeout=9000)
    layers.control("kernel_size").press("ArrowRight")
    assert layers.control("kernel_size").input_value() == "1"
    assert layers.page.crashes == []
