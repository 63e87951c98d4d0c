"""The exercises of lesson 2."""

from itertools import combinations, product

import numpy as np

from transconv.checks.marking import in_braces, in_lesson
from transconv.checks.mistakes import (
    MEETING,
    PLACED,
    SIZED,
    counted,
    flip,
    in_worlds,
    numbers,
    random,
    spread,
    window,
)
from transconv.geometry import Axis
from transconv.layers import Conv2DTranspose

value, function = in_lesson("02_parameters")

LAYER = Conv2DTranspose(4, (3, 2))
LAYER.build((1, 6, 9, 8))


def _shapes(output=(6 - 3 + 1, 9 - 2 + 1), kernel=LAYER.kernel.shape, weights=None):
    """The convolution's output, then the other layer's kernel and number of weights."""
    count = sum(w.size for w in LAYER.get_weights()) if weights is None else weights
    return (*output, *kernel, count)


@value(
    read=in_braces("output", "kernel", "weights"),
    mistakes={
        "the two layers exchanged": _shapes(output=(6 + 3 - 1, 9 + 2 - 1)),
        "one place forgotten": _shapes(output=(6 - 3, 9 - 2)),
        "rows and columns exchanged": [
            _shapes(output=(8, 4)),
            _shapes(output=(6 - 2 + 1, 9 - 3 + 1)),
            _shapes(kernel=(2, 3, 4, 8)),
        ],
        "channels exchanged": _shapes(kernel=(3, 2, 8, 4)),
        "bias forgotten": _shapes(weights=LAYER.kernel.size),
        "bias once per input channel": _shapes(weights=LAYER.kernel.size + 8),
        "one kernel for all channels": [_shapes(weights=3 * 2 * n + 4) for n in (1, 4, 8)],
    },
)
def both_shapes():
    """A kernel has a number for each tap and each pair of channels, whatever the picture's size.

    one kernel for all channels: Each pair of channels has one. How many pairs are there?
    """
    return _shapes()


_ROW, _TAPS = np.array([[2, 1, 3]]), np.array([[1, 3, 2]])


@value(
    counted=False,
    mistakes=in_worlds(
        lambda world: spread(_ROW, _TAPS, 2, world)[0], MEETING, PLACED, SIZED, "kernel flipped"
    ),
)
def spread_row():
    """The stride moves the patch over the output, while the input is walked one by one."""
    return spread(_ROW, _TAPS, 2)[0]


def _rule(make, size, padding, **how):
    return lambda n, k, s: getattr(make(n, k, s, padding, **how), size)


RULES = {
    f"{layer} {padding}": _rule(make, size, padding, **how)
    for layer, make, size, how in (
        ("conv", Axis.from_big, "small", {}),
        ("up", Axis.from_small, "big", {}),
        ("least", Axis.from_small, "big", {"output_padding": 0}),
    )
    for padding in ("valid", "same")
}
VALID_FOR_SAME = {f"{layer} same": RULES[f"{layer} valid"] for layer in ("conv", "up", "least")}
SAME_FOR_VALID = {f"{layer} valid": RULES[f"{layer} same"] for layer in ("conv", "up")}
SAME_FOR_VALID["least valid"] = lambda n, k, s: RULES["least same"](n, 1, s)  # of an odd kernel


def _sizes(rules):
    return lambda n, k, s, padding: (
        rules[f"conv {padding}"](n, k, s),
        rules[f"up {padding}"](n, k, s),
    )


def _missing(rules):
    def missing(n, k, s, padding):
        return n - rules[f"least {padding}"](rules[f"conv {padding}"](n, k, s), k, s)

    return missing


def _by(answer, *taken):
    """`answer(rules)` with some rules taken for others: each alone, and those that go together."""
    return [
        answer(RULES | dict(some))
        for rules in taken
        for count in range(1, len(rules) + 1)
        for some in combinations(rules.items(), count)
    ]


SIZES = numbers(
    "1 1 1, 2 1 1, 2 2 1, 3 2 2, 4 4 1, 5 3 1, 5 3 2, 5 5 5, 6 3 3, 7 4 2, 8 4 3, 9 5 2, 10 5 3, "
    "11 4 4, 13 5 5, 14 7 4"
)
FRACTIONS = {"conv valid": lambda n, k, s: (n - k) / s + 1, "conv same": lambda n, k, s: n / s}
FLOOR = {"conv same": lambda n, k, s: n // s}


@function(
    cases=[(*sizes, padding) for sizes in SIZES for padding in ("valid", "same")],
    mistakes={
        "same taken as the input's size": _by(
            _sizes, {"conv same": lambda n, k, s: n, "up same": lambda n, k, s: n}
        ),
        "padding ignored": [
            *_by(_sizes, VALID_FOR_SAME, {"conv valid": RULES["conv same"]}),
            _sizes(RULES | SAME_FOR_VALID),
        ],
        "size taken as input * stride": _by(_sizes, {"up valid": RULES["up same"]}),
        "floor for ceil": _by(_sizes, FLOOR),
        "ceil for floor": _by(_sizes, {"conv valid": lambda n, k, s: -((k - n) // s) + 1}),
        "not rounded": _by(_sizes, FRACTIONS),
        "the two layers exchanged": lambda *case: _sizes(RULES)(*case)[::-1],
        "one place forgotten": _by(_sizes, {"conv valid": lambda n, k, s: (n - k) // s}),
        "the one added before the division": _by(
            _sizes, {"conv valid": lambda n, k, s: (n - k + 1) // s}
        ),
        "size taken as input * stride + kernel": _by(
            _sizes, {"up valid": lambda n, k, s: n * s + k}
        ),
        "stride ignored": _by(
            _sizes, {"conv valid": lambda n, k, s: n - k + 1, "up valid": lambda n, k, s: n + k - 1}
        ),
        "stride applied to the input": _by(
            _sizes, {"up valid": lambda n, k, s: -(-n // s) + k - 1}
        ),
    },
)
def both_sizes(n, k, s, padding):
    """One rule for each padding and each layer: there is no single formula to remember.

    ceil for floor: A window that does not fit is left out. Is part of a step a further window?
    the one added before the division: Is the 1 a step of the window, or a window?
    """
    return _sizes(RULES)(n, k, s, padding)


def _hatched(rows=2 * 2, columns=3 * 2, full=(5, 7)):
    """Rows, columns and cells that are hatched if so many rows and columns are kept."""
    return full[0] - rows, full[1] - columns, full[0] * full[1] - rows * columns


@value(
    mistakes={
        "the corner cut twice": (1, 1, 5 + 7),
        "the corner left out": [(1, 1, 4 + 6), (1, 1, 4 + 7), (1, 1, 5 + 6 - 1)],
        "what is left for what is lost": (4, 6, 4 * 6),
        "no crop": _hatched(0, 0),
        "same taken as the input's size": _hatched(2, 3),
        "odd cell cut on both sides": _hatched(5 - 2, 7 - 2),
        "size taken as input * stride + kernel": _hatched(full=(2 * 2 + 3, 3 * 2 + 3)),
    }
)
def hatched():
    """They are computed and thrown away: a row and a column at the end.

    the corner cut twice: How often have you counted the cell where the two cuts meet?
    the corner left out: A cut row has all the cells of its row. Have you counted the corner?
    """
    return _hatched()


def _kept(full, k, s, start=None):
    """The cells that `same` keeps of a spread, or as many from `start` on."""
    for axis, size in enumerate(full.shape):
        same = Axis.from_small(RULES["conv valid"](size, k, s), k, s, "same")
        full = window(full, axis, same.pad_before if start is None else start, same.big)
    return full


def _where(applies, wrong):
    """A wrong answer where something applies to kernel size and stride, and the right one else."""
    return lambda full, k, s: (wrong if applies(k, s) else _kept)(full, k, s)


def _off(start, end):
    """So many of n cells too many cut off the ends; none if there are none too many."""

    def cut(full, k, s):
        rows, columns = (slice(start(k - s), n - end(k - s)) for n in full.shape)
        return full[rows, columns]

    return _where(int.__gt__, cut)


def half(n):
    """Rounded down."""
    return n // 2


def rest(n):
    """What `half` leaves."""
    return n - n // 2


CROP_MISTAKES = {
    "odd cell cut at the start instead of the end": _off(rest, half),
    "all cut at the start": _off(int, lambda n: 0),
    "all cut at the end": _off(lambda n: 0, int),
    "crop symmetric, rounded down": _off(half, half),
    "odd cell cut on both sides": _off(rest, rest),
    "a slice that ends at -0": _where(int.__eq__, lambda full, k, s: full[:0, :0]),
    "padding that pads": [
        _where(int.__gt__, lambda full, k, s, added=added: np.pad(full, added(k - s)))
        for added in (half, int, lambda n: (half(n), rest(n)))
    ],
    "no crop": _where(int.__gt__, lambda full, k, s: full),
}
CROP_CASES = [
    *((counted(1, 3), 1, 1), (counted(3, 5), 3, 2), (counted(4, 6), 4, 2), (counted(4, 7), 4, 3)),
    *((counted(7, 9), 5, 2), (counted(9, 5), 5, 1), (counted(6, 11), 6, 5), (counted(10, 7), 7, 3)),
]


@function(cases=CROP_CASES, mistakes=CROP_MISTAKES)
def crop(full, kernel_size, stride):
    """Padding cuts here, and it cuts more at the end: Keras's rule, in one slice."""
    return _kept(full, kernel_size, stride)


def _below_zero(full, k, s):
    start = half(k - s)
    return full[start:, start:][: len(full) - k + s, : full.shape[1] - k + s]


@function(
    cases=[
        *((counted(1, 1), 1, 2), (counted(2, 5), 2, 3), (counted(1, 9), 1, 4)),
        *((counted(2, 7), 2, 5), (counted(3, 3), 3, 7), *CROP_CASES),
    ],
    mistakes=CROP_MISTAKES
    | {
        "no zeros appended": _where(int.__lt__, lambda full, k, s: full),
        "zeros before the spread": [
            _where(int.__lt__, lambda full, k, s, before=before: _kept(full, k, s, -before(s - k)))
            for before in (half, rest, int)
        ]
        + [_where(int.__lt__, lambda full, k, s: np.pad(full, s - k))],
        "a crop below zero": _where(int.__lt__, _below_zero),
    },
)
def fit(full, kernel_size, stride):
    """Now you have all of `same`: with spread_and_sum before it, this is Conv2DTranspose.

    zeros before the spread: On which side does Keras put what is missing?
    a crop below zero: For a kernel smaller than the stride, your start is a negative number, and
        Python counts that from the end. What is the least that can be cut?
    """
    return _kept(full, kernel_size, stride)


def _revealed(output_padding=1):
    full = spread(np.array([[2, 1]]), counted(1, 3), 2)[0]
    axis = Axis.from_small(2, 3, 2, "same", output_padding=output_padding)
    return tuple(full[axis.pad_before : axis.pad_before + axis.big])


@value(
    mistakes={
        "output_padding appends zeros": [(*_revealed(0), 0), (0, *_revealed(0))],
        "output_padding reveals the end": (*_revealed(0), 3),
    }
)
def revealed():
    """A computed cell has come to light, at the start: output_padding appends no zeros here.

    output_padding appends zeros: The spread has been computed already, and is larger than the
        output. Where do the further numbers come from?
    output_padding reveals the end: You keep one more at the end. The convolution that leads back
        puts zeros before its input where the start is cut: how many?
    """
    return _revealed()


@function(
    cases=[
        (*sizes, padding)
        for padding, rows in (
            ("valid", "3 2 1, 3 3 2, 4 2 3, 4 3 2, 5 2 4, 9 4 3, 10 4 4, 11 2 4, 12 3 3, 17 6 5"),
            ("same", "2 1 1, 2 1 3, 3 1 2, 3 3 2, 4 3 2, 7 1 1, 7 5 3, 11 3 5, 14 7 4, 16 3 4"),
        )
        for sizes in numbers(rows)
    ],
    mistakes={
        "the shape always returns": lambda n, k, s, padding: 0,
        "counted from the size that None gives": _by(
            _missing, {f"least {padding}": RULES[f"up {padding}"] for padding in ("valid", "same")}
        ),
        "padding ignored": _by(_missing, VALID_FOR_SAME, SAME_FOR_VALID),
        "floor for ceil": _by(_missing, FLOOR),
        "an output_padding that is not below the stride": _by(
            _missing, {"conv valid": lambda n, k, s: (n - k) // s}
        ),
        "not rounded": _by(_missing, FRACTIONS),
        "the size instead of what is missing": lambda n, *how: n - _missing(RULES)(n, *how),
    },
)
def way_back(n, k, s, padding):
    """Your numbers run from 0 to stride - 1: one for each size that the encoder makes equal.

    the shape always returns: With stride 2 and kernel 3, what becomes of 16, there and back?
    counted from the size that None gives: None asks for the size of the rule, and 0 for the
        smallest size that leads back. From which of the two do you count?
    an output_padding that is not below the stride: If a whole stride is missing, there is room for
        one more patch. How many cells did the encoder leave?
    the size instead of what is missing: That is the size that output_padding 0 gives. How far is it
        from n?
    """
    return _missing(RULES)(n, k, s, padding)


def _dilated(stride=1, dilation=2, kernel=3, kept=("valid", "same")):
    return tuple(Axis.from_small(7, kernel, stride, padding, dilation).big for padding in kept)


@value(
    mistakes={
        "dilation taken for a stride": [
            sizes
            for sizes in product(*zip(_dilated(), _dilated(2, 1), strict=True))
            if sizes != _dilated()
        ],
        "dilation ignored": _dilated(dilation=1),
        "kernel size times the dilation": _dilated(dilation=1, kernel=3 * 2),
        "no crop": _dilated(kept=("valid", "valid")),
        "the two answers exchanged": _dilated()[::-1],
    }
)
def dilated_sizes():
    """A dilated kernel reaches further, but the grid grows by a border at most.

    dilation taken for a stride: It spreads the taps. How far apart do the patches start?
    dilation ignored: There is a gap between two taps. How far does a patch of three taps reach?
    kernel size times the dilation: How many steps of two are there from the first tap to the third?
    """
    return _dilated()


def _overlaps(height, width, k, s, *world):
    """How many patches reach each cell; zeros appended if the kernel is smaller than the stride."""
    counts = spread(np.ones((height, width)), np.ones((k, k)), s, *world)
    if world:
        return counts
    return np.pad(counts, (0, max(s - k, 0)))


@function(
    cases=numbers("1 2 2 1, 1 2 1 2, 2 2 3 2, 2 3 4 2, 4 3 2 3, 3 5 5 2, 4 3 4 3, 5 3 6 2"),
    mistakes={
        "covered or not": lambda *case: np.minimum(_overlaps(*case), 1),
        "size taken as (n-1)s + k for k < s": lambda h, w, k, s: spread(
            np.ones((h, w)), np.ones((k, k)), s
        ),
        "rows and columns exchanged": lambda h, w, k, s: _overlaps(w, h, k, s),
        "counts added": lambda h, w, k, s: _overlaps(h, 1, k, s)[:, :1] + _overlaps(1, w, k, s)[:1],
    }
    | in_worlds(_overlaps, PLACED, SIZED, "cut as `same` cuts"),
)
def count_overlaps(height, width, kernel_size, stride):
    """Count before you train: where the counts take turns, checkerboards begin.

    covered or not: You say whether a cell is reached. By how many patches is it?
    counts added: A patch that covers a cell covers its row and its column. How do two counts for
        the rows and two for the columns combine?
    """
    return _overlaps(height, width, kernel_size, stride)


def _even(parts, of=np.sum):
    """Whether the parts of a kernel, as `parts(kernel, stride)` lists them, have equal sums."""
    return lambda W, s: bool(np.ptp([of(part) for part in parts(W, s)]) < 1e-9)


def _phases(W, s):
    return [W[p::s, q::s] for p, q in np.ndindex(s, s)]


def _blocks(W, s):
    a, b = (n // s for n in W.shape)
    return [W[p * a : (p + 1) * a, q * b : (q + 1) * b] for p, q in np.ndindex(s, s)]


@function(
    cases=[
        (np.array(kernel), stride)
        for kernel, stride in [
            *(([[2]], 2), ([[1, 2], [3, 4]], 1), ([[1, 1], [1, 1]], 2), ([[1, 2], [1, 2]], 2)),
            *(([[1, 1], [2, 2]], 2), ([[1, 2], [2, 1]], 2), ([[1, 1], [2, 3]], 2)),
            *(([[0, 0]], 2), ([[1, 1], [1, 1]], 3), ([[1, 1, 1], [1, 1, 1], [1, 1, 2]], 3)),
            *(([[1, 2, 4, 3], [5, 1, 0, 4]], 2), ([[1, 1, 1], [1, 1, 1], [1, 1, 1]], 2)),
            *(([[1, 2, 1], [2, 4, 2], [1, 2, 1]], 2), ([[3, 1, 0], [2, 3, 1]], 2)),
            ([[1, 2, 3, 4], [4, 3, 2, 1], [4, 3, 2, 1], [1, 2, 3, 4]], 2),
            ([[1, 2, 3, 2, 1]] * 3, 3),
            ([[1, 1, 1, 1], [1, 1, 1, 1], [2, 2, 2, 2], [2, 2, 2, 2]], 2),
        ]
    ],
    mistakes={
        "a divisible kernel taken for a cure": [
            lambda W, s: all(n % s == 0 for n in W.shape),
            lambda W, s: len(W) % s == 0,
            lambda W, s: W.shape[1] % s == 0,
        ],
        "equal numbers taken for even sums": lambda W, s: bool(np.ptp(W) == 0),
        "some phases left out": [
            _even(lambda W, s: [W[p::s] for p in range(s)]),
            _even(lambda W, s: [W[:, p::s] for p in range(s)]),
            _even(lambda W, s: [W[p::s, p::s] for p in range(s)]),
            _even(lambda W, s: [W[::s, p::s] for p in range(s)]),
        ],
        "mean for sum": _even(_phases, np.mean),
        "kernel cut into blocks": _even(_blocks),
    },
)
def stays_flat(kernel, stride):
    """What each phase's taps sum to decides, not how many there are.

    a divisible kernel taken for a cure: If the stride divides the kernel, each phase has as many
        taps as the next. What do they sum to?
    equal numbers taken for even sums: What do the taps of each phase sum to?
    some phases left out: With stride 2, there are four phases. Which four sums are these?
    mean for sum: Does a flat picture come out as the taps' mean, or as their sum?
    """
    return _even(_phases)(kernel, stride)


@value(
    mistakes={
        "resize and convolution taken for the same layer": (4, 4 * 4),
        "every kernel in reach": (6, 6 * 6),
        "patches side by side": (4 * 3, 4 * 4),
        "one place too many": (4 + 3, 4 * 4),
    }
)
def resize_kernel():
    """Resize and convolve is one transposed convolution, of a special kind: 36 numbers of 16.

    resize and convolution taken for the same layer: What does the convolution make of a box?
    every kernel in reach: That is the large kernel. How many numbers can the convolution choose?
    patches side by side: Cell by cell the kernel moves over the box. Where does it stop?
    one place too many: A box of 3, smeared by a kernel of 1, stays 3 wide. What does yours give?
    """
    return 4 + 3 - 1, 4 * 4


def _layer(how):
    """Height and width of the layer's output for 5 × 7, and whether its overlaps are even."""
    how = how._asdict() if hasattr(how, "_asdict") else how
    if not isinstance(how, dict):
        raise TypeError("keep the braces and the three names, and replace the dots alone")
    axes = Conv2DTranspose(1, **how).setting.from_small(5, 7)
    return [*(axis.big for axis in axes), all(np.ptp(axis.overlaps) == 0 for axis in axes)]


@value(
    read=_layer,
    says=lambda got, differs: (
        f"Not yet. Your layer makes {got[0]} × {got[1]} (wanted: 20 × 21); its overlaps are "
        f"{'even' if got[2] else 'uneven'}."
    ),
    mistakes={
        "rows and columns exchanged": (15, 28, True),
        "uneven overlaps": (20, 21, False),
        "one stride for both axes": [
            (*size, even) for size in ((20, 28), (15, 21)) for even in (True, False)
        ],
    },
)
def choose():
    """20 × 21, and on each axis the stride divides the kernel size.

    uneven overlaps: The size is right. Does the stride divide the kernel size, on both axes?
    one stride for both axes: Which stride takes 5 to 20, and which takes 7 to 21?
    """
    return 20, 21, True


CANNOT = "cannot be said"


def _in_pytorch(k, s, n=9):
    same = Axis.from_small(n, k, s, "same")
    fits = (how for how in np.ndindex(k, s) if Axis.from_pytorch(n, k, s, *how) == same)
    return next(fits, CANNOT)


def _odd(k, s):
    return k > s and (k - s) % 2


def _but(applies, answer):
    """A wrong answer where something applies, and the right one elsewhere."""
    return lambda k, s: answer(k, s) if applies(k, s) else _in_pytorch(k, s)


@function(
    cases=numbers(
        "1 1, 1 2, 2 1, 2 2, 1 3, 2 3, 3 1, 3 2, 4 2, 1 5, 5 2, 3 4, 4 3, 5 3, 3 5, 7 3, 7 2, 8 4"
    ),
    mistakes={
        "divisibility not checked": _but(_odd, lambda k, s: (half(k - s), 0)),
        "only the size made right": _but(_odd, lambda k, s: (rest(k - s), 1)),
        "no zeros appended": _but(int.__lt__, lambda k, s: (0, 0)),
        "a gap taken for a crop": [
            _but(int.__lt__, lambda k, s: CANNOT),
            _but(lambda k, s: k < s and (k - s) % 2, lambda k, s: CANNOT),
            _but(int.__lt__, lambda k, s: CANNOT if (k - s) % 2 else (half(k - s), 0)),
        ],
        "the two answers exchanged": lambda k, s: CANNOT if _odd(k, s) else _in_pytorch(k, s)[::-1],
    },
)
def to_pytorch(kernel_size, stride):
    """Equal cuts at both ends, or zeros at the end: one cell more at the end has no words.

    divisibility not checked: How many cells does your padding cut here, and how many have to go?
    only the size made right: At which end does PyTorch leave the odd cell, and at which Keras?
    a gap taken for a crop: With a kernel smaller than the stride nothing has to be cut. Which of
        the two numbers can add what is missing at the end?
    """
    return _in_pytorch(kernel_size, stride)


@function(
    cases=[(counted(2, 2, 2, 2),), (counted(2, 3, 2, 2),), (counted(3, 2, 4, 3),)],
    mistakes={
        "reshaped instead of transposed": lambda weight: weight.reshape(
            weight.transpose(2, 3, 1, 0).shape
        ),
        "channels exchanged": lambda weight: weight.transpose(2, 3, 0, 1),
        "rows and columns exchanged": lambda weight: weight.transpose(3, 2, 1, 0),
        "transposed the other way": lambda weight: weight.transpose(3, 2, 0, 1),
        "kernel flipped": lambda weight: flip(weight.transpose(2, 3, 1, 0)),
    },
    grid=(0, 1),
)
def from_pytorch(weight):
    """Weights move by a transpose. Compare numbers, not shapes, when you have moved a model.

    reshaped instead of transposed: A reshape keeps the reading order. Which axis goes where?
    transposed the other way: So one goes from Keras to PyTorch. Which axis here is the height?
    kernel flipped: You turned the kernel. Which of the two libraries does that?
    """
    return weight.transpose(2, 3, 1, 0)


def _size(n, k, s, padding="valid", over=None):
    return Axis.from_small(n, k, s, padding, output_padding=over).big


def _decoder(size=_size, chained=True):
    """What each of its layers returns, by a rule; or if each were given the first input."""
    sizes = [7]
    for layer in [(3, 2, "same"), (3, 2, "same", 0), (2, 3)]:
        sizes.append(size(sizes[-1] if chained else 7, *layer))
    return tuple(sizes[1:])


@value(
    mistakes={
        "output_padding None taken as 0": [
            _decoder(lambda n, k, s, padding="valid", over=0: _size(n, k, s, padding, over)),
            _decoder(lambda *layer: _size(*layer, 0) if len(layer) == 4 else _size(*layer)),
        ],
        "output_padding 0 taken as None": _decoder(lambda *layer: _size(*layer[:4])),
        "size taken as (n-1)s + k for k < s": _decoder(
            lambda n, k, s, *how: _size(n, k, s, *(how or ("valid", 0)))
        ),
        "size taken as input * stride + kernel": _decoder(
            lambda n, k, s, *how: _size(n, k, s, *how) if how else n * s + k
        ),
        "padding ignored": [
            _decoder(lambda n, k, s, *how, over=over: _size(n, k, s, "valid", over))
            for over in (None, 0)
        ],
        "same taken as the input's size": _decoder(
            lambda n, k, s, *how: n if how else _size(n, k, s)
        ),
        "every layer given the first input": _decoder(chained=False),
    }
)
def decoder():
    """None takes the rule's size, 0 the smallest that leads back. Each has a row on the page.

    output_padding None taken as 0: You used the smallest size that leads back, which a layer
        returns if it is told 0. Which row is for a layer that is told nothing?
    output_padding 0 taken as None: 0 is a number like 1: it chooses one of the sizes that lead
        back. Which row has p in it?
    every layer given the first input: What is the second layer given?
    """
    return _decoder()


def _of_phases(small):
    """The spread put together of `small(W, stride, p, q)`, a kernel for each phase."""

    def answer(X, W, stride):
        Y = np.zeros_like(spread(X, W, stride))
        for p, q in np.ndindex(stride, stride):
            Y[p::stride, q::stride] = spread(X, small(W, stride, p, q), 1)
        return Y

    return answer


def _block(W, s, p, q):
    height, width = (n // s for n in W.shape)
    return W[p * height :, q * width :][:height, :width]


@function(
    cases=[
        (np.array([[1, 2]]), counted(2, 2), 2),
        (np.array([[1, 2], [3, 5]]), counted(4, 4), 2),
        (*random(14, (3, 2), (4, 2)), 2),
        (*random(15, (2, 3), (3, 6)), 3),
    ],
    mistakes=in_worlds(spread)
    | {
        "phases exchanged": _of_phases(lambda W, s, p, q: W[q::s, p::s]),
        "kernel cut into blocks": _of_phases(_block),
        "small kernels flipped": _of_phases(lambda W, s, p, q: flip(W[p::s, q::s])),
        "one small kernel for all": _of_phases(lambda W, s, p, q: W[::s, ::s]),
    },
)
def subpixel(X, W, stride):
    """A transposed convolution of stride s is s·s plain ones of stride 1, interleaved.

    phases exchanged: Which rows of the output do rows p, p + stride, ... of the kernel write to?
    small kernels flipped: You turned the small kernels. Which number of phase (0,0) is the first?
    one small kernel for all: Which of the kernel's numbers does phase (0,1) get?
    """
    return spread(X, W, stride)
