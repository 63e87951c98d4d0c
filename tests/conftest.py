"""Settings that all tests share."""

from hypothesis import settings

# The same examples in every run, so that a red result means a change and not bad luck. No deadline:
# the first call into TensorFlow is slow. To look further: pytest --hypothesis-profile=explore
settings.register_profile("steady", deadline=None, print_blob=True, derandomize=True)
settings.register_profile("explore", deadline=None, print_blob=True, max_examples=2000)
settings.load_profile("steady")
