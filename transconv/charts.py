"""The pictures of values: grids coloured by value, grey-scale pictures, curves and bars."""

import io
import re

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter

from transconv import svg
from transconv.picture import Panel, Picture, row

SHADES = np.array([f"v{n}" for n in range(1, 9)], object)
SIGNED = np.array(["m3", "m2", "m1", "paper", "p1", "p2", "p3"], object)
COLOURS = svg.colours()
DPI = 96  # CSS pixels per inch
STYLE = {  # of matplotlib, as in look.css; its colours are exchanged for variables in the end
    "font.family": "DejaVu Sans",
    "font.size": svg.TITLE * 72 / DPI,  # in points
    "svg.fonttype": "none",
    "svg.hashsalt": "transconv",
    "text.color": COLOURS["ink"],
    "axes.labelcolor": COLOURS["ink"],
    "xtick.color": COLOURS["soft"],
    "ytick.color": COLOURS["soft"],
    "axes.edgecolor": COLOURS["rule"],
    "axes.facecolor": COLOURS["paper"],
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.grid": True,
    "grid.color": COLOURS["rule"],
    "lines.linewidth": 1.5,
    "legend.facecolor": COLOURS["paper"],
    "legend.edgecolor": COLOURS["paper"],
    "legend.framealpha": 1,
    "figure.constrained_layout.use": True,
}


def grids(caption, named):
    """Grids side by side, coloured by value on one scale; zeros are left blank.

    If there are numbers below zero, its colours are those of a `difference`.

    Parameters
    ----------
    caption : str
    named : dict from title to (height, width) array
    """
    low, high = _range(named.values())

    def shades(grid):
        return _signed(grid, max(-low, high)) if low < 0 else _shades(grid, low, high)

    panels = [
        Panel(title, np.ma.masked_where(np.round(grid, 1) == 0, grid), shades=shades(grid))
        for title, grid in named.items()
    ]
    blank = " Blank cells are 0." * any(panel.values.mask.any() for panel in panels)
    return row(f"{caption}{blank}", *panels)


def difference(caption, named, title):
    """One grid minus another; what is left is paler the closer it is to zero.

    Parameters
    ----------
    caption : str
    named : dict from title to (height, width) array
        Two, of one shape.
    title : str
        Of the difference.
    """
    first, second = (Panel(name, grid) for name, grid in named.items())
    left = first.values - second.values
    shades = _signed(left, np.abs(left).max())
    return row(caption, first, "−", second, "=", Panel(title, left, shades=shades))


def _range(grids):
    return min(np.min(grid) for grid in grids), max(np.max(grid) for grid in grids)


def _shades(grid, low, high):
    """The look of each cell of a grid by value, from the first shade at `low` to the last."""
    steps = (np.asarray(grid) - low) / ((high - low) or 1) * len(SHADES)
    shades = SHADES[np.minimum(steps.astype(int), len(SHADES) - 1)]
    return np.where(np.round(grid, 1) == 0, "paper", shades)


def _signed(grid, most):
    """The look of each cell by its sign and by how far it is from zero, up to `most`."""
    depth = np.ceil(np.abs(grid).round(1) / max(most, 1) * 3)
    return SIGNED[3 + (np.sign(grid) * np.minimum(depth, 3)).astype(int)]


@matplotlib.rc_context(STYLE)
def images(caption, named, stride):
    """Grey-scale pictures side by side on one scale, with the means of their phases.

    Phase (p,q) of a picture is its cells in rows p, p + stride, ... and columns q, q + stride, ...

    Parameters
    ----------
    caption : str
    named : dict from title to (height, width) array
    stride : int

    Raises
    ------
    ValueError
        For a larger picture. Shrunk, it would show patterns that are not in the data, or none.
    """
    low, high = _range(named.values())
    side = min(256, svg.WIDTH // len(named) - 12)  # of a picture; all lengths are in CSS pixels
    for title, picture in named.items():
        if max(picture.shape) > side:
            raise ValueError(
                f"named must hold pictures of at most {side}×{side} cells, one pixel each, if it "
                f"holds {len(named)}; draw a part. Received: {title!r} of "
                f"{'×'.join(map(str, picture.shape))}"
            )
    gap, above, line = 12, 24, 18
    scale = f"black is {_decimal(low)}, white is {_decimal(high)}"
    key = f"numbers: means of the {stride}×{stride} phases · {scale}"
    width = max(len(named) * (side + gap), svg.text_width(key, svg.TITLE)) + gap
    figure = _Canvas(width, above + side + (stride + 2.5) * line)
    words = []
    for n, (title, picture) in enumerate(named.items()):
        rows, columns = picture.shape
        zoom = side // max(rows, columns)  # whole pixels for each cell
        x = gap + n * (side + gap)
        figure.picture(picture, x, above, columns * zoom, rows * zoom, low, high)
        full_title, means = f"{title} ({rows}×{columns})", _means_of_phases(picture, stride)
        figure.write(full_title, x, 4)
        figure.write(means, x, above + side + line / 2)
        low_high = f"{_decimal(picture.min())} to {_decimal(picture.max())}"
        words.append(
            f"{full_title}: {low_high}, mean {_decimal(picture.mean())}\n"
            f"means of its {stride}×{stride} phases:\n{means}"
        )
    figure.write(key, gap, above + side + (stride + 1.2) * line, "soft")
    return _finished(figure, caption, [*words, scale])


@matplotlib.rc_context(STYLE)
def sheet(caption, named):
    """Rows of small grey-scale pictures, all on one scale.

    Parameters
    ----------
    caption : str
    named : dict from title to (pictures, height, width) array
        A row for each, of equally many pictures.
    """
    rows, gap, above = list(named.values()), 8, 22  # all lengths are in CSS pixels
    side = min(84, svg.WIDTH // len(rows[0]) - gap)
    figure = _Canvas(gap + len(rows[0]) * (side + gap), len(rows) * (above + side) + gap)
    low, high = _range(rows)
    words = []
    for n, (title, pictures) in enumerate(named.items()):
        top = n * (above + side)
        figure.write(title, gap, top + 4)
        height, width = pictures[0].shape
        words.append(f"{title}: {len(pictures)} pictures of {height}×{width}")
        for column, picture in enumerate(pictures):
            x = gap + column * (side + gap)
            figure.picture(picture, x, top + above, side, side, low, high)
    return _finished(figure, caption, words)


class _Canvas(Figure):
    """A Figure to put pictures and texts on, all lengths in CSS pixels from its top left corner."""

    def __init__(self, width, height):
        self.extent = np.ceil([width, height])
        super().__init__(self.extent / DPI, layout="none")

    def picture(self, values, x, y, width, height, low, high):
        """A grey-scale picture with an edge, so that white stands out from the page."""
        corner = x / self.extent[0], 1 - (y + height) / self.extent[1]
        axes = self.add_axes((*corner, *([width, height] / self.extent)), xticks=[], yticks=[])
        axes.imshow(values, "gray", vmin=low, vmax=high, aspect="auto", interpolation="none")
        axes.spines[:].set(visible=True, color=COLOURS["soft"], linewidth=0.75)

    def write(self, text, x, y, look="ink"):
        """A text, of several lines if need be, whose top left corner is at (x, y)."""
        x, y = x / self.extent[0], 1 - y / self.extent[1]
        self.text(x, y, text, va="top", color=COLOURS[look], linespacing=1.3)


def _means_of_phases(picture, stride):
    phases = [[picture[p::stride, q::stride] for q in range(stride)] for p in range(stride)]
    return "\n".join("  ".join(_decimal(phase.mean()) for phase in row) for row in phases)


def _decimal(number):
    return f"{round(float(number), 2) + 0:.2f}"  # + 0 makes 0.00 of -0.00


@matplotlib.rc_context(STYLE)
def times(caption, seconds):
    """How long each of several ways took, as bars on a log axis.

    The words leave the times out, as they are different each time.

    Parameters
    ----------
    caption : str
    seconds : dict from name to float
    """
    milliseconds = [1000 * s for s in seconds.values()]
    figure = Figure((6.5, 0.6 + 0.4 * len(seconds)))
    axes = figure.add_subplot()
    bars = axes.barh(list(seconds), milliseconds, color=COLOURS["now"], height=0.6)
    axes.bar_label(bars, [f"{t:.3g} ms" for t in milliseconds], padding=4)
    axes.set(xscale="log", xlim=(min(milliseconds) / 3, max(milliseconds) * 4))
    axes.set(xlabel="milliseconds, log axis")
    axes.xaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.grid(visible=False, axis="y")
    axes.invert_yaxis()
    return _finished(figure, caption, ["\n".join(seconds)])


@matplotlib.rc_context(STYLE)
def descent(losses, optimum):
    """The loss at each step of a training, falling towards the optimum, on a log axis."""
    figure = Figure((6.5, 3))
    axes = figure.add_subplot()
    axes.plot(losses, color=COLOURS["now"], label="training")
    axes.axhline(optimum, color=COLOURS["ink"], linestyle="--", label="least-squares optimum")
    axes.set(xlabel="step", ylabel="mean squared error, log axis", yscale="log")
    if max(losses) < 100 * optimum:  # two powers of ten are too few labels
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter("{x:,g}")  # 10,000 is easier to read than a power of ten
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.legend()
    at = [0, *(10**p for p in range(9) if 10**p < len(losses) - 1), len(losses) - 1]
    number = "{:.2f}" if optimum >= 1 else "{:.3f}"
    return _finished(
        figure,
        "The mean squared error falls towards the least-squares optimum, "
        f"{number.format(optimum)} (dashed line).",
        ["\n".join(f"step {t}: {number.format(losses[t])}" for t in at)],
    )


@matplotlib.rc_context(STYLE)
def losses(named, level, title):
    """The losses of several networks that are trained together, and a level to compare them with.

    The words leave their values out, as rounding makes them different on each machine.

    Parameters
    ----------
    named : dict from name to (steps,) array
    level : float
    title : str
        Of the level.
    """
    figure = Figure((6.5, 3))
    axes = figure.add_subplot()
    for (name, values), colour, width in zip(named.items(), ("now", "soft"), (1.5, 1), strict=True):
        axes.plot(values, color=COLOURS[colour], linewidth=width, label=name)
    axes.axhline(level, color=COLOURS["ink"], linestyle="--", label=title)
    axes.set(xlabel="step", ylabel="loss", ylim=(0, None))
    axes.legend()
    steps = len(next(iter(named.values())))
    caption = (
        f"The losses of {' and '.join(named)}; the dashed line is {title} = {_decimal(level)}."
    )
    return _finished(figure, caption, [f"{steps:,} steps"])


def _finished(figure, caption, words):
    """The Picture of a Figure: matplotlib's SVG in the font and the colours of look.css."""
    file = io.StringIO()
    figure.savefig(file, format="svg", transparent=True)
    drawn = file.getvalue()
    # Less its head, which has a style for all of the page that it is in.
    drawn = drawn[drawn.index("<g id=") : drawn.rindex("</svg>")]
    drawn = re.sub(r">\s+<", "><", drawn.replace("font-family: 'DejaVu Sans'; ", "")).strip()
    # And less the names of parts to which nothing refers: each chart of a page has the same.
    drawn = re.sub(r' id="(.*?)"', lambda name: name[0] * (f"#{name[1]}" in drawn), drawn)
    for name, colour in COLOURS.items():
        drawn = drawn.replace(colour, f"var(--{name})")
    scale = f'<g xmlns:xlink="http://www.w3.org/1999/xlink" transform="scale({DPI / 72})">'
    size = tuple(round(length * DPI) for length in figure.get_size_inches())
    document = svg.document([scale, drawn, "</g>"], size, caption)
    return Picture(document, size, caption, lambda: words, exact=False)
