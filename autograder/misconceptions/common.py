"""What to look at for mistakes that mean the same in every lab and component."""

from __future__ import annotations

LOOKS = {
    # Networks
    "graph-cut": "Follow the gradient backwards, from the loss to the first layer: which line hands on a value, but not where it came from?",
    "rows-mixed": "Run one row alone, then the same row among others, in eval mode: which line sees more than one row at a time?",
    "random-in-eval-mode": "Call it twice on the same input after `.eval()` and subtract: which line does not ask what mode it is in?",
    "input-ignored": "Change one entry of the input at a time: from which line on does it make no difference any more?",
    "layers-not-registered": "Print `list(net.parameters())`: which layers are missing, and how do the others differ from them in `__init__`?",
    "layers-unused": "Change a weight by hand and look at the output: is every layer that `__init__` makes called in `forward`?",
    "reseeds-global-state": "Print `torch.rand(1)` after each of two calls: what if the notebook draws its batches there?",
    "input-modified": "Print the input before and after the call: which of your operations work in place?",
    "parts-not-named": "Read the names that the contract gives to the two parts: other components reach for them.",
    "forward-is-not-the-composition": "Compare `model(x)` with the decoder on the encoder's own output, entry by entry: what happens in `forward` besides?",
    # Losses
    "loss-not-reduced": "Print the shape of what you return: how many numbers is a loss, and what may one average over?",
    "loss-random": "Call it twice on the same tensors: where does the difference come from?",
    "loss-not-finite": "Find the first line whose value is NaN or infinite: for which inputs is its function not defined?",
    "constant-factor": "The shape of your formula is right: count what you multiply and divide by, one factor after the other.",
    "summed-over-batch": "Give it a batch twice over, `torch.cat([x, x])`: should a loss of the same data get larger?",
    # Steps
    "zero-grad-missing": "Print the norm of a gradient after each of three steps: what happens to the gradients of the step before?",
    "no-update": "Print one weight before and after: of the calls that make a step, is one missing, or is their order another?",
    "step-in-eval-mode": "Print `model.training` inside the step: what do dropout and batch norm do then?",
    "step-taken-twice": "Count: how many calls of `optimizer.step()` belong to one `backward()`?",
    "step-before-backward": "At the moment at which the optimiser steps, what is in `.grad`?",
    "gradient-ascent": "Take a few steps on one batch: does the loss rise or fall, and who changes the sign on the way?",
    "gradient-clipped": "Look at what happens to the gradients between `backward()` and the step; read in the contract what is asked there.",
    "loss-after-update": "With which weights was the number computed that you return: those before the step, or those after?",
    "loss-keeps-graph": "Print what you return: is it a number, or something that remembers how it was computed?",
    "loss-times-batch": "Return the value for half of the batch: should it be half as large?",
    "optimizer-changed": "Print `optimizer.param_groups` before and after a step.",
    "requires-grad-changed": "Print `requires_grad` of all parameters before and after the call.",
    "grad-mode-left-off": "Print `torch.is_grad_enabled()` after the call: what will the next training step do?",
    "carried-over": "Compare the second step with the first: what does the optimiser, or a list of yours, remember between them?",
    "step-length": "The direction is right: what scales the step between the loss and the weights?",
    # Functions of a model
    "mode-not-restored": "Call it on a model in train mode and on one in eval mode, and print `model.training` after each.",
    "gradients-changed": "Look at `.grad` of a parameter before and after: whom might those gradients belong to?",
    "values-not-in-a-dict": "Print what you return, and compare it with the signature in the contract.",
    "values-named-otherwise": "Compare the keys with those of the contract, letter by letter.",
    # Noise
    "noise-missing": "Call it twice on the same input and subtract: what should differ, and where would that come from?",
    "noise-uniform": "Draw a histogram of 10,000 of your noise values: what are their mean, their spread, their smallest one?",
    "noise-scaled": "Compute the standard deviation of 10,000 of your noise values.",
    "noise-off-centre": "Compute the mean of 10,000 of your noise values.",
    "noise-not-normal": "Draw a histogram of 10,000 of your noise values: mean and variance are right, but which shape has it?",
    "noise-not-fresh": "Call it twice: is anything drawn in the second call, and from which random state?",
    "noise-shared": "Print the noise of a batch: how many different numbers are there, and how many should there be?",
    "noise-shared-by-rows": "Print the noise of two rows of a batch beside each other.",
    "noise-shared-by-dims": "Print the noise of one row: how many different numbers does it hold?",
    "noise-dependent": "Compute the correlation of the first half of your noise with the second.",
    "noise-reused": "Follow `z` through the step: how many updates does one draw serve?",
    # Of the lab `compare`, without code of their own here
    "distance-inexact": "Give it fewer samples than features, constant features, and equal sets: which step is not exact there?",
    "share-not-finite": "Find the first line whose value is NaN or infinite: what is 0 there?",
    # Generators
    "latent-dim-fixed": "Make a generator with another `latent_dim` and call it: which number in your code stays behind?",
}  # fmt: skip
