"""The page of a signed link, and the answer that its buttons send."""

from dataclasses import dataclass

from notifications.application.ports import AnswerWork, Link
from notifications.domain.answers import AnswerWord, LinkGone, answer_word
from notifications.domain.places import Place
from notifications.domain.standings import Standing

NOT_OPEN = "this offer is no longer open"


@dataclass(frozen=True, slots=True)
class Give:
    """answer: as the form sent it."""

    link: Link
    answer: str


@dataclass(frozen=True, slots=True)
class Seen:
    """The content of a link's page. answer: the one given before; None while the offer is open."""

    place: Place
    answer: AnswerWord | None


def hub_of(query: Link, work: AnswerWork) -> str | None:
    """The hub that the link's person belongs to; None for an unknown person."""
    standing = work.standings.get_anywhere(query.person)
    return standing.hub if standing else None


def look(query: Link, work: AnswerWork) -> Seen:
    """Read only, because mail scanners follow links. Raises LinkGone when the offer can no longer be answered."""
    _, seen = _seen(query, work)
    return seen


def give(command: Give, work: AnswerWork) -> Seen:
    """Take the answer once; a repetition returns the first answer. Raises LinkGone, NotAnAnswer."""
    word = answer_word(command.answer)
    standing, seen = _seen(command.link, work)
    if seen.answer:
        return seen
    work.standings.save(standing, standing.answer(command.link.membership, word, work.now))
    return Seen(seen.place, word)


def _seen(link: Link, work: AnswerWork) -> tuple[Standing, Seen]:
    standing = work.standings.get_anywhere(link.person)
    offer = standing.membership(link.membership) if standing else None
    if standing is None or offer is None:
        raise LinkGone(NOT_OPEN)
    place = work.open_place(standing.id, offer.sealed)
    given = standing.asked(offer, place.deadline, work.now)
    return standing, Seen(place, given.answer if given else None)
