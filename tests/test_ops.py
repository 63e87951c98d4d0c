"""The functions: integers worked by hand, and identities that hold for every setting, exactly."""

import tracemalloc
from typing import NamedTuple

import numpy as np
import pytest
from cases import any_setting, refused
from hypothesis import given
from hypothesis import strategies as st

from transconv import conv2d, conv2d_transpose, convolution_matrix
from transconv.geometry import Setting
from transconv.ops import gather, kernel_gradient, spread

BOTH = (conv2d, conv2d_transpose)

X = [[3, 5, 2, 7], [4, 1, 3, 8], [6, 3, 8, 2], [9, 6, 1, 5]]
W = [[1, 2, 1], [2, 1, 2], [1, 1, 2]]
Y = [[55, 52], [57, 50]]
SPREAD = [[55, 162, 159, 52], [167, 323, 319, 154], [169, 264, 326, 204], [57, 107, 164, 100]]

# The second worked example of the series: a picture with stride 2.
P = [[2, 1], [3, 2]]
V = [[1, 2, 1], [2, 0, 1], [0, 2, 1]]
P_SPREAD = [[2, 4, 3, 2, 1], [4, 0, 4, 0, 1], [3, 10, 7, 6, 3], [6, 0, 7, 0, 2], [0, 6, 3, 4, 2]]


def one_channel(function, x, kernel, **arguments):
    """The function on pictures and kernels without batch and channels."""
    x, kernel = np.array(x), np.array(kernel)
    return function(x[None, :, :, None], kernel[:, :, None, None], **arguments)[0, :, :, 0].tolist()


@pytest.mark.parametrize(
    ("x", "kernel", "arguments", "expected"),
    [
        pytest.param(X, W, {}, Y, id="the article's"),
        pytest.param(X, W, {"padding": "SAME", "strides": 2}, [[55, 40], [46, 19]], id="odd zero"),
        pytest.param(X, [[1, 2], [3, 4]], {"dilation_rate": 3}, [[64]], id="the corners"),
        pytest.param(
            X, [[1, 2], [3, 4]], {"dilation_rate": 2}, [[57, 36], [41, 55]], id="dilation 2"
        ),
        pytest.param(X, [[1], [10]], {"strides": (2, 3)}, [[43, 87], [96, 52]], id="not square"),
        pytest.param(X, [[1]], {"strides": 3}, [[3, 7], [9, 5]], id="cells never read"),
        pytest.param([[1, 2, 3]], [[1, 10]], {"padding": "same"}, [[21, 32, 3]], id="zero at end"),
    ],
)
def test_conv2d_by_hand(x, kernel, arguments, expected):
    assert one_channel(conv2d, x, kernel, **arguments) == expected


@pytest.mark.parametrize(
    ("x", "kernel", "arguments", "expected"),
    [
        pytest.param(Y, W, {}, SPREAD, id="the article's"),
        pytest.param(Y, W, {"padding": "same"}, [[323, 319], [264, 326]], id="its centre"),
        pytest.param(P, V, {"strides": 2}, P_SPREAD, id="all of the spread"),
        pytest.param(
            P,
            V,
            {"strides": 2, "padding": "same"},
            [row[:4] for row in P_SPREAD[:4]],
            id="the last row and column cut, not the first",
        ),
        pytest.param([[1, 2]], [[1, 2]], {"strides": (1, 3)}, [[1, 2, 0, 2, 4, 0]], id="gaps"),
        pytest.param(
            [[1, 2]],
            [[1, 2]],
            {"strides": (1, 3), "output_padding": 0},
            [[1, 2, 0, 2, 4]],
            id="no gap after the last",
        ),
        pytest.param(
            [[1, 2]],
            [[1, 2]],
            {"strides": (1, 3), "padding": "same"},
            [[1, 2, 0, 2, 4, 0]],
            id="gaps, same",
        ),
        pytest.param(
            [[1, 2, 3]],
            [[1], [10]],
            {"strides": (1, 2)},
            [[1, 0, 2, 0, 3, 0], [10, 0, 20, 0, 30, 0]],
            id="not square",
        ),
        pytest.param(
            [[1, 1]],
            [[1, 2, 3]],
            {"strides": (1, 2), "padding": "same", "output_padding": 0},
            [[2, 4, 2]],
            id="the centre of 1 2 4 2 3",
        ),
        pytest.param(
            [[1, 1]],
            [[1, 2, 3]],
            {"strides": 2, "padding": "same", "output_padding": (0, 1)},
            [[1, 2, 4, 2]],
            id="output_padding reveals the first cell, not a zero",
        ),
        pytest.param([[1, 2]], [[1, 10]], {"dilation_rate": 3}, [[1, 2, 0, 10, 20]], id="dilation"),
    ],
)
def test_conv2d_transpose_by_hand(x, kernel, arguments, expected):
    assert one_channel(conv2d_transpose, x, kernel, **arguments) == expected


def test_channels_of_the_kernel():
    """(in, out) for the convolution, (out, in) for the transposed one."""
    x = np.array([1, 10]).reshape(1, 1, 1, 2)
    kernel = np.array([[1, 2, 3], [4, 5, 6]])
    assert conv2d(x, kernel.reshape(1, 1, 2, 3)).ravel().tolist() == [41, 52, 63]
    assert conv2d_transpose(x, kernel.T.reshape(1, 1, 3, 2)).ravel().tolist() == [41, 52, 63]


@pytest.mark.parametrize("function", BOTH)
def test_each_picture_of_a_batch_by_itself(function):
    x = np.arange(3 * 4 * 5 * 2).reshape(3, 4, 5, 2)
    kernel = np.arange(3 * 2 * 2 * 2).reshape(3, 2, 2, 2)
    alone = [function(picture[None], kernel) for picture in x]
    np.testing.assert_array_equal(function(x, kernel), np.concatenate(alone))


class Case(NamedTuple):
    """Integer arrays for the two sides of one geometry, and the arguments that lead to it."""

    x: np.ndarray  # on the big grid
    y: np.ndarray  # on the small grid
    kernel: np.ndarray
    axes: tuple
    how: dict
    output_padding: tuple | None


@st.composite
def cases(draw, transposed):
    size, how = draw(any_setting(transposed))
    setting = Setting(**how)
    axes = (setting.from_small if transposed else setting.from_big)(*size)
    batch, big_channels, small_channels = (draw(st.integers(1, 3)) for _ in range(3))
    shapes = (
        (batch, *(axis.big for axis in axes), big_channels),
        (batch, *(axis.small for axis in axes), small_channels),
        (*how.pop("kernel_size"), big_channels, small_channels),
    )
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    arrays = (rng.integers(-9, 10, shape) for shape in shapes)
    return Case(*arrays, axes, output_padding=how.pop("output_padding", None), how=how)


@given(cases(transposed=False) | cases(transposed=True))
def test_the_operations_are_adjoint(case):
    product = (gather(case.x, case.kernel, case.axes) * case.y).sum()
    assert product == (case.x * spread(case.y, case.kernel, case.axes)).sum()
    assert product == (case.kernel * kernel_gradient(case.x, case.y, case.axes)).sum()


@given(cases(transposed=True))
def test_the_functions_are_adjoint(case):
    there = conv2d(case.x, case.kernel, **case.how)
    back = conv2d_transpose(case.y, case.kernel, output_padding=case.output_padding, **case.how)
    assert there.shape == case.y.shape
    assert back.shape == case.x.shape
    assert (there * case.y).sum() == (case.x * back).sum()


@given(cases(transposed=False))
def test_convolution_matrix_times_x_is_conv2d(case):
    matrix = convolution_matrix(case.kernel, case.x.shape[1:3], **case.how)
    expected = conv2d(case.x, case.kernel, **case.how)
    for x, y in zip(case.x, expected, strict=True):
        assert (matrix @ x.ravel()).tolist() == y.ravel().tolist()


@given(cases(transposed=True))
def test_its_transpose_times_y_is_conv2d_transpose(case):
    expected = conv2d_transpose(case.y, case.kernel, output_padding=case.output_padding, **case.how)
    matrix = convolution_matrix(case.kernel, expected.shape[1:3], **case.how)
    for y, x in zip(case.y, expected, strict=True):
        assert (matrix.T @ y.ravel()).tolist() == x.ravel().tolist()


def test_convolution_matrix_by_hand():
    expected = [
        [1, 2, 1, 0, 2, 1, 2, 0, 1, 1, 2, 0, 0, 0, 0, 0],
        [0, 1, 2, 1, 0, 2, 1, 2, 0, 1, 1, 2, 0, 0, 0, 0],
        [0, 0, 0, 0, 1, 2, 1, 0, 2, 1, 2, 0, 1, 1, 2, 0],
        [0, 0, 0, 0, 0, 1, 2, 1, 0, 2, 1, 2, 0, 1, 1, 2],
    ]
    assert convolution_matrix(np.array(W), (4, 4)).tolist() == expected
    assert convolution_matrix(np.reshape(W, (3, 3, 1, 1)), [4, 4]).tolist() == expected
    assert convolution_matrix(W, 4).tolist() == expected  # as elsewhere, 4 stands for (4, 4)


@pytest.mark.parametrize(
    ("dtype", "expected"),
    [
        *[(dtype, "int64") for dtype in ("bool", "int8", "int16", "int32", "int64")],
        *[(dtype, "uint64") for dtype in ("uint8", "uint16", "uint32", "uint64")],
        *[(dtype, dtype) for dtype in ("float32", "float64")],
    ],
)
def test_types_stay_and_small_integers_do_not_overflow(dtype, expected):
    value = 1 if dtype == "bool" else 100  # the sum of eight squares does not fit 16 bits
    big, small, kernel = (
        np.full(shape, value, dtype) for shape in [(2, 3, 3, 2), (2, 2, 2, 2), (2, 2, 2, 2)]
    )
    results = (
        conv2d(big, kernel),
        conv2d_transpose(small, kernel),
        kernel_gradient(big, small, Setting(2).from_big(3, 3)),
    )
    assert [str(result.dtype) for result in results] == [expected] * 3
    assert [result.max() for result in results] == [8 * value**2] * 3


@pytest.mark.parametrize(("channels_in", "channels_out"), [(1, 1), (64, 2), (2, 64)])
@pytest.mark.parametrize("strides", [1, 2])
@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("function", BOTH)
def test_working_memory_is_at_most_three_times_the_larger_of_input_and_output(
    function, padding, strides, channels_in, channels_out
):
    x = np.ones((2, 128, 128, channels_in), np.float32)
    channels = (channels_in, channels_out) if function is conv2d else (channels_out, channels_in)
    kernel = np.ones((5, 5, *channels), np.float32)
    function(x, kernel, strides, padding)  # so that what NumPy allocates once is not counted
    tracemalloc.start()
    output = function(x, kernel, strides, padding)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    buffers = 100_000  # bytes that NumPy takes for any picture, large or small
    assert peak - output.nbytes <= 3 * max(x.nbytes, output.nbytes) + buffers


PICTURES = np.ones((1, 4, 5, 2))
KERNEL = np.ones((3, 3, 2, 2))


@pytest.mark.parametrize("function", BOTH)
@pytest.mark.parametrize(
    ("wrong", "received"),
    [
        (np.ones((4, 5, 2)), "shape (4, 5, 2), dtype float64"),
        (np.ones((1, 1, 4, 5, 2)), "shape (1, 1, 4, 5, 2), dtype float64"),
        (7, "shape (), dtype int64"),
        (np.ones((1, 4, 5, 2), complex), "shape (1, 4, 5, 2), dtype complex128"),
        (np.full((1, 4, 5, 2), "a"), "shape (1, 4, 5, 2), dtype <U1"),
    ],
    ids=["3-D", "5-D", "0-D", "complex", "text"],
)
def test_refuses_what_is_not_a_4d_array_of_numbers(function, wrong, received):
    with refused(f"x must be a 4-D array of real numbers. Received: {received}"):
        function(wrong, KERNEL)
    with refused(f"kernel must be a 4-D array of real numbers. Received: {received}"):
        function(PICTURES, wrong)


@pytest.mark.parametrize(
    ("function", "kernel_shape"), [(conv2d, (3, 3, 1, 2)), (conv2d_transpose, (3, 3, 2, 1))]
)
def test_refuses_channels_that_the_kernel_does_not_read(function, kernel_shape):
    with refused(
        "x must have as many channels (its last axis) as the kernel reads, 1. "
        f"Received: x of shape (1, 4, 5, 2), kernel of shape {kernel_shape}"
    ):
        function(PICTURES, np.ones(kernel_shape))


@pytest.mark.parametrize(
    ("function", "arguments", "says"),
    [
        *[(function, {"strides": 0}, "strides must be ") for function in BOTH],
        *[(function, {"padding": "full"}, "padding must be ") for function in BOTH],
        *[(function, {"dilation_rate": 2, "strides": 2}, "strides and di") for function in BOTH],
        (conv2d_transpose, {"output_padding": 1}, "output_padding must be smaller"),
        (conv2d, {"dilation_rate": 2}, "with padding='valid' the input must be at least"),
    ],
)
def test_refuses_what_a_setting_refuses(function, arguments, says):
    """With the words that test_geometry.py compares in full."""
    with pytest.raises(ValueError, match=f"^{says}"):
        function(PICTURES, KERNEL, **arguments)


def test_convolution_matrix_refuses():
    with refused(
        "kernel must be a 2-D or 4-D array of real numbers. Received: shape (3,), dtype float64"
    ):
        convolution_matrix(np.ones(3), 4)
    with refused(
        "input_shape must be an integer or a pair of integers, each at least 1. Received: (4, 4, 1)"
    ):
        convolution_matrix(KERNEL, (4, 4, 1))
    with pytest.raises(ValueError, match=r"^with padding='valid' the input must be at least"):
        convolution_matrix(KERNEL, (4, 2))
