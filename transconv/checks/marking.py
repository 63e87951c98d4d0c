"""How an exercise is marked: run the reader's answer, compare, and say kindly what came of it.

`Exercise` is data: a reference, cases and known mistakes; `checks` fills it in. Calling one prints
plain text and goes on, whatever the answer does: no traceback comes out of here.
"""

import ctypes
import inspect
import sys
import traceback
from collections.abc import Callable
from contextlib import contextmanager, redirect_stdout
from copy import deepcopy
from dataclasses import dataclass, field
from io import StringIO
from itertools import chain
from pathlib import Path
from threading import Event, Lock, Thread, get_ident
from typing import NamedTuple

import numpy as np

SECONDS = 2  # for one case; the cases are small, a right answer takes milliseconds
WIDEST = 100  # characters; grids that do not fit beside each other go below
GAP = "    "
LARGEST = 400  # cells of a grid of the wrong shape that are worth a look
ATTEMPT = "Not attempted yet. Put your answer in the place of `...`, and run the cell again."
TOO_LONG = (
    f"Your function had not finished after {SECONDS} seconds, and was stopped. Does every loop in "
    "it come to an end?"
)
EXIT = "Your function asked Python to exit. Let it return its answer instead."
NOTHING = (
    "Your function returned None on this case. Does it return None itself, or end without a return?"
)


class Mistake(NamedTuple):
    """A wrong idea that people do have.

    Attributes
    ----------
    name : str
    question : str
        Leads out of it, without giving the answer away.
    """

    name: str
    question: str


class Outcome(NamedTuple):
    """What came of an answer.

    Attributes
    ----------
    kind : "not attempted", "right", "wrong", or "stopped" if there was no answer to compare
    mistake : str or None
        The name of the known mistake that was recognised.
    text : str
        What was printed.
    """

    kind: str
    mistake: str | None
    text: str

    def _ipython_display_(self):
        """Nothing: the text has been printed already."""


@dataclass(eq=False)
class Exercise:
    """An exercise with all that is known about it; call it with the answer.

    Attributes
    ----------
    name : str
    lesson : str
        The notebook that it is in.
    reference : callable
        The right answer. Its arguments are those of the reader's function; if it has none, the
        exercise asks for a value.
    mistakes : dict of Mistake to callable, or to a tuple of callables
        For each mistake that one can make here, what one then answers.
    shows : str
        What the reader knows now who got it right.
    cases : list of tuple
        The arguments to try. They are sorted: the smallest is tried first.
    read : callable
        Turns the answer to a question for a value into what `reference` returns; `says` puts a
        wrong one into words.
    also : callable
        Called with an answer that is right; returns None, or what is still missing.
    grid : (int, int)
        Of a 4-D answer, the axes that are shown as rows and columns.
    """

    name: str
    lesson: str
    reference: Callable
    mistakes: dict
    shows: str
    cases: list = field(default_factory=lambda: [()])
    read: Callable = lambda answer: answer
    says: Callable = lambda got, differs: _said(got, differs)
    also: Callable = lambda answer: None
    grid: tuple = (1, 2)
    done: bool = field(default=False, init=False)

    def __post_init__(self):
        self.cases.sort(key=_size)
        LESSONS.setdefault(self.lesson, []).append(self)

    @property
    def parameters(self):
        """The names of the arguments that the reader's function takes."""
        return list(inspect.signature(self.reference).parameters)

    def __call__(self, answer):
        """Mark the answer, print the outcome and how many exercises are done, and return it."""
        kind, mistake, text = self._mark(answer)
        self.done = kind == "right"
        lesson = LESSONS[self.lesson]
        text += f"\nDone in this notebook: {sum(e.done for e in lesson)} of {len(lesson)}"
        print(text)
        return Outcome(kind, mistake, text)

    def _mark(self, answer):
        """(kind, mistake, text) of an answer."""
        if _missing(answer):
            return "not attempted", None, ATTEMPT
        if answer is None and not self.parameters:
            return "stopped", None, "The answer is None. Put a number there."
        if self.parameters and not callable(answer):
            call = f"checks.{self.name}({self.name})"
            text = f"This exercise takes a function. Hand over the function itself: {call}"
            return "stopped", None, text
        runs = []
        for case in self.cases:
            runs.append(run(self._function(answer), case))
            if runs[-1].trouble in (TOO_LONG, EXIT):
                break
        undone = self._undone(answer)
        if not undone and all(_missing(given.result, all) for given in runs):
            return "not attempted", None, ATTEMPT
        for case, given in zip(self.cases, runs, strict=False):
            expected = np.asarray(self.reference(*case))
            if given.trouble or not same(given.result, expected):
                kind, mistake, text = self._wrong(case, given, expected, runs)
                return kind, mistake, text + undone
        changed = next((given.changed for given in runs if given.changed), [])
        if changed:
            name = self.parameters[changed[0]]
            text = (
                f"The numbers are right, but your function changes its argument {name}, which its "
                f"caller may still need. Let it work on a copy: {name} = {name}.copy()"
            )
            return "wrong", "argument changed", text
        missing = self.also(answer)
        if missing:
            return "wrong", None, missing
        return "right", None, f"Right. {self.shows}"

    def _undone(self, answer):
        """What to say if the reader's function calls that of an exercise which is not done."""
        called = getattr(getattr(answer, "__code__", None), "co_names", ())
        for e in LESSONS[self.lesson]:
            if e.name in called and e is not self and not e.done:
                return f"\nIt uses {e.name}, an exercise that is not done yet.\n"
        return ""

    def _function(self, answer):
        if self.parameters:
            return answer
        return lambda: self.read(answer)

    def _wrong(self, case, given, expected, runs):
        """(kind, mistake, text): what to say about the smallest case that goes wrong."""
        parts = []
        if self.parameters:
            parts = ["Not yet. The smallest case that goes wrong:", self._case(case)]
        mistake = None if given.trouble else self._recognised(runs)
        if given.trouble:
            parts += [given.trouble]
        else:
            parts += [self._compared(given.result, expected)]
            if mistake:
                parts += [f"This looks like a known mistake: {mistake.name}.\n{mistake.question}"]
            elif same(given.result.ravel(), expected.ravel()):
                parts += ["The numbers, in reading order, are right."]
        if given.changed:
            changed = ", ".join(self.parameters[i] for i in given.changed)
            parts += [f"Your function also changes its argument {changed}. Let it work on a copy."]
        if given.printed:
            parts += [f"On this case it printed:\n{given.printed}"]
        kind = "stopped" if given.trouble else "wrong"
        return kind, mistake and mistake.name, "\n\n".join(parts) + "\n"

    def _recognised(self, runs):
        """The mistake that answers every case as the reader did, if there is just one."""
        if len(runs) < len(self.cases):
            return None
        fitting = {
            mistake
            for mistake, wrong in self.wrong_answers()
            if all(map(_agree, (run(wrong, case) for case in self.cases), runs))
        }
        return fitting.pop() if len(fitting) == 1 else None

    def wrong_answers(self):
        """(mistake, function) pairs: some mistakes can be made in several ways."""
        for mistake, ways in self.mistakes.items():
            for wrong in ways if isinstance(ways, tuple) else (ways,):
                yield mistake, wrong

    def _case(self, case):
        """The arguments of a case, side by side."""
        blocks = []
        for name, value in zip(self.parameters, case, strict=True):
            if np.ndim(value) < 2:
                blocks.append([f"{name} = {np.asarray(value).tolist()!r}"])
            else:
                axes = {"kernel": (0, 1), "weight": (2, 3)}.get(name, (1, 2))
                planes = list(_planes(np.asarray(value), axes))
                blocks += [[name + where, *_lines(value[index])] for index, where in planes]
        return _side_by_side(blocks)

    def _compared(self, got, expected):
        """The expected and the reader's answer; of a value, the reader's alone.

        The only case of a value is the question itself: to print what was expected would end the
        exercise with the first guess.
        """
        if got.shape != expected.shape:
            return self._shapes(got, expected)
        differs = ~_close(got, expected)
        if not self.parameters:
            return self.says(got, differs)
        if got.ndim < 2:
            got, expected, differs = map(np.atleast_2d, (got, expected, differs))
        where = next((i, w) for i, w in _planes(got, self.grid) if differs[i].any())
        index, name = where
        blocks = [
            ["expected" + name, *_lines(expected[index], differs[index])],
            ["got" + name, *_lines(got[index], differs[index])],
        ]
        return _side_by_side(blocks) + "\n[n] differs"

    def _shapes(self, got, expected):
        if not self.parameters:
            return f"Please give {_amount(expected.shape)}. You gave {got.tolist()!r:.80}."
        text = f"The shape should be {expected.shape}. Yours is {got.shape}."
        if max(got.ndim, expected.ndim) > 2 or got.size > LARGEST:
            return text
        both = {"expected": expected, "got": got}
        grids = [[title, *_lines(np.atleast_2d(grid))] for title, grid in both.items()]
        return f"{text}\n\n{_side_by_side(grids)}"


LESSONS: dict[str, list[Exercise]] = {}


class Run(NamedTuple):
    """One call of the reader's function: its result, or the trouble that it had."""

    result: object
    trouble: str | None
    changed: list
    printed: str


class _TooLong(BaseException):
    """Not an Exception, lest the reader's own `except Exception` stops it."""


def run(function, case):
    """Call the function with copies of the case, and put whatever it does into words."""
    arguments, printed = deepcopy(case), StringIO()
    result = trouble = None
    try:
        with redirect_stdout(printed), _python_exit(function):
            result = _in_time(function, arguments)
    except _TooLong:
        trouble = TOO_LONG
    except SystemExit:
        trouble = EXIT
    except KeyboardInterrupt:
        raise  # the reader has pressed stop
    except BaseException as error:
        trouble = _explained(error, function)
    else:
        if _missing(result):
            trouble = f"On this case it still returns {result!r}.".replace("Ellipsis", "`...`")
        else:
            result, trouble = _as_numbers(result)
    changed = [
        i
        for i, (before, after) in enumerate(zip(case, arguments, strict=True))
        if not np.array_equal(before, after)
    ]
    return Run(result, trouble, changed, "\n".join(printed.getvalue().splitlines()[:20]))


def _in_time(function, arguments):
    """The function's result; raises _TooLong in it if it takes longer than SECONDS.

    Not by a signal, as those exist on the main thread and on Unix only.
    """
    caller, over, lock = ctypes.c_ulong(get_ident()), Event(), Lock()

    def interrupt():
        wait = SECONDS
        while not over.wait(wait):
            with lock:
                if not over.is_set():
                    raise_in_thread(caller, ctypes.py_object(_TooLong))
            wait = 0.2  # again, if a bare `except:` in a loop has swallowed it

    raise_in_thread = ctypes.pythonapi.PyThreadState_SetAsyncExc
    Thread(target=interrupt, daemon=True).start()
    try:
        try:
            return function(*arguments)
        finally:
            with lock:
                over.set()  # one that is on its way arrives in this call, and no later
    except _TooLong:
        over.set()
        raise


@contextmanager
def _python_exit(function):
    """Jupyter's own `exit` ends the kernel, and raises nothing: let it be Python's meanwhile."""
    names = getattr(function, "__globals__", {})
    jupyter = {n: names[n] for n in ("exit", "quit") if "autocall" in type(names.get(n)).__module__}
    names.update(dict.fromkeys(jupyter, sys.exit))
    try:
        yield
    finally:
        names.update(jupyter)


def _explained(error, function):
    """An exception in words, with the line of the reader's own code that raised it."""
    what = f"{type(error).__name__}: {error}"
    file = getattr(getattr(function, "__code__", None), "co_filename", __file__)
    home = None if file == __file__ else Path(file).parent  # the cells of a notebook share one
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if Path(frame.filename).parent == home]
    if not own:
        return f"Your answer could not be used:\n    {what}"
    return f"Your code stopped in line {own[-1].lineno}:\n    {own[-1].line}\n{what}"


def _as_numbers(result):
    """(array, None), or (None, what is wrong with the result)."""
    if result is None:
        return None, NOTHING
    try:
        array = np.asarray(result)
    except ValueError:
        return None, f"The parts of your answer are not all equally long: {result!r:.80}"
    except Exception:
        array = np.array(None)
    if array.dtype.kind not in "biuf":
        kind = type(result).__name__
        return None, f"Your answer should be made of numbers, but it is this {kind}: {result!r:.80}"
    return array, None


def _agree(a, b):
    """Whether two runs answer alike; what cannot be computed with a mistake stops both."""
    if a.trouble or b.trouble:
        return bool(a.trouble) == bool(b.trouble)
    return same(a.result, b.result)


def _missing(answer, which=any):
    """Whether some of the answer, or `all`, is still the `...` of the exercise."""
    if isinstance(answer, dict):
        answer = list(answer.values())
    if isinstance(answer, (list, tuple)):
        return which(_missing(part, which) for part in answer)
    return answer is ...


def _size(case):
    """Of two cases, the one with fewer cells and smaller numbers is the smaller."""
    return sum(value if isinstance(value, int) else np.size(value) for value in case)


def same(got, expected):
    """Whether two answers agree, to the rounding of float32."""
    got, expected = np.asarray(got), np.asarray(expected)
    return got.shape == expected.shape and bool(_close(got, expected).all())


def _close(got, expected):
    largest = max(1, np.abs(expected.astype(float)).max(initial=0))
    return np.isclose(got.astype(float), expected, rtol=1e-5, atol=1e-5 * largest)


def _planes(array, axes):
    """(index, its name) of each 2-D grid in an array; of a 4-D one, along `axes`."""
    if array.ndim == 2:
        yield ..., ""
    else:
        rest = [n for axis, n in enumerate(array.shape) if axis not in axes]
        for others in np.ndindex(*rest):
            others = iter(others)
            index = [slice(None) if a in axes else next(others) for a in range(array.ndim)]
            name = ", ".join(":" if isinstance(i, slice) else str(i) for i in index)
            yield tuple(index), f"[{name}]"


def _lines(grid, marked=None):
    """The rows of a 2-D grid as text, marked cells in brackets."""
    marked = np.zeros(np.shape(grid), bool) if marked is None else marked
    cells = [
        [f"[{_number(n)}]" if m else f" {_number(n)} " for n, m in zip(*row, strict=True)]
        for row in zip(np.asarray(grid), marked, strict=True)
    ]
    width = max(map(len, chain(*cells)), default=0)
    return ["".join(cell.rjust(width) for cell in row) for row in cells] or ["(empty)"]


def _number(n):
    return str(n) if isinstance(n, np.bool_) else f"{n + 0:.6g}"  # + 0: no minus before a zero


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
    if got.ndim == 0:
        return f"Not yet: {_number(got)} is not it."
    marked = _lines(np.atleast_2d(got), np.atleast_2d(differs))
    return "\n".join(["Not yet. You said", *marked, "[n] is not right"])


def _amount(shape):
    return f"{shape[0]} {'pairs of ' * (len(shape) > 1)}numbers" if shape else "one number"
