"""Transposed convolution, made obvious: the layers, their pictures and their sliders."""

from transconv.layers import Conv2D, Conv2DTranspose
from transconv.ops import conv2d, conv2d_transpose, convolution_matrix

__all__ = ["Conv2D", "Conv2DTranspose", "conv2d", "conv2d_transpose", "convolution_matrix"]
