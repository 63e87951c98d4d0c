"""What several test files try and expect: settings, small or random, and refusals."""

import re
from itertools import product

import numpy as np
import pytest
from hypothesis import assume
from hypothesis import strategies as st

PADDINGS = ("valid", "same")


def every_axis(kernels=range(1, 7), strides=range(1, 6), paddings=PADDINGS, dilations=(1, 2, 3)):
    """Every (kernel, stride, padding, dilation, output_padding) of one axis."""
    for kernel, stride, padding, dilation in product(kernels, strides, paddings, dilations):
        for output_padding in (None, *range(stride)):
            yield kernel, stride, padding, dilation, output_padding


def aborts(kernel, stride, padding, dilation, output_padding):
    """Whether TensorFlow cannot run this transposed convolution, so that the package refuses it."""
    even = ((kernel - 1) * dilation + 1) % 2 == 0
    return padding == "same" and even and output_padding == 0


@st.composite
def any_setting(draw, transposed):
    """A random (height, width) and the arguments that layers and functions have in common."""
    padding = draw(st.sampled_from(PADDINGS))
    dilated, sized = draw(st.booleans()), transposed and draw(st.booleans())
    axes = []
    for _ in range(2):
        kernel = draw(st.integers(1, 5))
        stride = 1 if dilated else draw(st.integers(1, 4))
        dilation = draw(st.integers(1, 3)) if dilated else 1
        output_padding = draw(st.integers(0, stride - 1)) if sized else None
        assume(not aborts(kernel, stride, padding, dilation, output_padding))
        # A valid convolution needs room for its kernel.
        least = 1 if transposed or padding == "same" else (kernel - 1) * dilation + 1
        axes.append((draw(st.integers(least, least + 5)), kernel, stride, dilation, output_padding))
    size, kernel_size, strides, dilation_rate, output_padding = zip(*axes, strict=True)
    arguments = {
        "kernel_size": kernel_size,
        "strides": strides,
        "padding": padding,
        "dilation_rate": dilation_rate,
    }
    if transposed:
        arguments["output_padding"] = output_padding if sized else None
    return size, arguments


LAYERS = ("Conv2D", "Conv2DTranspose")
ACTIVATIONS = (None, "linear", "relu", "leaky_relu", "sigmoid", "tanh")  # that have a derivative


@st.composite
def any_layer(draw, activations=ACTIVATIONS):
    """A random layer: its name, all its arguments, and the shape of a picture for it."""
    name = draw(st.sampled_from(LAYERS))
    size, arguments = draw(any_setting(transposed=name == "Conv2DTranspose"))
    batch, channels, arguments["filters"] = (draw(st.integers(1, 3)) for _ in range(3))
    arguments["activation"] = draw(st.sampled_from(activations))
    arguments["use_bias"] = draw(st.booleans())
    return name, arguments, (batch, *size, channels)


def numbers_for(name, arguments, shape):
    """A random picture, kernel and bias (zeros without one) for a layer, in float32."""
    rng = np.random.default_rng(0)
    channels = (shape[3], arguments["filters"])
    channels = channels[::-1] if name == "Conv2DTranspose" else channels
    x = rng.standard_normal(shape, np.float32)
    kernel = rng.standard_normal((*arguments["kernel_size"], *channels), np.float32)
    bias = rng.standard_normal(arguments["filters"], np.float32) * arguments["use_bias"]
    return x, kernel, bias


def built(library, name, arguments, shape, weights):
    """The layer of a library with these weights, [kernel, bias]."""
    layer = getattr(library, name)(**arguments)
    layer.build(shape)
    layer.set_weights(weights if arguments["use_bias"] else weights[:1])
    return layer


def assert_close(result, expected, message=""):
    np.testing.assert_allclose(result, expected, rtol=1e-4, atol=1e-4, err_msg=message)


def refused(says):
    """Expect a ValueError with exactly these words."""
    return pytest.raises(ValueError, match=f"^{re.escape(says)}$")
