"""Sizes, crops and ties of one axis, worked by hand; and what a Setting refuses."""

from itertools import product

import numpy as np
import pytest
from cases import aborts, every_axis, refused

from transconv.geometry import Axis, Setting, output_padding

SMALL_SIZES = range(1, 6)
SETTINGS = [setting for setting in every_axis() if not aborts(*setting)]
FROM_SMALL = [Axis.from_small(small, *setting) for small in SMALL_SIZES for setting in SETTINGS]
FROM_BIG = [
    axis
    for big in range(1, 10)
    for *setting, output_padding in SETTINGS
    if output_padding is None and (axis := Axis.from_big(big, *setting)).small > 0
]


# The name of each row says which line of the rule it is; k is the dilated kernel, s the stride.
@pytest.mark.parametrize(
    ("small", "kernel", "stride", "padding", "dilation", "output_padding", "big", "pad_before"),
    [
        pytest.param(4, 3, 2, "valid", 1, None, 9, 0, id="valid: (n-1)s + k"),
        pytest.param(3, 2, 5, "valid", 1, None, 15, 0, id="valid, k < s: (n-1)s + s"),
        pytest.param(4, 3, 1, "valid", 2, None, 8, 0, id="valid, dilated"),
        pytest.param(3, 2, 5, "valid", 1, 0, 12, 0, id="valid, 0: (n-1)s + k even if k < s"),
        pytest.param(3, 2, 5, "valid", 1, 4, 16, 0, id="valid, 4: four more"),
        pytest.param(2, 3, 1, "same", 1, None, 2, 1, id="same: n, one cut from each side"),
        pytest.param(2, 3, 2, "same", 1, None, 4, 0, id="same: ns, the odd cell cut at the end"),
        pytest.param(3, 5, 2, "same", 1, None, 6, 1, id="same: one cut before, two after"),
        pytest.param(2, 6, 2, "same", 1, None, 4, 2, id="same: two cut from each side"),
        pytest.param(3, 2, 5, "same", 1, None, 15, 0, id="same, k < s: zeros appended"),
        pytest.param(4, 3, 1, "same", 2, None, 4, 2, id="same, dilated"),
        pytest.param(4, 2, 1, "same", 3, None, 4, 1, id="same, dilated to an even extent"),
        pytest.param(3, 3, 2, "same", 1, 0, 5, 1, id="same, 0, k odd: (n-1)s + 1"),
        pytest.param(3, 3, 2, "same", 1, 1, 6, 0, id="same, 1, k odd: one more, cut from less"),
        pytest.param(3, 4, 2, "same", 1, 1, 5, 1, id="same, 1, k even: (n-1)s + 1"),
        pytest.param(3, 5, 3, "same", 1, 2, 9, 1, id="same, 2, k odd"),
        pytest.param(3, 2, 5, "same", 1, 3, 13, 0, id="same, 3, k < s"),
        pytest.param(4, 3, 1, "same", 2, 0, 4, 2, id="same, 0, dilated"),
    ],
)
def test_big_side_from_the_small(
    small, kernel, stride, padding, dilation, output_padding, big, pad_before
):
    axis = Axis.from_small(small, kernel, stride, padding, dilation, output_padding)
    assert axis == Axis(big, small, kernel, stride, dilation, pad_before)


@pytest.mark.parametrize(
    ("big", "kernel", "stride", "padding", "dilation", "small", "pad_before"),
    [
        pytest.param(4, 3, 1, "valid", 1, 2, 0, id="valid: n - k + 1"),
        pytest.param(8, 3, 2, "valid", 1, 3, 0, id="valid: the last cell is not reached"),
        pytest.param(7, 3, 1, "valid", 2, 3, 0, id="valid, dilated"),
        pytest.param(4, 3, 1, "same", 1, 4, 1, id="same: one zero on each side"),
        pytest.param(4, 2, 1, "same", 1, 4, 0, id="same: the odd zero at the end"),
        pytest.param(4, 3, 2, "same", 1, 2, 0, id="same: n / s"),
        pytest.param(5, 3, 2, "same", 1, 3, 1, id="same: n / s rounded up"),
        pytest.param(6, 1, 3, "same", 1, 2, 0, id="same, k < s: no zeros"),
        pytest.param(4, 3, 1, "same", 2, 4, 2, id="same, dilated"),
    ],
)
def test_small_side_from_the_big(big, kernel, stride, padding, dilation, small, pad_before):
    axis = Axis.from_big(big, kernel, stride, padding, dilation)
    assert axis == Axis(big, small, kernel, stride, dilation, pad_before)


def test_the_shape_does_not_always_come_back():
    assert Axis.from_big(16, kernel=3, stride=2).small == 7
    assert Axis.from_small(7, kernel=3, stride=2).big == 15
    assert Axis.from_small(7, kernel=3, stride=2, output_padding=1).big == 16


def test_the_convolution_leads_back_to_the_size_given():
    for small, setting in product(SMALL_SIZES, SETTINGS):
        assert Axis.from_small(small, *setting).small == small, setting


@pytest.mark.parametrize("axes", [FROM_SMALL, FROM_BIG], ids=["from small", "from big"])
def test_slices_tie_the_cells_of_the_formula_and_no_others(axes):
    for axis in axes:
        for tap in range(axis.kernel):
            big_cells, small_cells = axis.slices(tap)
            ties = zip(range(axis.big)[big_cells], range(axis.small)[small_cells], strict=True)
            formula = [
                (i * axis.stride + tap * axis.dilation - axis.pad_before, i)
                for i in range(axis.small)
            ]
            inside = [(big, i) for big, i in formula if 0 <= big < axis.big]
            assert list(ties) == inside, f"{axis}, tap {tap}"


def test_output_padding_tells_apart_the_sizes_that_lead_to_one():
    """The convolution's size comes back with it, and without it only by chance."""
    for big, kernel, stride, padding in product(
        range(1, 12), (1, 2, 3, 4), (1, 2, 3), ("valid", "same")
    ):
        if padding == "same" or big >= kernel:
            small = Axis.from_big(big, kernel, stride, padding).small
            told = output_padding(big, kernel, stride, padding)
            back = Axis.from_small(small, kernel, stride, padding, output_padding=told)
            assert back.big == big
    assert output_padding(6, kernel=2, stride=3) == 1
    assert output_padding(6, kernel=3, stride=2, padding="same") == 1


def test_cells_of_a_window():
    axis = Axis.from_big(9, kernel=3, stride=1, padding="same", dilation=2)
    assert axis.cells(0).tolist() == [-2, 0, 2]
    assert axis.cells(8).tolist() == [6, 8, 10]
    strided = Axis.from_small(3, kernel=3, stride=2, padding="valid")
    assert [strided.cells(i).tolist() for i in range(3)] == [[0, 1, 2], [2, 3, 4], [4, 5, 6]]


def test_full_size_reaches_from_the_first_window_to_the_last():
    assert Axis.from_small(2, kernel=3, stride=2, padding="same").full == 5
    assert Axis.from_small(3, kernel=2, stride=5).full == 12  # though big is 15
    for axis in FROM_SMALL:
        first, last = axis.cells(0)[0], axis.cells(axis.small - 1)[-1]
        assert axis.full == last - first + 1, axis


def test_overlaps_of_a_stride_and_a_dilation_together():
    """Keras allows one of the two, PyTorch and ONNX both: taps that are even steps apart meet."""
    assert Axis.from_pytorch(9, kernel=3, stride=2, dilation=2).overlaps.tolist() == [3, 0]
    assert Axis.from_pytorch(9, kernel=4, stride=2, dilation=3).overlaps.tolist() == [2, 2]
    assert Axis.from_pytorch(9, kernel=5, stride=4, dilation=2).overlaps.tolist() == [3, 0, 2, 0]


@pytest.mark.parametrize("two", [2, (2, 2), [2, 2], np.int64(2), np.array([2, 2])], ids=repr)
def test_an_integer_stands_for_both_axes(two):
    setting = Setting(two, strides=two, output_padding=1)
    assert (setting.kernel_size, setting.strides) == ((2, 2), (2, 2))
    assert setting.output_padding == (1, 1)
    assert setting.dilation_rate == (1, 1)


def test_padding_in_any_case_of_letters():
    assert [Setting(3, padding=p).padding for p in ("VALID", "Same")] == ["valid", "same"]


def test_each_axis_has_its_own_numbers():
    big = Setting((3, 2), strides=(2, 1), padding="same").from_big(5, 7)
    assert big == (Axis(5, 3, 3, 2, 1, 1), Axis(7, 7, 2, 1, 1, 0))
    small = Setting((3, 2), strides=(3, 2), output_padding=(2, 0)).from_small(2, 4)
    assert small == (Axis(8, 2, 3, 3, 1, 0), Axis(8, 4, 2, 2, 1, 0))
    dilated = Setting((3, 2), dilation_rate=(1, 2)).from_small(2, 4)
    assert dilated == (Axis(4, 2, 3, 1, 1, 0), Axis(6, 4, 2, 1, 2, 0))


def test_a_size_not_yet_known_stays_unknown():
    setting = Setting(3)
    assert setting.from_big(None, 5) == (None, Axis(5, 3, 3, 1, 1, 0))
    assert setting.from_small(5, None) == (Axis(7, 5, 3, 1, 1, 0), None)


NOT_A_SIZE = [0, -1, 1.0, 2.5, "3", None, (), (3,), (3, 3, 3), (3, 0), (3, 1.0), (3, None)]


@pytest.mark.parametrize("name", ["kernel_size", "strides", "dilation_rate"])
@pytest.mark.parametrize("value", NOT_A_SIZE, ids=repr)
def test_refuses_what_is_not_a_size(name, value):
    says = f"{name} must be an integer or a pair of integers, each at least 1. Received: {value!r}"
    with refused(says):
        Setting(**{"kernel_size": 3, name: value})


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"padding": "full"}, "padding must be 'valid' or 'same'. Received: 'full'"),
        ({"padding": None}, "padding must be 'valid' or 'same'. Received: None"),
        (
            {"strides": (1, 2), "dilation_rate": (3, 1)},
            "strides and dilation_rate cannot both be over 1. "
            "Received: strides=(1, 2), dilation_rate=(3, 1)",
        ),
        (
            {"output_padding": -1, "strides": 2},
            "output_padding must be an integer or a pair of integers, each at least 0. "
            "Received: -1",
        ),
        (
            {"output_padding": (0, 2), "strides": (3, 2)},
            "output_padding must be smaller than strides on each axis. "
            "Received: output_padding=(0, 2), strides=(3, 2)",
        ),
        (
            {"output_padding": (2, 0), "strides": (2, 3)},
            "output_padding must be smaller than strides on each axis. "
            "Received: output_padding=(2, 0), strides=(2, 3)",
        ),
        (
            {"kernel_size": (3, 4), "strides": 2, "padding": "same", "output_padding": (1, 0)},
            "output_padding must be None or at least 1 on an axis where padding is 'same' and "
            "the (dilated) kernel is even. Received: output_padding=(1, 0), kernel_size=(3, 4), "
            "dilation_rate=(1, 1)",
        ),
        (
            {"kernel_size": 2, "dilation_rate": 3, "padding": "same", "output_padding": 0},
            "output_padding must be None or at least 1 on an axis where padding is 'same' and "
            "the (dilated) kernel is even. Received: output_padding=(0, 0), kernel_size=(2, 2), "
            "dilation_rate=(3, 3)",
        ),
    ],
)
def test_refuses_at_construction_and_says_why(arguments, says):
    with refused(says):
        Setting(**{"kernel_size": 3, **arguments})


@pytest.mark.parametrize(
    "arguments",
    [
        {"kernel_size": 3, "strides": 2, "padding": "same", "output_padding": 0},
        {"kernel_size": 4, "strides": 2, "padding": "same", "output_padding": 1},
        {"kernel_size": 4, "strides": 2, "padding": "valid", "output_padding": 0},
        {"kernel_size": 2, "dilation_rate": 2, "padding": "same", "output_padding": 0},
    ],
    ids=repr,
)
def test_does_not_refuse_the_neighbours_of_what_it_refuses(arguments):
    Setting(**arguments).from_small(2, 2)


@pytest.mark.parametrize(("height", "width"), [(4, 5), (5, 4), (None, 4)])
def test_refuses_a_grid_smaller_than_the_dilated_kernel(height, width):
    setting = Setting(3, dilation_rate=2)
    says = (
        "with padding='valid' the input must be at least as large as the (dilated) kernel. "
        f"Received: input {height}x{width}, kernel_size=(3, 3), dilation_rate=(2, 2)"
    )
    with refused(says):
        setting.from_big(height, width)
    assert [axis.small for axis in setting.from_big(5, 5)] == [1, 1]
    assert [axis.small for axis in Setting(3, padding="same").from_big(1, 1)] == [1, 1]
