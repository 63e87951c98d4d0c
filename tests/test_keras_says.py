"""What the lessons ask Keras: the answer is that of the layer of the same setting."""

import numpy as np
import pytest

import transconv
from transconv.keras_says import equal, keras, run, says
from transconv.steps import Convolution, TransposedConvolution, both

X = np.arange(12).reshape(3, 4)
W = np.array([[1, 2], [0, 3], [5, 1]])


def test_run_gives_one_picture_to_a_layer_of_either():
    for kind in (keras.layers.Conv2DTranspose, transconv.Conv2DTranspose):
        y = run(kind(1, (3, 2), strides=(2, 1), use_bias=False), W, X)
        np.testing.assert_array_equal(y, TransposedConvolution(X, W, (2, 1)).output)


@pytest.mark.parametrize("how", [(), ((2, 3), "same"), (1, "valid", None, 2)])
def test_equal_asks_for_the_setting_of_each_walk(how):
    assert equal(TransposedConvolution(X, W, *how))
    assert equal(Convolution(X, W, *how[:2], *how[3:]))


def test_output_padding_is_asked_for_too():
    walk = TransposedConvolution(X, W, 2, output_padding=(1, 0))
    assert says(walk).shape == (8, 8)
    assert equal(walk)


def test_one_wrong_number_is_told():
    conv, transposed = both(X, W)
    assert equal(conv, transposed)
    transposed.output[0, 0] += 1
    assert not equal(conv, transposed)
    assert equal(conv)
