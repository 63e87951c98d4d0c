"""Settings that all tests share."""

import os

from hypothesis import settings

# oneDNN is on by default on some processors alone (AVX512-VNNI, AMX), and without it Keras refuses
# a dilated Conv2DTranspose. Also for the notebooks' kernels, which inherit it.
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "1"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow's notes on this machine's hardware

# The same examples in every run, so that a red result means a change and not bad luck. No deadline:
# the first call into TensorFlow is slow. To look elsewhere: pytest --hypothesis-profile=seeded
# --hypothesis-seed=1; further: pytest --hypothesis-profile=explore
steady = settings(deadline=None, print_blob=True, derandomize=True, max_examples=300)
settings.register_profile("steady", steady)
settings.register_profile("seeded", steady, derandomize=False, database=None)
settings.register_profile("explore", steady, derandomize=False, max_examples=2000)
settings.load_profile("steady")
