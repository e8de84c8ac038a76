"""Why does a discriminator that has few images to learn from not learn them by heart? It never sees one twice.

Differentiable augmentation (Zhao et al. 2020, https://arxiv.org/abs/2006.10738) changes every image at
random before the discriminator sees it, real and generated ones alike. Gradients pass through the change, so
the generator learns from what the discriminator saw.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn

SHIFT = 8  # pixels, at most, in each direction
BRIGHTNESS = 0.5  # at most, either way, on the scale from -1 to 1


class Augmented(nn.Module):
    """A discriminator that in train mode is shown moved, lighter or darker images; in eval mode, the image itself.

    Use it wherever the discriminator itself would do: it has the same parameters. The network inside is
    `.wrapped`. Shape: `(B, 3, H, W) -> (B,)`, as the discriminator's.
    """

    def __init__(self, discriminator: nn.Module) -> None:
        super().__init__()
        self.wrapped = discriminator

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.wrapped(augment(images) if self.training else images)
        return logits


def augment(images: torch.Tensor) -> torch.Tensor:
    """Move each image by up to 8 pixels and change its brightness; what comes into view at an edge is grey (0).

    Shape: `(B, 3, H, W)` in, the same out, differentiable. Each image is changed in its own way.
    """
    n, channels, height, width = images.shape
    lighter = (torch.rand(n, 1, 1, 1, device=images.device) * 2 - 1) * BRIGHTNESS
    padded = F.pad(images + lighter, [SHIFT] * 4)
    down, right = torch.randint(0, 2 * SHIFT + 1, (2, n, 1, 1, 1), device=images.device)
    rows = down + torch.arange(height, device=images.device).view(1, 1, -1, 1)  # of the padded image, to keep
    columns = right + torch.arange(width, device=images.device).view(1, 1, 1, -1)
    cut = padded.gather(2, rows.expand(n, channels, height, width + 2 * SHIFT))
    return cut.gather(3, columns.expand(n, channels, height, width))
