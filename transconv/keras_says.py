"""What Keras says: where the lessons ask it. Needs TensorFlow."""

import numpy as np

from transconv.layers import ACTIVATIONS
from transconv.quiet import quietly
from transconv.steps import TransposedConvolution

with quietly():  # TensorFlow has a lot to say when it starts
    import keras
    import tensorflow as tf


def run(layer, W, grid):
    """The output of a layer with one filter and no bias for one picture of one channel.

    Parameters
    ----------
    layer : Conv2D or Conv2DTranspose, of Keras or of this package
    W : (kernel height, kernel width) array
    grid : (height, width) array

    Returns
    -------
    (new height, new width) array
    """
    batch = grid[None, :, :, None].astype("float32")
    layer.build(batch.shape)
    layer.set_weights([W[:, :, None, None]])
    return np.asarray(layer(batch))[0, :, :, 0]


def says(walk):
    """The output of Keras's layer of the same input, kernel and setting as a walk of `steps`."""
    setting = walk.setting
    how = {"dilation_rate": setting.dilation_rate, "use_bias": False}
    kind = keras.layers.Conv2D
    if isinstance(walk, TransposedConvolution):
        kind, how = keras.layers.Conv2DTranspose, how | {"output_padding": setting.output_padding}
    layer = kind(1, setting.kernel_size, setting.strides, setting.padding, **how)
    return run(layer, walk.W, walk.X)


def equal(*walks):
    """Whether Keras returns the very numbers of every one of these walks of `steps`."""
    return all(np.array_equal(walk.output, says(walk)) for walk in walks)


def gradients(layer, x, dy):
    """What TensorFlow finds: the gradients of `x` and of each of the layer's weights.

    TensorFlow records what a layer does, and knows nothing of the two layers' ties.

    Parameters
    ----------
    layer : Keras's layer or network
    x : (batch, height, width, channels) array
    dy : array of the shape of the output, the upstream gradient

    Returns
    -------
    list of arrays
    """
    x = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = layer(x)
    return [g.numpy() for g in tape.gradient(y, [x, *layer.trainable_weights], dy)]


def twin(network, input_shape):
    """Keras's network of the same layers as a `network.Sequential`, with copies of its weights.

    Parameters
    ----------
    network : Sequential, which has been called
    input_shape : (height, width, channels)
    """
    names = {function: name for name, (function, _) in ACTIVATIONS.items()}
    twins = [keras.Input(input_shape)]
    for layer in network.layers:
        kind, how = getattr(keras.layers, type(layer).__name__), layer.setting
        of = layer.filters, how.kernel_size, how.strides, how.padding
        twins.append(kind(*of, activation=names[layer.activation], use_bias=layer.use_bias))
    model = keras.Sequential(twins)
    model.set_weights(network.weights)
    return model
