"""The explorers: controls, and the picture of the setting that they stand at.

The page shows frames, and Python makes them: a frame is what a picture shows at one setting, as
JSON. explorer.js keeps them, and asks for those that it does not have; it describes the messages.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.resources import files

import anywidget
import numpy as np
import traitlets
from IPython.display import HTML, display

from transconv import draw
from transconv.geometry import Setting, extent
from transconv.steps import Convolution, TransposedConvolution
from transconv.svg import LOOK

# Of a picture, in CSS pixels: fits beside JupyterLab's side bar on a projector.
SIZE, LARGE, TALL = (840, 290), (840, 370), (840, 420)


@dataclass
class Control:
    """One control of an Explorer.

    Attributes
    ----------
    name : str
        Of the argument that it sets. A "step" has a play button.
    options : sequence, or callable
        The values that it can take, or from the values of the controls before it, given by name, to
        these. Of the kind "numbers", None.
    value : object
        Where it stands at first; on the first option, if not given.
    label : str
        The name, if not given.
    kind : "slider", "buttons" or "numbers"
        The last draws new numbers for the grids, and keeps those that a reader types into cells:
        {"seed": int, "typed": list of ["input" or "kernel", row, column, number]}.
    why : str
        What a slider with one option left says: what it needs to be moved.
    """

    name: str
    options: Sequence | Callable | None
    value: object = None
    label: str = ""
    kind: str = "slider"
    why: str = ""


class Explorer(anywidget.AnyWidget):
    """Controls, and the picture of where they stand, which answers to the pointer.

    Parameters
    ----------
    controls : list of Control
    row_of : callable
        Makes a Picture of the values of the controls, given by name. It may be called for any of
        their values and at any time, as the page fetches ahead.

    Attributes
    ----------
    setting : dict
        The controls' values by name. It follows the reader, to where a drag rests; to set it moves
        the page. Names that are left out stay as they are, and values that the others exclude move
        to the nearest.

    Raises
    ------
    ValueError
        For a setting with a name that no control has.

    Examples
    --------
    >>> from transconv.picture import Panel, row
    >>> def powers(size, power):
    ...     return row(f"Powers of {power}.", Panel("powers", [power ** np.arange(size)]))
    >>> explorer = Explorer([Control("size", range(1, 9)), Control("power", [2, 3])], powers)
    >>> explorer.setting = {"size": 4}
    >>> print(explorer.picture)
    Powers of 2.
    <BLANKLINE>
    powers (1×4)
    1 2 4 8
    """

    _esm = files("transconv").joinpath("explorer.js").read_text(encoding="utf-8")
    _css = LOOK
    controls = traitlets.List().tag(sync=True)
    # No echo: the page knows what it has said, and may have moved on.
    setting = traitlets.Dict().tag(sync=True, echo_update=False)
    frames = traitlets.Dict().tag(sync=True)

    def __init__(self, controls, row_of):
        self._controls, self._row_of, self._from_page = controls, row_of, False
        setting, *_ = self._fit({control.name: control.value for control in controls})
        super().__init__(
            controls=[
                {"name": c.name, "label": c.label or c.name, "kind": c.kind, "why": c.why}
                for c in controls
            ],
            setting=setting,
            frames={self._key(setting): self._frame(setting)},
        )
        self.on_msg(self._answer)

    @property
    def picture(self):
        """The Picture of the setting."""
        return self._row_of(**self._fit(self.setting)[0])

    def _fit(self, setting):
        """(setting, options, moved): each control on one of the options that those before it leave.

        Those that had to move are told in words.
        """
        fitted, options, moved = {}, {}, []
        for control in self._controls:
            name, value = control.name, setting[control.name]
            if control.options is not None:
                allowed = (
                    control.options(**fitted) if callable(control.options) else control.options
                )
                options[name] = list(allowed)
                if value not in options[name]:
                    value = _nearest(options[name], value)
                    moved.append(f"({control.label or name} moved to {value}.)")
            fitted[name] = value
        return fitted, options, " ".join(moved)

    def _key(self, setting):
        values = [setting[control.name] for control in self._controls]
        return json.dumps(values, separators=(",", ":"), ensure_ascii=False)

    def _frame(self, asked):
        setting, options, moved = self._fit(asked)
        picture = self._row_of(**setting)
        return {
            "svg": picture.svg,
            "caption": picture.caption,
            "words": picture.words,
            "setting": setting,
            "options": options,
            "moved": moved,
            "links": picture.links,
            "given": picture.given,
        }

    def _answer(self, _widget, content, _buffers):
        """Send the frames that the page asks for; of one that cannot be made, the reason."""
        frames = {}
        for asked in content["ask"]:
            try:
                frame = self._frame(asked)
            except Exception as error:
                frame = {"error": f"{type(error).__name__}: {error}"}
            frames[self._key(asked)] = frame
        self.send({"id": content["id"], "frames": frames})

    @traitlets.validate("setting")
    def _whole(self, proposal):
        """What the page says is taken as it is: it knows itself what fits, or will be told."""
        if self._from_page or not self.setting:
            return proposal.value
        if unknown := proposal.value.keys() - self.setting.keys():
            raise ValueError(
                f"setting must have names among {list(self.setting)}. Received: {sorted(unknown)}"
            )
        return self._fit(self.setting | proposal.value)[0]

    def set_state(self, sync_data):
        """Take over what the page says."""
        self._from_page = True
        try:
            super().set_state(sync_data)
        finally:
            self._from_page = False

    def _repr_mimebundle_(self, **kwargs):
        """The widget, and for a notebook that has not been run the picture and its words."""
        bundle = super()._repr_mimebundle_(**kwargs)
        widget = bundle[0] if isinstance(bundle, tuple) else bundle
        stored, look = self.picture.stored()
        return widget | stored, look

    def _ipython_display_(self):
        bundle, look = self._repr_mimebundle_()
        display(bundle, metadata=look, raw=True)
        # In sight only where there is no explorer above it: see look.css.
        run = "<p>Run this cell, and this picture has sliders and answers to the pointer.</p>"
        display(HTML(f'<div class="transconv-stored">{run}{self.picture.html()}</div>'))


def _nearest(options, value):
    """The largest number below `value` among the options, or else the first of them."""
    below = [o for o in options if isinstance(o, int) and isinstance(value, int) and o < value]
    return max(below, default=options[0])


def spread(X, W):
    """Explore how a transposed convolution spreads each value of `X` over the kernel and sums.

    Parameters
    ----------
    X : (height, width) array, the input
    W : (n, n) array
        The kernel. Smaller kernels are its top left corner; one row and column more repeat its
        first.
    """

    def row_of(kernel_size, stride, padding, step, numbers):
        x, w = _numbers(X, _larger(W), **numbers)
        kernel = w[:kernel_size, :kernel_size]
        return draw.spread(TransposedConvolution(x, kernel, stride, padding), step - 1, SIZE)

    return Explorer(
        [*_kernel_and_stride(W), Control("step", range(1, np.size(X) + 1), 2), NUMBERS], row_of
    )


def layers(X, W):
    """Explore Conv2D and Conv2DTranspose side by side on one setting.

    Parameters
    ----------
    X : (height, width) array
        Smaller inputs are its top left corner.
    W : (n, n) array
        The kernel, as in `spread`.
    """

    def row_of(height, width, kernel_size, stride, padding, dilation, output_padding, **at):
        x, w = _numbers(X, _larger(W), **at["numbers"])
        x, w = x[:height, :width], w[:kernel_size, :kernel_size]
        fits = padding == "same" or extent(kernel_size, dilation) <= min(height, width)
        conv = Convolution(x, w, stride, padding, dilation) if fits else None
        transposed = TransposedConvolution(x, w, stride, padding, output_padding, dilation)
        return draw.compare(conv, transposed, at["view"], at["step"] - 1, LARGE)

    height, width = np.shape(X)
    return Explorer(
        [
            Control("height", range(1, height + 1), height, "input height"),
            Control("width", range(1, width + 1), width, "input width"),
            *_kernel_and_stride(W),
            Control("dilation", partial(_taken, "dilation_rate", (1, 2, 3)), why="needs stride 1"),
            Control(
                "output_padding",
                partial(_taken, "output_padding", (None, 0, 1, 2)),
                why="needs stride 2 or 3",
            ),
            Control(
                "step",
                lambda height, width, **_: range(1, height * width + 1),
                why="one input",
            ),
            NUMBERS,
            Control("view", list(draw.VIEWS), kind="buttons"),
        ],
        row_of,
    )


def strip(X, W):
    """Explore all steps of a transposed convolution of one row at a glance.

    What Keras refuses can be set too: in place of the picture stands the reason.

    Parameters
    ----------
    X : (width,) array
        The input. Smaller ones are its start.
    W : (width,) array
        The kernel, likewise.
    """

    def row_of(size, kernel_size, stride, padding, output_padding, dilation, step, numbers):
        x, w = _numbers(np.reshape(X, (1, -1)), np.reshape(W, (1, -1)), **numbers)
        how = stride, padding, dilation
        walk = TransposedConvolution.of_row(
            x[0, :size], w[0, :kernel_size], *how, output_padding=output_padding
        )
        return draw.strip(walk, step and step - 1, TALL)

    return Explorer(
        [
            Control("size", range(1, len(X) + 1), 4, "input size"),
            Control("kernel_size", range(1, len(W) + 1), 3, "kernel size"),
            Control("stride", range(1, 5), 2),
            PADDING,
            Control("output_padding", (None, 0, 1, 2, 3)),
            Control("dilation", (1, 2, 3)),
            Control("step", lambda size, **_: (None, *range(1, size + 1)), label="patch"),
            NUMBERS,
        ],
        row_of,
    )


PADDING = Control("padding", ("valid", "same"), kind="buttons")
NUMBERS = Control("numbers", None, {"seed": 0, "typed": []}, "numbers", "numbers")


def _kernel_and_stride(W):
    """The controls that both explorers begin with."""
    return [
        Control("kernel_size", range(1, len(W) + 2), len(W), "kernel size"),
        Control("stride", (1, 2, 3)),
        PADDING,
    ]


def _larger(W):
    """The largest kernel of the explorers of grids."""
    return np.pad(W, (0, 1), mode="wrap")


def _numbers(X, W, seed, typed):
    """The input and the largest kernel: the lesson's or those of a seed, and what was typed."""
    grids = {"input": np.array(X), "kernel": np.array(W)}
    if seed:
        rng = np.random.default_rng(seed)
        grids = {name: rng.integers(1, 10, grid.shape) for name, grid in grids.items()}
    for name, row, column, number in typed:
        grids[name][row, column] = number
    return grids.values()


def _taken(name, candidates, kernel_size, stride, padding, dilation=1, **_):
    """Those candidates for an argument of `geometry.Setting` that it takes."""
    arguments = {"strides": stride, "padding": padding, "dilation_rate": dilation}
    taken = []
    for candidate in candidates:
        try:
            Setting(kernel_size, **{**arguments, name: candidate})
        except ValueError:
            continue
        taken.append(candidate)
    return taken
