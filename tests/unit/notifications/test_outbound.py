"""What leaves: one fact for each event of this service, with ids, codes and reasons only."""

from dataclasses import fields
from typing import get_args

import pytest
from unit.notifications.fakes import NOW, World

from notifications.domain import answers, messages, standings
from notifications.domain.events import Event
from notifications.messaging.outbound import publisher
from shared import contracts
from shared.contracts import notifications as told
from shared.contracts.parts import AnswerGiven

WHICH = ("P-1", "M-1", "offer", ("E-1", "E-2"))
SAME = {"person": "P-1", "message": "M-1", "template": "offer", "causes": ("E-1", "E-2")}
EXAMPLES = [
    (messages.Accepted(*WHICH), told.MessageAccepted(**SAME)),
    (messages.Bounced(*WHICH, "SMTP 550"), told.MessageBounced(**SAME, reason="SMTP 550")),
    (messages.Suppressed(*WHICH, "erased"), told.MessageSuppressed(**SAME, reason="erased")),
    (messages.Ambiguous(*WHICH, "the link died"), told.MessageAmbiguous(**SAME, reason="the link died")),
    (
        answers.Answered("P-1", answers.Answer("S-1", "accept", NOW)),
        told.Answered(person="P-1", to="S-1", answer="accept", answered_at=NOW),
    ),
    (
        standings.Restated("P-1", (answers.Answer("S-1", "decline", NOW),)),
        told.StandingState(person="P-1", answers=(AnswerGiven(to="S-1", answer="decline", answered_at=NOW),)),
    ),
]


@pytest.mark.parametrize(("event", "fact"), EXAMPLES)
def test_each_event_leaves_as_its_fact_and_can_be_read_again(event, fact):
    published = publisher(World().seals)(event)
    assert published == fact
    declared = contracts.described(published)
    assert (declared.service, declared.subject) == ("notifications", "person")
    assert contracts.load(declared.type, contracts.subject_of(published), contracts.serialised(published)) == published


def test_every_event_has_an_example_above():
    assert {type(event) for event, _ in EXAMPLES} == set(get_args(Event))


def test_an_event_that_nobody_foresaw_is_refused():
    with pytest.raises(AssertionError):
        publisher(World().seals)(object())


def test_no_fact_has_a_field_for_an_address_a_name_or_a_group():
    shown = {field.name for _, fact in EXAMPLES for field in fields(fact)}
    assert shown == {"person", "message", "template", "causes", "reason", "to", "answer", "answered_at", "answers"}
