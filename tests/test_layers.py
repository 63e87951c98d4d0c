"""What the layers do by themselves: their weights, and what they refuse.

test_against_keras.py has their values.
"""

import tracemalloc

import numpy as np
import pytest
from cases import any_setting, refused
from hypothesis import given
from hypothesis import strategies as st

from transconv import Conv2D, Conv2DTranspose

BOTH = pytest.mark.parametrize("layer_class", [Conv2D, Conv2DTranspose])
X = np.random.default_rng(0).standard_normal((1, 5, 5, 2), np.float32)


@pytest.mark.parametrize(
    ("layer_class", "shape"), [(Conv2D, (3, 2, 7, 17)), (Conv2DTranspose, (3, 2, 17, 7))]
)
def test_build_makes_the_weights(layer_class, shape):
    layer = layer_class(17, (3, 2))
    assert (layer.kernel, layer.bias, layer.get_weights()) == (None, None, [])
    layer.build((None, None, None, 7))
    assert (layer.kernel.shape, layer.kernel.dtype) == (shape, np.float32)
    assert (layer.bias.tolist(), layer.bias.dtype) == ([0] * 17, np.float32)
    layer_without = layer_class(17, (3, 2), use_bias=False)
    layer_without.build((None, None, None, 7))
    assert layer_without.bias is None
    assert [w.shape for w in layer_without.get_weights()] == [shape]


@BOTH
def test_the_kernel_is_drawn_as_glorot_and_bengio_say(layer_class):
    layer = layer_class(14, 3, seed=0)
    layer.build((None, None, None, 10))
    limit = 1 / 6  # the root of 6 over 9 taps times 10 + 14 channels
    assert limit * 0.99 < np.abs(layer.kernel).max() <= np.float32(limit)
    assert np.std(layer.kernel) == pytest.approx(limit / np.sqrt(3), rel=0.03)  # uniform
    assert np.mean(layer.kernel) == pytest.approx(0, abs=0.01)


@BOTH
def test_the_seed_settles_the_kernel(layer_class):
    def kernel(seed):
        layer = layer_class(3, 3, seed=seed)
        layer.build(X.shape)
        return layer.kernel.tolist()

    assert kernel(1) == kernel(1)
    assert kernel(1) != kernel(2)
    assert kernel(None) != kernel(None)


@BOTH
def test_a_call_builds_the_layer_once(layer_class):
    layer = layer_class(3, 3)
    first = layer(X)
    np.testing.assert_array_equal(layer(X), first)
    np.testing.assert_array_equal(layer(X.astype(np.float64)), first)
    assert layer(X.astype(np.float64)).dtype == np.float32


@BOTH
def test_weights_are_copied_in_and_out(layer_class):
    layer = layer_class(3, 3)
    layer.build(X.shape)
    given = [np.ones_like(w) for w in layer.get_weights()]
    layer.set_weights(given)
    for array in (*given, *layer.get_weights()):
        array[:] = 2
    assert {float(value) for w in layer.get_weights() for value in w.flat} == {1.0}


@BOTH
@pytest.mark.parametrize("wrong", [0, -1, 1.0, "1", None, (1,)], ids=repr)
def test_refuses_filters(layer_class, wrong):
    with refused(f"filters must be an integer of at least 1. Received: {wrong!r}"):
        layer_class(wrong, 3)


@BOTH
@pytest.mark.parametrize("wrong", ["none", 1, []], ids=repr)
def test_refuses_activation(layer_class, wrong):
    with refused(
        "activation must be None, a callable or one of "
        f"['leaky_relu', 'linear', 'relu', 'sigmoid', 'tanh']. Received: {wrong!r}"
    ):
        layer_class(1, 3, activation=wrong)


@pytest.mark.parametrize(
    ("layer_class", "arguments", "says"),
    [
        *[
            (layer_class, arguments, says)
            for layer_class in (Conv2D, Conv2DTranspose)
            for arguments, says in [
                ({"kernel_size": 0}, "kernel_size must be "),
                ({"strides": 0}, "strides must be "),
                ({"dilation_rate": 0}, "dilation_rate must be "),
                ({"padding": "full"}, "padding must be "),
                ({"strides": 2, "dilation_rate": 2}, "strides and dilation_rate "),
            ]
        ],
        (Conv2DTranspose, {"output_padding": 1}, "output_padding must be smaller than strides"),
    ],
)
def test_refuses_at_construction_what_a_setting_refuses(layer_class, arguments, says):
    """With the words that test_geometry.py compares in full."""
    with pytest.raises(ValueError, match=f"^{says}"):
        layer_class(1, **{"kernel_size": 3, **arguments})


@BOTH
@pytest.mark.parametrize(
    "call",
    [
        lambda layer, shape: layer.build(shape),
        lambda layer, shape: layer.compute_output_shape(shape),
    ],
    ids=["build", "compute_output_shape"],
)
@pytest.mark.parametrize(
    "shape",
    [(5, 5, 2), [1, 5, 5, 5, 2], (), 5, None, (1, 2.5, 4, 1), (1, "a", 4, 1), (1, -1, 4, 1)],
    ids=repr,
)
def test_refuses_a_shape_that_is_not_a_picture_s(layer_class, call, shape):
    layer = layer_class(1, 3)
    with refused(
        "input_shape must be (batch, height, width, channels), each an integer of at least 0, or "
        f"None if not known. Received: {shape!r}"
    ):
        call(layer, shape)
    assert layer.kernel is None


@BOTH
@pytest.mark.parametrize("channels", [None, 0], ids=repr)
def test_refuses_to_build_for_unknown_channels(layer_class, channels):
    layer = layer_class(1, 3)
    with refused(
        "input_shape must end in the number of channels, at least 1. "
        f"Received: (None, 5, 5, {channels})"
    ):
        layer.build((None, 5, 5, channels))
    assert layer.kernel is None


@BOTH
@pytest.mark.parametrize(
    ("wrong", "received"),
    [
        (X[0], "shape (5, 5, 2), dtype float32"),
        (X[None], "shape (1, 1, 5, 5, 2), dtype float32"),
        (X.astype(complex), "shape (1, 5, 5, 2), dtype complex128"),
    ],
    ids=["3-D", "5-D", "complex"],
)
def test_refuses_an_input_before_any_work(layer_class, wrong, received):
    layer = layer_class(1, 3)
    with refused(f"x must be a 4-D array of real numbers. Received: {received}"):
        layer(wrong)
    assert layer.kernel is None


@BOTH
def test_refuses_channels_that_the_kernel_does_not_have(layer_class):
    layer = layer_class(4, 3)
    layer.build((None, None, None, 3))
    with refused(
        "x must have 3 channels (its last axis), as the kernel of shape "
        f"{layer.kernel.shape} has. Received: shape (1, 5, 5, 2)"
    ):
        layer(X)


@pytest.mark.parametrize(
    "call",
    [
        lambda layer: layer(X[:, :, :4]),
        lambda layer: layer.build((None, 5, 4, 2)),
        lambda layer: layer.compute_output_shape((None, 5, 4, 2)),
    ],
    ids=["call", "build", "compute_output_shape"],
)
def test_refuses_a_picture_smaller_than_the_kernel(call):
    layer = Conv2D(1, 3, dilation_rate=2)
    with refused(
        "with padding='valid' the input must be at least as large as the (dilated) kernel. "
        "Received: input 5x4, kernel_size=(3, 3), dilation_rate=(2, 2)"
    ):
        call(layer)
    assert layer.kernel is None


@BOTH
@pytest.mark.parametrize("use_bias", [True, False])
def test_refuses_weights_of_other_shapes(layer_class, use_bias):
    layer = layer_class(4, (3, 2), use_bias=use_bias, seed=0)
    layer.build(X.shape)
    before = layer(X)
    kernel, bias = np.ones(layer.kernel.shape), np.ones(4)
    needed = f"weights must be arrays of shapes {[w.shape for w in layer.get_weights()]}."
    exchanged = kernel.transpose(0, 1, 3, 2)
    for wrong in (
        [],
        [kernel] if use_bias else [kernel, bias],
        [exchanged, bias] if use_bias else [exchanged],
        [kernel[:2], bias] if use_bias else [kernel[:2]],
        [kernel, bias[:3]],
        [kernel, bias, bias],
    ):
        with refused(f"{needed} Received: {[w.shape for w in wrong]}"):
            layer.set_weights(wrong)
    np.testing.assert_array_equal(layer(X), before)


@BOTH
def test_refuses_weights_before_build(layer_class):
    with refused("set_weights needs a built layer: call build(input_shape) first"):
        layer_class(1, 3).set_weights([np.ones((3, 3, 1, 1)), np.ones(1)])


@BOTH
@pytest.mark.parametrize("activation", ["linear", "relu", "leaky_relu", "sigmoid", "tanh"])
def test_gradients_are_how_the_loss_changes(layer_class, activation):
    """Each number moved a little each way, in float64: no gradient of another library's."""
    rng = np.random.default_rng(0)
    layer = layer_class(2, (3, 2), strides=(2, 1), padding="same", activation=activation, seed=0)
    y = layer(X)
    upstream = rng.standard_normal(y.shape)
    dx = layer.backward(upstream)
    x = X.astype(np.float64)
    axes = layer._axes(*x.shape[1:3])
    weights = {"kernel": layer.kernel.astype(np.float64), "bias": rng.standard_normal(2)}

    def loss(x, kernel, bias):
        layer.kernel = kernel
        z = layer._forward(x, axes) + bias
        return np.sum(upstream * layer.activation(z))

    weights["bias"] *= 0
    for wanted, name in [
        (dx, "x"),
        (layer.kernel_gradient, "kernel"),
        (layer.bias_gradient, "bias"),
    ]:
        arguments = {"x": x, **weights}
        slopes = np.zeros_like(arguments[name])
        for at in np.ndindex(slopes.shape):
            sides = []
            for step in (1e-6, -1e-6):
                moved = arguments[name].copy()
                moved[at] += step
                sides.append(loss(**{**arguments, name: moved}))
            slopes[at] = (sides[0] - sides[1]) / 2e-6
        np.testing.assert_allclose(wanted, slopes, rtol=1e-4, atol=1e-4)


@BOTH
@pytest.mark.parametrize(
    ("activation", "outputs", "slopes"),
    [
        ("linear", (-3, 0, 2), (1, 1, 1)),
        ("relu", (0, 0, 2), (0, 0, 1)),
        ("leaky_relu", (-0.6, 0, 2), (0.2, 0.2, 1)),
    ],
)
def test_activations_and_their_slopes_at_and_beside_0(layer_class, activation, outputs, slopes):
    """At a kink, where there is no slope, Keras's choice: that of the left side."""
    layer = layer_class(1, 1, activation=activation)
    layer.build((None, None, None, 1))
    layer.set_weights([np.ones((1, 1, 1, 1)), [0]])
    y = layer(np.reshape([-3, 0, 2], (1, 1, 3, 1)))
    np.testing.assert_allclose(y.ravel(), outputs, rtol=1e-6)
    np.testing.assert_allclose(layer.backward(np.ones_like(y)).ravel(), slopes, rtol=1e-6)


@BOTH
def test_backward_overwrites_the_gradients_of_the_backward_before(layer_class):
    layer = layer_class(3, 3, seed=0)
    dy = np.ones_like(layer(X))
    first = layer.backward(dy), layer.kernel_gradient, layer.bias_gradient
    second = layer.backward(2 * dy), layer.kernel_gradient, layer.bias_gradient
    for once, twice in zip(first, second, strict=True):
        np.testing.assert_array_equal(2 * once, twice)


@BOTH
def test_without_a_bias_there_is_no_gradient_of_it(layer_class):
    layer = layer_class(3, 3, use_bias=False)
    layer.backward(layer(X))
    assert layer.bias_gradient is None


@BOTH
def test_refuses_backward_before_a_call(layer_class):
    layer = layer_class(3, 3)
    layer.build(X.shape)
    with refused("backward needs a layer that has been called: call it first"):
        layer.backward(X)


@BOTH
def test_refuses_backward_through_an_activation_of_ones_own(layer_class):
    layer = layer_class(3, 3, activation=np.sin)
    with refused(
        "backward needs an activation that it knows the derivative of, one of "
        f"['leaky_relu', 'linear', 'relu', 'sigmoid', 'tanh']. Received: {np.sin!r}"
    ):
        layer.backward(layer(X))


def test_refuses_an_upstream_gradient_of_another_shape_or_type():
    layer = Conv2D(3, 3)
    layer(X)
    says = "dy must have the shape of the last output, (1, 3, 3, 3). Received: shape"
    for shape in [(1, 3, 3, 1), (1, 1, 3, 3), (1, 3, 4, 3), (2, 3, 3, 3)]:  # some would broadcast
        with refused(f"{says} {shape}"):
            layer.backward(np.ones(shape))
    says = "dy must be a 4-D array of real numbers. Received: shape "
    with refused(f"{says}(), dtype float64"):
        layer.backward(1.0)
    with refused(f"{says}(1, 3, 3, 3), dtype complex128"):
        layer.backward(np.ones((1, 3, 3, 3), complex))
    with refused(f"{says}(1, 3, 3, 3), dtype <U1"):
        layer.backward(np.full((1, 3, 3, 3), "1"))


@given(any_setting(transposed=True), st.integers(1, 3), st.integers(1, 3))
def test_the_backward_of_one_layer_is_the_forward_of_the_other(setting, small, big):
    (height, width), arguments = setting
    up = Conv2DTranspose(big, **arguments, use_bias=False, seed=0)
    del arguments["output_padding"]
    down = Conv2D(small, **arguments, use_bias=False)
    rng = np.random.default_rng(0)
    y = rng.standard_normal((2, height, width, small), np.float32)
    spread = up(y)
    x = rng.standard_normal(spread.shape, np.float32)
    down.build(x.shape)
    down.set_weights(up.get_weights())  # the same array serves both
    gathered = down(x)
    assert gathered.shape == y.shape
    np.testing.assert_allclose(np.vdot(gathered, y), np.vdot(x, spread), rtol=1e-3, atol=1e-3)
    np.testing.assert_array_equal(down.backward(y), spread)
    np.testing.assert_array_equal(up.backward(x), gathered)
    np.testing.assert_allclose(
        down.kernel_gradient, up.kernel_gradient, rtol=1e-6
    )  # of inputs and upstream gradients exchanged


@BOTH
@pytest.mark.parametrize(("channels_in", "channels_out"), [(1, 1), (64, 2), (2, 64), (32, 32)])
@pytest.mark.parametrize("how", [(3, 1, "same"), (5, 2, "same"), (4, 2, "valid"), (3, 3, "same")])
def test_working_memory_of_backward(layer_class, how, channels_in, channels_out):
    layer = layer_class(channels_out, *how)
    x = np.ones((2, 64, 64, channels_in), np.float32)
    dy = np.ones_like(layer(x))
    tracemalloc.start()
    dx = layer.backward(dy)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    buffers = 100_000  # bytes that NumPy takes for any picture, large or small
    gradients = layer.kernel_gradient.nbytes + dx.nbytes
    assert peak - gradients <= 4 * max(x.nbytes, dy.nbytes) + buffers
