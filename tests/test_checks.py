"""The exercises: right passes, wrong is shown, and a known mistake gets its name."""

import re
import subprocess
import sys
from itertools import combinations
from pathlib import Path

import nbformat
import numpy as np
import pytest

from transconv import checks, ops
from transconv.checks.marking import LESSONS, Function, answered, same
from transconv.checks.mistakes import QUESTIONS, SPREAD_CASES, WORLDS, gather, gradient, spread

ROOT = Path(__file__).parents[1]
EXERCISES = {name: getattr(checks, name) for name in checks.__all__}
HEADING = re.compile(r"### Practise: .* \((?:challenge, )?(\d+) minutes\)")
FOLD = re.compile(r"<details>\n<summary>(.*?)</summary>\n\n(.*?)\n\n</details>", re.DOTALL)
FENCE = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)

each_exercise = pytest.mark.parametrize("exercise", EXERCISES.values(), ids=EXERCISES)


class InNotebook:
    """An exercise as it stands in a notebook: the task, the cell to fill in, and the folds."""

    def __init__(self, before, cell, after):
        self.name = re.search(r"^checks\.(\w+)\(\1\)$", cell.source, re.MULTILINE)[1]
        self.cell = cell.source
        self.outputs = cell.outputs
        self.minutes = HEADING.match(before.source)[1]
        self.folds = FOLD.findall(after.source)
        self.solutions = FENCE.findall(self.folds[-1][1])


def in_notebook(path):
    """The exercises of a notebook, in order, and its imports of NumPy and this package."""
    cells = nbformat.read(path, as_version=4).cells
    found = [
        InNotebook(*cells[i - 1 : i + 2])
        for i, cell in enumerate(cells)
        if cell.cell_type == "code" and re.search(r"^checks\.", cell.source, re.MULTILINE)
    ]
    code = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    imports = re.findall(r"^(?:import numpy|from transconv).*", code, re.MULTILINE)
    return found, "\n".join(imports)


NOTEBOOKS = {path.stem: in_notebook(path) for path in sorted(ROOT.glob("notebooks/*.ipynb"))}
each_notebook = pytest.mark.parametrize("lesson", NOTEBOOKS)
each_in_notebook = pytest.mark.parametrize(
    "exercise",
    [exercise for found, _ in NOTEBOOKS.values() for exercise in found],
    ids=lambda exercise: exercise.name,
)


def mark(name, answer):
    """What the check says, in two words: its kind and the mistake."""
    return EXERCISES[name](answer)[:2]


def answers(exercise, wrong):
    """What an answer is in each case."""
    if not isinstance(exercise, Function):
        return [np.ravel(wrong() if callable(wrong) else wrong)]
    return [answered(wrong, case) for case in exercise.cases]


def agree(some, others):
    pairs = zip(some, others, strict=True)
    return all(a is b is None or (a is not None and b is not None and same(a, b)) for a, b in pairs)


def told_apart(exercise):
    """The mistakes that lead to another answer than the right one."""
    right = answers(exercise, exercise.reference)
    wrong = ((name, answers(exercise, wrong)) for name, wrong in exercise.wrong_answers())
    return {name for name, answer in wrong if not agree(answer, right)}


# The notebooks


@each_notebook
def test_every_exercise_is_in_its_notebook(lesson):
    assert [e.name for e in NOTEBOOKS[lesson][0]] == [e.name for e in LESSONS[lesson]]


@each_in_notebook
def test_exercise_has_two_hints_and_a_solution(exercise):
    assert [summary for summary, _ in exercise.folds] == ["Hint 1", "Hint 2", "Solution"]
    assert exercise.solutions
    assert "checks." not in "".join(exercise.solutions)  # the cell's own last line stays


@each_notebook
def test_solutions_are_right(lesson):
    """Each in the notebook's own names, after those before it, as a reader would have them."""
    found, imports = NOTEBOOKS[lesson]
    names = {}
    exec(imports, names)
    for exercise in found:
        for solution in exercise.solutions:
            exec(solution, names)
            outcome = EXERCISES[exercise.name](names[exercise.name])
            assert outcome.kind == "right", outcome.text
    assert f"{len(found)} of {len(found)}" in outcome.text


@each_in_notebook
def test_unattempted_exercise_says_so(exercise):
    names = {"checks": checks}
    exec(exercise.cell, names)
    assert mark(exercise.name, names[exercise.name]) == ("not attempted", None)
    (output,) = exercise.outputs
    assert output.text.startswith("Not attempted yet.")
    assert "Done in this notebook: 0 of" in output.text


def test_the_teachers_page_has_every_exercise_and_every_misconception():
    page = (ROOT / "docs" / "teaching.md").read_text()
    rows = re.findall(r"^\| (\d) \| `(\w+)` \| (\d+) \| .* \| (.*) \|$", page, re.MULTILINE)
    listed = [(int(lesson), name) for lesson, name, _, _ in rows]
    assert listed == [(int(e.lesson[:2]), e.name) for _, es in sorted(LESSONS.items()) for e in es]
    minutes = {name: minutes for _, name, minutes, _ in rows}
    for found, _ in NOTEBOOKS.values():
        for exercise in found:
            assert exercise.minutes == minutes[exercise.name], exercise.name
    ideas = {  # the number of each, by the mistakes that it leads to
        name: int(number)
        for number, idea in re.findall(r"^(\d+)\. (.*(?:\n .*)*)", page, re.MULTILINE)
        for name in re.findall('"(.*?)"', re.sub(r"\s+", " ", idea))
    }
    assert set(ideas.values()) == set(range(1, 18))
    assert set(ideas) <= {name for exercise in EXERCISES.values() for name in exercise.mistakes}
    for _, name, _, caught in rows:
        numbers = sorted({ideas.get(m, 0) for m in told_apart(EXERCISES[name])} - {0})
        assert caught == (", ".join(map(str, numbers)) or "–"), name


def test_a_handout_has_no_solutions_and_is_whole_otherwise(tmp_path):
    notebooks = sorted(ROOT.glob("notebooks/*.ipynb"))
    script = [sys.executable, ROOT / "tools" / "handout.py", *notebooks]
    subprocess.run(script, cwd=tmp_path, check=True, capture_output=True)
    for path in notebooks:
        whole = nbformat.read(path, as_version=4)
        given = nbformat.read(tmp_path / "handout" / path.name, as_version=4)
        nbformat.validate(given)
        assert [c.source for c in given.cells if c.cell_type == "code"] == [
            c.source for c in whole.cells if c.cell_type == "code"
        ]
        text = "\n".join(cell.source for cell in given.cells)
        for exercise in NOTEBOOKS[path.stem][0]:
            assert exercise.folds[1][1] in text
            for solution in exercise.solutions:
                assert solution.strip() not in text
        for cell, before in zip(given.cells, whole.cells, strict=True):
            assert cell.source == before.source or "<summary>Solution" in before.source
            assert cell.source.count("<details>") == cell.source.count("</details>")


@pytest.mark.parametrize("filled_in", ["window_sum = 48", "window_sum = ...  # or 48?"])
def test_a_handout_with_an_answer_in_it_is_refused(tmp_path, filled_in):
    notebook = nbformat.read(ROOT / "notebooks" / "01_concept.ipynb", as_version=4)
    cell = next(c for c in notebook.cells if "checks.window_sum(" in c.source)
    cell.source = cell.source.replace("window_sum = ...", filled_in)
    if "?" in filled_in:
        cell.outputs[0].text = "Not yet: 41 is not it."
    nbformat.write(notebook, tmp_path / "lesson.ipynb")
    script = [sys.executable, ROOT / "tools" / "handout.py", "lesson.ipynb"]
    result = subprocess.run(script, cwd=tmp_path, capture_output=True, text=True)
    assert result.returncode == 1
    assert "window_sum has an answer" in result.stderr
    assert not (tmp_path / "handout").exists()


# Right and wrong


@pytest.mark.parametrize(
    "exercise",
    # The other two read the answer before they compare: see test_solutions_are_right.
    [e for e in EXERCISES.values() if e.name not in ("choose", "both_shapes")],
    ids=lambda exercise: exercise.name,
)
def test_the_reference_is_right(exercise):
    reference = exercise.reference
    outcome = exercise(reference if isinstance(exercise, Function) else reference())
    assert outcome.kind == "right" or "still walks over the inputs" in outcome.text
    assert exercise.shows in outcome.text or outcome.kind == "wrong"


@each_exercise
def test_another_wrong_answer_is_wrong_and_gets_no_name(exercise):
    """That a check accepts everything, or guesses, would show here."""

    def far_off(*case):
        right = np.asarray(exercise.reference(*case))
        return (
            ~right if right.dtype == bool else "cannot" if right.dtype.kind == "U" else right + 1000
        )

    outcome = exercise(far_off if isinstance(exercise, Function) else far_off().tolist())
    odd = exercise.name in ("choose", "both_shapes")
    assert outcome[:2] == ("stopped" if odd else "wrong", None), outcome.text
    assert not exercise.done


@pytest.mark.parametrize(
    ("exercise", "late"),
    [
        pytest.param(exercise, late, id=f"{name}, case {late}")
        for name, exercise in EXERCISES.items()
        if isinstance(exercise, Function)
        for late in range(len(exercise.cases))
    ],
)
def test_one_wrong_number_in_one_case_is_enough(exercise, late):
    calls = []

    def almost(*case):
        right = np.array(exercise.reference(*case))
        if len(calls) == late:
            right = np.array(not right) if right.dtype == bool else changed(right)
        calls.append(case)
        return right

    def changed(right):
        right = np.zeros(2) if right.dtype.kind == "U" else right.astype(float)
        right.flat[-1] += 0.5
        return right

    kind, mistake, text = exercise(almost)
    assert kind == "wrong"
    assert mistake is None or exercise.reference.__name__ == "stays_flat"
    # And it is this case that is shown.
    assert exercise._case(exercise.cases[late]) in text


@each_exercise
def test_no_two_names_for_one_answer(exercise):
    """And each name that is told apart is given to whoever answers so."""
    right = answers(exercise, exercise.reference)
    told = [
        (name, wrong, answer)
        for name, wrong in exercise.wrong_answers()
        if not agree(answer := answers(exercise, wrong), right)
    ]
    for (name, _, answer), (other, _, same_answer) in combinations(told, 2):
        assert name == other or not agree(answer, same_answer), (name, other)
    for name, wrong, answer in told:
        computed = next(
            a for a, r in zip(answer, right, strict=True) if a is None or not same(a, r)
        )
        if exercise.name not in ("choose", "both_shapes"):
            value = wrong if isinstance(exercise, Function) else answer[0].tolist()
            outcome = exercise(value)
            named = ("wrong", name) if computed is not None else ("stopped", None)
            assert outcome[:2] == named
            assert computed is None or exercise.questions[name] in outcome.text


def test_what_can_be_told_in_each_exercise(capsys):
    """The table of all exercises and names, and that only worlds are attached beyond use."""
    names = list(dict.fromkeys(name for e in EXERCISES.values() for name in e.mistakes))
    for exercise in EXERCISES.values():
        told = told_apart(exercise)
        assert exercise.mistakes.keys() - told <= WORLDS.keys(), exercise.name
        for name in names:
            how = (
                "differs"
                if name in told
                else "cannot be told"
                if name in exercise.mistakes
                else "-"
            )
            print(f"{exercise.name:16} {name:60} {how}")
    assert "spread_shape     kernel flipped" in capsys.readouterr().out
    known = [name for exercise in EXERCISES.values() for name in exercise.mistakes]
    assert {name for name in names if known.count(name) > 1} == QUESTIONS.keys()
    for exercise in EXERCISES.values():
        assert all(question.endswith("?") for question in exercise.questions.values())


X, W = np.array([[1, 2], [3, 5]]), np.array([[1, 4], [7, -1]])
BY_HAND = {  # the last row of the whole spread at stride 1, and how large it is
    "overlaps overwritten": [[21, 35, -5], [21, -3, -5]],
    "the largest at overlaps": [[21, 35, -5], [21, 35, 0]],
    "overlaps averaged": [[21, 16, -5]],
    "kernel flipped": [[12, 23, 5]],
    "kernel transposed": [[12, 17, -5]],
    "rows and columns exchanged": [[14, 33, -5], [8, 18, -5]],
}


def test_the_worlds_are_as_by_hand():
    for name, rows in BY_HAND.items():
        assert [spread(X, W, 1, world)[-1].tolist() for world in WORLDS[name]] == rows, name
    for case in SPREAD_CASES:
        x, kernel = case[0][None, :, :, None], case[1][:, :, None, None]
        whole = ops.conv2d_transpose(x, kernel, case[2], "valid", 0)[0, :, :, 0]
        assert np.array_equal(spread(*case), whole)
        x, dy = x.astype(float), whole[None, :, :, None] % 5
        axes = ops.Setting(case[1].shape, case[2], "valid", 1, 0).from_small(*case[0].shape)
        assert np.array_equal(
            gradient(*case[:2], dy[0, :, :, 0], case[2]),
            ops.kernel_gradient(dy, x, axes)[:, :, 0, 0],
        )
        assert np.array_equal(
            gather(dy[0, ..., 0], *case[1:]), ops.conv2d(dy, kernel, case[2])[0, ..., 0]
        )


@pytest.mark.parametrize(
    ("name", "stride", "rows"),
    [
        ("stride ignored", 3, [[1, 12, 23, 30], [1, 12, 23, 30, 0, 0, 0, 0]]),
        (
            "stride applied to the input",
            2,
            [
                *([1, 13, 30], [1, 13, 30, 0, 0, 0], [1, 10, 3, 30]),
                *([1, 10, 3, 30, 0, 0], [1, 10, 0, 0, 3, 30]),
            ],
        ),
        ("patches side by side", 3, [[1, 10, 2, 20, 3, 30]]),
        ("size taken as input * stride", 3, [[1, 10, 0, 2, 20, 0, 3, 30, 0]]),
        ("size taken as input * stride", 1, [[1, 12, 23]]),
        ("size taken as input * stride + kernel", 2, [[1, 10, 2, 20, 3, 30, 0, 0]] * 2),
        (
            "size taken as input * stride + kernel",
            3,
            [[1, 10, 0, 2, 20, 0, 3, 30, 0, 0, 0][:n] + [0] * (n - 11) for n in (11, 12)],
        ),
        ("cut as `same` cuts", 3, [[1, 10, 0, 2, 20, 0, 3, 30, 0]]),
    ],
)
def test_the_worlds_with_a_stride_are_as_by_hand(name, stride, rows):
    row, taps = np.array([[1, 2, 3]]), np.array([[1, 10]])
    assert [spread(row, taps, stride, world)[0].tolist() for world in WORLDS[name]] == rows


def test_the_crop_of_same_is_as_by_hand():
    row, taps = np.array([[1, 2, 3]]), np.array([[1, 2, 3, 4, 5]])
    (cut,) = WORLDS["cut as `same` cuts"]
    assert spread(row, taps, 2, cut)[0].tolist() == [2, 5, 8, 14, 14, 19]


def test_choose():
    def chosen(*how):
        return mark("choose", dict(zip(("kernel_size", "strides", "padding"), how, strict=True)))

    assert chosen((8, 6), (4, 3), "same") == ("right", None)
    assert chosen((4, 3), [4, 3], "valid") == ("right", None)
    assert chosen(5, (4, 3), "same") == ("wrong", "uneven overlaps")
    for even_on_one_axis in ((8, 4), (6, 3)):
        assert chosen(even_on_one_axis, (4, 3), "same") == ("wrong", "uneven overlaps")
    assert chosen(12, (3, 4), "same") == ("wrong", "rows and columns exchanged")
    assert chosen(4, 4, "same") == ("wrong", "one stride for both axes")
    assert chosen(7, 3, "same") == ("wrong", "one stride for both axes")
    assert chosen(4, 2, "same") == ("wrong", None)
    kernel_of_four = {"kernel_size": 4, "strides": 4, "padding": "same"}
    text = checks.choose(kernel_of_four).text
    assert "Your layer makes 20 × 28 (wanted: 20 × 21); its overlaps are even." in text
    assert chosen(4, 4, "full")[0] == chosen("4", 4, "same")[0] == "stopped"
    assert chosen(..., ..., "same") == ("not attempted", None)
    for other in (7, "same", ["same"], {"kernel": 4}):
        assert mark("choose", other)[0] == "stopped"
    assert "keep the braces" in checks.choose(((4, 3), (4, 3), "same")).text


# The same mistakes, as other people would write them: the notebooks' solutions with an edit

OUTPUT = "conv2d_transpose(X[None, :, :, None], W[:, :, None, None], stride)"
SIZES = "for a, b in [(len(kernel) // stride, len(kernel[0]) // stride)]"
BLOCK = f"[kernel[p * a : (p + 1) * a, q * b : (q + 1) * b] {SIZES}][0]"
WRITTEN = [
    ("spread_and_sum", "+=", "=", "overlaps overwritten"),
    ("spread_and_sum", "X[i, j] * W", "X[i, j] * W[::-1, ::-1]", "kernel flipped"),
    ("spread_and_sum", "i * stride, j * stride", "i, j", "stride ignored"),
    ("spread_and_sum", "(rows - 1) * stride", "rows * stride", None),
    ("spread_and_sum", "return Y", "return Y.T", "rows and columns exchanged"),
    ("spread_and_sum", "    return Y", "    return np.kron(X, W)", "patches side by side"),
    (
        "spread_and_sum",
        "return Y",
        "return Y[: rows * stride, : columns * stride]",
        "size taken as input * stride",
    ),
    ("spread_and_sum", "    return Y", "    return Y - 1", None),
    ("build_matrix", "= W\n", "= W[::-1, ::-1]\n", "kernel flipped"),
    ("build_matrix", "np.array(rows)", "np.array(rows).T", "matrix transposed the wrong way"),
    ("build_matrix", "picture.ravel", "picture.T.ravel", "columns in column-major order"),
    ("build_matrix", "    rows = []", "    W = W.T\n    rows = []", "kernel transposed"),
    (
        "build_matrix",
        "for i in range(height - W.shape[0] + 1):\n        for j in range(width - W.shape[1] + 1):",
        "for j in range(width - W.shape[1] + 1):\n        for i in range(height - W.shape[0] + 1):",
        "windows in column-major order",
    ),
    (
        *("build_matrix", "picture[i : i + W.shape[0], j : j + W.shape[1]] = W"),
        "at = i * width + j; picture.flat[at : at + W.size] = W.flat[: picture.size - at]",
        "kernel rows without gaps",
    ),
    ("without_loops", "W[::-1, ::-1, None", "W[:, :, None", "kernel not flipped"),
    (
        *("without_loops", "gaps[::stride, ::stride] = X"),
        "gaps = X.repeat(stride, 0).repeat(stride, 1)",
        "values repeated",
    ),
    ("without_loops", "(n - 1) * stride + 1", "n * stride", "zeros after the last value as well"),
    (
        *("without_loops", "    height, width"),
        "    stride += 1\n    height, width",
        "stride zeros instead of stride - 1",
    ),
    ("adjoint", "np.sum(conv(x) * y) ==", "np.sum(x * x) ==", None),
    (
        "adjoint",
        "np.sum(conv(x) * y) == np.sum(x * back(y))",
        "(back(conv(x)) == x).all()",
        "taken for an inverse",
    ),
    (
        "adjoint",
        "np.sum(conv(x) * y) == np.sum(x * back(y))",
        "(conv(back(y)) == y).all()",
        "taken for an inverse",
    ),
    (
        "adjoint",
        "np.sum(conv(x) * y) == np.sum(x * back(y))",
        "np.sum(conv(x)) == np.sum(back(y))",
        "sums without the products",
    ),
    ("both_sizes", "-(-n // s), n * s", "n, n", "same taken as the input's size"),
    ("both_sizes", "-(-n // s), n * s", "-(-n // s), n", "same taken as the input's size"),
    ("both_sizes", "-(-n // s), n * s", "n // s, n * s", "floor for ceil"),
    ("both_sizes", "-(-n // s), n * s", "n / s, n * s", "not rounded"),
    ("both_sizes", "-(-n // s), n * s", "(n - k) // s + 1, (n - 1) * s + k", "padding ignored"),
    (
        "both_sizes",
        "return (n - k) // s + 1, (n - 1) * s + k",
        "return -(-n // s), n * s",
        "padding ignored",
    ),
    ("both_sizes", "(n - k) // s + 1", "(n - k) / s + 1", "not rounded"),
    ("both_sizes", "(n - k) // s + 1", "-(-(n - k) // s) + 1", "ceil for floor"),
    ("both_sizes", "(n - k) // s + 1", "(n - k) // s", "one place forgotten"),
    ("both_sizes", "(n - k) // s + 1", "(n - k + 1) // s", "the one added before the division"),
    ("both_sizes", "(n - k) // s + 1, (n - 1) * s + k", "n - k + 1, n + k - 1", "stride ignored"),
    ("both_sizes", "(n - 1) * s + k", "n * s", "size taken as input * stride"),
    ("both_sizes", "(n - 1) * s + k", "n * s + k", "size taken as input * stride + kernel"),
    ("both_sizes", "(n - 1) * s + k", "-(-n // s) + k - 1", "stride applied to the input"),
    ("both_sizes", '"same"', '"valid"', None),
    ("crop", "cut // 2", "cut - cut // 2", "odd cell cut at the start instead of the end"),
    (
        "crop",
        "cut // 2\n    rows, columns = full.shape[0] - cut, full.shape[1] - cut",
        "cut - cut // 2\n    rows, columns = full.shape[0] - 2 * start, full.shape[1] - 2 * start",
        "odd cell cut on both sides",
    ),
    ("crop", "cut // 2", "cut", "all cut at the start"),
    ("crop", "cut // 2", "0", "all cut at the end"),
    ("crop", "cut // 2", "kernel_size // 2 - stride // 2", None),
    (
        "crop",
        "full.shape[0] - cut, full.shape[1] - cut",
        "full.shape[0] - 2 * start, full.shape[1] - 2 * start",
        "crop symmetric, rounded down",
    ),
    (
        "crop",
        "start : start + rows, start : start + columns",
        "start : start - cut, start : start - cut",
        "a slice that ends at -0",
    ),
    ("crop", "    cut =", "    return full\n    cut =", "no crop"),
    (
        "crop",
        "    cut =",
        "    return np.pad(full, (kernel_size - stride) // 2)\n    cut =",
        "padding that pads",
    ),
    ("fit", "np.pad(full, (0, stride - kernel_size))", "full", "no zeros appended"),
    ("fit", "(0, stride - kernel_size)", "(stride - kernel_size, 0)", "zeros before the spread"),
    ("fit", "(0, stride - kernel_size)", "stride - kernel_size", "zeros before the spread"),
    ("fit", "kernel_size >= stride", "True", "a crop below zero"),
    ("way_back", "return n -", "return 0 * n if n else", "the shape always returns"),
    ("way_back", "(left - 1) * s + 1", "left * s", "counted from the size that None gives"),
    (
        "way_back",
        "(left - 1) * s + k",
        "(left - 1) * s + max(k, s)",
        "counted from the size that None gives",
    ),
    ("way_back", "(left - 1) * s + 1", "(left - 1) * s + k", "padding ignored"),
    ("way_back", '"valid"', "padding", "padding ignored"),
    ("way_back", 'if padding == "valid"', "if False", "padding ignored"),
    ("way_back", "-(-n // s)", "n // s", "floor for ceil"),
    ("way_back", "-(-n // s)", "n / s", "not rounded"),
    (
        "way_back",
        "(n - k) // s + 1",
        "(n - k) // s",
        "an output_padding that is not below the stride",
    ),
    ("way_back", "return n -", "return", "the size instead of what is missing"),
    ("count_overlaps", "+= 1", "= 1", "covered or not"),
    (
        "count_overlaps",
        "max(kernel_size, stride)",
        "kernel_size",
        "size taken as (n-1)s + k for k < s",
    ),
    ("count_overlaps", "(height, width)]", "(width, height)]", None),
    ("count_overlaps", "return counts", "return counts.T", "rows and columns exchanged"),
    ("count_overlaps", "return counts", "return counts[:, :1] + counts[:1]", "counts added"),
    (
        "stays_flat",
        "np.allclose(sums, sums[0])",
        "len(kernel) % stride == 0",
        "a divisible kernel taken for a cure",
    ),
    (
        "stays_flat",
        "np.allclose(sums, sums[0])",
        "all(n % stride == 0 for n in kernel.shape)",
        "a divisible kernel taken for a cure",
    ),
    (
        "stays_flat",
        "np.allclose(sums, sums[0])",
        "bool((kernel == kernel[0, 0]).all())",
        "equal numbers taken for even sums",
    ),
    (
        "stays_flat",
        "p, q in np.ndindex(stride, stride)",
        "p, q in zip(range(stride), range(stride))",
        "some phases left out",
    ),
    ("stays_flat", "q::stride", ":", "some phases left out"),
    ("stays_flat", "p::stride", ":", "some phases left out"),
    ("stays_flat", "p::stride", "::stride", "some phases left out"),
    ("stays_flat", ".sum()", ".mean()", "mean for sum"),
    ("to_pytorch", "cut % 2", "False", "divisibility not checked"),
    ("to_pytorch", 'return "cannot be said"', "return cut // 2 + 1, 1", "only the size made right"),
    ("to_pytorch", "return 0, -cut", "return 0, 0", "no zeros appended"),
    ("to_pytorch", "return 0, -cut", 'return "cannot be said"', "a gap taken for a crop"),
    ("to_pytorch", "cut < 0", "False", "a gap taken for a crop"),
    ("to_pytorch", "cut < 0", "cut < 0 and cut % 2 == 0", "a gap taken for a crop"),
    ("to_pytorch", "0, -cut", "-cut, 0", None),
    (
        "from_pytorch",
        "weight.transpose(2, 3, 1, 0)",
        "weight.reshape(*weight.shape[2:], *weight.shape[1::-1])",
        "reshaped instead of transposed",
    ),
    ("from_pytorch", "2, 3, 1, 0", "2, 3, 0, 1", "channels exchanged"),
    ("from_pytorch", "2, 3, 1, 0", "3, 2, 0, 1", "transposed the other way"),
    ("from_pytorch", "2, 3, 1, 0", "3, 2, 1, 0", "rows and columns exchanged"),
    ("from_pytorch", "1, 0)", "1, 0)[::-1, ::-1]", "kernel flipped"),
    ("one_cell", "W[p, q]", "W[-1 - p, -1 - q]", "kernel flipped"),
    ("one_cell", "+= X", "= X", "overlaps overwritten"),
    (
        "one_cell",
        "0 <= p < W.shape[0] and 0 <= q",
        "-len(W) <= p < W.shape[0] and -W.shape[1] <= q",
        "index below zero",
    ),
    ("one_cell", "i * stride, column - j * stride", "i, column - j", "stride ignored"),
    (
        "one_cell",
        "if 0 <=",
        "if (i, j) == (row // stride, column // stride) and 0 <=",
        "only one input looked at",
    ),
    (
        "one_cell",
        "    total = 0",
        "    total, row, column = 0, column, row",
        "rows and columns exchanged",
    ),
    (
        "same_padding",
        "return total // 2, total - total // 2",
        "return total - total // 2, total // 2",
        "odd zero at the start",
    ),
    ("same_padding", "total - total // 2", "total // 2", "equally many zeros on both sides"),
    (
        "same_padding",
        "return total // 2,",
        "return total - total // 2,",
        "equally many zeros on both sides",
    ),
    (
        "same_padding",
        "return total // 2, total - total // 2",
        "return total / 2, total / 2",
        "equally many zeros on both sides",
    ),
    (
        "same_padding",
        "return total // 2, total - total // 2",
        "return 0, total",
        "all zeros on one side",
    ),
    (
        "same_padding",
        "return total // 2, total - total // 2",
        "return total, 0",
        "all zeros on one side",
    ),
    ("same_padding", "-(-n // s)", "n // s", "floor for ceil"),
    (
        "same_padding",
        "max((outputs - 1) * s + k - n, 0)",
        "(outputs - 1) * s + k - n",
        "fewer than no zeros",
    ),
    ("same_padding", "max((outputs - 1) * s + k - n, 0)", "k - 1", "stride ignored"),
    (
        "same_padding",
        "    return",
        "    p = ((n // s - 1) * s + k - n) // 2\n    return p, p\n    return",
        "the formula rounded down",
    ),
    ("with_channels", "return y + bias", "return y", "bias forgotten"),
    ("with_channels", "+= patch", "+= patch + bias", None),
    (
        "with_channels",
        "+= patch\n    return y + bias",
        "+= patch + bias\n    return y",
        "bias added once per patch",
    ),
    (
        "both_sizes",
        "-(-n // s), n * s\n    return (n - k) // s + 1, (n - 1) * s + k",
        "n * s, -(-n // s)\n    return (n - 1) * s + k, (n - k) // s + 1",
        "the two layers exchanged",
    ),
    (
        "stays_flat",
        "np.allclose(sums, sums[0])",
        f"len({{np.sum({BLOCK}) for p, q in np.ndindex(stride, stride)}}) == 1",
        "kernel cut into blocks",
    ),
    (
        "to_pytorch",
        'return 0, -cut\n    if cut % 2:\n        return "cannot be said"\n    return cut // 2, 0',
        'return -cut, 0\n    return "cannot be said" if cut % 2 else (0, cut // 2)',
        "the two answers exchanged",
    ),
    (
        "tap_by_tap",
        "out, _ = kernel.shape",
        "_, out = kernel.shape; kernel = kernel.swapaxes(2, 3)",
        "channels exchanged",
    ),
    (
        "input_gradient",
        "    return conv2d(dY",
        f"    dY = dY * {OUTPUT}[0, :, :, 0]\n    return conv2d(dY",
        "upstream gradient multiplied by the output",
    ),
    (
        "input_gradient",
        "dY[None, :, :, None]",
        OUTPUT,
        "gradient using the output instead of the upstream gradient",
    ),
    (
        "kernel_gradient",
        "    dW = np",
        f"    dY = {OUTPUT}[0, :, :, 0]\n    dW = np",
        "gradient using the output instead of the upstream gradient",
    ),
    (
        "kernel_gradient",
        "    dW = np",
        f"    dY = dY * {OUTPUT}[0, :, :, 0]\n    dW = np",
        "upstream gradient multiplied by the output",
    ),
    (
        "with_channels",
        "return y + bias",
        "return y + bias * x.shape[3]",
        "bias once per input channel",
    ),
    ("with_channels", "return y + bias", "return y / x.shape[3] + bias", "mean for sum"),
    (
        "with_channels",
        'hwoi->bhwo", x[:, i, j], kernel',
        'hwoi->bhwo", x[:, i, j, :1], kernel[..., :1]',
        "one input channel alone",
    ),
    (
        "with_channels",
        "height, width, out, _ = kernel",
        "kernel = kernel.swapaxes(2, 3); height, width, out, _ = kernel",
        "channels exchanged",
    ),
    ("tap_by_tap", "+=", "=", "overlaps overwritten"),
    ("tap_by_tap", "kernel[p, q].T", "kernel[p, q].T / x.shape[3]", "mean for sum"),
    (
        "tap_by_tap",
        "x @ kernel[p, q].T",
        "x[..., :1] @ kernel[p, q, :, :1].T",
        "one input channel alone",
    ),
    ("input_gradient", "W[:, :, None", "W[::-1, ::-1, None", "kernel flipped"),
    ("input_gradient", "W[:, :, None", "W.T[:, :, None", "kernel transposed"),
    ("input_gradient", ", stride)[0", ")[0", "stride ignored"),
    ("input_gradient", "return conv2d", "return X * conv2d", "gradient times the input"),
    ("input_gradient", "return conv2d", "return conv2d_transpose", "spread once more"),
    ("kernel_gradient", "dW +=", "dW =", "overlaps overwritten"),
    ("kernel_gradient", "return dW", "return dW / X.size", "mean for sum"),
    ("kernel_gradient", "return dW", "return dW * W", "gradient times the kernel"),
    ("kernel_gradient", "i * stride, j * stride", "i, j", "stride ignored"),
    (
        "subpixel",
        "small = W[p::stride, q::stride",
        "small = W[q::stride, p::stride",
        "phases exchanged",
    ),
    (
        "subpixel",
        "W[p::stride, q::stride",
        "W[p::stride, q::stride][::-1, ::-1",
        "small kernels flipped",
    ),
    (
        "subpixel",
        "small = W[p::stride, q::stride",
        "small = W[::stride, ::stride",
        "one small kernel for all",
    ),
    (
        *("subpixel", "small = W[p::stride, q::stride, None, None]"),
        "h, w = W.shape[0] // stride, W.shape[1] // stride; "
        "small = W[p * h : (p + 1) * h, q * w : (q + 1) * w, None, None]",
        "kernel cut into blocks",
    ),
    ("grown", "(32, 48)", "(16, 24)", "layers miscounted"),
    ("grown", "(32, 48)", "(64, 96)", "layers miscounted"),
    ("grown", "(32, 48)", "(24, 36)", "doublings added up"),
    ("grown", "(32, 48)", "(4, 6)", "same taken as the input's size"),
    ("grown", "(32, 48)", "(53, 69)", "padding ignored"),
    ("grown", "(32, 48)", "(48, 32)", "rows and columns exchanged"),
    ("window_sum", "48", "22", "kernel flipped"),
    ("window_sum", "48", "40", "kernel transposed"),
    ("window_sum", "48", "36", "rows and columns exchanged"),
    ("window_sum", "48", "21", "columns counted from 1"),
    ("spread_shape", "(7, 9)", "(4, 8)", "size taken as input * stride"),
    ("spread_shape", "(7, 9)", "(9, 11)", "size taken as input * stride + kernel"),
    ("spread_shape", "(7, 9)", "(6, 6)", "stride ignored"),
    ("spread_shape", "(7, 9)", "(5, 4)", "stride applied to the input"),
    ("spread_shape", "(7, 9)", "(10, 12)", "patches side by side"),
    ("spread_shape", "(7, 9)", "(9, 7)", "rows and columns exchanged"),
    ("spread_shape", "(7, 9)", "(5, 11)", "kernel transposed"),
    ("there_and_back", "39", "1", "taken for an inverse"),
    ("there_and_back", "39", "22", "kernel flipped in one of the steps"),
    ("there_and_back", "39", "9", "overlaps overwritten"),
    ("there_and_back", "39", "25", "the largest at overlaps"),
    ("there_and_back", "39", "9.75", "overlaps averaged"),
    ("both_shapes", "(4, 8),", "(8, 10),", "the two layers exchanged"),
    ("both_shapes", "(4, 8),", "(3, 7),", "one place forgotten"),
    ("both_shapes", "(4, 8),", "(8, 4),", "rows and columns exchanged"),
    ("both_shapes", "(4, 8),", "(5, 7),", "rows and columns exchanged"),
    ("both_shapes", "(3, 2, 4, 8)", "(2, 3, 4, 8)", "rows and columns exchanged"),
    ("both_shapes", "(3, 2, 4, 8)", "(3, 2, 8, 4)", "channels exchanged"),
    ("both_shapes", "196", "192", "bias forgotten"),
    ("both_shapes", "196", "200", "bias once per input channel"),
    ("both_shapes", "196", "28", "one kernel for all channels"),
    ("both_shapes", "196", "52", "one kernel for all channels"),
    ("spread_row", "2, 6, 5, 3, 5, 9, 6", "2, 6, 1, 3, 3, 9, 6", "overlaps overwritten"),
    ("spread_row", "2, 6, 5, 3, 5, 9, 6", "2, 6, 5, 3, 5, 9", "size taken as input * stride"),
    ("spread_row", "2, 6, 5, 3, 5, 9, 6", "2, 7, 10, 11, 6", "stride ignored"),
    ("hatched", "(1, 1, 11)", "(1, 1, 12)", "the corner cut twice"),
    ("hatched", "(1, 1, 11)", "(1, 1, 10)", "the corner left out"),
    ("hatched", "(1, 1, 11)", "(4, 6, 24)", "what is left for what is lost"),
    ("hatched", "(1, 1, 11)", "(5, 7, 35)", "no crop"),
    ("hatched", "(1, 1, 11)", "(3, 4, 29)", "same taken as the input's size"),
    ("hatched", "(1, 1, 11)", "(2, 2, 20)", "odd cell cut on both sides"),
    ("hatched", "(1, 1, 11)", "(3, 3, 39)", "size taken as input * stride + kernel"),
    ("revealed", "2, 4, 7, 2", "4, 7, 2, 0", "output_padding appends zeros"),
    ("revealed", "2, 4, 7, 2", "0, 4, 7, 2", "output_padding appends zeros"),
    ("revealed", "2, 4, 7, 2", "4, 7, 2, 3", "output_padding reveals the end"),
    ("dilated_sizes", "11, 7", "15, 14", "dilation taken for a stride"),
    ("dilated_sizes", "11, 7", "15, 7", "dilation taken for a stride"),
    ("dilated_sizes", "11, 7", "9, 7", "dilation ignored"),
    ("dilated_sizes", "11, 7", "12, 7", "kernel size times the dilation"),
    ("dilated_sizes", "11, 7", "11, 11", "no crop"),
    ("dilated_sizes", "11, 7", "7, 11", "the two answers exchanged"),
    ("resize_kernel", "(6, 16)", "(4, 16)", "resize and convolution taken for the same layer"),
    ("resize_kernel", "(6, 16)", "(6, 36)", "every kernel in reach"),
    ("resize_kernel", "(6, 16)", "(12, 16)", "patches side by side"),
    ("resize_kernel", "(6, 16)", "(7, 16)", "one place too many"),
    ("decoder", "14, 27, 81", "13, 25, 74", "output_padding None taken as 0"),
    ("decoder", "14, 27, 81", "13, 25, 75", "output_padding None taken as 0"),
    ("decoder", "14, 27, 81", "14, 28, 84", "output_padding 0 taken as None"),
    ("decoder", "14, 27, 81", "14, 27, 80", "size taken as (n-1)s + k for k < s"),
    ("decoder", "14, 27, 81", "14, 27, 83", "size taken as input * stride + kernel"),
    ("decoder", "14, 27, 81", "15, 31, 93", "padding ignored"),
    ("decoder", "14, 27, 81", "15, 31, 92", "padding ignored"),
    ("decoder", "14, 27, 81", "7, 7, 21", "same taken as the input's size"),
    ("decoder", "14, 27, 81", "14, 13, 21", "every layer given the first input"),
    ("bias_gradient", "72", "0.5", "mean for sum"),
    ("bias_gradient", "72", "18", "mean for sum"),
    ("bias_gradient", "72", "2", "mean for sum"),
    ("bias_gradient", "72", "216", "filters summed as well"),
    ("bias_gradient", "72", "54", "filters summed as well"),
    ("numbers_lost", "(300, 0)", "(0, 0)", "taken for an inverse"),
    ("numbers_lost", "(300, 0)", "(100, 400)", "what is left for what is lost"),
    ("numbers_lost", "(300, 0)", "(300, 300)", "one filter for all"),
    ("numbers_lost", "(300, 0)", "(0, 300)", "the two answers exchanged"),
]


def solved(lesson):
    """The names of a notebook after all its solutions, and each solution's code."""
    found, imports = NOTEBOOKS[lesson]
    names = {}
    exec(imports, names)
    for exercise in found:
        exec(exercise.solutions[0], names)
    return names, {exercise.name: exercise.solutions[0] for exercise in found}


SOLVED = {lesson: solved(lesson) for lesson in NOTEBOOKS}


@pytest.mark.parametrize(
    ("name", "old", "new", "mistake"), WRITTEN, ids=lambda part: str(part)[:30].replace("\n", " ")
)
def test_a_mistake_is_recognised_however_it_is_written(name, old, new, mistake):
    names, solutions = SOLVED[EXERCISES[name].lesson]
    assert old in solutions[name]
    names = names.copy()
    exec(solutions[name].replace(old, new), names)
    outcome = EXERCISES[name](names[name])
    assert outcome.mistake == mistake, outcome.text
    assert outcome.kind in ("wrong", "stopped")


def test_every_mistake_is_written_in_another_way():
    """The names of worlds are pinned above; `choose` and what `fit` has of `crop` elsewhere."""
    written = {(name, mistake) for name, _, _, mistake in WRITTEN}
    own = {(e.name, name) for e in EXERCISES.values() for name in e.mistakes if name not in WORLDS}
    missing = own - written - {("fit", name) for name in checks.crop.mistakes}
    assert {exercise for exercise, _ in missing} == {"choose"}, missing


def test_one_number_may_stand_in_brackets():
    names, _ = SOLVED["03_from_scratch"]
    assert mark("one_cell", lambda *case: [[names["one_cell"](*case)]]) == ("right", None)


def test_a_loop_over_the_inputs_is_noticed():
    names, _ = SOLVED["01_concept"]
    kind, mistake, text = checks.without_loops(names["spread_and_sum"])
    assert (kind, mistake) == ("wrong", None)
    assert "input of 40 × 30" in text
    assert mark("without_loops", names["without_loops"]) == ("right", None)


def test_a_loop_over_the_rows_alone_is_none_over_the_inputs():
    """The input has 40 rows of 30, so that a loop over them is short and one over all is not."""

    def by_rows(X, W, stride):
        Y = np.zeros(spread(X, W, stride).shape)
        for i in range(len(X)):
            row = spread(X[i : i + 1], W, stride)
            Y[i * stride : i * stride + len(W)] += row
        return Y

    def all_in_one_line(X, W, stride):
        [X[i, j] for i, j in np.ndindex(X.shape)]
        return spread(X, W, stride)

    assert mark("without_loops", by_rows) == ("right", None)
    assert mark("without_loops", all_in_one_line) == ("wrong", None)


def test_a_function_of_an_exercise_that_is_not_done_is_named():
    names = {"np": np}
    exec("def crop(full, kernel_size, stride):\n    return ...", names)
    exec(
        "def fit(full, k, s):\n    return crop(full, k, s) if k >= s else np.pad(full, s - k)",
        names,
    )
    checks.crop(names["crop"])
    text = checks.fit(names["fit"]).text
    exec(
        "def fit(full, k, s):\n    return np.pad(full, (0, s - k)) if k < s else crop(full, k, s)",
        names,
    )
    outcome = checks.fit(names["fit"])
    assert "returns `...`" in outcome.text
    assert outcome.kind == "stopped"
    for said in (text, outcome.text):
        assert "It uses crop, an exercise that is not done yet." in said
    assert checks.crop(checks.crop.reference).kind == "right"
    assert "not done yet" not in checks.fit(names["fit"]).text
    checks.crop(names["crop"])


@pytest.mark.parametrize(
    ("name", "answer", "words"),
    [
        ("window_sum", 41, "Not yet: 41 is not it."),
        ("window_sum", None, "The answer is None. Put a number there."),
        ("window_sum", [40, 1], "Please give one number. You gave [40, 1]."),
        ("spread_shape", (7, 8), "Not yet. You said\n 7 [8]\nIn brackets: what is not right"),
        ("spread_shape", 7, "Please give 2 numbers. You gave 7."),
        ("spread_row", [7, 8], "Not yet. You gave 2 numbers. How many should there be?"),
        ("spread_row", 7, "Not yet. You gave one number. How many should there be?"),
        ("both_shapes", [4, 8], "keep the braces and the names"),
        ("both_shapes", {"output": (4, 8), "kernel": (3, 2, 4, 8)}, "keep the braces"),
        ("resize_kernel", ((6, 6), 16), "not all equally long: ((6, 6), 16)"),
        ("stays_flat", lambda kernel, stride: 1, "True or False. On this case it returns 1."),
        (
            "to_pytorch",
            lambda kernel_size, stride: (1, 2, 3),
            "should return 2 numbers. You returned 3 numbers.",
        ),
        ("to_pytorch", lambda *case: "no", "should return 2 numbers. You returned no."),
        (
            "crop",
            lambda full, k: full,
            "takes (full, k), and should take (full, kernel_size, stride)",
        ),
        ("adjoint", lambda *case: False, "conv = x * 2    back = x * 2"),
    ],
)
def test_what_is_said_of_an_answer(name, answer, words):
    assert words in EXERCISES[name](answer).text


def test_a_slip_in_the_call_gets_words():
    for said in (
        checks.grown(32, 48),
        checks.choose(kernel_size=4),
        checks.crop(),
        checks.crop(1, answer=2),
    ):
        assert said.kind == "stopped"
        assert "A check takes one answer, by its name: checks." in said.text
        assert repr(said) == said.text
    assert checks.window_sum(answer=48).kind == "right"
    assert checks.window_sum(...).kind == "not attempted"


def test_of_each_kind_of_pair_one_is_adjoint_and_one_only_has_its_shape():
    told = [checks.adjoint.reference(*case) for case in checks.adjoint.cases]
    assert told == [True, False, False, True, True, False]
    names = [" ".join(map(str, case[:2])) for case in checks.adjoint.cases]
    assert names[2].endswith("convolution with [[2, 1]]")  # turned, and so no adjoint
