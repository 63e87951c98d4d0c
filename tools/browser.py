"""Notebooks in a headless Chromium: in JupyterLab, which runs them, or as HTML.

For tests/test_browser.py, tools/screenshots.py and benchmarks/sliders.py.

Everything runs on loopback and in temporary folders: the user's settings, workspaces, kernels and
notebooks are neither read nor written.
"""

import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import nbformat
from nbconvert import HTMLExporter

ROOT = Path(__file__).parents[1]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SLOW = 120_000  # milliseconds: generous, because two cores may be busy importing TensorFlow
STDERR = '[data-mime-type="application/vnd.jupyter.stderr"]'
# The models of the notebook's cells, asked as the page does not show the number of a folded cell,
# nor tells an error from what is printed to stderr. None in a page that is not JupyterLab.
CELLS = """(globalThis.jupyterapp?.shell.currentWidget.content.widgets ?? [])
    .map(cell => cell.model)"""
ERRORS = f"""{CELLS}.flatMap(model => model.outputs?.toJSON() ?? [])
    .filter(output => output.output_type === 'error')
    .map(error => `${{error.ename}}: ${{error.evalue}}`)"""


class NoBrowser(Exception):
    """What a headless browser needs is not installed."""


def settings(theme):
    """Settings that differ from JupyterLab's, by the file that holds them."""
    return {
        # Every cell stays in the page; by default those out of sight leave it.
        "notebook-extension/tracker": {"windowingMode": "none", "scrollPastEnd": False},
        "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
        "apputils-extension/themes": {"theme": f"JupyterLab {theme.capitalize()}"},
        # A save would ask about the copy's timestamp, and nothing here is worth saving.
        "docmanager-extension/plugin": {"autosave": False},
    }


@contextmanager
def lab(notebooks, theme="light", keep=False):
    """Serve a copy of the folder `notebooks`; yield a function from name to URL.

    Without the outputs, unless they are to be kept.
    """
    with tempfile.TemporaryDirectory(prefix="transconv-lab-") as folder:
        home = Path(folder)
        shutil.copytree(notebooks, home / "root", ignore=shutil.ignore_patterns(".*"))
        for path in (home / "root").rglob("*.ipynb"):
            if not keep:
                clear(path)  # so that whatever is seen was made here
        for name, content in settings(theme).items():
            path = home / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(content))

        token = secrets.token_hex(16)
        environment = os.environ | {
            "JUPYTER_CONFIG_DIR": str(home / "config"),
            "JUPYTER_DATA_DIR": str(home / "data"),
            "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
            "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
            "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
            "IPYTHONDIR": str(home / "ipython"),
            "JUPYTER_TOKEN": token,  # not an argument: those are visible to every user
            "PYTHONPATH": str(ROOT),  # the kernels import this tree, whatever is installed
        }
        command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"]
        command += ["--ServerApp.ip=127.0.0.1", f"--ServerApp.port={free_port()}"]
        command += [f"--ServerApp.root_dir={home / 'root'}", "--LabApp.extension_manager=readonly"]
        command += ["--LabApp.expose_app_in_browser=True"]  # for `jupyterapp` in run_all
        with open(home / "log", "w") as log:
            server = subprocess.Popen(command, env=environment, cwd=home, stdout=log, stderr=log)
        try:
            url = wait_for_server(server, home)
            yield lambda name: f"{url}lab/tree/{name}?token={token}"
        finally:
            server.terminate()  # JupyterLab then ends its kernels
            try:
                server.wait(30)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def clear(path):
    """Remove outputs and execution counts from a notebook file."""
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    notebook.metadata.pop("widgets", None)
    nbformat.write(notebook, path)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for_server(server, home):
    """The server's URL, from the file that it writes once it listens."""
    deadline = time.monotonic() + SLOW / 1000
    while time.monotonic() < deadline and server.poll() is None:
        for path in (home / "runtime").glob("jpserver-*.json"):
            try:
                return json.loads(path.read_text())["url"]
            except ValueError:  # only half written
                pass
        time.sleep(0.1)
    raise RuntimeError("JupyterLab did not start:\n" + (home / "log").read_text()[-4000:])


@contextmanager
def html(notebook, theme="light"):
    """Convert the file `notebook`, with its stored outputs, to HTML; yield the URL."""
    with tempfile.TemporaryDirectory(prefix="transconv-html-") as folder:
        page, _ = HTMLExporter(theme=theme).from_filename(notebook)
        path = Path(folder) / "notebook.html"
        path.write_text(page, encoding="utf-8")
        yield path.as_uri()


@contextmanager
def browser():
    """A headless Chromium, the system's own: Playwright's downloads are not needed."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        raise NoBrowser("the package playwright is not installed") from None
    executable = next(filter(None, map(shutil.which, BROWSERS)), None)
    if executable is None:
        raise NoBrowser(f"no browser on PATH: looked for {', '.join(BROWSERS)}")
    flags = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]
    flags += ["--disable-background-networking", "--disable-component-update"]
    flags += ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]  # loopback or nothing
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        flags += ["--no-sandbox"]  # Chromium refuses to run as root otherwise
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=flags)
        try:
            yield chromium
        finally:
            chromium.close()


@contextmanager
def loaded(chromium, url, width=1280, height=900, scale=1):
    """A page that shows what is at `url`; `page.crashes` collects its errors.

    Width and height are in CSS pixels, `scale` is how many pixels of the screen each has across.
    """
    viewport = {"width": width, "height": height}
    page = chromium.new_page(viewport=viewport, device_scale_factor=scale)
    page.set_default_timeout(SLOW)
    page.crashes = []
    page.on("pageerror", lambda error: page.crashes.append(str(error)))
    try:
        page.goto(url)
        yield page
    finally:
        page.close()


@contextmanager
def opened(chromium, url, **window):
    """As `loaded`, of a notebook in JupyterLab: there, and its kernel ready."""
    with loaded(chromium, url, **window) as page:
        # Seen in the status bar; an earlier Run All would meet an empty notebook without a kernel.
        page.get_by_text(re.compile(r"\| Idle$")).wait_for()
        yield page


def run_all(page):
    """Run > Run All Cells; return when every code cell has run or one has failed."""
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    # A cell that has run is numbered; one without code never is.
    page.wait_for_function(
        f"""() => {ERRORS}.length || {CELLS}.every(model =>
            model.type !== 'code' || model.executionCount || !model.sharedModel.source.trim())""",
        timeout=5 * SLOW,  # there may be a training among them
    )
    # Widgets and pictures arrive after their cell's number.
    page.wait_for_function(
        """() => !document.querySelector('.jp-Notebook').innerText.includes('Loading widget') &&
        [...document.querySelectorAll('.jp-Notebook img')].every(image => image.complete)"""
    )


def errors(page):
    """What the cells that failed say; nothing of a page that is not JupyterLab."""
    return page.evaluate(f"() => {ERRORS}")


def in_kernel(page, code, wait=True):
    """Run code in the notebook's kernel, as no cell; what it prints, or how it fails."""
    return page.evaluate(
        """([code, wait]) => {
            const kernel = jupyterapp.shell.currentWidget.sessionContext.session.kernel;
            const future = kernel.requestExecute({code, store_history: false}), said = [];
            future.onIOPub = ({content}) => said.push(content.text ?? content.evalue ?? '');
            return wait ? future.done.then(() => said.join('')) : null;
        }""",
        [code, wait],
    )


def screenshots(page, folder):
    """Photograph the notebook from top to bottom into 01.png, 02.png, ...; return the paths."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    top, paths = 0, []
    while True:
        # In JupyterLab a panel scrolls, in HTML the page, which reaches from -scrollTop on.
        # Scrolling is done only when it has been painted, which takes two frames.
        reached, whole, seen = page.evaluate(
            """async top => {
                const panel = document.querySelector('.jp-WindowedPanel-outer') ??
                    document.scrollingElement;
                panel.scrollTop = top;
                for (const _ of [1, 2]) await new Promise(requestAnimationFrame);
                const {x, y} = panel.getBoundingClientRect();
                return [panel.scrollTop, panel.scrollHeight, {x, y: Math.max(y, 0),
                    width: panel.clientWidth, height: panel.clientHeight}];
            }""",
            top,
        )
        paths.append(folder / f"{len(paths) + 1:02d}.png")
        page.screenshot(path=paths[-1], clip=seen, animations="disabled")
        if reached + seen["height"] >= whole - 1:
            return paths
        top = reached + seen["height"] - 40  # what one picture cuts off, the next shows
