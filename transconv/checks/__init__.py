"""The exercises of the lessons: `checks.NAME(your_answer)` says what is right, or wrong, and why.

An exercise is data for `marking.Exercise`: what is right, what to try it on, and what those answer
who make a known mistake, which is mostly the right answer with one thing changed.
"""

from transconv.checks.concept import (  # noqa: F401 - see __all__
    build_matrix,
    equations,
    grown,
    insert_zeros,
    spread_and_sum,
    spread_shape,
    there_and_back,
    window_sum,
    without_loops,
)
from transconv.checks.from_scratch import (  # noqa: F401 - see __all__
    input_gradient,
    kernel_gradient,
    last_window,
    numbers_lost,
    one_cell,
    same_padding,
    tap_by_tap,
    with_channels,
)
from transconv.checks.marking import LESSONS
from transconv.checks.parameters import (  # noqa: F401 - see __all__
    both_shapes,
    both_sizes,
    choose,
    count_overlaps,
    crop,
    decoder,
    dilated_sizes,
    fit,
    from_pytorch,
    hatched,
    patch_corner,
    resize_kernel,
    revealed,
    stays_flat,
    subpixel,
    way_back,
)

__all__ = [exercise.name for lesson in LESSONS.values() for exercise in lesson]
