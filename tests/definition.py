"""Both layers by their definition: loops over cells and taps, with nothing of the package.

The last word in every comparison, also with Keras: TensorFlow is not always right (see faults.py).
A setting is (name, arguments, shape): of the layer, as Keras spells them, and of its input.
"""

from itertools import product

import numpy as np

ACTIVATIONS = {
    None: lambda z: z,
    "linear": lambda z: z,
    "relu": lambda z: np.maximum(z, 0),
    "leaky_relu": lambda z: np.maximum(z, 0.2 * z),
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "tanh": np.tanh,
}


def of_conv2d(n, kernel, stride, padding, dilation):
    """The output size of an axis of n cells, and the zeros before the first of them."""
    extent = (kernel - 1) * dilation + 1
    if padding == "valid":
        return (n - extent) // stride + 1, 0
    size = -(-n // stride)  # rounded up
    return size, max((size - 1) * stride + extent - n, 0) // 2


def of_conv2d_transpose(n, kernel, stride, padding, dilation, output_padding):
    """The output size of an axis of n cells, and the cells cut off before it."""
    extent = (kernel - 1) * dilation + 1
    odd = extent % 2
    if padding == "valid" and output_padding is None:
        return (n - 1) * stride + max(extent, stride), 0
    if padding == "valid":
        return (n - 1) * stride + extent + output_padding, 0
    if output_padding is None:
        return n * stride, max(extent - stride, 0) // 2
    return (n - 1) * stride + odd + output_padding, max(extent - odd - output_padding, 0) // 2


def axes(name, arguments, shape):
    """((height, cells before), (width, cells before)) of the output."""
    names = ["kernel_size", "strides", "padding", "dilation_rate", "output_padding"]
    each = {**arguments, "padding": [arguments["padding"]] * 2}
    each["output_padding"] = arguments.get("output_padding") or (None, None)
    of_axis = of_conv2d_transpose if name == "Conv2DTranspose" else of_conv2d
    names = names if name == "Conv2DTranspose" else names[:-1]
    return [of_axis(*axis) for axis in zip(shape[1:3], *(each[n] for n in names), strict=True)]


def sums(setting, x, kernel):
    """The layer's output before bias and activation, in float64.

    `kernel` is (height, width, in, out); for a transposed one (height, width, out, in).
    """
    name, arguments, _ = setting
    transposed = name == "Conv2DTranspose"
    (height, above), (width, before) = axes(*setting)
    y = np.zeros((len(x), height, width, kernel.shape[2 if transposed else 3]))
    small, big = (x, y) if transposed else (y, x)
    stride, dilation = arguments["strides"], arguments["dilation_rate"]
    for i, j, p, q in product(*map(range, (*small.shape[1:3], *kernel.shape[:2]))):
        row = i * stride[0] + p * dilation[0] - above
        column = j * stride[1] + q * dilation[1] - before
        if not (0 <= row < big.shape[1] and 0 <= column < big.shape[2]):
            continue  # a zero around the picture, or cut off
        if transposed:
            y[:, row, column] += x[:, i, j] @ kernel[p, q].T
        else:
            y[:, i, j] += x[:, row, column] @ kernel[p, q]
    return y


def activated(setting, z):
    """The layer's output for its sums with the bias added."""
    activation = setting[1]["activation"]
    return ACTIVATIONS.get(activation, activation)(z)  # a function stands for itself


def upstream(z):
    """A random gradient of the output; zeros at the kink of relu, where rounding decides."""
    dy = np.random.default_rng(1).standard_normal(z.shape, np.float32)
    dy[(np.abs(z) < 1e-4) & (z != 0)] = 0
    return dy


def gradients(setting, x, kernel, z, dy):
    """The gradients of x, kernel and bias, from that of the output; z are the sums with the bias.

    The sums are linear in x and in the kernel. So their derivatives are the sums for pictures, or
    kernels, with one 1 and otherwise zeros.
    """
    step = 1e-6  # from below, where Keras takes the derivative of a kink
    dz = dy * (activated(setting, z) - activated(setting, z - step)) / step

    pictures = np.eye(x[0].size).reshape(-1, *x.shape[1:])
    dx = np.einsum("nijf,bijf->bn", sums(setting, pictures, kernel), dz).reshape(x.shape)

    height, width, channels = *kernel.shape[:2], x.shape[3]
    kernels = np.eye(height * width * channels).reshape(height, width, channels, -1)
    exchange = (0, 1, 3, 2) if setting[0] == "Conv2DTranspose" else (0, 1, 2, 3)
    by_number = sums(setting, x, kernels.transpose(exchange))  # each in a filter of its own
    d_kernel = np.einsum("bijn,bijf->nf", by_number, dz).reshape(height, width, channels, -1)
    return dx, d_kernel.transpose(exchange), dz.sum(axis=(0, 1, 2))
