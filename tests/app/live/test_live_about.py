"""What Live says of its network's thresholds: who passes, and when it is unsure."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.networks import checkpoint
from core.networks.operating_point import OperatingPoint, likeliest


@pytest.mark.parametrize(
    ("point", "says"),
    [
        (OperatingPoint(0.42), "Pass at ≥ 42 % mask, chosen on validation photos for at most 2 % false alarms. Grey"),
        (likeliest(), "Pass at ≥ 50 % mask, which is likelier than all other labels together: fewer than 149"),
        (OperatingPoint(0.3, 0.01, "hand", "2026-11-30"), "Pass at ≥ 30 % mask, set by hand on 30 November 2026, to"),
    ],
)
def test_how_the_threshold_was_chosen_is_said_in_a_sentence(page, player, model, point, says):
    checkpoint.save(model, replace(checkpoint.load(model), operating_point=point))
    helps = [text.proto.help.replace("\N{NO-BREAK SPACE}", " ") for text in page("5_Live.py").markdown]
    assert any(says in text for text in helps)


def test_from_where_on_the_network_is_unsure_is_said_where_it_has_a_threshold(page, player, model):
    says = "It is unsure where its likeliest label gets less than 77\N{NO-BREAK SPACE}%."
    for above, wanted in ((None, False), (0.231, True)):
        checkpoint.save(model, replace(checkpoint.load(model), unsure_above=above))
        assert any(says in text.proto.help for text in page("5_Live.py").markdown) is wanted
