"""What two views tell together (docs/adr/0021): the same story is told at two hubs with another ending or another person behind it, and
all that a role can read, before and after each step, with times, counts, ETags and ids, is the same at both.

A program that joins the views can do no better than the wishes, the facts and the public list allow, for it is given the same input.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from difflib import ndiff
from typing import Any

import pytest

from embedded.stack import Stack
from support.hub import Hub, eventually, fresh_hub, person
from support.views import Story

Body = dict[str, Any]
KNOWS_WHO, KNOWS_WHERE = ("intake", "clinician"), ("coordinator", "operator")
FIRST = f"{datetime.now(UTC) + timedelta(days=30):%Y-%m-%d}T18:30"


def names_of(*bodies: Body) -> dict[str, str]:
    """The values that make these people unique, each with a name that says only whose it is."""
    values = {}
    for number, body in enumerate(bodies):
        who = body["person"]
        for field in ("name", "known_as", "email", "phone"):
            values[who[field]] = f"<{field} {number}>"
        values[who["registration"]["number"]] = f"<registration {number}>"
        values |= dict.fromkeys(body["ties"]["employers"], f"<employer {number}>")
    return {re.escape(value): values[value] for value in sorted(values, key=len, reverse=True)}


def differences(one: str, another: str) -> list[str]:
    return [line for line in ndiff(one.splitlines(), another.splitlines()) if line[0] in "+-"]


def settled(hub: Hub, participant: str) -> None:
    """Every message to somebody has been sent, and what was planned is done."""

    def done() -> bool:
        found = hub.messages(participant)
        return bool(found) and all(each["state"] == "accepted" for each in found)

    eventually(done)


def placed(hub: Hub, participant: str) -> bool:
    groups = [group["group"] for group in hub.get("scheduling", "/v1/groups")["items"]]
    seats = [seat for group in groups for seat in hub.get("scheduling", f"/v1/groups/{group}/seats")["items"]]
    return any(seat["participant"] == participant and seat["state"] == "taken" for seat in seats)


def offered(hub: Hub, participant: str) -> bool:
    found = hub.get("scheduling", f"/v1/offers?participant={participant}")["items"]
    return any(offer["state"] == "open" for offer in found)


def goes_to(hub: Hub, body: Body, place: str, roles: tuple[str, ...]) -> Story:
    """A doctor is referred, accepted, offered the one group that is open, and says yes; then another group opens."""
    story = Story(hub)
    facilitators = [hub.facilitator(), hub.facilitator()]
    rooms = ["Room 1", "Room 2"] if place == "Room 1" else ["Room 2", "Room 1"]
    story.step()
    hub.group(facilitators[0], place=rooms[0], first_session=FIRST)
    story.look(*roles)
    story.step()
    doctor = hub.refer(body)
    story.look(*roles)
    story.step()
    hub.accept(doctor["referral"])
    eventually(lambda: offered(hub, doctor["participant"]))
    hub.link(body["person"]["email"])
    settle_status(hub, doctor, body, "offered")
    story.look(*roles)
    story.step()
    hub.answer(body["person"]["email"], "accept")
    eventually(lambda: placed(hub, doctor["participant"]))
    settle_status(hub, doctor, body, "placed")
    story.look(*roles)
    story.step()
    hub.group(facilitators[1], place=rooms[1], first_session=FIRST)
    story.look(*roles)
    return story


def settle_status(hub: Hub, doctor: Body, body: Body, status: str) -> None:
    if "status_to_referrer" in body["consent"]["to"]:
        hub.until(doctor["referral"], status)


@pytest.mark.parametrize("consent", [["referral", "status_to_referrer"], ["referral"]], ids=["status told", "status withheld"])
def test_who_knows_the_person_reads_the_same_whichever_group_they_go_to(stack: Stack, consent: list[str]) -> None:
    bodies = [person(consent__to=consent) for _ in range(2)]
    stories = [goes_to(fresh_hub(stack), body, place, KNOWS_WHO) for body, place in zip(bodies, ("Room 1", "Room 2"), strict=True)]
    for role in KNOWS_WHO:
        first, second = (story.told(role, names_of(body)) for story, body in zip(stories, bodies, strict=True))
        assert differences(first, second) == []


def withheld(hub: Hub, ending: str) -> tuple[Story, Body]:
    """A doctor who withholds the status: there is no group; or there is one, and they say no, or yes."""
    body, story = person(consent__to=["referral"]), Story(hub)
    facilitator = hub.facilitator()
    story.step()
    if ending != "no group":
        hub.group(facilitator, first_session=FIRST)
    doctor = hub.refer(body)
    story.look(*KNOWS_WHO)
    story.step()
    hub.accept(doctor["referral"])
    if ending == "no group":
        eventually(lambda: doctor["participant"] in hub.ask("GET", "scheduling", "/v1/waiting").text)
    else:
        hub.link(body["person"]["email"])
    story.look(*KNOWS_WHO)
    story.step()
    if ending == "declines":
        hub.answer(body["person"]["email"], "decline")
        eventually(lambda: not offered(hub, doctor["participant"]))
    if ending == "accepts":
        hub.answer(body["person"]["email"], "accept")
        eventually(lambda: placed(hub, doctor["participant"]))
        settled_but_reminder(hub, doctor["participant"])
    story.look(*KNOWS_WHO)
    return story, body


def test_where_the_status_is_withheld_no_ending_can_be_told_from_another(stack: Stack) -> None:
    told = [withheld(fresh_hub(stack), ending) for ending in ("no group", "declines", "accepts")]
    for role in KNOWS_WHO:
        first, *others = (story.told(role, names_of(body)) for story, body in told)
        assert [differences(first, other) for other in others] == [[], []]


def test_who_knows_the_group_reads_the_same_whoever_goes_there(stack: Stack) -> None:
    """Two doctors alike in facts and wishes, in one order and in the other; nothing of what makes them people is replaced."""
    told = []
    for turned in (False, True):
        hub, bodies = fresh_hub(stack), [person(), person()]
        in_order = list(reversed(bodies)) if turned else bodies
        story = Story(hub)
        facilitator = hub.facilitator()
        story.step()
        hub.group(facilitator, place="Room 1", first_session=FIRST)
        for body in in_order:
            story.step()
            doctor = hub.refer_and_accept(body)
            hub.link(body["person"]["email"])
            hub.until(doctor["referral"], "offered")
            settled(hub, doctor["participant"])
            story.look(*KNOWS_WHERE)
            story.step()
            hub.answer(body["person"]["email"], "accept")
            hub.until(doctor["referral"], "placed")
            settled_but_reminder(hub, doctor["participant"])
            story.look(*KNOWS_WHERE)
        told.append(story)
    for role in KNOWS_WHERE:
        first, second = (story.told(role, {r"Facilitator \d+": "<facilitator>"}) for story in told)
        assert differences(first, second) == []


def settled_but_reminder(hub: Hub, participant: str) -> None:
    def done() -> bool:
        states = hub.message_states(participant)
        return states.get("seat-confirmed") == "accepted" and states.get("session-reminder") == "planned"

    eventually(done)


COLLEAGUES: dict[str, Callable[[Body], Body]] = {
    "a name": lambda one: {"never_with": [one["person"]["registration"]]},
    "an employer": lambda one: {"ties__employers": one["ties"]["employers"]},
    "a household": lambda _one: {"ties__household": "1 Shared Street"},
}


def test_who_knows_the_group_reads_the_same_whatever_it_is_that_keeps_two_apart(stack: Stack) -> None:
    """A name that somebody must not meet reads like a colleague: else who registers a name would learn whose place it is."""
    told = []
    for another in COLLEAGUES.values():
        hub = fresh_hub(stack)
        story, one = Story(hub), person(ties__household="1 Shared Street")
        facilitator = hub.facilitator()
        story.step()
        hub.group(facilitator, place="Room 1", first_session=FIRST)
        seated = hub.refer_and_accept(one)
        hub.until(seated["referral"], "offered")
        hub.answer(one["person"]["email"], "accept")
        hub.until(seated["referral"], "placed")
        settled_but_reminder(hub, seated["participant"])
        story.look(*KNOWS_WHERE)
        story.step()
        two = hub.refer_and_accept(person(**another(one)))
        hub.until(two["referral"], "waiting")
        eventually(lambda hub=hub, two=two: hub.why_not(two["participant"]))
        story.look(*KNOWS_WHERE)
        told.append(story)
    for role in KNOWS_WHERE:
        first, *others = (story.told(role, {r"Facilitator \d+": "<facilitator>"}) for story in told)
        assert [differences(first, other) for other in others] == [[], []]
