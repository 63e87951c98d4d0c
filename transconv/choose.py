"""Which transposed convolutions lead from one size to another."""

from typing import NamedTuple

from transconv.geometry import Axis, output_padding


class Choice(NamedTuple):
    """The arguments of a Conv2DTranspose, by Keras's names, and what its overlaps are like.

    >>> Choice(kernel_size=3, strides=2, padding="same", output_padding=None).inputs
    (1, 4)
    """

    kernel_size: int
    strides: int
    padding: str
    output_padding: int | None

    @property
    def inputs(self):
        """(fewest, most) input values that make one output cell, away from the border."""
        overlaps = Axis.from_small(1, self.kernel_size, self.strides).overlaps.tolist()
        return min(overlaps) ** 2, max(overlaps) ** 2

    @property
    def even(self):
        """Whether all output cells, away from the border, are made of equally many inputs."""
        fewest, most = self.inputs
        return fewest == most


class Choices(list):
    """A list of Choice that prints as a table."""

    def __repr__(self):
        line = "{:>11}  {:>7}  {:7}  {:>14}  {}".format
        rows = [line(*Choice._fields, "inputs per output cell")]
        for choice in self:
            fewest, most = choice.inputs
            inputs = f"{most}" if choice.even else f"{fewest} to {most}, uneven"
            rows.append(line(*map(str, choice), inputs))
        return "\n".join(rows)


def settings(small, big, kernel_sizes=range(1, 9)):
    """Every undilated Conv2DTranspose, of stride up to `big`, that leads from `small` to `big`.

    It leads there if the convolution with the same arguments leads back; what is then missing in
    the size is its output_padding.

    Parameters
    ----------
    small, big : int
        Height or width of the input and of the output.
    kernel_sizes : iterable of int

    Returns
    -------
    list of Choice
        Even overlaps first, then small kernels. Where output_padding None and a number do the
        same, None stands.

    Examples
    --------
    >>> settings(7, 14, kernel_sizes=range(2, 5))
    kernel_size  strides  padding  output_padding  inputs per output cell
              2        2  same               None  1
              2        2  valid              None  1
              4        2  same               None  4
              3        2  same               None  1 to 4, uneven
    """
    found = Choices()
    for kernel in kernel_sizes:
        for stride in range(1, big + 1):
            for padding in ("same", "valid"):
                if Axis.from_big(big, kernel, stride, padding).small != small:
                    continue
                by_none = Axis.from_small(small, kernel, stride, padding).big == big
                over = None if by_none else output_padding(big, kernel, stride, padding)
                found.append(Choice(kernel, stride, padding, over))
    found.sort(key=lambda choice: (not choice.even, choice.kernel_size, choice.strides))
    return found
