"""The exercises of the lessons: `checks.NAME(your_answer)` says what is right, or wrong, and why.

An exercise is data for `marking.Exercise`: what is right, what to try it on, and what those answer
who make a known mistake, which is mostly the right answer with one thing changed.
"""

from transconv.checks.concept import (
    build_matrix,
    insert_zeros,
    spread_and_sum,
    spread_shape,
    there_and_back,
    window_sum,
    without_loops,
)
from transconv.checks.from_scratch import (
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
    from_pytorch,
    patch_corner,
    resize_kernel,
    revealed,
    stays_flat,
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
    "from_pytorch",
    "input_gradient",
    "insert_zeros",
    "kernel_gradient",
    "one_cell",
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
    "way_back",
    "window_sum",
    "with_channels",
    "without_loops",
]
