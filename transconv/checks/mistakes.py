"""The catalogue of known mistakes: what each is called, and the question that leads out of it.

What one answers who makes the mistake depends on the exercise: see `checks`.
"""

from transconv.checks.marking import Mistake

# What a transposed convolution is

INVERTED = Mistake(
    "taken for an inverse",
    "The shape comes back, the numbers do not. How many of the patches reach this cell, and what "
    "does each of them add?",
)
INVERTED_FROM_FEWER = Mistake(
    "taken for an inverse",
    "So few numbers come out. Can they tell all the numbers that went in?",
)
OVERWRITTEN = Mistake(
    "overlaps overwritten",
    "Your overlaps hold one patch instead of the sum. What should happen where two patches meet?",
)
AVERAGED = Mistake(
    "overlaps averaged",
    "You divide by the number of patches that meet in a cell. Which step of the recipe divides?",
)
FLIPPED = Mistake(
    "kernel flipped",
    "You turned the kernel by 180 degrees. Through which number of the kernel does an input value "
    "reach the top left cell of its own patch?",
)
FLIPPED_WINDOW = Mistake(
    "kernel flipped",
    "You turned the kernel by 180 degrees. Which number of a window does the kernel's first number "
    "meet?",
)
FLIPPED_ONCE = Mistake(
    "kernel flipped in one of the steps",
    "One of your two steps uses the kernel turned round. Through which number does window (0,0) "
    "see the 1? And through which does its patch reach the cell where the 1 was?",
)
NOT_FLIPPED = Mistake(
    "kernel not flipped",
    "Stand at an output cell and look back. Through which number of the kernel does the input in "
    "the same row and column reach it?",
)
KERNEL_TRANSPOSED = Mistake(
    "kernel transposed",
    "You exchanged the rows and columns of the kernel. Lay it down as it is: which number comes "
    "right of its first?",
)
EXCHANGED = Mistake(
    "rows and columns exchanged",
    "Which of the two comes first, rows or columns?",
)
MATRIX_TRANSPOSED = Mistake(
    "matrix transposed the wrong way",
    "Each window should be a row of the matrix. What is each window in yours?",
)
COLUMN_MAJOR = Mistake(
    "columns in column-major order",
    "Your columns walk down the input first. In which order does `X.ravel()` list the cells?",
)
NO_GAPS = Mistake(
    "kernel rows without gaps",
    "You wrote the kernel's numbers one after the other. How many cells of the flattened input lie "
    "between the end of one row of a window and the start of the next?",
)
ZEROS_AFTER = Mistake(
    "zeros after the last value as well",
    "The zeros go between the values. Is there another value after the last one?",
)
TOO_MANY_ZEROS = Mistake(
    "stride zeros instead of stride - 1",
    "With stride 1 there should be no zeros at all. How many are there in yours?",
)
REPEATED = Mistake(
    "values repeated",
    "You repeat each value, as UpSampling2D does. What should stand between the values?",
)
NEGATIVE_INDEX = Mistake(
    "index below zero",
    "In Python, W[-1] is the last number of W. Which patches end before they reach this cell?",
)

# Sizes

STRIDE_IGNORED = Mistake(
    "stride ignored",
    "Yours is what stride 1 gives. How far is it from the start of one patch to the next?",
)
STRIDE_ON_INPUT = Mistake(
    "stride applied to the input",
    "You step over the input. Every input value is used: on which grid does the stride step?",
)
SIDE_BY_SIDE = Mistake(
    "patches side by side",
    "You place the patches one kernel size apart. What says how far apart they start?",
)
TIMES_STRIDE = Mistake(
    "size n*s",
    "That is the size with padding `same`. Where does the last patch end if nothing is cut?",
)
TIMES_STRIDE_PLUS_KERNEL = Mistake(
    "size n*s + k",
    "From the first patch to the last there is one step fewer than there are patches. Where does "
    "the last patch start?",
)
NO_PLUS_ONE = Mistake(
    "one place forgotten",
    "Lay a kernel of the size of the input over the input. In how many places does it fit?",
)
BOX_PLUS_KERNEL = Mistake(
    "one place too many",
    "A box of 3, smeared by a kernel of 1, stays 3 wide. What does your formula give?",
)
LAYERS_EXCHANGED = Mistake(
    "the two layers exchanged",
    "Which of the two layers makes a grid larger?",
)
SAME_AS_INPUT = Mistake(
    "same taken as the input's size",
    "That is so at stride 1 only. What does a generator do with stride 2 and `same`?",
)
DOUBLINGS_ADDED = Mistake(
    "doublings added up",
    "You multiplied once, by 2 + 2 + 2. The second layer doubles what the first has doubled "
    "already: how large is it then?",
)
ONE_LAYER = Mistake(
    "one layer for all three",
    "That is what the first layer returns. What does the second one make of it?",
)
FLOOR = Mistake(
    "floor for ceil",
    "With `same`, the convolution adds zeros so that no input cell is left out. Then is half a "
    "step left out, or taken?",
)
CEIL = Mistake(
    "ceil for floor",
    "With `valid`, a window that does not fit is left out. Is a part of a step a further window?",
)
NOT_ROUNDED = Mistake(
    "not rounded",
    "Your division leaves a fraction, and there is no part of a cell. Which way does this padding "
    "round?",
)
ONE_INSIDE = Mistake(
    "the one added before the division",
    "The first window needs no step. Then is the 1 a step of the window, or a window?",
)
PADDING_IGNORED = Mistake(
    "padding ignored",
    "Your answer is the same for `valid` and `same`. What does each of them do to the size?",
)
NO_MAX = Mistake(
    "valid size (n-1)s + k for k < s",
    "With a kernel smaller than the stride, Keras's output ends later than the last patch. Which "
    "of the two is larger, k or s?",
)
NONE_AS_ZERO = Mistake(
    "output_padding None taken as 0",
    "You used the smallest size that leads back, which a layer returns if it is told 0. Which row "
    "is for a layer that is told nothing?",
)
ZERO_AS_NONE = Mistake(
    "output_padding 0 taken as None",
    "0 is a number like 1: it chooses one of the sizes that lead back. Which row has p in it?",
)
FROM_NONE = Mistake(
    "counted from the size that None gives",
    "None asks for the size of the rule, and 0 for the smallest size that leads back. From which "
    "of the two do you count?",
)
SIZE_RETURNED = Mistake(
    "the size instead of what is missing",
    "That is the size that output_padding 0 gives. How far is it from n?",
)
TOO_LARGE = Mistake(
    "an output_padding that is not below the stride",
    "If a whole stride is missing, there is room for one more patch. How many cells did the "
    "encoder leave?",
)
ALWAYS_RETURNS = Mistake(
    "the shape always returns",
    "It does at stride 1. With stride 2 and kernel 3, what becomes of 16, there and back?",
)
DILATION_UPSAMPLES = Mistake(
    "dilation taken for a stride",
    "Dilation spreads the taps of the kernel, not the patches. How far apart do the patches start?",
)
DILATION_TIMES_KERNEL = Mistake(
    "kernel size times the dilation",
    "Three taps, two cells apart: how many steps of two are there from the first to the last?",
)
DILATION_IGNORED = Mistake(
    "dilation ignored",
    "With dilation 2 there is a gap between two taps. How many cells does a patch of three taps "
    "reach over?",
)

# Crops and zeros

NO_CROP = Mistake(
    "no crop",
    "This is the whole spread. How many cells should `same` leave?",
)
CROP_START = Mistake(
    "odd cell cut at the start instead of the end",
    "When the number of cells to cut is odd, one end loses one more. Which end does Keras choose?",
)
CROP_ALL_START = Mistake(
    "all cut at the start",
    "Keras cuts the start only by half, rounded down. What is half of one?",
)
CROP_ALL_END = Mistake(
    "all cut at the end",
    "Keras cuts both ends where there are two cells or more to cut. How many go at the start?",
)
CROP_BOTH = Mistake(
    "crop symmetric, rounded down",
    "You cut equally many cells from both ends. What if the number of cells to cut is odd?",
)
ZERO_SLICE = Mistake(
    "a slice that ends at -0",
    "In Python, full[a:-0] is full[a:0], which is empty. Where should the slice end, counted from "
    "the start?",
)
PADDED = Mistake(
    "padding that pads",
    "You added zeros. Does the padding of a transposed convolution make its output larger?",
)
NOT_APPENDED = Mistake(
    "no zeros appended",
    "Where there is nothing to cut, the spread may still be too small. How many cells does `same` "
    "promise?",
)
ZEROS_BEFORE = Mistake(
    "zeros before the spread",
    "You put zeros before the spread. On which side does Keras put those that are missing?",
)
NEGATIVE_CROP = Mistake(
    "a crop below zero",
    "For a kernel smaller than the stride, your cut at the start is a negative number, and Python "
    "counts a negative index from the end. What is the least that can be cut?",
)
APPENDS_ZEROS = Mistake(
    "output_padding appends zeros",
    "The spread has been computed already, and is larger than the output. Where do the further "
    "numbers come from?",
)
REVEALS_END = Mistake(
    "output_padding reveals the end",
    "You keep one more at the end. Which row came to light in the cell above, the first or the "
    "last?",
)
PAD_BOTH = Mistake(
    "equally many zeros on both sides",
    "That is the formula p = ((o-1)s + k - n)/2, rounded down. What if the number of zeros is odd?",
)
PAD_START = Mistake(
    "odd zero at the start",
    "If the number of zeros is odd, one side gets one more. Which one, by TensorFlow's rule?",
)
NEGATIVE_PADDING = Mistake(
    "fewer than no zeros",
    "Where the stride jumps over cells, the formula gives a negative number. What is the least "
    "that can be added?",
)
ZEROS_NOT_COUNTED = Mistake(
    "the zeros forgotten",
    "Over how many cells does the window walk, with the zeros on both sides?",
)
COUNTED_FROM_PADDING = Mistake(
    "counted from the first zero",
    "The first zero lies before the input. Which number has the first cell of the input itself?",
)
ROUNDED_FORMULA = Mistake(
    "the formula rounded down",
    "((o - 1)s + k - n) / 2 with o = n / s is right where both divisions come out even and nothing "
    "is negative. Which of the three goes wrong in this case?",
)
CORNER_TWICE = Mistake(
    "the corner cut twice",
    "The cells where a cut row meets a cut column: how often have you counted them?",
)

# Checkerboards, channels, gradients, learning

LEFT_FOR_LOST = Mistake(
    "what is left for what is lost",
    "So many numbers come out. How many went in?",
)
INPUT_FOR_OUTPUT = Mistake(
    "the input counted for the output",
    "Each number that has to come out right is an equation. How many numbers come out?",
)
EQUATIONS_EXCHANGED = Mistake(
    "equations and unknowns exchanged",
    "What may the training choose: the numbers of the picture, or those of the kernel?",
)
ONE_FILTER = Mistake(
    "one filter for all",
    "Each filter puts out a grid of its own. How many numbers is that, with four of them?",
)

COVERED = Mistake(
    "covered or not",
    "You say whether a cell is reached. By how many patches is it?",
)
COUNTS_ADDED = Mistake(
    "counts added",
    "A patch that covers a cell covers its row and its column. How do two counts for the rows and "
    "two for the columns combine?",
)
PHASES_MISSED = Mistake(
    "some phases left out",
    "Every pair of a row's phase and a column's is a phase. With stride 2, which four sums are "
    "there?",
)
DIVISIBLE = Mistake(
    "a divisible kernel taken for a cure",
    "If the stride divides the kernel, each phase has as many taps as the next. What do they sum "
    "to?",
)
ALL_EQUAL = Mistake(
    "equal numbers taken for even sums",
    "Equal numbers are neither needed nor enough. What do the taps of each phase sum to?",
)
SAME_LAYER = Mistake(
    "resize and convolution taken for the same layer",
    "What does one input value write, after it was repeated in a box and the box was smeared?",
)
ANY_KERNEL = Mistake(
    "every kernel in reach",
    "You counted the numbers of the large kernel. How many of them can the convolution choose?",
)
UNEVEN = Mistake(
    "uneven overlaps",
    "The size is right. Does the stride divide the kernel size, on both axes?",
)
ONE_STRIDE = Mistake(
    "one stride for both axes",
    "One of the axes fits. Which stride takes 5 to 20, and which takes 7 to 21?",
)
RESHAPED = Mistake(
    "reshaped instead of transposed",
    "A reshape keeps the numbers in reading order, and only cuts them into other rows. Which axis "
    "should go where?",
)
CHANNELS = Mistake(
    "channels exchanged",
    "You read the kernel as Conv2D's, (height, width, in, out). What is the order in "
    "Conv2DTranspose?",
)
OTHER_WAY = Mistake(
    "transposed the other way",
    "That is the way from Keras to PyTorch. Which axis of PyTorch's kernel is the height?",
)
BIAS_PER_PATCH = Mistake(
    "bias added once per patch",
    "Where patches overlap, your bias is added several times. When is it added, if it is added "
    "once?",
)
NO_BIAS = Mistake("bias forgotten", "What does a layer add after the sum?")
OUTPUT_FOR_UPSTREAM = Mistake(
    "gradient using the output instead of the upstream gradient",
    "You used what the layer put out. The loss reaches the layer through another grid of that "
    "size: which one?",
)
OUTPUT_AS_FACTOR = Mistake(
    "upstream gradient multiplied by the output",
    "The layer only multiplies and sums, so what it put out has no say. What reaches X from dY?",
)
SPREAD_AGAIN = Mistake(
    "spread once more",
    "The gradient of X has the shape of X. Which of the two operations leads back to it?",
)
PHASES_EXCHANGED = Mistake(
    "phases exchanged",
    "Which rows of the output do rows p, p + stride, ... of the kernel write to?",
)
