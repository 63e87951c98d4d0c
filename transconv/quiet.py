"""Start TensorFlow for a notebook: without its messages, and with all that the lessons use."""

import os
from contextlib import contextmanager


@contextmanager
def quietly():
    """Drop what is written to standard error meanwhile, also by compiled code, as TensorFlow does.

    Errors are raised as always. A TensorFlow that is imported meanwhile has oneDNN turned on, which
    by itself it is on newer processors alone, and without which it refuses to run a
    Conv2DTranspose with a dilation; unless TF_ENABLE_ONEDNN_OPTS says otherwise.

    >>> with quietly():
    ...     _ = os.write(2, b"Could not find cuda drivers on your machine")
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # and of its later messages, errors only
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
    keep = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(keep, 2)
        os.close(keep)
        os.close(nowhere)
