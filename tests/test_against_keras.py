"""Keras, the second witness, against the definition: values, shapes and gradients; and its weights.

Where Keras disagrees with the definition, faults.py has to know of it.
"""

import os
import subprocess
import sys
from pathlib import Path

import definition
import keras
import numpy as np
import pytest
import tensorflow as tf
from cases import (
    ACTIVATIONS,
    LAYERS,
    PADDINGS,
    any_layer,
    assert_close,
    built,
    every_axis,
    numbers_for,
)
from faults import FAULTS, faults
from hypothesis import given
from hypothesis import strategies as st

import transconv

EXAMPLES = [pytest.param(fault, id=fault.name) for fault in FAULTS]


def double(x):
    return 2 * x


def by_keras(setting, x, kernel, bias):
    """Keras's layer, and its output; None where TensorFlow refuses."""
    layer = built(keras.layers, *setting, [kernel, bias])
    try:
        return layer, layer(x)
    except tf.errors.OpError:
        return layer, None


def gradients_by_keras(setting, x, kernel, bias, dy):
    """The gradients of x, the kernel and, if there is one, the bias."""
    x = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        layer, y = by_keras(setting, x, kernel, bias)
    return [None] * 2 if y is None else tape.gradient(y, [x, *layer.weights], dy)


def assert_right_or_known(result, expected, known):
    """Whether Keras has the definition's numbers, or one of the known faults excuses it."""
    if not known:
        assert result is not None, "TensorFlow refuses what the definition has a result for"
        assert_close(result, expected, "a fault of TensorFlow that faults.py does not know?")


@given(any_layer(activations=(*ACTIVATIONS, double)))
def test_keras_has_the_values_of_the_definition(setting):
    x, kernel, bias = numbers_for(*setting)
    expected = definition.activated(setting, definition.sums(setting, x, kernel) + bias)
    layer, y = by_keras(setting, x, kernel, bias)
    assert tuple(layer.compute_output_shape(x.shape)) == expected.shape
    assert_right_or_known(y, expected, faults(setting)["y"])


@given(any_layer(), st.tuples(st.booleans(), st.booleans(), st.booleans()))
def test_any_layer_foretells_the_shape_that_keras_foretells(setting, known):
    name, arguments, shape = setting
    ours, theirs = (getattr(library, name)(**arguments) for library in (transconv, keras.layers))
    partly = (*(n if k else None for n, k in zip(shape[:3], known, strict=True)), shape[3])
    theirs.build(shape)
    assert ours.compute_output_shape(partly) == tuple(theirs.compute_output_shape(partly))


@given(any_layer())
def test_keras_has_the_gradients_of_the_definition(setting):
    known = faults(setting)
    if any(fault.dies for hit in known.values() for fault in hit):
        return  # test_known_fault runs such, in a process of its own
    x, kernel, bias = numbers_for(*setting)
    z = definition.sums(setting, x, kernel) + bias
    dy = definition.upstream(z)
    results = gradients_by_keras(setting, x, kernel, bias, dy)
    expected = definition.gradients(setting, x, kernel, z, dy)
    for name, result, definite in zip(("x", "kernel", "bias"), results, expected, strict=False):
        assert_right_or_known(result, definite, known[name])


def shows(fault):
    """Whether TensorFlow gets the fault's example wrong; run in a process of its own."""
    setting = fault.example
    assert any(fault in hit for hit in faults(setting).values())
    x, kernel, bias = numbers_for(*setting)
    z = definition.sums(setting, x, kernel) + bias
    dy = definition.upstream(z)
    expected = [definition.activated(setting, z), *definition.gradients(setting, x, kernel, z, dy)]
    for _ in range(30):  # unwritten memory may hold what is right, by chance
        results = [by_keras(setting, x, kernel, bias)[1]]
        results += gradients_by_keras(setting, x, kernel, bias, dy)
        for result, definite in zip(results, expected, strict=False):
            if result is None or not np.allclose(result, definite, rtol=1e-4, atol=1e-4):
                return True
    return False


@pytest.mark.parametrize("fault", EXAMPLES)
def test_known_fault(fault):
    """In a process of its own, which may die. A skip says that the list can shrink."""
    code = (
        "import test_against_keras as t\n"
        f"print('wrong' if t.shows(t.FAULTS[{FAULTS.index(fault)}]) else 'right')"
    )
    env = {**os.environ, "TF_ENABLE_ONEDNN_OPTS": fault.onednn, "MALLOC_PERTURB_": "85"}
    how = {"cwd": Path(__file__).parent, "env": env, "text": True, "capture_output": True}
    try:
        done = subprocess.run([sys.executable, "-c", code], **how, timeout=600)
    except subprocess.TimeoutExpired:
        assert fault.dies  # a process whose memory is damaged may hang as well
        return
    died = fault.dies and done.returncode < 0  # by a signal
    assert died or done.returncode == 0, done.stderr
    if not died and done.stdout.strip() == "right":
        pytest.skip(
            f"TensorFlow {tf.__version__} has it right here. Seen in {', '.join(fault.versions)}, "
            f"on some processors: {fault.happens}"
        )
    assert died or done.stdout.strip() == "wrong"


@pytest.mark.parametrize("fault", EXAMPLES)
def test_the_layers_are_right_where_tensorflow_is_not(fault):
    x, kernel, bias = numbers_for(*fault.example)
    z = definition.sums(fault.example, x, kernel) + bias
    dy = definition.upstream(z)
    layer = built(transconv, *fault.example, [kernel, bias])
    assert_close(layer(x), z)
    dx, d_kernel, _ = definition.gradients(fault.example, x, kernel, z, dy)
    assert_close(layer.backward(dy), dx)
    assert_close(layer.kernel_gradient, d_kernel)


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
