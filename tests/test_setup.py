"""What a fresh machine meets: the two ways in, and that all files agree on what they install."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
ENVIRONMENT = yaml.safe_load((ROOT / "environment.yml").read_text())
PYTHONS = ["3.11", "3.12", "3.13"]
UV = (sys.executable, "-m", "uv")


def run(*command, cwd=ROOT):
    """Run a command as a new shell would, and return what it prints."""
    # Nothing from the run of make or Python that this test is itself part of.
    inherited = ("MAKE", "MFLAGS", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")
    env = {name: value for name, value in os.environ.items() if not name.startswith(inherited)}
    done = subprocess.run(command, cwd=cwd, env=env, text=True, capture_output=True)
    assert done.returncode == 0, f"{shlex.join(map(str, command))}\n{done.stdout}{done.stderr}"
    return done.stdout


def bounds(requirements):
    """{name: bounds} of requirements like "numpy>=2.0", spaces aside."""
    return dict(re.fullmatch(r"([\w-]+)(.*)", r.replace(" ", "")).groups() for r in requirements)


@pytest.fixture
def empty_python(tmp_path):
    """The Python of an environment in which nothing is installed."""
    run(*UV, "venv", "--python", sys.executable, tmp_path / "venv")
    python = tmp_path / "venv" / "bin" / "python"
    assert run(*UV, "pip", "list", "--python", python) == ""
    return python


def test_environment_yml_asks_for_what_pyproject_asks_for():
    wanted = bounds(PROJECT["dependencies"] + PROJECT["optional-dependencies"]["notebooks"])
    wanted["matplotlib-base"] = wanted.pop("matplotlib")  # conda-forge's name of it without Qt
    for from_pypi in ("tensorflow", "resvg-py"):  # come with the package and its extra, through pip
        del wanted[from_pypi]
    wanted |= {"python": PROJECT["requires-python"], "pip": ""}

    *from_conda, from_pip = ENVIRONMENT["dependencies"]
    assert bounds(from_conda) == wanted
    assert from_pip == {"pip": ["-e .[notebooks]"]}


def test_what_environment_yml_asks_pip_for_works_alone(empty_python):
    for line in ENVIRONMENT["dependencies"][-1]["pip"]:
        run(*UV, "pip", "install", "--python", empty_python, *shlex.split(line))
    modules = "transconv, tensorflow, keras, jupyterlab, ipykernel, ipywidgets, threadpoolctl"
    imports = f"import {modules}; print(transconv.__file__)"
    # In another folder, so that the package is found because it is installed.
    where = run(empty_python, "-c", imports, cwd=empty_python.parent)
    assert Path(where.strip()) == ROOT / "transconv" / "__init__.py"


def test_plain_install_is_the_package_alone(empty_python):
    run(*UV, "pip", "install", "--python", empty_python, ROOT)
    check = """
from importlib.util import find_spec
from pathlib import Path
import transconv, transconv.explore
assert (Path(transconv.__file__).parent / "look.css").is_file()
absent = "tensorflow", "jupyterlab", "pytest", "tests", "tools"
print([name for name in absent if find_spec(name)])
"""
    assert run(empty_python, "-c", check, cwd=empty_python.parent).strip() == "[]"


def test_importing_the_package_loads_numpy_alone():
    check = """
import sys, numpy
before = {name.split(".")[0] for name in sys.modules}
import transconv
print(sorted({name.split(".")[0] for name in sys.modules} - before - sys.stdlib_module_names))
"""
    assert run(sys.executable, "-c", check).strip() == "['transconv']"


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda p: p.name)
def test_notebooks_are_stored_as_make_notebooks_leaves_them(path):
    notebook = json.loads(path.read_text())
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    outputs = [output for cell in code for output in cell["outputs"]]
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
    assert not [output for output in outputs if output.get("name") == "stderr"]
    assert not [output for output in outputs if output["output_type"] == "error"]
    assert not [output for output in outputs if "widget-view" in str(output.get("data", {}).keys())]
    assert "widgets" not in notebook["metadata"]


@pytest.mark.skipif(not shutil.which("make"), reason="make is not installed")
def test_make_alone_lists_every_target():
    phony = re.search(r"^\.PHONY: (.*)", (ROOT / "Makefile").read_text(), re.MULTILINE)
    listed = re.findall(r"^make ([\w-]+) +\w+", run("make"), re.MULTILINE)
    assert sorted(listed) == sorted(phony[1].split())
    assert {"lab", "test", "notebooks"} <= set(listed)


def test_readme_names_the_two_commands():
    commands = (ROOT / "README.md").read_text().splitlines()
    assert any(line.strip().startswith("make lab") for line in commands)
    assert any(line.strip().startswith("make test") for line in commands)


def test_ci_runs_make_test_on_every_python():
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "test.yml").read_text())
    job = workflow["jobs"]["test"]
    assert job["strategy"]["matrix"]["python-version"] == PYTHONS
    assert any(step.get("run", "").startswith("make test") for step in job["steps"])


def test_ci_runs_the_oldest_versions_on_the_oldest_python():
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "test.yml").read_text())
    *_, setup, test = workflow["jobs"]["oldest"]["steps"]
    assert setup["with"]["python-version"] == PYTHONS[0]
    assert test["run"].startswith("make test-oldest")
    assert (ROOT / ".ci" / "run").read_text().endswith("\nmake test\nmake test-oldest\n")


def test_one_job_of_ci_installs_what_the_phrase_book_is_tested_with():
    ours = re.search(r"^for package in (.*); do$", (ROOT / ".ci" / "run").read_text(), re.MULTILINE)
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "test.yml").read_text())
    (step,) = (s for s in workflow["jobs"]["test"]["steps"] if "torch" in s.get("run", ""))
    assert set(ours[1].replace("+cpu", "").split()) <= set(step["run"].split())
    assert f"'{PYTHONS[-1]}'" in step["if"]


def test_pyproject_names_the_same_pythons():
    prefix = "Programming Language :: Python :: "
    assert PROJECT["classifiers"] == [prefix + version for version in PYTHONS]
    assert PROJECT["requires-python"] == ">=3.11,<3.14"
