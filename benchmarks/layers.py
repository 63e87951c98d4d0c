"""How fast the layers are: ours, Keras's, and the matrix product that neither can do without.

    .venv/bin/python -m benchmarks.layers [--seconds 2]

Float32 on the CPU, Keras's layers called eagerly. The three take turns in one run, so that whatever
else the machine does slows all of them down alike; the table has the shortest time of each, which
that disturbs least, and ratios to Keras's.
"""

import argparse
import os
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf

import transconv

# Of Conv2DTranspose: batch, height, width, channels in and out, kernel, stride; padding "same".
# Conv2D goes back from the output of each to its input.
SHAPES = [
    (16, 7, 7, 256, 128, 5, 1),
    (16, 7, 7, 128, 64, 5, 2),
    (16, 14, 14, 64, 1, 5, 2),
    (4, 4, 4, 1024, 512, 5, 2),
    (4, 8, 8, 512, 256, 5, 2),
    (1, 64, 64, 128, 64, 2, 2),
    (1, 64, 64, 64, 32, 4, 2),
    (1, 2, 2, 1, 1, 3, 1),
]

# To see how the time grows: each has one size twice as large as the first.
DOUBLED = {
    "this": (8, 16, 16, 64, 64, 5, 2),
    "batch": (16, 16, 16, 64, 64, 5, 2),
    "height": (8, 32, 16, 64, 64, 5, 2),
    "width": (8, 16, 32, 64, 64, 5, 2),
    "small channels": (8, 16, 16, 128, 64, 5, 2),
    "big channels": (8, 16, 16, 64, 128, 5, 2),
}


def contestants(name, shape):
    """Ours, Keras's and the bare product of one layer, {"forward": ..., "with backward": ...}."""
    batch, height, width, small_channels, big_channels, kernel, stride = shape
    transposed = name == "Conv2DTranspose"
    rng = np.random.default_rng(0)
    small = rng.standard_normal((batch, height, width, small_channels), np.float32)
    big_shape = (batch, height * stride, width * stride, big_channels)
    big = rng.standard_normal(big_shape, np.float32)
    x, upstream = (small, big) if transposed else (big, small)
    arguments = (upstream.shape[-1], kernel, stride, "same")
    ours, theirs = (getattr(of, name)(*arguments) for of in (transconv, keras.layers))
    for layer in (ours, theirs):
        layer.build(x.shape)
    ours.set_weights(theirs.get_weights())
    x_tf, upstream_tf = tf.constant(x), tf.constant(upstream)

    def ours_with_backward():
        ours(x)
        return ours.backward(upstream), ours.kernel_gradient, ours.bias_gradient

    def theirs_with_backward():
        with tf.GradientTape() as tape:
            tape.watch(x_tf)
            y = theirs(x_tf)
        return [g.numpy() for g in tape.gradient(y, [x_tf, *theirs.weights], upstream_tf)]

    # Each small cell meets each tap: that many multiplications, as one product of matrices.
    cells = small.reshape(-1, small_channels)
    matrix = ours.kernel.reshape(-1, small_channels)
    windows = rng.standard_normal((len(cells), len(matrix)), np.float32)

    def product():
        return cells @ matrix.T if transposed else windows @ matrix

    def products():  # backward: one for the input's gradient, one for the kernel's
        return cells @ matrix.T, windows @ matrix, windows.T @ cells

    for a, b in zip(
        [ours(x), *ours_with_backward()], [theirs(x), *theirs_with_backward()], strict=True
    ):
        np.testing.assert_allclose(a, b, rtol=1e-2, atol=1e-4 * np.abs(b).max())  # the same work
    return {
        "forward": (lambda: ours(x), lambda: theirs(x_tf).numpy(), product),
        "with backward": (ours_with_backward, theirs_with_backward, products),
    }


def shortest(functions, seconds):
    """The shortest time of each function, in seconds; they take turns for so many seconds."""
    for function in functions:
        function()
    times = [[] for _ in functions]
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(times[0]) < 5:
        for of_one, function in zip(times, functions, strict=True):
            start = time.perf_counter()
            function()
            of_one.append(time.perf_counter() - start)
    return np.min(times, axis=1)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--seconds", type=float, default=2, help="for each row of the tables")
    seconds = parser.parse_args().seconds
    timed = {
        (name, shape, what): shortest(functions, seconds)
        for name in ("Conv2DTranspose", "Conv2D")
        for shape in SHAPES
        for what, functions in contestants(name, shape).items()
    }
    for name, what in dict.fromkeys((name, what) for name, _, what in timed):
        print(f"\n{name}, {what}: milliseconds, and times Keras's")
        print(f"{'shape':40} {'ours':>8} {'Keras':>8} {'product':>8}   ours  product")
        ratios = []
        for shape in SHAPES:
            ours, theirs, product = 1000 * timed[name, shape, what]
            batch, height, width, small, big, kernel, stride = shape
            if name == "Conv2D":
                height, width, small, big = height * stride, width * stride, big, small
            row = f"{batch}x{height}x{width}, {small} -> {big}, kernel {kernel}, stride {stride}"
            ratios.append((ours / theirs, product / theirs))
            print(
                f"{row:40} {ours:8.3f} {theirs:8.3f} {product:8.3f} "
                f"{ratios[-1][0]:6.2f} {ratios[-1][1]:8.2f}"
            )
        means = np.exp(np.log(ratios).mean(axis=0))
        print(f"{'geometric mean':67} {means[0]:6.2f} {means[1]:8.2f}")
    for name in ("Conv2DTranspose", "Conv2D"):
        print(f"\n{name}, forward: time of ours with one size doubled, to that without")
        ours = [contestants(name, shape)["forward"][0] for shape in DOUBLED.values()]
        times = shortest(ours, 3 * seconds)
        print(
            "   ".join(f"{what} {t / times[0]:.2f}" for what, t in zip(DOUBLED, times, strict=True))
        )


if __name__ == "__main__":
    main()
