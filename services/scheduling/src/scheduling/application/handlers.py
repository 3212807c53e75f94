"""One function per use case: load, decide, save."""

from scheduling.application import placing
from scheduling.application.commands import StartWaiting, TakeAnswer
from scheduling.application.ports import Work
from scheduling.domain import placement
from scheduling.domain.entry import Entry, Offer
from scheduling.domain.people import Facilitator


def start_waiting(command: StartWaiting, work: Work) -> None:
    entry = Entry(
        id=command.referral,
        hub=work.hub,
        participant=command.participant,
        facts=command.facts,
        conflicts=command.conflicts,
        wishes=command.wishes,
        availability=command.availability,
        urgency=command.urgency,
        clock_start=command.clock_start,
    )
    placing.place(entry, work, entry.start())


def release_everything(referral: str, work: Work) -> None:
    """The referral was withdrawn: nothing of it stands any more. Before acceptance there was nothing."""
    entry = work.entries.find(referral)
    if entry is None or entry.state == "closed":
        return
    standing = next((offer for offer in entry.offers if offer.state in {"open", "accepted"}), None)
    work.entries.save(entry, entry.close("withdrawn"))
    if standing:
        placing.release(standing, work)


def take_answer(command: TakeAnswer, work: Work) -> None:
    """An answer to an offer that no longer stands changes nothing, unless it was given in time and can still be met."""
    entry = work.entries.get(command.referral)
    offer = next((offer for offer in entry.offers if offer.id == command.offer), None)
    if offer is None:
        return
    in_time = command.answered_at <= offer.deadline
    if offer.state == "open" and command.answer == "decline":
        work.entries.save(entry, entry.decline(offer.id))
        placing.release(offer, work)
        placing.place(work.entries.get(entry.id), work)  # another group may suit them better
    elif offer.state == "open" and command.answer == "accept" and in_time:
        _seat(entry, offer, work)
    elif offer.state == "expired" and command.answer == "accept" and in_time:
        _seat_late(entry, offer, work)


def _seat(entry: Entry, offer: Offer, work: Work) -> None:
    group, seat = work.groups.get(offer.group), work.new_id("S")
    full = group.take(offer.id, seat)
    work.groups.save(group, full)
    work.entries.save(entry, entry.take(offer.id, seat, group))


def _seat_late(entry: Entry, offer: Offer, work: Work) -> None:
    """The answer was given before the deadline and reached us after it: seat them if the place still is for them."""
    group = work.groups.get(offer.group)
    found = placement.rejections(entry.candidate, group, work.now)
    if entry.state == "waiting" and all(rejection.policy == "not_refused_before" for rejection in found):
        group.hold(placing.member(entry, offer.id))
        work.groups.save(group)
        _seat(entry, offer, work)


def expire_offer(referral: str, work: Work) -> None:
    """The deadline has passed without an answer: they wait on, and the place goes to the next."""
    entry = work.entries.get(referral)
    offer = entry.open_offer
    if offer and offer.deadline <= work.now:
        work.entries.save(entry, entry.expire(offer.id))
        placing.release(offer, work)
        placing.place(work.entries.get(entry.id), work)


def end_group(group: str, work: Work) -> None:
    """Its last session is over: every seat ends with it. An offer that still stands is left to its deadline."""
    found = work.groups.get(group)
    if not found.is_over(work.now):
        return
    work.groups.save(found, found.end(work.now))
    for member in found.seated:
        entry = work.entries.get(member.referral)
        work.entries.save(entry, entry.close("series_ended"))


def keep_facilitator(facilitator: Facilitator, work: Work) -> None:
    """Registered, or registered anew with other ties: the groups they run know it too."""
    work.facilitators.keep(facilitator)
    for group in work.groups.run_by(facilitator.id):
        others = tuple(known for known in group.facilitators if known.id != facilitator.id)
        group.facilitators = (*others, facilitator)
        work.groups.save(group)
