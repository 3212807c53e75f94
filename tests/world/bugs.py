"""Bugs that somebody might make, each put in by changing one function: a checker is itself checked by what it finds."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from notifications.adapters.mongo.claims import MongoClaims
from notifications.domain.standings import Standing
from referral.domain.referrals import Referral
from scheduling.adapters.mongo.groups import MongoGroups
from scheduling.adapters.mongo.matching import MongoQueue
from scheduling.adapters.mongo.people import MongoPeople
from scheduling.application import people
from scheduling.domain import placement
from scheduling.domain.groups import Group
from scheduling.domain.memberships import Placement
from scheduling.domain.people import Person
from shared.events import ordering, positions
from shared.events.inbox import Inbox
from shared.events.ordering import Batch, Tally, subject_of
from shared.events.positions import Positions
from shared.events.relay import Relay
from shared.store.documents import write

Patch = pytest.MonkeyPatch


@dataclass(frozen=True, slots=True)
class Bug:
    """plant: puts it in.  breaks: invariants by which it may be noticed."""

    plant: Callable[[Patch], None]
    breaks: frozenset[str]


BUGS: dict[str, Bug] = {}


def bug(*breaks: str) -> Callable[[Callable[[Patch], None]], Callable[[Patch], None]]:
    def add(plant: Callable[[Patch], None]) -> Callable[[Patch], None]:
        BUGS[plant.__name__] = Bug(plant, frozenset(breaks))
        return plant

    return add


@bug("one effect", "positions", "last word", "left over", "stands")
def an_event_that_was_handled_is_handled_again(patch: Patch) -> None:
    """The check for duplicates is skipped."""
    take = Batch.take

    def careless(self: Batch, envelope: Any, is_repeat: bool = False) -> Tally:  # noqa: FBT001, FBT002
        if envelope.sequence <= self.positions[subject_of(envelope)] < positions.FOREVER:
            self._handle_event(envelope, self._open_unit, is_repeat=is_repeat)
            return Tally(handled=1)
        return take(self, envelope, is_repeat)

    patch.setattr(Batch, "take", careless)


@bug("positions", "one effect", "left over", "last word")
def a_position_is_lost(patch: Patch) -> None:
    """What was moved is not written, only what is new."""

    def forgetful(self: Positions) -> None:
        new = [{"_id": key, "position": to} for key, to in self._now.items() if key not in self._read]
        if new:
            self._collection.insert_many(new, session=self._session)

    patch.setattr(Positions, "write", forgetful)


@bug("told", "positions", "left over", "last word", "stands", "one effect")
def a_gap_is_passed_over(patch: Patch) -> None:
    """Whatever comes next is taken, though an earlier event of its subject is still on its way."""
    patch.setattr(ordering, "may_skip", lambda _type: True)


@bug("last word")
def old_ties_overwrite_new_ones(patch: Patch) -> None:
    """Facts that come late are taken all the same."""
    take = Batch.take

    def careless(self: Batch, envelope: Any, is_repeat: bool = False) -> Tally:  # noqa: FBT001, FBT002
        is_old = envelope.sequence <= self.positions[subject_of(envelope)] < positions.FOREVER
        if is_old and envelope.type == "participant.changed.v1":
            inbox: Any = self._handle_event.__self__  # type: ignore[attr-defined]
            Inbox.handle(inbox, envelope, self._open_unit, is_repeat=False)
        return take(self, envelope, is_repeat)

    patch.setattr(Batch, "take", careless)


@bug("capacity", "places agree", "apart", "last word")
def a_group_is_saved_whatever_it_is_now(patch: Patch) -> None:
    """Neither its version is checked nor is it written in the transaction: the last one to write wins."""

    def save(self: MongoGroups, group: Group) -> None:
        group.version += 1
        self.collection.replace_one({"_id": group.id}, write(group), upsert=True)

    patch.setattr(MongoGroups, "save", save)


@bug("apart")
def a_colleague_is_seated(patch: Patch) -> None:
    _without(patch, "no_close_colleague")


@bug("apart", "last word")
def a_roster_keeps_the_ties_it_had(patch: Patch) -> None:
    patch.setattr(people, "_tell_rosters", lambda _person, _work: None)


@bug("capacity")
def a_full_group_has_room(patch: Patch) -> None:
    _without(patch, "has_room")
    patch.setattr(Group, "has_room", property(lambda _self: True))


@bug("one open offer", "no overlapping places")
def the_same_human_is_offered_two_groups(patch: Patch) -> None:
    patch.setattr(MongoPeople, "records_of", lambda _self, _person: [])
    patch.setattr(MongoQueue, "_placed_records", lambda _self, _people: {})


@bug("no overlapping places", "one open offer")
def places_may_overlap(patch: Patch) -> None:
    _without(patch, "places_do_not_overlap")
    patch.setattr(Person, "has_open_offer", property(lambda _self: False))


@bug("places agree", "apart", "last word", "capacity", "erased", "overlooked")
def a_place_that_ends_stays_on_the_roster(patch: Patch) -> None:
    patch.setattr(Group, "free", lambda _self, _membership: None)


@bug("overlooked", "places agree")
def who_lets_an_offer_lapse_is_forgotten(patch: Patch) -> None:
    back = Placement._back_to_waiting

    def forget(self: Placement, entry: Any, reason: Any, at: Any) -> None:
        if reason != "lapsed":
            back(self, entry, reason, at)

    patch.setattr(Placement, "_back_to_waiting", forget)


@bug("overlooked")
def a_full_group_is_never_looked_at_again(patch: Patch) -> None:
    """A place that comes free is not noticed."""
    mark = Group._set

    def stays_full(self: Group, roster: Any) -> None:
        was_full = self.is_full
        mark(self, roster)
        self.is_full = self.is_full or was_full

    patch.setattr(Group, "_set", stays_full)


@bug("left over", "stands", "positions", "last word", "told", "GoesInCircles")
def an_event_counts_as_published_before_it_is(patch: Patch) -> None:
    send = Relay.send

    def hasty(self: Relay, rows: Any) -> None:
        sent = list(rows)
        self._mark([row["_id"] for row in sent], self._store.clock())
        send(self, sent)

    patch.setattr(Relay, "send", hasty)


@bug("stands")
def an_ending_is_not_heard(patch: Patch) -> None:
    stand = Referral.stand

    def deaf(self: Referral, stands: Any, reason: Any, at: Any) -> Any:
        return stand(self, stands, reason, at) if reason != "declined" else []

    patch.setattr(Referral, "stand", deaf)


@bug("mail twice", "mail settled")
def a_sender_takes_what_another_has_in_hand(patch: Patch) -> None:
    """After a start everything that was submitted counts as never sent."""

    def recover(self: MongoClaims, *, is_start: bool) -> list[Any]:
        if is_start:
            self._messages.update_many({"state": {"$in": ["claimed", "submitted"]}}, {"$set": {"state": "planned"}, "$inc": {"version": 1}})
        return []

    patch.setattr(MongoClaims, "recover", recover)


@bug("told")
def who_was_told_of_a_place_is_not_told_of_its_end(patch: Patch) -> None:
    note = Standing.note
    patch.setattr(Standing, "note", lambda self, happened: False if happened.state == "ended" else note(self, happened))


@bug("erased", "places agree")
def a_place_of_the_erased_stays(patch: Patch) -> None:
    patch.setattr(people.memberships, "end_live", lambda _person, _work: None)


def _without(patch: Patch, policy: str) -> None:
    patch.setattr(placement, "POLICIES", tuple(each for each in placement.POLICIES if each.__name__ != policy))
