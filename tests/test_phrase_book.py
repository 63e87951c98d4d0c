"""PyTorch's and ONNX's transposed convolutions: by hand, against both, and against Keras's."""

from contextlib import suppress
from itertools import product

import numpy as np
import pytest
from cases import aborts, every_axis, refused

from transconv.geometry import Axis
from transconv.ops import spread

SMALL_SIZES = range(1, 5)
AUTO = ("SAME_UPPER", "SAME_LOWER")


def row(axis, x, kernel):
    """The transposed convolution of one row of pixels with a kernel of one row."""
    down = Axis.from_small(1, kernel=1)
    y = spread(np.reshape(x, (1, 1, -1, 1)), np.reshape(kernel, (1, -1, 1, 1)), (down, axis))
    return y.ravel().tolist()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [  # two inputs, 1 and 2; the taps are 1, 10, 100: each digit says which input and which tap
        pytest.param({}, [1, 12, 120, 200], id="nothing cut"),
        pytest.param({"stride": 2}, [1, 10, 102, 20, 200], id="stride"),
        pytest.param({"stride": 2, "padding": 1}, [10, 102, 20], id="one cut off each end"),
        pytest.param(
            {"stride": 2, "padding": 1, "output_padding": 1}, [10, 102, 20, 200], id="one shown"
        ),
        pytest.param(
            {"stride": 2, "output_padding": 1}, [1, 10, 102, 20, 200, 0], id="one appended"
        ),
        pytest.param({"dilation": 2}, [1, 2, 10, 20, 100, 200], id="dilation"),
        pytest.param(
            {"stride": 1, "padding": 1, "output_padding": 1, "dilation": 2},
            [2, 10, 20, 100, 200],
            id="output_padding below the dilation",
        ),
    ],
)
def test_pytorch_by_hand(arguments, expected):
    assert row(Axis.from_pytorch(2, 3, **arguments), [1, 2], [1, 10, 100]) == expected


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        pytest.param({"stride": 2, "pads": (0, 1)}, [1, 10, 102, 20], id="one cut off the end"),
        pytest.param({"stride": 2, "pads": (1, 0)}, [10, 102, 20, 200], id="one off the start"),
        pytest.param({"stride": 2, "auto_pad": "VALID"}, [1, 10, 102, 20, 200], id="valid"),
        pytest.param({"stride": 2, "auto_pad": "SAME_UPPER"}, [1, 10, 102, 20], id="upper"),
        pytest.param({"stride": 2, "auto_pad": "SAME_LOWER"}, [10, 102, 20, 200], id="lower"),
        pytest.param({"auto_pad": "SAME_UPPER"}, [12, 120], id="even cut, upper"),
        pytest.param({"auto_pad": "SAME_LOWER"}, [12, 120], id="even cut, lower"),
        pytest.param(
            {"stride": 2, "output_padding": 1, "auto_pad": "SAME_UPPER"},
            [10, 102, 20, 200],
            id="output_padding makes the cut even",
        ),
        pytest.param(
            {"stride": 4, "auto_pad": "SAME_UPPER"}, [0, 1, 10, 100, 0, 2, 20, 200], id="gaps"
        ),
        pytest.param(
            {"stride": 4, "output_padding": 1, "auto_pad": "SAME_UPPER"},
            [1, 10, 100, 0, 2, 20, 200, 0],
            id="gaps where Keras has them",
        ),
    ],
)
def test_onnx_by_hand(arguments, expected):
    assert row(Axis.from_onnx(2, 3, **arguments), [1, 2], [1, 10, 100]) == expected


@pytest.mark.parametrize(
    ("small", "kernel", "stride", "output_padding", "dilation", "pads", "big"),
    [  # the examples that come with the specification, one axis each
        (3, 3, 1, 0, 1, (0, 0), 5),
        (3, 3, 3, 1, 1, (0, 0), 10),
        (3, 3, 2, 1, 1, (0, 0), 8),
        (3, 3, 3, 0, 1, (1, 1), 7),
        (3, 3, 2, 0, 1, (2, 2), 3),
        (3, 2, 1, 0, 2, (0, 0), 5),
    ],
)
def test_sizes_of_the_onnx_specification(
    small, kernel, stride, output_padding, dilation, pads, big
):
    axis = Axis.from_onnx(small, kernel, stride, pads, output_padding, dilation)
    assert axis == Axis(big, small, kernel, stride, dilation, pads[0])


OVER = "output_padding must be at least 0 and smaller than stride or dilation. Received: "


@pytest.mark.parametrize(
    ("make", "arguments", "says"),
    [
        (
            Axis.from_pytorch,
            {"stride": 2, "output_padding": 2},
            f"{OVER}output_padding=2, stride=2, dilation=1",
        ),
        (
            Axis.from_onnx,
            {"output_padding": -1},
            f"{OVER}output_padding=-1, stride=1, dilation=1",
        ),
        (Axis.from_pytorch, {"padding": -1}, "padding must be at least 0. Received: -1"),
        (
            Axis.from_pytorch,
            {"padding": 2},
            "padding must leave at least one cell. "
            "Received: (2, 2) to cut off the start and the end of 4",
        ),
        (Axis.from_onnx, {"pads": (0, -1)}, "pads must be at least 0. Received: (0, -1)"),
        (
            Axis.from_onnx,
            {"auto_pad": "SAME"},
            "auto_pad must be 'NOTSET', 'VALID', 'SAME_UPPER' or 'SAME_LOWER'. Received: 'SAME'",
        ),
        (
            Axis.from_onnx,
            {"auto_pad": "VALID", "pads": (1, 0)},
            "pads must be zeros if auto_pad is set. Received: pads=(1, 0), auto_pad=VALID",
        ),
    ],
)
def test_refuses_and_says_why(make, arguments, says):
    with refused(says):
        make(2, kernel=3, **arguments)


def pytorch_settings(small, kernel, stride):
    """Every axis of PyTorch's, undilated, for this input and kernel."""
    for padding, over in product(range(kernel + stride), range(stride)):
        try:
            yield (padding, over), Axis.from_pytorch(small, kernel, stride, padding, over)
        except ValueError:  # nothing left
            continue


@pytest.mark.parametrize("stride", range(1, 6))
@pytest.mark.parametrize("kernel", range(1, 9))
def test_where_pytorch_can_say_same(kernel, stride):
    """It cuts as much off the end as off the start, or less: never one more, as Keras does."""
    over = kernel - stride
    for small in SMALL_SIZES:
        same = Axis.from_small(small, kernel, stride, "same")
        sayings = [how for how, axis in pytorch_settings(small, kernel, stride) if axis == same]
        if over < 0:  # output_padding appends what is missing
            assert sayings == [(0, -over)]
        elif over % 2 == 0:
            assert sayings == [(over // 2, 0)]
        else:
            assert sayings == []


def test_what_pytorch_says_instead_has_the_shape_and_other_numbers():
    """Kernel 3, stride 2, padding 1, output_padding 1: everyone's recipe for doubling."""
    same = Axis.from_small(2, 3, 2, "same")
    recipe = Axis.from_pytorch(2, 3, 2, padding=1, output_padding=1)
    assert (same.big, same.pad_before) == (4, 0)
    assert (recipe.big, recipe.pad_before) == (4, 1)
    assert recipe == Axis.from_onnx(2, 3, 2, auto_pad="SAME_LOWER")


def test_valid_in_the_other_frameworks():
    for small, kernel, stride in product(SMALL_SIZES, range(1, 9), range(1, 6)):
        over = max(stride - kernel, 0)
        valid = Axis.from_small(small, kernel, stride, "valid")
        assert valid == Axis.from_pytorch(small, kernel, stride, output_padding=over)
        assert valid == Axis.from_onnx(small, kernel, stride, (0, 0), over, 1, "VALID")


def test_onnx_can_say_all_that_keras_can():
    """By pads where cells are cut, and by output_padding where zeros are appended."""
    for setting, small in product(
        every_axis(range(1, 7), range(1, 5), dilations=(1,)), range(1, 5)
    ):
        if aborts(*setting):
            continue
        kernel, stride, *_ = setting
        axis = Axis.from_small(small, *setting)
        after = axis.full - axis.pad_before - axis.big
        pads, over = (axis.pad_before, max(after, 0)), max(-after, 0)
        assert Axis.from_onnx(small, kernel, stride, pads, over) == axis, (small, setting)


@pytest.mark.parametrize("stride", range(1, 6))
@pytest.mark.parametrize("kernel", range(1, 9))
def test_upper_is_same_in_keras_unless_the_kernel_is_smaller_than_the_stride(kernel, stride):
    for small in SMALL_SIZES:
        same = Axis.from_small(small, kernel, stride, "same")
        over = max(stride - kernel, 0)
        assert Axis.from_onnx(small, kernel, stride, (0, 0), over, 1, "SAME_UPPER") == same
        upper = Axis.from_onnx(small, kernel, stride, auto_pad="SAME_UPPER")
        assert (upper == same) == (kernel >= stride)


def picture(small, kernel, channels_in=2, channels_out=3):
    """Integers, so that every framework must return the very same numbers."""
    rng = np.random.default_rng(0)
    x = rng.integers(-9, 10, (1, small, small + 1, channels_in))
    return x, rng.integers(-9, 10, (kernel, kernel, channels_out, channels_in))


def channels_first(x, kernel):
    """The same as PyTorch and ONNX want them: (batch, in, h, w) and (in, out, h, w), no flip."""
    weight = kernel.transpose(3, 2, 0, 1)
    assert np.array_equal(weight.transpose(2, 3, 1, 0), kernel)  # the way back, as in the lesson
    return x.transpose(0, 3, 1, 2).astype("float32"), weight.astype("float32")


def in_torch(x, kernel, stride=1, padding=0, output_padding=0, dilation=1):
    torch = pytest.importorskip("torch")
    x, weight = (torch.tensor(a) for a in channels_first(x, kernel))
    how = {"padding": padding, "output_padding": output_padding, "dilation": dilation}
    y = torch.nn.functional.conv_transpose2d(x, weight, stride=stride, **how)
    return y.numpy().transpose(0, 2, 3, 1)


@pytest.mark.parametrize("dilation", [1, 2, 3])
@pytest.mark.parametrize("stride", [1, 2, 3, 4])
@pytest.mark.parametrize("kernel", [1, 2, 3, 4, 5])
def test_values_of_pytorch(kernel, stride, dilation):
    pytest.importorskip("torch")
    refusals = 0
    for small, padding, over in product((1, 2, 3), range(4), range(5)):
        x, w = picture(small, kernel)
        how = (stride, padding, over, dilation)
        try:
            axes = tuple(Axis.from_pytorch(n, kernel, *how) for n in x.shape[1:3])
        except ValueError:
            refusals += 1
            with suppress(RuntimeError):  # it refuses too, or, depending on how it computes ...
                assert in_torch(x, w, *how).size == 0, how  # ... returns nothing
        else:
            np.testing.assert_array_equal(in_torch(x, w, *how), spread(x, w, axes), str(how))
    assert 0 < refusals < 60


@pytest.mark.parametrize("stride", range(1, 5))
@pytest.mark.parametrize("kernel", range(1, 7))
def test_recipe_for_same_in_pytorch(kernel, stride):
    """Cut nothing, then slice n * stride cells out of it; zeros first, if there are too few."""
    pytest.importorskip("torch")
    x, w = picture(3, kernel)
    rows, columns = axes = tuple(Axis.from_small(n, kernel, stride, "same") for n in x.shape[1:3])
    full = in_torch(x, w, stride)
    missing = [(0, max(axis.big - axis.full, 0)) for axis in axes]
    full = np.pad(full, [(0, 0), *missing, (0, 0)])
    c = max(kernel - stride, 0) // 2
    sliced = full[:, c : c + rows.small * stride, c : c + columns.small * stride]
    np.testing.assert_array_equal(sliced, spread(x, w, axes))


def in_onnx(x, kernel, **attributes):
    onnx = pytest.importorskip("onnx")
    reference = pytest.importorskip("onnx.reference")
    node = onnx.helper.make_node("ConvTranspose", ["X", "W"], ["Y"], **attributes)
    x, weight = channels_first(x, kernel)
    (y,) = reference.ReferenceEvaluator(node).run(None, {"X": x, "W": weight})
    return y.transpose(0, 2, 3, 1)


@pytest.mark.parametrize("auto_pad", ["NOTSET", "VALID", *AUTO])
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("kernel", [1, 2, 3, 4])
def test_values_of_onnx(kernel, stride, auto_pad):
    pytest.importorskip("onnx")
    all_pads = [(0, 0), (0, 1), (1, 0), (2, 1)] if auto_pad == "NOTSET" else [(0, 0)]
    for pads, over, dilation in product(all_pads, range(stride), (1, 2)):
        x, w = picture(3, kernel)
        how = (stride, pads, over, dilation, auto_pad)
        try:
            axes = tuple(Axis.from_onnx(n, kernel, *how) for n in x.shape[1:3])
        except ValueError:
            continue
        attributes = {"strides": [stride] * 2, "output_padding": [over] * 2}
        attributes |= {"dilations": [dilation] * 2}
        attributes |= {"pads": np.repeat(pads, 2)} if any(pads) else {"auto_pad": auto_pad}
        np.testing.assert_array_equal(in_onnx(x, w, **attributes), spread(x, w, axes), str(how))
