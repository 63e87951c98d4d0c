"""What a notebook shows while it waits: nothing of TensorFlow's, and a bar."""

import os

import pytest

from transconv import progress
from transconv.quiet import quietly


def test_standard_error_is_dropped_meanwhile_and_only_then(capfd):
    before = os.listdir("/dev/fd")  # the open files
    os.write(2, b"before, ")
    with quietly():
        os.write(2, b"meanwhile, ")
    with pytest.raises(ValueError, match="mine"), quietly():
        raise ValueError("mine")
    os.write(2, b"after")
    assert capfd.readouterr().err == "before, after"
    assert os.listdir("/dev/fd") == before


@pytest.mark.parametrize(
    ("name", "value"), [("TF_CPP_MIN_LOG_LEVEL", "3"), ("TF_ENABLE_ONEDNN_OPTS", "1")]
)
def test_tensorflow_is_told_unless_the_reader_has_told_it(monkeypatch, name, value):
    for told, wanted in (("0", "0"), (None, value)):
        if told is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, told)
        with quietly():
            assert os.environ[name] == wanted


def test_the_bar_grows_from_step_to_step_and_is_stored_at_its_end(monkeypatch):
    shown, bars, make = [], [], progress.widgets.IntProgress
    monkeypatch.setattr(progress, "display", lambda data, raw: shown.append((data, raw)))
    monkeypatch.setattr(
        progress.widgets, "IntProgress", lambda **how: bars.append(make(**how)) or bars[0]
    )
    seen = [(step, bars[0].value) for step in progress.progress(3, "waiting")]
    assert seen == [(0, 0), (1, 1), (2, 2)]
    assert (bars[0].value, bars[0].max, bars[0].description) == (3, 3, "waiting")
    ((data, raw),) = shown
    assert raw
    assert data["text/plain"] == "waiting: 3 of 3 steps"
    assert "application/vnd.jupyter.widget-view+json" in data
