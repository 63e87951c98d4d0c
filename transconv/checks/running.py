"""An answer is run where it can be given up: on a thread of its own, whatever it does.

No exception of the answer comes out of `run`, and nothing that it changes for all of Python stays
changed. An answer that takes too long is interrupted. If that is no use, as it sleeps or is in a
long call of a library written in C, its thread is left behind, and ends when that call returns.
What holds Python's own lock for long (a power of enormous numbers) holds this file up as well.
"""

import builtins
import ctypes
import inspect
import sys
import traceback
import warnings
from collections.abc import Iterable, Mapping, Set
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from copy import deepcopy
from io import StringIO
from itertools import islice
from numbers import Number
from pathlib import Path
from threading import Thread
from time import monotonic
from typing import NamedTuple

import numpy as np

SECONDS = 2  # for one case; the cases are small, a right answer takes milliseconds
PATIENCE = 1  # seconds, for an interrupted answer to come to its end
LINES, COLUMNS = 20, 200  # of what an answer prints or raises
LARGEST = 10**6  # numbers in a result; of a larger one only the shape is kept
LONGEST = 10**5  # items that are taken of an iterator
TOO_LONG = (
    "Your function had not finished after some seconds, and was stopped. Does every loop in it "
    "come to an end?"
)
EXIT = "Your function asked Python to exit. Let it return its answer instead."
ASKED = "Your function calls `input`, so it was you who was being asked. Use its arguments instead."
NOTHING = "Your function returned None on this case. Has it no `return`, or does it return None?"
STILL = "On this case it still returns "
UNTOUCHED = f"{STILL}`...`."


class Run(NamedTuple):
    """One call of the reader's function."""

    result: object  # an array, and a copy: the next call may use the same memory
    trouble: str | None  # why there is no result
    changed: list  # which of its arguments the function changed
    printed: str


class _TooLong(SystemExit):
    """No Exception, lest the reader's `except Exception` stops it; a thread may end with it."""


class _Asked(Exception):
    """The answer has called `input`."""


class _Printed(StringIO):
    """Keeps the start of what is printed, and stays open."""

    def write(self, text):
        if self.tell() < LINES * COLUMNS:
            super().write(text[: LINES * COLUMNS])
        return len(text)

    def close(self):
        pass


def run(function, arguments, seconds=None, kinds="biuf"):
    """A Run with copies of the arguments; `kinds` are the NumPy kinds that a result may have."""
    given, ends = deepcopy(arguments), []

    def work():
        with suppress(_TooLong):
            ends.append(_call(function, given, kinds))

    worker = Thread(target=work, daemon=True)
    with _guarded(function) as printed:
        worker.start()
        try:
            worker.join(SECONDS if seconds is None else seconds)
        finally:  # also if the reader presses stop
            _stop(worker)
    pairs = enumerate(zip(arguments, given, strict=True))
    changed = [i for i, (before, after) in pairs if not np.array_equal(before, after)]
    return Run(*(ends[0] if ends else (None, TOO_LONG)), changed, clipped(printed.getvalue()))


def _stop(worker):
    """Interrupt a thread until it ends: a bare `except:` may swallow it. Or leave it behind.

    Not by a signal, as those exist on the main thread and on Unix only.
    """
    until = monotonic() + PATIENCE
    while worker.is_alive() and monotonic() < until:
        ident, too_long = ctypes.c_ulong(worker.ident), ctypes.py_object(_TooLong)
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ident, too_long)
        worker.join(0.1)


@contextmanager
def _guarded(function):
    """Keep what is printed; put back what an answer can change for all of Python."""
    names = getattr(function, "__globals__", {})
    # Jupyter's own `exit` ends the kernel, and raises nothing: let it be Python's meanwhile.
    jupyter = {n: names[n] for n in ("exit", "quit") if "autocall" in type(names.get(n)).__module__}
    python, limit, printed = vars(builtins).copy(), sys.getrecursionlimit(), _Printed()
    with redirect_stdout(printed), redirect_stderr(printed), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # they would name the line here that called
        names.update(dict.fromkeys(jupyter, sys.exit))
        builtins.input = _ask
        try:
            yield printed
        finally:
            vars(builtins).update(python)
            names.update(jupyter)
            sys.setrecursionlimit(limit)


def _ask(*prompt):
    raise _Asked


def _call(function, arguments, kinds):
    """(the result as an array, None), or (None, the trouble in words)."""
    try:
        return _as_array(function(*arguments), kinds)
    except _TooLong:
        raise
    except SystemExit:
        return None, EXIT
    except _Asked:
        return None, ASKED
    except BaseException as error:
        return None, _explained(error, function)


def _explained(error, function):
    """An exception in words, with the line of the reader's own code that raised it."""
    what = clipped(f"{type(error).__name__}: {_text(error, str)}")
    file = getattr(getattr(function, "__code__", None), "co_filename", __file__)
    home = Path(file).parent  # the cells of a notebook share one
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if Path(frame.filename).parent == home]
    if not own or home == Path(__file__).parent:
        return f"Your answer could not be used:\n    {what}"
    return f"Your code stopped in line {own[-1].lineno}:\n    {clipped(own[-1].line)}\n{what}"


def _as_array(result, kinds):
    """(a copy of the result as an array, None), or (None, what is wrong with it)."""
    if result is None:
        return None, NOTHING
    if holds_dots(result):
        shown = clipped(_text(result).replace("Ellipsis", "`...`"))
        return None, UNTOUCHED if holds_dots(result, all) else f"{STILL}{shown}."
    if inspect.iscoroutine(result):
        result.close()  # or Python would warn that nobody has waited for it
    if isinstance(result, np.ndarray) and result.size > LARGEST:
        return np.broadcast_to(np.nan, result.shape), None
    try:
        array = np.array(result)
        one = array.ndim == 0 and array.dtype == object
        if one and isinstance(result, Iterable) and not isinstance(result, (Mapping, Set)):
            array = np.array(list(islice(result, LONGEST)))
    except ValueError:
        return None, f"The parts of your answer are not all equally long: {_text(result):.80}"
    if array.dtype == object and all(isinstance(number, Number) for number in array.flat):
        array = array.astype(float)  # fractions, for one
    if array.dtype.kind == "c" and not array.imag.any():
        array = array.real
    if array.dtype.kind not in kinds:
        kind, text = type(result).__name__, _text(result)
        return None, f"Your answer should be made of numbers, but it is this {kind}: {text:.80}"
    return array, None


def holds_dots(answer, which=any, depth=3):
    """Whether some of the answer, or `all`, is still the `...` of the exercise."""
    if isinstance(answer, dict):
        answer = list(answer.values())
    if isinstance(answer, (list, tuple)) and depth:
        return which(holds_dots(part, which, depth - 1) for part in answer)
    return answer is ...


def _text(value, as_text=repr):
    """A value as text, even if that fails."""
    try:
        return as_text(value)
    except _TooLong:
        raise
    except BaseException:
        return f"({type(value).__name__}, which cannot be written as text)"


def clipped(text):
    """The start of a text: some lines, and of each some characters."""
    return "\n".join(line[:COLUMNS] for line in text.splitlines()[:LINES])
