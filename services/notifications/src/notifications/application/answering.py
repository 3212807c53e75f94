"""The page of a signed link, and the answer that its button gives."""

from dataclasses import dataclass

from notifications.application.ports import Link, Work
from notifications.domain.answer import ANSWERS, Answer, LinkGone, NotAnAnswer, answer_id
from notifications.domain.standing import Offer


@dataclass(frozen=True, slots=True)
class Seen:
    """What the page of a link shows. answer: what was answered before, or "" while the question is open."""

    offer: Offer
    answer: str


def look(link: Link, work: Work) -> Seen:
    """Reading changes nothing: mail scanners follow links. Raises LinkGone when there is nothing left to answer."""
    standing = work.standings.find(link.referral)
    offer = standing.offer if standing else None
    if standing is None or offer is None or offer.id != link.offer:
        raise LinkGone("this offer does not stand any more")
    if standing.is_undone:
        raise LinkGone("the place has been given back")
    if answered := work.answers.find(link.offer):
        return Seen(offer, answered.answer)
    if offer.state != "open" or offer.deadline <= work.now:
        raise LinkGone("the time to answer this offer has passed")
    return Seen(offer, "")


def answer(link: Link, given: str, work: Work) -> Seen:
    """Take the answer once; again, and it says what was answered. Raises LinkGone, NotAnAnswer."""
    if given not in ANSWERS:
        raise NotAnAnswer(f"choose one of {', '.join(ANSWERS)}")
    seen = look(link, work)
    if seen.answer:
        return seen
    standing = work.standings.find(link.referral)
    if standing is None:
        raise LinkGone("this offer does not stand any more")
    taken = Answer(
        id=answer_id(link.offer),
        hub=work.hub.code,
        participant=standing.participant,
        referral=link.referral,
        to=link.offer,
        answer=given,
        answered_at=work.now,
    )
    work.answers.save(taken, taken.give())
    return Seen(seen.offer, given)
