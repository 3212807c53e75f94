"""The page of a signed link, and the answer that its button gives."""

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
    """What the page of a link shows. answer: what was answered before; None while the question is open."""

    place: Place
    answer: AnswerWord | None


def hub_of(query: Link, work: AnswerWork) -> str | None:
    """The hub that the link's person belongs to now; None for somebody unknown here."""
    standing = work.standings.get_anywhere(query.person)
    return standing.hub if standing else None


def look(query: Link, work: AnswerWork) -> Seen:
    """Reading changes nothing: mail scanners follow links. Raises LinkGone when there is nothing left to answer."""
    _, seen = _seen(query, work)
    return seen


def give(command: Give, work: AnswerWork) -> Seen:
    """Take the answer once; again, and it says what was answered. Raises LinkGone, NotAnAnswer."""
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
