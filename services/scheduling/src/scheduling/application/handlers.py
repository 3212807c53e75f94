"""One function per use case: load, decide, save."""

from scheduling.application import placing
from scheduling.application.commands import StartWaiting, TakeAnswer
from scheduling.application.ports import Work
from scheduling.domain import placement
from scheduling.domain.entry import Entry, Offer
from scheduling.domain.group import Group
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
    elif offer.state == "expired" and command.answer == "accept" and in_time and entry.state in {"waiting", "offered"}:
        _seat_late(entry, offer, work)


def _seat(entry: Entry, offer: Offer, work: Work) -> None:
    group, seat = work.groups.get(offer.group), work.new_id("S")
    full = group.take(offer.id, seat)
    work.groups.save(group, full)
    work.entries.save(entry, entry.take(offer.id, seat, group))


def _seat_late(entry: Entry, offer: Offer, work: Work) -> None:
    """The answer was given before the deadline and reached us after it: seat them if the place still is for them, though
    another group may have been offered meanwhile."""
    group, other = work.groups.get(offer.group), entry.open_offer
    found = placement.rejections(entry.candidate, group, work.now)
    if entry.seat or any(rejection.policy != "not_refused_before" for rejection in found):
        return
    aside = entry.set_aside(other.id, "another_taken") if other else []
    group.hold(placing.member(entry, offer.id))
    work.groups.save(group)
    work.entries.save(entry, aside)
    _seat(entry, offer, work)
    if other:
        placing.release(other, work)


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
    """Registered, or registered anew with other ties: the groups they run know it too.

    Who was offered a place and is a colleague now is offered another; who has a seat keeps it, and the coordinator sees that
    they must not meet. Who was a colleague and is none now may be offered a place.
    """
    work.facilitators.keep(facilitator)
    for known in work.groups.run_by(facilitator.id):
        known.meet(facilitator)
        work.groups.save(known)
        if known.hub == work.hub:
            _part(known, work)


def _part(group: Group, work: Work) -> None:
    work.take_turn()
    for member in group.held:
        if group.is_run_by_a_colleague_of(member):
            entry = work.entries.get(member.referral)
            work.entries.save(entry, entry.set_aside(member.offer, "conflict"))
            changed = work.groups.get(group.id)
            changed.give_up(member.offer)
            work.groups.save(changed)
            placing.place(work.entries.get(entry.id), work)
    placing.fill(work.groups.get(group.id), work)
