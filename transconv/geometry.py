"""One geometry for both layers: how a big grid, a small grid and a kernel fit together.

A convolution leads from a big grid to a small one. A transposed convolution leads back, over the
same ties between cells. Along one axis, tap `t` of the kernel ties small cell `i` to big cell

    big = i * stride + t * dilation - pad_before

Conv2D knows the big size and asks for the small one; Conv2DTranspose knows the small size and asks
for the big one. Nothing else about them differs, so this file is the only place with size rules.
"""

from dataclasses import dataclass
from numbers import Integral
from operator import index

import numpy as np


@dataclass(frozen=True)
class Axis:
    """The tie between one axis of a big grid and the same axis of a small grid.

    All sizes are in cells. `pad_before` is the number of zero cells that the convolution sees
    before the big axis; for the transposed convolution it is the number of cells cut off the
    start of the spread. Cells past the end need no number of their own: they follow from the sizes.
    """

    big: int
    small: int
    kernel: int
    stride: int
    dilation: int
    pad_before: int

    @classmethod
    def from_big(cls, big, kernel, stride=1, padding="valid", dilation=1):
        """Keras's Conv2D: the small size and the padding that belong to a big size.

        Source: TensorFlow's guide to `tf.nn.convolution`, section "Padding".

        >>> Axis.from_big(5, kernel=3, stride=2, padding="same")
        Axis(big=5, small=3, kernel=3, stride=2, dilation=1, pad_before=1)
        """
        if padding == "valid":
            small = (big - extent(kernel, dilation)) // stride + 1
            return cls(big, small, kernel, stride, dilation, 0)
        small = -(-big // stride)  # rounded up
        zeros = max(_full(small, kernel, stride, dilation) - big, 0)
        return cls(big, small, kernel, stride, dilation, zeros // 2)  # an odd zero goes to the end

    @classmethod
    def from_small(cls, small, kernel, stride=1, padding="valid", dilation=1, output_padding=None):
        """Keras's Conv2DTranspose: choose the big size; the rest is the convolution leading back.

        Source: Keras 3, `compute_conv_transpose_output_shape`. TensorFlow defines the operation as
        the gradient of the convolution from `big` to `small`, so its crop is that one's padding.

        >>> Axis.from_small(2, kernel=3, stride=2, padding="same")
        Axis(big=4, small=2, kernel=3, stride=2, dilation=1, pad_before=0)
        """
        window = extent(kernel, dilation)
        if padding == "valid":
            over = max(stride - window, 0) if output_padding is None else output_padding
            big = _full(small, kernel, stride, dilation) + over
        elif output_padding is None:
            big = small * stride
        else:
            big = _full(small, kernel, stride, dilation) - window + window % 2 + output_padding
        return cls.from_big(big, kernel, stride, padding, dilation)

    @classmethod
    def from_pytorch(cls, small, kernel, stride=1, padding=0, output_padding=0, dilation=1):
        """PyTorch's ConvTranspose: cut `padding` cells off each end, then add `output_padding`.

        Source: PyTorch's documentation of `torch.nn.ConvTranspose2d`. The two meet at the end:
        padding - output_padding cells are cut there, or zeros appended if that is negative.

        >>> Axis.from_pytorch(2, kernel=3, stride=2, padding=1, output_padding=1)
        Axis(big=4, small=2, kernel=3, stride=2, dilation=1, pad_before=1)
        """
        if padding < 0:
            raise ValueError(f"padding must be at least 0. Received: {padding}")
        return cls.from_onnx(small, kernel, stride, (padding, padding), output_padding, dilation)

    @classmethod
    def from_onnx(
        cls,
        small,
        kernel,
        stride=1,
        pads=(0, 0),
        output_padding=0,
        dilation=1,
        auto_pad="NOTSET",
    ):
        """ONNX's ConvTranspose: as PyTorch's, but each end has a number of its own in `pads`.

        Source: the ONNX operator ConvTranspose, version 22. With auto_pad "SAME_UPPER" and
        "SAME_LOWER" the big size is small * stride; if an odd number of cells has to go, the odd
        one goes at the end (UPPER, as in Keras) or at the start (LOWER). If cells are missing
        instead, zeros are put on both sides likewise, which not every runtime does:
        output_padding = stride - kernel says what Keras does, in all of them.

        >>> Axis.from_onnx(2, kernel=3, stride=2, auto_pad="SAME_LOWER")
        Axis(big=4, small=2, kernel=3, stride=2, dilation=1, pad_before=1)
        """
        if not 0 <= output_padding < max(stride, dilation):
            raise ValueError(
                "output_padding must be at least 0 and smaller than stride or dilation. "
                f"Received: output_padding={output_padding}, stride={stride}, dilation={dilation}"
            )
        if min(pads) < 0:
            raise ValueError(f"pads must be at least 0. Received: {pads}")
        if auto_pad not in ("NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"):
            raise ValueError(
                "auto_pad must be 'NOTSET', 'VALID', 'SAME_UPPER' or 'SAME_LOWER'. "
                f"Received: {auto_pad!r}"
            )
        if auto_pad != "NOTSET" and any(pads):
            raise ValueError(
                f"pads must be zeros if auto_pad is set. Received: pads={pads}, auto_pad={auto_pad}"
            )
        uncut = _full(small, kernel, stride, dilation) + output_padding
        if auto_pad.startswith("SAME"):
            cut = uncut - small * stride
            pads = (cut // 2, cut - cut // 2)
            if auto_pad == "SAME_LOWER":
                pads = pads[::-1]
        big = uncut - sum(pads)
        if big < 1:
            raise ValueError(
                "padding must leave at least one cell. "
                f"Received: {pads} to cut off the start and the end of {uncut}"
            )
        return cls(big, small, kernel, stride, dilation, pads[0])

    def cells(self, i):
        """The big cell that each tap ties to small cell `i`, as an array of `kernel` integers.

        Some lie outside 0 .. big - 1: zeros for a convolution, cut off by a transposed one.

        >>> Axis.from_big(4, kernel=3, padding="same").cells(0)
        array([-1,  0,  1])
        """
        return i * self.stride + np.arange(self.kernel) * self.dilation - self.pad_before

    def slices(self, tap):
        """The big cells and the small cells that `tap` ties, in step, as two slices."""
        offset = tap * self.dilation - self.pad_before
        first = max(0, -(offset // self.stride))  # the first i with i * stride + offset >= 0
        stop = min(self.small, -((offset - self.big) // self.stride))  # the first i past the end
        stop = max(stop, first)
        start = first * self.stride + offset
        return slice(start, start + (stop - first) * self.stride, self.stride), slice(first, stop)

    @property
    def overlaps(self):
        """How many small cells reach a big cell far from the border, for each phase of the stride.

        >>> Axis.from_small(9, kernel=3, stride=2).overlaps
        array([2, 1])
        """
        return np.bincount(np.arange(self.kernel) * self.dilation % self.stride, None, self.stride)

    @property
    def full(self):
        """Cells from the first to the last that any small cell reaches: the size before the crop.

        >>> Axis.from_small(2, kernel=3, stride=2, padding="same").full
        5
        """
        return _full(self.small, self.kernel, self.stride, self.dilation)

    @property
    def extent(self):
        """Cells from the first tap of the kernel to the last: its size, dilated."""
        return extent(self.kernel, self.dilation)


def extent(kernel, dilation=1):
    """Cells from the first tap of a kernel to the last: its size, dilated.

    >>> extent(3, dilation=2)
    5
    """
    return (kernel - 1) * dilation + 1


def output_padding(big, kernel, stride=1, padding="valid", dilation=1):
    """Which output_padding of Conv2DTranspose leads back to `big` from where Conv2D leads.

    The convolution leads to one small size from up to `stride` big ones; this tells them apart.

    >>> [output_padding(big, kernel=3, stride=2) for big in (5, 6, 7)]
    [0, 1, 0]
    """
    small = Axis.from_big(big, kernel, stride, padding, dilation).small
    return big - Axis.from_small(small, kernel, stride, padding, dilation, output_padding=0).big


def _full(small, kernel, stride, dilation):
    return (small - 1) * stride + extent(kernel, dilation)


@dataclass
class Setting:
    """The arguments that say how a kernel moves, checked once, each as a (height, width) pair.

    Parameters
    ----------
    kernel_size, strides, dilation_rate : int or pair of int, at least 1
    padding : "valid" or "same", in any case of letters
    output_padding : None, or int or pair of int, from 0 to stride - 1
        Transposed convolution only.

    Raises
    ------
    ValueError
        For what Keras refuses, and for an even kernel with padding "same" and output_padding 0:
        the convolution from that output leads to one cell fewer than the input, and TensorFlow
        aborts.
    """

    kernel_size: int | tuple
    strides: int | tuple = 1
    padding: str = "valid"
    dilation_rate: int | tuple = 1
    output_padding: int | tuple | None = None

    def __post_init__(self):
        self.kernel_size = pair("kernel_size", self.kernel_size, least=1)
        self.strides = pair("strides", self.strides, least=1)
        self.dilation_rate = pair("dilation_rate", self.dilation_rate, least=1)
        if not isinstance(self.padding, str) or self.padding.lower() not in ("valid", "same"):
            raise ValueError(f"padding must be 'valid' or 'same'. Received: {self.padding!r}")
        self.padding = self.padding.lower()
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:
            raise ValueError(
                "strides and dilation_rate cannot both be over 1. "
                f"Received: strides={self.strides}, dilation_rate={self.dilation_rate}"
            )
        if self.output_padding is not None:
            self.output_padding = pair("output_padding", self.output_padding, least=0)
            self._check_output_padding()

    def _check_output_padding(self):
        received = f"Received: output_padding={self.output_padding}"
        if any(o >= s for o, s in zip(self.output_padding, self.strides, strict=True)):
            raise ValueError(
                "output_padding must be smaller than strides on each axis. "
                f"{received}, strides={self.strides}"
            )
        extents = map(extent, self.kernel_size, self.dilation_rate)
        if self.padding == "same" and any(
            e % 2 == 0 and o == 0 for e, o in zip(extents, self.output_padding, strict=True)
        ):
            raise ValueError(
                "output_padding must be None or at least 1 on an axis where padding is 'same' and "
                f"the (dilated) kernel is even. {received}, kernel_size={self.kernel_size}, "
                f"dilation_rate={self.dilation_rate}"
            )

    def from_big(self, height, width):
        """The two axes of a convolution of a height x width grid; None for a size not yet known.

        Raises ValueError if padding is "valid" and the grid is smaller than the kernel.
        """
        padding = (self.padding, self.padding)
        how = self.kernel_size, self.strides, padding, self.dilation_rate
        axes = _for_each_axis(Axis.from_big, (height, width), *how)
        if self.padding == "valid" and any(axis and axis.small < 1 for axis in axes):
            raise ValueError(
                "with padding='valid' the input must be at least as large as the (dilated) kernel. "
                f"Received: input {height}x{width}, kernel_size={self.kernel_size}, "
                f"dilation_rate={self.dilation_rate}"
            )
        return axes

    def from_small(self, height, width):
        """The two axes of a transposed convolution of a height x width grid; None as above."""
        padding, over = (self.padding, self.padding), self.output_padding or (None, None)
        how = self.kernel_size, self.strides, padding, self.dilation_rate, over
        return _for_each_axis(Axis.from_small, (height, width), *how)


def _for_each_axis(make, *arguments):
    each = zip(*arguments, strict=True)
    return tuple(None if size is None else make(size, *how) for size, *how in each)


def pair(name, value, least):
    """`value` as two integers; one integer stands for both axes, as in Keras."""
    try:
        both = tuple(index(v) for v in ((value, value) if isinstance(value, Integral) else value))
    except TypeError:
        both = ()
    if len(both) != 2 or min(both) < least:
        raise ValueError(
            f"{name} must be an integer or a pair of integers, each at least {least}. "
            f"Received: {value!r}"
        )
    return both
