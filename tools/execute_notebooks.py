"""Execute notebooks in place, so that a second run changes nothing: `make notebooks`."""

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


def execute(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(
        notebook,
        kernel_name="python3",
        resources={"metadata": {"path": str(path.parent)}},  # where JupyterLab would run it
        record_timing=False,
        store_widget_state=False,
        coalesce_streams=True,  # how prints are cut into messages is a matter of timing
    ).execute()

    # Out goes what changes from run to run or from machine to machine. A widget's model id is
    # random, and dead without its kernel; the picture and the words beside it stay.
    notebook.metadata.pop("widgets", None)
    notebook.metadata.get("language_info", {}).pop("version", None)
    for cell in notebook.cells:
        if "not-stored" in cell.metadata.get("tags", []):  # what is measured, such as times
            cell.outputs = []
        for output in cell.get("outputs", []):
            if output.output_type == "error" or output.get("name") == "stderr":
                what = output.get("text") or f"{output.ename}: {output.evalue}"
                raise ValueError(f"cell {cell.execution_count} would be stored with:\n{what}")
            output.get("data", {}).pop(WIDGET_VIEW, None)

    nbformat.validate(notebook)
    nbformat.write(notebook, path)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        print(name, flush=True)
        try:
            execute(Path(name))
        except (CellExecutionError, OSError, RuntimeError, ValueError) as error:
            sys.exit(f"{name}: {error}\nThe file is left as it was.")
