"""The pictures of values: what is drawn, read back from the SVG, is what was given."""

import re
from base64 import b64decode
from io import BytesIO
from xml.etree import ElementTree

import matplotlib.image
import numpy as np
import pytest
from reading import SVG, drawn_in, grids_in_words, texts_in

from transconv import charts
from transconv.picture import SVG as STORED

X = np.array([[3, 5, 2, 7], [4, 1, 3, 8], [6, 3, 8, 2], [9, 6, 1, 5]])
W = np.array([[1, 2, 1], [2, 1, 2], [1, 1, 2]])


def paths_in(svg, style):
    """The corners of each path that has this in its style, as arrays of (x, y)."""
    paths = [p for p in ElementTree.fromstring(svg).iter(f"{SVG}path") if style in p.get("style")]
    return [np.reshape(re.findall(r"-?[\d.]+", p.get("d")), (-1, 2)).astype(float) for p in paths]


def images_in(svg):
    """The pixels of each image, the place of its top left corner, and its size."""
    images = []
    for image in ElementTree.fromstring(svg).iter(f"{SVG}image"):
        png = b64decode(image.get("{http://www.w3.org/1999/xlink}href").split(",")[1])
        pixels = matplotlib.image.imread(BytesIO(png))[..., 0]
        wide, _, _, tall, x, y = map(float, re.findall(r"-?[\d.]+", image.get("transform")))
        size = np.array([wide * pixels.shape[1], tall * pixels.shape[0]]) * 96 / 72
        images.append((pixels, np.array([x, y]) * 96 / 72, size))
    return images


def starts_of_texts(svg):
    """Each text that is not turned, and where it begins, on its line or in the middle of it."""
    for text in ElementTree.fromstring(svg).iter(f"{SVG}text"):
        yield text.text, (float(text.get("x")) * 96 / 72, float(text.get("y")) * 96 / 72)


def test_difference_is_the_difference():
    picture = charts.difference("Left.", {"a": X, "b": X.T}, "rest")
    a, b, rest = (g.numbers for g in grids_in_words(picture.words))
    np.testing.assert_array_equal(a - b, rest)
    looks = drawn_in(picture.svg)[-1].grounds
    assert ((looks == "paper") == (rest == 0)).all()
    for sign, of_sign in (("p", rest > 0), ("m", rest < 0)):
        assert {look[0] for look in looks[of_sign]} == {sign}
        depths = [int(look[1]) for look in looks[of_sign][np.argsort(np.abs(rest[of_sign]))]]
        assert depths == sorted(depths)
    assert set(looks[np.abs(rest) == np.abs(rest).max()]) <= {"p3", "m3"}
    assert set(looks[rest == 1]) == {"p1"}  # of 4 at most
    assert [text for text in texts_in(picture.svg) if text in "−="] == ["−", "="]


def test_grids_have_one_scale_and_blank_zeros():
    picture = charts.grids("Two.", {"a": X - X.min(), "b": 20 * W})
    assert picture.caption == "Two. Blank cells are 0."
    assert charts.grids("One.", {"b": W}).caption == "One."
    shade = {}
    for panel in drawn_in(picture.svg):
        for number, look in zip(panel.grid.numbers.flat, panel.grounds.flat, strict=True):
            if np.isnan(number):
                assert look == "paper"
            else:
                assert shade.setdefault(number, look) == look
    assert 0 not in shade
    blank = np.isnan(drawn_in(picture.svg)[0].grid.numbers)
    np.testing.assert_array_equal(blank, X.min() == X)
    assert all(
        ink in ("low", "high") for panel in picture.panels for ink in panel.inks()[panel.values > 0]
    )
    levels = [int(shade[number][1]) for number in sorted(shade)]
    assert levels == sorted(levels)
    assert (levels[0], levels[-1]) == (1, 8)


def test_a_cell_is_blank_if_what_would_be_drawn_is_zero():
    cells = grids_in_words(charts.grids("One.", {"a": np.array([[0.04, 0.06, -0.04]])}).words)[0]
    assert cells.cells == [[".", "0.1", "."]]


def test_grids_with_numbers_below_zero_show_the_sign():
    looks = drawn_in(charts.grids("One.", {"a": np.array([[-9, -2, 0, 1, 3]])}).svg)[0].grounds
    assert looks.tolist() == [["m3", "m1", "paper", "p1", "p1"]]


def test_descent_says_and_draws_the_losses():
    losses = [100 / 2**t + 3 for t in range(21)]
    picture = charts.descent(losses, 3)
    curve = max(paths_in(picture.svg, "stroke: var(--now)"), key=len)
    dashed = paths_in(picture.svg, "stroke-dasharray")
    optimum = max(dashed, key=lambda line: np.ptp(line[:, 0]))[:, 1]  # the other is the legend's
    assert len(curve) == len(losses)
    x, y = curve.T
    np.testing.assert_allclose(np.diff(x), np.diff(x)[0], rtol=1e-3)
    heights = np.log([losses[0], losses[-1], 3])
    scale = (y[-1] - y[0]) / (heights[1] - heights[0])
    np.testing.assert_allclose(y, y[0] + (np.log(losses) - heights[0]) * scale, atol=0.01)
    np.testing.assert_allclose(optimum, y[0] + (heights[2] - heights[0]) * scale, atol=0.01)
    assert "step 0: 103.00\nstep 1: 53.00\nstep 10: 3.10\nstep 20: 3.00" in picture.words
    assert charts.descent(losses[:11], 3).words.count("step 10") == 1
    assert "optimum, 1.00 " in charts.descent([9.0, 4.0], 1).words
    assert "optimum, 0.999 " in charts.descent([9.0, 4.0], 0.999).words
    names = {"step", "mean squared error, log axis", "training", "least-squares optimum"}
    assert names <= set(texts_in(picture.svg))


def test_descent_has_labels_enough():
    """Powers of ten, with 2 and 5 between them if they would be two at most."""
    wide, narrow = (texts_in(charts.descent([most, 4.0], 3).svg) for most in (3000.0, 30.0))
    assert {"10", "100", "1,000"} <= set(wide)
    assert {"5", "10", "20"} <= set(narrow)
    assert not {"20", "50", "200"} & set(wide)


def test_losses_draws_each_and_the_level_on_one_scale():
    named = {"one": np.array([1.0, 3, 2, 1, 2]), "other": np.array([2.0, 0.5, 1, 2, 1])}
    picture = charts.losses(named, 0.69, "cannot tell")
    looks = (
        "now); stroke-width: 1.5;",
        "soft); stroke-linecap",
    )  # the first the thicker: 1 is not said
    curves = [max(paths_in(picture.svg, f"stroke: var(--{look}"), key=len) for look in looks]
    dashed = paths_in(picture.svg, "stroke-dasharray")
    level = max(dashed, key=lambda line: np.ptp(line[:, 0]))[0, 1]
    scale = (curves[0][1, 1] - curves[0][0, 1]) / 2  # from 1 to 3
    for curve, values in zip(curves, named.values(), strict=True):
        np.testing.assert_allclose(curve[:, 1], curves[0][0, 1] + (values - 1) * scale, atol=0.01)
    assert level == pytest.approx(curves[0][0, 1] + (0.69 - 1) * scale, abs=0.01)
    words = "The losses of one and other; the dashed line is cannot tell = 0.69.\n\n5 steps"
    assert picture.words == words
    assert {"one", "other", "cannot tell", "step", "loss", "0.0"} <= set(texts_in(picture.svg))


def test_times_draws_the_times_and_leaves_them_out_of_the_words():
    seconds = {"loops": 0.5, "slices": 0.01, "fast": 0.0004}
    picture = charts.times("Loops are slow.", seconds)
    bars = paths_in(picture.svg, "fill: var(--now)")
    lengths = np.array([np.ptp(bar[:, 0]) for bar in bars])
    ratios = np.diff(lengths) / np.diff(np.log(list(seconds.values())))
    np.testing.assert_allclose(ratios, ratios[0], rtol=1e-3)
    texts = texts_in(picture.svg)
    assert [t for t in texts if t.endswith(" ms")] == ["500 ms", "10 ms", "0.4 ms"]
    assert [t for t in texts if t in seconds] == list(seconds)
    ends = [bar[:, 0].max() * 96 / 72 for bar in bars]
    starts = [x for text, (x, _) in starts_of_texts(picture.svg) if text.endswith(" ms")]
    np.testing.assert_allclose(np.subtract(starts, ends), 4 * 96 / 72, atol=0.1)
    tops = [bar[:, 1].min() for bar in bars]
    assert tops == sorted(tops)  # from the top in the order given
    assert "milliseconds, log axis" in texts
    assert picture.words == "Loops are slow.\n\nloops\nslices\nfast"


def test_images_and_their_means():
    rng = np.random.default_rng(0)
    named = {"left": rng.random((16, 16)), "right": 2 * rng.random((8, 6))}
    picture = charts.images("Two.", named, stride=2)
    low, high = (f([f(grid) for grid in named.values()]) for f in (np.min, np.max))
    images = images_in(picture.svg)
    for (pixels, _, size), (title, given) in zip(images, named.items(), strict=True):
        np.testing.assert_allclose(pixels, (given - low) / (high - low), atol=2 / 255)
        zoom = size / given.shape[::-1]
        np.testing.assert_allclose(zoom, round(zoom[0]), rtol=1e-4)  # whole pixels for each cell
        rows, columns = given.shape
        assert f"{title} ({rows}×{columns})" in texts_in(picture.svg)
        least, most, mean = given.min(), given.max(), given.mean()
        assert f"({rows}×{columns}): {least:.2f} to {most:.2f}, mean {mean:.2f}" in picture.words
        means = [[given[p::2, q::2].mean() for q in (0, 1)] for p in (0, 1)]
        lines = ["  ".join(f"{mean:.2f}" for mean in row) for row in means]
        assert "\n".join(lines) in picture.words
        assert {" ".join(line.split()) for line in lines} <= {
            " ".join(text.split()) for text in texts_in(picture.svg)
        }
    key = f"numbers: means of the 2×2 phases · black is {low:.2f}, white is {high:.2f}"
    assert key in texts_in(picture.svg)


@pytest.mark.parametrize("shape", [(256, 256), (3, 256)])
def test_a_large_image_is_drawn_whole(shape):
    picture = charts.images("One.", {"large": np.arange(np.prod(shape)).reshape(shape)}, stride=2)
    ((pixels, corner, size),) = images_in(picture.svg)
    assert pixels.shape == shape
    assert 200 < max(size) <= 257
    np.testing.assert_allclose(size[0] / size[1], shape[1] / shape[0], rtol=0.01)
    assert (corner + size < picture.size).all()


def test_sheet_shows_every_picture_on_one_scale():
    rng = np.random.default_rng(0)
    rows = {"large": rng.random((3, 12, 12)), "small": 5 * rng.random((3, 6, 4)) - 2}
    picture = charts.sheet("Two rows.", rows)
    low, high = rows["small"].min(), rows["small"].max()
    given = [*rows["large"], *rows["small"]]
    for (pixels, *_), values in zip(images_in(picture.svg), given, strict=True):
        np.testing.assert_allclose(pixels, (values - low) / (high - low), atol=2 / 255)
    assert texts_in(picture.svg) == list(rows)
    corners = np.array([corner for _, corner, _ in images_in(picture.svg)]).reshape(2, 3, 2)
    for _, _, size in images_in(picture.svg):
        np.testing.assert_allclose(size, 84, atol=1)  # square, whatever the shape of the picture
    np.testing.assert_allclose(corners[..., 0], [[8, 100, 192]] * 2, atol=1)  # 84, and a gap of 8
    assert np.ptp(corners[..., 1], axis=1).max() == 0
    for (_, (x, y)), (left, top) in zip(starts_of_texts(picture.svg), corners[:, 0], strict=True):
        assert x == pytest.approx(left, abs=1)
        assert 4 < top - y < 10  # a title stands on a line above its pictures
    lines = ["Two rows.", "large: 3 pictures of 12×12", "small: 3 pictures of 6×4"]
    assert picture.words.split("\n\n") == lines
    edges = paths_in(picture.svg, "stroke: var(--soft); stroke-width: 0.75")
    assert len(edges) == 4 * len(given)  # each has an edge on all four sides


@pytest.mark.parametrize(("count", "side"), [(3, 84), (8, 84), (20, 34)])
def test_the_pictures_of_a_sheet_are_as_large_as_a_line_has_room_for(count, side):
    picture = charts.sheet("One row.", {"a": np.random.default_rng(0).random((count, 12, 12))})
    for _, _, size in images_in(picture.svg):
        np.testing.assert_allclose(size, side, atol=1)
    assert picture.size[0] <= 860


@pytest.mark.parametrize(
    "picture",
    [
        charts.descent([9.0, 5.0, 4.0], 3),
        charts.times("Bars.", {"a": 1.0, "b": 0.1}),
        charts.losses({"a": [1, 2], "b": [2, 1]}, 1, "one"),
        charts.images("One.", {"a": X}, 2),
        charts.sheet("Two.", {"a": X[None]}),
    ],
    ids=["descent", "times", "losses", "images", "sheet"],
)
def test_charts_take_their_colours_from_the_page(picture):
    """No colour but black and white, no font, and no style that would reach the whole page."""
    assert not re.findall(r"(?:fill|stroke): #(?!000000|ffffff)", picture.svg)
    assert "font-family" not in picture.svg
    assert "<style" not in picture.svg
    width, height = picture.size
    image = matplotlib.image.imread(BytesIO(picture.png(1)))
    assert image.shape[:2] == (height, width)
    border = np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]])
    assert border.min() == 1, "something is cut off"


def test_a_chart_is_stored_for_the_page_where_nbval_compares_nothing():
    """Its curves are other ones after each rounding. And its parts have no names but those used."""
    chart = charts.descent([100.0, 10.0, 4.0], 3.0)
    data, looks = chart.stored()
    assert data.keys() == {"image/png", "text/plain"}
    assert looks["image/png"][STORED] == chart.svg
    names = re.findall(r' id="(.*?)"', chart.svg)
    assert len(names) > 1
    assert set(names) == set(re.findall(r"#([\w.]+)", chart.svg))
    data, looks = charts.grids("One.", {"one": X}).stored()
    assert STORED in data
    assert STORED not in looks["image/png"]
