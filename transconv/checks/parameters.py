"""The exercises of lesson 2."""

from functools import partial

import numpy as np

from transconv.checks import mistakes as m
from transconv.checks.answers import SPREAD_MISTAKES, flip, overwritten, random, spread
from transconv.checks.marking import Exercise
from transconv.geometry import Axis, output_padding
from transconv.layers import Conv2DTranspose
from transconv.steps import TransposedConvolution

exercise = partial(Exercise, lesson="02_parameters")

both_shapes = exercise(
    name="both_shapes",
    reference=lambda: [(6 - 3 + 1, 9 - 2 + 1), (6 + 3 - 1, 9 + 2 - 1)],
    mistakes={
        m.LAYERS_EXCHANGED: lambda: [(8, 10), (4, 8)],
        m.NO_PLUS_ONE: lambda: [(6 - 3, 9 - 2), (6 + 3, 9 + 2)],
        m.EXCHANGED: (
            lambda: [(6 - 2 + 1, 9 - 3 + 1), (6 + 2 - 1, 9 + 3 - 1)],
            lambda: [(8, 4), (10, 8)],
        ),
    },
    shows="What a kernel takes from the one output it adds to the other: n - k + 1, n + k - 1.",
)

patch_corner = exercise(
    name="patch_corner",
    reference=lambda: (3 * 2, 1 * 2),
    mistakes={
        m.STRIDE_IGNORED: lambda: (3, 1),
        m.STRIDE_ON_INPUT: lambda: (3 // 2, 1 // 2),
        m.SIDE_BY_SIDE: lambda: (3 * 3, 1 * 3),
        m.EXCHANGED: lambda: (2, 6),
    },
    shows="The stride moves the patch over the output, while the input is walked one by one.",
)


def _by(rules, **others):
    """A function of n, k, s and padding, by the rules for each padding, some of them replaced."""
    return lambda n, k, s, padding: (rules | others)[padding](n, k, s)


def _ways(rules, valid, same):
    """A mistake that one can make with one padding, with the other, or with both."""
    return (
        _by(rules, valid=valid),
        _by(rules, same=same),
        _by(rules, valid=valid, same=same),
    )


def _sizes(n, k, s, padding):
    return Axis.from_big(n, k, s, padding).small, Axis.from_small(n, k, s, padding).big


_SIZES = {padding: partial(_sizes, padding=padding) for padding in ("valid", "same")}

both_sizes = exercise(
    name="both_sizes",
    reference=_sizes,
    cases=[
        (n, k, s, padding)
        for n, k, s in [(2, 1, 1), (3, 2, 2), (5, 3, 1), (5, 3, 2), (7, 4, 2), (10, 5, 3)]
        for padding in ("valid", "same")
    ],
    mistakes={
        m.SAME_AS_INPUT: (
            _by(_SIZES, same=lambda n, k, s: (n, n)),
            _by(_SIZES, same=lambda n, k, s: (-(-n // s), n)),
            _by(_SIZES, same=lambda n, k, s: (n, n * s)),
        ),
        m.PADDING_IGNORED: (
            _by(_SIZES, same=_SIZES["valid"]),
            _by(_SIZES, valid=_SIZES["same"]),
        ),
        m.FLOOR: _by(_SIZES, same=lambda n, k, s: (n // s, n * s)),
        m.CEIL: _by(_SIZES, valid=lambda n, k, s: (-((k - n) // s) + 1, (n - 1) * s + k)),
        m.NOT_ROUNDED: _ways(
            _SIZES,
            valid=lambda n, k, s: ((n - k) / s + 1, (n - 1) * s + k),
            same=lambda n, k, s: (n / s, n * s),
        ),
        m.LAYERS_EXCHANGED: lambda *case: _by(_SIZES)(*case)[::-1],
        m.NO_PLUS_ONE: _by(_SIZES, valid=lambda n, k, s: ((n - k) // s, (n - 1) * s + k)),
        m.ONE_INSIDE: _by(_SIZES, valid=lambda n, k, s: ((n - k + 1) // s, (n - 1) * s + k)),
        m.TIMES_STRIDE: _by(_SIZES, valid=lambda n, k, s: ((n - k) // s + 1, n * s)),
        m.TIMES_STRIDE_PLUS_KERNEL: _by(
            _SIZES, valid=lambda n, k, s: ((n - k) // s + 1, n * s + k)
        ),
        m.STRIDE_IGNORED: _by(_SIZES, valid=lambda n, k, s: (n - k + 1, n + k - 1)),
    },
    shows="One rule for each padding and each layer: there is no single formula to remember.",
)


def _kept(full, k, s, start=None, append=(0, 1)):
    """The cells that `same` keeps of a spread, from `start` on; zeros on either side if too few."""
    rows, columns = (
        Axis.from_small(Axis.from_big(n, k, s).small, k, s, "same") for n in full.shape
    )
    start = rows.pad_before if start is None else start
    missing = max(rows.big - rows.full, 0)
    before = missing * append[0] // sum(append)
    full = np.pad(full, (before, missing - before))
    return full[start : start + rows.big, start : start + columns.big]


def _both_ends(full, k, s):
    cut = (k - s) // 2
    return full[cut : len(full) - cut, cut : full.shape[1] - cut]


def _zero_slice(full, k, s):
    start, end = (k - s) // 2, (k - s) - (k - s) // 2
    return full[start:-end, start:-end] if end else full[:0, :0]


CROP_MISTAKES = {
    m.CROP_START: lambda full, k, s: _kept(full, k, s, max(k - s + 1, 0) // 2),
    m.CROP_ALL_START: lambda full, k, s: _kept(full, k, s, max(k - s, 0)),
    m.CROP_ALL_END: lambda full, k, s: _kept(full, k, s, 0),
    m.NO_CROP: lambda full, k, s: full if k > s else _kept(full, k, s),
}

hatched = exercise(
    name="hatched",
    reference=lambda: (2 + 3) * (4 + 3) - (2 * 2) * (3 * 2),
    mistakes={m.CORNER_TWICE: lambda: (4 + 3) + (2 + 3)},
    shows="They are computed and thrown away: a row and a column at the end.",
)

crop = exercise(
    name="crop",
    reference=lambda full, kernel_size, stride: _kept(full, kernel_size, stride),
    cases=[
        (np.arange(1, 4).reshape(1, 3), 1, 1),
        (np.arange(1, 16).reshape(3, 5), 3, 2),
        (np.arange(1, 25).reshape(4, 6), 4, 2),
        (*random(6, (7, 9)), 5, 2),
        (*random(7, (9, 5)), 5, 1),
    ],
    mistakes=CROP_MISTAKES
    | {
        m.CROP_BOTH: _both_ends,
        m.ZERO_SLICE: _zero_slice,
        m.PADDED: lambda full, k, s: np.pad(full, ((k - s) // 2, (k - s) - (k - s) // 2)),
    },
    shows="Padding cuts here, and it cuts more at the end: Keras's rule, in one slice.",
)
fit = exercise(
    name="fit",
    reference=lambda full, kernel_size, stride: _kept(full, kernel_size, stride),
    cases=[
        (np.array([[5]]), 1, 2),
        (np.arange(1, 11).reshape(2, 5), 2, 3),
        (np.arange(1, 10).reshape(1, 9), 1, 4),
        *crop.cases,
    ],
    mistakes=CROP_MISTAKES
    | {
        m.NOT_APPENDED: lambda full, k, s: _kept(full, k, s) if k >= s else full,
        m.ZEROS_BEFORE: (
            lambda full, k, s: _kept(full, k, s, append=(1, 0)),
            lambda full, k, s: _kept(full, k, s, append=(1, 1)),
        ),
        m.NEGATIVE_CROP: lambda full, k, s: (
            _kept(full, k, s)
            if k >= s
            else full[(k - s) // 2 :, (k - s) // 2 :][: len(full) - k + s, : full.shape[1] - k + s]
        ),
    },
    shows="Now you have all of `same`: with spread_and_sum before it, this is Conv2DTranspose.",
)


_MISSING = {padding: partial(output_padding, padding=padding) for padding in ("valid", "same")}

way_back = exercise(
    name="way_back",
    reference=lambda n, k, s, padding: output_padding(n, k, s, padding),
    cases=[
        (3, 1, 2, "same"),
        (3, 3, 2, "valid"),
        (4, 3, 2, "valid"),
        (3, 3, 2, "same"),
        (4, 3, 2, "same"),
        (4, 2, 3, "valid"),
        (12, 3, 3, "valid"),
        (11, 5, 3, "same"),
        (13, 5, 4, "valid"),
        (16, 3, 2, "valid"),
    ],
    mistakes={
        m.ALWAYS_RETURNS: lambda n, k, s, padding: 0,
        m.FROM_NONE: _ways(
            _MISSING,
            valid=lambda n, k, s: (n - k) % s + min(k - s, 0),
            same=lambda n, k, s: (n - 1) % s + 1 - s,
        ),
        m.FLOOR: _by(_MISSING, same=lambda n, k, s: n % s + s - 1),
        m.TOO_LARGE: _by(_MISSING, valid=lambda n, k, s: (n - k) % s + s),
        m.NOT_ROUNDED: _ways(_MISSING, valid=lambda n, k, s: 0, same=lambda n, k, s: s - 1),
        m.SIZE_RETURNED: lambda n, *how: n - _by(_MISSING)(n, *how),
    },
    shows="Your numbers run from 0 to stride - 1: one for each size that the encoder makes equal.",
)

revealed = exercise(
    name="revealed",
    reference=lambda: [2, 4, 7, 2],
    mistakes={
        m.APPENDS_ZEROS: lambda: [4, 7, 2, 0],
        m.REVEALS_END: lambda: [4, 7, 2, 3],
    },
    shows="A computed cell has come to light, at the start: output_padding appends no zeros here.",
)

dilated_sizes = exercise(
    name="dilated_sizes",
    reference=lambda: [Axis.from_small(7, 3, 1, p, 2).big for p in ("valid", "same")],
    mistakes={
        m.DILATION_UPSAMPLES: (lambda: [15, 14], lambda: [11, 14]),
        m.DILATION_IGNORED: lambda: [9, 7],
        m.DILATION_TIMES_KERNEL: lambda: [12, 7],
        m.NO_CROP: lambda: [11, 11],
    },
    shows="A dilated kernel reaches further, but the grid grows by a border at most.",
)


def _overlaps(height, width, k, s, over=None):
    return TransposedConvolution(
        np.zeros((height, width)), np.zeros((k, k)), s, output_padding=over
    ).counts


count_overlaps = exercise(
    name="count_overlaps",
    reference=lambda height, width, kernel_size, stride: _overlaps(
        height, width, kernel_size, stride
    ),
    cases=[(1, 2, 2, 1), (1, 2, 1, 2), (2, 2, 3, 2), (2, 3, 4, 2), (4, 3, 2, 3), (3, 5, 5, 2)],
    mistakes={
        m.NO_MAX: lambda h, w, k, s: _overlaps(h, w, k, s, 0),
        m.COVERED: lambda h, w, k, s: np.minimum(_overlaps(h, w, k, s), 1),
        m.STRIDE_IGNORED: lambda h, w, k, s: _overlaps(h, w, k, 1),
        m.STRIDE_ON_INPUT: lambda h, w, k, s: _overlaps(-(-h // s), -(-w // s), k, 1),
        m.EXCHANGED: lambda h, w, k, s: _overlaps(w, h, k, s),
        m.COUNTS_ADDED: lambda h, w, k, s: _overlaps(h, 1, k, s)[:, :1] + _overlaps(1, w, k, s)[:1],
    },
    shows="Count before you train: where the counts take turns, checkerboards begin.",
)


def _flat(kernel, stride, phases):
    sums = [kernel[p::stride, q::stride].sum() for p, q in phases]
    return bool(np.ptp(sums) < 1e-9)


stays_flat = exercise(
    name="stays_flat",
    reference=lambda kernel, stride: _flat(kernel, stride, np.ndindex(stride, stride)),
    cases=[
        *((np.array(kernel), 2) for kernel in ([[1, 1], [1, 1]], [[1, 2], [1, 2]])),
        *((np.array(kernel), 2) for kernel in ([[1, 1], [2, 2]], [[1, 2], [2, 1]])),
        (np.array([[1, 1], [2, 3]]), 2),
        (np.array([[1, 2], [3, 4]]), 1),
        (np.array([[1, 1, 1], [1, 1, 1], [1, 1, 2]]), 3),
        (np.ones((3, 3), int), 2),
        (np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1]]), 2),
        (np.array([[1, 2, 3, 4], [4, 3, 2, 1], [4, 3, 2, 1], [1, 2, 3, 4]]), 2),
        (np.array([[1, 2, 4, 3], [5, 1, 0, 4]]), 2),
    ],
    mistakes={
        m.DIVISIBLE: lambda W, s: all(n % s == 0 for n in W.shape),
        m.ALL_EQUAL: lambda W, s: bool(np.ptp(W) == 0),
        m.PHASES_MISSED: (
            lambda W, s: np.ptp([W[p::s].sum() for p in range(s)]) == 0,
            lambda W, s: np.ptp([W[:, p::s].sum() for p in range(s)]) == 0,
            lambda W, s: _flat(W, s, [(p, p) for p in range(s)]),
            lambda W, s: _flat(W, s, [(0, p) for p in range(s)]),
        ),
    },
    shows="What each phase's taps sum to decides, not how many there are.",
)

resize_kernel = exercise(
    name="resize_kernel",
    reference=lambda: (4 + 3 - 1, 4 * 4),
    mistakes={
        m.SAME_LAYER: lambda: (4, 4 * 4),
        m.ANY_KERNEL: lambda: (6, 6 * 6),
        m.SIDE_BY_SIDE: lambda: (4 * 3, 4 * 4),
        m.BOX_PLUS_KERNEL: lambda: (4 + 3, 4 * 4),
    },
    shows="Resize and convolve is one transposed convolution, of a special kind: 16 of 36 numbers.",
)


def _layer(how):
    """Height and width of the layer's output for 5 × 7, and whether its overlaps are even."""
    if not isinstance(how, dict):
        raise TypeError("keep the braces and the three names, and replace the dots alone")
    axes = Conv2DTranspose(1, **how).setting.from_small(5, 7)
    return [*(axis.big for axis in axes), all(np.ptp(axis.overlaps) == 0 for axis in axes)]


choose = exercise(
    name="choose",
    reference=lambda: [20, 21, True],
    read=_layer,
    says=lambda got, differs: (
        f"Not yet. Your layer makes {got[0]} × {got[1]} (wanted: 20 × 21); its overlaps are "
        f"{'even' if got[2] else 'uneven'}."
    ),
    mistakes={
        m.EXCHANGED: lambda: [15, 28, True],
        m.UNEVEN: lambda: [20, 21, False],
        m.ONE_STRIDE: tuple(
            lambda size=size, even=even: [*size, even]
            for size in ((20, 28), (15, 21))
            for even in (True, False)
        ),
    },
    shows="20 × 21, and on each axis the stride divides the kernel size.",
)

from_pytorch = exercise(
    name="from_pytorch",
    reference=lambda weight: weight.transpose(2, 3, 1, 0),
    cases=[
        (np.arange(1, 17).reshape(2, 2, 2, 2),),
        (np.arange(1, 25).reshape(2, 3, 2, 2),),
        (np.arange(1, 73).reshape(3, 2, 4, 3),),
    ],
    mistakes={
        m.RESHAPED: lambda weight: weight.reshape(weight.transpose(2, 3, 1, 0).shape),
        m.CHANNELS: lambda weight: weight.transpose(2, 3, 0, 1),
        m.EXCHANGED: lambda weight: weight.transpose(3, 2, 1, 0),
        m.OTHER_WAY: lambda weight: weight.transpose(3, 2, 0, 1),
        m.FLIPPED: lambda weight: flip(weight.transpose(2, 3, 1, 0)),
    },
    grid=(0, 1),
    shows="Weights move by a transpose. Compare numbers, not shapes, when you have moved a model.",
)


def _decoder():
    """What each of its layers returns."""
    first = Axis.from_small(7, 3, 2, "same").big
    second = Axis.from_small(first, 3, 2, "same", output_padding=0).big
    return [first, second, Axis.from_small(second, 2, 3).big]


decoder = exercise(
    name="decoder",
    reference=_decoder,
    mistakes={
        m.NONE_AS_ZERO: (lambda: [13, 25, 24 * 3 + 2], lambda: [13, 25, 24 * 3 + 3]),
        m.ZERO_AS_NONE: lambda: [14, 28, 28 * 3],
        m.NO_MAX: lambda: [14, 27, 26 * 3 + 2],
        m.TIMES_STRIDE_PLUS_KERNEL: lambda: [14, 27, 27 * 3 + 2],
        m.PADDING_IGNORED: (lambda: [15, 31, 31 * 3], lambda: [15, 31, 30 * 3 + 2]),
        m.SAME_AS_INPUT: lambda: [7, 7, 7 * 3],
    },
    shows="None takes the rule's size, 0 the smallest that leads back. Each has a row on the page.",
)


def _phases_exchanged(X, W, stride):
    Y = np.zeros_like(spread(X, W, stride))
    for p, q in np.ndindex(stride, stride):
        Y[p::stride, q::stride] = spread(X, W[q::stride, p::stride], 1)
    return Y


subpixel = exercise(
    name="subpixel",
    reference=spread,
    cases=[
        (np.array([[1, 2]]), np.array([[1, 2], [3, 4]]), 2),
        (np.array([[1, 2], [3, 5]]), np.arange(1, 17).reshape(4, 4), 2),
        (*random(13, (3, 2), (4, 2)), 2),
        (*random(14, (2, 3), (3, 6)), 3),
    ],
    mistakes={
        m.PHASES_EXCHANGED: _phases_exchanged,
        m.OVERWRITTEN: overwritten,
        m.FLIPPED: SPREAD_MISTAKES[m.FLIPPED],
        m.KERNEL_TRANSPOSED: SPREAD_MISTAKES[m.KERNEL_TRANSPOSED],
        m.STRIDE_IGNORED: SPREAD_MISTAKES[m.STRIDE_IGNORED],
    },
    shows="A transposed convolution of stride s is s·s plain ones of stride 1, interleaved.",
)
