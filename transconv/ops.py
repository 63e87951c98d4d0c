"""The three operations of both layers, on arrays of shape (batch, height, width, channels).

`gather` reads a big grid into a small one, `spread` writes a small grid onto a big one, and
`kernel_gradient` compares the two. The kernel has shape (kernel height, kernel width, big channels,
small channels) in all three; Keras calls the channels (in, out) in Conv2D and (out, in) in
Conv2DTranspose, which is the same array. Each is one matrix product for all taps of the kernel and
all pixels at once, or several for groups of taps where one would take too much memory.
"""

from itertools import product

import numpy as np

from transconv.geometry import Setting, pair


def gather(big, kernel, axes):
    """Sum, for each small cell, the big cells in its window times the kernel.

    Parameters
    ----------
    big : array, (batch, rows.big, columns.big, big channels)
    kernel : array, (kernel height, kernel width, big channels, small channels)
    axes : (Axis, Axis)
        The rows and the columns.

    Returns
    -------
    array, (batch, rows.small, columns.small, small channels)
    """
    rows, columns = axes
    shape = (len(big), rows.small, columns.small, kernel.shape[3])
    small = np.zeros(shape, _sum_type(big, kernel))
    matrix = _as_matrix(kernel, small.dtype)
    for taps, its_rows in _groups(axes, big, small):
        _as_matrix(small)[:] += _windows(big, small, taps) @ matrix[its_rows]
    return small


def spread(small, kernel, axes):
    """Add, for each small cell, its value times the kernel to the big cells in its window.

    The adjoint of `gather`: same windows, same kernel, read the other way.

    Parameters
    ----------
    small : array, (batch, rows.small, columns.small, small channels)
    kernel : array, (kernel height, kernel width, big channels, small channels)
    axes : (Axis, Axis)
        The rows and the columns.

    Returns
    -------
    array, (batch, rows.big, columns.big, big channels)
    """
    rows, columns = axes
    shape = (len(small), rows.big, columns.big, kernel.shape[2])
    big = np.zeros(shape, _sum_type(small, kernel))
    matrix = _as_matrix(kernel, big.dtype)
    for taps, its_rows in _groups(axes, big, small):
        patches = _as_matrix(small) @ matrix[its_rows].T
        patches = patches.reshape(*small.shape[:3], len(taps), big.shape[3])
        for tap, (big_cells, small_cells) in enumerate(taps):
            big[big_cells] += patches[small_cells][..., tap, :]
        del patches  # before the next are made
    return big


def kernel_gradient(big, small, axes):
    """Sum, for each tap, the products of the big and small cells that it ties.

    With d the gradient of a loss with respect to a layer's output, this is the kernel's gradient:
    of Conv2D as kernel_gradient(input, d, axes), of Conv2DTranspose as kernel_gradient(d, input,
    axes).

    Parameters
    ----------
    big : array, (batch, rows.big, columns.big, big channels)
    small : array, (batch, rows.small, columns.small, small channels)
    axes : (Axis, Axis)
        The rows and the columns.

    Returns
    -------
    array, (kernel height, kernel width, big channels, small channels)
    """
    rows, columns = axes
    shape = (rows.kernel, columns.kernel, big.shape[3], small.shape[3])
    gradient = np.zeros(shape, _sum_type(big, small))
    for taps, its_rows in _groups(axes, big, small):
        columns = _as_matrix(small, gradient.dtype)
        _as_matrix(gradient)[its_rows] = _windows(big, small, taps).T @ columns
    return gradient


def conv2d(x, kernel, strides=1, padding="valid", dilation_rate=1):
    """Convolve (cross-correlate, as all deep-learning libraries do): Keras's Conv2D without bias.

    Parameters
    ----------
    x : array, (batch, height, width, in)
    kernel : array, (kernel height, kernel width, in, out)
    strides, dilation_rate : int or (int, int)
        In cells of `x`. Not both over 1.
    padding : "valid" or "same"

    Returns
    -------
    array, (batch, new height, new width, out)
        Integers stay integers.

    Raises
    ------
    ValueError
        Naming the argument, for whatever Keras refuses.

    Examples
    --------
    >>> X = np.array([[3, 5, 2, 7], [4, 1, 3, 8], [6, 3, 8, 2], [9, 6, 1, 5]])
    >>> W = np.array([[1, 2, 1], [2, 1, 2], [1, 1, 2]])
    >>> conv2d(X.reshape(1, 4, 4, 1), W.reshape(3, 3, 1, 1))[0, :, :, 0]
    array([[55, 52],
           [57, 50]])
    """
    x, kernel = numbers("x", x), numbers("kernel", kernel)
    setting = Setting(kernel.shape[:2], strides, padding, dilation_rate)
    _check_channels(x, kernel, kernel.shape[2])
    return gather(x, kernel, setting.from_big(*x.shape[1:3]))


def conv2d_transpose(x, kernel, strides=1, padding="valid", output_padding=None, dilation_rate=1):
    """Spread each value over the kernel and sum the overlaps: Keras's Conv2DTranspose without bias.

    Parameters
    ----------
    x : array, (batch, height, width, in)
    kernel : array, (kernel height, kernel width, out, in)
        Conv2D's layout with the channels exchanged, as in Keras.
    strides, dilation_rate : int or (int, int)
        In cells of the OUTPUT. Not both over 1.
    padding : "valid" or "same"
    output_padding : None, int or (int, int)
        Smaller than the stride.

    Returns
    -------
    array, (batch, new height, new width, out)
        Integers stay integers.

    Raises
    ------
    ValueError
        Naming the argument, for whatever Keras refuses.

    Examples
    --------
    >>> Y = np.array([[55, 52], [57, 50]])
    >>> W = np.array([[1, 2, 1], [2, 1, 2], [1, 1, 2]])
    >>> conv2d_transpose(Y.reshape(1, 2, 2, 1), W.reshape(3, 3, 1, 1))[0, :, :, 0]
    array([[ 55, 162, 159,  52],
           [167, 323, 319, 154],
           [169, 264, 326, 204],
           [ 57, 107, 164, 100]])
    """
    x, kernel = numbers("x", x), numbers("kernel", kernel)
    setting = Setting(kernel.shape[:2], strides, padding, dilation_rate, output_padding)
    _check_channels(x, kernel, kernel.shape[3])
    return spread(x, kernel, setting.from_small(*x.shape[1:3]))


def convolution_matrix(kernel, input_shape, strides=1, padding="valid", dilation_rate=1):
    """The matrix C of a convolution: C @ x.ravel() is the flattened output of `conv2d`.

    C.T is the transposed convolution that leads back to `input_shape`.

    Parameters
    ----------
    kernel : array, (kernel height, kernel width), or the same with (in, out) channels
    input_shape : (int, int)
        Height and width of the convolution's input.
    strides, padding, dilation_rate
        As in `conv2d`.

    Returns
    -------
    array, (cells of the output, cells of the input)
        Both in row-major order, channels last.

    Examples
    --------
    >>> W = np.array([[1, 2, 1], [2, 1, 2], [1, 1, 2]])
    >>> convolution_matrix(W, (4, 4))[:2]
    array([[1, 2, 1, 0, 2, 1, 2, 0, 1, 1, 2, 0, 0, 0, 0, 0],
           [0, 1, 2, 1, 0, 2, 1, 2, 0, 1, 1, 2, 0, 0, 0, 0]])
    """
    kernel = np.asarray(kernel)
    if kernel.ndim == 2:
        kernel = kernel[:, :, None, None]
    kernel = numbers("kernel", kernel, "a 2-D or 4-D array")
    shape = (*pair("input_shape", input_shape, least=1), kernel.shape[2])
    cells = np.prod(shape)
    # Column j of a matrix is what the map makes of the picture whose only 1 is in cell j.
    pictures = np.eye(cells, dtype=kernel.dtype).reshape(cells, *shape)
    return conv2d(pictures, kernel, strides, padding, dilation_rate).reshape(cells, -1).T


def _groups(axes, big, small):
    """The taps in groups, each with its rows of the kernel as a matrix.

    A tap is the pair of the big and the small cells that it ties. The matrix of a group's windows,
    or patches, has a row for each small cell and a column for each big channel of each tap. The
    fewer groups the faster, but no such matrix may be larger than the larger grid.
    """
    rows, columns = axes
    taps = []
    for p, q in product(range(rows.kernel), range(columns.kernel)):
        (big_rows, small_rows), (big_columns, small_columns) = rows.slices(p), columns.slices(q)
        taps.append((np.s_[:, big_rows, big_columns], np.s_[:, small_rows, small_columns]))
    channels = big.shape[3]
    size_of_one = np.prod(small.shape[:3]) * channels
    at_once = max(max(big.size, small.size) // max(size_of_one, 1), 1)
    for first in range(0, len(taps), at_once):
        group = taps[first : first + at_once]
        yield group, slice(first * channels, (first + len(group)) * channels)


def _windows(big, small, taps):
    """What `taps` read of the big grid: a row for each small cell, a column for each channel."""
    windows = np.zeros((*small.shape[:3], len(taps), big.shape[3]), big.dtype)
    for tap, (big_cells, small_cells) in enumerate(taps):
        windows[small_cells][..., tap, :] = big[big_cells]
    return windows.reshape(-1, len(taps) * big.shape[3])


def _as_matrix(array, dtype=None):
    """All axes but the last in one: a view, unless `array` is laid out otherwise in memory."""
    return array.reshape(-1, array.shape[-1]).astype(dtype or array.dtype, copy=False)


def _sum_type(a, b):
    """The type that NumPy's own sum uses, so that small integers do not overflow."""
    return np.zeros(0, np.result_type(a, b)).sum().dtype


def numbers(name, value, allowed="a 4-D array"):
    """`value` as an array, if it is one that the operations can work on."""
    array = np.asarray(value)
    if array.ndim != 4 or array.dtype.kind not in "biuf":
        raise ValueError(
            f"{name} must be {allowed} of real numbers. "
            f"Received: shape {array.shape}, dtype {array.dtype}"
        )
    return array


def _check_channels(x, kernel, expected):
    if x.shape[3] != expected:
        raise ValueError(
            f"x must have as many channels (its last axis) as the kernel reads, {expected}. "
            f"Received: x of shape {x.shape}, kernel of shape {kernel.shape}"
        )
