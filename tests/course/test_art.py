"""The painter, what it keeps on disk, and the real gallery."""

import hashlib
import os
import subprocess
import sys
import types

import numpy as np
import pytest
import torch
from PIL import Image

from course.data import art, painter
from course.data.art import load_art, load_gallery
from course.data.images import to_bytes
from course.data.mnist import DataError
from course.data.painter import MOVEMENTS, brushes, palettes
from course.data.painter.dice import Dice

# A change of the painter changes this, on purpose: what was calibrated on its paintings must be so again.
FIRST_HUNDRED = "1a68d49e76c3bf55013414db26e889e150987b407a589c20347d55cb897620a9"


def digest(pictures: np.ndarray) -> str:
    return hashlib.sha256(pictures.tobytes()).hexdigest()


@pytest.fixture(scope="module")
def some() -> np.ndarray:
    return painter.paint(400)


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.delenv("GENLAB_CACHE", raising=False)
    return tmp_path / "not there yet" / "cache"


# The painter ---------------------------------------------------------------------------------------------


def test_a_seed_paints_the_same_bytes_today_and_on_any_machine():
    assert digest(painter.paint(100)) == FIRST_HUNDRED


def test_the_bytes_do_not_depend_on_what_the_processor_can_do():
    # NumPy without its fast paths for newer processors computes as an old machine would.
    core = getattr(np, "_core", None) or np.core
    features = " ".join(core._multiarray_umath.__cpu_dispatch__)
    code = (
        "import hashlib; from course.data.painter import paint;"
        "print(hashlib.sha256(paint(100).tobytes()).hexdigest())"
    )
    environment = os.environ | {"NPY_DISABLE_CPU_FEATURES": features}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)
    assert done.stdout.strip() == FIRST_HUNDRED, done.stderr


def test_another_seed_paints_other_pictures(some):
    others = painter.paint(400, seed=1)
    assert not {picture.tobytes() for picture in some} & {picture.tobytes() for picture in others}


@pytest.mark.parametrize("count", [1, 13, 200, 201])
def test_fewer_paintings_are_the_first_of_more(some, count):
    assert np.array_equal(painter.paint(count), some[:count])


def test_every_stretch_of_paintings_is_balanced():
    assert len(set(MOVEMENTS)) == len(MOVEMENTS) == 10
    labels = painter.labels(57)
    assert labels.tolist() == [i % 10 for i in range(57)]
    assert np.bincount(painter.labels(5_000)).tolist() == [500] * 10


@pytest.mark.parametrize("label", range(10), ids=MOVEMENTS)
def test_a_movement_paints_no_two_pictures_alike(some, label):
    pictures = torch.from_numpy(some[painter.labels(400) == label]).float().flatten(1)
    distances = torch.cdist(pictures, pictures).div(pictures.shape[1] ** 0.5)  # in grey levels, per value
    distances.fill_diagonal_(float("inf"))
    assert distances.min() > 10
    # Different colours too: the average colour of a picture is far from that of the movement.
    colours = pictures.view(-1, 3, 64 * 64).mean(2)
    assert (colours - colours.mean(0)).norm(dim=1).mean() > 15


def test_movements_are_told_apart_by_a_small_network_in_seconds():
    threads, state = torch.get_num_threads(), torch.get_rng_state()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    try:
        recalls = recall_by_movement(steps=480)
    finally:
        torch.set_num_threads(threads)
        torch.set_rng_state(state)
    assert recalls.mean() > 0.9
    assert recalls.min() > 0.65


def recall_by_movement(steps: int) -> torch.Tensor:
    """Train on 3,000 paintings, test on 400 others: the share of each movement that is recognised."""
    nn = torch.nn
    layers: list[nn.Module] = []
    for inner, outer in ((3, 10), (10, 20), (20, 40), (40, 40)):
        layers += [nn.Conv2d(inner, outer, 4, 2, 1), nn.BatchNorm2d(outer), nn.ReLU()]  # half the size
    network = nn.Sequential(*layers, nn.Flatten(), nn.Dropout(0.3), nn.Linear(40 * 16, 10))
    (images, labels), (others, truth) = (
        (torch.from_numpy(painter.paint(count, seed)), torch.from_numpy(painter.labels(count)))
        for count, seed in ((3_000, 1), (400, 2))
    )
    optimizer = torch.optim.AdamW(network.parameters(), weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 8e-3, total_steps=steps)
    for _ in range(steps):
        batch = torch.randint(len(images), (50,))
        # Other colours, sometimes mirrored: a movement is a way to compose, not a palette.
        x = images[batch][:, torch.randperm(3)].float() / 127.5 - 1
        x = x.flip(3) if torch.rand(()) < 0.5 else x
        loss = nn.functional.cross_entropy(network(x), labels[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    with torch.no_grad():
        right = network.eval()(others.float() / 127.5 - 1).argmax(1) == truth
    return torch.stack([right[truth == label].float().mean() for label in range(10)])


def test_edges_are_soft_unless_asked_otherwise():
    soft, hard = (painter.paint(100, softness=softness).astype(float) for softness in (painter.SOFTNESS, 0))

    def sharpest(pictures):
        return np.quantile(np.abs(np.diff(pictures, axis=3)).max(axis=(1, 2, 3)), 0.9)

    assert sharpest(soft) < 70
    assert sharpest(hard) > 150
    assert np.abs(soft.mean((2, 3)) - hard.mean((2, 3))).max() < 4  # the same paintings all the same


def test_softening_is_a_gaussian_of_the_width_it_says():
    point = np.zeros((1, 3, 64, 64), dtype=np.float32)
    point[..., 32, 32] = 1
    spread = brushes.soften(point, 1.5)[0, 0]
    at = np.arange(64) - 32
    assert spread.sum() == pytest.approx(1, abs=1e-5)
    assert (spread.sum(0) * at**2).sum() == pytest.approx(1.5**2, rel=0.05)
    assert np.allclose(spread, spread.T)
    flat = np.full((1, 3, 64, 64), 0.3, dtype=np.float32)
    assert np.allclose(brushes.soften(flat, 1.5), 0.3, atol=1e-5)


def test_the_painters_own_sine_is_as_close_as_it_says():
    turns = np.linspace(-3, 3, 10_001, dtype=np.float32)
    assert np.abs(brushes.wave(turns) - np.sin(2 * np.pi * turns.astype(float))).max() < 0.0011
    c, s = brushes.direction(turns)
    assert np.abs(c * c + s * s - 1).max() < 1e-6


def test_every_palette_has_a_light_paper_a_dark_ink_and_paints_that_differ():
    assert len(palettes.PALETTES) >= 30
    for name, line in palettes.PALETTES.items():
        colours = np.array([list(bytes.fromhex(colour)) for colour in line.split()], dtype=float)
        assert colours.shape == (7, 3), name
        light = colours @ (0.3, 0.59, 0.11)
        assert light[0] > 190 > 70 > light[1], name
        apart = np.linalg.norm(colours[2:, None] - colours[None, 2:], axis=2) + 1e3 * np.eye(5)
        assert apart.min() > 20, name


def test_dice_are_fair_and_repeat():
    dice, again = Dice(1_000, 3, 1), Dice(1_000, 3, 1)
    draws = dice.integer(7, 10)
    assert np.array_equal(draws, again.integer(7, 10))
    assert np.bincount(draws.ravel(), minlength=7).min() > 1_200
    assert set(map(tuple, np.sort(dice.order(5), axis=1).tolist())) == {(0, 1, 2, 3, 4)}
    assert 0.25 < dice.chance(0.3, 10).mean() < 0.35


# What load_art gives and keeps ---------------------------------------------------------------------------


def test_art_comes_as_tensors_of_the_promised_shapes_and_ranges(cache, some):
    data = load_art(count=40, cache=cache, progress=False)
    assert data.images.shape == (40, 3, 64, 64)
    assert data.images.dtype == torch.float32
    assert data.images.abs().max() <= 1
    assert data.images.min() < -0.8 < 0.8 < data.images.max()
    assert data.labels.dtype == torch.int64
    assert data.labels.tolist() == [i % 10 for i in range(40)]
    assert data.movements == MOVEMENTS
    assert np.array_equal(to_bytes(data.images).numpy(), some[:40])


def test_paintings_are_kept_and_taken_from_where_they_were_kept(cache, monkeypatch):
    first = load_art(count=20, cache=cache, progress=False)
    monkeypatch.setattr(painter, "paint", None)  # whoever paints again fails
    again = load_art(count=20, cache=cache, progress=False)
    assert torch.equal(first.images, again.images)
    assert len(list(cache.iterdir())) == 1


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: content[:-1],
        lambda content: b"",
        lambda content: content + b"\0",
        lambda content: content[:5_000] + bytes([content[5_000] ^ 1]) + content[5_001:],
        lambda content: bytes(len(content)),
    ],
    ids=["cut off", "empty", "longer", "one bit", "zeros"],
)
def test_a_damaged_file_is_noticed_and_painted_anew(cache, damage):
    first = load_art(count=20, cache=cache, progress=False)
    (file,) = cache.iterdir()
    whole = file.read_bytes()
    file.write_bytes(damage(whole))
    assert torch.equal(load_art(count=20, cache=cache, progress=False).images, first.images)
    assert [kept.read_bytes() for kept in cache.iterdir()] == [whole]


def test_other_counts_seeds_and_softness_are_kept_apart(cache):
    for options in ({"count": 10}, {"count": 20}, {"count": 10, "seed": 1}, {"count": 10, "softness": 0}):
        load_art(**options, cache=cache, progress=False)
    assert len(list(cache.iterdir())) == 4
    hard = load_art(count=10, softness=0, cache=cache, progress=False)
    assert not torch.equal(hard.images, load_art(count=10, cache=cache, progress=False).images)


def test_a_painter_that_has_changed_does_not_hand_out_old_paintings(cache, monkeypatch, tmp_path):
    load_art(count=10, cache=cache, progress=False)
    (tmp_path / "changed.py").write_text("# other brushes")
    monkeypatch.setattr(painter, "__file__", str(tmp_path / "__init__.py"))
    load_art(count=10, cache=cache, progress=False)
    assert len(list(cache.iterdir())) == 2


def test_the_folder_can_be_named_by_the_environment(cache, monkeypatch):
    monkeypatch.setenv("GENLAB_CACHE", str(cache))
    load_art(count=10, progress=False)
    assert len(list(cache.iterdir())) == 1


def test_without_a_folder_that_can_be_written_art_is_painted_all_the_same(tmp_path, some):
    blocked = tmp_path / "a file, not a folder"
    blocked.write_text("")
    data = load_art(count=10, cache=blocked / "cache", progress=False)
    assert np.array_equal(to_bytes(data.images).numpy(), some[:10])


def test_without_a_home_art_is_painted_all_the_same(monkeypatch, some):
    def homeless(self):
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("GENLAB_CACHE", raising=False)
    monkeypatch.setattr(art.Path, "expanduser", homeless)
    data = load_art(count=10, progress=False)
    assert np.array_equal(to_bytes(data.images).numpy(), some[:10])


def test_a_full_disk_leaves_no_half_written_file(cache, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(art.os, "replace", full)
    assert load_art(count=10, cache=cache, progress=False).images.shape == (10, 3, 64, 64)
    assert list(cache.iterdir()) == []


@pytest.mark.parametrize(
    "wrong", [{"count": 0}, {"seed": -1}, {"softness": -0.5}, {"softness": float("nan")}]
)
def test_impossible_wishes_are_named_with_their_values(wrong):
    with pytest.raises(ValueError, match="they are") as caught:
        load_art(**wrong)
    assert str(next(iter(wrong.values()))) in str(caught.value)


# The real gallery ----------------------------------------------------------------------------------------


def test_a_folder_of_pictures_serves_as_a_gallery(tmp_path):
    Image.new("RGB", (90, 70), (255, 0, 0)).save(tmp_path / "red.jpg", quality=95)
    pictures = load_gallery(tmp_path, progress=False)
    assert pictures.images.shape == (1, 3, 64, 64)


def test_without_kagglehub_the_way_out_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "kagglehub", None)  # what an import of a missing package finds
    with pytest.raises(DataError, match="pip install kagglehub") as caught:
        load_gallery()
    assert "load_art()" in str(caught.value)


def gallery_module(download) -> types.ModuleType:
    module = types.ModuleType("kagglehub")
    module.dataset_download = download
    return module


def test_a_failed_download_says_what_happened_and_how_to_go_on(monkeypatch):
    def offline(handle):
        raise ConnectionError("Name or service not known")

    monkeypatch.setitem(sys.modules, "kagglehub", gallery_module(offline))
    with pytest.raises(DataError, match="ConnectionError: Name or service not known") as caught:
        load_gallery()
    assert "load_art()" in str(caught.value)
    assert art.GALLERY in str(caught.value)


def test_the_gallery_is_read_from_where_kagglehub_puts_it(monkeypatch, tmp_path):
    (tmp_path / "Abstract_gallery").mkdir()
    Image.new("L", (80, 80), 255).save(tmp_path / "Abstract_gallery" / "Abstract_image_0.jpg")
    monkeypatch.setitem(sys.modules, "kagglehub", gallery_module(lambda handle: tmp_path / handle[:0]))
    assert load_gallery(progress=False).images.eq(1).all()
