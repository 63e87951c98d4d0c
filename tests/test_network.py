"""What makes layers learn, against Keras."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import pytest
import tensorflow as tf
from cases import refused

from transconv import Conv2D, Conv2DTranspose
from transconv.network import Adam, Sequential, binary_crossentropy, mean_squared_error

X = np.random.default_rng(0).standard_normal((5, 4, 6, 2), np.float32)
ARGUMENTS = [(Conv2D, (3, 3, 2, "same")), (Conv2DTranspose, (2, 4, 2, "same"))]


def twins(activation="tanh"):
    """The same two layers in both libraries, with the same weights."""
    layers = [layer(*how, activation=activation, seed=0) for layer, how in ARGUMENTS]
    ours = Sequential(*layers)
    ours(X)
    theirs = keras.Sequential(
        [keras.Input(X.shape[1:])]
        + [
            getattr(keras.layers, layer.__name__)(*how, activation=activation)
            for layer, how in ARGUMENTS
        ]
    )
    theirs.set_weights(ours.weights)
    return ours, theirs


def test_a_chain_has_the_output_and_the_gradients_of_keras():
    ours, theirs = twins()
    upstream = np.random.default_rng(1).standard_normal((5, 4, 6, 2), np.float32)
    x = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = theirs(x)
    of_x, *of_weights = tape.gradient(y, [x, *theirs.weights], upstream)
    np.testing.assert_allclose(ours(X), y, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(ours.backward(upstream), of_x, rtol=1e-4, atol=1e-5)
    assert len(ours.gradients) == len(of_weights) == 4
    for our, their in zip(ours.gradients, of_weights, strict=True):
        np.testing.assert_allclose(our, their, rtol=1e-4, atol=1e-4)


def test_ten_steps_of_adam_are_those_of_keras():
    ours, theirs = twins()
    how = {"learning_rate": 0.01, "beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-3}
    adam, their_adam = Adam(**how), keras.optimizers.Adam(**how)
    start = ours.layers[0].get_weights()[0]
    for _ in range(10):
        loss, dy = mean_squared_error(ours(X), X)
        ours.backward(dy)
        adam.step(ours)
        with tf.GradientTape() as tape:
            their_loss = tf.reduce_mean((theirs(X) - X) ** 2)
        of_weights = tape.gradient(their_loss, theirs.trainable_variables)
        their_adam.apply_gradients(zip(of_weights, theirs.trainable_variables, strict=True))
        assert loss == pytest.approx(float(their_loss), rel=1e-5)
    assert np.abs(ours.weights[0] - start).max() > 0.01  # it moved
    for our, their in zip(ours.weights, theirs.get_weights(), strict=True):
        np.testing.assert_allclose(our, their, rtol=1e-4, atol=1e-5)


def test_the_defaults_of_adam_are_those_of_keras():
    theirs = keras.optimizers.Adam().get_config()
    ours = Adam()
    for name in ("learning_rate", "beta_1", "beta_2", "epsilon"):
        assert getattr(ours, name) == pytest.approx(theirs[name])


def test_mean_squared_error_and_its_gradient():
    loss, gradient = mean_squared_error(np.array([[1.0, 5.0]]), np.array([[3.0, 2.0]]))
    assert loss == (4 + 9) / 2
    assert gradient.tolist() == [[-2, 3]]


def test_binary_crossentropy_and_its_gradient_are_those_of_keras():
    logits = np.array([[-500, -3, -0.1], [0, 0.1, 3], [50, 7, 500]], np.float32)
    their_loss = keras.losses.BinaryCrossentropy(from_logits=True)
    for target in (np.zeros((3, 3)), np.ones((3, 3)), np.eye(3)):
        z = tf.constant(logits)
        with tf.GradientTape() as tape:
            tape.watch(z)
            theirs = their_loss(target.ravel(), tf.reshape(z, [-1]))
        loss, gradient = binary_crossentropy(logits, target)
        assert loss == pytest.approx(float(theirs), rel=1e-6)
        np.testing.assert_allclose(gradient, tape.gradient(theirs, z), atol=1e-7)
    assert binary_crossentropy(np.zeros((2, 1)), 1)[0] == pytest.approx(np.log(2))


@pytest.mark.parametrize("shape", [(2,), (1, 3), (2, 1), (1, 2, 3), (3, 2), ()], ids=str)
def test_mean_squared_error_refuses_what_numpy_would_broadcast(shape):
    with refused(f"target must have the shape of y, (2, 3). Received: shape {shape}"):
        mean_squared_error(np.zeros((2, 3)), np.ones(shape))


@pytest.mark.parametrize("shape", [(2,), (1, 3), (1, 1), (2, 3, 1), (3, 2)], ids=str)
def test_binary_crossentropy_refuses_what_numpy_would_broadcast(shape):
    with refused(
        f"target must be one number or have the shape of logits, (2, 3). Received: shape {shape}"
    ):
        binary_crossentropy(np.zeros((2, 3)), np.ones(shape))


def test_adam_refuses_a_network_without_gradients():
    says = (
        "step needs a network with a gradient for each of its weights: call it, and then "
        "backward, first. Received:"
    )
    adam, first, second = Adam(), Conv2D(2, 3, seed=0), Conv2D(1, 2, seed=0)
    with refused(f"{says} 0 weights, 0 gradients"):
        adam.step(first)
    dy = np.ones_like(first(X))
    before = first.get_weights()
    with refused(f"{says} 2 weights, 0 gradients"):
        adam.step(first)
    for weight, same in zip(first.weights, before, strict=True):
        np.testing.assert_array_equal(weight, same)
    second.build((None, None, None, 2))
    first.backward(dy)
    with refused(f"{says} 4 weights, 2 gradients"):
        adam.step(Sequential(first, second))
    assert adam.steps == 0
    adam.step(first)  # what was refused has left nothing behind
    assert np.abs(first.weights[0] - before[0]).max() == pytest.approx(0.001, rel=1e-3)


def test_an_adam_keeps_to_one_network():
    """Its means belong to the weights of its first step."""
    one, two, other = (
        Sequential(*(Conv2D(2, size, padding="same") for _ in range(n)))
        for n, size in ((1, 3), (2, 3), (1, 2))
    )
    for network in (one, two, other):
        network.backward(np.ones_like(network(X)))
    adam = Adam()
    adam.step(one)
    known = "step needs the network of its first step, with weights of shapes [(3, 3, 2, 2), (2,)]"
    for network in (two, other):
        before = network.weights[0].copy()
        shapes = [w.shape for w in network.weights]
        with refused(f"{known}; another needs an Adam of its own. Received: {shapes}"):
            adam.step(network)
        np.testing.assert_array_equal(network.weights[0], before)
    assert adam.steps == 1
