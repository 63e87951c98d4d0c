"""The explorers without a browser: every setting that their sliders reach."""

from base64 import b64decode
from html import unescape
from io import BytesIO
from itertools import product

import numpy as np
import pytest
from PIL import Image
from reading import grids_in_words

from transconv import conv2d_transpose, explore

W = np.array([[1, 2, 1], [2, 1, 2], [1, 1, 2]])
Y = np.array([[55, 52], [57, 50]])


def values(slider):
    return slider.options if hasattr(slider, "options") else range(slider.min, slider.max + 1)


@pytest.fixture(scope="module")
def explorer():
    return explore.spread(Y, W)


@pytest.fixture(scope="module")
def settings(explorer):
    return list(product(*map(values, explorer.sliders.values())))


def set_to(explorer, setting):
    for slider, value in zip(explorer.sliders.values(), setting, strict=True):
        slider.value = value
    return explorer.picture


def test_sliders_reach_a_useful_range(explorer, settings):
    names = [slider.description for slider in explorer.sliders.values()]
    assert names == ["kernel size", "stride", "padding", "step"]
    assert len(settings) == 4 * 3 * 2 * 4
    assert explorer.sliders["kernel_size"].value == 3


def test_sum_after_the_last_step_is_the_layers_output(explorer, settings):
    for kernel_size, stride, padding, step in settings:
        picture = set_to(explorer, (kernel_size, stride, padding, step))
        given, kernel, _, total = grids_in_words(picture.words)
        assert kernel.numbers.shape == (kernel_size, kernel_size)
        assert given.numbers.tolist() == Y.tolist()
        assert given.numbers.flat[step - 1] == given.numbers[given.marked("[")]
        if step == len(Y.flat):
            weights = kernel.numbers.astype(int)[:, :, None, None]
            output = conv2d_transpose(Y[None, :, :, None], weights, stride, padding)
            kept = total.numbers[~total.marked("x")].reshape(output.shape[1:3])
            np.testing.assert_array_equal(kept, output[0, :, :, 0])


def test_kernels_agree_where_they_overlap(explorer, settings):
    """Moving a slider changes no value of the input or the kernel."""
    kernels = {}
    for setting in settings:
        kernel = grids_in_words(set_to(explorer, setting).words)[1].numbers
        kernels.setdefault(setting[0], []).append(kernel)
    largest = kernels[4][0]
    assert kernels[3][0].tolist() == W.tolist()
    for size, same_size in kernels.items():
        assert all(np.array_equal(kernel, largest[:size, :size]) for kernel in same_size)


def test_image_and_caption_follow_the_sliders(explorer, settings):
    sizes, images, words = set(), set(), set()
    for setting in settings:
        picture = set_to(explorer, setting)
        _, caption, image = explorer.children
        assert picture.caption in unescape(caption.value)
        uri = bytes(image.value)
        images.add(uri)
        words.add(picture.words.split("\n", 1)[1])
        sizes.add(Image.open(BytesIO(b64decode(uri.removeprefix(b"data:image/png;base64,")))).size)
    assert len(images) == len(words) == 72  # without a crop, valid and same look the same
    assert len(sizes) == 1, "the page would jump"


def test_stored_output_is_the_words(explorer):
    assert explorer._repr_mimebundle_()["text/plain"] == explorer.picture.words


def test_play_walks_the_steps(explorer):
    controls, *_ = explorer.children
    play, step = controls.children[-1], explorer.sliders["step"]
    assert (play.min, play.max) == (step.min, step.max)
