"""The exercises of the lessons: `checks.NAME(your_answer)` says what is right, or wrong, and why.

An exercise is data for `marking`: what is right, what to try it on, and what those answer who make
a known mistake, which is mostly the right answer in a world where one thing works otherwise.
"""

from transconv.checks import concept, from_scratch, parameters  # noqa: F401 - they fill LESSONS
from transconv.checks.marking import LESSONS

globals().update({exercise.name: exercise for lesson in LESSONS.values() for exercise in lesson})
__all__ = [exercise.name for lesson in LESSONS.values() for exercise in lesson]
