"""The only file that imports every module: builds adapters, lists the families of use cases, wires them."""

from dataclasses import dataclass
from functools import cached_property

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from scheduling import config
from scheduling.adapters import catalogue_files
from scheduling.adapters.mongo import COLLECTIONS, ensure_indexes
from scheduling.adapters.mongo.groups import MongoGroups, over
from scheduling.adapters.mongo.matching import MongoQueue
from scheduling.adapters.mongo.memberships import MongoMemberships, how_many_are_held, overdue
from scheduling.adapters.mongo.modalities import MongoListings
from scheduling.adapters.mongo.people import MongoPeople, known_at
from scheduling.adapters.mongo.sessions import MongoSessions
from scheduling.adapters.mongo.waiting import MongoEntries, how_many_wait
from scheduling.adapters.timetables import Timetables
from scheduling.application import groups, memberships, modalities, people, recovery
from scheduling.application.groups import EndGroup
from scheduling.application.matching import Matcher
from scheduling.application.memberships import Lapse
from scheduling.application.modalities import ListModalities
from scheduling.application.people import Resay
from scheduling.application.ports import GroupWork, ModalityWork, PlacementWork
from scheduling.application.recovery import Recover
from scheduling.domain.catalogue import Catalogue
from scheduling.domain.groups import NoRoom, NoSuchGroup
from scheduling.domain.ids import HubCode
from scheduling.domain.matching import Decision
from scheduling.messaging.inbound import SUBSCRIPTIONS
from scheduling.messaging.outbound import name_of, publisher
from scheduling.messaging.recovery import last_said
from shared import ids
from shared.errors import Retryable
from shared.events.inbox import Inbox
from shared.process.in_flight import in_flight
from shared.process.logs import log
from shared.process.runtime import Runtime
from shared.store.unit import Unit
from shared.store.use_cases import WorkFactories
from shared.validation.discretion import is_discreet

WORKERS = ("consumer", "relay", "timers", "matcher")


@dataclass(frozen=True)
class Scheduling:
    """The service with its adapters and use cases."""

    settings: config.Settings

    @cached_property
    def runtime(self) -> Runtime:
        return Runtime("scheduling", self.settings.common, WORKERS)

    @cached_property
    def catalogue(self) -> Catalogue:
        return catalogue_files.load(self.settings.catalogue)

    @cached_property
    def timetables(self) -> Timetables:
        return Timetables(self.settings.common.hubs)

    @cached_property
    def works(self) -> WorkFactories:
        """Makes the Work of each family: placement (waiting, memberships, people), groups, and the listing of modalities."""
        return {PlacementWork: self._placement_work, GroupWork: self._group_work, ModalityWork: self._modality_work}

    def check(self) -> None:
        """Load all data now, so that every mistake is reported at the start."""
        _ = self.catalogue, self.timetables, self.runtime.seals

    def _placement_work(self, unit: Unit) -> PlacementWork:
        return PlacementWork(
            hub=HubCode(unit.hub),
            now=unit.now,
            people=MongoPeople(unit, publisher(self.runtime.seals)),
            entries=MongoEntries(unit),
            groups=MongoGroups(unit, self.catalogue),
            memberships=MongoMemberships(unit),
            new_id=ids.new_id,
        )

    def _group_work(self, unit: Unit) -> GroupWork:
        return GroupWork(
            placing=self._placement_work(unit),
            sessions=MongoSessions(unit),
            catalogue=self.catalogue,
            lay_out=self.timetables.lay_out,
            is_discreet=is_discreet,
            name_of=lambda row: name_of(row, self.runtime.seals),
        )

    def _modality_work(self, unit: Unit) -> ModalityWork:
        return ModalityWork(HubCode(unit.hub), self.catalogue, MongoListings(unit, publisher(self.runtime.seals)))

    def inbox(self) -> Inbox:
        return self.runtime.inbox(SUBSCRIPTIONS, self.works)

    def matcher(self) -> Matcher:
        store = self.runtime.patient_store
        queue, threads = MongoQueue(store.db, self.settings.common.hubs, self.catalogue), in_flight(self.settings.offers_in_flight, "offer")
        return Matcher(queue, self._make_offer, store.clock, threads)

    def _make_offer(self, hub: HubCode, decision: Decision) -> bool:
        """Whether the offer was made. If the data changed at the same moment, the next run decides again."""
        try:
            return self.runtime.by_itself(self.works, memberships.offer, decision, hub) is not None
        except Retryable:
            return False

    def do_what_is_due(self) -> None:
        """End the offers whose deadline has passed, and the groups whose last session is over."""
        db, now, hubs = self.runtime.store.db, self.runtime.clock(), self.settings.common.hubs
        for hub, membership in overdue(db, now, hubs):
            self.runtime.by_itself(self.works, memberships.lapse, Lapse(membership), hub)
        for hub, group in over(db, now, hubs):
            self.runtime.by_itself(self.works, groups.end_group, EndGroup(group), hub)

    def set_right(self) -> None:
        """After a restore: recover the places that were published, take the answers to them, then publish everybody's state,
        because events with numbers that were used before are ignored."""
        for command in last_said(self.runtime.forgotten(), self.runtime.seals):
            self._recover(command)
        self.inbox().redrive_all()
        self.resay(None)

    def _recover(self, command: Recover) -> None:
        """Log a place that cannot be recovered: somebody has to write to the person."""
        try:
            self.runtime.by_itself(self.works, recovery.recover, command, command.hub)
        except (NoRoom, NoSuchGroup) as error:
            log().error("not_recovered", person=command.person, membership=command.membership, reason=str(error))

    def resay(self, subject: str | None) -> int:
        """Publish the state of one person, or of everybody at the hubs and the catalogue; returns the number of people."""
        found = known_at(self.runtime.store.db, self.settings.common.hubs, subject)
        for hub, person in found:
            self.runtime.by_itself(self.works, people.resay, Resay(person), hub)
        if subject is None:
            self._list_catalogue(ListModalities(is_again=True))
        return len(found)

    def gauges(self) -> list[Metric]:
        """The number of waiting entries and of open offers."""
        db, hubs = self.runtime.store.db, self.settings.common.hubs
        return [
            GaugeMetricFamily("waiting_entries", "Doctors who wait for a place", value=how_many_wait(db, hubs)),
            GaugeMetricFamily("open_offers", "Offers that nobody has answered yet", value=how_many_are_held(db, hubs)),
        ]

    def ensure(self) -> None:
        self.runtime.ensure(*COLLECTIONS)
        ensure_indexes(self.runtime.store.db)
        self._list_catalogue(ListModalities())

    def _list_catalogue(self, command: ListModalities) -> None:
        for hub in self.settings.common.hubs:
            self.runtime.by_itself(self.works, modalities.list_anew, command, hub)


def build() -> Scheduling:
    return Scheduling(config.read())
