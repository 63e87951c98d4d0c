"""Photograph a notebook from top to bottom: run in JupyterLab, or as HTML with what is stored."""

import argparse
import sys
from contextlib import contextmanager
from pathlib import Path

from tools.browser import (
    NoBrowser,
    browser,
    errors,
    html,
    lab,
    loaded,
    opened,
    run_all,
    screenshots,
)


@contextmanager
def shown(chromium, notebook, theme, as_html, **window):
    """A page with the notebook, ready to be photographed."""
    if as_html:
        with html(notebook, theme) as url, loaded(chromium, url, **window) as page:
            yield page
    else:
        with (
            lab(notebook.parent, theme) as url,
            opened(chromium, url(notebook.name), **window) as page,
        ):
            run_all(page)
            yield page


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("notebook", type=Path)
    parser.add_argument("folder", type=Path, help="where the PNG files go; made if missing")
    parser.add_argument("--width", type=int, default=1280, help="of the window, in CSS pixels")
    parser.add_argument("--scale", type=int, default=1, help="pixels of the screen for each of CSS")
    parser.add_argument("--dark", action="store_true", help="in the dark theme")
    parser.add_argument("--html", action="store_true", help="as nbconvert shows it, without a run")
    given = parser.parse_args()
    if not given.notebook.is_file():
        parser.error(f"there is no {given.notebook}")
    theme, window = "dark" if given.dark else "light", {"width": given.width, "scale": given.scale}
    try:
        with (
            browser() as chromium,
            shown(chromium, given.notebook, theme, given.html, **window) as page,
        ):
            for path in screenshots(page, given.folder):
                print(path)
            failed = errors(page)
    except NoBrowser as reason:
        sys.exit(f"no screenshots: {reason}")
    if failed:
        sys.exit("A cell failed:\n" + "\n".join(failed))


if __name__ == "__main__":
    main()
