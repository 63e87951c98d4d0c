"""The explorers without a browser: every setting that their sliders reach."""

import re
from html import unescape
from itertools import product

import ipywidgets as widgets
import numpy as np
import pytest
from reading import drawn_in, grids_in_words

from transconv import conv2d_transpose, draw, explore, svg

W = np.array([[1, 2, 1], [2, 1, 2], [1, 1, 2]])
Y = np.array([[55, 52], [57, 50]])


def values(slider):
    """Every value that a slider can take."""
    if hasattr(slider, "options"):
        return [value for _, value in slider.options]
    return range(slider.min, slider.max + 1)


@pytest.fixture(scope="module")
def explorer():
    return explore.spread(Y, W)


@pytest.fixture(scope="module")
def settings(explorer):
    return list(product(*map(values, explorer.sliders.values())))


def set_to(explorer, setting):
    for slider, value in zip(explorer.sliders.values(), setting, strict=True):
        slider.value = value
    return explorer.picture


def test_sliders_reach_a_useful_range(explorer, settings):
    names = [slider.description for slider in explorer.sliders.values()]
    assert names == ["kernel size", "stride", "padding", "step"]
    assert len(settings) == 4 * 3 * 2 * 4
    assert explorer.sliders["kernel_size"].value == 3


def test_sum_after_the_last_step_is_the_layers_output(explorer, settings):
    for kernel_size, stride, padding, step in settings:
        picture = set_to(explorer, (kernel_size, stride, padding, step))
        given, kernel, _, total = grids_in_words(picture.words)
        assert kernel.numbers.shape == (kernel_size, kernel_size)
        assert given.numbers.tolist() == Y.tolist()
        assert given.numbers.flat[step - 1] == given.numbers[given.marked("[")]
        if step == len(Y.flat):
            weights = kernel.numbers.astype(int)[:, :, None, None]
            output = conv2d_transpose(Y[None, :, :, None], weights, stride, padding)
            kept = total.numbers[~total.marked("x")].reshape(output.shape[1:3])
            np.testing.assert_array_equal(kept, output[0, :, :, 0])


def test_kernels_agree_where_they_overlap(explorer, settings):
    """Moving a slider changes no value of the input or the kernel."""
    kernels = {}
    for setting in settings:
        kernel = grids_in_words(set_to(explorer, setting).words)[1].numbers
        kernels.setdefault(setting[0], []).append(kernel)
    largest = kernels[4][0]
    assert kernels[3][0].tolist() == W.tolist()
    for size, same_size in kernels.items():
        assert all(np.array_equal(kernel, largest[:size, :size]) for kernel in same_size)


def test_picture_and_caption_follow_the_sliders(explorer, settings):
    sizes, pictures, words = set(), set(), set()
    for setting in settings:
        picture = set_to(explorer, setting)
        shown = re.fullmatch('<p role="status">(.*?)</p>(.*)', explorer.shown.value, re.DOTALL)
        caption, drawn = shown.groups()
        assert unescape(caption) == unescape(re.search('aria-label="(.*?)"', drawn)[1])
        assert unescape(caption) == picture.caption
        assert drawn == picture.svg
        grids = [panel.grid for panel in drawn_in(drawn)]
        for grid, in_words in zip(grids, grids_in_words(picture.words), strict=True):
            np.testing.assert_array_equal(grid.numbers, in_words.numbers)
        pictures.add(drawn.split("\n", 1)[1])
        words.add(picture.words.split("\n", 1)[1])
        sizes.add(picture.size)
    assert len(pictures) == len(words) == 72  # without a crop, valid and same look the same
    assert len(sizes) == 1, "the page would jump"


def test_an_explorer_brings_the_look_along(explorer, both):
    for shown in (explorer, both):
        style = shown.children[0]
        assert svg.LOOK in style.value
        assert style.layout.display == "none"


def test_stored_output_is_the_words(explorer):
    stored = explorer._repr_mimebundle_()["text/plain"]
    assert stored == f"Run this cell to get the sliders.\n\n{explorer.picture.words}"


def test_play_walks_the_steps(explorer):
    play, step = explorer.play, explorer.sliders["step"]
    assert (play.min, play.max) == (step.min, step.max)


X = np.array([[3, 5, 2, 7], [4, 1, 3, 8], [6, 3, 8, 2], [9, 6, 1, 5]])
GEOMETRY = ("height", "width", "kernel_size", "stride", "padding", "dilation", "output_padding")


@pytest.fixture
def both():
    return explore.layers(X, W)


def reachable(explorer):
    """Every setting of the geometry that the sliders of `layers` reach."""
    free, (dilation, output_padding) = GEOMETRY[:5], GEOMETRY[5:]
    for chosen in product(*(values(explorer.sliders[name]) for name in free)):
        first = dict(zip(free, chosen, strict=True))
        for d in explorer.options[dilation](**first):
            for o in explorer.options[output_padding](**first, dilation=d):
                yield {"seed": 0, **first, dilation: d, output_padding: o}


def test_layers_are_right_in_every_reachable_setting(both):
    """No setting is an error, and the sum after the last step is the output of the layer."""
    settings = list(reachable(both))
    assert len(settings) > 1000
    for n, setting in enumerate(settings):
        last, view = setting["height"] * setting["width"], draw.VIEWS[n % 4]
        row = both.options["row"](**setting)[-1]
        both.picture_of(view=view, step=n % last + 1, row=row, column=0, **setting)
        picture = both.picture_of(
            view="spread and sum", step=last, row=None, column=None, **setting
        )
        *_, given, kernel, total = grids_in_words(picture.words)
        x = given.numbers.astype(int)[None, :, :, None]
        w = kernel.numbers.astype(int)[:, :, None, None]
        how = [setting[name] for name in ("stride", "padding", "output_padding", "dilation")]
        output = conv2d_transpose(x, w, *how)[0, :, :, 0]
        kept = total.numbers[~total.marked("x")].reshape(output.shape)
        np.testing.assert_array_equal(kept, output)


def test_sliders_take_only_what_the_others_leave(both):
    """And whatever moves another slider says so."""

    def options(name):
        return [label for label, _ in both.sliders[name].options]

    def caption():
        return unescape(both.shown.value)

    assert options("dilation") == ["1", "2", "3"]
    both.sliders["dilation"].value = 3
    assert "moved" not in caption()
    both.sliders["stride"].value = 3
    assert options("dilation") == ["1"]
    assert "(dilation moved to 1.)" in caption()
    assert options("output_padding") == ["None", "0", "1", "2"]
    both.sliders["output_padding"].value = 2
    both.sliders["row"].value = 13
    assert "Output (13" not in caption(), "a row alone is no cell"
    both.sliders["column"].value = 0
    assert "Output (13,0) = 0, as no patch reaches it." in caption()
    both.sliders["stride"].value = 2
    assert "(output_padding moved to 1.) (output row moved to 9.)" in caption()
    both.sliders["stride"].value = 1
    both.sliders["kernel_size"].value = 2
    both.sliders["padding"].value = "same"
    assert options("output_padding") == ["None"]
    both.sliders["height"].value = 1
    assert options("step") == ["1", "2", "3", "4"]


def test_numbers_stay_put_until_the_button_draws_new_ones(both):
    def grids():
        return [g.numbers.tolist() for g in grids_in_words(both.picture.words)]

    new, article = (b for b in both.children[4].children if isinstance(b, widgets.Button))
    before = grids()
    both.sliders["stride"].value = 2
    assert grids()[:2] == before[:2] == [X.tolist(), W.tolist()]
    new.click()
    assert both.setting["seed"] == 1
    assert both.children[4].children[2].value == "numbers of seed 1"
    assert grids()[1] != W.tolist()
    again = explore.layers(X, W)
    again.sliders["stride"].value = 2
    again.sliders["seed"].value = 1
    assert again.picture.words == both.picture.words
    new.click()
    assert again.picture.words != both.picture.words
    article.click()
    assert grids()[:2] == before[:2]


def test_play_of_layers_follows_the_steps(both):
    play = both.play
    assert (play.value, play.max) == (0, 15)
    both.sliders["height"].value = 2
    assert play.max == 7
    both.sliders["step"].value = 5
    assert play.value == 4
    play.value = 6
    assert both.sliders["step"].value == 7


def test_folds_open_and_close(both):
    buttons, *boxes = both.children[4:]
    folds = [b for b in buttons.children if isinstance(b, widgets.ToggleButton)]
    assert [b.description for b in folds] == ["advanced", "point at a cell", "in words"]
    for button, box in zip(folds, boxes, strict=True):
        assert box.layout.display == "none"
        button.value = True
        assert box.layout.display == "flex"
        button.value = False
        assert box.layout.display == "none"


def test_words_are_sent_while_they_are_unfolded(both):
    button, words = both.children[4].children[-1], both.children[-1].children[0]
    assert words.value == ""
    button.value = True
    assert unescape(words.value) == f"<pre>{both.picture.words}</pre>"
    both.sliders["step"].value = 2
    assert unescape(words.value) == f"<pre>{both.picture.words}</pre>"
    button.value = False
    assert words.value == ""
