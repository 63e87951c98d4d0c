"""The settings that lead from one size to another: all of them, and nothing else."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow's notes on this machine's hardware

from itertools import product

import keras
import numpy as np
import pytest
from cases import aborts, every_axis

from transconv.choose import Choice, settings
from transconv.geometry import Axis, Setting
from transconv.steps import TransposedConvolution

KERNELS = range(1, 7)
SIZES = list(product(range(1, 6), range(1, 13)))


def size_of(choice, small):
    return Setting(**choice._asdict()).from_small(small, small)[0].big


@pytest.mark.parametrize(("small", "big"), SIZES)
def test_every_setting_listed_leads_there_and_none_is_missing(small, big):
    listed = settings(small, big, KERNELS)
    assert all(size_of(choice, small) == big for choice in listed)
    # Brute force. What None does, a number may do as well: those are one setting.
    by_trial = {
        (kernel, stride, padding)
        for kernel, stride, padding, dilation, over in every_axis(KERNELS, range(1, big + 1))
        if dilation == 1
        and not aborts(kernel, stride, padding, dilation, over)
        and Axis.from_small(small, kernel, stride, padding, dilation, over).big == big
    }
    assert len(listed) == len(by_trial)
    assert {choice[:3] for choice in listed} == by_trial


@pytest.mark.parametrize(("small", "big"), [(7, 14), (7, 28), (7, 13), (7, 15), (1, 4), (3, 11)])
def test_every_setting_listed_leads_there_in_keras(small, big):
    listed = settings(small, big)
    assert listed
    for choice in listed:
        layer = keras.layers.Conv2DTranspose(1, **choice._asdict())
        shape = layer.compute_output_shape((1, small, small, 1))
        assert tuple(shape) == (1, big, big, 1), choice


def test_none_stands_where_it_does_the_same_as_a_number():
    for small, big in SIZES:
        for choice in settings(small, big):
            if choice.output_padding is not None:
                assert size_of(choice._replace(output_padding=None), small) != big, choice


def test_7_to_14_by_hand():
    even = [choice for choice in settings(7, 14) if choice.even]
    assert even == [
        (2, 2, "same", None),  # U-Net's
        (2, 2, "valid", None),
        (4, 2, "same", None),  # DCGAN's, in PyTorch's example
        (6, 2, "same", None),
        (8, 1, "valid", None),
        (8, 2, "same", None),
    ]
    uneven = settings(7, 14)[len(even) :]
    assert (5, 2, "same", None) in uneven  # DCGAN's, in the paper
    assert not any(choice.even for choice in uneven)


def test_some_sizes_cannot_be_reached_with_small_kernels():
    assert settings(7, 11, kernel_sizes=range(1, 5)) == []  # stride 1 ends at 10, 2 starts at 13
    assert settings(7, 11, kernel_sizes=[5]) == [(5, 1, "valid", None)]


@pytest.mark.parametrize(
    ("kernel", "stride", "inputs"),
    [(2, 2, (1, 1)), (3, 2, (1, 4)), (4, 2, (4, 4)), (5, 2, (4, 9)), (1, 2, (0, 1))],
)
def test_inputs_by_hand(kernel, stride, inputs):
    choice = Choice(kernel, stride, "same", None)
    assert choice.inputs == inputs
    assert choice.even == (inputs[0] == inputs[1])


@pytest.mark.parametrize(("kernel", "stride"), list(product(range(1, 9), range(1, 5))))
def test_inputs_are_the_counts_of_a_large_picture_away_from_its_border(kernel, stride):
    choice = Choice(kernel, stride, "valid", None)
    n = 2 + kernel  # so that the inside is at least one stride wide
    counts = TransposedConvolution(np.ones((n, n)), np.ones((kernel, kernel)), stride).counts
    inside = slice(kernel - 1, (n - 1) * stride)  # the cells with an input wherever one can be
    counts = counts[inside, inside]
    assert min(counts.shape) >= stride
    assert (counts.min(), counts.max()) == choice.inputs
    assert choice.even == (kernel % stride == 0)


def test_kernel_sizes_from_1_to_8_are_tried_unless_others_are_asked_for():
    assert {choice.kernel_size for choice in settings(1, 9)} == set(range(1, 9))
