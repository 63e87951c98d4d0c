"""The layers against Keras: values, shapes, weights and gradients."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow's notes on this machine's hardware

import keras
import numpy as np
import pytest
import tensorflow as tf
from cases import PADDINGS, any_setting, every_axis
from hypothesis import assume, given
from hypothesis import strategies as st

import transconv

LAYERS = ("Conv2D", "Conv2DTranspose")


def double(x):
    return 2 * x


@st.composite
def cases(draw):
    """The name of a layer, its arguments and the shape of a picture for it."""
    name = draw(st.sampled_from(LAYERS))
    size, arguments = draw(any_setting(transposed=name == "Conv2DTranspose"))
    batch, channels, arguments["filters"] = (draw(st.integers(1, 3)) for _ in range(3))
    activations = [None, "linear", "relu", "leaky_relu", "sigmoid", "tanh", double]
    arguments["activation"] = draw(st.sampled_from(activations))
    arguments["use_bias"] = draw(st.booleans())
    return name, arguments, (batch, *size, channels)


def twins(name, arguments, shape):
    """A random picture, and the layer of both libraries with the same random weights."""
    layers = [getattr(library, name)(**arguments) for library in (transconv, keras.layers)]
    rng = np.random.default_rng(0)
    weights = None
    for layer in layers:
        layer.build(shape)
        weights = weights or [rng.standard_normal(w.shape, np.float32) for w in layer.get_weights()]
        layer.set_weights(weights)
    return rng.standard_normal(shape, np.float32), *layers


def assert_close(ours, theirs):
    np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-4)


@given(cases())
def test_any_setting_has_the_values_of_keras(case):
    x, ours, theirs = twins(*case)
    y = ours(x)
    assert y.dtype == np.float32
    assert_close(y, theirs(x))


@given(cases(), st.tuples(st.booleans(), st.booleans(), st.booleans()))
def test_any_setting_has_the_shape_of_keras(case, known):
    x, ours, theirs = twins(*case)
    assert ours.compute_output_shape(x.shape) == ours(x).shape
    partly = (*(n if k else None for n, k in zip(x.shape, known, strict=False)), x.shape[-1])
    assert ours.compute_output_shape(partly) == tuple(theirs.compute_output_shape(partly))


@given(cases())
def test_any_setting_has_the_gradients_of_keras(case):
    x, ours, theirs = twins(*case)
    assume(theirs.activation is not double)  # whose derivative our layer does not know
    x = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = theirs(x)
    upstream = np.random.default_rng(0).standard_normal(y.shape, np.float32)
    of_x, *of_weights = tape.gradient(y, [x, *theirs.weights], upstream)
    ours(x.numpy())
    dx = ours.backward(upstream)
    assert dx.dtype == np.float32
    assert_close(dx, of_x)
    ours_of_weights = (ours.kernel_gradient, ours.bias_gradient)[: len(of_weights)]
    for gradient, of_weight in zip(ours_of_weights, of_weights, strict=True):
        assert gradient.dtype == np.float32
        assert_close(gradient, of_weight)


def outcomes(layer_class, arguments, pictures):
    """The shape that the layer foretells and its output for each picture; None where it refuses."""
    try:
        layer = layer_class(1, **arguments)
        layer.build((None, None, None, 1))
    except ValueError:
        return [None] * len(pictures)
    weights = [1 + np.arange(w.size).reshape(w.shape) for w in layer.get_weights()]
    layer.set_weights(weights)
    results = []
    for x in pictures:
        try:
            # First the shape: Keras refuses there what TensorFlow answers with unwritten memory.
            shape = tuple(layer.compute_output_shape(x.shape))
            y = np.asarray(layer(x))
        except (ValueError, tf.errors.OpError):
            results.append(None)
        else:
            results.append((shape, y) if y.size else None)  # a picture without pixels is a refusal
    return results


@pytest.mark.parametrize("kernel", range(1, 7))
@pytest.mark.parametrize("padding", PADDINGS)
@pytest.mark.parametrize("name", LAYERS)
def test_every_small_setting_is_refused_by_both_or_equal(name, padding, kernel):
    rng = np.random.default_rng(0)
    pictures = [rng.integers(-9, 10, (1, n, 3, 1)).astype(np.float32) for n in range(1, 6)]
    for *setting, output_padding in every_axis(kernels=[kernel], paddings=[padding]):
        kernel, stride, padding, dilation = setting
        # The rows have the setting to be tried, the columns a plain one that suits them all.
        arguments = {
            "kernel_size": (kernel, 3),
            "strides": (stride, 1),
            "padding": padding,
            "dilation_rate": (dilation, 1),
        }
        if output_padding is not None and name == "Conv2D":
            continue
        if output_padding is not None:
            arguments["output_padding"] = (output_padding, 0)
        ours, theirs = (
            outcomes(getattr(library, name), arguments, pictures)
            for library in (transconv, keras.layers)
        )
        for x, our, their in zip(pictures, ours, theirs, strict=True):
            where = f"{arguments}, {x.shape[1]} rows"
            assert (our is None) == (their is None), where
            if our is not None:
                assert our[0] == their[0] == our[1].shape, where
                np.testing.assert_array_equal(our[1], their[1], where)


REFUSED = [
    *[{"filters": wrong} for wrong in (0, -1, 1.0, "1")],
    *[
        {name: wrong}
        for name in ("kernel_size", "strides", "dilation_rate")
        for wrong in (0, -1, 1.0, (1, 0), (1, 1, 1), (1,), None)
    ],
    *[{"padding": wrong} for wrong in ("full", "")],
    {"strides": 2, "dilation_rate": 2},
    {"strides": (1, 2), "dilation_rate": (2, 1)},
    *[{"activation": wrong} for wrong in ("none", 1)],
]
REFUSED_TRANSPOSED = [
    *[{"output_padding": wrong} for wrong in (-1, 1, (0, 1), (0, 0, 0), 0.0)],
    {"output_padding": (1, 2), "strides": 2},
    {"output_padding": (1, 0), "strides": (1, 2)},
]


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        *[(name, wrong) for name in LAYERS for wrong in REFUSED],
        *[("Conv2DTranspose", wrong) for wrong in REFUSED_TRANSPOSED],
    ],
    ids=repr,
)
def test_keras_refuses_what_we_refuse(name, wrong):
    arguments = {"filters": 1, "kernel_size": 1, **wrong}
    with pytest.raises(ValueError, match="Received"):
        getattr(transconv, name)(**arguments)
    with pytest.raises((ValueError, TypeError)):  # at the latest when it is called
        getattr(keras.layers, name)(**arguments)(np.ones((1, 5, 5, 1)))


@pytest.mark.parametrize("use_bias", [True, False])
@pytest.mark.parametrize("name", LAYERS)
def test_weights_move_both_ways(name, use_bias):
    x = np.random.default_rng(0).standard_normal((2, 5, 4, 3), np.float32)
    arguments = {"filters": 2, "kernel_size": (3, 2), "strides": 2, "use_bias": use_bias}
    ours = getattr(transconv, name)(**arguments, seed=0)
    theirs = getattr(keras.layers, name)(**arguments, bias_initializer="glorot_normal")
    for layer in (ours, theirs):
        layer.build(x.shape)
    before = ours(x)

    taken = getattr(keras.layers, name)(**arguments)
    taken.build(x.shape)
    taken.set_weights(ours.get_weights())
    assert_close(before, taken(x))

    ours.set_weights(theirs.get_weights())
    assert_close(ours(x), theirs(x))
    assert not np.allclose(ours(x), before)
