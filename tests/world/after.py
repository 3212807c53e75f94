"""The stores of a history as they are at its end, in the services' own words."""

from dataclasses import dataclass
from functools import cached_property

from notifications.domain.messages import Message
from notifications.domain.standings import Standing
from referral.domain.participants import Participant
from referral.domain.referrals import Referral
from scheduling.adapters.mongo.groups import live
from scheduling.domain.groups import Group
from scheduling.domain.people import Person
from scheduling.domain.waiting import WaitingEntry
from shared.store.documents import read
from world import catalogue
from world.documents import Doc
from world.runtime import World


@dataclass
class After:
    """The stores as they are at the end."""

    world: World

    def rows(self, table: str) -> list[Doc]:
        return [row.doc for row in self.world.server.tables.get(table, {}).values()]

    @cached_property
    def people(self) -> dict[str, Person]:
        return {row["_id"]: read(Person, row) for row in self.rows("scheduling.people")}

    @cached_property
    def groups(self) -> list[Group]:
        return [live(read(Group, row), catalogue.WORLD) for row in self.rows("scheduling.groups")]

    @cached_property
    def entries(self) -> list[WaitingEntry]:
        return [read(WaitingEntry, row) for row in self.rows("scheduling.entries")]

    @cached_property
    def participants(self) -> list[Participant]:
        return [read(Participant, row) for row in self.rows("referral.participants")]

    @cached_property
    def referrals(self) -> list[Referral]:
        return [read(Referral, row) for row in self.rows("referral.referrals")]

    @cached_property
    def standings(self) -> dict[str, Standing]:
        return {row["_id"]: read(Standing, row) for row in self.rows("notifications.standings")}

    @cached_property
    def messages(self) -> dict[str, Message]:
        return {row["_id"]: read(Message, row) for row in self.rows("notifications.messages")}
