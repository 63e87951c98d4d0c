"""Conv2D and Conv2DTranspose with Keras's arguments and weights, in NumPy.

The results are those of the definition, for every setting, and so Keras's wherever TensorFlow
follows it.

The two differ in the order of the channels in the kernel, the side from which the geometry is
built, and the operation: what one does forward, the other does backward. Weights move to and from
Keras's layers without a reshape.
"""

from numbers import Integral

import numpy as np

from transconv.geometry import Setting
from transconv.ops import gather, kernel_gradient, numbers, spread

SLOPE = np.float32(0.2)  # of leaky_relu below 0, as in Keras

ACTIVATIONS = {  # the function of the sum, and its derivative as a function of the function's value
    "linear": (lambda z: z, lambda y: 1),
    "relu": (lambda z: np.maximum(z, 0), lambda y: y > 0),
    "leaky_relu": (lambda z: np.where(z < 0, SLOPE * z, z), lambda y: np.where(y > 0, 1, SLOPE)),
    # 1 / (1 + exp(-z)), without overflow
    "sigmoid": (lambda z: 0.5 * (1 + np.tanh(0.5 * z)), lambda y: y * (1 - y)),
    "tanh": (np.tanh, lambda y: 1 - y**2),
}


class _Layer:
    """What the two layers share: weights, checks, bias and activation."""

    def __init__(self, filters, setting, activation, use_bias, seed):
        if not isinstance(filters, Integral) or filters < 1:
            raise ValueError(f"filters must be an integer of at least 1. Received: {filters!r}")
        activation = "linear" if activation is None else activation
        if isinstance(activation, str) and activation in ACTIVATIONS:
            self.activation, self._derivative = ACTIVATIONS[activation]
        elif callable(activation):
            self.activation, self._derivative = activation, None
        else:
            raise ValueError(
                f"activation must be None, a callable or one of {sorted(ACTIVATIONS)}. "
                f"Received: {activation!r}"
            )
        self.filters = int(filters)
        self.setting = setting
        self.use_bias = use_bias
        self.seed = seed
        self.kernel = self.bias = self.kernel_gradient = self.bias_gradient = None
        self._last = None  # input, axes and output of the last call, for backward

    def build(self, input_shape):
        """Make the weights: `kernel` drawn from Glorot's uniform distribution, `bias` zeros.

        Parameters
        ----------
        input_shape : (batch, height, width, channels)
            All but channels may be None.
        """
        self.compute_output_shape(input_shape)  # refuses what cannot be convolved
        channels = input_shape[-1]
        if not isinstance(channels, Integral) or channels < 1:
            raise ValueError(
                "input_shape must end in the number of channels, at least 1. "
                f"Received: {tuple(input_shape)}"
            )
        shape = self._kernel_shape(channels)
        height, width, *both_channels = shape
        limit = np.sqrt(6 / (height * width * sum(both_channels)))  # Glorot and Bengio, 2010
        draw = np.random.default_rng(self.seed).uniform(-limit, limit, shape)
        self.kernel = draw.astype(np.float32)
        self.bias = np.zeros(self.filters, np.float32) if self.use_bias else None

    @property
    def weights(self):
        """[kernel, bias], or [kernel] without a bias; [] before build."""
        return [w for w in (self.kernel, self.bias) if w is not None]

    @property
    def gradients(self):
        """[kernel_gradient, bias_gradient], or [kernel_gradient]; [] before backward."""
        return [g for g in (self.kernel_gradient, self.bias_gradient) if g is not None]

    def get_weights(self):
        """Copies of `weights`."""
        return [w.copy() for w in self.weights]

    def set_weights(self, weights):
        """Take [kernel, bias], or [kernel] without a bias, as Keras's `get_weights` gives them."""
        if self.kernel is None:
            raise ValueError("set_weights needs a built layer: call build(input_shape) first")
        shapes = [w.shape for w in self.weights]
        received = [np.shape(w) for w in weights]
        if received != shapes:
            raise ValueError(f"weights must be arrays of shapes {shapes}. Received: {received}")
        weights = [np.array(w, np.float32) for w in weights]
        self.kernel, self.bias = (*weights, None)[:2]

    def compute_output_shape(self, input_shape):
        """(batch, height, width, filters) for an input of shape (batch, height, width, channels).

        A size that is None (not known yet) stays None.
        """
        sizes = tuple(input_shape) if np.iterable(input_shape) else ()
        if len(sizes) != 4 or not all(
            n is None or (isinstance(n, Integral) and n >= 0) for n in sizes
        ):
            raise ValueError(
                "input_shape must be (batch, height, width, channels), each an integer of at least "
                f"0, or None if not known. Received: {input_shape!r}"
            )
        batch, height, width, _ = sizes
        new = [axis and getattr(axis, self._output_side) for axis in self._axes(height, width)]
        return (batch, *new, self.filters)

    def __call__(self, x):
        """The layer's output for `x`, (batch, height, width, channels), as float32.

        Builds the layer if nobody has.
        """
        x = numbers("x", x).astype(np.float32, copy=False)
        if self.kernel is None:
            self.build(x.shape)
        expected = self.kernel.shape[self._input_channels_axis]
        if x.shape[3] != expected:
            raise ValueError(
                f"x must have {expected} channels (its last axis), as the kernel of shape "
                f"{self.kernel.shape} has. Received: shape {x.shape}"
            )
        axes = self._axes(*x.shape[1:3])
        y = self._forward(x, axes)
        if self.use_bias:
            y += self.bias
        y = self.activation(y)
        self._last = x, axes, y
        return y

    def backward(self, dy):
        """The gradient of a loss with respect to the last input, from that to the last output.

        Leaves the loss's gradients with respect to the weights in `kernel_gradient` and
        `bias_gradient`. The arrays of the last call must not have been changed since.

        Parameters
        ----------
        dy : array, as the last output: (batch, new height, new width, filters)
            The upstream gradient: how the loss changes with each number of the last output.

        Returns
        -------
        array, as the last input: (batch, height, width, channels), float32

        Raises
        ------
        ValueError
            For a dy of another shape or not of real numbers, if the layer has not been called yet,
            and if its activation is a function of one's own, whose derivative it does not know.
        """
        if self._last is None:
            raise ValueError("backward needs a layer that has been called: call it first")
        if self._derivative is None:
            raise ValueError(
                "backward needs an activation that it knows the derivative of, one of "
                f"{sorted(ACTIVATIONS)}. Received: {self.activation!r}"
            )
        x, axes, y = self._last
        dy = numbers("dy", dy)
        if dy.shape != y.shape:
            raise ValueError(
                f"dy must have the shape of the last output, {y.shape}. Received: shape {dy.shape}"
            )
        dz = (dy * self._derivative(y)).astype(np.float32, copy=False)
        if self.use_bias:
            self.bias_gradient = dz.sum(axis=(0, 1, 2))
        dx, self.kernel_gradient = self._backward(x, dz, axes)
        return dx


class Conv2D(_Layer):
    """A convolution (really a cross-correlation) of pictures: each window times the kernel, summed.

    Parameters
    ----------
    filters : int
        Channels of the output.
    kernel_size, strides, dilation_rate : int or (int, int)
        In cells of the INPUT. strides and dilation_rate not both over 1.
    padding : "valid" or "same"
        "valid" adds nothing; "same" adds zeros so that the output has ceil(input / stride) cells.
    activation : None, callable, or one of "linear", "relu", "leaky_relu", "sigmoid", "tanh"
    use_bias : bool
    seed : None or int
        Of the kernel drawn by `build`. None: another kernel each time.

    Attributes
    ----------
    kernel : (kernel height, kernel width, in, filters), float32; None before `build`
    bias : (filters,), float32; None without a bias
    kernel_gradient, bias_gradient : as kernel and bias; None before `backward`

    Raises
    ------
    ValueError
        Naming the argument, for whatever `keras.layers.Conv2D` refuses.

    Examples
    --------
    >>> Conv2D(8, 3, strides=2, padding="same")(np.zeros((1, 28, 28, 1))).shape
    (1, 14, 14, 8)
    """

    _output_side = "small"
    _input_channels_axis = 2

    def __init__(
        self,
        filters,
        kernel_size,
        strides=1,
        padding="valid",
        dilation_rate=1,
        activation=None,
        use_bias=True,
        *,
        seed=None,
    ):
        setting = Setting(kernel_size, strides, padding, dilation_rate)
        super().__init__(filters, setting, activation, use_bias, seed)

    def _axes(self, height, width):
        return self.setting.from_big(height, width)

    def _kernel_shape(self, channels):
        return (*self.setting.kernel_size, channels, self.filters)

    def _forward(self, x, axes):
        return gather(x, self.kernel, axes)

    def _backward(self, x, dz, axes):
        return spread(dz, self.kernel, axes), kernel_gradient(x, dz, axes)


class Conv2DTranspose(_Layer):
    """A transposed convolution: each value spread over the kernel, the overlaps summed.

    Parameters
    ----------
    filters : int
        Channels of the output.
    kernel_size, strides, dilation_rate : int or (int, int)
        In cells of the OUTPUT. strides and dilation_rate not both over 1.
    padding : "valid" or "same"
        "valid" keeps the whole spread; "same" crops it, or appends zeros, to input * stride cells.
    output_padding : None, int or (int, int)
        Chooses the output size instead: (input - 1) * stride + (dilated kernel if "valid", else 1
        if that is odd and 0 if even) + output_padding. Smaller than strides.
    activation : None, callable, or one of "linear", "relu", "leaky_relu", "sigmoid", "tanh"
    use_bias : bool
    seed : None or int
        Of the kernel drawn by `build`. None: another kernel each time.

    Attributes
    ----------
    kernel : (kernel height, kernel width, filters, in), float32; None before `build`
    bias : (filters,), float32; None without a bias
    kernel_gradient, bias_gradient : as kernel and bias; None before `backward`

    Raises
    ------
    ValueError
        Naming the argument, for whatever `keras.layers.Conv2DTranspose` refuses, and for an even
        kernel with padding "same" and output_padding 0, where TensorFlow aborts.

    Examples
    --------
    >>> Conv2DTranspose(1, 3, strides=2, padding="same")(np.zeros((1, 14, 14, 8))).shape
    (1, 28, 28, 1)
    """

    _output_side = "big"
    _input_channels_axis = 3

    def __init__(
        self,
        filters,
        kernel_size,
        strides=1,
        padding="valid",
        output_padding=None,
        dilation_rate=1,
        activation=None,
        use_bias=True,
        *,
        seed=None,
    ):
        setting = Setting(kernel_size, strides, padding, dilation_rate, output_padding)
        super().__init__(filters, setting, activation, use_bias, seed)

    def _axes(self, height, width):
        return self.setting.from_small(height, width)

    def _kernel_shape(self, channels):
        return (*self.setting.kernel_size, self.filters, channels)

    def _forward(self, x, axes):
        return spread(x, self.kernel, axes)

    def _backward(self, x, dz, axes):
        return gather(dz, self.kernel, axes), kernel_gradient(dz, x, axes)
