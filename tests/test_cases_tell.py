"""The cases of an exercise tell its rule from any other that a learner may write.

Small expressions are made by the ten thousand, and small loops at random. What answers every case
of an exercise as the reference does must be equal to it on a far larger set.
"""

from functools import cache
from itertools import product

import numpy as np
import pytest

from transconv import checks
from transconv.checks.mistakes import random, spread
from transconv.geometry import Axis, output_padding

OPERATIONS = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "//": lambda a, b: a // np.where(b == 0, 10**6, b),
    "ceil": lambda a, b: -(-a // np.where(b == 0, 10**6, b)),
    "%": lambda a, b: a % np.where(b == 0, 10**6, b),
    "min": np.minimum,
    "max": np.maximum,
}


def together(left, right):
    """Each of the left expressions with each of the right ones, by every operation."""
    for (a, x), (b, y) in product(left.items(), right.items()):
        for sign, operation in OPERATIONS.items():
            yield f"({a} {sign} {b})", operation(x, y)


def distinct(expressions, known):
    """Those with values that none has had before."""
    seen, new = {x.tobytes() for x in known.values()}, {}
    for text, x in expressions:
        if (key := x.tobytes()) not in seen:
            seen.add(key)
            new[text] = x
    return new


def expressions(sizes):
    """Expressions in n, k, s, 1 and 2 of up to three operations: text and values on the sizes."""
    n, k, s = np.array(sizes, np.int32).T
    one = {"n": n, "k": k, "s": s, "1": np.ones_like(n), "2": np.full_like(n, 2)}
    two = distinct(together(one, one), one)
    yield from (one | two).items()
    yield from together(two, one)
    yield from together(one, two)
    few = dict(list(two.items())[::2])
    yield from together(few, few)
    three = dict(list(distinct(together(two, one), one | two).items())[::3])
    yield from together(three, one)


def wrong_rules(rule, cases, domain):
    """The expressions that agree with a rule on the cases, and not on the whole domain."""
    sizes = [*cases, *domain]
    right = np.array([rule(*size) for size in sizes])
    found = agreeing = 0
    wrong = []
    for text, values in expressions(sizes):
        found += 1
        if np.array_equal(values[: len(cases)], right[: len(cases)]):
            agreeing += 1
            if not np.array_equal(values, right):
                wrong.append(text)
    assert found > 10**4
    return agreeing, wrong


LARGE = list(product(range(1, 25), range(1, 9), range(1, 8)))
FITTING = [(n, k, s) for n, k, s in LARGE if n >= k >= s]
SPREADS = [((n - 1) * s + k, k, s) for n, k, s in LARGE if k >= s]


def with_padding(name, padding):
    return [case[:3] for case in checks.__dict__[name].cases if case[3] == padding]


def sides(name, uncut=False):
    """Size, kernel and stride of each axis of the spreads in the cases."""
    cases = getattr(checks, name).cases
    return [(side, k, s) for full, k, s in cases if k >= s or uncut for side in full.shape]


def pytorch(index):
    """The sizes of the cases that PyTorch can say, and what it says."""
    rule = checks.to_pytorch.reference
    said = [(1, k, s) for k, s in checks.to_pytorch.cases if not isinstance(rule(k, s), str)]
    large = [size for size in LARGE if not isinstance(rule(*size[1:]), str) and size[0] == 1]
    return lambda n, k, s: rule(k, s)[index], said, large


def overlap_sizes(axis):
    cases = checks.count_overlaps.cases
    return [(case[axis], case[2], case[3]) for case in cases]


def of_axis(make, size, padding, **how):
    return lambda n, k, s: getattr(make(n, k, s, padding, **how), size)


RULES = {
    "both_sizes, conv valid": (of_axis(Axis.from_big, "small", "valid"), "valid", FITTING),
    "both_sizes, conv same": (of_axis(Axis.from_big, "small", "same"), "same", FITTING),
    "both_sizes, up valid": (of_axis(Axis.from_small, "big", "valid"), "valid", FITTING),
    "both_sizes, up same": (of_axis(Axis.from_small, "big", "same"), "same", FITTING),
    "way_back, valid": (
        lambda n, k, s: output_padding(n, k, s, "valid"),
        "valid",
        [(n, k, s) for n, k, s in LARGE if n >= k],
    ),
    "way_back, same": (
        lambda n, k, s: output_padding(n, k, s, "same"),
        "same",
        [(n, k, s) for n, k, s in LARGE if k % 2],
    ),
    "same_padding, before": (
        lambda n, k, s: checks.same_padding.reference(n, k, s)[0],
        checks.same_padding.cases,
        LARGE,
    ),
    "same_padding, after": (
        lambda n, k, s: checks.same_padding.reference(n, k, s)[1],
        checks.same_padding.cases,
        LARGE,
    ),
    "crop, start": (
        lambda size, k, s: Axis.from_small(3, k, s, "same").pad_before,
        sides("crop"),
        SPREADS,
    ),
    "crop, kept": (lambda size, k, s: size - k + s, sides("crop"), SPREADS),
    "fit, start": (
        lambda size, k, s: Axis.from_small(3, k, s, "same").pad_before,
        sides("fit", uncut=True),
        [((n - 1) * s + k, k, s) for n, k, s in LARGE],
    ),
    "to_pytorch, padding": pytorch(0),
    "to_pytorch, output_padding": pytorch(1),
    "count_overlaps, rows": (of_axis(Axis.from_small, "big", "valid"), overlap_sizes(0), LARGE),
    "spread_and_sum, rows": (
        of_axis(Axis.from_small, "big", "valid"),
        [(len(X), len(W), s) for X, W, s in checks.spread_and_sum.cases]
        + [(X.shape[1], W.shape[1], s) for X, W, s in checks.spread_and_sum.cases],
        [(n, k, s) for n, k, s in LARGE if k >= s],
    ),
}


@pytest.mark.parametrize("rule", RULES)
def test_no_small_expression_passes_for_the_rule(rule):
    right, cases, domain = RULES[rule]
    if isinstance(cases, str):
        cases = with_padding(rule.split(",")[0], cases)
    agreeing, wrong = wrong_rules(right, cases, domain[:: max(len(domain) // 250, 1)])
    assert wrong == []
    assert agreeing > 0 or rule not in (
        "both_sizes, conv same",
        "crop, start",
        "to_pytorch, padding",
    )


# Loops


ATOMS = "i", "p", "s", "k", "n", "1", "2"
SIGNS = "+", "-", "*", "//", "%"
MEETINGS = "there + comes", "there + comes", "comes", "max(there, comes)", "there - comes"


def loop(rng):
    """Three indices, and how what comes meets what is there: at random, near the right ones."""

    def expression(*likely):
        parts = [rng.choice(likely) if rng.random() < 0.8 else rng.choice(ATOMS) for _ in range(3)]
        signs = rng.choice(SIGNS, 2)
        short = rng.integers(3)
        if short == 0:
            return str(parts[0])
        text = f"({parts[0]} {signs[0]} {parts[1]})"
        return text if short == 1 else f"({text} {signs[1]} {parts[2]})"

    def likely(right, *near):
        return right if rng.random() < 0.5 else expression(*near)

    return (
        likely("i * s + p", "i * s", "p", "i", "i * k"),
        likely("i", "i", "n", "s"),
        likely("p", "p", "k", "s"),
        rng.choice(MEETINGS),
    )


@cache
def compiled(text):
    return compile(text, text, "eval")


def spread_by(at, of, tap, meet):
    """The program as a function; IndexError if it leaves a grid."""

    def run(X, W, s):
        Y = np.zeros([(n - 1) * s + k for n, k in zip(X.shape, W.shape, strict=True)], int).tolist()
        for i, j, p, q in np.ndindex(*X.shape, *W.shape):
            rows = {"i": i, "p": p, "s": s, "k": len(W), "n": len(X)}
            columns = {"i": j, "p": q, "s": s, "k": W.shape[1], "n": X.shape[1]}
            (a, b), (c, d), (e, f) = (
                [eval(compiled(index), {}, names) for names in (rows, columns)]
                for index in (at, of, tap)
            )
            names = {"there": Y[a][b], "comes": X[c, d] * W[e, f], "max": max}
            Y[a][b] = eval(compiled(meet), {}, names)
        return np.array(Y)

    return run


def answer(program, case):
    try:
        return program(*case)
    except (IndexError, ZeroDivisionError):
        return None


def test_no_small_loop_passes_for_the_spread():
    rng = np.random.default_rng(seed=1)
    larger = [
        (*random(int(seed), *np.random.default_rng(seed).integers(1, 6, (2, 2))), int(s))
        for seed in range(12)
        for s in [1 + seed % 3]
    ]
    larger = [(X, W, s) for X, W, s in larger if min(W.shape) >= s]
    programs = {loop(rng) for _ in range(3000)}
    agreeing = 0
    for parts in programs:
        program = spread_by(*parts)
        for case in checks.spread_and_sum.cases:
            Y = answer(program, case)
            if Y is None or not np.array_equal(Y, spread(*case)):
                break
        else:
            agreeing += 1
            for case in larger:
                assert np.array_equal(answer(program, case), spread(*case)), parts
    assert agreeing > 1
