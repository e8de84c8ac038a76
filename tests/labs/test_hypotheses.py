"""Which known mistakes explain a list of values: one, two at once, or only a constant."""

from __future__ import annotations

import pytest
import torch

from autograder.labs.adversarial_losses import G_HYPOTHESES, g_loss
from autograder.labs.hypotheses import constant_factor, constant_shift, diagnose, diagnose_scaled
from autograder.labs.likelihoods import BCE_HYPOTHESES, KL_HYPOTHESES, bce, kl

DRAWN = torch.Generator().manual_seed(3)
SHAPES = ((1, 4), (2, 3), (5, 8), (7, 1), (64, 32))
CODES = [(2 * torch.randn(s, generator=DRAWN), 1.5 * torch.randn(s, generator=DRAWN)) for s in SHAPES]
LOGITS = [(3 * torch.randn(n, generator=DRAWN),) for n in (1, 7, 2, 5, 128)]
PIXELS = [
    (torch.rand(n, 784, generator=DRAWN).clamp(1e-3, 1 - 1e-3), torch.rand(n, 784, generator=DRAWN))
    for n in (1, 2, 5, 7, 64)
]


def values(formula, inputs):
    return [float(formula(*(t.double() for t in tensors))) for tensors in inputs]


def scaled(hypotheses, truth, formula, inputs):
    return diagnose_scaled(hypotheses, inputs, values(formula, inputs), values(truth, inputs))


def test_a_sign_and_another_mistake_are_told_together():
    found = scaled(KL_HYPOTHESES, kl, lambda m, v: -kl(m, 2 * v), CODES)
    assert found is not None
    assert found.hypothesis.name == "kl-logvar-as-log-sigma"
    assert found.message.endswith("Besides, its sign is flipped.")


def test_a_factor_a_reduction_and_another_mistake_are_told_together():
    found = scaled(KL_HYPOTHESES, kl, lambda m, v: (m + v.expm1() - v).mean(), CODES)  # no half either
    assert found is not None
    assert found.hypothesis.name == "kl-mu-not-squared"
    assert "averaged over latents" in found.message
    assert found.message.endswith("it is multiplied by 2.")


def test_every_pair_of_a_slip_and_a_constant_is_called_by_the_slip_or_not_at_all():
    # Where no name is given, some other pair makes the same numbers, or the constant is all that is wrong.
    for hypotheses, truth, inputs in (
        (KL_HYPOTHESES, kl, CODES),
        (BCE_HYPOTHESES, bce, PIXELS),
        (G_HYPOTHESES, g_loss, LOGITS),
    ):
        right = values(truth, inputs)
        silent = 0
        for hypothesis in hypotheses:
            for factor in (-1.0, 2.0, -0.5, 7.0):
                got = [factor * value for value in values(hypothesis.formula, inputs)]
                alone = diagnose(hypotheses, inputs, got)
                found = diagnose_scaled(hypotheses, inputs, got, right) if alone is None else None
                silent += alone is None and found is None
                if found is not None:
                    assert found.hypothesis.name == hypothesis.name
        assert silent < len(hypotheses) * 4 / 2


def test_a_right_loss_times_a_constant_is_no_slip():
    assert scaled(KL_HYPOTHESES, kl, lambda m, v: 3 * kl(m, v), CODES) is None
    assert constant_factor(values(lambda m, v: 3 * kl(m, v), CODES), values(kl, CODES)) == pytest.approx(3)


def test_formulas_that_nobody_knows_get_no_name():
    strange = (
        lambda m, v: (0.5 * (m**2 + v.expm1() - v)).clamp(min=0.5).sum(-1).mean(),
        lambda m, v: kl(m, v.clamp(-1, 1)),
        lambda m, v: kl(m, v) ** 2,
        lambda m, v: (m * v).sum(-1).mean(),
        lambda m, v: kl(m[:1], v[:1]) + 1,
    )
    for formula in strange:
        assert diagnose(KL_HYPOTHESES, CODES, values(formula, CODES)) is None
        assert scaled(KL_HYPOTHESES, kl, formula, CODES) is None


def test_a_number_that_is_added_everywhere_is_found_and_a_growing_one_is_not():
    right = values(kl, CODES)
    assert constant_shift([value - 2 for value in right], right) == pytest.approx(-2)
    assert constant_shift([value * 1.01 for value in right], right) is None
    assert constant_shift(right, right) is None
    assert constant_shift([float("nan")] * 5, right) is None


def test_two_values_are_too_few_to_name_a_pair():
    some = CODES[:2]
    got = [-value for value in values(lambda m, v: kl(m, 2 * v), some)]
    assert diagnose_scaled(KL_HYPOTHESES, some, got, values(kl, some)) is None
