"""Write the notebooks without the solutions of their exercises: `make handout`."""

import re
import sys
from pathlib import Path

import nbformat

# The fold, and the blank lines before it; hints and the answers to predictions stay.
SOLUTION = re.compile(r"\s*<details>\s*<summary>Solution</summary>.*?</details>", re.DOTALL)
EXERCISE = re.compile(r"^checks\.(\w+)\(\1\)$", re.MULTILINE)


def is_open(cell) -> bool:
    """Whether the cell of an exercise still waits for an answer, and says so if it was run."""
    said = "".join(output.get("text", "") for output in cell.outputs)
    return "..." in cell.source and said[:17] in ("Not attempted yet", "")


def hand_out(path: Path, folder: Path) -> Path:
    """Write `path` into `folder` without its solutions, and return where."""
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = SOLUTION.sub("", cell.source)
        elif (exercise := EXERCISE.search(cell.source)) and not is_open(cell):
            sys.exit(f"{path}: {exercise[1]} has an answer; put the dots back and run it again")
    folder.mkdir(exist_ok=True)
    nbformat.write(notebook, folder / path.name)
    return folder / path.name


if __name__ == "__main__":
    for name in sys.argv[1:]:
        print(hand_out(Path(name), Path("handout")))
