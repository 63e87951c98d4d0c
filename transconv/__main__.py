"""`python -m transconv FILE`: the walk of a layer, with its numbers, as an animation."""

import re
from argparse import ArgumentParser, RawDescriptionHelpFormatter

import numpy as np

from transconv import draw
from transconv.geometry import Setting, pair
from transconv.steps import Convolution, TransposedConvolution

EXAMPLES = """\
examples:
  python -m transconv spread.gif --input 2x2 --kernel 3 --stride 2 --padding same
  python -m transconv gather.webp --layer Conv2D --input 5x4 --kernel 3x2 --dark
  python -m transconv third-step.svg --stride 2 --output-padding 1 --step 3

from Python, with numbers of your own:
  from transconv import draw
  from transconv.steps import TransposedConvolution
  draw.animate(TransposedConvolution([[1, 2], [3, 4]], [[1, 0], [2, 1]], strides=2), "spread.gif")
"""
LARGEST = 99  # cells of a side; what can be read is much smaller, and draw.animate says so


def main(arguments=None):
    """Write the file that the arguments ask for, or exit with status 2 and say why not."""
    parser = ArgumentParser(
        "python -m transconv",
        description="Write the walk of a layer, with its numbers, as an animation.",
        epilog=EXAMPLES,
        formatter_class=RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("file", help="ends in .gif, .png (APNG), .webp, or .svg, which holds one step")
    layers = "Conv2DTranspose", "Conv2D"
    add("--layer", choices=layers, default=layers[0], help=f"{layers[0]} if not given")
    size = {"type": _sizes, "metavar": "SIZE"}
    add("--input", default=2, help="HEIGHTxWIDTH, or one number for both; 2 if not given", **size)
    add("--kernel", "--kernel-size", default=3, help="as --input; 3 if not given", **size)
    add("--stride", "--strides", default=1, help="as --input; 1 if not given", **size)
    add("--padding", default="valid", help="valid (the default) or same")
    add("--output-padding", help="as --input; of Conv2DTranspose; none if not given", **size)
    add("--dilation", "--dilation-rate", default=1, help="as --input; 1 if not given", **size)
    add("--seed", type=int, default=0, help="of the numbers; 0 if not given")
    add("--step", type=int, help="this step alone, from 1; of an .svg the last, if not given")
    add("--dark", action="store_true", help="for dark pages")
    add("--force", action="store_true", help="write over FILE if it is there")
    args = parser.parse_args(arguments)
    try:
        walk = _walk(args)
        if args.step is not None and args.step not in range(1, len(walk) + 1):
            raise ValueError(f"step must be from 1 to {len(walk)}. Received: {args.step}")
        step = args.step and args.step - 1
        frames = draw.animate(walk, args.file, step, args.dark, args.force)
    except FileExistsError:
        parser.error(f"{args.file} is there already; --force writes over it")
    except OSError as error:
        parser.error(f"{args.file}: {error.strerror or error}")
    except ValueError as error:
        parser.error(str(error))
    print(f"Wrote {args.file}. In words, its last picture:\n\n{frames[-1].words}")


def _sizes(text):
    """One integer, or several with "x" between; what is none is left for the layer to refuse."""
    numbers = text.split("x")
    if not all(re.fullmatch(r"-?\d+", number) for number in numbers):
        return text
    return int(text) if len(numbers) == 1 else tuple(map(int, numbers))


def _walk(args):
    """The steps of the layer, with numbers drawn from 1 to 9, those of the kernel from 1 to 3."""
    shape = pair("input", args.input, least=1)
    transposed = args.layer == "Conv2DTranspose"
    if args.output_padding is not None and not transposed:
        raise ValueError("output_padding must not be given for Conv2D")
    if args.seed < 0:
        raise ValueError(f"seed must be at least 0. Received: {args.seed}")
    setting = Setting(args.kernel, args.stride, args.padding, args.dilation, args.output_padding)
    axes = (setting.from_small if transposed else setting.from_big)(*shape)
    if (largest := max(max(axis.full, axis.big) for axis in axes)) > LARGEST:
        raise ValueError(f"no grid may have a side of over {LARGEST} cells. Received: {largest}")
    rng = np.random.default_rng(args.seed)
    X, W = rng.integers(1, 10, shape), rng.integers(1, 4, setting.kernel_size)
    how = {"strides": setting.strides, "padding": setting.padding}
    how["dilation_rate"] = setting.dilation_rate
    if transposed:
        return TransposedConvolution(X, W, **how, output_padding=setting.output_padding)
    return Convolution(X, W, **how)


if __name__ == "__main__":
    main()
