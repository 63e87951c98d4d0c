"""The exercises: right passes, wrong is shown, and a known mistake gets its name."""

import re
import subprocess
import sys
from functools import partial
from pathlib import Path
from threading import Thread
from threading import enumerate as enumerate_threads
from time import monotonic

import nbformat
import numpy as np
import pytest

from transconv import checks
from transconv.checks import marking
from transconv.checks.answers import SPREAD_CASES, spread
from transconv.checks.marking import LESSONS, Exercise, Mistake

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
    assert set(ideas) <= {m.name for exercise in EXERCISES.values() for m in exercise.mistakes}
    for _, name, _, caught in rows:
        numbers = sorted({ideas.get(m.name, 0) for m in EXERCISES[name].mistakes} - {0})
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
    # `choose` reads the answer before it compares: it has a test of its own below.
    [pytest.param(e, id=name) for name, e in EXERCISES.items() if name != "choose"],
)
def test_the_reference_is_right(exercise):
    answer = exercise.reference if exercise.parameters else exercise.reference()
    outcome = exercise(answer)
    assert outcome.kind == "right"
    assert outcome.text.startswith(f"Right. {exercise.shows}")


@each_exercise
def test_another_wrong_answer_is_wrong_and_gets_no_name(exercise):
    """That a check accepts everything, or guesses, would show here."""

    def far_off(*case):
        return np.asarray(exercise.reference(*case)) + 1000

    kind, mistake, text = exercise(far_off if exercise.parameters else far_off().tolist())
    assert (kind, mistake) == ("stopped" if exercise.name == "choose" else "wrong", None), text
    assert not exercise.done


@pytest.mark.parametrize(
    ("exercise", "late"),
    [
        pytest.param(exercise, late, id=f"{name}, case {late}")
        for name, exercise in EXERCISES.items()
        if exercise.parameters  # a value has one case, and is compared as a whole
        for late in range(len(exercise.cases))
    ],
)
def test_one_wrong_number_in_one_case_is_enough(exercise, late):
    calls = []

    def almost(*case):
        right = np.array(exercise.reference(*case), dtype=float)
        if len(calls) == late:
            right.flat[-1] += 0.5
        calls.append(case)
        return right

    kind, mistake, text = exercise(almost)
    assert (kind, mistake) == ("wrong", None)
    # And it is this case that is shown.
    assert exercise._case(exercise.cases[late]) in text


@pytest.mark.parametrize(
    ("exercise", "mistake", "wrong"),
    [
        pytest.param(exercise, mistake, wrong, id=f"{name}: {mistake.name}")
        for name, exercise in EXERCISES.items()
        for mistake, wrong in exercise.wrong_answers()
        if name != "choose"
    ],
)
def test_a_known_mistake_gets_its_name(exercise, mistake, wrong):
    outcome = exercise(wrong if exercise.parameters else wrong())
    assert outcome[:2] == ("wrong", mistake.name)
    assert mistake.question in outcome.text


@each_exercise
def test_the_smallest_case_is_tried_first(exercise):
    sizes = [
        sum(value if isinstance(value, int) else np.size(value) for value in case)
        for case in exercise.cases
    ]
    assert sizes == sorted(sizes)


def test_every_mistake_of_the_catalogue_is_made_somewhere():
    catalogue = {m for m in vars(checks.mistakes).values() if isinstance(m, Mistake)}
    assert catalogue == {m for exercise in EXERCISES.values() for m in exercise.mistakes}
    for mistake in catalogue:
        assert mistake.question.endswith("?")


def test_choose():
    def chosen(*how):
        return mark("choose", dict(zip(("kernel_size", "strides", "padding"), how, strict=True)))

    assert chosen((8, 6), (4, 3), "same") == ("right", None)
    assert chosen((4, 3), [4, 3], "valid") == ("right", None)
    assert chosen(5, (4, 3), "same") == ("wrong", "uneven overlaps")
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


# The same mistakes, as other people would write them


def _padded_size(X, W, s):
    return [(n - 1) * s + k for n, k in zip(X.shape, W.shape, strict=True)]


def overwritten_by_views(X, W, stride):
    Y = np.zeros(_padded_size(X, W, stride))
    for (i, j), value in np.ndenumerate(X):
        np.copyto(Y[i * stride :, j * stride :][: W.shape[0], : W.shape[1]], value * W)
    return Y


def overwritten_by_taps(X, W, stride):
    Y = np.zeros(_padded_size(X, W, stride)).tolist()
    for i in range(len(X)):
        for j in range(len(X[0])):
            for p in range(len(W)):
                for q in range(len(W[0])):
                    Y[i * stride + p][j * stride + q] = X[i, j] * W[p, q]
    return Y


def averaged_by_counting(X, W, stride):
    Y = np.zeros(_padded_size(X, W, stride), np.float32)
    count = np.zeros_like(Y)
    for i, j in np.ndindex(*X.shape):
        here = np.s_[i * stride : i * stride + len(W), j * stride : j * stride + W.shape[1]]
        Y[here] += X[i, j] * W
        count[here] += 1
    count[count == 0] = 1
    Y /= count  # in place
    return Y


def flipped_by_windows(X, W, stride):
    gaps = np.zeros([(n - 1) * stride + 1 for n in X.shape])
    gaps[::stride, ::stride] = X
    gaps = np.pad(gaps, [(k - 1, k - 1) for k in W.shape])
    windows = np.lib.stride_tricks.sliding_window_view(gaps, W.shape)
    return np.einsum("ijpq,pq->ij", windows, W)


def flipped_by_taps(X, W, stride):
    Y = np.zeros(_padded_size(X, W, stride))
    rows, columns = ((n - 1) * stride + 1 for n in X.shape)
    for p, q in np.ndindex(W.shape):
        Y[p : p + rows : stride, q : q + columns : stride] += X * W[-1 - p, -1 - q]
    return Y


def kernel_turned_by_einsum(X, W, stride):
    patches = np.einsum("ij,pq->ijqp", X, W)
    Y = np.zeros(_padded_size(X, W.T, stride))
    for i, j in np.ndindex(X.shape):
        Y[i * stride :, j * stride :][: W.shape[1], : W.shape[0]] += patches[i, j]
    return Y


def strided_over_the_input(X, W, stride):
    Y = 0
    for i in range(0, len(X), stride):
        for j in range(0, len(X[0]), stride):
            before = i // stride, j // stride
            after = [len(range(0, n, stride)) - 1 - b for n, b in zip(X.shape, before, strict=True)]
            Y = Y + np.pad(X[i, j] * W, list(zip(before, after, strict=True)))
    return Y


def stride_forgotten(X, W, stride):
    return spread(X, W, 1).astype(np.float32)


def without_the_stride(X, W, stride):
    (rows, columns), (height, width) = X.shape, W.shape
    Y = np.zeros(((rows - 1) * stride + height, (columns - 1) * stride + width))
    for i in range(rows):
        for j in range(columns):
            Y[i : i + height, j : j + width] += X[i, j] * W
    return Y


def range_with_a_stride(X, W, stride):
    (rows, columns), (height, width) = X.shape, W.shape
    Y = np.zeros(((rows - 1) * stride + height, (columns - 1) * stride + width))
    for i in range(0, rows, stride):
        for j in range(0, columns, stride):
            Y[i : i + height, j : j + width] += X[i, j] * W
    return Y


def range_and_places_with_a_stride(X, W, stride):
    Y = np.zeros(_padded_size(X, W, stride))
    for i in range(0, X.shape[0], stride):
        for j in range(0, X.shape[1], stride):
            Y[i * stride :, j * stride :][: len(W), : len(W[0])] += X[i, j] * W
    return Y


def taps_overwritten(X, W, stride):
    Y = np.zeros(_padded_size(X, W, stride))
    for p in range(W.shape[0]):
        for q in range(W.shape[1]):
            Y[p:, q:][: X.shape[0] * stride : stride, : X.shape[1] * stride : stride] = X * W[p, q]
    return Y


def batch_taps_overwritten(x, kernel, stride):
    size = [(n - 1) * stride + k for n, k in zip(x.shape[1:3], kernel.shape[:2], strict=True)]
    y = np.zeros((len(x), *size, kernel.shape[2]))
    for p, q in np.ndindex(kernel.shape[:2]):
        rows = slice(p, p + (x.shape[1] - 1) * stride + 1, stride)
        columns = slice(q, q + (x.shape[2] - 1) * stride + 1, stride)
        y[:, rows, columns] = np.einsum("bhwi,oi->bhwo", x, kernel[p, q])
    return y


def by(valid, same):
    """A function of n, k, s and padding, by a formula for each padding."""
    return lambda n, k, s, padding: eval(valid if padding == "valid" else same)


VALID, SAME = "(n - k) // s + 1, (n - 1) * s + k", "-(-n // s), n * s"
MISSED = "some phases left out"


def room_for_one_more(X, W, stride):
    Y = np.zeros([n * stride + k for n, k in zip(X.shape, W.shape, strict=True)])
    Y[: -stride or None, : -stride or None] = spread(X, W, stride)
    return Y


@pytest.mark.parametrize(
    ("name", "answer", "mistake"),
    [
        ("spread_and_sum", overwritten_by_views, "overlaps overwritten"),
        ("spread_and_sum", overwritten_by_taps, "overlaps overwritten"),
        ("spread_and_sum", averaged_by_counting, "overlaps averaged"),
        ("spread_and_sum", flipped_by_taps, "kernel flipped"),
        ("spread_and_sum", kernel_turned_by_einsum, "kernel transposed"),
        ("spread_and_sum", strided_over_the_input, "stride applied to the input"),
        ("spread_and_sum", stride_forgotten, "stride ignored"),
        ("spread_and_sum", room_for_one_more, "size n*s + k"),
        ("spread_and_sum", without_the_stride, "stride ignored"),
        ("spread_and_sum", range_with_a_stride, "stride applied to the input"),
        ("spread_and_sum", range_and_places_with_a_stride, "stride applied to the input"),
        ("without_loops", flipped_by_windows, "kernel not flipped"),
        ("without_loops", taps_overwritten, "overlaps overwritten"),
        ("tap_by_tap", batch_taps_overwritten, "overlaps overwritten"),
        ("there_and_back", 34, "kernel flipped in one of the steps"),
        ("both_shapes", [(8, 4), (10, 8)], "rows and columns exchanged"),
        ("grown", [8, 12], "one layer for all three"),
        ("decoder", (13, 25, 75), "output_padding None taken as 0"),
        ("decoder", np.array([14, 28, 84]), "output_padding 0 taken as None"),
        ("dilated_sizes", [12, 7], "kernel size times the dilation"),
        ("dilated_sizes", (11, 11), "no crop"),
        ("dilated_sizes", (11, 14), "dilation taken for a stride"),
        ("resize_kernel", (7, 16), "one place too many"),
        ("subpixel", overwritten_by_views, "overlaps overwritten"),
        (
            "build_matrix",
            lambda W, height, width: np.stack(
                [
                    np.pad(W, [(i, height - i - len(W)), (j, width - j - len(W[0]))]).T.ravel()
                    for i in range(height - len(W) + 1)
                    for j in range(width - len(W[0]) + 1)
                ]
            ),
            "columns in column-major order",
        ),
        (
            "insert_zeros",
            lambda X, s: np.kron(X, np.eye(1, s).T @ np.eye(1, s)),
            "zeros after the last value as well",
        ),
        ("insert_zeros", lambda X, s: np.kron(X, np.ones((s, s), int)), "values repeated"),
        (
            "both_sizes",
            lambda n, k, s, p: [n, n] if p == "same" else [(n - k) // s + 1, n * s - s + k],
            "same taken as the input's size",
        ),
        (
            "both_sizes",
            lambda n, k, s, p: (
                (int(n / s), n * s) if p == "same" else (1 + (n - k) // s, (n - 1) * s + k)
            ),
            "floor for ceil",
        ),
        (
            "crop",
            lambda full, k, s: full[(k - s) // 2 : (s - k) // 2, (k - s) // 2 : (s - k) // 2],
            "a slice that ends at -0",
        ),
        ("both_sizes", by("n - k + 1, n + k - 1", "-(-n // s), n * s"), "stride ignored"),
        ("both_sizes", by(VALID, VALID), "padding ignored"),
        ("both_sizes", by(SAME, SAME), "padding ignored"),
        ("both_sizes", by("(n - k) / s + 1, (n - 1) * s + k", SAME), "not rounded"),
        ("both_sizes", by(VALID, "n / s, s * n"), "not rounded"),
        ("both_sizes", by("(n - k) / s + 1, n * s - s + k", "n / s, s * n"), "not rounded"),
        ("both_sizes", by("-(-(n - k) // s) + 1, n * s - s + k", SAME), "ceil for floor"),
        (
            "both_sizes",
            by("(n - k + 1) // s, (n - 1) * s + k", SAME),
            "the one added before the division",
        ),
        ("crop", lambda full, k, s: full, "no crop"),
        ("crop", lambda full, k, s: full[k - s :, k - s :], "all cut at the start"),
        (
            "fit",
            lambda full, k, s: full[(k - s) // 2 :][: len(full) + s - k, (k - s) // 2 :][
                :, : full.shape[1] + s - k
            ],
            "a crop below zero",
        ),
        ("way_back", lambda n, k, s, p: 0 * n, "the shape always returns"),
        (
            "way_back",
            by("n - ((n - k) // s * s + max(k, s))", "n - -(-n // s) * s"),
            "counted from the size that None gives",
        ),
        (
            "way_back",
            by("(n - k) % s", "n - s * ((n + s - 1) // s)"),
            "counted from the size that None gives",
        ),
        ("way_back", by("n - ((n - k) / s * s + k)", "(n - 1) % s"), "not rounded"),
        ("way_back", by("(n - k) % s", "n - ((n / s - 1) * s + 1)"), "not rounded"),
        (
            "way_back",
            by("(n - k) // s * s + k", "(-(-n // s) - 1) * s + 1"),
            "the size instead of what is missing",
        ),
        (
            "way_back",
            by("n - (((n - k) // s - 1) * s + k)", "(n - 1) % s"),
            "an output_padding that is not below the stride",
        ),
        (
            "count_overlaps",
            lambda h, w, k, s: np.outer(
                *(np.arange((n - 1) * s + max(k, s)) % s < k for n in (h, w))
            ),
            "covered or not",
        ),
        (
            "count_overlaps",
            lambda h, w, k, s: spread(np.ones((h, w)), np.ones((k, k)), s),
            "valid size (n-1)s + k for k < s",
        ),
        ("stays_flat", lambda W, s: len({W[i::s].sum() for i in range(s)}) == 1, MISSED),
        ("stays_flat", lambda W, s: len({W[:, i::s].sum() for i in range(s)}) == 1, MISSED),
        ("stays_flat", lambda W, s: len({W[i::s, i::s].sum() for i in range(s)}) == 1, MISSED),
        ("stays_flat", lambda W, s: len({W[::s, i::s].sum() for i in range(s)}) == 1, MISSED),
        (
            "stays_flat",
            lambda W, s: not (W.shape[0] % s or W.shape[1] % s),
            "a divisible kernel taken for a cure",
        ),
        (
            "from_pytorch",
            lambda W: np.reshape(W, (*W.shape[2:], W.shape[1], W.shape[0])),
            "reshaped instead of transposed",
        ),
        ("from_pytorch", lambda W: np.einsum("iohw->hwio", W), "channels exchanged"),
        ("from_pytorch", lambda W: np.einsum("hwoi->iohw", W), "transposed the other way"),
        (
            "same_padding",
            lambda n, k, s: [max(0, (-(-n // s) - 1) * s + k - n) // 2] * 2,
            "equally many zeros on both sides",
        ),
        (
            "same_padding",
            lambda n, k, s: np.full(2, ((n // s - 1) * s + k - n) // 2),
            "the formula rounded down",
        ),
        ("one_cell", lambda X, W, s, r, c: spread(X, np.rot90(W, 2), s)[r, c], "kernel flipped"),
        (
            "with_channels",
            lambda x, kernel, bias, s: (
                checks.tap_by_tap.reference(x, np.swapaxes(kernel, 2, 3), s) + bias
            ),
            "channels exchanged",
        ),
    ],
)
def test_a_mistake_is_recognised_however_it_is_written(name, answer, mistake):
    outcome = EXERCISES[name](answer)
    assert outcome[:2] == ("wrong", mistake), outcome.text


# Functions that do anything


@pytest.fixture
def _impatient(monkeypatch):
    monkeypatch.setattr(marking, "SECONDS", 0.1)


@pytest.fixture
def exercise_of():
    """Make an exercise, in a lesson of its own that is gone after the test."""

    def make(reference, *cases, mistakes=None, **more):
        LESSONS["test"] = []  # an earlier one of the same test would be counted
        cases, mistakes = list(cases), mistakes or {}
        return Exercise("double", "test", reference, mistakes, "You can double.", cases, **more)

    yield make
    LESSONS.pop("test", None)


@pytest.fixture
def double(exercise_of):
    return exercise_of(lambda X: 2 * X, (np.array([[1, 2]]),), (np.array([[3.5, 4], [5, 6]]),))


def test_what_is_printed(double, capsys):
    outcome = double(lambda X: X + np.array([[1], [0]])[: len(X)])
    assert capsys.readouterr().out == outcome.text + "\n"
    assert outcome.text == (
        "Not yet. The smallest case that goes wrong:\n\n"
        "X\n 1  2\n\n"
        "expected    got\n 2 [4]       2 [3]\n[n] differs\n\n"
        "Done in this notebook: 0 of 1"
    )
    outcome = double(lambda X: X + X)
    assert outcome.text == "Right. You can double.\nDone in this notebook: 1 of 1"
    assert "0 of 1" in double(lambda X: X).text


@pytest.mark.parametrize(
    "answer",
    [
        lambda X: (2 * X).tolist(),
        lambda X: (2 * X).astype(np.float32),
        lambda X: 2 * X + 1e-6,
        lambda X: [tuple(row) for row in 2 * X],
        lambda X: print("hello") or 2 * X,
    ],
)
def test_right_in_another_form_is_right(double, answer, capsys):
    assert double(answer).kind == "right"
    assert "hello" not in capsys.readouterr().out


def test_rounding_of_float32_is_no_mistake(exercise_of):
    X, W, stride = SPREAD_CASES[-1]
    large = exercise_of(spread, (X * 1e4 + 0.1, W + 0.3, stride))
    assert large(lambda X, W, s: spread(X.astype("f"), W.astype("f"), s)).kind == "right"
    assert large(lambda X, W, s: spread(X, W * 1.001, s)).kind == "wrong"


def recurse(X):
    return recurse(X)


def raises_later(X):
    half = X[0]
    return half[7]  # here


def exits(X):
    sys.exit("bye")


def cancelled(X):
    raise GeneratorExit


def changes(X):
    X *= 2
    return X


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (raises_later, "stopped", "    return half[7]  # here\nIndexError: index 7 is out of"),
        (recurse, "stopped", "RecursionError"),
        (exits, "stopped", "asked Python to exit"),
        (lambda X: None, "stopped", "returned None on this case. Does it return None itself"),
        (lambda X: np.ones((99, 99)), "wrong", "Yours is (99, 99)."),
        (cancelled, "stopped", "    raise GeneratorExit"),
        (lambda: 3, "stopped", "takes 0 positional arguments but 1 was given"),
        (lambda X: [[1], [2, 3]], "stopped", "not all equally long: [[1], [2, 3]]"),
        (lambda X: "2 4", "stopped", "made of numbers, but it is this str: '2 4'"),
        (lambda X: (row for row in X), "stopped", "but it is this generator"),
        (lambda X: {"a": 1}, "stopped", "but it is this dict: {'a': 1}"),
        (lambda X: 2j * X, "stopped", "made of numbers"),
        (lambda X: np.array([[None, 4]]), "stopped", "made of numbers"),
        (lambda X: X * np.nan, "wrong", "[nan][nan]"),
        (lambda X: X * np.inf, "wrong", "[inf][inf]"),
        (lambda X: 2 * X[0], "wrong", "The shape should be (1, 2). Yours is (2,)."),
        (lambda X: 2 * X.ravel(), "wrong", "The numbers, in reading order, are right."),
        (lambda X: 2 * X[None, :, :, None], "wrong", "Yours is (1, 1, 2, 1)."),
        (lambda X: 3, "wrong", "Yours is ()."),
        (lambda X: X[:0], "wrong", "(empty)"),
        (changes, "wrong", "changes its argument X"),
        (lambda X: changes(X) + 1, "wrong", "also changes its argument X."),
        (lambda X: print("shape", X.shape) or X, "wrong", "it printed:\nshape (1, 2)"),
        (lambda X: ..., "not attempted", "Not attempted yet"),
        (np.ones((1, 2)), "stopped", "checks.double(double)"),
        (None, "stopped", "Hand over the function itself"),
        (np.negative, "wrong", "[-1][-2]"),
    ],
)
def test_whatever_the_function_does_the_notebook_goes_on(double, answer, kind, words):
    outcome = double(answer)
    assert outcome.kind == kind
    assert words in outcome.text
    assert "Traceback" not in outcome.text
    assert str(ROOT) not in outcome.text


def endless(X):
    while True:
        pass


def stubborn(X):
    while True:
        try:
            endless(X)
        except:  # noqa: E722
            X = X + 1
            if X[0, 0] > 3:
                raise


@pytest.mark.usefixtures("_impatient")
@pytest.mark.parametrize("answer", [endless, stubborn])
def test_a_function_that_takes_too_long_is_stopped(double, answer):
    """On any thread, as a kernel may run its cells on one; and nothing is left behind."""
    outcomes = []
    for run in (lambda work: work(), lambda work: (t := Thread(target=work)).start() or t.join()):
        run(lambda: outcomes.append(double(answer)))
        started = monotonic()
        while monotonic() < started + 0.5:  # were it interrupted again, it would be here
            pass
    for outcome in outcomes:
        assert outcome.kind == "stopped"
        assert "Does every loop in it come to an end?" in outcome.text
    assert len(outcomes) == 2
    assert double(lambda X: 2 * X).kind == "right"


def test_a_case_that_still_returns_dots_is_shown(double):
    outcome = double(lambda X: 2 * X if len(X) == 1 else ...)
    assert outcome.kind == "stopped"
    assert "X\n 3.5    4\n   5    6\n" in outcome.text
    assert "On this case it still returns `...`." in outcome.text
    assert "still returns (3, `...`)" in double(lambda X: (3, ...)).text


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
        ("window_sum", [40], "Please give one number. You gave [40]."),
        ("spread_shape", (7, 8), "Not yet. You said\n 7 [8]\n[n] is not right"),
        ("spread_shape", 7, "Please give 2 numbers. You gave 7."),
        ("both_shapes", [4, 8, 8, 10], "Please give 2 pairs of numbers. You gave [4, 8, 8, 10]."),
        ("resize_kernel", ((6, 6), 16), "not all equally long: ((6, 6), 16)"),
    ],
)
def test_what_is_said_of_a_wrong_value(name, answer, words):
    assert words in EXERCISES[name](answer).text


def test_the_readers_own_interrupt_is_not_swallowed(double):
    def stop(X):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        double(stop)


def test_two_mistakes_that_fit_are_not_told_apart(exercise_of):
    twins = {Mistake(name, "?"): np.negative for name in ("one", "other")}
    exercise = exercise_of(lambda X: X, (1,), mistakes=twins)
    assert exercise(np.negative)[:2] == ("wrong", None)


def test_a_mistake_in_some_cases_only_gets_no_name(exercise_of):
    mistake = {Mistake("no doubling", "?"): lambda X: X}
    exercise = exercise_of(lambda X: 2 * X, (1,), (2,), mistakes=mistake)
    assert exercise(lambda X: X)[:2] == ("wrong", "no doubling")
    assert exercise(lambda X: X if X == 1 else 2 * X)[:2] == ("wrong", None)


def test_one_loop_over_the_inputs_for_all_channels_is_noticed():
    def with_loops(x, kernel, stride):
        size = [(n - 1) * stride + k for n, k in zip(x.shape[1:3], kernel.shape[:2], strict=True)]
        y = np.zeros((len(x), *size, kernel.shape[2]))
        for i, j in np.ndindex(x.shape[1:3]):
            top, left = i * stride, j * stride
            patch = np.einsum("bi,hwoi->bhwo", x[:, i, j], kernel)
            y[:, top : top + len(kernel), left : left + kernel.shape[1]] += patch
        return y

    assert "input of 40 × 30" in checks.tap_by_tap(with_loops).text


def test_a_loop_over_the_inputs_is_noticed():
    def with_loops(X, W, stride):
        Y = np.zeros(_padded_size(X, W, stride))
        for i in range(X.shape[0]):
            for j in range(X.shape[1]):
                Y[i * stride :, j * stride :][: W.shape[0], : W.shape[1]] += X[i, j] * W
        return Y

    assert mark("spread_and_sum", with_loops) == ("right", None)
    for loops in (with_loops, lambda *case: with_loops(*case).tolist()):
        kind, mistake, text = checks.without_loops(loops)
        assert (kind, mistake) == ("wrong", None)
        assert "input of 40 × 30" in text
    assert mark("without_loops", partial(spread)) == ("right", None)


def test_exit_in_a_kernel_does_not_end_it(double):
    """IPython has an `exit` of its own among the names of the notebook, which ends the kernel."""
    ended = []
    jupyter_exit = type(
        "Exit", (), {"__module__": "IPython.core.autocall", "__call__": ended.append}
    )
    names = {"exit": jupyter_exit()}
    exec("def double(X):\n    exit()", names)
    assert "asked Python to exit" in double(names["double"]).text
    assert isinstance(names["exit"], jupyter_exit)
    assert not ended


# What a wrong answer is shown as


def test_every_argument_of_a_failing_case_is_shown(exercise_of):
    """Grids under their names, and of 4-D ones every plane; anything else as Python writes it."""

    def scaled(x, kernel, weight, bias, stride, padding):
        return x * stride

    case = (
        np.arange(8).reshape(1, 2, 2, 2),
        10 * np.arange(4).reshape(1, 2, 2, 1),
        100 * np.arange(4).reshape(2, 1, 1, 2),
        np.array([1, 2]),
        3,
        "same",
    )
    text = exercise_of(scaled, case)(lambda *case: case[0]).text
    shown = text.split(":\n\n", 1)[1].split("\n\nexpected")[0]
    assert [line.rstrip() for line in shown.split("\n")] == [
        "x[0, :, :, 0]    x[0, :, :, 1]    kernel[:, :, 0, 0]    kernel[:, :, 1, 0]    "
        "weight[0, 0, :, :]",
        " 0  2             1  3              0  20                10  30                  0  100",
        " 4  6             5  7",
        "",
        "weight[1, 0, :, :]    bias = [1, 2]    stride = 3    padding = 'same'",
        " 200  300",
    ]


def test_the_plane_of_a_4d_answer_that_is_wrong_is_shown(exercise_of):
    x = np.arange(8).reshape(1, 2, 2, 2)

    def late(x):
        x = x.copy()
        x[0, 1, 0, 1] += 50
        return x

    text = exercise_of(lambda x: x, (x,))(late).text
    assert (
        "expected[0, :, :, 1]    got[0, :, :, 1]\n"
        " 1  3                     1   3\n"
        "[5] 7                   [55]  7\n"
        "[n] differs"
    ) in text
    of_grid = exercise_of(lambda x: x, (x,), grid=(0, 1))(late).text
    assert "expected[:, :, 0, 1]    got[:, :, 0, 1]\n 1 [5]                    1 [55]\n" in of_grid


def test_at_most_twenty_printed_lines_are_shown(double):
    def prints(lines):
        return double(lambda X: print(*range(lines), sep="\n") or X).text

    numbers = "On this case it printed:\n" + "\n".join(map(str, range(20)))
    for lines in (20, 21, 500):
        assert f"{numbers}\n\nDone" in prints(lines)
    assert "\n18\n\nDone" in prints(19)


def test_grids_stand_beside_each_other_up_to_100_characters(exercise_of):
    """A block and the gap after it count; what would be wider goes below."""

    def beside(columns):
        ones = np.full((1, columns), 10)
        text = exercise_of(lambda X: X, (ones,))(lambda X: X + 1).text
        return re.search(r"expected +got\n", text) is not None

    # Each cell takes four characters, and each of the two grids a gap of four.
    assert beside(11)  # 2 * (11 * 4 + 4) = 96
    assert not beside(12)  # 104


@pytest.mark.parametrize(("blocks", "rows"), [((46, 46), 1), ((46, 47), 2), ((99,), 1)])
def test_exactly_100_characters_fit_in_a_row(blocks, rows):
    text = marking._side_by_side([["#" * width] for width in blocks])
    assert len(text.split("\n\n")) == rows


def test_a_grid_of_the_wrong_shape_is_shown_up_to_400_cells(double):
    assert "got\n" in double(lambda X: np.ones((20, 20))).text
    assert "got\n" not in double(lambda X: np.ones((1, 401))).text
    assert "got\n" not in double(lambda X: np.ones((1, 2, 1))).text


def test_a_long_answer_is_quoted_by_its_first_80_characters(double):
    text = double(lambda X: "2 4 " * 100).text
    assert f"it is this str: {repr('2 4 ' * 100)[:80]}\n" in text
    assert f"You gave {str(list(range(99)))[:80]}" in checks.grown(list(range(99))).text


@pytest.mark.parametrize(
    ("number", "written"),
    [(-0.0, "0"), (0.1 + 0.2, "0.3"), (1234567, "1.23457e+06"), (np.bool_(True), "True")],
)
def test_numbers_are_written_to_six_digits_and_zero_without_a_sign(number, written):
    assert marking._number(np.asarray(number)[()]) == written


def test_a_function_that_exits_or_takes_too_long_is_not_run_again(double, monkeypatch):
    monkeypatch.setattr(marking, "SECONDS", 0.1)
    for answer in (exits, endless):
        calls = []
        double(lambda X, answer=answer, calls=calls: calls.append(X) or answer(X))
        assert len(calls) == 1


def test_a_mistake_needs_the_same_answer_in_every_case(exercise_of):
    """What cannot be computed with the mistake has to stop the reader's function too."""
    cases = (np.array([[1, 2]]),), (np.array([[1, 2], [3, 4], [5, 6]]),)
    to_third = {Mistake("third row", "?"): lambda X: X[[2]]}
    exercise = exercise_of(lambda X: 2 * X, *cases, mistakes=to_third)
    kind, mistake, text = exercise(lambda X: X[[2]])
    assert (kind, mistake) == ("stopped", None)  # the first case shows the error, and no name
    assert "IndexError" in text
    assert exercise(lambda X: X[[2]] if len(X) > 1 else X)[:2] == ("wrong", None)


def test_a_kernel_that_ends_does_not_wait_for_an_answer(double):
    before, during = set(enumerate_threads()), set()
    double(lambda X: during.update(enumerate_threads()) or 2 * X)
    assert during - before
    assert all(thread.daemon for thread in during - before)


@pytest.mark.parametrize(
    ("shape", "asked"),
    [((), "one number"), ((2,), "2 numbers"), ((3, 2), "3 pairs of numbers")],
)
def test_a_value_of_another_shape_is_told_what_is_asked(exercise_of, shape, asked):
    exercise = exercise_of(lambda: np.ones(shape))
    exercise.cases = [()]
    assert exercise([1, 2, 3, 4]).text.startswith(f"Please give {asked}. You gave [1, 2, 3, 4].")


def test_a_mistake_in_one_case_and_dots_in_another_get_no_name(exercise_of):
    mistake = {Mistake("no doubling", "?"): lambda x: x}
    exercise = exercise_of(lambda x: 2 * x, (1,), (2,), mistakes=mistake)
    assert exercise(lambda x: x if x == 1 else ...)[:2] == ("wrong", None)
