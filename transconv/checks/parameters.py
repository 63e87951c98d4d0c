"""The exercises of lesson 2."""

import numpy as np

from transconv.checks import mistakes as m
from transconv.checks.answers import counts, flip, random
from transconv.checks.marking import Exercise
from transconv.geometry import Axis
from transconv.layers import Conv2DTranspose

LESSON = "02_parameters"

both_shapes = Exercise(
    name="both_shapes",
    lesson=LESSON,
    reference=lambda: [(6 - 3 + 1, 9 - 2 + 1), (6 + 3 - 1, 9 + 2 - 1)],
    mistakes={
        m.LAYERS_EXCHANGED: lambda: [(8, 10), (4, 8)],
        m.NO_PLUS_ONE: lambda: [(6 - 3, 9 - 2), (6 + 3, 9 + 2)],
        m.EXCHANGED: lambda: [(6 - 2 + 1, 9 - 3 + 1), (6 + 2 - 1, 9 + 3 - 1)],
    },
    shows="What a kernel takes from the one output it adds to the other: n - k + 1, n + k - 1.",
)

patch_corner = Exercise(
    name="patch_corner",
    lesson=LESSON,
    reference=lambda: (3 * 2, 1 * 2),
    mistakes={
        m.STRIDE_IGNORED: lambda: (3, 1),
        m.STRIDE_ON_INPUT: lambda: (3 // 2, 1 // 2),
        m.SIDE_BY_SIDE: lambda: (3 * 3, 1 * 3),
        m.EXCHANGED: lambda: (2, 6),
    },
    shows="The stride moves the patch over the output, while the input is walked one by one.",
)


def _both(n, k, s, padding):
    return Axis.from_big(n, k, s, padding).small, Axis.from_small(n, k, s, padding).big


def _both_but(padding, conv=None, transposed=None):
    """The right sizes, but for a formula or two in the case of one padding."""

    def sizes(n, k, s, given):
        right = _both(n, k, s, given)
        if given != padding:
            return right
        formulas = conv, transposed
        return [f(n, k, s) if f else r for f, r in zip(formulas, right, strict=True)]

    return sizes


both_sizes = Exercise(
    name="both_sizes",
    lesson=LESSON,
    reference=_both,
    cases=[
        (n, k, s, padding)
        for n, k, s in [(2, 1, 1), (3, 2, 2), (5, 3, 1), (5, 3, 2), (7, 4, 2), (10, 5, 3)]
        for padding in ("valid", "same")
    ],
    mistakes={
        m.SAME_AS_INPUT: (
            _both_but("same", lambda n, k, s: n, lambda n, k, s: n),
            _both_but("same", None, lambda n, k, s: n),
            _both_but("same", lambda n, k, s: n),
        ),
        m.FLOOR: _both_but("same", lambda n, k, s: n // s),
        m.LAYERS_EXCHANGED: lambda *case: _both(*case)[::-1],
        m.NO_PLUS_ONE: _both_but("valid", lambda n, k, s: (n - k) // s),
        m.TIMES_STRIDE: _both_but("valid", None, lambda n, k, s: n * s),
        m.TIMES_STRIDE_PLUS_KERNEL: _both_but("valid", None, lambda n, k, s: n * s + k),
        m.STRIDE_IGNORED: _both_but("valid", lambda n, k, s: n - k + 1, lambda n, k, s: n + k - 1),
    },
    shows="One rule for each padding and each layer: there is no single formula to remember.",
)


def _kept(full, k, s, start=None, append=(0, 1)):
    """The cells that `same` keeps of a spread, from `start` on; zeros on either side if too few."""
    sizes = [n - k + s for n in full.shape]
    start = max(k - s, 0) // 2 if start is None else start
    missing = max(s - k, 0)
    before = missing * append[0] // sum(append)
    full = np.pad(full, (before, missing - before))
    return full[start : start + sizes[0], start : start + sizes[1]]


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

crop = Exercise(
    name="crop",
    lesson=LESSON,
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
fit = Exercise(
    name="fit",
    lesson=LESSON,
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
        m.ZEROS_AT_START: lambda full, k, s: _kept(full, k, s, append=(1, 0)),
        m.ZEROS_ON_BOTH_SIDES: lambda full, k, s: _kept(full, k, s, append=(1, 1)),
        m.NEGATIVE_CROP: lambda full, k, s: (
            _kept(full, k, s)
            if k >= s
            else full[(k - s) // 2 :, (k - s) // 2 :][: len(full) - k + s, : full.shape[1] - k + s]
        ),
    },
    shows="Now you have all of `same`: with spread_and_sum before it, this is Conv2DTranspose.",
)


def _way_back(big, k, s, padding, small=None, over=0):
    """The output_padding with which a transposed convolution returns to `big`."""
    small = Axis.from_big(big, k, s, padding).small if small is None else small
    return big - Axis.from_small(small, k, s, padding, 1, over).big


way_back = Exercise(
    name="way_back",
    lesson=LESSON,
    reference=lambda n, k, s, padding: _way_back(n, k, s, padding),
    cases=[
        (3, 3, 2, "valid"),
        (4, 3, 2, "valid"),
        (3, 3, 2, "same"),
        (4, 3, 2, "same"),
        (12, 3, 3, "valid"),
        (11, 5, 3, "same"),
        (13, 5, 4, "valid"),
        (16, 3, 2, "valid"),
    ],
    mistakes={
        m.ALWAYS_RETURNS: lambda n, k, s, padding: 0,
        m.NONE_IS_ZERO: lambda n, k, s, padding: _way_back(n, k, s, padding, over=None),
        m.FLOOR: lambda n, k, s, padding: _way_back(
            n, k, s, padding, n // s if padding == "same" else None
        ),
        m.NO_PLUS_ONE: lambda n, k, s, padding: _way_back(
            n, k, s, padding, (n - k) // s if padding == "valid" else None
        ),
    },
    shows="Your numbers run from 0 to stride - 1: one for each size that the encoder maps to one.",
)

revealed = Exercise(
    name="revealed",
    lesson=LESSON,
    reference=lambda: [2, 4, 7, 2],
    mistakes={
        m.APPENDS_ZEROS: lambda: [4, 7, 2, 0],
        m.REVEALS_END: lambda: [4, 7, 2, 3],
    },
    shows="A computed cell has come to light, at the start: output_padding appends no zeros here.",
)

dilated_sizes = Exercise(
    name="dilated_sizes",
    lesson=LESSON,
    reference=lambda: [Axis.from_small(7, 3, 1, p, 2).big for p in ("valid", "same")],
    mistakes={
        m.DILATION_UPSAMPLES: lambda: [Axis.from_small(7, 3, 2, p).big for p in ("valid", "same")],
        m.DILATION_IGNORED: lambda: [Axis.from_small(7, 3, 1, p).big for p in ("valid", "same")],
    },
    shows="A dilated kernel reaches further, but the grid grows by a border at most.",
)


def _overlaps(height, width, k, s):
    return counts(np.zeros((height, width)), np.zeros((k, k)), s)


count_overlaps = Exercise(
    name="count_overlaps",
    lesson=LESSON,
    reference=lambda height, width, kernel_size, stride: _overlaps(
        height, width, kernel_size, stride
    ),
    cases=[(1, 2, 2, 1), (2, 2, 3, 2), (2, 3, 4, 2), (4, 3, 3, 3), (3, 5, 5, 2)],
    mistakes={
        m.COVERED: lambda h, w, k, s: np.minimum(_overlaps(h, w, k, s), 1),
        m.STRIDE_IGNORED: lambda h, w, k, s: _overlaps(h, w, k, 1),
        m.STRIDE_ON_INPUT: lambda h, w, k, s: _overlaps(-(-h // s), -(-w // s), k, 1),
        m.EXCHANGED: lambda h, w, k, s: _overlaps(w, h, k, s),
        m.COUNTS_ADDED: lambda h, w, k, s: _overlaps(h, 1, k, s)[:, :1] + _overlaps(1, w, k, s)[:1],
    },
    shows="Count before you train: where the counts take turns, checkerboards begin.",
)


def _flat(kernel, stride):
    sums = [kernel[p::stride, q::stride].sum() for p, q in np.ndindex(stride, stride)]
    return bool(np.ptp(sums) < 1e-9)


stays_flat = Exercise(
    name="stays_flat",
    lesson=LESSON,
    reference=_flat,
    cases=[
        (np.array([[1, 2], [3, 4]]), 1),
        (np.ones((2, 2), int), 2),
        (np.array([[1, 2], [3, 4]]), 2),
        (np.ones((3, 3), int), 2),
        (np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1]]), 2),
        (np.array([[1, 2, 3, 4], [4, 3, 2, 1], [4, 3, 2, 1], [1, 2, 3, 4]]), 2),
        (np.array([[1, 2, 4, 3], [5, 1, 0, 4]]), 2),
    ],
    mistakes={
        m.DIVISIBLE: lambda W, s: all(n % s == 0 for n in W.shape),
        m.ALL_EQUAL: lambda W, s: bool(np.ptp(W) == 0),
    },
    shows="What each phase's taps sum to decides, not how many there are.",
)

resize_kernel = Exercise(
    name="resize_kernel",
    lesson=LESSON,
    reference=lambda: (4 + 3 - 1, 4 * 4),
    mistakes={
        m.SAME_LAYER: lambda: (4, 4 * 4),
        m.ANY_KERNEL: lambda: (6, 6 * 6),
        m.SIDE_BY_SIDE: lambda: (4 * 3, 4 * 4),
        m.NO_PLUS_ONE: lambda: (4 + 3, 4 * 4),
    },
    shows="Resize and convolve is one transposed convolution, of a special kind: 16 of 36 numbers.",
)


def _layer(how):
    """Height and width of the layer's output for 5 × 7, and whether its overlaps are even."""
    layer = Conv2DTranspose(1, **how)
    axes = layer.setting.from_small(5, 7)
    return [*(axis.big for axis in axes), all(np.ptp(axis.overlaps) == 0 for axis in axes)]


choose = Exercise(
    name="choose",
    lesson=LESSON,
    reference=lambda: [20, 21, True],
    read=_layer,
    says="Your layer's output: height, width, and 1 if its overlaps are even, else 0",
    mistakes={m.EXCHANGED: lambda: [15, 28, True], m.UNEVEN: lambda: [20, 21, False]},
    shows="Each axis has a stride of its own, and a kernel size that it divides.",
)

to_pytorch = Exercise(
    name="to_pytorch",
    lesson=LESSON,
    reference=lambda kernel: kernel.transpose(3, 2, 0, 1),
    cases=[
        (np.arange(1, 5).reshape(1, 2, 1, 2),),
        (np.arange(1, 9).reshape(2, 1, 2, 2),),
        random(8, (3, 2, 4, 3)),
    ],
    mistakes={
        m.RESHAPED: lambda kernel: kernel.reshape(kernel.transpose(3, 2, 0, 1).shape),
        m.CHANNELS: lambda kernel: kernel.transpose(2, 3, 0, 1),
        m.EXCHANGED: lambda kernel: kernel.T,
        m.FLIPPED: lambda kernel: flip(kernel).transpose(3, 2, 0, 1),
    },
    grid=(2, 3),
    shows="Weights move by a transpose. Compare numbers, not shapes, when you have moved a model.",
)


def _size_but(**formulas):
    """The right size, but for the formula of one padding, or another output_padding."""

    def size(n, k, s, padding, output_padding):
        if padding in formulas:
            return formulas[padding](n, k, s, output_padding)
        return Axis.from_small(n, k, s, padding, 1, output_padding).big

    return size


output_size = Exercise(
    name="output_size",
    lesson=LESSON,
    reference=_size_but(),
    cases=[
        (1, 1, 1, "valid", None),
        (2, 3, 2, "valid", None),
        (2, 2, 3, "valid", None),
        (2, 3, 2, "valid", 1),
        (2, 3, 2, "same", None),
        (2, 3, 2, "same", 0),
        (2, 3, 2, "same", 1),
        (4, 4, 3, "same", 2),
        (7, 2, 5, "valid", 3),
        (7, 5, 3, "same", None),
    ],
    mistakes={
        m.SAME_AS_INPUT: _size_but(same=lambda n, k, s, over: n),
        m.NO_MAX: _size_but(valid=lambda n, k, s, over: (n - 1) * s + k + (over or 0)),
        m.NONE_IS_ZERO: lambda *case: _size_but()(*case[:4], case[4] or 0),
        m.ADDED_TO_RULE: lambda *case: _size_but()(*case[:4], None) + (case[4] or 0),
        m.TIMES_STRIDE_PLUS_KERNEL: _size_but(valid=lambda n, k, s, over: n * s + k + (over or 0)),
    },
    shows="That is the page to print. Keras's compute_output_shape says the same.",
)
