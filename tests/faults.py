"""Where TensorFlow is known to be wrong, and so Keras is: the one list of it.

The layers here are right in all of these settings, by definition.py. Whether a fault shows depends
on the processor as well, as oneDNN, Intel's library inside TensorFlow, has code for each kind.
"""

from collections.abc import Callable
from dataclasses import dataclass

import definition


@dataclass(frozen=True)
class Fault:
    """What is wrong, where, and one setting that shows it."""

    name: str
    hits: Callable  # from (name, arguments, shape) to those of "y", "x", "kernel", "bias" it hits
    versions: tuple  # of TensorFlow, in which it was seen
    happens: str
    example: tuple  # a setting
    onednn: str = "1"  # TF_ENABLE_ONEDNN_OPTS, with which it was seen
    dies: bool = False  # whether the process may die: never to be run in a process that is needed


def unwritten(name, arguments, shape):
    """Where a convolution of one channel, a batch, leads to one column with strides (1, over 1).

    Forward in Conv2D. In Conv2DTranspose it is the way back, to the gradient of the input.
    """
    batch, _, width, channels = shape
    forward = name == "Conv2D"
    read = channels if forward else arguments["filters"]
    columns = definition.axes(name, arguments, shape)[1][0] if forward else width
    row_stride, column_stride = arguments["strides"]
    if not (read == 1 and batch > 1 and columns == 1 and row_stride == 1 < column_stride):
        return ()
    if not forward:
        return ("x",)
    # The derivative of an activation that is not linear is taken at a wrong output.
    return ("y",) if arguments["activation"] in (None, "linear") else ("y", "x", "kernel", "bias")


def heap(name, arguments, shape):
    """Where the gradient of a kernel of one tap is taken with a stride over 1, in either layer.

    TensorFlow computes it, outside of a tf.function, whenever any gradient of the layer is asked.
    """
    one_tap = arguments["kernel_size"] == (1, 1) and max(arguments["strides"]) > 1
    return ("x", "kernel", "bias") if one_tap else ()


def dilated(name, arguments, shape):
    """Where a Conv2DTranspose is dilated."""
    hit = name == "Conv2DTranspose" and max(arguments["dilation_rate"]) > 1
    return ("y", "x", "kernel", "bias") if hit else ()


def example(name, shape, **arguments):
    plain = {"filters": 1, "strides": (1, 1), "padding": "valid", "dilation_rate": (1, 1)}
    return name, {**plain, "activation": None, "use_bias": False, **arguments}, shape


WRONG = "returns unwritten memory, values up to 1e32"
DIES = "writes past its memory: the gradient is wrong, and the process dies, at once or later"
FAULTS = [
    Fault(
        "Conv2D to one column",
        lambda *setting: unwritten(*setting) if setting[0] == "Conv2D" else (),
        ("2.20", "2.21"),
        WRONG,
        example("Conv2D", (2, 2, 3, 1), kernel_size=(1, 2), strides=(1, 2)),
    ),
    Fault(
        "gradient of a Conv2DTranspose from one column",
        lambda *setting: unwritten(*setting) if setting[0] == "Conv2DTranspose" else (),
        ("2.20", "2.21"),
        WRONG,
        example(
            "Conv2DTranspose",
            (2, 9, 1, 1),
            kernel_size=(7, 7),
            strides=(1, 3),
            padding="same",
            output_padding=(0, 1),
        ),
    ),
    Fault(
        "gradient of a Conv2D with one tap",
        lambda *setting: heap(*setting) if setting[0] == "Conv2D" else (),
        ("2.20", "2.21"),
        DIES,
        example("Conv2D", (2, 6, 6, 3), kernel_size=(1, 1), strides=(1, 2), filters=3),
        dies=True,
    ),
    Fault(
        "gradient of a Conv2DTranspose with one tap",
        lambda *setting: heap(*setting) if setting[0] == "Conv2DTranspose" else (),
        ("2.20", "2.21"),
        DIES,
        example(
            "Conv2DTranspose",
            (2, 6, 3, 3),
            kernel_size=(1, 1),
            strides=(1, 2),
            padding="same",
            filters=2,
        ),
        dies=True,
    ),
    Fault(
        "dilated Conv2DTranspose without oneDNN",
        dilated,
        ("2.20", "2.21"),
        "refuses it, with an InvalidArgumentError",
        example("Conv2DTranspose", (1, 4, 5, 1), kernel_size=(3, 2), dilation_rate=(2, 1)),
        onednn="0",
    ),
]


def faults(setting):
    """{result: [the known faults that hit it]} for this setting."""
    results = ("y", "x", "kernel", "bias")
    return {result: [f for f in FAULTS if result in f.hits(*setting)] for result in results}
