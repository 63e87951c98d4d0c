"""The lessons as web pages, as a reader meets them who has a browser and nothing else."""

import gzip
import json
import re
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urldefrag

import matplotlib.image
import nbformat
import numpy as np
import pytest
import yaml
from axe_playwright_python.sync_playwright import Axe
from test_explorer_page import Explorer as InJupyterLab

from tools import site as tool
from tools.browser import NoBrowser, browser
from transconv import checks, explore
from transconv.picture import SVG

ROOT = Path(__file__).parents[1]
LESSONS = {path.stem: nbformat.read(path, as_version=4) for path in tool.NOTEBOOKS}
PAGES = ["index", *LESSONS]
X = np.array([[3, 5, 2, 7], [4, 1, 3, 8], [6, 3, 8, 2], [9, 6, 1, 5]])
W = np.array([[1, 2, 1], [2, 1, 2], [1, 1, 2]])
TWINS = {
    "spread": ("01_concept", explore.spread([[55, 52], [57, 50]], W)),
    "strip": ("02_parameters", explore.strip([3, 5, 2, 7, 4, 6], [1, 2, 1, 3, 2, 1, 2])),
    "layers": ("02_parameters", explore.layers(X, W)),
}
each_page = pytest.mark.parametrize("name", PAGES)
each_lesson = pytest.mark.parametrize("name", LESSONS)
each_explorer = pytest.mark.parametrize("name", TWINS)
BUILD = """
import sys
from pathlib import Path
from tools.site import main
main(Path(sys.argv[1]))
print(*sorted({"tensorflow", "keras", "torch"} & sys.modules.keys()))
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The folder that `make site` writes."""
    folder = tmp_path_factory.mktemp("site")
    start = time.monotonic()
    command = [sys.executable, "-c", BUILD, folder]
    done = subprocess.run(command, cwd=ROOT, text=True, capture_output=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n")[-2] == ""  # no TensorFlow
    assert time.monotonic() - start < 90
    return folder


@pytest.fixture(scope="module")
def chromium():
    try:
        with browser() as chromium:
            yield chromium
    except NoBrowser as reason:
        pytest.skip(f"browser tests: {reason}")


@pytest.fixture
def opened(site, chromium):
    """Opens a page from the file system; nothing may fail, or be asked of a host."""
    contexts, failed = [], []

    def open_page(name, address="", width=1280, **look):
        context = chromium.new_context(viewport={"width": width, "height": 900}, **look)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: failed.append(str(error)))
        page.on("console", lambda said: failed.append(said.text) if said.type == "error" else 0)
        page.on("request", lambda asked: failed.append(asked.url) if is_remote(asked.url) else 0)
        page.goto((site / f"{name}.html").as_uri() + address)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert failed == []


def show_all(page):
    """Unfold whatever can be unfolded, and see every explorer alive."""
    for explorer in page.locator("[data-explorer]").all():
        explorer.scroll_into_view_if_needed()
        explorer.locator(".transconv-explorer").wait_for()
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    # A reader unfolds what is in sight, and only there is it measured.
    page.evaluate("document.body.classList.remove('measured')")
    page.wait_for_function("document.body.matches('.measured, :not(:has(details))')")


def is_remote(url):
    return not url.startswith(("file:", "data:"))


class OnPage(InJupyterLab):
    """An explorer of a page, by what a reader can see and touch."""

    def __init__(self, page, name):
        self.page, self.twin, self.first = page, TWINS[name][1], dict(TWINS[name][1].setting)
        page.locator(f"[data-explorer={name}]").scroll_into_view_if_needed()
        self.view = page.locator(f"[data-explorer={name}] .transconv-explorer")
        self.view.scroll_into_view_if_needed()
        self.caption, self.sum = self.view.get_by_role("status"), self.view.locator(".sum")

    def settle(self, setting):
        try:
            return super().settle(setting)
        except ValueError as refused:  # in place of the picture stands the reason
            self.view.get_by_role("alert").get_by_text(f"ValueError: {refused}").wait_for()


@each_lesson
def test_every_picture_of_the_notebook_is_on_its_page(opened, name):
    page = opened(name, java_script_enabled=False)
    outputs = [o for cell in LESSONS[name].cells for o in cell.get("outputs", [])]
    pictures = [o for o in outputs if "image/png" in o.get("data", {})]
    drawn = [o.data.get(SVG) or o.metadata["image/png"][SVG] for o in pictures]
    assert drawn
    same = """(all, drawn) => all.map((shown, at) => {
        const parsed = document.createElement('template');
        parsed.innerHTML = drawn[at];
        return shown.isEqualNode(parsed.content.firstChild);
    })"""
    assert page.locator(".drawn svg").evaluate_all(same, drawn) == [True] * len(drawn)
    words = page.locator("p + details:has(> summary + pre)")
    captions = words.locator("xpath=preceding-sibling::p[1]").all_text_contents()
    texts = words.locator("pre").all_text_contents()
    assert [f"{caption}\n\n{text}" for caption, text in zip(captions, texts, strict=True)] == [
        picture.data["text/plain"] for picture in pictures
    ]


@each_page
def test_it_reads_without_javascript(opened, name):
    page = opened(name, java_script_enabled=False)
    told = page.locator("main").inner_text()
    assert page.locator("noscript p:visible").count() == (name in LESSONS)
    for cell in LESSONS[name].cells if name in LESSONS else []:
        if cell.cell_type == "code":
            assert page.locator(f"[id='{cell.id}'] .highlight").inner_text().strip() == cell.source
        elif heading := re.match(r"#+ (.*)", cell.source):
            assert heading[1].replace("`", "") in told
    for picture in page.locator(".drawn > *").all():
        assert picture.is_visible()
    assert "Run this cell" not in told
    assert "](#" not in told  # a link that is none


def test_every_link_leads_somewhere(opened):
    ids, links = {}, {}
    for name in PAGES:
        page, file = opened(name), f"{name}.html"
        ids[file] = page.locator("[id]").evaluate_all("all => all.map(({ id }) => id)")
        there = page.locator("main a, nav a")
        links[file] = there.evaluate_all("all => all.map(a => a.getAttribute('href'))")
    for name, targets in links.items():
        assert ids.keys() <= set(targets)
        for target in targets:
            if not target.startswith("https:"):
                file, anchor = urldefrag(target)
                there = ids[file or name]
                assert not anchor or anchor in there or unquote(anchor) in there, target


@each_page
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing(opened, name, dark):
    page = opened(name, color_scheme="dark" if dark else "light")
    show_all(page)
    ground = page.locator(".site").evaluate("node => getComputedStyle(node).backgroundColor")
    assert (sum(map(int, re.findall(r"\d+", ground)[:3])) < 384) == dark
    options = {"preload": False}  # which would fetch the style sheet
    if dark:  # only colours are other ones
        options["runOnly"] = ["color-contrast", "link-in-text-block"]
    results = Axe().run(page, options=options)
    assert results.violations_count == 0, results.generate_report()


@each_page
def test_a_telephone_never_scrolls_it_sideways(opened, name):
    page = opened(name, width=390)
    show_all(page)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    # And nothing is beyond its edge but what can be scrolled to.
    beyond = page.locator("main *").evaluate_all(
        """all => all.filter(node => node.getBoundingClientRect().right > innerWidth + 1 &&
            !node.closest('pre, .drawn, table, .picture > :first-child'))
            .map(node => node.outerHTML)"""
    )
    assert beyond == []


@pytest.mark.parametrize("what", [".drawn", "pre"])
def test_on_a_telephone_what_is_wide_fades_where_there_is_more(opened, what):
    page = opened("02_parameters", width=390)
    page.locator("header").get_by_role("button").click()  # or most are covered
    fade = "node => parseFloat(getComputedStyle(node).getPropertyValue('--fade'))"
    is_wide = "node => node.scrollWidth > node.clientWidth"
    pictures = page.locator(f"{what}:visible").all()
    wide = next(picture for picture in pictures if picture.evaluate(is_wide))
    whole = next(picture for picture in pictures if not picture.evaluate(is_wide))
    for picture, wanted in ((whole, 0), (wide, 64)):
        picture.scroll_into_view_if_needed()
        page.wait_for_timeout(200)
        assert picture.evaluate(fade) == wanted
    wide.evaluate("node => { node.scrollLeft = node.scrollWidth }")
    page.wait_for_timeout(200)
    assert wide.evaluate(fade) < 1
    # And at its end a swipe does not leave the page.
    assert wide.evaluate("node => getComputedStyle(node).overscrollBehaviorX") == "contain"


@each_lesson
def test_a_telephone_and_it_alone_is_told_how_to_hold_it(opened, name):
    page = opened(name, width=390)
    told = page.get_by_text("held sideways")
    assert told.is_visible()
    page.set_viewport_size({"width": 844, "height": 390})
    assert not told.is_visible()
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(media="print")
    assert not told.is_visible()


@each_lesson
def test_what_is_out_of_sight_is_laid_out_no_more_and_nothing_jumps(opened, name):
    page = opened(name)
    page.wait_for_function("document.body.matches('.measured')")
    page.wait_for_timeout(200)
    style, before, after = page.evaluate(
        """() => {
            const height = () => document.documentElement.scrollHeight, body = document.body;
            const style = getComputedStyle(document.querySelector('main').lastElementChild);
            const seen = [style.contentVisibility, height()];
            body.classList.remove('measured');
            return [...seen, height()];
        }"""
    )
    assert style == "auto"
    assert before == after


@each_explorer
@pytest.mark.parametrize("width", [390, 1280])
def test_an_explorer_is_as_tall_as_what_it_shows(opened, name, width):
    explorer = OnPage(opened(TWINS[name][0], width=width), name)
    explorer.settle({})
    heights = []

    def fits():
        explorer.page.wait_for_timeout(200)
        box = explorer.view.locator("..").bounding_box()
        assert box == explorer.view.bounding_box()
        heights.append(box["height"])

    fits()
    explorer.view.get_by_text("as text", exact=True).click()
    fits()
    explorer.page.set_viewport_size({"width": 1280 + 390 - width, "height": 900})
    fits()
    explorer.page.emulate_media(media="print")  # without its controls
    fits()
    assert len(set(heights)) == 4


@each_lesson
def test_printed_it_is_light_and_has_no_controls(opened, name):
    page = opened(name, color_scheme="dark")
    page.emulate_media(media="print")
    assert not any(
        one.is_visible() for one in page.locator("button, nav, .sum, input[type=range]").all()
    )
    ground = page.locator(".site").evaluate("node => getComputedStyle(node).backgroundColor")
    assert ground == "rgb(255, 255, 255)"


def test_the_front_page_is_one_sheet_of_paper(opened):
    assert len(re.findall(rb"/Type ?/Page\b", opened("index").pdf(format="A4"))) == 1


@each_lesson
def test_on_paper_nothing_is_cut_off(opened, name):
    page = opened(name, width=717)  # A4 without the margins
    show_all(page)
    page.emulate_media(media="print")
    cut = page.locator("main *:not(svg *)").evaluate_all(
        """all => all.filter(node => node.getBoundingClientRect().right > innerWidth ||
            node.matches('pre, .drawn, table') && node.scrollWidth > node.clientWidth)
            .map(node => node.outerHTML)"""
    )
    assert cut == []


def test_the_page_to_print_is_one_page(opened):
    page = opened("02_parameters", width=717)
    page.emulate_media(media="print")
    heading = page.locator("#The-page-to-print")
    assert heading.evaluate("h2 => getComputedStyle(h2).breakBefore") == "page"
    table = page.locator("#The-page-to-print ~ table").first.bounding_box()
    height = table["y"] + table["height"] - heading.bounding_box()["y"]
    assert height < 1000  # A4 without the margins has 1046


@each_lesson
def test_all_that_a_lesson_loads_is_small(site, name):
    page = (site / f"{name}.html").read_text()
    loaded = {f"{name}.html", *re.findall(r'(?:src|href|frames)="([\w.]+\.(?:js|css))"', page)}
    assert loaded == {f"{name}.html", "site.js", "site.css"} | {
        f"{name}.{explorer}.js" for explorer, (lesson, _) in TWINS.items() if lesson == name
    }
    assert sum(len(gzip.compress((site / file).read_bytes())) for file in loaded) < 1e6


@each_explorer
def test_a_page_holds_every_frame_that_its_controls_lead_to(site, name):
    """Unpacked, each is what the kernel would send."""
    lesson, twin = TWINS[name]
    script = (site / f"{lesson}.{name}.js").read_text()
    held = json.loads(re.fullmatch(rf"hold\('{name}', (.*)\);\n", script, re.DOTALL)[1])
    controls, fixed = [control["name"] for control in held["controls"]], {}
    for control in twin._controls:
        if control.name not in tool.HELD[name]:
            fixed[control.name] = twin.setting[control.name]
    rng = np.random.default_rng(0)
    keys = list(held["frames"])
    for key in [keys[n] for n in rng.choice(len(keys), 40)]:
        setting = dict(zip(controls, json.loads(key), strict=True))
        assert fixed.items() <= setting.items()
        sent = {}
        twin.send = lambda content, sent=sent: sent.update(content["frames"])
        twin._answer(twin, {"id": 0, "ask": [setting]}, [])
        frame = json.loads("".join(held["pieces"][n] for n in held["frames"][key]))
        (wanted,) = json.loads(json.dumps(sent)).values()
        options = frame.pop("options", {}), wanted.pop("options", {})
        assert frame == wanted
        for control in tool.HELD[name] if options[0] else ():
            assert options[0][control] == options[1][control]
            at = controls.index(control)
            for value in options[0][control]:  # wherever a slider can go, there is a frame
                there = json.loads(key)
                there[at] = value
                assert json.dumps(there, separators=(",", ":")) in held["frames"]


@each_explorer
def test_explorers_are_alive(opened, name):
    lesson, twin = TWINS[name]
    explorer = OnPage(opened(lesson), name)
    explorer.settle({})
    setting = {}
    for control in sorted(tool.HELD[name] - {"padding", "view"}):
        explorer.control(control).press("End")
        setting[control] = twin._fit(twin.setting | setting)[1][control][-1]
        explorer.settle(setting)
    for control in tool.HELD[name] - {"padding", "view"}:
        explorer.control(control).press("Home")
        setting[control] = twin._fit(twin.setting | setting)[1][control][0]
    explorer.view.get_by_label("same").check()
    explorer.settle(setting | {"padding": "same"})


def test_the_four_views_pointing_and_pinning(opened):
    explorer = OnPage(opened("02_parameters"), "layers")
    for view in explorer.twin._fit(explorer.first)[1]["view"]:
        explorer.view.get_by_label(view).check()
        explorer.settle({"view": view})
    explorer.view.get_by_label("spread and sum").check()
    explorer.control("step").press("End")
    explorer.settle({"step": 16})
    explorer.click(5, 1, 1)
    explorer.page.mouse.move(0, 0)
    assert explorer.sum.text_content() == "output (1,1): 22 = 3×1 + 5×2 + 4×2 + 1×1"
    explorer.point(5, 0, 0)
    assert explorer.sum.text_content() == "output (0,0): 3 = 3×1"
    explorer.click(3, 2, 1)
    explorer.settle({"step": 10})


def test_play_walks_through_the_steps(opened):
    explorer = OnPage(opened("01_concept"), "spread")
    explorer.view.get_by_role("button", name="play the steps").click()
    explorer.settle({"step": 3})
    explorer.settle({"step": 4})
    explorer.view.get_by_role("button", name="play the steps").wait_for()


def test_the_address_leads_to_the_setting_and_follows_it(opened):
    page = opened("02_parameters", "#layers?kernel_size=2&stride=3&view=matrix")
    explorer = OnPage(page, "layers")
    explorer.settle({"kernel_size": 2, "stride": 3, "view": "matrix"})
    page.wait_for_timeout(1600)
    explorer.control("step").press("End")
    page.wait_for_url(
        "**/02_parameters.html#layers?kernel_size=2&stride=3&padding=valid&step=16&view=matrix"
    )
    page.wait_for_timeout(1600)
    for key in ("ArrowLeft", "ArrowLeft"):  # at once: one step back
        explorer.control("step").press(key)
    page.wait_for_url("**&step=14&**")
    page.go_back()
    explorer.settle({"kernel_size": 2, "stride": 3, "view": "matrix", "step": 16})
    page.go_back()
    explorer.settle({"kernel_size": 2, "stride": 3, "view": "matrix"})
    page.go_forward()
    page.go_forward()
    explorer.settle({"kernel_size": 2, "stride": 3, "view": "matrix", "step": 14})


def test_an_address_brings_the_whole_picture_into_sight(opened):
    page = opened("02_parameters", "#layers?stride=2&step=5")
    for name in ("strip", "layers"):  # the one above grows when its sliders come
        page.locator(f"[data-explorer={name}] .transconv-explorer svg").wait_for()
    page.wait_for_timeout(500)
    place = page.locator("[data-explorer=layers] svg").bounding_box()
    assert place["y"] > 0
    assert place["y"] + place["height"] < 900


@each_explorer
def test_an_address_says_all_that_can_be_set(opened, name):
    lesson, twin = TWINS[name]
    explorer = OnPage(opened(lesson), name)
    explorer.control("stride").press("End")
    explorer.page.wait_for_url("**?*")
    setting = dict(parse_qsl(urldefrag(explorer.page.url)[1].partition("?")[2]))
    wanted = twin._fit(twin.setting | {"stride": 4})[0]
    assert setting == {control: str(wanted[control]) for control in tool.HELD[name]}
    again = OnPage(opened(lesson, f"#{urldefrag(explorer.page.url)[1]}"), name)
    again.settle({"stride": wanted["stride"]})


@pytest.mark.parametrize(
    ("asked", "shown", "said"),
    [
        ("stride=9", {"stride": 3}, "stride=9"),
        (
            "stride=2&kernel_size=-1&padding=full",
            {"stride": 2, "kernel_size": 1},
            "kernel_size=-1, padding=full",
        ),
        ("step=3&colour=red", {"step": 3}, "colour=red"),
        ("", {}, ""),
        ("step=3", {"step": 3}, ""),
    ],
)
def test_an_address_that_names_no_setting_shows_the_nearest_and_says_so(opened, asked, shown, said):
    explorer = OnPage(opened("01_concept", f"#spread?{asked}"), "spread")
    explorer.settle(shown)
    alert = explorer.page.locator("[data-explorer] > [role=alert]")
    words = f"There is no {said} on this page. This is the nearest that there is." if said else ""
    assert alert.text_content() == words
    if said:  # and what is sent on leads to what is shown
        address = dict(parse_qsl(urldefrag(explorer.page.url)[1].partition("?")[2]))
        setting = explorer.twin.setting | shown
        assert address == {control: str(setting[control]) for control in tool.HELD["spread"]}
    explorer.control("step").press("Home")
    explorer.settle(shown | {"step": 1})
    assert alert.text_content() == ""


def test_a_swipe_keeps_the_cell_that_was_tapped(opened):
    """As the fingers of a telephone do both; a tap beside the cells lets go."""
    page = opened("01_concept", "#spread?step=4", width=390, has_touch=True, is_mobile=True)
    explorer = OnPage(page, "spread")
    explorer.settle({"step": 4})
    scrolled = explorer.view.locator(".picture > :first-child")
    scrolled.evaluate("node => { node.scrollLeft = node.scrollWidth }")
    page.touchscreen.tap(*explorer.place(3, 1, 1))
    said = "output (1,1): 323 = 55×1 + 52×2 + 57×2 + 50×1"
    assert explorer.sum.text_content() == said
    x, y = explorer.place(2, 1, 2)
    before = scrolled.evaluate("node => node.scrollLeft")
    touch = page.context.new_cdp_session(page)
    scrolled.evaluate("node => { node.onscrollend = () => { node.rests = true } }")
    for kind, at in [("Start", 0), *(("Move", 20 * n) for n in range(1, 8)), ("End", None)]:
        points = [] if at is None else [{"x": x + at, "y": y}]
        touch.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": points})
        page.wait_for_timeout(30)
    page.wait_for_function("node => node.rests", arg=scrolled.element_handle())  # or a tap stops it
    assert scrolled.evaluate("node => node.scrollLeft") < before - 50
    assert explorer.sum.text_content() == said
    assert explorer.marked("pinned") == {(3, 1, 1)}
    place = scrolled.bounding_box()
    page.touchscreen.tap(place["x"] + 5, place["y"] + 5)
    assert explorer.marked("pinned") == set()
    assert explorer.sum.text_content().startswith("Point at a cell, tap it")


@each_explorer
def test_controls_without_frames_say_what_they_need(opened, name):
    lesson, twin = TWINS[name]
    explorer = OnPage(opened(lesson, width=390), name)
    for control in twin._controls:
        if control.name in tool.HELD[name]:
            assert explorer.view.locator(f"[name={control.name}]").first.is_enabled()
        elif control.kind == "slider":
            slider = explorer.view.locator(f"[name={control.name}]")
            assert slider.is_disabled()
            assert not slider.is_visible()
            said = (
                f"{control.label or control.name}{twin.setting[control.name]} (needs the notebook)"
            )
            assert slider.locator("../..").text_content() == said
    numbers = explorer.view.get_by_role("group", name="numbers", exact=True)
    assert numbers.inner_text() == "new numbers (needs the notebook)"
    moving = explorer.view.locator("input:enabled").all()
    assert numbers.bounding_box()["y"] > max(slider.bounding_box()["y"] for slider in moving)
    assert "type a number" not in explorer.sum.text_content()
    explorer.page.mouse.dblclick(*explorer.place(0, 0, 0))
    assert explorer.view.locator(".editor").count() == 0


@each_explorer
def test_on_a_telephone_held_sideways_each_control_is_one_line(opened, name):
    explorer = OnPage(opened(TWINS[name][0], width=844), name)
    heights = [
        control.bounding_box()["height"] for control in explorer.view.locator("form > *").all()
    ]
    assert max(heights) < 1.5 * min(heights)


@each_lesson
def test_by_keyboard_alone_everything_is_reached_and_shows_it(opened, name):
    """Links, folds, fields, controls and grids, in the order of the page."""
    page = opened(name)
    for explorer in page.locator("[data-explorer]").all():
        explorer.scroll_into_view_if_needed()
        explorer.locator(".transconv-explorer").wait_for()
    say = "node => [node.localName, node.name, node.ariaLabel ?? node.textContent].join(' ')"
    wanted = page.evaluate(
        f"""() => [...document.querySelectorAll(
            'a[href], button:enabled, input:enabled, summary, [tabindex="0"]')]
            .filter(node => node.checkVisibility() && (node.type !== 'radio' || node.checked))
            .map({say})"""
    )
    seen = """node => getComputedStyle(node).outlineStyle !== 'none' ||
        node.matches('.panel') && node.closest('svg').querySelector('.pointed') !== null"""
    reached = []
    for _ in wanted:
        page.keyboard.press("Tab")
        told, shows = page.evaluate(
            f"() => [{say}, {seen}].map(ask => ask(document.activeElement))"
        )
        assert shows, told
        reached.append(told)
    assert reached == wanted


def exercises():
    """The exercises with fields on a page: lesson, cell, exercise, and the answers to try."""
    rng = np.random.default_rng(0)
    for lesson, page in LESSONS.items():
        for cell in page.cells:
            found = tool.EXERCISE.search(cell.source)
            line = tool.ANSWER.search(cell.source)
            if not found or not line or found[1] == "choose":  # which asks for a layer
                continue
            exercise = getattr(checks, found[1])
            right = tool.numbers_of(exercise.reference())
            wrong = [
                tool.numbers_of(w() if callable(w) else w) for _, w in exercise.wrong_answers()
            ]
            others = [[int(n) + int(rng.integers(0, 3)) for n in right] for _ in range(4)]
            others += [[-3.25, *right[1:]], [0 for _ in right], [12345.67, *right[1:]]]
            if line[2].count("...") == 1 and len(right) > 1:
                others += [right[:1], right[:-1], [*right, 5], [*right, *right, *right]]
            yield pytest.param(lesson, cell, exercise, [right, *wrong, *others], id=found[1])


EXERCISES = list(exercises())


@pytest.mark.parametrize(("lesson", "cell", "exercise", "answers"), EXERCISES)
def test_a_page_says_to_an_answer_what_the_check_says(opened, lesson, cell, exercise, answers):
    """Word for word, to the right answer, to every known mistake and to others."""
    line = tool.ANSWER.search(cell.source)[2]
    shown = opened(lesson).locator(f"[id='{cell.id}']")
    fields, said = shown.locator("input").all(), shown.locator(".said")
    tried = 0
    shown.locator("button").click()
    assert said.text_content() == ""  # the browser asks for what is missing
    for numbers in answers:
        if len(fields) == 1:
            fields[0].fill(", ".join(map(str, numbers)))
        elif len(fields) == len(numbers):
            for field, number in zip(fields, numbers, strict=True):
                field.fill(str(number).replace("-", "−"))
        else:
            continue  # cannot be typed
        tried += 1
        shown.locator("button").click()
        assert said.text_content() == tool.outcome(exercise, eval(tool.filled(line, numbers)))[1]
    assert tried >= len(answers) - 2


@pytest.mark.parametrize("typed", ["{}", "[{}]", "({})"])
@pytest.mark.parametrize("between", [" ", ",", ", "])
def test_a_row_of_numbers_may_be_typed_as_in_the_text_or_in_python(opened, typed, between):
    (right,) = (param.values[3][0] for param in EXERCISES if param.id == "spread_row")
    form = opened("02_parameters").locator("form:has-text('spread_row = ')")
    form.locator("input").fill(typed.format(between.join(map(str, right))))
    form.locator("button").click()
    assert form.locator("..").locator(".said").text_content().startswith("Right. ")


def test_a_verdict_is_in_sight(opened):
    page = opened("01_concept")
    cell = page.locator("form:has-text('spread_shape = ')").locator("..")
    button = cell.get_by_role("button")
    for field in cell.locator("input").all():
        field.fill("8")
    button.evaluate("node => scrollBy(0, node.getBoundingClientRect().bottom + 4 - innerHeight)")
    button.dispatch_event("click")  # click() might scroll
    said = cell.locator(".said").bounding_box()
    assert said["height"] > 40
    assert said["y"] + said["height"] < 901


def test_what_is_no_number_is_not_marked(opened):
    page = opened("01_concept")
    cell = page.locator("form:has-text('window_sum = ')").locator("..")
    for text in ("", "abc", "4 8", "1e5", "48."):
        cell.locator("input").fill(text)
        cell.locator("input").press("Enter")
        assert cell.locator(".said").text_content() == ""
    cell.locator("input").fill(" 48 ")
    cell.locator("input").press("Enter")
    assert cell.locator(".said").text_content().startswith("Right. ")


@each_lesson
def test_an_exercise_has_fields_or_says_how_to_open_the_notebook(opened, name):
    page = opened(name)
    with_fields = {param.id for param in EXERCISES if param.values[0] == name}
    cells = [cell for cell in LESSONS[name].cells if tool.EXERCISE.search(cell.source)]
    assert with_fields
    for cell in cells:
        shown = page.locator(f"[id='{cell.id}']")
        has_fields = tool.EXERCISE.search(cell.source)[1] in with_fields
        assert (shown.locator("form input").count() > 0) == has_fields
        assert shown.get_by_role("link", name="how to open it").count() == (not has_fields)
    hints = page.locator("summary").all_text_contents()
    assert hints.count("Solution") == hints.count("Hint 1") == len(cells)


def test_a_chart_that_each_machine_measures_is_in_the_notebook(opened):
    for name, lesson in LESSONS.items():
        page = opened(name)
        for cell in lesson.cells:
            if "not-stored" in cell.metadata.get("tags", []):
                assert not cell.outputs
                assert page.locator(f"[id='{cell.id}'] .aside a").count() == 1


@pytest.mark.parametrize("all_shown", [False, True])
def test_a_reload_or_a_way_back_leads_to_where_the_reader_was(opened, all_shown):
    """Below the explorer that the address names, with what was unfolded and uncovered."""
    page = opened("01_concept", "#spread?stride=2")
    page.locator(".transconv-explorer").wait_for()
    if all_shown:
        page.locator("header").get_by_role("button").click()
    for fold in page.locator("details:has(> summary > b)").all()[:-3]:
        fold.locator("summary").first.click()
    heading = page.get_by_role("heading", name="What transposing gives you")
    heading.evaluate("node => node.scrollIntoView()")
    page.wait_for_timeout(300)
    shown = "document.querySelectorAll('.cover, details[open]').length"
    count = page.evaluate(shown)

    def there_and_back():
        link = page.locator("main a[href*=index]").first
        link.dispatch_event("click")  # click() would scroll to it
        page.wait_for_url("**/index.html*")
        page.go_back()

    for leave in (page.reload, there_and_back):
        leave()
        page.locator(".transconv-explorer").wait_for()
        page.wait_for_timeout(500)
        assert abs(heading.evaluate("node => node.getBoundingClientRect().top")) < 20
        assert page.evaluate(shown) == count
        assert page.locator("[data-covered]:visible").count() > 10
    button = page.locator("header").get_by_role("button")
    assert (button.text_content() == "Cover it again") == all_shown


@each_lesson
def test_the_foot_of_a_lesson_leads_to_the_next(opened, name):
    foot = opened(name).get_by_role("navigation", name="Next lesson").get_by_role("link")
    leads_to = [link.get_attribute("href") for link in foot.all()]
    assert leads_to == [f"{page}.html" for page in PAGES[PAGES.index(name) + 1 :][:1]]


def test_a_verdict_goes_when_another_answer_is_typed(opened):
    cell = opened("01_concept").locator("form:has-text('window_sum = ')").locator("..")
    cell.locator("input").fill("47")
    cell.locator("button").click()
    assert "47" in cell.locator(".said").text_content()
    cell.locator("input").fill("4")
    assert cell.locator(".said").text_content() == ""


def test_progress_is_kept_in_the_browser(opened):
    page = opened("01_concept")
    done = page.locator(".done")
    assert done.text_content() == "Exercises done here: 0 of 4, and 4 more in the notebook."
    cell = page.locator("form:has-text('window_sum = ')").locator("..")
    for answer, count in (("47", 0), ("48", 1), ("48", 1), ("47", 1)):
        cell.locator("input").fill(answer)
        cell.locator("button").click()
        assert done.text_content().startswith(f"Exercises done here: {count} of 4, ")
    page.reload()
    assert done.text_content().startswith("Exercises done here: 1 of 4, ")
    said = page.locator(".said:not(:empty)")
    assert said.all_text_contents() == ["Not yet: 47 is not it."]
    assert cell.locator("input").input_value() == "47"
    cell.locator("input").fill("48")
    cell.locator("button").click()
    page.reload()
    assert cell.locator(said).text_content().startswith("Right. ")


@each_lesson
def test_what_follows_a_prediction_is_covered_until_it_is_unfolded(opened, name):
    page = opened(name)
    wanted, question, asked = [], None, None
    for cell in LESSONS[name].cells:
        tells = "tells" in cell.metadata.get("tags", [])
        if cell.cell_type == "markdown":
            asked = re.search(r"<b>Predict:</b> (.{20})", cell.source)
            question = re.sub("<[^>]*>|<.*", "", asked[1]) if asked else question
            if tells:  # has nothing that a link leads to, or that asks
                assert not asked
                assert not re.search("^#", cell.source, re.MULTILINE)
        if tells or (cell.cell_type == "code" and cell.outputs and asked):
            wanted.append((cell, tells, question))
    covered = page.locator("[data-covered]").all()
    assert len(covered) == len(wanted) > 5
    assert not any(shown.is_visible() for shown in covered)
    for shown, (cell, tells, question) in zip(covered, wanted, strict=True):
        if cell.cell_type == "code":
            assert shown.evaluate("node => node.closest('.code').id") == cell.id
            assert shown.locator(".highlight").count() == tells  # all of the cell
        else:
            assert (
                shown.text_content().split()[:3]
                == re.sub("[*`]|<.*?>", "", cell.source).split()[:3]
            )
        if not shown.is_visible():
            page.locator("summary", has_text=f"Predict: {question}").click()
            shown.wait_for()
    assert page.locator(".cover").count() == 0


@each_lesson
def test_cells_that_are_covered_one_after_the_other_have_one_note(opened, name):
    page = opened(name)
    seen = page.locator("main > *").evaluate_all(
        """all => all.filter(node => node.checkVisibility()).map(node =>
            node.matches('.cover') ? 'note' : node.matches(':has(> .cover)') ? 'code, note' : '')"""
    )
    assert "code, note" in seen
    assert not any(one and two == "note" for one, two in pairwise(seen))
    in_sight = page.locator("main > .code:not(.covered):has(> .covered)")  # and its output is not
    assert seen.count("code, note") == in_sight.count()


def test_show_all_shows_all_and_paper_has_no_covers(opened):
    page = opened("01_concept")
    hidden = page.locator("[data-covered]:not(:visible)")
    assert hidden.count() > page.locator(".cover").count() > 5
    page.emulate_media(media="print")
    assert hidden.count() == page.locator(".cover:visible").count() == 0
    page.emulate_media(media="screen")
    button = page.locator("header").get_by_role("button")
    button.press("Enter")
    assert hidden.count() == page.locator(".cover:visible").count() == 0
    button.press("Enter")
    assert hidden.count() > page.locator(".cover:visible").count() > 5


@each_page
def test_a_page_says_what_it_is_about_to_those_who_share_it(site, opened, name):
    page = opened(name)
    title = page.locator("h1").first.evaluate("h1 => h1.firstChild.textContent")
    assert page.title() == (title if name == "index" else f"{title} – transconv")
    meta = dict(
        page.locator("meta[content]").evaluate_all(
            "all => all.map(meta => [meta.getAttribute('property') ?? meta.name, meta.content])"
        )
    )
    assert meta["og:title"] == title
    assert meta["description"] == meta["og:description"]
    assert " ".join(page.locator("main p").first.inner_text().split()) == meta["description"]
    assert meta["og:image"] == f"{tool.ADDRESS}preview.png"
    width, height = matplotlib.image.imread(site / "preview.png").shape[1::-1]
    assert width > 1000
    assert height > 300


def test_the_first_link_of_the_readme_is_to_the_pages():
    link = re.search(r"\]\(([^)]*)\)", (ROOT / "README.md").read_text().split("![")[0])
    assert re.fullmatch("(site|https://.*)/index.html", link[1])


def test_published_it_leads_to_its_source_and_its_picture(tmp_path, monkeypatch):
    """As the workflow says where that is; else the front page has no link to the folder."""
    monkeypatch.setattr(tool, "NOTEBOOKS", [])
    monkeypatch.setattr(tool, "preview", lambda lessons: b"")
    tool.main(tmp_path)
    assert "a copy of this folder" in (tmp_path / "index.html").read_text()
    monkeypatch.setattr(tool, "ADDRESS", "https://pages.example/folder/")
    monkeypatch.setattr(tool, "REPOSITORY", "https://example.org/some/folder")
    tool.main(tmp_path)
    page = (tmp_path / "index.html").read_text()
    assert '<a href="https://example.org/some/folder/tree/HEAD/.">this folder</a>' in page
    assert '<a href="https://example.org/some/folder/tree/HEAD/docs/teaching.md">' in page
    assert 'content="https://pages.example/folder/preview.png"' in page


def test_the_front_page_leads_to_the_lessons_and_then_to_the_notebooks(opened):
    page = opened("index")
    assert page.locator("h2").all_inner_texts() == ["The lessons¶", "Start¶"]
    assert page.locator("main a[href='01_concept.html']").count() == 1
    assert page.locator("main a[href*=index]").count() == 0
    assert page.locator("img").evaluate("image => image.naturalWidth > 0")


def test_the_workflow_publishes_what_make_site_writes_after_the_tests():
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "test.yml").read_text())
    job = workflow["jobs"]["pages"]
    assert set(job["needs"]) == workflow["jobs"].keys() - {"pages"}
    assert job["permissions"] == {"contents": "read", "pages": "write", "id-token": "write"}
    (build,) = (step for step in job["steps"] if step.get("run") == "make site PYTHON=python")
    assert build["env"].keys() == {"ADDRESS", "REPOSITORY"}
    (upload,) = (step for step in job["steps"] if "upload" in step.get("uses", ""))
    makefile = (ROOT / "Makefile").read_text()
    assert f"tools.site {upload['with']['path']}\n" in makefile
