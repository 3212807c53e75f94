"""What this service does when it hears something: the whole file is a table."""

from typing import Any

from referral.application import handlers
from referral.application.ports import Work
from shared.contracts import scheduling
from shared.events.inbox import Handler, Subscriptions


def _means(status: str) -> Handler:
    def note(fact: Any, work: Work) -> None:
        handlers.progress(status, fact.referral, work)

    return note


def _list_modality(fact: scheduling.ModalityListed, work: Work) -> None:
    work.modalities.list(fact.code, fact.variants, fact.topics)


SUBSCRIPTIONS: Subscriptions = {
    scheduling.ModalityListed: _list_modality,
    scheduling.WaitingStarted: _means("waiting"),
    scheduling.OfferMade: _means("offered"),
    scheduling.OfferDeclined: _means("waiting"),
    scheduling.OfferExpired: _means("waiting"),
    scheduling.OfferCancelled: _means("waiting"),
    scheduling.SeatTaken: _means("placed"),
    scheduling.OpenAccessGiven: _means("placed"),
    scheduling.SeatReleased: _means("ended"),
}
