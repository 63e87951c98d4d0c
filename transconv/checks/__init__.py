"""The exercises of the lessons: `checks.NAME(your_answer)` says what is right, or wrong, and why.

An exercise is data for `marking.Exercise`: what is right, what to try it on, and what those answer
who make a known mistake, which is mostly the right answer with one thing changed.
"""

from transconv.checks.concept import (
    build_matrix,
    insert_zeros,
    numbers_lost,
    spread_and_sum,
    spread_shape,
    there_and_back,
    window_sum,
    without_loops,
)
from transconv.checks.from_scratch import (
    has_middle,
    input_gradient,
    kernel_gradient,
    one_cell,
    same_padding,
    subpixel,
    tap_by_tap,
    with_channels,
)
from transconv.checks.parameters import (
    both_shapes,
    both_sizes,
    choose,
    count_overlaps,
    crop,
    dilated_sizes,
    fit,
    output_size,
    patch_corner,
    resize_kernel,
    revealed,
    stays_flat,
    to_pytorch,
    way_back,
)

__all__ = [
    "both_shapes",
    "both_sizes",
    "build_matrix",
    "choose",
    "count_overlaps",
    "crop",
    "dilated_sizes",
    "fit",
    "has_middle",
    "input_gradient",
    "insert_zeros",
    "kernel_gradient",
    "numbers_lost",
    "one_cell",
    "output_size",
    "patch_corner",
    "resize_kernel",
    "revealed",
    "same_padding",
    "spread_and_sum",
    "spread_shape",
    "stays_flat",
    "subpixel",
    "tap_by_tap",
    "there_and_back",
    "to_pytorch",
    "way_back",
    "window_sum",
    "with_channels",
    "without_loops",
]
