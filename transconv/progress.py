"""A bar that tells a notebook's reader how far a training has come."""

import ipywidgets as widgets
from IPython.display import display


def progress(count, what="training"):
    """The numbers from 0 to before `count`, while a bar grows from one to the next.

    A notebook that is stored and not run says that the bar has come to its end.
    """
    bar = widgets.IntProgress(max=count, description=what)
    stored = {"text/plain": f"{what}: {count} of {count} steps"}
    display(bar._repr_mimebundle_() | stored, raw=True)
    for step in range(count):
        yield step
        bar.value += 1
