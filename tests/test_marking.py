"""Marking: an answer may be and do anything; what is shown; when a mistake is recognised."""

import builtins
import gc
import re
import sys
import warnings
from itertools import count
from threading import Event, Thread
from threading import enumerate as enumerate_threads
from time import monotonic, sleep

import numpy as np
import pytest

from transconv.checks import marking, running
from transconv.checks.marking import LESSONS, Function, Value
from transconv.checks.mistakes import QUESTIONS, SPREAD_CASES, spread


@pytest.fixture
def _impatient(monkeypatch):
    monkeypatch.setattr(running, "SECONDS", 0.1)
    monkeypatch.setattr(running, "PATIENCE", 0.3)


@pytest.fixture
def exercise_of(monkeypatch):
    """Make an exercise, in a lesson of its own that is gone after the test."""
    monkeypatch.setattr(marking, "QUESTIONS", QUESTIONS | dict.fromkeys(("one", "other"), "Why?"))

    def make(reference, *cases, mistakes=None, kind=Function, **more):
        LESSONS["test"] = []  # an earlier one of the same test would be counted
        reference.__name__, reference.__doc__ = "double", "You can double."
        more |= {"cases": list(cases)} if kind is Function else {}
        return kind(reference=reference, lesson="test", mistakes=mistakes or {}, **more)

    yield make
    LESSONS.pop("test", None)


@pytest.fixture
def double(exercise_of):
    return exercise_of(lambda X: 2 * X, (np.array([[1, 2]]),), (np.array([[3.5, 4], [5, 6]]),))


@pytest.fixture
def seven(exercise_of):
    return exercise_of(lambda: 7, kind=Value)


def test_what_is_printed(double, capsys):
    outcome = double(lambda X: X + np.array([[1], [0]])[: len(X)])
    assert capsys.readouterr().out == outcome.text + "\n"
    assert outcome.text == (
        "Not yet. The smallest case that goes wrong:\n\n"
        "X\n 1  2\n\n"
        "expected    got\n 2 [4]       2 [3]\nIn brackets: what differs\n\n"
        "Done in this notebook: 0 of 1"
    )
    outcome = double(lambda X: X + X)
    assert outcome.text == "Right. You can double.\nDone in this notebook: 1 of 1"
    assert "0 of 1" in double(lambda X: X).text


BUFFER = np.zeros((9, 9))


def into_buffer(X):
    part = BUFFER[: len(X), : X.shape[1]]
    part[:] = 2 * X
    return part


def one_by_one(X):
    yield from 2 * X


@pytest.mark.parametrize(
    "answer",
    [
        lambda X: (2 * X).tolist(),
        lambda X: (2 * X).astype(np.float32),
        lambda X: 2 * X + 1e-6,
        lambda X: [tuple(row) for row in 2 * X],
        lambda X: print("hello") or 2 * X,
        lambda X: (2 * X).astype(object),
        lambda X: 2 * X + 0j,
        lambda X: np.ma.masked_array(2 * X),
        lambda X: iter(2 * X),
        lambda X: {1: 2 * X[0], 2: 2 * X[-1]}.values() if len(X) > 1 else 2 * X,
        lambda X, power=1: 2**power * X,
        into_buffer,
        one_by_one,
    ],
)
def test_right_in_another_form_is_right(double, answer, capsys):
    assert double(answer).kind == "right"
    assert "hello" not in capsys.readouterr().out


@pytest.mark.parametrize(
    "answer", [7, 7.0, np.int8(7), [7], [[7]], np.array([7.0]), 7 + 0j, iter([7]), {1: 7}.values()]
)
def test_a_value_in_any_brackets_is_right(seven, answer):
    assert seven(answer).kind == "right"


def test_rounding_of_float32_is_no_mistake(exercise_of):
    X, W, stride = SPREAD_CASES[-1]
    large = exercise_of(lambda X, W, s: spread(X, W, s), (X * 1e4 + 0.1, W + 0.3, stride))
    assert large(lambda X, W, s: spread(X.astype("f"), W.astype("f"), s)).kind == "right"
    assert large(lambda X, W, s: spread(X, W * 1.001, s)).kind == "wrong"


def test_two_numbers_agree_to_five_digits_of_the_largest_and_of_their_own():
    """At 1000, a cell may be off by 0.01 for the grid's largest and by 0.01 for its own size."""
    for large, small, agree in [
        *((1000.019, 0.009, True), (1000.021, 0, False), (1000, 0.011, False)),
        *((999.981, -0.009, True), (999.979, 0, False), (1000, -0.011, False)),
    ]:
        assert marking.same(np.array([large, small]), np.array([1000, 0])) is agree
        assert marking.same(np.array([-large, small]), np.array([-1000, 0])) is agree
    assert marking.same(np.array(9e-6), np.array(0))
    assert not marking.same(np.array(11e-6), np.array(0))


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


class Unspeakable(Exception):
    def __str__(self):
        raise ValueError

    __repr__ = __str__


def raises_unspeakable(X):
    raise Unspeakable


def holds_itself(X):
    parts = []
    parts.append(parts)
    return parts


async def later(X):
    return 2 * X


def closes_everything(X):
    sys.stdout.close()
    sys.stderr.close()
    sys.stdout = None
    return X


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (raises_later, "stopped", "    return half[7]  # here\nIndexError: index 7 is out of"),
        (recurse, "stopped", "RecursionError"),
        (exits, "stopped", "asked Python to exit"),
        (lambda X: None, "stopped", "Has it no `return`, or does it return None?\n"),
        (lambda X: np.ones((99, 99)), "wrong", "You returned 99 rows and 99 columns."),
        (
            lambda X: np.broadcast_to(1.0, (9999, 9999)),
            "wrong",
            "You returned 9999 rows and 9999 columns.",
        ),
        (cancelled, "stopped", "    raise GeneratorExit"),
        (lambda: 3, "stopped", "Your function takes (), and should take (X)."),
        (lambda X, Y: 3, "stopped", "Your function takes (X, Y), and should take (X)."),
        (lambda X, *, Y: 3, "stopped", "Your function takes (X, *, Y), and should take (X)."),
        (lambda X: [[1], [2, 3]], "stopped", "not all equally long: [[1], [2, 3]]"),
        (lambda X: "2 4", "stopped", "made of numbers, but it is this str: '2 4'"),
        (lambda X: {"a": 1}, "stopped", "but it is this dict: {'a': 1}"),
        (lambda X: {1, 2}, "stopped", "but it is this set: {1, 2}"),
        (lambda X: 2j * X, "stopped", "made of numbers"),
        (lambda X: X * [[1, 1j]], "stopped", "made of numbers"),
        (lambda X: np.array([[None, 4]]), "stopped", "made of numbers"),
        (lambda X: [10**400], "stopped", "OverflowError"),
        (later, "stopped", "but it is this coroutine"),
        (holds_itself, "stopped", "[[...]]"),
        (raises_unspeakable, "stopped", "Unspeakable: (Unspeakable, which cannot be written"),
        (
            lambda X: input("how many? "),
            "stopped",
            "you who was being asked. Use its arguments instead.\n",
        ),
        (lambda X: count(), "wrong", "You returned 100000 numbers."),
        (lambda X: X * np.nan, "wrong", "[nan][nan]"),
        (lambda X: X * np.inf, "wrong", "[inf][inf]"),
        (lambda X: 2 * X[0], "wrong", "return 1 row and 2 columns. You returned 2 numbers."),
        (lambda X: 2 * X.ravel(), "wrong", "The numbers, in reading order, are right."),
        (lambda X: 2 * X[None, :, :, None], "wrong", "You returned 4 axes of 1, 1, 2, 1 cells."),
        (lambda X: 3, "wrong", "You returned one number."),
        (lambda X: X[:0], "wrong", "(empty)"),
        (changes, "wrong", "changes its argument X"),
        (lambda X: changes(X) + 1, "wrong", "also changes its argument X."),
        (lambda X: print("shape", X.shape) or X, "wrong", "it printed:\nshape (1, 2)"),
        (closes_everything, "wrong", "got"),
        (lambda X: warnings.warn("careful", stacklevel=2) or X, "wrong", "got"),
        (lambda X: setattr(builtins, "print", None) or X, "wrong", "got"),
        (lambda X: sys.setrecursionlimit(99) or X, "wrong", "got"),
        (lambda X: ..., "not attempted", "Not attempted yet"),
        (..., "not attempted", "Not attempted yet"),
        (np.ones((1, 2)), "stopped", "checks.double(double)"),
        (None, "stopped", "Hand over the function itself"),
        (np.negative, "wrong", "[-1][-2]"),
    ],
)
def test_whatever_the_function_does_the_notebook_goes_on(double, answer, kind, words, capsys):
    limit, now = sys.getrecursionlimit(), (print, input, sys.stdout)
    outcome = double(answer)
    assert outcome.kind == kind, outcome.text
    assert words in outcome.text
    assert "Traceback" not in outcome.text
    assert "transconv" not in outcome.text
    said = capsys.readouterr()
    assert said.out == outcome.text + "\n"
    assert said.err == ""
    assert (print, input, sys.stdout) == now
    assert sys.getrecursionlimit() == limit


def test_python_does_not_complain_of_a_coroutine_that_nobody_awaits(seven, recwarn):
    seven(later(7))
    gc.collect()
    assert recwarn.list == []


class Untold:
    __signature__ = "none"

    def __call__(self, X):
        return 2 * X


def test_a_function_that_tells_no_arguments_is_tried(double):
    assert double(Untold()).kind == "right"


class Unreadable:
    def __array__(self, *how, **more):
        raise RuntimeError("no")


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (Unreadable(), "stopped", "could not be used:\n    RuntimeError: no"),
        ("7", "stopped", "but it is this str: '7'"),
        ([..., 1], "not attempted", "Not attempted yet"),
        (..., "not attempted", "Not attempted yet"),
        ({"a": ...}, "not attempted", "Not attempted yet"),
        ([[[...]]], "not attempted", "Not attempted yet"),
        (np.broadcast_to(1.0, (10**4, 10**4)), "wrong", "You gave 10000 rows and 10000 columns."),
        (range(400), "wrong", "You gave [0, 1, 2"),
        (range(401), "wrong", "You gave 401 numbers."),
        (float("nan"), "wrong", "Not yet: nan is not it."),
        (print, "stopped", "but it is this builtin_function_or_method"),
    ],
)
def test_whatever_the_value_is_the_notebook_goes_on(seven, answer, kind, words):
    outcome = seven(answer)
    assert outcome.kind == kind
    assert words in outcome.text


def test_an_error_of_the_check_is_no_traceback(double, monkeypatch):
    monkeypatch.setattr(marking, "run", lambda *case: 1 / 0)
    outcome = double(lambda X: X)
    assert outcome.kind == "stopped"
    assert "it leads to an error (ZeroDivisionError) in the check" in outcome.text


@pytest.mark.parametrize("error", [OSError, ValueError])
def test_where_nothing_can_be_printed_the_outcome_is_returned(double, monkeypatch, error):
    class Closed:
        def write(self, text):
            raise error

    monkeypatch.setattr(sys, "stdout", Closed())
    assert double(lambda X: 2 * X).kind == "right"


def endless(X):
    """So long that it is; and one that is left behind slows no other test for ever."""
    until = monotonic() + 20
    while monotonic() < until:
        pass


def stubborn(X):
    while True:
        try:
            return endless(X)
        except:  # noqa: E722
            X = X + 1
            if X[0, 0] > 3:
                raise


class Endless:
    def __array__(self, *how, **more):
        endless(0)


@pytest.mark.usefixtures("_impatient")
@pytest.mark.parametrize(
    "answer",
    [endless, stubborn, lambda X: Endless(), lambda X: sleep(9), lambda X: Event().wait()],
    ids=["endless", "stubborn", "in the result", "sleep", "wait"],
)
def test_a_function_that_takes_too_long_is_stopped(double, answer):
    """On any thread, as a kernel may run its cells on one; and nothing interrupts it later."""
    outcomes, started = [], monotonic()
    for run in (lambda work: work(), lambda work: (t := Thread(target=work)).start() or t.join()):
        run(lambda: outcomes.append(double(answer)))
    assert monotonic() < started + 1.5
    while monotonic() < started + 1.5:  # were it interrupted again, it would be here
        pass
    for outcome in outcomes:
        assert outcome.kind == "stopped"
        assert "Does every loop in it come to an end?" in outcome.text
    assert len(outcomes) == 2
    assert double(lambda X: 2 * X).kind == "right"


@pytest.mark.usefixtures("_impatient")
def test_a_thread_that_is_left_behind_ends_when_its_call_does(double):
    before = set(enumerate_threads())
    double(lambda X: sleep(1) or endless(X))
    (left,) = set(enumerate_threads()) - before
    assert left.daemon
    left.join(3)
    assert not left.is_alive()


def test_all_cases_together_have_a_budget(exercise_of, monkeypatch):
    monkeypatch.setattr(marking, "BUDGET", 0.3)
    slow = exercise_of(lambda x: x, *((n,) for n in range(40)))
    started = monotonic()
    outcome = slow(lambda x: sleep(0.05) or x)
    assert monotonic() < started + 1.5
    assert "and was stopped" in outcome.text


def test_the_readers_own_interrupt_is_not_swallowed(double, monkeypatch):
    class Pressed(Thread):
        def join(self, seconds):
            monkeypatch.undo()
            raise KeyboardInterrupt

    monkeypatch.setattr(running, "Thread", Pressed)
    with pytest.raises(KeyboardInterrupt):
        double(sleep)


def test_an_interrupt_that_the_answer_raises_is_told(double):
    def stop(X):
        raise KeyboardInterrupt

    assert "raise KeyboardInterrupt" in double(stop).text


def test_a_case_that_still_returns_dots_is_shown(double):
    outcome = double(lambda X: 2 * X if len(X) == 1 else ...)
    assert outcome.kind == "stopped"
    assert "X\n 3.5    4\n   5    6\n" in outcome.text
    assert "On this case it still returns `...`." in outcome.text
    assert "still returns (3, `...`)" in double(lambda X: (3, ...)).text


def test_complex_numbers_are_numbers_if_none_has_an_imaginary_part(double):
    assert double(lambda X: 2 * X + 0j).kind == "right"
    for one in (np.eye, np.ones):  # of some cells, and of all
        outcome = double(lambda X, one=one: 2 * X + 1j * one(X.shape[1])[: len(X)])
        assert outcome.kind == "stopped"
        assert "should be made of numbers" in outcome.text


def test_two_mistakes_that_fit_are_not_told_apart(exercise_of):
    twins = {"one": np.negative, "other": np.negative}
    assert exercise_of(lambda X: X, (1,), mistakes=twins)(np.negative)[:2] == ("wrong", None)
    ways = {"one": [np.negative, np.negative, np.exp]}
    assert exercise_of(lambda X: X, (1,), mistakes=ways)(np.negative)[:2] == ("wrong", "one")


def test_a_mistake_in_some_cases_only_gets_no_name(exercise_of):
    exercise = exercise_of(lambda x: 2 * x, (1,), (2,), mistakes={"one": lambda x: x})
    outcome = exercise(lambda x: x)
    assert outcome[:2] == ("wrong", "one")
    assert "This looks like a known mistake: one.\nWhy?" in outcome.text
    assert exercise(lambda x: x if x == 1 else 2 * x)[:2] == ("wrong", None)
    assert exercise(lambda x: x if x == 1 else ...)[:2] == ("wrong", None)


def test_a_mistake_needs_the_same_answer_in_every_case(exercise_of):
    """What cannot be computed with the mistake has to stop the reader's function too."""
    cases = (np.array([[1, 2]]),), (np.array([[1, 2], [3, 4], [5, 6]]),)
    exercise = exercise_of(lambda X: 2 * X, *cases, mistakes={"one": lambda X: X[[2]]})
    kind, mistake, text = exercise(lambda X: X[[2]])
    assert (kind, mistake) == ("stopped", None)  # the first case shows the error, and no name
    assert "IndexError" in text
    assert exercise(lambda X: X[[2]] if len(X) > 1 else X)[:2] == ("wrong", None)
    cases = (np.array([[1], [2], [3]]),), (np.array([[1, 2, 3, 4]]),)
    late = exercise_of(lambda X: 2 * X, *cases, mistakes={"one": lambda X: X[[2]]})
    assert late(lambda X: X[[2]])[:2] == ("wrong", "one")
    assert late(lambda X: X[[2]] if len(X) > 1 else X)[:2] == ("wrong", None)


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
        "In brackets: what differs"
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


@pytest.mark.parametrize(
    ("number", "written"),
    [(-0.0, "0"), (0.1 + 0.2, "0.3"), (1234567, "1.23457e+06"), (np.bool_(True), "True")],
)
def test_numbers_are_written_to_six_digits_and_zero_without_a_sign(number, written):
    assert marking._number(np.asarray(number)[()]) == written


def test_a_function_that_exits_or_takes_too_long_is_not_run_again(double, monkeypatch):
    monkeypatch.setattr(running, "SECONDS", 0.1)
    for answer in (exits, endless):
        calls = []
        double(lambda X, answer=answer, calls=calls: calls.append(X) or answer(X))
        assert len(calls) == 1


def test_a_kernel_that_ends_does_not_wait_for_an_answer(double):
    before, during = set(enumerate_threads()), set()
    double(lambda X: during.update(enumerate_threads()) or 2 * X)
    assert during - before
    assert all(thread.daemon for thread in during - before)


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        ((), "one number"),
        ((1,), "one number"),
        ((2,), "2 numbers"),
        ((1, 2), "1 row and 2 columns"),
        ((3, 1), "3 rows and 1 column"),
        ((3, 2, 1), "3 axes of 3, 2, 1 cells"),
    ],
)
def test_shapes_are_told_in_words(shape, words):
    assert marking.in_words(shape) == words


def test_what_is_long_is_shown_in_part(double):
    text = double(lambda X: print("a" * 10**4, *["b"] * 99, sep="\n") or X).text
    assert re.search("^a+$", text, re.MULTILINE)[0] == "a" * 200
    assert "b\n" not in double(lambda X: print("a" * 10**6) or print("b") or X).text

    def raises(X):
        raise ValueError("\n".join(["x" * 300] * 50))

    said = double(raises).text
    assert said.count("x" * 100) == 20 + 20 - 1  # each line has 200, the first fewer
    assert max(map(len, said.split("\n"))) == 200


def test_no_answer_holds_the_notebook_for_ten_seconds():
    """All cases, and then the look for a loop over the inputs; either may have to be given up."""
    assert marking.BUDGET + running.SECONDS + 2 * running.PATIENCE < 10


def test_of_an_enormous_result_the_shape_is_kept_alone():
    assert running.run(lambda: np.ones(10**6), ()).result.all()
    result = running.run(lambda: np.ones(10**6 + 1), ()).result
    assert result.shape == (10**6 + 1,)
    assert np.isnan(result).all()


def test_what_is_printed_is_kept_up_to_4000_characters():
    printed = running.run(lambda: print("a" * 4000, end="") or print("\nb") or 1, ()).printed
    assert printed == "a" * 200
    printed = running.run(lambda: print("a" * 3999, end="") or print("\nb") or 1, ()).printed
    assert printed == "a" * 200 + "\nb"


def test_writing_tells_how_many_characters_were_written():
    assert running.run(lambda: sys.stdout.write("abc"), ()).result == 3


def outer(X):
    return X[0], inner(X)


def inner(X):
    return X[0][7]  # in here


def test_the_line_that_is_shown_is_the_innermost_of_the_readers_own(double):
    text = double(outer).text
    assert "    return X[0][7]  # in here\nIndexError" in text
    assert "inner(X)" not in text


def test_what_was_printed_before_an_error_is_shown_with_it(double):
    text = double(lambda X: print("so far") or X[7]).text
    assert "IndexError" in text
    assert "On this case it printed:\nso far\n" in text


def test_of_two_arguments_the_one_that_was_changed_is_named(exercise_of):
    exercise = exercise_of(lambda X, Y: X + Y, (np.array([[1, 2]]), np.array([[3, 4]])))

    def adds(X, Y):
        Y += X
        return Y

    assert exercise(adds)[:2] == ("wrong", "argument changed")
    assert "changes its argument Y, which" in exercise(adds).text
    assert "also changes its argument Y. " in exercise(lambda X, Y: adds(X, Y) + 1).text
    both = exercise(lambda X, Y: adds(X, Y) + changes(X)).text
    assert "also changes its argument X, Y. " in both
