"""What Keras says, for the lessons and one picture of one channel. Needs TensorFlow."""

import numpy as np

from transconv.quiet import quietly
from transconv.steps import TransposedConvolution

with quietly():  # TensorFlow has a lot to say when it starts
    import keras


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
    """The output of Keras's layer for the input, the kernel and the setting of a walk of `steps`."""
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
