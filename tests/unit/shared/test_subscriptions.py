from datetime import UTC, datetime

import pytest

from shared.contracts import described, parts, referral
from shared.events.envelope import Envelope
from shared.events.sealing import BadSeal, SealingKey, Seals
from shared.events.subscriptions import Heard
from shared.events.tracing import Cause

KEYS = {("referral", "scheduling"): (SealingKey("k", bytes(32)),)}
WISHES = parts.Wishes(modalities=("analytic",))
SEALED = Seals("referral", KEYS).seal(described(referral.Accepted).sealed["wishes"], "P-1", WISHES)
AT = datetime(2026, 11, 23, 9, tzinfo=UTC)


def heard(fact, subject="P-1", service="referral"):
    envelope = Envelope("01JD", service, "london", described(fact).type, subject, 1, AT, Cause("c", "c", "t"), {})
    return Heard(fact, envelope, Seals("scheduling", KEYS))


def accepted(**changes):
    what = {"person": "P-1", "referral": "R-1", "source": "hub", "urgency": "routine", "received": AT, "accepted": AT, "wishes": SEALED}
    return referral.Accepted(**what | changes)


def test_who_hears_an_event_opens_what_is_sealed_for_it_in_the_shape_that_the_contract_names():
    assert heard(accepted()).opened("wishes") == WISHES


def test_what_a_state_repeats_is_opened_as_the_field_of_the_event_that_first_said_it():
    state = referral.ParticipantState(person="P-1")
    assert heard(state).unsealed(referral.Accepted, "wishes", SEALED) == WISHES


def test_an_event_about_somebody_else_cannot_carry_it():
    with pytest.raises(BadSeal):
        heard(accepted(person="P-2"), subject="P-2").opened("wishes")


def test_a_field_that_is_not_sealed_cannot_be_opened():
    with pytest.raises(KeyError):
        heard(accepted()).opened("urgency")


def test_an_event_is_no_repeat_unless_it_says_so():
    assert not heard(accepted()).is_repeat
