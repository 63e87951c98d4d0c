"""The data of the diagrams, against integers worked by hand and against the operations."""

import numpy as np
import pytest
from cases import any_setting
from hypothesis import given
from hypothesis import strategies as st

from transconv.steps import Addend, Convolution, TransposedConvolution

X = np.array([[3, 5, 2, 7], [4, 1, 3, 8], [6, 3, 8, 2], [9, 6, 1, 5]])
W = np.array([[1, 2, 1], [2, 1, 2], [1, 1, 2]])
Y = np.array([[55, 52], [57, 50]])


@st.composite
def walks(draw, transposed):
    """Random steps of one layer on small integers."""
    size, arguments = draw(any_setting(transposed))
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    kernel = rng.integers(-9, 10, arguments.pop("kernel_size"))
    kind = TransposedConvolution if transposed else Convolution
    return kind(rng.integers(-9, 10, size), kernel, **arguments)


def test_convolution_by_hand():
    conv = Convolution(X, W)
    assert len(conv) == 4
    assert conv.small_cells == [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert [c.tolist() for c in conv.cells(1)] == [[0, 1, 2], [1, 2, 3]]
    assert conv.canvas[conv.window(1)].tolist() == [[5, 2, 7], [1, 3, 8], [3, 8, 2]]
    assert conv.products(0).tolist() == [[3, 10, 2], [8, 1, 6], [6, 3, 16]]
    assert conv.partial(1).tolist() == [[55, 52], [None, None]]
    assert conv.output.tolist() == Y.tolist()
    assert conv.counts.tolist() == [[1, 2, 2, 1], [2, 4, 4, 2], [2, 4, 4, 2], [1, 2, 2, 1]]


def test_padded_convolution_by_hand():
    """Size 4, stride 2, kernel 3, same: one zero is needed, and it goes to the end."""
    conv = Convolution(X, W, strides=2, padding="same")
    assert conv.canvas.tolist() == [[*row, 0] for row in [*X.tolist(), [0] * 4]]
    assert [c.tolist() for c in conv.cells(3)] == [[2, 3, 4], [2, 3, 4]]
    assert conv.products(3).tolist() == [[8, 4, 0], [2, 5, 0], [0, 0, 0]]


def test_transposed_convolution_by_hand():
    spread = TransposedConvolution(Y, W)
    assert spread.patch(2).tolist() == [[57, 114, 57], [114, 57, 114], [57, 57, 114]]
    assert spread.placed(3).tolist() == [
        [0] * 4,
        [0, 50, 100, 50],
        [0, 100, 50, 100],
        [0, 50, 50, 100],
    ]
    assert spread.partial(1).tolist() == [
        [55, 162, 159, 52],
        [110, 159, 162, 104],
        [55, 107, 162, 104],
        [0, 0, 0, 0],
    ]
    assert spread.counts.tolist() == [[1, 2, 2, 1], [2, 4, 4, 2], [2, 4, 4, 2], [1, 2, 2, 1]]
    assert spread.addends(1, 1) == [
        Addend((0, 0), 55, (1, 1), 1),
        Addend((0, 1), 52, (1, 0), 2),
        Addend((1, 0), 57, (0, 1), 2),
        Addend((1, 1), 50, (0, 0), 1),
    ]
    assert spread.kept.all()
    assert not spread.appended.any()


def test_crop_by_hand():
    """Keras keeps the middle for stride 1, and drops one row and column at the end for stride 2."""
    same = TransposedConvolution(Y, W, padding="same")
    assert same.frame == (slice(1, 3), slice(1, 3))
    assert same.partial(3)[same.frame].tolist() == [[323, 319], [264, 326]]
    assert same.addends(0, 0) == TransposedConvolution(Y, W).addends(1, 1)
    apart = TransposedConvolution(Y, W, strides=2, padding="same")
    assert apart.canvas_shape == (5, 5)
    assert apart.frame == (slice(0, 4), slice(0, 4))


def test_appended_by_hand():
    """Kernel 1, stride 3: Keras appends two zeros, whatever the padding."""
    for padding in ("valid", "same"):
        spread = TransposedConvolution(Y, W[:1, :1], strides=3, padding=padding)
        assert spread.canvas_shape == (6, 6)
        assert spread.appended.tolist() == [[False] * 4 + [True] * 2] * 4 + [[True] * 6] * 2
        assert spread.kept.all()


@pytest.mark.parametrize("kind", [Convolution, TransposedConvolution])
def test_plain_lists_will_do(kind):
    lists, arrays = kind(X.tolist(), W.tolist(), padding="same"), kind(X, W, padding="same")
    assert lists.X.tolist() == X.tolist()
    assert lists.W.tolist() == W.tolist()
    assert lists.output.tolist() == arrays.output.tolist()
    assert lists.partial(5).tolist() == arrays.partial(5).tolist()
    assert lists.matrix.tolist() == arrays.matrix.tolist()


def test_zero_insertion_by_hand():
    apart = TransposedConvolution(Y, W[:2, :2], strides=2)
    assert apart.zero_inserted.tolist() == [
        [0, 0, 0, 0, 0],
        [0, 55, 0, 52, 0],
        [0, 0, 0, 0, 0],
        [0, 57, 0, 50, 0],
        [0, 0, 0, 0, 0],
    ]
    assert apart.rotated_kernel.tolist() == [[1, 2], [2, 1]]


@given(walks(transposed=False))
def test_convolution_steps_make_the_output(conv):
    sums = [conv.products(step).sum() for step in range(len(conv))]
    np.testing.assert_array_equal(np.reshape(sums, conv.output.shape), conv.output)
    np.testing.assert_array_equal(conv.canvas[conv.frame], conv.X)
    np.testing.assert_array_equal(conv.matrix @ conv.X.ravel(), conv.output.ravel())
    assert conv.counts.sum() == len(conv) * conv.W.size


@given(walks(transposed=True))
def test_transposed_steps_make_the_output(spread):
    last = len(spread) - 1
    np.testing.assert_array_equal(spread.partial(last)[spread.frame], spread.output)
    for step in range(len(spread)):
        so_far = sum(spread.placed(t) for t in range(step + 1))
        np.testing.assert_array_equal(spread.partial(step), so_far)
    for row, column in np.ndindex(spread.output.shape):
        addends = spread.addends(row, column)
        assert sum(a.value * a.weight for a in addends) == spread.output[row, column]
        assert len(addends) == spread.counts[spread.frame][row, column]
    for step, x in enumerate(spread.X.flat):
        column = (spread.matrix[:, step] * x).reshape(spread.output.shape)
        np.testing.assert_array_equal(column, spread.placed(step)[spread.frame])


@given(walks(transposed=True))
def test_zero_insertion_makes_the_spread(spread):
    dilation = spread.setting.dilation_rate
    by_gathering = Convolution(spread.zero_inserted, spread.rotated_kernel, dilation_rate=dilation)
    within = tuple(slice(0, n) for n in by_gathering.output.shape)
    by_spreading = spread.partial(len(spread) - 1)
    np.testing.assert_array_equal(by_gathering.output, by_spreading[within])
    assert by_gathering.output.sum() == by_spreading.sum()


@given(walks(transposed=True))
def test_canvas_is_the_spread_and_what_is_appended(spread):
    """Appended cells belong to the output, and no patch reaches them."""
    assert not (spread.appended & ~spread.kept).any()
    assert not (spread.appended & (spread.counts > 0)).any()
    assert spread.kept.sum() == spread.output.size


def test_refusals_are_those_of_the_operations():
    with pytest.raises(ValueError, match=r"^with padding='valid' the input must be at least"):
        Convolution(X[:2], W)
    with pytest.raises(ValueError, match=r"^output_padding must be smaller than strides"):
        TransposedConvolution(Y, W, output_padding=1)
