"""What people do in a history: who is referred, what becomes known of them, what staff open, what doctors answer. A seed decides all.

Staff and doctors use the services' own use cases, as the API and the pages do; what they choose from, they see in the stores.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pymongo.errors import PyMongoError

from notifications.application import answers
from notifications.application.answers import Give
from notifications.application.ports import Link
from notifications.domain.answers import LinkGone
from notifications.domain.ids import MembershipId
from notifications.domain.ids import PersonId as Recipient
from referral.application import referrals, staff
from referral.application.modalities import UnknownWish
from referral.application.referrals import Accept, Decline, Withdraw
from referral.application.staff import Register
from referral.application.submissions import Submit, submit
from referral.domain.advice import UnknownReason
from referral.domain.blinding import tokens_of
from referral.domain.ids import PersonId, ReferralId
from referral.domain.referrals import AlreadyReferred, NotNow
from referral.domain.values import Consent, Facts, Identity, Registration, Wishes, Workplaces
from scheduling.application import groups
from scheduling.application.groups import BadGroup, OpenGroup
from scheduling.domain.ids import PersonId as StaffId
from shared.errors import Retryable
from shared.store.vault import Erased
from world.clock import BEGAN
from world.doctors import Change, change, person, registration
from world.documents import Doc
from world.runtime import World
from world.services import notifications, referral, scheduling

HUBS = ("london", "north-west")
WORKPLACES = ("The Royal", "St Elsewhere", "Larch House", "The Surgery")
GRADES = ("gp", "consultant", "gp_trainee")
WISHES = ((), (), ("evening",), ("evening",), ("graded",), ("evening", "drop-in"), ("drop-in",))
EVENING = BEGAN.replace(tzinfo=None, hour=18) + timedelta(days=8)
SLOTS = (EVENING, EVENING + timedelta(minutes=30), EVENING + timedelta(days=1), EVENING + timedelta(days=2))
LATER = (timedelta(hours=1), timedelta(hours=20), timedelta(hours=49), timedelta(days=20))
STAFF = 3
RARELY, SOMETIMES = 0.1, 0.25
REFUSED = (
    AlreadyReferred,
    BadGroup,
    UnknownWish,  # the catalogue has not been heard yet
    Erased,
    LinkGone,
    NotNow,
    PyMongoError,
    Retryable,
    UnknownReason,
)  # what people are told, and live with

Acts = Mapping[Callable[[], None], int]


@dataclass
class Story:
    """steps: how many things each of the actors does."""

    world: World
    rng: random.Random
    steps: int
    people: int = field(init=False)

    def __post_init__(self) -> None:
        self.people = self.rng.randint(3, 8)

    def begin(self) -> None:
        """Before anything goes wrong the staff are known, and there are groups."""
        for number in range(1, STAFF + 1):
            self._register(number)
        self.world.scheduler.run()
        for _ in range(self.rng.randint(1, 3)):
            self._open()

    def actors(self) -> Mapping[str, Callable[[], None]]:
        intake = {self._refer_and_accept: 16, self._submit: 2, self._accept: 3, self._decline: 1, self._withdraw: 2}
        known = {self._change: 14, self._resay: 2, self._erase: 1}
        coordinator = {self._open: 4, self._change_staff: 1, self._let_time_pass: 3}
        return {
            "intake": self._acting(intake | known, self.steps),
            "coordinator": self._acting(coordinator, self.steps // 2),
            "doctors": self._acting({self._answer: 1}, self.steps),
        }

    def _acting(self, acts: Acts, how_often: int) -> Callable[[], None]:
        steps = iter(range(how_often))  # whoever is killed in the middle of one goes on with the next

        def live() -> None:
            for _ in steps:
                try:
                    self._one_of(acts)
                except REFUSED as refused:
                    self.world.scheduler.point(f"told {type(refused).__name__}")
                if self.rng.random() < SOMETIMES:
                    self.world.scheduler.sleep()

        return live

    def _one_of(self, acts: Acts) -> None:
        (act,) = self.rng.choices(list(acts), list(acts.values()))
        act()

    def _seen(self, table: str, **wanted: object) -> Doc | None:
        """One of the rows that staff or doctors see."""
        rows = [row.doc for row in self.world.server.tables.get(table, {}).values()]
        found = [row for row in rows if all(row.get(name) in _among(value) for name, value in wanted.items())]
        return self.rng.choice(found) if found else None

    # intake and clinicians

    def _submit(self) -> None:
        number = self.rng.randint(1, self.people)
        command = Submit(
            source="hub",
            person=person(number),
            facts=self._facts(),
            consent=Consent(BEGAN, ("referral", "status_to_referrer")),
            ties=self._workplaces(),
            never_with=self._never_with(),
            wishes=Wishes(self.rng.choice(WISHES)),
            urgency=self.rng.choice(("routine", "soon", "urgent")),
        )
        self._refer(submit, command, self.rng.choice(HUBS))

    def _refer_and_accept(self) -> None:
        self._submit()
        self._accept()

    def _accept(self) -> None:
        if found := self._seen("referral.referrals", status="submitted"):
            self._refer(referrals.accept, Accept(ReferralId(found["_id"]), "clinician"), found["hub"])

    def _decline(self) -> None:
        if found := self._seen("referral.referrals", status="submitted"):
            self._refer(referrals.decline, Decline(ReferralId(found["_id"]), "clinician", "other"), found["hub"])

    def _withdraw(self) -> None:
        if found := self._seen("referral.referrals", is_open=True):
            self._refer(referrals.withdraw, Withdraw(ReferralId(found["_id"]), "intake"), found["hub"])

    def _change(self) -> None:
        """Other workplaces, often some that somebody else has; or another grade."""
        if found := self._seen("referral.participants", state="known"):
            number = next(each for each in range(1, self.people + 1) if self._own(each) == tuple(found["tokens"]["own"]))
            tokens = tokens_of(self._secret, Identity(person(number), self._workplaces(), self._never_with()))
            self._refer(change, Change(PersonId(found["_id"]), self._facts(), tokens), found["hub"])

    def _resay(self) -> None:
        """What a service says of a person is said again, whole: it may overtake what was said before."""
        if found := self._seen("referral.participants"):
            service = self.rng.choice((referral, scheduling, notifications))(self.world)
            service.resay(found["_id"])

    def _erase(self) -> None:
        if found := self._seen("referral.participants", state="known"):
            referral(self.world).erase(PersonId(found["_id"]), found["hub"])

    def _refer(self, use_case: Any, command: Any, hub: str) -> None:
        service = referral(self.world)
        service.runtime.by_itself(service.works, use_case, command, hub)

    @property
    def _secret(self) -> bytes:
        return referral(self.world).secrets.conflict

    def _own(self, number: int) -> tuple[str, ...]:
        return tokens_of(self._secret, Identity(person(number))).own

    def _facts(self) -> Facts:
        return Facts("doctor", self.rng.choice(GRADES), gender="woman")

    def _workplaces(self) -> Workplaces:
        return Workplaces(employers=tuple(self.rng.sample(WORKPLACES, self.rng.choice((0, 1, 1, 2)))))

    def _never_with(self) -> tuple[Registration, ...]:
        return (registration(self.rng.randint(1, self.people)),) if self.rng.random() < RARELY else ()

    # coordinators

    def _open(self) -> None:
        leader = self._seen("scheduling.people", facts=None, state="known")
        if leader is None:
            return
        command = OpenGroup(
            modality=self.rng.choice(("evening", "evening", "graded", "drop-in")),
            facilitators=(StaffId(leader["_id"]),),
            venue="Room 3, Larch House",
            first_session=self._slot(),
            zone="Europe/London",
            capacity=self.rng.randint(1, 3),
        )
        service = scheduling(self.world)
        service.runtime.by_itself(service.works, groups.open_group, command, self.rng.choice(HUBS))

    def _slot(self) -> datetime:
        """In the weeks to come, whatever the clock says."""
        return self.rng.choice(SLOTS) + timedelta(weeks=self.world.clock.ahead // timedelta(weeks=1))

    def _change_staff(self) -> None:
        self._register(self.rng.randint(1, STAFF))

    def _register(self, number: int) -> None:
        works_at = Workplaces(employers=tuple(self.rng.sample(WORKPLACES, self.rng.choice((0, 0, 1)))))
        self._refer(staff.register, Register(f"Dr {number}", Registration("GMC", f"9{number}"), HUBS, works_at), "london")

    def _let_time_pass(self) -> None:
        self.world.clock.move(self.rng.choice(LATER))
        self.world.scheduler.wake("time")

    # doctors

    def _answer(self) -> None:
        """Somebody who has been offered a place answers; some twice, or what has lapsed meanwhile."""
        rows = [row.doc for row in self.world.server.tables.get("notifications.standings", {}).values()]
        asked = [(row, each["id"]) for row in rows for each in row["memberships"] if each["state"] == "held"]
        if not asked:
            self.world.scheduler.sleep("notifications.standings")
            return
        standing, membership = self.rng.choice(asked)
        service = notifications(self.world)
        command = Give(
            Link(Recipient(standing["_id"]), MembershipId(membership)), self.rng.choice(("accept", "accept", "accept", "decline"))
        )
        service.runtime.by_itself(service.works, answers.give, command, standing["hub"])


def _among(value: object) -> tuple[object, ...]:
    return value if isinstance(value, tuple) else (value,)
