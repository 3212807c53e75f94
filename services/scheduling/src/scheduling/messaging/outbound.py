"""The only place where facts leave this service. A confidentiality review reads this file: a group is an id and a
discreet name, a participant a pseudonym; no modality of anybody's goes out."""

from collections.abc import Callable, Iterable
from typing import Any

from scheduling.domain import events
from scheduling.domain.entry import Entry
from scheduling.domain.group import Group
from scheduling.domain.sessions import Session
from shared.contracts import Fact, parts
from shared.contracts import scheduling as said

DROP_IN_SHOWN = 6  # coming sessions of a drop-in group that a participant is told


def _listed(event: events.ModalityListed) -> Fact:
    return said.ModalityListed(code=event.code, variants=event.variants, topics=event.topics)


def _opened(event: events.GroupOpened) -> Fact:
    group = event.group
    return said.GroupOpened(group=group.id, hub=group.hub, capacity=group.capacity, sessions=len(group.meetings))


def _full(event: events.GroupFull) -> Fact:
    return said.GroupFull(group=event.group.id, hub=event.group.hub, capacity=event.group.capacity)


def _ended(event: events.GroupEnded) -> Fact:
    return said.GroupEnded(group=event.group.id, hub=event.group.hub, seats=len(event.group.seated))


def _waiting(event: events.WaitingStarted) -> Fact:
    return said.WaitingStarted(**_whose(event.entry))


def _closed(event: events.WaitingClosed) -> Fact:
    return said.WaitingClosed(**_whose(event.entry), reason=event.because)


def _offered(event: events.OfferMade) -> Fact:
    group, offer = event.group, event.offer
    meetings = group.coming(offer.made_at)
    return said.OfferMade(
        **_whose(event.entry),
        offer=offer.id,
        group=group.id,
        series=_series(group, meetings),
        first_session=_times(group, meetings[0]),
        deadline=offer.deadline,
    )


def _accepted(event: events.OfferAccepted) -> Fact:
    return said.OfferAccepted(**_whose(event.entry), offer=event.offer)


def _declined(event: events.OfferDeclined) -> Fact:
    return said.OfferDeclined(**_whose(event.entry), offer=event.offer)


def _expired(event: events.OfferExpired) -> Fact:
    return said.OfferExpired(**_whose(event.entry), offer=event.offer)


def _cancelled(event: events.OfferCancelled) -> Fact:
    return said.OfferCancelled(**_whose(event.entry), offer=event.offer, reason=event.because)


def _seated(event: events.SeatTaken) -> Fact:
    made_at = next(offer.made_at for offer in event.entry.offers if offer.id == event.offer)
    series = _series(event.group, event.group.coming(made_at))
    return said.SeatTaken(**_whose(event.entry), seat=event.seat, offer=event.offer, group=event.group.id, series=series)


def _released(event: events.SeatReleased) -> Fact:
    return said.SeatReleased(**_whose(event.entry), seat=event.seat, group=event.group, reason=event.because)


def _open_access(event: events.OpenAccessGiven) -> Fact:
    since = event.entry.clock_start
    series = _series(event.group, event.group.coming(since)[:DROP_IN_SHOWN])
    return said.OpenAccessGiven(**_whose(event.entry), group=event.group.id, series=series)


PUBLISHED: dict[type, Callable[[Any], Fact]] = {
    events.ModalityListed: _listed,
    events.GroupOpened: _opened,
    events.GroupFull: _full,
    events.GroupEnded: _ended,
    events.WaitingStarted: _waiting,
    events.WaitingClosed: _closed,
    events.OfferMade: _offered,
    events.OfferAccepted: _accepted,
    events.OfferDeclined: _declined,
    events.OfferExpired: _expired,
    events.OfferCancelled: _cancelled,
    events.SeatTaken: _seated,
    events.SeatReleased: _released,
    events.OpenAccessGiven: _open_access,
}


def published(event: Any) -> Iterable[Fact]:
    """What the store calls for each domain event it saves."""
    return [PUBLISHED[type(event)](event)]


def _whose(entry: Entry) -> dict[str, str]:
    return {"referral": entry.id, "participant": entry.participant}


def _series(group: Group, meetings: Iterable[Session]) -> parts.Series:
    times = tuple(_times(group, session) for session in meetings)
    return parts.Series(name=group.terms.name, place=group.place, cadence=group.terms.cadence, sessions=times)


def _times(group: Group, session: Session) -> parts.SessionTimes:
    return parts.SessionTimes(session=session.id, start=session.start, end=session.end, zone=session.zone, place=group.place)
