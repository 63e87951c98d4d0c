"""The explorers without a browser: every setting that their controls reach."""

import json
from itertools import product

import numpy as np
import pytest
from reading import check_links, grids_in_words

from transconv import conv2d_transpose, draw, explore, svg
from transconv.explore import Control, Explorer
from transconv.picture import SVG, Panel, row

X = np.array([[3, 5, 2, 7], [4, 1, 3, 8], [6, 3, 8, 2], [9, 6, 1, 5]])
W = np.array([[1, 2, 1], [2, 1, 2], [1, 1, 2]])
Y = np.array([[55, 52], [57, 50]])


class Page:
    """Explorers as their page side sees them, without a browser."""

    def __init__(self, explorer):
        self.explorer, self.sent = explorer, []
        explorer.send = self.sent.append

    def ask(self, *settings):
        """The frames that Python sends for these settings."""
        ask = {"id": 7, "ask": [self.explorer.setting | setting for setting in settings]}
        self.explorer._handle_custom_msg(ask, [])
        reply = json.loads(json.dumps(self.sent.pop()))
        assert reply["id"] == 7
        return list(reply["frames"].values())

    def key(self, setting):
        """As JavaScript writes it."""
        values = (self.explorer.setting | setting).values()
        return json.dumps(list(values), separators=(",", ":"), ensure_ascii=False)


@pytest.fixture(scope="module")
def spread():
    return explore.spread(Y, W)


@pytest.fixture(scope="module")
def layers():
    return explore.layers(X, W)


def reachable(explorer):
    """Every setting of the controls, but for view, step and numbers: those are chosen by turns."""

    def settings(controls, chosen):
        if not controls:
            yield chosen
            return
        (control, *rest), options = controls, controls[0].options
        options = list(options(**chosen) if callable(options) else options or [control.value])
        if control.name in ("view", "step"):
            options = [options[len(seen) % len(options)]]
        for option in options:
            yield from settings(rest, chosen | {control.name: option})

    seen = []
    for setting in settings(explorer._controls, {}):
        seen.append(setting)
        yield setting


def test_controls_reach_a_useful_range(spread, layers):
    assert [control["name"] for control in spread.controls] == [
        *("kernel_size", "stride", "padding", "step", "numbers"),
    ]
    assert len(list(reachable(spread))) == 4 * 3 * 2
    assert spread.setting["kernel_size"] == len(W)
    assert len(list(reachable(layers))) > 1000
    kinds = {control["name"]: control["kind"] for control in layers.controls}
    assert kinds.pop("padding") == kinds.pop("view") == "buttons"
    assert kinds.pop("numbers") == "numbers"
    assert set(kinds.values()) == {"slider"}
    labels = {control["name"]: control["label"] for control in layers.controls}
    assert (labels["kernel_size"], labels["stride"]) == ("kernel size", "stride")
    assert spread.setting["step"] == 2  # so that patches overlap
    larger = spread._row_of(**spread.setting | {"kernel_size": 4}).panels[1].values
    assert larger.tolist() == [[1, 2, 1, 1], [2, 1, 2, 2], [1, 1, 2, 1], [1, 2, 1, 1]]
    assert layers._fit(layers.setting)[1]["height"] == [1, 2, 3, 4]
    assert spread._fit(spread.setting)[1]["step"] == [1, 2, 3, 4]
    strip = explore.strip([3, 5, 2, 7, 4], [1, 2, 1])
    options = strip._fit(strip.setting)[1]
    assert options["size"] == [1, 2, 3, 4, 5]
    assert options["kernel_size"] == options["dilation"] == [1, 2, 3]
    assert options["stride"] == [1, 2, 3, 4]
    assert options["output_padding"] == [None, 0, 1, 2, 3]
    assert options["step"] == [None, 1, 2, 3, 4]
    first = {"size": 4, "kernel_size": 3, "stride": 2, "padding": "valid", "dilation": 1}
    assert first.items() <= strip.setting.items()


@pytest.mark.parametrize("name", ["spread", "layers"])
def test_every_reachable_setting_is_right(name, request):
    """Every link's sum is the number in the cell, and the sum after the last step is the output."""
    explorer = request.getfixturevalue(name)
    for setting in reachable(explorer):
        check_links(explorer._row_of(**setting))
        steps = next(c for c in explorer._controls if c.name == "step").options
        last = max(steps(**setting) if callable(steps) else steps)
        at = {"step": last} | ({"view": "spread and sum"} if "view" in setting else {})
        picture = explorer._row_of(**setting | at)
        check_links(picture)
        grids = grids_in_words(picture.words)
        given, kernel, total = [g for g in grids if "patch" not in g.title][-3:]
        x = given.numbers.astype(int)[None, :, :, None]
        w = kernel.numbers.astype(int)[:, :, None, None]
        how = [setting.get(name) for name in ("stride", "padding", "output_padding")]
        output = conv2d_transpose(x, w, *how, setting.get("dilation", 1))[0, :, :, 0]
        kept = total.numbers[~total.marked("x")].reshape(output.shape)
        np.testing.assert_array_equal(kept, output)


@pytest.mark.parametrize("view", draw.VIEWS)
def test_every_step_of_every_view_is_right(layers, view):
    """For the lesson's 4x4, valid and same, at each stride."""
    for stride, padding, step in product((1, 2, 3), ("valid", "same"), range(1, 17)):
        at = {"stride": stride, "padding": padding, "step": step, "view": view}
        picture = layers._row_of(**layers._fit(layers.setting | at)[0])
        check_links(picture)
        assert picture.links


def lines_of(text, width):
    """How many lines a text takes."""
    lines, used = 1, 0
    for word in text.split():
        long = svg.text_width(f"{word} ", svg.TITLE)
        lines, used = (lines, used + long) if used + long <= width else (lines + 1, long)
    return lines


@pytest.mark.parametrize("name", ["spread", "layers"])
def test_a_caption_has_two_lines_at_most(name, request):
    """With what it says of controls that had to move, in a font as wide as that of the PNG."""
    explorer = request.getfixturevalue(name)
    moved = "(dilation moved to 1.) (output_padding moved to 1.) (step moved to 12.)"
    for setting in reachable(explorer):
        for view in draw.VIEWS if "view" in setting else [None]:
            at = setting | ({"view": view} if view else {})
            caption = explorer._row_of(**at).caption
            assert lines_of(caption, 850) <= 2, caption
    assert lines_of(moved, 850) == 1


def test_picture_and_room_are_the_same_for_every_setting(layers):
    """So the page does not jump."""
    for n, setting in enumerate(reachable(layers)):
        if n % 20 == 0:
            picture = layers._row_of(**setting)
            width, height = explore.LARGE
            assert f'data-room="{height}"' in picture.svg
            assert picture.size[0] <= width
            assert picture.size[1] <= height


def test_the_first_frame_is_in_the_page_from_the_start(spread):
    page = Page(spread)
    (key,) = spread.frames
    assert key == page.key({})
    assert spread.frames[key] == page.ask({})[0]


def test_the_page_is_sent_the_controls_the_setting_and_the_frame(spread):
    state = spread.get_state()
    assert state["setting"] == spread.setting
    assert state["frames"] == spread.frames
    assert [control["name"] for control in state["controls"]] == list(spread.setting)


def test_settings_have_the_keys_that_javascript_gives_them():
    explorer = Explorer(
        [Control("n", [1]), Control("way", ["größer"])], lambda **_: row("", Panel("a", [[1]]))
    )
    assert list(explorer.frames) == ['[1,"größer"]']


def test_a_window_fits_into_an_input_of_its_size(layers):
    for height, dilation, fits in ((3, 1, True), (2, 1, False), (4, 2, False)):
        asked = {"height": height, "dilation": dilation}
        caption = layers._row_of(**layers._fit(layers.setting | asked)[0]).caption
        assert caption.startswith("Conv2D: no window fits.") != fits
        same = layers._fit(layers.setting | asked | {"padding": "same"})[0]
        assert "no window fits" not in layers._row_of(**same).caption


def test_a_frame_is_what_the_picture_shows(layers):
    asked = {"stride": 2, "step": 5, "view": "matrix"}
    (frame,) = Page(layers).ask(asked)
    picture = layers._row_of(**layers.setting | asked)
    assert frame["svg"] == picture.svg
    assert frame["caption"] == picture.caption
    assert frame["words"] == picture.words
    assert frame["links"] == json.loads(json.dumps(picture.links))
    assert frame["setting"] == layers.setting | asked
    assert frame["options"]["step"] == list(range(1, 17))
    assert frame["moved"] == ""


def test_controls_take_only_what_the_others_leave(layers):
    """And whatever moves another control says so."""
    page = Page(layers)

    def moved(setting, name):
        (frame,) = page.ask(setting)
        return frame["options"][name], frame["setting"][name], frame["moved"]

    assert moved({}, "dilation") == ([1, 2, 3], 1, "")
    assert moved({"dilation": 3}, "dilation") == ([1, 2, 3], 3, "")
    assert moved({"dilation": 3, "stride": 3}, "dilation") == ([1], 1, "(dilation moved to 1.)")
    assert moved({"stride": 3}, "output_padding") == ([None, 0, 1, 2], None, "")
    asked = {"stride": 2, "output_padding": 2}
    assert moved(asked, "output_padding") == ([None, 0, 1], 1, "(output_padding moved to 1.)")
    even = {"kernel_size": 2, "padding": "same", "output_padding": 0}
    assert moved(even, "output_padding") == ([None], None, "(output_padding moved to None.)")
    asked = {"height": 1, "step": 9}
    assert moved(asked, "step") == ([1, 2, 3, 4], 4, "(step moved to 4.)")
    both = {"stride": 2, "dilation": 3, "output_padding": 2}
    said = "(dilation moved to 1.) (output_padding moved to 1.)"
    assert moved(both, "dilation") == ([1], 1, said)


def test_a_control_that_cannot_move_says_what_it_needs(layers):
    why = {control["name"]: control["why"] for control in layers.controls if control["why"]}
    assert why == {
        "dilation": "needs stride 1",
        "output_padding": "needs stride 2 or 3",
        "step": "one input",
    }


def grids(picture):
    return [grid.numbers.tolist() for grid in grids_in_words(picture.words)]


def test_numbers_are_the_lessons_those_of_a_seed_or_the_readers():
    """Smaller grids are the top left corner of the same numbers."""
    explorer = explore.layers(X, W)
    explorer.setting = {"stride": 2}
    assert grids(explorer.picture)[:2] == [X.tolist(), W.tolist()]
    explorer.setting = {"numbers": {"seed": 1, "typed": []}}
    seeded = grids(explorer.picture)[:2]
    assert np.min(seeded[0]) >= 1
    assert seeded[1] != W.tolist()
    explorer.setting = {"height": 2, "width": 3, "kernel_size": 2}
    assert grids(explorer.picture)[0] == [line[:3] for line in seeded[0][:2]]
    assert grids(explorer.picture)[1] == [line[:2] for line in seeded[1][:2]]
    again = explore.layers(X, W)
    again.setting = explorer.setting
    assert again.picture.words == explorer.picture.words
    typed = [["input", 0, 1, -12], ["kernel", 1, 0, 90], ["input", 3, 3, 5]]
    explorer.setting = {"numbers": {"seed": 0, "typed": typed}}
    assert grids(explorer.picture)[0] == [[3, -12, 2], [4, 1, 3]]
    assert grids(explorer.picture)[1] == [[1, 2], [90, 1]]
    assert X[0, 1] == 5
    assert W[1, 0] == 2
    check_links(explorer.picture)


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("view", draw.VIEWS)
def test_cells_know_which_number_of_the_input_or_the_kernel_they_show(layers, view, padding):
    """So that the page can make them the step, or take another number for them."""
    at = {"view": view, "padding": padding, "stride": 2, "width": 3, "step": 5}
    picture = layers._row_of(**layers.setting | at)
    given = {"input": X[:, :3], "kernel": W}
    names = set()
    for n, of in picture.given.items():
        grid, shown = given[of["name"]], picture.panels[int(n)].values
        names.add(of["name"])
        assert of["width"] == grid.shape[1]
        assert len(of["places"]) == shown.size
        for place, number in zip(of["places"], shown.flat, strict=True):
            assert number == (grid.flat[place] if place >= 0 else 0)
    assert (
        names == {"input", "kernel"} if view in ("spread and sum", "zero insertion") else {"input"}
    )


def test_setting_follows_the_page_and_python_moves_it():
    explorer, seen = explore.layers(X, W), []
    explorer.observe(lambda change: seen.append(change.new), "setting")
    explorer.set_state({"setting": explorer.setting | {"stride": 2}})
    assert explorer.setting["stride"] == 2
    explorer.setting = {"stride": 3, "output_padding": 2}
    assert explorer.setting["output_padding"] == 2
    explorer.setting = {"stride": 1}
    assert explorer.setting["output_padding"] == 0, "the nearest that stride 1 leaves"
    assert len(seen) == 3
    with pytest.raises(
        ValueError, match=r"setting must have names among \['height', .*'padding'.* \['pad'\]"
    ):
        explorer.setting = {"pad": "same"}
    assert explorer.setting["padding"] == "valid"


def test_what_does_not_fit_is_moved_only_when_the_page_has_been_told():
    """The page shows what it asks for, and hears from the frame what had to move."""
    explorer = explore.layers(X, W)
    explorer.set_state({"setting": explorer.setting | {"dilation": 2, "stride": 2}})
    assert explorer.setting["dilation"] == 2
    assert explorer.picture.caption.endswith("rows 0 to 2, columns 0 to 2.")


def test_an_error_is_told_and_the_next_setting_drawn():
    def fails_at_two(n):
        if n == 2:
            raise RuntimeError("two is too much")
        return row(f"{n}.", Panel("number", [[n]]))

    explorer = Explorer([Control("n", [1, 2, 3])], fails_at_two)
    first, second, third = Page(explorer).ask({"n": 1}, {"n": 2}, {"n": 3})
    assert second == {"error": "RuntimeError: two is too much"}
    assert (first["caption"], third["caption"]) == ("1.", "3.")


def test_what_is_stored_is_the_picture_and_its_words(spread, monkeypatch):
    shown = []
    monkeypatch.setattr(explore, "display", lambda *args, **kwargs: shown.append((args, kwargs)))
    spread._ipython_display_()
    ((bundle,), look), ((words,), _) = shown
    picture = spread.picture
    assert bundle["image/png"] == picture.png()
    assert bundle["text/plain"] == picture.words
    assert bundle[SVG] == picture.svg
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert look["metadata"]["image/png"]["alt"] == picture.words
    assert look["raw"]
    assert picture.html() in words.data
    assert "transconv-stored" in words.data
    assert ".transconv-stored" in svg.LOOK
