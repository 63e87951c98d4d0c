"""How fast the web pages of the lessons are, on loopback, beside JupyterLab on the same explorers.

Prints a table and asserts nothing, as machines differ and are noisy. Five minutes on two cores.
"""

import argparse
import gzip
import json
import sys
import tempfile
import threading
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median

import nbformat
import nbformat.v4 as v4

from benchmarks.sliders import View, print_row
from tools import site
from tools.browser import NoBrowser, browser, lab, loaded, opened, run_all

EXPLORERS = [  # lesson, name, steps
    ("01_concept", "spread", 4),
    ("02_parameters", "strip", 5),
    ("02_parameters", "layers", 16),
]
# Notes when the first explorer is in the page, and painted: two frames further.
NOTE = """new MutationObserver(async (_, observer) => {
    if (window.explorerDrawn || !document.querySelector('.transconv-explorer svg')) return;
    window.explorerDrawn = Infinity;
    observer.disconnect();
    for (const _ of [1, 2]) await new Promise(requestAnimationFrame);
    window.explorerDrawn = performance.now();
}).observe(document, {subtree: true, childList: true});"""
SEEN = "() => performance.getEntriesByName('first-contentful-paint')[0].startTime"


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@contextmanager
def served():
    """The pages on loopback: their folder, and the URL that it is at."""
    with tempfile.TemporaryDirectory() as folder:
        site.main(Path(folder))
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Path(folder), f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


class OnPage(View):
    """An explorer of a page."""

    def __init__(self, page, name, steps):
        self.page, self.output, self.steps = page, page.locator(f"[data-explorer={name}]"), steps
        self.below = page.locator(f".code:has([data-explorer={name}]) + *")
        self.native = self.handle = self.output.locator("input[name=step]")


def clicked(chromium, url, name, explorer):
    """Milliseconds from a click until a lesson is read, and the explorer drawn that it leads to."""
    with loaded(chromium, url) as page:
        page.add_init_script(NOTE)
        link = page.locator(f"main a[href*='{name}.html']")
        link.evaluate("(link, explorer) => { link.hash = explorer }", explorer)
        link.click()
        page.wait_for_load_state("load")
        page.wait_for_timeout(1500)
        drawn = page.evaluate("() => window.explorerDrawn ?? null")
        return page.evaluate(SEEN), drawn


def sizes(folder, chromium, url, name):
    """Kilobytes, gzipped, of all that a lesson loads by itself, read to its end."""
    with loaded(chromium, "about:blank") as page:
        asked = {f"{name}.html"}
        page.on("request", lambda request: asked.add(request.url.rpartition("/")[2]))
        page.goto(f"{url}{name}.html")
        for explorer in page.locator("[data-explorer]").all():
            explorer.scroll_into_view_if_needed()
            explorer.locator(".transconv-explorer").wait_for()
    files = [folder / file for file in asked if (folder / file).is_file()]
    return sum(len(gzip.compress(file.read_bytes())) for file in files) / 1000


def notebook_of(name, shown):
    """A notebook that shows the explorer of a lesson, and nothing else."""
    lesson = nbformat.read(site.ROOT / "notebooks" / f"{name}.ipynb", as_version=4)
    at = next(n for n, cell in enumerate(lesson.cells) if f"explore.{shown}(" in cell.source)
    cells = [v4.new_code_cell(site.code_of(lesson.cells, at)[0])]
    cells += [v4.new_code_cell(lesson.cells[at].source), v4.new_markdown_cell("below")]
    kernel = {"name": "python3", "display_name": "Python 3"}
    return v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})


def is_press(latency):
    return latency["args"].get("event_latency", {}).get("event_type") == "KEY_PRESSED"


def pressed(view, times):
    """Median milliseconds from a key press until the picture is in the page, and on the screen.

    The second is what Chromium traces of a key, from its generation to the presentation, while
    the page is left alone: what watches it for the first asks for a frame after every frame.
    """
    view.to_start()
    changed = [view.press(next(view.keys)).changed for _ in range(times)]
    chromium = view.page.context.browser
    chromium.start_tracing(page=view.page, categories=["input", "cc", "benchmark"])
    for _ in range(times):
        view.page.wait_for_timeout(250)  # what the last key has set going ends
        view.page.keyboard.press(next(view.keys))
    view.page.wait_for_timeout(250)
    events = json.loads(chromium.stop_tracing())["traceEvents"]
    latencies = [event for event in events if event["name"] == "EventLatency"]
    begun, shown = {}, []
    for event in sorted(latencies, key=lambda event: event["ts"]):
        of = event["pid"], str(event.get("id2"))
        if event["ph"] == "b":
            begun[of] = event
        elif (start := begun.pop(of, None)) and is_press(start):
            shown.append((event["ts"] - start["ts"]) / 1000)
    return median(changed), median(shown)


def measure(repeats, presses):
    with served() as (folder, url), browser() as chromium:
        print()
        print_row("a lesson", ["median", "worst"], "target")
        for name in (path.stem for path in site.NOTEBOOKS):
            print_row(name, [])
            seen = [clicked(chromium, url, name, "")[0] for _ in range(repeats)]
            row = [median(seen), max(seen)]
            print_row("    readable after the click, ms", row, "at most 500", row[0] <= 500)
            for explorer in (shown for lesson, shown, _ in EXPLORERS if lesson == name):
                drawn = [clicked(chromium, url, name, explorer)[1] for _ in range(repeats)]
                row = [median(drawn), max(drawn)]
                print_row(f"    drawn: {explorer}, ms", row, "at most 1000", row[0] <= 1000)
            size = sizes(folder, chromium, url, name)
            print_row("    loaded, kB gzipped", [size, ""], "at most 1000", size <= 1000)
        print()
        print_row("key press to picture, ms", ["page", "JupyterLab"], "target of page")
        for name, shown, steps in EXPLORERS:
            with loaded(chromium, f"{url}{name}.html") as page:
                page.locator(f"[data-explorer={shown}]").scroll_into_view_if_needed()
                page.locator(f"[data-explorer={shown}] .transconv-explorer").wait_for()
                on_page = pressed(OnPage(page, shown, steps), presses)
            with tempfile.TemporaryDirectory() as home:
                path = Path(home) / "explorer.ipynb"
                path.write_text(nbformat.writes(notebook_of(name, shown)))
                with lab(home) as at, opened(chromium, at(path.name)) as page:
                    run_all(page)
                    in_lab = pressed(View(page, 1, steps), presses)
            (changed, painted), there = on_page, in_lab
            print_row(f"    {shown}: in the page", [changed, there[0]])
            print_row("        on the screen", [painted, there[1]], "at most 20", painted <= 20)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5, help="clicks on each lesson")
    parser.add_argument("--presses", type=int, default=40, help="of a key, for each explorer")
    given = parser.parse_args()
    try:
        measure(given.repeats, given.presses)
    except NoBrowser as reason:
        sys.exit(f"nothing measured: {reason}")


if __name__ == "__main__":
    main()
