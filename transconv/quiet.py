"""Keep a library's start-up messages out of a notebook."""

import os
from contextlib import contextmanager


@contextmanager
def quietly():
    """Drop what is written to standard error meanwhile, also by compiled code, as TensorFlow does.

    Errors are raised as always.

    >>> with quietly():
    ...     _ = os.write(2, b"Could not find cuda drivers on your machine")
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # and of its later messages, errors only
    keep = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(keep, 2)
        os.close(keep)
        os.close(nowhere)
