"""What the lessons ask Keras: the answer is that of the layer of the same setting."""

import numpy as np
import pytest

import transconv
from transconv import Conv2D, Conv2DTranspose
from transconv.keras_says import equal, gradients, keras, run, says, twin
from transconv.network import Sequential
from transconv.steps import Convolution, TransposedConvolution, both

X = np.arange(12).reshape(3, 4)
W = np.array([[1, 2], [0, 3], [5, 1]])


def test_run_gives_one_picture_to_a_layer_of_either():
    for kind in (keras.layers.Conv2DTranspose, transconv.Conv2DTranspose):
        y = run(kind(1, (3, 2), strides=(2, 1), use_bias=False), W, X)
        np.testing.assert_array_equal(y, TransposedConvolution(X, W, (2, 1)).output)


@pytest.mark.parametrize("how", [(), ((2, 3), "same"), (1, "same", None, 2)])
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


def test_a_twin_returns_the_same_and_has_weights_of_its_own():
    network = Sequential(
        Conv2D(4, (3, 2), (2, 1), "same", activation="leaky_relu", seed=0),
        Conv2DTranspose(2, 4, 2, activation="tanh", use_bias=False, seed=1),
    )
    x = np.random.default_rng(0).standard_normal((3, 6, 5, 2)).astype("float32")
    y = network(x)
    other = twin(network, x.shape[1:])
    np.testing.assert_allclose(other(x), y, atol=1e-6)
    dy = np.ones_like(y)
    dx = network.backward(dy)
    by_keras = gradients(other, x, dy)
    assert len(by_keras) == 1 + len(network.gradients) == 4
    for ours, theirs in zip([dx, *network.gradients], by_keras, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-5)
    network.weights[0][:] = 0
    np.testing.assert_allclose(other(x), y, atol=1e-6)
