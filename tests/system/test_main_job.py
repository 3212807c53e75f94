"""From the hub's HTTP to the doctor's mailbox and back, through all three services."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import httpx

from embedded.stack import Stack
from shared.store.mongo import connect
from support.hub import Hub, eventually, person


def test_a_doctor_is_referred_offered_a_place_takes_it_and_the_hub_sees_placed_but_not_where(hub: Hub) -> None:
    group = hub.group()
    body = person()
    address = body["person"]["email"]
    referred = hub.refer(body)
    assert referred["status"] == "submitted"

    hub.accept(referred["referral"])
    page = httpx.get(hub.link(address))
    assert page.status_code == 200
    assert "Yes" in page.text
    assert hub.status(referred["referral"]) == "offered", "reading the page changes nothing"

    assert hub.answer(address, "accept").status_code == 200
    hub.until(referred["referral"], "placed")

    seats = hub.get("scheduling", f"/v1/groups/{group}/seats")["items"]
    assert [(seat["participant"], seat["state"]) for seat in seats] == [(referred["participant"], "taken")]
    seen = hub.get("referral", f"/v1/referrals/{referred['referral']}", "intake")
    assert group not in str(seen)
    eventually(lambda: hub.message_states(referred["participant"]).get("seat-confirmed") == "accepted")
    assert hub.message_states(referred["participant"]) == {
        "offer": "accepted",
        "seat-confirmed": "accepted",
        "session-reminder": "planned",
    }


def test_the_confirmation_holds_a_calendar_entry_with_that_person_alone(hub: Hub) -> None:
    hub.group()
    body = person()
    address = body["person"]["email"]
    referred = hub.refer_and_accept(body)
    hub.answer(address, "accept")
    hub.until(referred["referral"], "placed")
    confirmed = eventually(lambda: [mail for mail in hub.mails(address) if mail["Subject"] and "confirmed" in mail["Subject"]])[0]
    calendars = [part.get_content() for part in confirmed.walk() if part.get_content_type() == "text/calendar"]
    unfolded = calendars[0].replace("\r\n ", "").replace("\n ", "")
    assert unfolded.count("ATTENDEE") == 1
    assert f"mailto:{address}" in unfolded
    assert "CLASS:PRIVATE" in unfolded


def test_two_doctors_of_one_site_are_never_seated_together(hub: Hub) -> None:
    group = hub.group()
    first = person(ties__sites=["St. Mary's Hospital"])
    second = person(ties__employers=["st marys hospital"])
    one, two = hub.refer_and_accept(first), hub.refer(second)
    hub.until(one["referral"], "offered")
    hub.accept(two["referral"])
    hub.until(two["referral"], "waiting")
    assert hub.why_not(two["participant"]) == {"no_close_colleague"}
    seats = hub.get("scheduling", f"/v1/groups/{group}/seats")["items"]
    assert [seat["participant"] for seat in seats] == [one["participant"]]


def test_nobody_is_offered_a_group_that_their_colleague_runs(hub: Hub) -> None:
    hub.group(hub.facilitator(sites=["Elm Practice"]))
    referred = hub.refer_and_accept(person(ties__employers=["ELM PRACTICE"]))
    hub.until(referred["referral"], "waiting")
    assert hub.why_not(referred["participant"]) == {"no_close_colleague"}


def test_a_declined_offer_goes_to_the_next_who_waits(hub: Hub) -> None:
    hub.group(capacity=6)
    bodies = [person() for _ in range(7)]
    referred = [hub.refer_and_accept(body) for body in bodies]
    eventually(lambda: sum(hub.status(each["referral"]) == "offered" for each in referred) == 6)
    eventually(lambda: sum(hub.status(each["referral"]) == "waiting" for each in referred) == 1)
    waits = next(each for each in referred if hub.status(each["referral"]) == "waiting")
    assert hub.why_not(waits["participant"]) == {"has_room"}
    leaver = next(body for body, each in zip(bodies, referred, strict=True) if each != waits)
    hub.answer(leaver["person"]["email"], "decline")
    hub.until(waits["referral"], "offered")


def test_an_expired_offer_goes_to_the_next_and_nobody_is_discharged(hub: Hub, stack: Stack) -> None:
    short = {"$set": {"terms.offer_hours": 0.0009}, "$inc": {"version": 1}}  # hours
    groups = connect(stack.place.store("scheduling"))["scheduling"]["groups"]
    assert groups.update_one({"_id": hub.group(capacity=6)}, short).matched_count
    bodies = [person() for _ in range(7)]
    referred = [hub.refer_and_accept(body) for body in bodies]
    eventually(lambda: all("offer-expired" in hub.message_states(each["participant"]) for each in referred))
    assert {hub.status(each["referral"]) for each in referred} <= {"waiting", "offered"}


def test_a_link_takes_one_answer_and_then_says_what_was_answered(hub: Hub) -> None:
    hub.group()
    body = person()
    referred = hub.refer_and_accept(body)
    address = body["person"]["email"]
    assert "You said yes" in hub.answer(address, "accept").text
    assert "You said yes" in hub.answer(address, "decline").text
    hub.until(referred["referral"], "placed")
    forged = httpx.post(hub.link(address)[:-2] + "xx", data={"answer": "accept"})
    assert forged.status_code == 410
    assert "nothing to answer" in forged.text.lower()


def test_an_open_access_group_takes_no_seat_and_sends_the_times(hub: Hub) -> None:
    group = hub.group(modality="doctors-in-training")
    referred = hub.refer_and_accept(person(facts__grade="foundation", wishes__modalities=["doctors-in-training"]))
    hub.until(referred["referral"], "placed")
    eventually(lambda: hub.message_states(referred["participant"]) == {"open-access-times": "accepted"})
    assert hub.get("scheduling", f"/v1/groups/{group}/seats")["items"] == []


def test_withdrawing_frees_the_place_for_the_next(hub: Hub) -> None:
    group = hub.group()
    first = hub.refer_and_accept(person(ties__sites=["Same Site"]))
    hub.until(first["referral"], "offered")
    second = hub.refer_and_accept(person(ties__sites=["Same Site"]))
    hub.until(second["referral"], "waiting")
    hub.post("referral", f"/v1/referrals/{first['referral']}/withdraw", "intake", {"reason": "moved away"})
    hub.until(second["referral"], "offered")
    held = [seat["participant"] for seat in hub.get("scheduling", f"/v1/groups/{group}/seats")["items"]]
    assert held == [second["participant"]]
    assert hub.status(first["referral"]) == "withdrawn"


def test_who_refers_themselves_is_told_that_it_has_arrived(hub: Hub) -> None:
    body = person(source="self")
    referred = hub.refer(body)
    eventually(lambda: hub.message_states(referred["participant"]) == {"referral-received": "accepted"})
    assert len(hub.mails(body["person"]["email"])) == 1


def test_without_consent_the_referrer_hears_no_more_than_accepted(hub: Hub) -> None:
    hub.group()
    body = person(consent__to=["referral"])
    referred = hub.refer_and_accept(body)
    hub.link(body["person"]["email"])
    assert hub.status(referred["referral"]) == "accepted"
    assert hub.get("referral", "/v1/referrals?status=offered", "intake")["items"] == []


def test_when_the_series_is_over_the_hub_sees_ended_and_may_refer_the_doctor_anew(hub: Hub, stack: Stack) -> None:
    group = hub.group()
    body = person()
    referred = hub.refer_and_accept(body)
    hub.answer(body["person"]["email"], "accept")
    hub.until(referred["referral"], "placed")
    groups = connect(stack.place.store("scheduling"))["scheduling"]["groups"]
    over = {"ends_at": datetime.now(UTC) - timedelta(minutes=1)}
    assert groups.update_one({"_id": group}, {"$set": over, "$inc": {"version": 1}}).matched_count
    hub.until(referred["referral"], "ended")
    assert hub.refer(body)["participant"] == referred["participant"]


def test_who_declines_one_group_is_offered_another_that_suits(hub: Hub) -> None:
    hub.group()
    body = person()
    referred = hub.refer_and_accept(body)
    first = hub.link(body["person"]["email"])
    second = hub.group()
    hub.answer(body["person"]["email"], "decline")
    eventually(lambda: hub.link(body["person"]["email"]) != first)
    hub.until(referred["referral"], "offered")
    offers = hub.get("scheduling", f"/v1/offers?participant={referred['participant']}")["items"]
    assert [(offer["state"], offer["group"] == second) for offer in offers] == [("declined", False), ("open", True)]


def test_who_is_accepted_while_a_group_is_being_opened_is_not_overlooked(hub: Hub) -> None:
    facilitator = hub.facilitator()
    hub.group(facilitator)
    for _ in range(3):
        referred = [hub.refer(person(wishes__modalities=["beyond-balint"])) for _ in range(5)]
        with ThreadPoolExecutor(6) as at_once:
            opening = at_once.submit(hub.group, facilitator, modality="beyond-balint", capacity=12)
            for each in referred:
                at_once.submit(hub.accept, each["referral"])
            opening.result()
        for each in referred:
            hub.until(each["referral"], "offered")
