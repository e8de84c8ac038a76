"""The pictures of the results: digits and codes as tensors that the site draws from, paintings as one sheet."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from torch import nn

from course.data.art import load_art
from course.data.mnist import load_mnist
from solutions.calibrate import gan_trained
from solutions.results.measure import COUNT, all_codes, normal
from solutions.results.qualities import gaussian_of
from solutions.results.train import FOLDER, LABS, LATENT, codes, load_model
from solutions.source import reference

ROW, SHOWN = 10, 20  # pictures in a row; samples shown of a model of digits
GAP = 6  # pixels between two paintings
SEED = 0  # of the models of digits whose pictures are shown


@torch.no_grad()
def digit_pictures(root: Path | None, path: Path, folder: Path = FOLDER) -> None:
    """Write what the site shows of the AutoEncoder and the VAE: digits `(n, 784)` as bytes, codes in a plane in float16.

    Of each model (`ae_...`, `vae_...`): `reconstructions` of the test digits `originals`, `prior`, samples from N(0, I), `fitted`,
    samples from the Gaussian that fits the codes, `midpoints` of codes of two neighbouring originals; `plane`
    `(2000, 2)`, the codes of test digits along their two widest axes; `origin` `(2,)`, where the zero code lies in that
    plane, and `shown` `(2,)`, the share of the variance that each axis shows. `labels` belong to the plane.
    """
    data = load_mnist(full=root is not None, root=root)
    x = data.test_images[torch.stack([(data.test_labels == d).nonzero()[0, 0] for d in range(10)])]
    kept = {"originals": to_bytes(x), "labels": data.test_labels[:COUNT].to(torch.uint8)}
    z = normal(SHOWN, LATENT)
    for lab in LABS:
        model = load_model(lab, SEED, folder)
        mean, root_of = gaussian_of(all_codes(model, data.train_images))
        code = codes(model, x)
        rows = {
            "reconstructions": code,
            "prior": z,
            "fitted": (mean + z.double() @ root_of).float(),
            "midpoints": (code + code.roll(-1, 0)) / 2,
        }
        kept |= {f"{lab}_{name}": to_bytes(model.decoder(at)) for name, at in rows.items()}
        kept |= {
            f"{lab}_{name}": each for name, each in plane(codes(model, data.test_images[:COUNT])).items()
        }
    save_file(kept, path)
    path.chmod(0o644)  # safetensors makes a file that only its owner may read


def plane(code: torch.Tensor) -> dict[str, torch.Tensor]:
    """Codes `(N, L)` along their two widest axes, the place of the zero code, and how much of the variance is seen."""
    mean = code.mean(0)
    _, sizes, axes = torch.linalg.svd(code - mean, full_matrices=False)
    return {
        "plane": ((code - mean) @ axes[:2].T).half(),
        "origin": (-mean @ axes[:2].T).half(),
        "shown": (sizes.square() / sizes.square().sum())[:2].half(),
    }


def to_bytes(images: torch.Tensor) -> torch.Tensor:
    """Pixels in [0, 1] as bytes."""
    return images.clamp(0, 1).mul(255).round().to(torch.uint8)


@torch.no_grad()
def art_sheet(seeds: Sequence[int], path: Path) -> None:
    """Write a picture: a row of real paintings, one of each movement, and a row of samples of each seed's generator."""
    lab = reference("gan")
    z = normal(ROW, gan_trained.LATENT)
    rows = [load_art(progress=False).images[:ROW]]
    for seed in seeds:
        generator: nn.Module = lab["Generator"](gan_trained.LATENT, gan_trained.WIDTH).eval()
        generator.load_state_dict(load_file(gan_trained.kept(seed, int(lab["STEPS_ON_A_CPU"]))))
        rows.append(generator(z))
    side = 64 + GAP
    sheet = np.zeros((len(rows) * side - GAP, ROW * side - GAP, 4), dtype=np.uint8)
    for i, row in enumerate(rows):
        for j, pixels in enumerate(to_bytes(row.add(1).div(2)).permute(0, 2, 3, 1).numpy()):
            sheet[i * side : i * side + 64, j * side : j * side + 64] = np.dstack(
                [pixels, np.full((64, 64), 255, np.uint8)]
            )
    Image.fromarray(sheet, "RGBA").save(path, quality=86, method=6)
