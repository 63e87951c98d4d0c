"""The recipes of lesson 2: both lines of each are taken from the notebook, and run."""

import re
from pathlib import Path
from types import SimpleNamespace

import nbformat
import numpy as np
import pytest

from transconv.geometry import Axis
from transconv.keras_says import keras
from transconv.ops import spread

LESSON = Path(__file__).parents[1] / "notebooks" / "02_parameters.ipynb"
RECIPE = re.compile(r"^# (.*?): (\d+) to (\d+).*\n(.+)\n(.+)$", re.MULTILINE)
CHANNELS_IN, CHANNELS_OUT = 2, 3


def recipes():
    (cell,) = (
        cell
        for cell in nbformat.read(LESSON, as_version=4).cells
        if cell.source.startswith("## Recipes")
    )
    blocks = re.findall(r"```python\n(.*?)```", cell.source, re.DOTALL)
    found = [RECIPE.findall(block) for block in blocks]
    assert sum(block.count("\n# ") + 1 for block in blocks) == sum(map(len, found))
    return [(title, int(n), int(to), *lines) for of in found for title, n, to, *lines in of]


each_recipe = pytest.mark.parametrize(
    ("n", "size", "in_keras", "in_pytorch"),
    [of for _, *of in recipes()],
    ids=[title for title, *_ in recipes()],
)


def conv_transpose2d(x, w, stride=1, padding=0, output_padding=0):
    """PyTorch's, by its documented rule: see test_phrase_book.py, which holds it to PyTorch."""
    axes = (Axis.from_pytorch(n, w.shape[2], stride, padding, output_padding) for n in x.shape[2:])
    y = spread(x.transpose(0, 2, 3, 1), w.transpose(2, 3, 1, 0), tuple(axes))
    return y.transpose(0, 3, 1, 2)


def run(n, in_keras):
    """The input, the kernel and the output of Keras's line, for integers."""
    rng = np.random.default_rng(n)
    x = rng.integers(-9, 10, (1, n, n, CHANNELS_IN)).astype("float32")
    layer = eval(in_keras, vars(keras.layers) | {"Sequential": keras.Sequential, "f": CHANNELS_OUT})
    layer.build(x.shape)
    kernel = rng.integers(-9, 10, layer.get_weights()[0].shape).astype("float32")
    layer.set_weights([kernel, np.zeros(CHANNELS_OUT)])
    return x, kernel, np.asarray(layer(x))


@each_recipe
def test_both_lines_return_the_same_numbers(n, size, in_keras, in_pytorch):
    x, kernel, y = run(n, in_keras)
    assert y.shape == (1, size, size, CHANNELS_OUT)
    names = {"F": SimpleNamespace(conv_transpose2d=conv_transpose2d), "n": n}
    names |= {"x": x.transpose(0, 3, 1, 2), "w": kernel.transpose(3, 2, 0, 1)}
    np.testing.assert_array_equal(eval(in_pytorch, names).transpose(0, 2, 3, 1), y)


@each_recipe
def test_so_does_pytorch_itself(n, size, in_keras, in_pytorch):
    torch = pytest.importorskip("torch")
    x, kernel, y = run(n, in_keras)
    tensors = {"x": x.transpose(0, 3, 1, 2), "w": kernel.transpose(3, 2, 0, 1)}
    names = {name: torch.tensor(array.copy()) for name, array in tensors.items()}
    names |= {"F": torch.nn.functional, "n": n}
    np.testing.assert_array_equal(eval(in_pytorch, names).numpy().transpose(0, 2, 3, 1), y)


def test_recipes_for_what_a_reader_looks_for():
    titles = " ".join(title for title, *_ in recipes())
    for words in ("Double", "Triple", "first layer of a generator", "Odd sizes", "The encoder"):
        assert words in titles
    assert any("2 * n" in line for *_, line in recipes())


def test_each_encoder_leads_where_its_recipe_starts():
    """By the words of the recipe: PyTorch's padding=1 is one zero at both ends."""
    for title, small, big, *_ in recipes():
        if not title.startswith("The encoder"):
            continue
        leads = set()
        if "same" in title:
            leads.add(Axis.from_big(big, 3, 2, "same").small)
        if "padding=1" in title:
            leads.add((big + 2 - 3) // 2 + 1)
        if "no padding" in title:
            leads.add(Axis.from_big(big, 3, 2).small)
        assert leads == {small}
