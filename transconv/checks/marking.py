"""How an exercise is marked: run the reader's answer, compare, and say kindly what came of it.

An exercise is a reference and the known mistakes; there are two kinds, `Value` and `Function`.
Calling one prints plain text and goes on, whatever the answer is or does: no traceback comes out.
"""

import inspect
import warnings
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain
from time import monotonic
from typing import NamedTuple

import numpy as np

from transconv.checks import running
from transconv.checks.mistakes import QUESTIONS, questions
from transconv.checks.running import EXIT, STILL, TOO_LONG, UNTOUCHED, Run, holds_dots, run

BUDGET = 5  # seconds, for all cases of an answer together
WIDEST = 100  # characters; grids that do not fit beside each other go below
GAP = "    "
LARGEST = 400  # cells of a grid of the wrong shape that are worth a look
ATTEMPT = "Not attempted yet. Put your answer in the place of `...`, and run the cell again."
LESSONS: dict[str, list] = {}


class Outcome(NamedTuple):
    """What came of an answer."""

    kind: str  # "not attempted", "right", "wrong", or "stopped" if there was nothing to compare
    mistake: str | None  # the name of the known mistake that was recognised
    text: str  # what was printed

    def __repr__(self):
        return self.text

    def _ipython_display_(self):
        """Nothing: the text has been printed already."""


@dataclass(eq=False, kw_only=True)
class Exercise:
    """An exercise with all that is known about it; call it with the answer.

    It has the name of `reference`, the right answer, whose docstring says in a line what the reader
    knows now who got it right; then, what to ask who makes a mistake that only this exercise knows,
    as in `mistakes.QUESTIONS`.
    """

    reference: Callable
    mistakes: dict  # for each name, what one answers who makes it; if in several ways, a list
    lesson: str  # the notebook that it is in
    done: bool = field(default=False, init=False)

    def __post_init__(self):
        self.name = self.reference.__name__
        self.shows, _, own = inspect.getdoc(self.reference).partition("\n\n")
        asked = QUESTIONS | questions(own)
        self.questions = {mistake: asked[mistake] for mistake in self.mistakes}
        LESSONS.setdefault(self.lesson, []).append(self)

    def __call__(self, *answers, **named):
        """Mark the answer, print the outcome and how many exercises are done, and return it."""
        answers += tuple(named.pop(name) for name in tuple(named) if name == "answer")
        kind, mistake = "stopped", None
        if len(answers) != 1 or named:
            text = f"A check takes one answer, by its name: checks.{self.name}({self.name})"
        else:
            try:
                kind, mistake, text = self._mark(*answers)
            except Exception as error:
                what = type(error).__name__
                text = f"This answer cannot be marked: it leads to an error ({what}) in the check."
        self.done = kind == "right"
        lesson = LESSONS[self.lesson]
        text += f"\nDone in this notebook: {sum(e.done for e in lesson)} of {len(lesson)}"
        with suppress(OSError, ValueError):  # the answer may have closed what is printed to
            print(text)
        return Outcome(kind, mistake, text)

    def wrong_answers(self):
        """(mistake, answer) pairs: some mistakes can be made in several ways."""
        for mistake, ways in self.mistakes.items():
            for wrong in ways if isinstance(ways, list) else [ways]:
                yield mistake, wrong

    def _recognised(self, agrees):
        """The mistake whose answer `agrees` with the reader's, if there is just one; and words."""
        fitting = {mistake for mistake, wrong in self.wrong_answers() if agrees(wrong)}
        if len(fitting) != 1:
            return None, ""
        (mistake,) = fitting
        known = f"\n\nThis looks like a known mistake: {mistake}.\n{self.questions[mistake]}"
        return mistake, known


def in_lesson(lesson):
    """Two decorators, for a question for a value and one for a function: they make exercises."""

    def of_kind(kind):
        return lambda **known: lambda reference: kind(reference=reference, lesson=lesson, **known)

    return of_kind(Value), of_kind(Function)


@dataclass(eq=False, kw_only=True)
class Value(Exercise):
    """An exercise that asks for numbers, in whatever brackets.

    What was expected is never shown: that would end the exercise with the first guess.
    """

    read: Callable = lambda answer: answer  # makes of the answer what `reference` returns
    says: Callable = lambda got, differs: _said(got, differs)  # a wrong answer in words
    counted: bool = True  # whether the reader may know how many numbers are asked for

    def _mark(self, answer):
        if answer is None:
            return "stopped", None, "The answer is None. Put a number there."
        given = run(lambda: answer if holds_dots(answer) else self.read(answer), ())
        if given.trouble:
            if given.trouble.startswith(STILL):
                return "not attempted", None, ATTEMPT
            return "stopped", None, given.trouble
        got, expected = given.result, np.ravel(self.reference())
        if got.size == expected.size:
            got = got.ravel()
        if same(got, expected):
            return "right", None, f"Right. {self.shows}"
        mistake, known = self._recognised(lambda wrong: _is_value(wrong, got))
        if got.shape == expected.shape:
            text = self.says(got, ~_close(got, expected))
        elif self.counted:
            gave = in_words(got.shape) if got.size > LARGEST else f"{got.tolist()!r:.80}"
            text = f"Please give {in_words(expected.shape)}. You gave {gave}."
        else:
            text = f"Not yet. You gave {in_words(got.shape)}. How many should there be?"
        return "wrong", mistake, text + known + "\n"


@dataclass(eq=False, kw_only=True)
class Function(Exercise):
    """An exercise that asks for a function, with the arguments that `reference` has."""

    cases: list  # the arguments to try, each a tuple; the smallest is tried first
    also: Callable = lambda answer: None  # what is missing of an answer that is right, or None
    grid: tuple = (1, 2)  # of a 4-D answer, the axes that are shown as rows and columns

    def __post_init__(self):
        super().__post_init__()
        self.cases = sorted(self.cases, key=_size)
        self.parameters = list(inspect.signature(self.reference).parameters)
        self.expected = [np.asarray(self.reference(*case)) for case in self.cases]

    def _mark(self, answer):
        if answer is ...:
            return "not attempted", None, ATTEMPT
        if not callable(answer):
            call = f"checks.{self.name}({self.name})"
            text = f"This exercise takes a function. Hand over the function itself: {call}"
            return "stopped", None, text
        own = None
        with suppress(TypeError, ValueError):  # a function need not tell
            own = inspect.signature(answer)
            own.bind(*self.parameters)
            own = None
        if own:
            takes = ", ".join(self.parameters)
            return "stopped", None, f"Your function takes {own}, and should take ({takes})."
        runs, undone = self._runs(answer), self._undone(answer)
        if not undone and all(given.trouble == UNTOUCHED for given in runs):
            return "not attempted", None, ATTEMPT
        for case, given, expected in zip(self.cases, runs, self.expected, strict=False):
            if given.trouble or not same(given.result, expected):
                return self._wrong(case, given, expected, runs, undone)
        changed = [self.parameters[i] for given in runs for i in given.changed]
        if changed:
            text = (
                f"The numbers are right, but your function changes its argument {changed[0]}, "
                f"which its caller may still need. Let it work on a copy: {changed[0]}.copy()"
            )
            return "wrong", "argument changed", text
        missing = self.also(answer)
        return ("wrong", None, missing) if missing else ("right", None, f"Right. {self.shows}")

    def _runs(self, answer):
        """A Run for each case, as long as there is time and sense in another."""
        runs, until = [], monotonic() + BUDGET
        kinds = "biuf" + "".join(expected.dtype.kind for expected in self.expected)
        for case, expected in zip(self.cases, self.expected, strict=True):
            given = run(answer, case, min(running.SECONDS, max(until - monotonic(), 0.01)), kinds)
            runs.append(given if given.trouble else _fitted(given, expected))
            if given.trouble in (TOO_LONG, EXIT):
                break
        return runs

    def _undone(self, answer):
        """What to say if the reader's function calls that of an exercise which is not done."""
        called = getattr(getattr(answer, "__code__", None), "co_names", ())
        for e in LESSONS[self.lesson]:
            if e.name in called and e is not self and not e.done:
                return f"\nIt uses {e.name}, an exercise that is not done yet.\n"
        return ""

    def _wrong(self, case, given, expected, runs, undone):
        """(kind, mistake, text): what to say about the smallest case that goes wrong."""
        parts = ["Not yet. The smallest case that goes wrong:", self._case(case)]
        mistake = None
        if given.trouble:
            parts += [given.trouble]
        else:
            mistake, known = self._recognised(lambda wrong: self._agrees(wrong, runs))
            parts += [self._compared(given.result, expected) + known]
            if not mistake and same(given.result.ravel(), expected.ravel()):
                parts += ["The numbers, in reading order, are right."]
        if given.changed:
            changed = ", ".join(self.parameters[i] for i in given.changed)
            parts += [f"Your function also changes its argument {changed}. Let it work on a copy."]
        if given.printed:
            parts += [f"On this case it printed:\n{given.printed}"]
        kind = "stopped" if given.trouble else "wrong"
        return kind, mistake, "\n\n".join(parts) + "\n" + undone

    def _agrees(self, wrong, runs):
        """Whether a wrong answer is the reader's on every case, and stops where that does."""

        def alike(answer, given):
            if answer is None or given.trouble:
                return answer is None and bool(given.trouble)
            return same(given.result, answer)

        answers = [answered(wrong, case) for case in self.cases]
        return len(runs) == len(answers) and all(map(alike, answers, runs))

    def _case(self, case):
        """The arguments of a case, side by side."""
        blocks = []
        for name, value in zip(self.parameters, case, strict=True):
            if np.ndim(value) < 2:
                plain = value.tolist() if isinstance(value, np.ndarray) else value
                blocks.append([f"{name} = {plain!r}"])
            else:
                axes = {"kernel": (0, 1), "weight": (2, 3)}.get(name, (1, 2))
                planes = _planes(value, axes)
                blocks += [[name + where, *_lines(value[index])] for index, where in planes]
        return _side_by_side(blocks)

    def _compared(self, got, expected):
        """The expected and the reader's answer."""
        both = {"expected": np.atleast_2d(expected), "got": np.atleast_2d(got)}
        if got.shape != expected.shape:
            of = [str(a) if a.dtype.kind == "U" else in_words(a.shape) for a in (expected, got)]
            text = f"It should return {of[0]}. You returned {of[1]}."
            if max(got.ndim, expected.ndim) > 2 or got.size > LARGEST:
                return text
            return f"{text}\n\n" + _side_by_side([[of, *_lines(both[of])] for of in both])
        differs = ~_close(both["got"], both["expected"])
        index, name = next((i, w) for i, w in _planes(differs, self.grid) if differs[i].any())
        blocks = [[of + name, *_lines(both[of][index], differs[index])] for of in both]
        return _side_by_side(blocks) + "\nIn brackets: what differs"


def in_braces(*names):
    """What reads an answer that is a dict: its numbers, in the order of the names."""

    def read(answer):
        if not isinstance(answer, dict) or set(answer) != set(names):
            raise TypeError("keep the braces and the names, and replace the dots alone")
        return np.concatenate([np.ravel(answer[name]) for name in names])

    return read


def _fitted(given, expected):
    """A Run as the exercise asks for it: one number out of all brackets; True or False."""
    got = given.result
    if expected.dtype == bool and (got.dtype != bool or got.size != 1):
        words = f"It should return True or False. On this case it returns {got.tolist()!r:.80}."
        return Run(None, words, given.changed, given.printed)
    alone = expected.ndim == 0 and got.size == 1
    return given._replace(result=got.reshape(())) if alone else given


def _is_value(wrong, got):
    """Whether what one says who makes a mistake is what the reader says."""
    answer = answered(wrong, ()) if callable(wrong) else np.asarray(wrong)
    return answer is not None and same(got.ravel(), answer.ravel())


def _size(case):
    """Of two cases, the one with fewer cells and smaller numbers is the smaller."""
    return sum(value if isinstance(value, int) else np.size(value) for value in case)


def answered(function, case):
    """What a known mistake answers to a case; None if that cannot be computed."""
    with warnings.catch_warnings(), suppress(Exception):
        warnings.simplefilter("ignore")
        return np.asarray(function(*case))
    return None


def same(got, expected):
    """Whether two answers agree, to the rounding of float32."""
    return got.shape == expected.shape and bool(_close(got, expected).all())


def _close(got, expected):
    if "U" in (got.dtype.kind, expected.dtype.kind):  # words
        return got == expected
    largest = max(1, np.abs(expected.astype(float)).max(initial=0))
    return np.isclose(got.astype(float), expected, rtol=1e-5, atol=1e-5 * largest)


def in_words(shape):
    """The shape of an answer, as a beginner says it."""
    if len(shape) > 2:
        return f"{len(shape)} axes of {', '.join(map(str, shape))} cells"
    if shape in ((), (1,)):
        return "one number"
    units = ("row", "column") if len(shape) == 2 else ("number",)
    pairs = zip(shape, units, strict=True)
    return " and ".join(f"{n} {unit}{'s' * (n != 1)}" for n, unit in pairs)


def _planes(array, axes):
    """(index, its name) of each 2-D grid in an array; of a 4-D one, along `axes`."""
    if array.ndim == 2:
        yield ..., ""
        return
    shape = [1 if axis in axes else n for axis, n in enumerate(array.shape)]
    for others in np.ndindex(*shape):
        index = tuple(slice(None) if a in axes else n for a, n in enumerate(others))
        yield index, f"[{', '.join(':' if a in axes else str(n) for a, n in enumerate(others))}]"


def _lines(grid, marked=None):
    """The rows of a 2-D grid as text, marked cells in brackets."""
    marked = np.zeros(np.shape(grid), bool) if marked is None else marked
    cells = [
        [f"[{_number(n)}]" if m else f" {_number(n)} " for n, m in zip(*row, strict=True)]
        for row in zip(grid, marked, strict=True)
    ]
    width = max(map(len, chain(*cells)), default=0)
    return ["".join(cell.rjust(width) for cell in row) for row in cells] or ["(empty)"]


def _number(n):
    # + 0: no minus before a zero
    return str(n) if isinstance(n, (np.bool_, np.str_)) else f"{n + 0:.6g}"


def _side_by_side(blocks):
    """Blocks of lines in one row, or in as many rows as are needed."""
    rows, used = [], WIDEST
    for block in blocks:
        width = max(map(len, block)) + len(GAP)
        if used + width > WIDEST:
            rows.append([])
            used = 0
        rows[-1].append([line.ljust(width) for line in block])
        used += width
    texts = []
    for row in rows:
        lines = max(map(len, row))
        full = [block + [" " * len(block[0])] * (lines - len(block)) for block in row]
        texts.append("\n".join("".join(parts).rstrip() for parts in zip(*full, strict=True)))
    return "\n\n".join(texts)


def _said(got, differs):
    """A wrong answer to a question for a value."""
    if got.size == 1:
        return f"Not yet: {_number(got[0])} is not it."
    marked = _lines(got[None], differs[None])
    return "\n".join(["Not yet. You said", *marked, "In brackets: what is not right"])
