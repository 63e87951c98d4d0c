"""The sliders. An explorer is a function from a setting to a Picture, and its sliders."""

import asyncio
import base64
from html import escape

import ipywidgets as widgets
import numpy as np

from transconv import draw
from transconv.steps import TransposedConvolution

SIZE = 870, 290  # of a picture in CSS pixels: fits beside JupyterLab's side bar on a projector


class Explorer(widgets.VBox):
    """Sliders, the picture of the setting that they stand at, and its caption.

    Parameters
    ----------
    picture_of : callable
        Makes a Picture of the sliders' values, given by name.
    **sliders : widgets
        With a `value` each.

    Attributes
    ----------
    picture : Picture
        What is shown now.
    sliders : dict
    """

    def __init__(self, picture_of, **sliders):
        self.picture_of, self.sliders = picture_of, sliders
        self._waiting = False
        self._image = widgets.Image(format="url", layout={"max_width": "100%"})
        self._caption = widgets.HTML()
        self._draw()
        for slider in sliders.values():
            slider.observe(self._draw_soon, "value")
        controls = widgets.Box([*sliders.values(), _play(sliders["step"])])
        controls.layout.flex_flow = "row wrap"
        super().__init__([controls, self._caption, self._image])

    def _draw_soon(self, _change):
        """Draw once the kernel has read what waits, so that only the newest setting is drawn."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:  # no kernel: a script or a test
            self._draw()
        else:
            if not self._waiting:
                self._waiting = True
                loop.call_soon(self._draw)

    def _draw(self):
        self._waiting = False
        self.picture = self.picture_of(**{name: s.value for name, s in self.sliders.items()})
        # As a data URI, so that the page has nothing to fetch and never shows an empty frame.
        png = base64.b64encode(self.picture.png(pixels_per_css_pixel=1))
        self._image.value = b"data:image/png;base64," + png
        self._caption.value = f'<p role="status">{escape(self.picture.caption)}</p>'

    def _repr_mimebundle_(self, **kwargs):
        bundle = super()._repr_mimebundle_(**kwargs)
        bundle["text/plain"] = self.picture.words  # in place of a list of widgets
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
        walk = TransposedConvolution(X, kernel, stride, padding)
        return draw.spread(walk, step - 1, SIZE)

    return Explorer(
        picture_of,
        kernel_size=widgets.IntSlider(len(W), 1, len(largest), description="kernel size"),
        stride=widgets.IntSlider(1, 1, 3, description="stride"),
        padding=widgets.SelectionSlider(options=["valid", "same"], description="padding"),
        step=widgets.IntSlider(2, 1, X.size, description="step"),
    )


def _play(slider):
    """A play button for a slider."""
    play = widgets.Play(slider.value, min=slider.min, max=slider.max, interval=1000)
    widgets.jslink((play, "value"), (slider, "value"))
    return play
