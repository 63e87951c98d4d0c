"""Animations: every number is the layer's, nothing jumps, and the file shows just the frames."""

import re
import shlex
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image, ImageSequence
from reading import check_links, drawn_in, texts_in

from transconv import conv2d, conv2d_transpose, draw, svg
from transconv.__main__ import main
from transconv.steps import Convolution, TransposedConvolution

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
OPENING = Path(__file__).parents[1] / "docs" / "spread.gif"
RNG = np.random.default_rng(3)
X, W = RNG.integers(-9, 10, (3, 4)), RNG.integers(-9, 10, (3, 2))
SPREADS = {
    "plain": {},
    "cropped": {"strides": 2, "padding": "same"},
    "appended": {"strides": (4, 1)},
    "output_padding": {"strides": (2, 3), "padding": "same", "output_padding": (0, 1)},
    "dilation": {"dilation_rate": (1, 3)},
}
GATHERS = {
    "plain": {},
    "zeros": {"strides": (1, 2), "padding": "same"},
    "dilation": {"dilation_rate": (1, 2)},
}
SETTINGS = [
    *((TransposedConvolution, how) for how in SPREADS.values()),
    *((Convolution, how) for how in GATHERS.values()),
]
NAMES = [*(f"spread, {name}" for name in SPREADS), *(f"gather, {name}" for name in GATHERS)]
every_setting = pytest.mark.parametrize(("kind", "how"), SETTINGS, ids=NAMES)


def in_batch(operation, X, W, how):
    return operation(X[None, ..., None], W[..., None, None], **how)[0, ..., 0]


def kept(panel):
    """The numbers of a grid that no hatching covers, as a grid."""
    rows, columns = (np.flatnonzero(~panel.masks["cut"].all(axis=axis)) for axis in (1, 0))
    return panel.grid.numbers[np.ix_(rows, columns)]


@pytest.mark.parametrize("how", SPREADS.values(), ids=SPREADS)
def test_every_frame_has_the_numbers_of_the_transposed_layer(how):
    frames = draw.animate(TransposedConvolution(X, W, **how))
    assert len(frames) == X.size
    for step, frame in enumerate(frames):
        given, kernel, patch, total = drawn_in(frame.svg)
        np.testing.assert_array_equal(given.grid.numbers, X)
        np.testing.assert_array_equal(kernel.grid.numbers, W)
        assert np.flatnonzero(given.grounds == "now").tolist() == [step]
        order = np.arange(X.size).reshape(X.shape)
        alone, so_far = X * (order == step), X * (order <= step)
        np.testing.assert_array_equal(kept(patch), in_batch(conv2d_transpose, alone, W, how))
        np.testing.assert_array_equal(kept(total), in_batch(conv2d_transpose, so_far, W, how))
        assert f"step {step + 1}" in re.sub("\u2007", "", texts_in(frame.svg)[0])
        check_links(frame)


@pytest.mark.parametrize("how", GATHERS.values(), ids=GATHERS)
def test_every_frame_has_the_numbers_of_the_convolution(how):
    output = in_batch(conv2d, X, W, how)
    frames = draw.animate(Convolution(X, W, **how))
    assert len(frames) == output.size
    for step, frame in enumerate(frames):
        given, read, kernel, products, written = drawn_in(frame.svg)
        np.testing.assert_array_equal(given.grid.numbers[~given.masks["plus"]], X.ravel())
        np.testing.assert_array_equal(kernel.grid.numbers, W)
        np.testing.assert_array_equal(read.grid.numbers * W, products.grid.numbers)
        assert products.grid.numbers.sum() == output.flat[step]
        until = np.where(np.arange(output.size) <= step, output.ravel(), np.nan)
        np.testing.assert_array_equal(written.grid.numbers.ravel(), until)
        assert np.flatnonzero(written.grounds == "now").tolist() == [step]


def places(frame):
    """What must stay: the size, where each grid and each sign is, and the size of each number."""
    root = ElementTree.fromstring(frame.svg)
    signs = [dict(e.attrib) for e in root.iter() if e.get("class") == "sign"]
    grids = [e.get("transform") for e in root.iter() if e.get("class") == "panel"]
    fonts = re.findall(r'font-size="(.*?)"', frame.svg)
    return frame.size, signs, grids, fonts


@every_setting
def test_nothing_jumps(kind, how):
    one, *others = map(places, draw.animate(kind(X, W, **how)))
    assert others
    assert all(other == one for other in others)


def test_nothing_jumps_where_titles_and_numbers_grow():
    """As they would if each frame were drawn for itself."""
    walk = TransposedConvolution([[1, 100], [1, 1]], [[1, 1], [1, 90]], padding="same")
    assert len({str(places(draw.spread(walk, step))) for step in range(4)}) > 1
    assert len({str(places(frame)) for frame in draw.animate(walk)}) == 1


def frames_in(path):
    """The frames of a file, their durations in milliseconds, and how often they loop."""
    with Image.open(path) as file:
        loop = file.info.get("loop")
        both = [
            (np.asarray(f.convert("RGB")).astype(int), file.info.get("duration"))
            for f in ImageSequence.Iterator(file)
        ]
    frames, durations = zip(*both, strict=True)
    return np.stack(frames), durations, loop


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("ending", ["gif", "png", "webp"])
@pytest.mark.parametrize("kind", [Convolution, TransposedConvolution])
def test_the_file_shows_the_frames(tmp_path, kind, ending, dark):
    path = tmp_path / f"walk.{ending}"
    pictures = draw.animate(kind(X[:2, :2], W, 1, "same"), path, dark=dark, scale=1)
    frames, durations, loop = frames_in(path)
    assert len(frames) == len(pictures) > 1
    for frame, picture in zip(frames, pictures, strict=True):
        drawn = np.asarray(svg.image(picture.svg, 1, dark)).astype(int)
        assert frame.shape == drawn.shape == (*picture.size[::-1], 3)
        assert np.abs(frame - drawn).max() <= 16  # the rims of letters; of hundreds of colours
    assert all(np.abs(one - other).max() > 100 for one, other in pairwise(frames))
    assert loop == 0
    if ending != "webp":  # Pillow tells them once a frame has been decoded
        assert durations == (1200,) * (len(frames) - 1) + (3600,)
    page = [int(svg.colours(dark)["paper"][k : k + 2], 16) for k in (1, 3, 5)]
    assert (frames[:, 0, 0] == page).all()


def test_every_ground_has_just_its_colour(tmp_path):
    """Also where there are many, as near to each other as paper and one addend."""
    path = tmp_path / "walk.gif"
    walk = TransposedConvolution(RNG.integers(1, 10, (5, 5)), np.ones((3, 3), int), 2)
    pictures = draw.animate(walk, path)
    frames, *_ = frames_in(path)
    colours = {
        name: [int(colour[k : k + 2], 16) for k in (1, 3, 5)]
        for name, colour in svg.colours().items()
    }
    shown = set()
    for pixels, picture in zip(frames, pictures, strict=True):
        for panel in drawn_in(picture.svg):
            left, top, right, _ = panel.at
            side = (right - left) // panel.grounds.shape[1]
            for (i, j), ground in np.ndenumerate(panel.grounds):
                y, x = top + (i + 1) * side - 4, left + j * side + 3  # beside number and outline
                assert pixels[2 * y, 2 * x].tolist() == colours[ground], (i, j, ground)
                shown.add(ground)
    assert {"paper", "now", "k1", "k3", "k6", "n1", "n3", "n6"} <= shown


def colour_tables(data):
    """How many frames a GIF has, and how many of them have a colour table of their own."""
    frames, own, at = 0, 0, 13 + (3 << (data[10] % 8 + 1)) * (data[10] >> 7)
    while data[at] != 0x3B:
        if data[at] == 0x2C:  # a frame
            frames, own = frames + 1, own + (data[at + 9] >> 7)
            at += 11 + (3 << (data[at + 9] % 8 + 1)) * (data[at + 9] >> 7)
        else:  # an extension
            at += 2
        while data[at]:
            at += data[at] + 1
        at += 1
    return frames, own


def test_a_gif_has_one_palette(tmp_path):
    path = tmp_path / "walk.gif"
    walk = TransposedConvolution(X[:2], W)
    draw.animate(walk, path, scale=1)
    assert colour_tables(path.read_bytes()) == (len(walk), 0)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_svg_holds_one_step_and_all_that_it_needs(tmp_path, dark):
    walk, path = TransposedConvolution(X, W), tmp_path / "walk.svg"
    for step, shown in ((4, 4), (None, len(walk) - 1)):
        draw.animate(walk, path, step, dark, force=True)
        written = path.read_text(encoding="utf-8")
        whole = draw.animate(walk)[shown]
        for panel, wanted in zip(drawn_in(written), drawn_in(whole.svg), strict=True):
            assert panel.grid == wanted.grid
            assert panel.at == wanted.at
        assert "var(" not in written
        assert svg.colours(dark)["now"] in written
        assert svg.colours(not dark)["now"] not in written
        # Without a style sheet from outside it looks as the frames do.
        import resvg_py

        fonts = {"skip_system_fonts": True, "font_files": [str(font) for font in svg.FONTS]}
        data = resvg_py.svg_to_bytes(written, sans_serif_family="DejaVu Sans", **fonts)
        (tmp_path / "alone.png").write_bytes(bytes(data))
        alone = np.asarray(Image.open(tmp_path / "alone.png").convert("RGB")).astype(int)
        assert np.abs(alone - np.asarray(svg.image(whole.svg, 1, dark))).max() <= 2


def test_one_step_is_a_still_picture(tmp_path):
    walk, path = TransposedConvolution(X, W), tmp_path / "walk.png"
    (picture,) = draw.animate(walk, path, step=2, scale=1)
    frames, *_ = frames_in(path)
    assert picture.svg == draw.animate(walk)[2].svg
    assert len(frames) == 1
    assert frames[0].shape[:2] == picture.size[::-1]


def test_the_readme_opens_with_the_animation_of_its_command(tmp_path):
    command = re.search(r"`python -m transconv (docs/spread\.gif.*?)`", README)[1]
    assert README.index("](docs/spread.gif)") < README.index("## ")
    assert OPENING.stat().st_size <= 300_000
    _, *options = shlex.split(command)
    main([str(tmp_path / "anew.gif"), *options])
    stored, anew = frames_in(OPENING), frames_in(tmp_path / "anew.gif")
    assert stored[1:] == anew[1:]
    assert stored[0].shape == anew[0].shape
    off = np.abs(stored[0] - anew[0]).max(axis=3) > 32  # another resvg may draw rims otherwise
    assert off.mean(axis=(1, 2)).max() < 0.001


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ("a.gif --kernel 0", "kernel_size must be an integer or a pair of integers, each at least"),
        ("a.gif --kernel -1", "kernel_size must be an integer or a pair of integers, each at leas"),
        ("a.gif --kernel big", "kernel_size must be an integer or a pair of integers, each at lea"),
        ("a.gif --kernel 2x2x2", "kernel_size must be an integer or a pair of integers, each at "),
        ("a.gif --input 2xa", "pair of integers, each at least 1. Received: '2xa'"),
        ("a.gif --input 0x2", "input must be an integer or a pair of integers, each at least 1. R"),
        ("a.gif --stride 0", "strides must be an integer or a pair of integers, each at least 1."),
        ("a.gif --padding full", "padding must be 'valid' or 'same'. Received: 'full'"),
        ("a.gif --stride 2 --dilation 2", "strides and dilation_rate cannot both be over 1."),
        ("a.gif --stride 2 --output-padding 2", "output_padding must be smaller than strides on"),
        ("a.gif --layer Conv2D --input 2", "with padding='valid' the input must be at least as "),
        ("a.gif --layer Conv2D --input 3 --output-padding 1", "output_padding must not be given"),
        ("a.gif --layer Dense", "argument --layer: invalid choice: 'Dense'"),
        ("a.gif --seed -1", "seed must be at least 0. Received: -1"),
        ("a.gif --stride 1000000", "no grid may have a side of over 99 cells. Received: 2000000"),
        ("a.gif --stride 1x100", "no grid may have a side of over 99 cells. Received: 200"),
        ("a.gif --input 11", "a walk must have at most 100 steps, one for each cell of the small"),
        ("a.gif --input 1 --kernel 99", "input and output must be small enough for numbers that"),
        ("a.svg --step 5", "step must be from 1 to 4. Received: 5"),
        ("a.svg --step 0", "step must be from 1 to 4. Received: 0"),
        ("a.jpg", "path must end in one of .gif, .png, .webp, .svg. Received: "),
        ("missing/a.gif", "missing/a.gif: No such file or directory"),
        ("", "the following arguments are required: file"),
    ],
)
def test_what_cannot_be_made_says_why_and_leaves_no_file(
    tmp_path, monkeypatch, capsys, options, reason
):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as stop:
        main(options.split())
    assert stop.value.code == 2
    assert reason in capsys.readouterr().err.split("error: ")[1]
    assert not list(tmp_path.iterdir())


def test_the_smallest_number_of_all_must_be_legible():
    """In a cell of 34 eight digits have a font of 5.1, and nine one of 4.5, which is too small."""
    frames = draw.animate(TransposedConvolution([[1, 1]], [[12345678]]))
    assert min(re.findall('font-size="(.*?)"', frames[0].svg), key=float) == "5.1"
    with pytest.raises(ValueError, match=r"^input and output must be small enough for numbers"):
        draw.animate(TransposedConvolution([[1, 1]], [[123456789]]))


def test_nothing_is_overwritten_unless_asked(tmp_path, capsys):
    path = tmp_path / "a.svg"
    path.write_text("mine")
    with pytest.raises(SystemExit) as stop:
        main([str(path)])
    assert stop.value.code == 2
    assert "is there already; --force writes over it" in capsys.readouterr().err
    with pytest.raises(FileExistsError, match=r"path is there already, and force is not given\."):
        draw.animate(TransposedConvolution(X, W), path)
    assert path.read_text() == "mine"
    main([str(path), "--force"])
    assert drawn_in(path.read_text(encoding="utf-8"))
    assert [p.name for p in tmp_path.iterdir()] == ["a.svg"]


def test_no_other_file_is_touched(tmp_path):
    others = [tmp_path / name for name in ("a.svg.part", "a.svg.tmp", "a.svg~", ".a.svg")]
    for other in others:
        other.write_text("mine")
    main([str(tmp_path / "a.svg")])
    assert [other.read_text() for other in others] == ["mine"] * len(others)
    assert len(list(tmp_path.iterdir())) == len(others) + 1


def test_a_folder_is_not_written_over(tmp_path, capsys):
    path = tmp_path / "a.svg"
    path.mkdir()
    with pytest.raises(SystemExit) as stop:
        main([str(path), "--force"])
    assert stop.value.code == 2
    assert capsys.readouterr().err.endswith(f"error: {path}: Is a directory\n")
    assert [p.name for p in tmp_path.iterdir()] == ["a.svg"]


def test_a_write_that_fails_leaves_what_was_there(tmp_path, monkeypatch):
    path = tmp_path / "a.svg"
    path.write_text("mine")

    def half(self, data):
        with self.open("wb") as file:
            file.write(data[:9])
        raise OSError("No space left on device")

    monkeypatch.setattr(Path, "write_bytes", half)
    with pytest.raises(SystemExit):
        main([str(path), "--force"])
    assert path.read_text() == "mine"
    assert [p.name for p in tmp_path.iterdir()] == ["a.svg"]


def test_every_option_reaches_the_layer(tmp_path, capsys):
    options = "--input 2x3 --kernel 2x3 --stride 2x3 --padding same --output-padding 1x2"
    main([str(tmp_path / "a.svg"), *shlex.split(options)])
    heading = "Conv2DTranspose, 2×3 to 3×9: kernel 2×3, stride 2×3, same, output_padding 1×2"
    assert heading in capsys.readouterr().out
    main(
        [str(tmp_path / "b.svg"), *shlex.split("--layer Conv2D --input 6 --dilation 1x2 --step 3")]
    )
    out = capsys.readouterr().out
    assert "Conv2D, 6×6 to 4×2: kernel 3, stride 1, valid, dilation 1×2 · step 3 of 8" in out


def test_another_seed_draws_other_numbers_and_the_same_the_same(tmp_path, capsys):
    files = [tmp_path / f"{n}.svg" for n in range(3)]
    for file, seed in zip(files, "114", strict=True):
        main([str(file), "--seed", seed])
    one, same, other = (file.read_bytes() for file in files)
    assert one == same != other
    capsys.readouterr()


def test_help_shows_examples_that_work(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as stop:
        main(["--help"])
    assert stop.value.code == 0
    told = capsys.readouterr().out
    otherwise = {"--padding", "--dark", "--force"}  # say it in other words, or have none
    options = set(re.findall(r"^  (--[\w-]+)", told, re.MULTILINE)) - otherwise
    assert len(re.findall(r"if\s+not\s+given", told)) == len(options) == 8
    commands = re.findall(r"python -m transconv (\S+\.\w+ .*)", told)
    assert len(commands) == 3
    for command in commands:
        main(shlex.split(command))
    assert len(list(tmp_path.iterdir())) == 3
