"""How fast the sliders are, in the kernel and in JupyterLab in a headless Chromium.

Prints tables and asserts nothing, as machines differ and are noisy. For the same reason, what is
compared is measured in turns, in one session. Twelve minutes on two cores; `--changes` and
`--drags` make it shorter.
"""

import argparse
import math
import re
import sys
import tempfile
import time
from contextlib import ExitStack
from itertools import cycle, product
from pathlib import Path
from statistics import median, quantiles
from typing import NamedTuple

import matplotlib.pyplot as plt
import nbformat.v4 as nbformat
import numpy as np
from ipywidgets import interact

from tools.browser import NoBrowser, browser, errors, lab, opened, run_all
from transconv import explore
from transconv.steps import Convolution, TransposedConvolution

EXPLORERS = ("layers", "spread")
W = np.array([[1, 2, 1], [2, 1, 2], [1, 1, 2]])
X = np.random.default_rng(0).integers(1, 10, (5, 4))  # of this size both show about 100 cells,
LARGE_X = np.random.default_rng(0).integers(1, 10, (9, 8))  # and of this about 300

# ---- What is compared; the notebooks import it from this file.


def explorer(name, X=X):
    return getattr(explore, name)(X, W)


def floor(name):
    """The explorer with its pictures drawn beforehand: what the way through the kernel takes."""
    shown, pictures = explorer(name), {}
    for step in range(1, X.size + 1):
        pictures[step] = shown.picture_of(**shown.setting | {"step": step})
    shown.picture_of = lambda step, **_: pictures[step]
    return shown


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

    interact(show, step=(1, X.size))


VARIANTS = {"explorer": explorer, "floor": floor, "plain": plain}
BEFORE = "before"  # the explorer of another checkout, asked for with --before


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
    first = (time.perf_counter() - start) * 1000  # with what is made once, such as the glyphs
    print_row(f"build {EXPLORERS[0]}, the first", [first], "at most 500", first <= 500)
    for name in EXPLORERS:
        then = milliseconds(3, explorer, name)
        print_row(f"build {name}, later", [then], "at most 500", then <= 500)
    for name, (grid, limit) in product(EXPLORERS, ((X, 4), (LARGE_X, 7))):
        shown = explorer(name, grid)
        setting = shown.setting | {"step": grid.size // 2}
        cells = sum(map(math.prod, sizes_of(shown.picture)))
        ms = milliseconds(10, lambda shown=shown, setting=setting: shown.picture_of(**setting))
        print_row(f"draw {name}, {cells} cells", [ms], f"at most {limit}", ms <= limit)


def sizes_of(picture):
    """(height, width) of each grid of a picture."""
    return [tuple(map(int, size)) for size in re.findall(r"\((\d+)×(\d+)\)\n", picture.words)]


def print_row(measure, values, target="", met=None):
    """A row of a table; `met` tells whether the target is."""
    columns = (v if isinstance(v, str) else f"{v:.3g}" if v < 100 else f"{v:.0f}" for v in values)
    columns = "".join(column.rjust(10) for column in columns).ljust(40)
    print(f"{measure:34}{columns}   {target:32}{ {None: '', True: 'met', False: 'MISSED'}[met] }")


# ---- In the browser.

# Watches the picture in `output`, the output of a cell. A new one counts once it is painted, that
# is, decoded, still there, and two frames further. In each frame the picture must not be blank,
# the notebook must not have scrolled, and the cell `below` must not have moved.
WATCH = """([output, below]) => {
    const log = window.log = {events: [], painted: [], blank: 0, jumps: 0};
    const picture = () => output.querySelector('img, .widget-html svg');
    const drawn = (shown) => shown && (shown.src ?? shown.outerHTML);
    const frame = () => new Promise(requestAnimationFrame);
    const stop = new AbortController();
    let last = drawn(picture()), place;
    const observer = new MutationObserver(async () => {
        const now = picture(), mine = drawn(now);
        if (!mine || mine === last) return;
        last = mine;
        try { await now.decode?.(); } catch { return; }  // the next one has already replaced it
        await frame();
        await frame();
        if (now === picture() && drawn(now) === mine) log.painted.push(performance.now());
    });
    observer.observe(output, {subtree: true, childList: true, attributeFilter: ['src']});
    for (const type of ['keydown', 'pointermove']) document.addEventListener(
        type, () => log.events.push(performance.now()), {capture: true, signal: stop.signal});
    const look = () => {
        if (stop.signal.aborted) return;
        const shown = picture();
        if (!(shown?.naturalWidth ?? shown?.childElementCount)) log.blank++;
        const scrolled = output.closest('.jp-WindowedPanel-outer').scrollTop;
        const now = scrolled + ' ' + Math.round(below.getBoundingClientRect().top);
        if (place && place !== now) log.jumps++;
        place = now;
        requestAnimationFrame(look);
    };
    look();
    window.unwatch = () => { observer.disconnect(); stop.abort(); return log; };
}"""


class Drag(NamedTuple):
    """What a drag showed."""

    rate: float  # pictures a second
    blank: int  # frames without a picture
    jumps: int  # frames in which the page moved
    late: float  # milliseconds from the last event to the last picture
    right: bool  # whether the last picture is that of the setting


class View:
    """The explorer in the output of code cell number `n`; the first, if there are several."""

    def __init__(self, page, n):
        cell = page.locator(".jp-CodeCell").nth(n)
        self.page, self.output = page, cell.locator(".jp-OutputArea").first
        self.below = cell.locator("xpath=following-sibling::*[1]")
        label = page.get_by_text("step", exact=True)
        self.slider = self.output.locator(".widget-hslider").filter(has=label).first
        self.handle = self.slider.locator(".noUi-handle")
        there = X.size - 1
        self.keys = cycle(["ArrowRight"] * there + ["ArrowLeft"] * there)

    def watch(self):
        self.page.evaluate(WATCH, [self.output.element_handle(), self.below.element_handle()])

    def settled(self):
        """What was seen, once nothing has happened for a second."""
        self.page.wait_for_function(
            "() => performance.now() - Math.max(...log.events, ...log.painted) > 1000"
        )
        return self.page.evaluate("() => unwatch()")

    def source(self):
        shown = self.output.locator("img, .widget-html svg").first
        return shown.evaluate("shown => shown.src ?? shown.outerHTML")

    def to_start(self):
        self.watch()
        self.handle.press("End")
        self.handle.press("Home")
        self.settled()

    def press(self, key):
        """Press a key; milliseconds until the new picture is painted."""
        self.handle.focus()  # this may scroll, and the page is to stand still, as a reader's does
        self.page.wait_for_timeout(200)  # and what else the last key has set going ends
        self.watch()
        self.page.keyboard.press(key)
        self.page.wait_for_function("() => log.painted.length")
        log = self.page.evaluate("() => unwatch()")
        return log["painted"][0] - log["events"][0]

    def to_front(self):
        self.page.bring_to_front()
        self.press(next(self.keys))  # a tab that was hidden is slow at first

    def drag(self, seconds=2, sweeps=3.6):
        self.handle.hover()  # this may scroll, so the track is measured after it
        track = self.slider.locator(".noUi-base").bounding_box()
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
        began, ended, painted = log["events"][0], log["events"][-1], log["painted"]
        rate = sum(at <= ended for at in painted) / (ended - began) * 1000
        late = max(0, painted[-1] - ended)
        return Drag(rate, log["blank"], log["jumps"], late, last == self.source())


def measure_browser(changes, drags, earlier):
    """Print what a reader sees; `earlier` is the folder of another checkout to compare with."""
    names = [*VARIANTS, BEFORE] if earlier else [*VARIANTS]
    kinds = list(product(EXPLORERS, names))
    with ExitStack() as stack:
        chromium = stack.enter_context(browser())

        def views(sources, checkout=None):
            """Open a notebook with these cells; return the View of each one's output."""
            start = f"import sys\nsys.path.insert(0, {checkout!r})\n" if checkout else ""
            cells = [nbformat.new_code_cell(f"{start}from benchmarks.sliders import *")]
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
            return times

        variants = {}  # in a notebook each, as what one leaves behind would slow the others
        for name, v in kinds:
            of_another = v == BEFORE
            source = f"{'explorer' if of_another else v}({name!r})"
            variants |= views({(name, v): source}, earlier if of_another else None)
        times = pressed(variants)
        dragged = {kind: [] for kind in kinds}
        for kind in kinds * drags:
            variants[kind].to_front()
            dragged[kind].append(variants[kind].drag())
        one = views({1: "explorer('layers')"})
        ten = views({10: "for _ in range(10): display(explorer('layers'))"})
        crowds = pressed(one | ten)

    for name in EXPLORERS:
        print()
        print_row(f"in the browser: {name}", names, "target of explorer")
        of = {variant: times[name, variant] for variant in names}
        typical = {variant: median(of[variant]) for variant in names}
        print_row("key press to new picture, ms", typical.values())
        print_row("    nine in ten are below", [quantiles(of[v], n=10)[-1] for v in names])
        for other, limit in (("plain", 1 / 5), ("floor", 1.3), (BEFORE, 1)):
            if other in names:
                ratio = typical["explorer"] / typical[other]
                target = f"at most {limit} of {other}"
                print_row(f"    explorer / {other}", [ratio], target, ratio <= limit)
        seen = [Drag(*map(list, zip(*dragged[name, v], strict=True))) for v in names]
        rates = [median(drag.rate) for drag in seen]
        enough = 14 / 18 * rates[1]
        target = f"at least 14/18 of floor: {enough:.1f}"
        print_row("drag: pictures a second", rates, target, rates[0] >= enough)
        for what, attribute in (("blank frames", "blank"), ("jumps of the page", "jumps")):
            counts = [sum(getattr(drag, attribute)) for drag in seen]
            print_row(f"    {what}, in {drags} drags", counts, "0", counts[0] == 0)
        late = [max(drag.late) for drag in seen]
        print_row("    last picture, ms late, worst", late, "at most 150", late[0] <= 150)
        right = [sum(drag.right) for drag in seen]
        print_row(f"    last picture right, of {drags}", right, f"{drags}", right[0] == drags)
    print()
    print_row("key press on a page of", ["1", "10"], "target")
    ratio = median(crowds[10]) / median(crowds[1])
    target = "as fast: ratio at most 1.1"
    print_row("layers, ms", map(median, crowds.values()), target, ratio <= 1.1)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--changes", type=int, default=60, help="key presses for each slider")
    parser.add_argument("--drags", type=int, default=2, help="drags for each slider")
    parser.add_argument("--before", metavar="FOLDER", help="another checkout, to compare with")
    parser.add_argument("--no-browser", action="store_true", help="only what needs none")
    given = parser.parse_args()
    measure_kernel()
    if not given.no_browser:
        try:
            measure_browser(given.changes, given.drags, given.before)
        except NoBrowser as reason:
            sys.exit(f"nothing measured in the browser: {reason}")


if __name__ == "__main__":
    main()
