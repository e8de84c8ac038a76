"""Runs that are broken on purpose: the script that records them, what ships, and the notebook's live versions."""

import pytest
import torch
from PIL import Image

from course import load_art, load_gan_runs
from course.data.gan_runs import FILE
from course.data.images import to_bytes
from solutions import make_gan_runs
from solutions.source import read, reference


def test_the_recorded_runs_are_complete_small_and_readable():
    assert FILE.stat().st_size < 1_500_000
    runs = load_gan_runs()
    assert list(runs) == list(make_gan_runs.RUNS)
    for run in runs.values():
        assert run.frames.shape == (1, make_gan_runs.PICTURES, 3, 64, 64)
        assert run.frames.dtype == torch.uint8
        assert len(run["d_loss"]) == len(run["real"]) == len(run.steps)
        assert len(run["test_distance"]) == len(run["test_covered"]) == len(run.test_steps)
        assert run.frame_steps == run.steps[-1:]


def test_a_copy_of_the_course_without_the_recorded_runs_says_so(tmp_path, capsys):
    assert load_gan_runs(tmp_path / "gan_runs.safetensors") == {}
    assert "gan_runs.safetensors is missing" in capsys.readouterr().out


def test_a_run_that_is_there_is_not_made_again_and_all_are_packed_in_order(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("GENLAB_STEPS", "1")
    monkeypatch.setattr(make_gan_runs, "SAMPLES", 125)
    place = ["--folder", str(tmp_path / "runs"), "--out", str(tmp_path / "out"), "--paintings", "100"]
    make_gan_runs.main(["--only", "no detach", *place])
    first = (tmp_path / "runs" / "no_detach.safetensors").read_bytes()
    make_gan_runs.main(["--only", "the recipe", *place])
    make_gan_runs.main(["--only", "no detach", *place])
    assert "no detach: there already" in capsys.readouterr().out
    assert (tmp_path / "runs" / "no_detach.safetensors").read_bytes() == first
    assert list(load_gan_runs(tmp_path / "out")) == ["the recipe", "no detach"]


@pytest.fixture(scope="module")
def lab():
    return reference("gan")


def updates(lab, change):
    """The generator's parameters after one step of a run, from the same start and the same noise."""
    torch.manual_seed(0)
    generator, discriminator = lab["Generator"](5, 2), lab["Discriminator"](2)
    opt_g, opt_d = (torch.optim.SGD(net.parameters(), lr=0.1) for net in (generator, discriminator))
    torch.manual_seed(1)
    values = make_gan_runs.train_step(
        lab, change, generator, discriminator, opt_g, opt_d, torch.rand(4, 3, 64, 64)
    )
    moved = [
        torch.cat([p.detach().flatten() for p in net.parameters()]) for net in (generator, discriminator)
    ]
    return values, *moved


def test_the_recorded_recipe_is_the_notebooks_own_step(lab):
    values, generator, discriminator = updates(lab, make_gan_runs.Change())
    torch.manual_seed(0)
    own_g, own_d = lab["Generator"](5, 2), lab["Discriminator"](2)
    opt_g, opt_d = (torch.optim.SGD(net.parameters(), lr=0.1) for net in (own_g, own_d))
    torch.manual_seed(1)
    own = lab["train_step"](own_g, own_d, opt_g, opt_d, torch.rand(4, 3, 64, 64))
    assert own == pytest.approx(values)
    torch.testing.assert_close(torch.cat([p.detach().flatten() for p in own_g.parameters()]), generator)
    torch.testing.assert_close(torch.cat([p.detach().flatten() for p in own_d.parameters()]), discriminator)


@pytest.mark.parametrize(
    ("change", "which"),
    [
        (make_gan_runs.Change(fake_target=0.1), "discriminator"),
        (make_gan_runs.Change(saturating=True), "generator"),
        (make_gan_runs.Change(detach=False), "generator"),
    ],
)
def test_each_change_moves_the_network_that_it_is_about(lab, change, which):
    _, generator, discriminator = updates(lab, make_gan_runs.Change())
    _, other_generator, other_discriminator = updates(lab, change)
    assert not torch.allclose(generator, other_generator)
    assert torch.allclose(discriminator, other_discriminator) == (which == "generator")


def broken(name, lab, losses):
    """What the notebook's live version makes of the losses: runs `broken_gan` with a training that only asks them."""
    cell = next(c for c in read("gan").cells if c.source.startswith("BREAK = "))
    namespace = dict(lab)

    def train_gan(steps, augmented=True, equal_rates=False):
        found = [namespace[loss](*logits).item() for loss, logits in losses]
        return found, augmented, equal_rates

    namespace |= {"train_gan": train_gan, "ready": lambda *names: True}
    exec(cell.source, namespace)
    found = namespace["broken_gan"](name, 1)
    assert namespace["discriminator_loss"] is lab["discriminator_loss"]
    assert namespace["generator_loss"] is lab["generator_loss"]
    return found


def test_live_versions_change_what_their_names_say_and_give_the_right_losses_back(lab):
    real, fake = torch.tensor([1.0, -2.0]), torch.tensor([3.0, -1.0, 0.5])
    losses = [("discriminator_loss", (real, fake)), ("generator_loss", (fake,))]
    bce = torch.nn.functional.binary_cross_entropy_with_logits
    on_real = bce(real, torch.full_like(real, 0.9))
    right = [(on_real + bce(fake, torch.zeros(3))).item(), bce(fake, torch.ones(3)).item()]
    smoothed = (on_real + bce(fake, torch.full_like(fake, 0.1))).item()
    saturating = torch.log(1 - fake.sigmoid()).mean().item()
    both = right[1] + bce(fake, torch.zeros(3)).item()
    expected = {
        "no augmentation": (right, False, False),
        "equal rates": (right, True, True),
        "both smoothed": ([smoothed, right[1]], True, False),
        "saturating loss": ([right[0], saturating], True, False),
        "no detach": ([right[0], both], True, False),
    }
    assert set(expected) == set(make_gan_runs.RUNS) - {"the recipe"}
    for name, (values, augmented, equal_rates) in expected.items():
        found = broken(name, lab, losses)
        assert found[0] == pytest.approx(values, abs=1e-6), name
        assert found[1:] == (augmented, equal_rates), name


def test_the_notebook_takes_a_folder_of_pictures_and_says_that_they_have_no_movements(
    tmp_path, monkeypatch, capsys
):
    (tmp_path / "pictures").mkdir()
    for i, pixels in enumerate(to_bytes(load_art(80, seed=3, progress=False).images)):
        picture = Image.fromarray(pixels.permute(1, 2, 0).numpy()).resize((90, 70))
        picture.save(tmp_path / "pictures" / f"{i}.png")
    (tmp_path / "pictures" / "notes.txt").write_text("not a picture")
    monkeypatch.setenv("GENLAB_STEPS", "1")
    monkeypatch.chdir(tmp_path)
    namespace = {"__name__": "gan"}
    for cell in read("gan").cells:
        if cell.cell_type == "code" and not cell.source.startswith("check("):
            exec(cell.source.replace('ART = "painter"', 'ART = "pictures"'), namespace)
    said = capsys.readouterr().out
    assert "80 pictures loaded, 1 files skipped" in said
    assert "notes.txt: text" in said
    assert "coverage cannot be counted" in said
    assert (tmp_path / "gan.safetensors").is_file()
