"""Write the lessons as web pages that are live without a kernel: `make site`.

From the notebooks as they are stored. Python makes every frame of the explorers beforehand, and
asks the checks what they say; the pages only show it. Nothing here needs TensorFlow.
"""

import ast
import base64
import json
import os
import re
import shutil
import sys
from contextlib import redirect_stdout
from dataclasses import replace
from io import StringIO
from pathlib import Path

import nbformat
import numpy as np
from nbconvert import HTMLExporter

from tools.handout import EXERCISE
from transconv import checks, picture, svg
from transconv.explore import Explorer

ROOT = Path(__file__).parents[1]
WEB = ROOT / "web"
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))

# Where the pages and their source are published, as the workflow says; else links stay within the
# pages, and those who share one do not see its picture.
ADDRESS = os.environ.get("ADDRESS", "")
REPOSITORY = os.environ.get("REPOSITORY", "")

# The controls for whose every value a page holds frames; for all of them it would be millions.
HELD = {
    "spread": {"kernel_size", "stride", "padding", "step"},
    "strip": {"kernel_size", "stride", "padding", "output_padding", "dilation", "step"},
    "layers": {"kernel_size", "stride", "padding", "step", "view"},
}
NEEDS = "needs the notebook"
# Where the text of a frame is cut, so that frames have pieces in common: lines, and lists.
CUT = re.compile(r"(?<=\\n)|(?<=\],)")
SHOWS = re.compile(r"^explore\.(\w+)\(", re.MULTILINE)
TITLE = re.compile(r"^# (.*)$", re.MULTILINE)
ANSWER = re.compile(r"^(\w+ = (.*\.\.\..*))$", re.MULTILINE)
UNKNOWN = 97531  # a number that no exercise knows
LINK = re.compile(r"(!?)\[([^\]]*)\]\((?!\w+:|#)([^)\s]+?)(#[^)\s]*)?\)")


def main(folder):
    """Write index.html, a page for each notebook, and what they load, into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    lessons = {path.stem: nbformat.read(path, as_version=4) for path in NOTEBOOKS}
    pages = {"index": front_page()} | lessons
    titles = {name: TITLE.search(page.cells[0].source)[1] for name, page in pages.items()}
    exporter = HTMLExporter(template_file=str(WEB / "page.html.j2"))
    for name, page in pages.items():
        print(name, flush=True)
        prepare(page, name, folder)
        shared = {"name": name, "titles": titles, "svg": picture.SVG, "about": about(page)}
        shared |= {"address": ADDRESS}
        html, _ = exporter.from_notebook_node(page, {"site": shared})
        (folder / f"{name}.html").write_text(html, encoding="utf-8")
    (folder / "site.css").write_text(svg.LOOK + (WEB / "site.css").read_text(encoding="utf-8"))
    (folder / "site.js").write_text(scripts(), encoding="utf-8")
    shutil.copy(ROOT / "docs" / "spread.gif", folder)
    (folder / "preview.png").write_bytes(preview(lessons))


def front_page():
    """The README's beginning as a notebook of one cell: the lessons first, then how to start.

    Without its link to this page.
    """
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    start, *sections = re.split(r"^(?=## )", readme, flags=re.MULTILINE)
    sections = {section.split("\n", 1)[0]: section for section in sections}
    start = re.sub(
        r"^\[[^\]]*\]\([^)]*index\.html\).*?\n\n", "", start, flags=re.MULTILINE | re.DOTALL
    )
    text = "".join([start, sections["## The lessons"], sections["## Start"]])
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(text)])


def about(page):
    """What the page is about, in its own words without marks: its first paragraph."""
    paragraph = page.cells[0].source.split("\n\n")[1]
    return re.sub(r"[*`]", "", paragraph).replace("\n", " ")


def preview(lessons):
    """The picture for those who share a page: that of the first explorer, as PNG."""
    cells = (cell for page in lessons.values() for cell in page.cells)
    cell = next(cell for cell in cells if SHOWS.search(cell.source))
    return base64.b64decode(cell.outputs[0].data["image/png"])


def scripts():
    """explorer.js and site.js as one classic script: no module loads from the file system."""
    explorer = (ROOT / "transconv" / "explorer.js").read_text(encoding="utf-8")
    explorer, exports = re.subn(r"^export default", "return", explorer, flags=re.MULTILINE)
    assert exports == 1
    site = (WEB / "site.js").read_text(encoding="utf-8")
    return f"const explorer = (() => {{\n{explorer}}})();\n{site}"


def prepare(page, name, folder):
    """Let links lead to pages, and note in cells what the template shows them with."""
    asked = False  # whether the text above asks for a prediction
    for at, cell in enumerate(page.cells):
        # The tag is for cells further down that give the answer to the prediction above them.
        cell.tells = "tells" in cell.metadata.get("tags", [])
        if cell.cell_type == "markdown":
            cell.source = LINK.sub(to_page, cell.source)
            asked = "<b>Predict:</b>" in cell.source
            continue
        cell.answers = asked and not cell.tells
        if exercise := EXERCISE.search(cell.source):
            cell.marked = marked(getattr(checks, exercise[1]), ANSWER.search(cell.source))
            cell.wants_function = not cell.marked
        if shows := SHOWS.search(cell.source):
            cell.explorer = shows[1]
            held = pack(hold(explorer_of(page.cells, at), HELD[shows[1]]))
            held = json.dumps(held, separators=(",", ":"), ensure_ascii=False)
            script = f"hold({shows[1]!r}, {held});\n"
            (folder / f"{name}.{shows[1]}.js").write_text(script, encoding="utf-8")


def to_page(link):
    """A link of a notebook or of the README as one of the site.

    To what is not in it, as one to the repository, if that is known, or its text alone.
    """
    image, text, target, anchor = link.groups(default="")
    target = Path(target)
    if image:
        return f"![{text}]({target.name})"
    if target.stem in {path.stem for path in NOTEBOOKS}:
        return f"[{text}]({target.stem}.html{anchor})"
    return f"[{text}]({REPOSITORY}/tree/HEAD/{target})" if REPOSITORY else text


def explorer_of(cells, at):
    """The explorer that a cell shows."""
    above, shown = code_of(cells, at)
    names = {}
    exec(above, names)
    return eval(shown, names)


def code_of(cells, at):
    """What makes an explorer: the lines above that it needs, and no others; and its own line."""
    code = (cell.source for cell in cells[: at + 1] if cell.cell_type == "code")
    *above, shown = (line for source in code for line in ast.parse(source).body)
    needed, run = read_by(shown), []
    for line in reversed(above):
        if needed & made_by(line):
            needed |= read_by(line)
            run.insert(0, line)
    return ast.unparse(ast.Module(run, [])), ast.unparse(shown)


def read_by(line):
    """The names that a line of code reads."""
    return {node.id for node in ast.walk(line) if isinstance(node, ast.Name)}


def made_by(line):
    """The names that a line of code gives."""
    if isinstance(line, ast.Import | ast.ImportFrom):
        return {alias.asname or alias.name for alias in line.names}
    nodes = (node for node in ast.walk(line) if isinstance(node, ast.Name))
    return {node.id for node in nodes if isinstance(node.ctx, ast.Store)}


def hold(explorer, names):
    """What a page holds of an explorer: controls, the first setting, and every frame.

    Controls without a name among `names` stay where they are, and say what they need.
    """
    controls = [
        control
        if control.name in names
        else replace(control, options=[explorer.setting[control.name]], why=NEEDS)
        for control in explorer._controls
    ]
    fixed, frames = Explorer(controls, explorer._row_of), {}
    fixed.send = lambda content: frames.update(content["frames"])

    def walk(setting, controls):
        if not controls:
            fixed._answer(fixed, {"id": 0, "ask": [setting]}, [])
            return
        name = controls[0].name
        for value in fixed._fit(fixed.setting | setting)[1][name]:
            walk(setting | {name: value}, controls[1:])

    walk({}, controls)
    return {"controls": fixed.controls, "setting": fixed.setting, "frames": frames}


def marked(exercise, line):
    """What an exercise says to numbers in the place of the dots; None, if it wants something else.

    Parameters
    ----------
    exercise : transconv.checks.marking.Exercise
    line : match of ANSWER
        The line of the notebook that is to be filled in; None, if that is a function.

    Returns
    -------
    dict
        line : the line of code with its dots
        right : the right numbers
        known : to the right numbers, and to those of each known mistake, as JSON
        wrong : to all other numbers; "{}" stands for the reader's
        counts : to another count of numbers, where one may give any: to 1, and to "n"
    """

    def said(numbers):
        return outcome(exercise, eval(filled(line[2], numbers)))

    if not line:
        return None
    right = numbers_of(exercise.reference())
    if not filled(line[2], right) or said(right)[0] != "right":
        return None
    known = {json.dumps(right, separators=(",", ":")): said(right)[1]}
    for _, wrong in exercise.wrong_answers():
        numbers = numbers_of(wrong() if callable(wrong) else wrong)
        if filled(line[2], numbers):
            known[json.dumps(numbers, separators=(",", ":"))] = said(numbers)[1]
    # Of several numbers, a line shows which are wrong.
    wrong = said([UNKNOWN, *right[1:]])[1]
    data = {
        "line": line[1],
        "right": right,
        "known": known,
        "wrong": re.sub(rf"^.*\[{UNKNOWN}\].*$|{UNKNOWN}", "{}", wrong, flags=re.MULTILINE),
    }
    if line[2].count("...") < len(right):
        many = len(right) + 1
        counts = {"1": said([UNKNOWN])[1], "n": said([UNKNOWN] * many)[1].replace(str(many), "{}")}
        data |= {"counts": counts}
    return data


def numbers_of(answer):
    """An answer as a flat list of numbers, without a point where they are whole."""
    return [int(n) if n == int(n) else float(n) for n in np.ravel(answer)]


def filled(code, numbers):
    """Code with numbers in the place of its dots, or all of them in place of one; else None."""
    texts = [str(number) for number in numbers]
    if code.count("...") == 1:
        texts = [", ".join(texts)]
    left = iter(texts)
    fits = code.count("...") == len(texts)
    return re.sub(r"\.\.\.", lambda _: next(left), code) if fits else None


def outcome(exercise, answer):
    """(kind, text) of what an exercise says, without the count of those that are done."""
    with redirect_stdout(StringIO()):
        kind, _, text = exercise(answer)
    return kind, text.rpartition("\nDone in this notebook")[0].rstrip()


def pack(held):
    """The same with frames as lists of numbers of pieces of their JSON, each piece kept once."""
    pieces, frames = {}, {}
    for key, frame in held["frames"].items():
        text = json.dumps(frame, separators=(",", ":"), ensure_ascii=False)
        frames[key] = [pieces.setdefault(piece, len(pieces)) for piece in CUT.split(text)]
    return held | {"frames": frames, "pieces": list(pieces)}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
