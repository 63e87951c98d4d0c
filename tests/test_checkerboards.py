"""Checkerboards: their pictures say what is drawn, and the cures are the identities they claim."""

import re
from io import BytesIO

import numpy as np
import pytest
import tensorflow as tf
from cases import refused
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from reading import drawn_in, grids_in_words, texts_in

from transconv import charts, draw
from transconv.ops import conv2d, kernel_gradient
from transconv.steps import Convolution, TransposedConvolution


def integers(*shape):
    return np.random.default_rng(seed=1).integers(-9, 10, shape)


X = integers(4, 5)


def ones(kernel, stride, small=5, padding="valid"):
    return TransposedConvolution(
        np.ones((small, small)), np.ones((kernel, kernel)), stride, padding
    )


def sums_of_phases(kernel, stride):
    return [[kernel[p::stride, q::stride].sum() for q in range(stride)] for p in range(stride)]


def test_overlaps_draw_and_say_the_counts():
    transposed = ones(3, 2), ones(4, 2), ones(2, 3, padding="same")
    picture = draw.overlaps(*transposed)
    drawn, written = drawn_in(picture.svg), grids_in_words(picture.words)
    assert len(drawn) == len(written) == 3
    for t, panel, in_words in zip(transposed, drawn, written, strict=True):
        np.testing.assert_array_equal(panel.grid.numbers, t.counts)
        np.testing.assert_array_equal(in_words.numbers, t.counts)
        assert panel.grid.title == in_words.title
    assert [g.title.split(" (")[0] for g in written] == [
        "kernel 3, stride 2",
        "kernel 4, stride 2",
        "kernel 2, stride 3",
    ]
    assert picture.caption == (
        "How many inputs make each cell. Away from the border the outlined cells repeat. "
        "Kernel 3, stride 2: 1, 2 or 4, a factor of 4. Kernel 4, stride 2: 4 everywhere. "
        "Kernel 2, stride 3: 0 or 1, so that there are gaps."
    )


@pytest.mark.parametrize("kernel", range(1, 8))
@pytest.mark.parametrize("stride", range(1, 5))
def test_overlaps_outline_what_repeats(kernel, stride):
    """The outlined cells have the counts that the caption names: those of a far larger input."""
    (grid,) = grids_in_words(draw.overlaps(ones(kernel, stride, small=8)).words)
    lit = grid.marked("[")
    far = 8 * stride
    inside = ones(kernel, stride, small=16).counts[far : far + stride, far : far + stride]
    np.testing.assert_array_equal(grid.numbers[lit].reshape(stride, stride), inside)
    caption = draw.overlaps(ones(kernel, stride)).caption
    named = re.findall(r"(\d+)(?=,| or| everywhere)", caption.split(": ")[1].split(", a f")[0])
    last = re.findall(r"or (\d+)", caption)
    assert sorted({int(n) for n in named + last}) == np.unique(inside).tolist()


def test_overlaps_of_an_input_too_small_to_repeat_have_no_outline():
    assert "[" not in draw.overlaps(ones(7, 2, small=2)).words
    assert "[" not in draw.overlaps(ones(5, 1, small=4)).words
    assert "[" in draw.overlaps(ones(5, 1, small=5)).words


def test_overlaps_of_an_oblong_setting():
    t = TransposedConvolution(np.ones((5, 5)), np.ones((3, 4)), (2, 1))
    assert "Kernel 3×4, stride 2×1: 4 or 8, a factor of 2." in draw.overlaps(t).caption


def test_images_say_what_they_draw():
    """test_charts.py has the pixels."""
    first = integers(6, 9) / 20
    second = np.where(np.indices((32, 32)).sum(axis=0) % 2, 1.5, -0.001)
    picture = charts.images("Two pictures.", {"first": first, "second": second}, stride=2)
    assert picture.caption == "Two pictures."
    assert (
        "second (32×32): 0.00 to 1.50, mean 0.75\n"
        "means of its 2×2 phases:\n0.00  1.50\n1.50  0.00" in picture.words
    )
    assert picture.words.endswith(f"black is {first.min():.2f}, white is 1.50")
    for drawn in texts_in(picture.svg):
        for part in drawn.removeprefix("numbers: ").split(" · "):
            said = " ".join(picture.words.split())
            assert " ".join(part.replace("means of the", "means of its").split()) in said


def test_images_name_the_phases_of_the_stride():
    values = np.arange(36.0).reshape(6, 6)
    words = charts.images("", {"x": values}, stride=3).words
    rows = words.split("phases:\n")[1].split("\n")[:3]
    means = [[values[p::3, q::3].mean() for q in range(3)] for p in range(3)]
    assert [[float(n) for n in row.split()] for row in rows] == means


@pytest.mark.parametrize("size", [16, 31, 32, 33, 64])
def test_every_cell_of_an_image_is_equally_large(size):
    """A cell of 7 pixels beside one of 8 would be a pattern that is not in the data."""
    stripes = np.tile(np.arange(size) % 2.0, (size, 1))
    picture = charts.images("", {"a": stripes, "b": stripes, "c": stripes}, stride=2)
    pixels = np.asarray(Image.open(BytesIO(picture.png(2))).convert("L"))
    middle = pixels[pixels.shape[0] // 4]
    edges = np.flatnonzero(np.abs(np.diff(middle.astype(int))) > 100)
    runs = np.diff(edges)[2 : size - 2]
    assert set(runs.tolist()) == {2 * (256 // size)}
    assert picture.size[0] <= 860


def test_images_refuses_a_picture_with_more_cells_than_pixels():
    fits, too_large = np.eye(256), np.eye(3, 257)
    charts.images("", {"a": fits, "b": fits}, stride=2)
    says = "named must hold pictures of at most {0}×{0} cells, one pixel each, if it holds {1}; "
    with refused(says.format(256, 2) + "draw a part. Received: 'b' of 3×257"):
        charts.images("", {"a": fits, "b": too_large}, stride=2)
    with refused(says.format(198, 4) + "draw a part. Received: 'a' of 256×256"):
        charts.images("", dict.fromkeys("abcd", fits), stride=2)


settings_of_a_cure = given(
    kernel=st.tuples(st.integers(1, 5), st.integers(1, 5)), stride=st.integers(1, 4)
)


@settings_of_a_cure
def test_resize_then_convolve_is_one_transposed_convolution(kernel, stride):
    """With the box spread by the rotated kernel as its kernel; every border cell included."""
    w = integers(*kernel)
    one = TransposedConvolution(np.ones((stride, stride), int), w[::-1, ::-1]).output
    assert one.shape == (kernel[0] + stride - 1, kernel[1] + stride - 1)
    resized = X.repeat(stride, axis=0).repeat(stride, axis=1)
    padded = np.pad(resized, [(k - 1, k - 1) for k in kernel])
    np.testing.assert_array_equal(
        TransposedConvolution(X, one, stride).output, Convolution(padded, w).output
    )
    # All of its phases weigh the same; so do its even and odd rows, column by column.
    assert np.unique(sums_of_phases(one, stride)).tolist() == [w.sum()]
    if stride == 2:
        for turned in (one, one.T):
            np.testing.assert_array_equal(turned[::2].sum(axis=0), turned[1::2].sum(axis=0))


@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("kernel", range(1, 6))
def test_resize_then_same_convolution_is_the_same_layer_for_odd_kernels(kernel, stride):
    """Keras's crops agree when the convolution's kernel is odd; an even one is a cell apart."""
    w = integers(kernel, kernel)
    one = TransposedConvolution(np.ones((stride, stride), int), w[::-1, ::-1]).output
    resized = X.repeat(stride, axis=0).repeat(stride, axis=1)
    convolved = Convolution(resized, w, padding="same").output
    transposed = TransposedConvolution(X, one, stride, "same").output
    assert transposed.shape == convolved.shape
    if kernel % 2:
        np.testing.assert_array_equal(transposed, convolved)
    else:
        np.testing.assert_array_equal(transposed[1:, 1:], convolved[:-1, :-1])


@settings_of_a_cure
def test_a_transposed_convolution_is_small_ones_interleaved(kernel, stride):
    """Phase (p,q) of the output is the input spread at stride 1 by phase (p,q) of the kernel."""
    w = integers(*kernel)
    output = TransposedConvolution(X, w, stride).output
    for p, q in np.ndindex(stride, stride):
        small, phase = w[p::stride, q::stride], output[p::stride, q::stride]
        if small.size:
            np.testing.assert_array_equal(TransposedConvolution(X, small).output, phase)
        else:
            assert not phase.any()


@settings_of_a_cure
def test_a_constant_picture_shows_the_sums_of_the_phases(kernel, stride):
    """Away from the border; so an even output takes equal sums, not equal counts."""
    w = integers(*kernel)
    output = TransposedConvolution(np.ones((9, 9), int), w, stride).output
    inside = output[5 * stride : 6 * stride, 5 * stride : 6 * stride]
    np.testing.assert_array_equal(inside, sums_of_phases(w, stride))


def test_sub_pixel_convolution_is_the_same_map():
    """A convolution with a channel for each phase, its kernels rotated, and depth_to_space."""
    kernel = integers(4, 4)
    kernels = np.stack([kernel[p::2, q::2][::-1, ::-1] for p, q in np.ndindex(2, 2)], axis=2)
    channels = conv2d(np.pad(X, 1)[None, :, :, None], kernels[:, :, None, :])
    output = tf.nn.depth_to_space(channels, 2)[0, :, :, 0]
    np.testing.assert_array_equal(output, TransposedConvolution(X, kernel, 2).output)


def test_phases_that_start_alike_do_not_stay_alike():
    """Their part of the kernel's gradient differs as soon as the wanted picture has details."""
    alike = integers(2, 2).repeat(2, axis=0).repeat(2, axis=1)
    transposed = TransposedConvolution(X, alike, 2)
    error = transposed.output - integers(*transposed.output.shape)
    axes = transposed.rows, transposed.columns
    gradient = kernel_gradient(error[None, :, :, None], X[None, :, :, None], axes)[..., 0, 0]
    assert not np.array_equal(gradient[::2, ::2], gradient[1::2, 1::2])


def test_four_alike_kernels_are_a_convolution_then_a_resize():
    small = integers(2, 2)
    alike = small.repeat(2, axis=0).repeat(2, axis=1)
    np.testing.assert_array_equal(
        TransposedConvolution(X, alike, 2).output,
        TransposedConvolution(X, small).output.repeat(2, axis=0).repeat(2, axis=1),
    )
