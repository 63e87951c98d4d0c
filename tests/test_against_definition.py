"""The layers against their definition: values, shapes and gradients, at random."""

import definition
import numpy as np
from cases import ACTIVATIONS, any_layer, assert_close, built, numbers_for
from hypothesis import given
from hypothesis import strategies as st

import transconv


def double(x):
    return 2 * x


@given(any_layer(activations=(*ACTIVATIONS, double)))
def test_any_layer_has_the_values_of_the_definition(setting):
    x, kernel, bias = numbers_for(*setting)
    layer = built(transconv, *setting, [kernel, bias])
    y = layer(x)
    assert y.dtype == np.float32
    assert_close(y, definition.activated(setting, definition.sums(setting, x, kernel) + bias))


@given(any_layer(), st.tuples(st.booleans(), st.booleans(), st.booleans()))
def test_any_layer_has_the_shape_of_the_definition(setting, known):
    name, arguments, shape = setting
    (height, _), (width, _) = definition.axes(*setting)
    expected = (shape[0], height, width, arguments["filters"])
    layer = getattr(transconv, name)(**arguments)
    assert layer(np.zeros(shape)).shape == layer.compute_output_shape(shape) == expected
    partly, foretold = (
        tuple(n if k else None for n, k in zip(sizes, (*known, True), strict=True))
        for sizes in (shape, expected)
    )
    assert layer.compute_output_shape(partly) == foretold


@given(any_layer())
def test_any_layer_has_the_gradients_of_the_definition(setting):
    x, kernel, bias = numbers_for(*setting)
    z = definition.sums(setting, x, kernel) + bias
    dy = definition.upstream(z)
    layer = built(transconv, *setting, [kernel, bias])
    layer(x)
    results = (layer.backward(dy), *layer.gradients)
    expected = definition.gradients(setting, x, kernel, z, dy)[: len(results)]
    for result, definite in zip(results, expected, strict=True):
        assert result.dtype == np.float32
        assert_close(result, definite)
    assert len(results) == 2 + setting[1]["use_bias"]
