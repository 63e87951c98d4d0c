"""The sliders. An explorer is a function from a setting to a Picture, and its sliders."""

import threading
from html import escape

import ipywidgets as widgets
import numpy as np

from transconv import draw
from transconv.geometry import Axis, Setting
from transconv.steps import Convolution, TransposedConvolution
from transconv.svg import LOOK as CSS

# Of a picture, in CSS pixels: fits beside JupyterLab's side bar on a projector.
SIZE, LARGE = (840, 290), (840, 370)
LOOK = {
    "style": {"description_width": "initial"},
    "layout": {"width": "31%", "min_width": "240px"},  # three in a row
}
# The page does not paint an explorer that is out of sight, or ten of them would slow each other.
STYLE = f"""<style>{CSS}
.explorer {{ content-visibility: auto; contain-intrinsic-size: auto 640px }}
.explorer [role="status"] {{ line-height: 1.4; min-height: 2.8em }} /* two lines: nothing jumps */
.explorer svg {{ display: block; max-width: 100%; height: auto }}
</style>"""


class Explorer(widgets.VBox):
    """Sliders, the picture of the setting that they stand at, and its caption.

    Parameters
    ----------
    picture_of : callable
        Makes a Picture of the sliders' values, given by name.
    sliders : dict of widgets
        With a `value` each.
    options : dict of callables
        For sliders whose options depend on the others: from the values to the options. Each may
        use the values of those before it.

    Attributes
    ----------
    picture : Picture
        What is shown now.
    sliders : dict
    play, shown, words : widgets
        The play button; the caption and the picture; what unfolds the words, and these.
    """

    def __init__(self, picture_of, sliders, options=None):
        self.picture_of, self.sliders, self.options = picture_of, sliders, options or {}
        self._fitting = False
        self._lock = threading.Lock()
        self._words, self.shown = widgets.HTML(), widgets.HTML()
        self.words = self._unfold, _ = _fold("in words", self._words)
        self._unfold.observe(self._tell, "value")
        self.redraw(*self._fit())
        for slider in sliders.values():
            slider.observe(self._changed, "value")
        self.play = _play(sliders["step"])
        super().__init__()
        self.lay_out(_in_rows([*sliders.values(), self.play]), self.shown, *self.words)
        self.add_class("explorer")

    def lay_out(self, *parts):
        """Show these widgets, one below the other, in the look of look.css."""
        self.children = (widgets.HTML(STYLE, layout={"display": "none"}), *parts)

    @property
    def setting(self):
        """The sliders' values, by name."""
        values = {name: slider.value for name, slider in self.sliders.items()}
        return {name: None if value == "None" else value for name, value in values.items()}

    def redraw(self, *notes):
        """Draw the picture anew, with `notes` after its caption."""
        # At once, not by a task: the page sends no newer setting before this one is done with.
        with self._lock:  # JupyterLab may use two threads, and the older picture must not come last
            self.picture = self.picture_of(**self.setting)
            caption = escape(" ".join([self.picture.caption, *notes]))
            # One widget, hence one message: each more that the page must read delays the picture.
            self.shown.value = f'<p role="status">{caption}</p>{self.picture.svg}'
            self._tell()

    def _changed(self, _change):
        if not self._fitting:
            self.redraw(*self._fit())

    def _fit(self):
        """Give sliders the options that the others leave them; say which had to move."""
        self._fitting, moved = True, []
        for name, options_of in self.options.items():
            slider, setting = self.sliders[name], self.setting
            options = list(options_of(**setting))
            if _labelled(options) != slider.options:
                slider.options = _labelled(options)  # this moves it to the first of them
                before, after = setting[name], _nearest(options, setting[name])
                slider.value = str(after) if after is None else after
                if after != before:
                    moved.append(f"({slider.description} moved to {after}.)")
        self._fitting = False
        return moved

    def _tell(self, _change=None):
        """Send the words, if the fold that they are in is open."""
        open_ = self._unfold.value
        self._words.value = f"<pre>{escape(self.picture.words)}</pre>" if open_ else ""

    def _repr_mimebundle_(self, **kwargs):
        bundle = super()._repr_mimebundle_(**kwargs)
        # What a notebook that has not been run shows, in place of a list of widgets.
        bundle["text/plain"] = f"Run this cell to get the sliders.\n\n{self.picture.words}"
        return bundle


def spread(X, W):
    """Explore how a transposed convolution spreads each value of `X` over the kernel and sums.

    Parameters
    ----------
    X : (height, width) array, the input
    W : (n, n) array
        The kernel. Smaller kernels are its top left corner; one row and column more repeat its
        first.
    """
    X, largest = np.asarray(X), np.pad(W, (0, 1), mode="wrap")

    def picture_of(kernel_size, stride, padding, step):
        kernel = largest[:kernel_size, :kernel_size]
        return draw.spread(TransposedConvolution(X, kernel, stride, padding), step - 1, SIZE)

    sliders = {
        "kernel_size": _slider("kernel size", len(W), 1, len(largest)),
        "stride": _slider("stride", 1, 1, 3),
        "padding": _options("padding", "valid", "same"),
        "step": _slider("step", 2, 1, X.size),
    }
    return Explorer(picture_of, sliders)


def layers(X, W):
    """Explore Conv2D and Conv2DTranspose side by side on one setting.

    Parameters
    ----------
    X : (height, width) array
        Smaller inputs are its top left corner.
    W : (n, n) array
        The kernel, as in `spread`.
    """
    given = np.asarray(X), np.pad(W, (0, 1), mode="wrap")
    height, width = given[0].shape

    def walks(seed, height, width, kernel_size, stride, padding, dilation, output_padding):
        rng = np.random.default_rng(seed)
        X, W = (rng.integers(1, 10, grid.shape) for grid in given) if seed else given
        X, W = X[:height, :width], W[:kernel_size, :kernel_size]
        fits = (
            padding == "same" or Axis.from_big(min(X.shape), len(W), 1, "valid", dilation).small > 0
        )
        conv = Convolution(X, W, stride, padding, dilation) if fits else None
        return conv, TransposedConvolution(X, W, stride, padding, output_padding, dilation)

    def picture_of(view, step, row, column, **setting):
        cell = None if None in (row, column) else (row, column)
        return draw.compare(*walks(**setting), view, step - 1, cell, LARGE)

    def allowed(name, candidates):
        """Those candidates for an argument of `geometry.Setting` that it takes."""

        def options(kernel_size, stride, padding, dilation=1, **_):
            arguments = {"strides": stride, "padding": padding, "dilation_rate": dilation}
            taken = []
            for candidate in candidates:
                try:
                    Setting(kernel_size, **{**arguments, name: candidate})
                except ValueError:
                    continue
                taken.append(candidate)
            return taken

        return options

    def cells(size, kernel_size, stride, padding, dilation, output_padding, **_):
        axis = Axis.from_small(size, kernel_size, stride, padding, dilation, output_padding)
        return [None, *range(axis.big)]

    seed = widgets.IntText(0)  # 0 stands for the lesson's numbers
    explorer = Explorer(
        picture_of,
        {
            "height": _slider("input height", height, 1, height),
            "width": _slider("input width", width, 1, width),
            "kernel_size": _slider("kernel size", len(W), 1, len(given[1])),
            "stride": _slider("stride", 1, 1, 3),
            "padding": _options("padding", "valid", "same"),
            "step": _options("step", 1),
            "seed": seed,
            "view": widgets.ToggleButtons(options=draw.VIEWS, tooltips=["view"] * len(draw.VIEWS)),
            "dilation": _options("dilation", 1),
            "output_padding": _options("output_padding", None),
            "row": _options("output row", None),
            "column": _options("output column", None),
        },
        {
            "dilation": allowed("dilation_rate", (1, 2, 3)),
            "output_padding": allowed("output_padding", (None, 0, 1, 2)),
            "step": lambda height, width, **_: range(1, height * width + 1),
            "row": lambda height, **setting: cells(height, **setting),
            "column": lambda width, **setting: cells(width, **setting),
        },
    )
    draw_new = widgets.Button(description="new numbers")
    draw_new.on_click(lambda _: setattr(seed, "value", seed.value + 1))
    go_back = widgets.Button(description="lesson's numbers")
    go_back.on_click(lambda _: setattr(seed, "value", 0))
    which = widgets.Label()
    widgets.dlink((seed, "value"), (which, "value"), lambda n: f"numbers of seed {n}" if n else "")
    sliders = explorer.sliders
    main = ("height", "width", "kernel_size", "stride", "padding", "step")
    advanced_button, advanced = _fold("advanced", sliders["dilation"], sliders["output_padding"])
    point_button, point = _fold("point at a cell", sliders["row"], sliders["column"])
    words_button, words = explorer.words
    explorer.lay_out(
        _in_rows([sliders[name] for name in main]),
        _in_rows([explorer.play, sliders["view"]]),
        explorer.shown,
        _in_rows([draw_new, go_back, which, advanced_button, point_button, words_button]),
        advanced,
        point,
        words,
    )
    return explorer


def _slider(description, value, low, high):
    return widgets.IntSlider(value, low, high, description=description, **LOOK)


def _options(description, *options):
    return widgets.SelectionSlider(options=_labelled(options), description=description, **LOOK)


def _labelled(options):
    """Options as a slider takes them: it wants a value, so None is spelled out."""
    return tuple((str(option), str(option) if option is None else option) for option in options)


def _in_rows(controls):
    return widgets.Box(controls, layout={"flex_flow": "row wrap"})


def _fold(title, *widgets_inside):
    """A button, and the box that it opens and closes: unlike an Accordion, reached by keyboard."""
    box = _in_rows(widgets_inside)
    box.layout.display = "none"
    button = widgets.ToggleButton(description=title, icon="caret-down")

    def toggle(change):
        box.layout.display = "flex" if change.new else "none"

    button.observe(toggle, "value")
    return button, box


def _nearest(options, value):
    """`value` if it is an option, or else the largest below it, or the first."""
    if value in options:
        return value
    return max((o for o in options if o is not None and o < value), default=options[0])


def _play(slider):
    """A play button for a slider."""
    if hasattr(slider, "options"):
        play, moves = widgets.Play(0, max=len(slider.options) - 1, interval=1000), "index"
        widgets.dlink((slider, "options"), (play, "max"), lambda options: len(options) - 1)
    else:
        play, moves = widgets.Play(slider.value, min=slider.min, max=slider.max), "value"
    play.interval = 1000
    # In the kernel: linked in the page, each move of the slider would send a second message back.
    widgets.link((slider, moves), (play, "value"))
    return play
