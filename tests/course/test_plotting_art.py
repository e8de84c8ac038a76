"""Figures of the lab `gan`: paintings, their growth, and what happened between two networks."""

import math

import numpy as np
import pytest
import torch
from PIL import Image

from course import GanHistory, plotting
from course.plotting.adversarial import running_mean
from course.plotting.art import GAP, sheet


def history(steps=40, measured=True):
    made = GanHistory()
    for step in range(1, steps + 1):
        made.steps.append(step)
        made.add(
            {"d_loss": 1 / step, "g_loss": 1.0, "real": 0.9, "fake": 0.8, "d_gradient": 3, "g_gradient": 2}
        )
    if measured:
        made.test_steps = [0, steps]
        made.add({"test_distance": 100})
        made.add({"test_distance": 10})
    made.frame_steps = list(range(0, steps + 1, 10))
    made.frames = torch.randint(0, 256, (len(made.frame_steps), 32, 3, 8, 8), dtype=torch.uint8)
    return made


def figures():
    pictures = torch.rand(12, 3, 8, 8) * 2 - 1
    run = history()
    return {
        "art_grid": plotting.art_grid(pictures, columns=5),
        "art_rows": plotting.art_rows(
            [pictures[:6], pictures[6:]], labels=["a", "b"], above=["1"] + [""] * 5
        ),
        "growth": plotting.growth(run.frames, run.frame_steps, rows=3, columns=4),
        "gan_curves": plotting.gan_curves(run, floor=0.5),
        "gan_curves_short": plotting.gan_curves(history(2, measured=False)),
        "gan_progress": plotting.gan_progress(run, steps=100),
        "gan_progress_empty": plotting.gan_progress(GanHistory(), steps=100),
        "coverage": plotting.coverage(torch.tensor([50, 3, 0]), ["a", "b", "c"], 60),
        "broken_runs": plotting.broken_runs({"right": run, "broken": history(30)}, {"right": "distance 3"}),
    }


def test_every_figure_can_be_drawn_on_paper_of_its_own():
    for name, figure in figures().items():
        assert "<img" in plotting.image_tag(figure, f"The figure {name}."), name


def test_paintings_stand_where_they_belong_with_their_colours():
    pictures = torch.full((3, 3, 4, 4), -1.0)
    pictures[1, 0] = 1  # red
    pictures[2] = 0
    paper = sheet(pictures, columns=2)
    assert paper.shape == (8 + GAP, 8 + GAP, 3)
    assert (paper[:4, :4] == 0).all()
    np.testing.assert_array_equal(paper[0, 4 + GAP], [255, 0, 0])
    assert (paper[4 + GAP :, :4] == 128).all()
    assert (paper[4 + GAP :, 4 + GAP :] == 255).all()  # an empty place is paper


def test_bytes_are_drawn_as_they_are():
    pictures = torch.randint(0, 256, (1, 3, 4, 4), dtype=torch.uint8)
    np.testing.assert_array_equal(sheet(pictures, 1), pictures[0].permute(1, 2, 0))


def test_growth_shows_first_and_last_step_above_its_columns():
    run = history()
    axes = plotting.growth(run.frames, run.frame_steps, rows=2, columns=3).axes[0]
    assert [text.get_text() for text in axes.get_xticklabels()] == ["0", "20", "40"]
    picture = axes.images[0].get_array()
    np.testing.assert_array_equal(picture[:8, -8:], run.frames[-1, 0].permute(1, 2, 0))


def test_the_chart_of_movements_counts_what_shows_none_and_marks_a_tenth_of_a_fair_share():
    axes = plotting.coverage(torch.tensor([50, 3, 0]), ["a", "b", "c"], 60).axes[0]
    assert [round(bar.get_height()) for bar in axes.patches] == [50, 3, 0, 7]
    assert [text.get_text() for text in axes.get_xticklabels()] == ["a", "b", "c", "none of them"]
    assert [line.get_ydata()[0] for line in axes.lines] == [20, 2]
    assert bool(axes.patches[-1].get_hatch())


def test_curves_tell_the_two_networks_apart_without_colour_and_name_their_ends():
    losses, accuracy, _, distance = plotting.gan_curves(history(), floor=0.5).axes
    assert {line.get_linestyle() for line in losses.lines if not line.get_label().startswith("_")} == {
        "-",
        "--",
    }
    assert [text.get_text() for text in accuracy.get_legend().texts] == ["on real 0.9", "on fake 0.8"]
    assert [text.get_text() for text in distance.get_legend().texts] == [
        "of samples 10",
        "real from real 0.5",
    ]


def test_without_a_measured_distance_there_is_no_panel_for_it():
    assert len(plotting.gan_curves(history(measured=False)).axes) == 3


def test_gradients_of_broken_runs_share_one_scale():
    one, other = history(30), history(30)
    other.curves["g_gradient"] = [500.0] * 30
    axes = plotting.broken_runs({"one": one, "other": other}).axes
    ranges = {panel.get_ylim() for panel in axes if panel.get_yscale() == "log"}
    assert len(ranges) == 1
    assert max(ranges)[1] > 500


def test_a_running_mean_leaves_constants_alone_and_goes_round_what_is_not_there():
    assert running_mean([2.0] * 5) == [2.0] * 5
    assert running_mean([1.0, math.nan, 3.0], width=3) == [1.0, 2.0, 3.0]
    assert math.isnan(running_mean([math.nan])[0])


def test_an_animation_holds_every_frame_in_its_colours_and_stays_on_the_last(tmp_path):
    frames = torch.zeros(3, 4, 3, 8, 8, dtype=torch.uint8)
    frames[1, :, 0], frames[2, :, 2] = 255, 255
    file = plotting.save_animation(frames, tmp_path / "growth.gif", columns=2)
    with Image.open(file) as picture:
        assert picture.n_frames == 3
        assert picture.size == (16 + GAP, 16 + GAP)
        colours, times = [], []
        for frame in range(3):
            picture.seek(frame)
            colours.append(picture.convert("RGB").getpixel((0, 0)))
            times.append(picture.info["duration"])
    assert colours == [(0, 0, 0), (255, 0, 0), (0, 0, 255)]
    assert times[-1] > times[0]


def test_an_animation_without_words_is_refused_and_a_plain_script_shows_nothing(tmp_path, capsys):
    file = plotting.save_animation(torch.zeros(2, 1, 3, 8, 8, dtype=torch.uint8), tmp_path / "growth.gif")
    with pytest.raises(ValueError, match="alt"):
        plotting.show_animation(file, alt=" ")
    plotting.show_animation(file, alt="Two grey squares.")
    assert capsys.readouterr() == ("", "")
