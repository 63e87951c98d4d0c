"""What it takes for layers to learn: a chain of them, two losses, and Adam. Keras's numbers.

Every layer here is a Conv2D or a Conv2DTranspose. There is no dense layer, as a convolution whose
kernel is as large as its input is one.
"""

import numpy as np


class Sequential:
    """Layers one after the other: forward in order, backward in the reverse order.

    Parameters
    ----------
    *layers : Conv2D or Conv2DTranspose

    Attributes
    ----------
    layers : tuple

    Examples
    --------
    >>> from transconv import Conv2D, Conv2DTranspose
    >>> network = Sequential(Conv2D(8, 3, 2, "same"), Conv2DTranspose(1, 3, 2, "same"))
    >>> network(np.zeros((5, 12, 12, 1))).shape
    (5, 12, 12, 1)
    """

    def __init__(self, *layers):
        self.layers = layers

    def __call__(self, x):
        """The output of the last layer for `x`, (batch, height, width, channels), as float32."""
        for layer in self.layers:
            x = layer(x)
        return x

    def backward(self, dy):
        """The gradient with respect to the last input; the layers keep their weights' gradients."""
        for layer in reversed(self.layers):
            dy = layer.backward(dy)
        return dy

    @property
    def weights(self):
        """The weights of all layers, in order: the arrays themselves, not copies."""
        return [weight for layer in self.layers for weight in layer.weights]

    @property
    def gradients(self):
        """For each of `weights` its gradient from the last `backward`."""
        return [gradient for layer in self.layers for gradient in layer.gradients]


class Adam:
    """Gradient descent with a step size of its own for each weight, as `keras.optimizers.Adam`.

    Parameters
    ----------
    learning_rate, beta_1, beta_2, epsilon : float
        As in Keras, and with its defaults.

    Notes
    -----
    Source: Kingma and Ba, "Adam: A Method for Stochastic Optimization", 2015, in the form that
    stands just before its section 2.1.
    """

    def __init__(self, learning_rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
        self.learning_rate, self.epsilon = learning_rate, epsilon
        self.beta_1, self.beta_2 = beta_1, beta_2
        self.steps = 0
        self._means = None  # of the gradients and of their squares, one pair for each weight

    def step(self, network):
        """Move the weights of a Sequential, or of one layer, against their gradients, in place.

        Raises
        ------
        ValueError
            If `backward` has not been called yet, which leaves the gradients; and for weights of
            other shapes than at the first step.
        """
        weights, gradients = len(network.weights), len(network.gradients)
        if not weights or weights != gradients:
            raise ValueError(
                "step needs a network with a gradient for each of its weights: call it, and then "
                f"backward, first. Received: {weights} weights, {gradients} gradients"
            )
        if self._means is None:
            self._means = [(np.zeros_like(w), np.zeros_like(w)) for w in network.weights]
        shapes = [w.shape for w in network.weights]
        known = [mean.shape for mean, _ in self._means]
        if shapes != known:
            raise ValueError(
                f"step needs the network of its first step, with weights of shapes {known}; "
                f"another needs an Adam of its own. Received: {shapes}"
            )
        self.steps += 1
        unbias = np.sqrt(1 - self.beta_2**self.steps) / (1 - self.beta_1**self.steps)
        size = np.float32(self.learning_rate * unbias)
        each = zip(network.weights, network.gradients, self._means, strict=True)
        for weight, gradient, (mean, square) in each:
            mean += (1 - self.beta_1) * (gradient - mean)
            square += (1 - self.beta_2) * (gradient**2 - square)
            weight -= size * mean / (np.sqrt(square) + self.epsilon)


def mean_squared_error(y, target):
    """The mean of the squared differences, and its gradient with respect to `y`.

    Parameters
    ----------
    y, target : arrays of one shape

    Returns
    -------
    loss : float
    gradient : array, as `y`

    Raises
    ------
    ValueError
        For a target of another shape, which NumPy might broadcast to quite another loss.
    """
    if np.shape(target) != np.shape(y):
        raise ValueError(
            f"target must have the shape of y, {np.shape(y)}. Received: shape {np.shape(target)}"
        )
    difference = y - target
    return float(np.mean(difference**2)), 2 * difference / difference.size


def binary_crossentropy(logits, target):
    """How surprised a judge is by the truth, and the gradient with respect to `logits`.

    Keras's `BinaryCrossentropy(from_logits=True)`.

    Parameters
    ----------
    logits : array
        The larger, the surer the judge is of "yes": it believes so with probability
        1 / (1 + exp(-logits)).
    target : 0 or 1, or an array of them, as `logits`
        The truth: 1 for "yes".

    Returns
    -------
    loss : float
        Natural logarithm: 0 for a judge who is sure and right, log(2) for one who cannot tell.
    gradient : array, as `logits`

    Raises
    ------
    ValueError
        For a target that is neither one number nor of the shape of `logits`.
    """
    if np.shape(target) not in ((), np.shape(logits)):
        raise ValueError(
            f"target must be one number or have the shape of logits, {np.shape(logits)}. "
            f"Received: shape {np.shape(target)}"
        )
    loss = np.maximum(logits, 0) - logits * target + np.log1p(np.exp(-np.abs(logits)))
    yes = 0.5 * (1 + np.tanh(0.5 * logits))
    return float(loss.mean()), (yes - target) / logits.size
