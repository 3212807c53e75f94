"""The only file that knows every room: builds adapters, wires handlers."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial

from flask import Flask

from scheduling import config
from scheduling.adapters import catalogue_files, mongo
from scheduling.adapters.timetables import Timetables
from scheduling.api.routes import blueprint
from scheduling.application.handlers import end_group, expire_offer
from scheduling.application.opening import BadGroup
from scheduling.application.ports import Work
from scheduling.domain.catalogue import Catalogue, NoSuchModality
from scheduling.domain.entry import NoSuchEntry
from scheduling.domain.group import NoSuchGroup
from scheduling.domain.listing import Listing
from scheduling.messaging.inbound import SUBSCRIPTIONS
from scheduling.messaging.outbound import published
from shared import ids
from shared.events.inbox import Inbox
from shared.events.tracing import new_cause
from shared.process import logs
from shared.process.health import Gauges
from shared.process.runtime import Runtime
from shared.store.documents import Documents
from shared.store.unit import Unit
from shared.validation.discretion import is_discreet
from shared.web.acting import Acting
from shared.web.app import Meanings, Outside, make_app
from shared.web.principals import Keyring

MEANINGS: Meanings = {
    NoSuchModality: (404, "no-such-modality", "The catalogue has no such modality"),
    NoSuchGroup: (404, "no-such-group", "This hub has no such group"),
    NoSuchEntry: (404, "no-such-waiting-entry", "Nobody by this pseudonym waits at this hub"),
    BadGroup: (422, "bad-group", "The group cannot be opened as asked"),
}


@dataclass(frozen=True)
class Scheduling:
    """The service, wired."""

    settings: config.Settings

    @cached_property
    def runtime(self) -> Runtime:
        hears, workers = ("referral", "notifications"), ("consumer", "relay", "timers")
        return Runtime("scheduling", self.settings.common, hears=hears, workers=workers)

    @cached_property
    def catalogue(self) -> Catalogue:
        return catalogue_files.load(self.settings.catalogue)

    @cached_property
    def timetables(self) -> Timetables:
        return Timetables(self.settings.common.hubs)

    def check(self) -> None:
        """Load all data now: what is wrong with it is named at the start."""
        _ = self.catalogue, self.timetables

    def work(self, unit: Unit) -> Work:
        return Work(
            hub=unit.hub,
            now=unit.now,
            entries=mongo.Entries(unit, published),
            groups=mongo.Groups(unit, published),
            facilitators=mongo.Facilitators(unit),
            catalogue=self.catalogue,
            lay_out=self.timetables.for_hub(unit.hub),
            is_discreet=is_discreet,
            take_turn=partial(mongo.take_turn, unit),
            new_id=ids.new_id,
        )

    def inbox(self) -> Inbox:
        return self.runtime.inbox(SUBSCRIPTIONS, self.work)

    def do_what_is_due(self) -> None:
        """What time causes: offers expire, groups end."""
        store, hubs = self.runtime.store, self.settings.common.hubs
        for find, do in ((mongo.overdue, expire_offer), (mongo.over, end_group)):
            for hub, identity in find(store.db, store.clock(), hubs):
                self._perform(hub, do, identity)

    def _perform(self, hub: str, do: Callable[[str, Work], None], identity: str) -> None:
        self.runtime.store.perform(hub, new_cause(ids.new_id("T")), lambda unit: do(identity, self.work(unit)))

    def ensure(self) -> None:
        self.runtime.ensure(*mongo.COLLECTIONS)
        mongo.ensure_indexes(self.runtime.store.db)
        for hub in self.settings.common.hubs:
            self.runtime.store.perform(hub, new_cause(ids.new_id("T")), self._list_catalogue)

    def _list_catalogue(self, unit: Unit) -> None:
        """Tell the hub's referral service what may be wished for, where that has changed."""
        listings = Documents(unit, "listings", Listing, published)
        for modality in self.catalogue.all():
            identity = f"{unit.hub}/{modality.code}"
            listing = listings.get(identity) or Listing(identity, unit.hub)
            if told := listing.tell(modality):
                listings.save(listing, told)

    def web(self) -> Flask:
        health = self.runtime.health()
        outside = Outside(
            name="scheduling",
            hubs=self.settings.common.hubs,
            keyring=Keyring.read(self.settings.common.api_keys),
            health=health,
            blueprints=[blueprint],
            meanings=MEANINGS,
            gauges=Gauges(health),
            acting=Acting(self.runtime.store, self.work),
        )
        return make_app(outside)


def build() -> Scheduling:
    return Scheduling(config.read())


def app() -> Flask:
    """What gunicorn serves."""
    service = build()
    logs.configure("scheduling", "api", service.settings.common.log_level)
    return service.web()
