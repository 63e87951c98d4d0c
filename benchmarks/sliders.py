"""How fast the explorers are, in the kernel and in JupyterLab in a headless Chromium.

Prints tables and asserts nothing, as machines differ and are noisy. For the same reason, what is
compared is measured in turns, in one session. Fifteen minutes on two cores; `--changes` and
`--drags` make it shorter.
"""

import argparse
import json
import math
import sys
import tempfile
import time
from contextlib import ExitStack
from itertools import cycle, product
from pathlib import Path
from statistics import median, quantiles
from typing import NamedTuple

import ipywidgets as widgets
import matplotlib.pyplot as plt
import nbformat.v4 as nbformat
import numpy as np

from tools.browser import NoBrowser, browser, errors, in_kernel, lab, opened, run_all
from transconv import explore, svg
from transconv.steps import Convolution, TransposedConvolution

EXPLORERS = ("layers", "spread")
W = np.array([[1, 2, 1], [2, 1, 2], [1, 1, 2]])
X = np.random.default_rng(0).integers(1, 10, (5, 4))  # of this size both show about 100 cells,
LARGE_X = np.random.default_rng(0).integers(1, 10, (9, 8))  # and of this about 300

# ---- What is compared; the notebooks import it from this file.


def explorer(name, X=X):
    return getattr(explore, name)(X, W)


def kernel(name):
    """The explorer without its cache: every frame makes the way through the kernel."""
    shown = explorer(name)
    shown._esm = shown._esm.replace("IDLE = 120", "IDLE = 1e9").replace(
        "CACHED = 1000", "CACHED = 1"
    )
    return shown


def html(name):
    """The same pictures the old way: a slider of ipywidgets, and SVG sent to its HTML widget."""
    made, shown = explorer(name), widgets.HTML()
    slider = widgets.IntSlider(1, 1, X.size, description="step")

    def draw(change):
        picture = made._row_of(**made.setting | {"step": change["new"]})
        shown.value = f"<p>{picture.caption}</p>{picture.svg}"

    draw({"new": 1})
    slider.observe(draw, "value")
    return widgets.VBox([widgets.HTML(f"<style>{svg.LOOK}</style>"), slider, shown])


def plain(name):
    """The diagram as one would first write it: a new figure for each setting."""

    def show(step):
        transposed = TransposedConvolution(X, W)
        if name == "spread":
            grids = {"input": X, "kernel": W, "patch": transposed.placed(step - 1)}
        else:
            conv = Convolution(X, W)
            output = conv.partial(min(step, len(conv)) - 1)
            grids = {"kernel": W, "Conv2D input": X, "output": output, "transposed input": X}
        grids["running sum"] = transposed.partial(step - 1)
        _, axes = plt.subplots(1, len(grids), figsize=(9, 3))
        for ax, (title, grid) in zip(axes, grids.items(), strict=True):
            ax.imshow(grid, cmap="Blues")
            ax.set(title=title, xticks=[], yticks=[])
            for (i, j), number in np.ndenumerate(grid):
                ax.text(j, i, number, ha="center", va="center")
        plt.show()

    widgets.interact(show, step=(1, X.size))


VARIANTS = {"explorer": explorer, "kernel": kernel, "html": html, "plain": plain}


def noting(explorer):
    """The explorer, which notes when it sends frames, and how many bytes."""
    explorer.sent, send = [], explorer.send

    def noted(content):
        send(content)
        explorer.sent.append((time.time(), len(json.dumps(content))))

    explorer.send = noted
    explorer.observe(lambda _: explorer.sent.clear(), "setting")
    return explorer


# ---- In the kernel, without a browser.


def measure_kernel():
    """Print how long the kernel takes by itself."""

    def milliseconds(repeats, task, *args):
        """The median, for the best of five rounds: what else the machine does only adds to it."""
        rounds = []
        for _ in range(5):
            times = []
            for _ in range(repeats):
                start = time.perf_counter()
                task(*args)
                times.append((time.perf_counter() - start) * 1000)
            rounds.append(median(times))
        return min(rounds)

    print_row("in the kernel", ["ms"], "target")
    start = time.perf_counter()
    explorer(EXPLORERS[0])
    first = (time.perf_counter() - start) * 1000
    print_row(f"build {EXPLORERS[0]}, the first", [first], "at most 300", first <= 300)
    for name in EXPLORERS:
        then = milliseconds(3, explorer, name)
        print_row(f"build {name}, later", [then], "at most 300", then <= 300)
        print_row("    and what is stored of it", [milliseconds(3, explorer(name).picture.stored)])
    for name, (grid, limit) in product(EXPLORERS, ((X, 4), (LARGE_X, 7))):
        shown = explorer(name, grid)
        setting = shown.setting | {"step": grid.size // 2}
        cells = sum(panel.values.size for panel in shown.picture.panels)
        ms = milliseconds(10, shown._frame, setting)
        print_row(f"a frame of {name}, {cells} cells", [ms], f"at most {limit}", ms <= limit)


def print_row(measure, values, target="", met=None):
    """A row of a table; `met` tells whether the target is."""
    columns = (v if isinstance(v, str) else f"{v:.3g}" if v < 100 else f"{v:.0f}" for v in values)
    columns = "".join(column.rjust(10) for column in columns).ljust(40)
    print(f"{measure:34}{columns}   {target:32}{ {None: '', True: 'met', False: 'MISSED'}[met] }")


# ---- In the browser.

# Watches the picture in `output`, the output of a cell. A new one is noted when it is in the page,
# and when it is painted: decoded, still there, and two frames further. In each frame the picture
# must not be blank, the notebook not have scrolled, and the cell `below` not have moved.
WATCH = """([output, below]) => {
    const log = window.log = {events: [], inputs: 0, changed: [], painted: [], blank: 0, jumps: 0};
    const picture = () => output.querySelector('img, .picture svg, .widget-html svg');
    const drawn = (shown) => shown && (shown.src ?? shown.outerHTML);
    const frame = () => new Promise(requestAnimationFrame);
    const stop = new AbortController();
    let last = drawn(picture()), place;
    const observer = new MutationObserver(async () => {
        const now = picture(), text = drawn(now);
        if (!text || text === last) return;
        last = text;
        const mine = log.changed.push(performance.now());
        try { await now.decode?.(); } catch { return; }  // the next one has already replaced it
        await frame();
        await frame();
        if (mine === log.changed.length) log.painted.push(performance.now());
    });
    observer.observe(
        output, {subtree: true, childList: true, characterData: true, attributes: true});
    const on = (type, note) => document.addEventListener(
        type, note, {capture: true, signal: stop.signal});
    on('keydown', () => log.events.push(performance.now()));
    on('pointermove', () => log.events.push(performance.now()));
    on('input', () => log.inputs++);
    const look = () => {
        if (stop.signal.aborted) return;
        const shown = picture();
        if (!(shown?.naturalWidth ?? shown?.childElementCount)) log.blank++;
        const panel = output.closest('.jp-WindowedPanel-outer') ?? document.scrollingElement;
        const scrolled = panel.scrollTop;
        const now = scrolled + ' ' + Math.round(below.getBoundingClientRect().top);
        if (place && place !== now) log.jumps++;
        place = now;
        requestAnimationFrame(look);
    };
    look();
    window.unwatch = () => { observer.disconnect(); stop.abort(); return log; };
}"""

# Moves the slider there and back once a frame for two seconds; pictures and moves a second.
SWEEP = """async (slider) => {
    const end = performance.now() + 2000, last = +slider.max;
    let moves = 0;
    const before = log.changed.length;
    while (performance.now() < end) {
        slider.value = Math.abs(last - moves % (2 * last));
        slider.dispatchEvent(new Event('input', {bubbles: true}));
        moves++;
        await new Promise(requestAnimationFrame);
    }
    return [(log.changed.length - before) / 2, moves / 2];
}"""


class Press(NamedTuple):
    """What a key press showed, in milliseconds after it."""

    changed: float  # the new picture is in the page
    painted: float


class Drag(NamedTuple):
    """What a drag showed."""

    rate: float  # pictures a second
    missed: int  # moves of the slider without a picture
    blank: int  # frames without a picture
    jumps: int  # frames in which the page moved
    late: float  # milliseconds from the last event to the last picture
    right: bool  # whether the last picture is that of the setting


class View:
    """The explorer in the output of code cell number `n`; the first, if there are several."""

    def __init__(self, page, n, steps=X.size):
        cell = page.locator(".jp-CodeCell").nth(n)
        self.page, self.output, self.steps = page, cell.locator(".jp-OutputArea").first, steps
        self.below = cell.locator("xpath=following-sibling::*[1]")
        label = page.get_by_text("step", exact=True)
        old = self.output.locator(".widget-hslider").filter(has=label)
        self.native = self.output.locator("input[name=step]").first
        self.handle = old.locator(".noUi-handle").or_(self.native).first
        self.track = old.locator(".noUi-base").or_(self.native).first

    def watch(self):
        self.page.evaluate(WATCH, [self.output.element_handle(), self.below.element_handle()])

    def settled(self):
        """What was seen, once nothing has happened for a second."""
        self.page.wait_for_function(
            "() => performance.now() - Math.max(...log.events, ...log.painted) > 1000"
        )
        return self.page.evaluate("() => unwatch()")

    def source(self):
        shown = self.output.locator("img, .picture svg, .widget-html svg").first
        return shown.evaluate("shown => shown.src ?? shown.outerHTML")

    def to_start(self):
        """Put the slider to its start, from where `keys` leads there and back."""
        there = self.steps - 1
        self.keys = cycle(["ArrowRight"] * there + ["ArrowLeft"] * there)
        self.watch()
        self.handle.press("End")
        self.handle.press("Home")
        self.settled()

    def press(self, key):
        self.handle.focus()  # this may scroll, and the page is to stand still, as a reader's does
        self.page.wait_for_timeout(200)  # and what else the last key has set going ends
        self.watch()
        self.page.keyboard.press(key)
        self.page.wait_for_function("() => log.painted.length")
        log = self.page.evaluate("() => unwatch()")
        start = log["events"][0]
        return Press(log["changed"][0] - start, log["painted"][0] - start)

    def to_front(self):
        self.page.bring_to_front()
        self.press(next(self.keys))  # a tab that was hidden is slow at first

    def drag(self, seconds=2, sweeps=3.6):
        self.handle.hover()  # this may scroll, so the track is measured after it
        track = self.track.bounding_box()
        self.page.mouse.move(track["x"] + 8, track["y"] + track["height"] / 2)
        self.page.mouse.down()
        self.watch()
        start = time.monotonic()
        while (passed := time.monotonic() - start) < seconds:
            share = 1 - abs(1 - passed / seconds * sweeps % 2)
            x, y = track["x"] + share * track["width"], track["y"] + track["height"] / 2
            self.page.mouse.move(x, y)
            time.sleep(0.008)
        log = self.settled()
        self.page.mouse.up()
        last = self.source()
        self.press("ArrowLeft")
        self.press("ArrowRight")
        began, ended = log["events"][0], log["events"][-1]
        painted = log["painted"] or [math.inf]  # nothing within a second after the last move
        rate = sum(at <= ended for at in painted) / (ended - began) * 1000
        missed = max(0, log["inputs"] - len(log["changed"]))
        late = max(0, painted[-1] - ended)
        right = last == self.source()
        self.to_start()
        return Drag(rate, missed, log["blank"], log["jumps"], late, right)

    def sweep(self):
        """(pictures, moves) a second when the slider is moved once a frame."""
        self.to_front()
        self.watch()
        rates = self.native.evaluate(SWEEP)
        self.settled()
        self.to_start()
        return rates


def measure_browser(changes, drags):
    """Print what a reader sees."""
    kinds = list(product(EXPLORERS, VARIANTS))
    with ExitStack() as stack:
        chromium = stack.enter_context(browser())

        def views(sources):
            """Open a notebook with these cells; return the View of each one's output."""
            cells = [nbformat.new_code_cell("from benchmarks.sliders import *")]
            for source in sources.values():  # a text below each, which moves if the page jumps
                cells += [nbformat.new_code_cell(source), nbformat.new_markdown_cell("below")]
            kernel = {"name": "python3", "display_name": "Python 3"}  # or JupyterLab asks for one
            notebook = nbformat.new_notebook(cells=cells, metadata={"kernelspec": kernel})
            with tempfile.TemporaryDirectory() as folder:
                (Path(folder) / "sliders.ipynb").write_text(nbformat.writes(notebook))
                url = stack.enter_context(lab(folder))  # which copies it
            page = stack.enter_context(opened(chromium, url("sliders.ipynb")))
            run_all(page)
            if failed := errors(page):
                raise RuntimeError("\n".join(failed))
            views = {key: View(page, n) for n, key in enumerate(sources, start=1)}
            for view in views.values():
                view.to_start()
            return views

        def pressed(views, at_once=5):
            times = {key: [] for key in views}
            for key in [*views] * math.ceil(changes / at_once):
                views[key].to_front()
                times[key] += [views[key].press(next(views[key].keys)) for _ in range(at_once)]
            return {key: Press(*map(list, zip(*times[key], strict=True))) for key in views}

        variants = {}  # in a notebook each, as what one leaves behind would slow the others
        for name, v in kinds:
            variants |= views({(name, v): f"{v}({name!r})"})
        times = pressed(variants)
        dragged = {kind: [] for kind in kinds}
        for kind in kinds * drags:
            variants[kind].to_front()
            dragged[kind].append(variants[kind].drag())
        swept = {name: [] for name in EXPLORERS}
        for name in EXPLORERS * drags:
            swept[name].append(variants[name, "explorer"].sweep())
        explorers = {name: variants[name, "explorer"] for name in EXPLORERS}
        calm = pressed(explorers)
        for view in explorers.values():
            loop = "import time\nend = time.time() + 60\nwhile time.time() < end: pass"
            in_kernel(view.page, loop, wait=False)
        busy = pressed(explorers)
        one = views({1: "explorer('layers')"})
        ten = views({10: "for _ in range(10): display(explorer('layers'))"})
        crowds = pressed(one | ten)
        ahead = {}
        for name, (size, limit) in product(EXPLORERS, (("X", 0.6), ("LARGE_X", 1.6))):
            of = f"noted = noting(explorer({name!r}, {size}))\nnoted"
            (view,) = views({0: of}).values()
            painted = view.press("ArrowRight").painted
            start = time.time() - painted / 1000
            view.page.wait_for_timeout(3000)
            told = in_kernel(view.page, "import json; print(json.dumps(noted.sent))")
            sent = json.loads(told)
            ahead[f"{name}, {size}"] = sent[-1][0] - start, sum(n for _, n in sent) / 1e6, limit

    for name in EXPLORERS:
        print()
        print_row(f"in the browser: {name}", VARIANTS, "target of explorer")
        changed = [median(times[name, v].changed) for v in VARIANTS]
        print_row("key press to DOM changed, ms", changed, "at most 8", changed[0] <= 8)
        painted = {v: median(times[name, v].painted) for v in VARIANTS}
        print_row("key press to painted, ms", painted.values())
        print_row(
            "    nine in ten below", [quantiles(times[name, v].painted, n=10)[-1] for v in VARIANTS]
        )
        for one_, other, limit in (
            ("explorer", "kernel", 0.65),
            ("explorer", "plain", 0.12),
            ("kernel", "html", 1),
        ):
            ratio = painted[one_] / painted[other]
            print_row(f"    {one_} / {other}", [ratio], f"at most {limit}", ratio <= limit)
        before, loop = (median(of[name].painted) for of in (calm, busy))
        print_row("    before the kernel runs a loop", [before])
        print_row("    while it does", [loop], "as fast: ratio at most 1.1", loop <= 1.1 * before)
        seen = [Drag(*map(list, zip(*dragged[name, v], strict=True))) for v in VARIANTS]
        print_row("drag: pictures a second", [median(drag.rate) for drag in seen])
        pictures, moves = map(median, zip(*swept[name], strict=True))
        print_row("    once a frame, and moves", [pictures, moves], "at least 45", pictures >= 45)
        for what, attribute in (
            ("moves without a picture", "missed"),
            ("blank frames", "blank"),
            ("jumps of the page", "jumps"),
        ):
            counts = [sum(getattr(drag, attribute)) for drag in seen]
            print_row(f"    {what}, in {drags} drags", counts, "0", counts[0] == 0)
        late = [max(drag.late) for drag in seen]
        print_row("    last picture, ms late, worst", late, "at most 60", late[0] <= 60)
        right = [sum(drag.right) for drag in seen]
        print_row(f"    last picture right, of {drags}", right, f"{drags}", right[0] == drags)
    print()
    print_row("key press on a page of", ["1", "10"], "target")
    crowd = [median(crowds[n].painted) for n in crowds]
    print_row("layers, ms", crowd, "as fast: ratio at most 1.1", crowd[1] <= 1.1 * crowd[0])
    print()
    print_row("all neighbours of a setting", ["seconds", "MB"], "target")
    for name, (seconds, size, limit) in ahead.items():
        met = seconds <= limit and size <= 4
        print_row(f"    {name}", [seconds, size], f"at most {limit} s, 4 MB", met)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--changes", type=int, default=60, help="key presses for each slider")
    parser.add_argument("--drags", type=int, default=4, help="drags for each slider")
    parser.add_argument("--no-browser", action="store_true", help="only what needs none")
    given = parser.parse_args()
    measure_kernel()
    if not given.no_browser:
        try:
            measure_browser(given.changes, given.drags)
        except NoBrowser as reason:
            sys.exit(f"nothing measured in the browser: {reason}")


if __name__ == "__main__":
    main()
