"""Run a notebook in JupyterLab and photograph it from top to bottom, viewport by viewport."""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))  # shared with tests/test_browser.py
from jupyter_browser import ERROR, NoBrowser, browser, lab, opened, run_all, screenshots


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("notebook", type=Path)
    parser.add_argument("folder", type=Path, help="where the PNG files go; made if missing")
    parser.add_argument("--width", type=int, default=1280, help="of the window, in CSS pixels")
    parser.add_argument("--theme", choices=["light", "dark"], default="light")
    given = parser.parse_args()
    if not given.notebook.is_file():
        parser.error(f"there is no {given.notebook}")
    try:
        with (
            browser() as chromium,
            lab(given.notebook.parent, given.theme) as url,
            opened(chromium, url(given.notebook.name), given.width) as page,
        ):
            run_all(page)
            for path in screenshots(page, given.folder):
                print(path)
            errors = page.locator(ERROR).all_inner_texts()
    except NoBrowser as reason:
        sys.exit(f"no screenshots: {reason}")
    if errors:
        sys.exit("A cell failed:\n" + "\n".join(errors))


if __name__ == "__main__":
    main()
