"""The service in memory: repositories of documents as the real ones write them, and other services' events put in by their contracts."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import notifications
from notifications.adapters import notification_files
from notifications.adapters.places import SealedPlaces
from notifications.application.ports import AnswerWork, ContactWork, HearingWork, MessageWork, SendingWork, StandingWork
from notifications.application.sending import Outcome, Sender, Settle, settle
from notifications.domain.messages import NOT_ARRIVED, Message
from notifications.domain.standings import Standing
from notifications.messaging.inbound import SUBSCRIPTIONS
from notifications.messaging.outbound import publisher
from shared import contracts
from shared.contracts import parts, scheduling
from shared.errors import Stale
from shared.events.envelope import Envelope
from shared.events.sealing import SealingKey, Seals
from shared.events.subscriptions import Heard
from shared.events.tracing import Cause
from shared.process.hubs import Hub
from shared.store.documents import read, write
from shared.store.unit import Unit
from shared.store.use_cases import UseCases

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
FIRST = datetime(2027, 1, 12, 18, 30, tzinfo=UTC)
LEEDS = Hub("leeds", "Leeds", "ENG", "Europe/London", "0113 496 0000", "hello@leeds.example")
YORK = Hub("york", "York", "ENG", "Europe/London", "01904 960 000", "hello@york.example")
DATA = Path(notifications.__file__).parent / "data"
CATALOGUE = notification_files.load(DATA)
CAUSE = Cause("Q-1", "01JD", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
PAIR = ("scheduling", "notifications")
KEY = SealingKey("2026-11", b"k" * 32)
SEALED = contracts.described(scheduling.MembershipTaken).sealed["place"]


def meeting(number=0, start=None, venue="Room 3"):
    begins = start or FIRST + timedelta(weeks=number)
    return parts.Meeting(session=f"X-{number}", start=begins, end=begins + timedelta(minutes=90), zone="Europe/London", venue=venue)


def place(kind="seat", **changes):
    """As scheduling tells it."""
    given = {
        "group": "G-secret",
        "name": "Weekly evening A",
        "venue": "Larch House",
        "cadence": "weekly",
        "revision": 2,
        "meetings": tuple(meeting(number) for number in range(3)),
        "run_by": ("Dr Ficta",),
        "deadline": NOW + timedelta(days=3),
    }
    return parts.Place(kind=kind, **(given | changes))


class Rows:
    """Documents by id, given and taken as copies, saved only if they are as they were read."""

    def __init__(self, shape):
        self.shape, self.docs = shape, {}

    def get_anywhere(self, identity):
        return read(self.shape, self.docs[identity]) if identity in self.docs else None

    def all(self):
        return [read(self.shape, doc) for _, doc in sorted(self.docs.items())]

    def put(self, thing):
        stored = self.docs.get(thing.id, {"version": 0})
        if stored["version"] != thing.version:
            raise Stale(thing.id)
        thing.version += 1
        self.docs[thing.id] = write(thing)


@dataclass
class Messages:
    rows: Rows
    hub: str

    def get(self, message):
        found = self.rows.get_anywhere(message)
        return found if found and found.hub == self.hub else None

    def get_anywhere(self, identity):
        return self.rows.get_anywhere(identity)

    def listed(self, page):
        found = [m for m in self.rows.all() if m.hub == self.hub and m.id > page.after]
        return [m for m in found if page.person in {None, m.person} and page.state in {None, m.state}][: page.limit]

    def planned_for(self, standing):
        return [m for m in self.rows.all() if m.person == standing.id and m.state == "planned"]

    def forget_content(self, standing):
        theirs = {key: doc for key, doc in self.rows.docs.items() if doc["person"] == standing.id}
        for key, doc in theirs.items():
            doc["place"] = None
            if doc["session"]:
                del self.rows.docs[key]

    def save(self, aggregate):
        self.rows.put(aggregate)


@dataclass
class Standings:
    world: "World"
    hub: str

    def get_anywhere(self, identity):
        return self.world.standings.get_anywhere(identity)

    def unreached(self, page):
        found = [s for s in self.world.standings.all() if s.hub == self.hub and s.id > page.after and s.newest]
        found = [s for s in found if s.newest.state in NOT_ARRIVED]
        return [s for s in found if page.person in {None, s.id} and page.state in {None, s.newest.state}][: page.limit]

    def save(self, aggregate, events: Iterable = ()):
        facts = [self.world.publish(event) for event in events]
        for fact in facts:
            assert contracts.subject_of(fact) == aggregate.id
            assert contracts.load(contracts.described(fact).type, aggregate.id, contracts.serialised(fact)) == fact
        aggregate.last_sequence += len(facts)
        self.world.standings.put(aggregate)
        self.world.said += facts


@dataclass
class Contacts:
    kept: dict
    hub: str

    def find(self, person):
        found = self.kept.get(person)
        return found if found and found.hub == self.hub else None

    def keep(self, contact):
        self.kept[contact.id] = contact

    def delete(self, person):
        self.kept.pop(person, None)


@dataclass
class Store:
    """Runs a use case at once, and again when somebody else was quicker, as the real one does."""

    world: "World"
    db: None = None

    def run(self, hub, cause, do, tries=8):
        for _attempt in range(tries - 1):
            with suppress(Stale):
                return self.read(hub, cause, do)
        return self.read(hub, cause, do)

    def read(self, hub, cause, do):
        return do(Unit(None, None, hub, self.world.now, cause))


@dataclass
class World:
    now: datetime = NOW
    keys: list = field(default_factory=lambda: [KEY])
    said: list = field(default_factory=list)
    troubles: list = field(default_factory=list)  # what senders have counted
    contacts: dict = field(default_factory=dict)
    hubs: dict = field(default_factory=lambda: {"leeds": LEEDS, "york": YORK})
    catalogue: object = CATALOGUE

    def __post_init__(self):
        self.messages, self.standings, self.numbers = Rows(Message), Rows(Standing), count(1)
        self.seals = Seals("notifications", {PAIR: self.keys})
        self.publish = publisher(self.seals)
        self.use_cases = UseCases(Store(self), self.works())

    def works(self):
        opened = SealedPlaces(self.seals).open

        def kept(unit):
            return Standings(self, unit.hub), Messages(self.messages, unit.hub), Contacts(self.contacts, unit.hub)

        return {
            HearingWork: lambda unit: HearingWork(unit.hub, unit.now, *kept(unit), self.catalogue, opened),
            SendingWork: lambda unit: SendingWork(self.hubs[unit.hub], unit.now, *kept(unit), self.catalogue, opened),
            ContactWork: lambda unit: ContactWork(kept(unit)[0], kept(unit)[2]),
            AnswerWork: lambda unit: AnswerWork(unit.now, kept(unit)[0], opened),
            MessageWork: lambda unit: MessageWork(kept(unit)[1]),
            StandingWork: lambda unit: StandingWork(kept(unit)[0]),
        }

    def sealed(self, told=None, person="P-1", key=KEY):
        """A place as it travels."""
        return Seals("scheduling", {PAIR: [key]}).seal(SEALED, person, told or place())

    def hear(self, fact, event=None, hub="leeds", *, is_repeat=False):
        """As the inbox does with the next event of a subject; its id."""
        declared = contracts.described(fact)
        identity, subject = event or f"event-{next(self.numbers)}", contracts.subject_of(fact)
        data = None if declared.is_tombstone else contracts.serialised(fact)
        envelope = Envelope(identity, declared.service, hub, declared.type, subject, 1, self.now, CAUSE, data)
        on = SUBSCRIPTIONS[type(fact)]
        command = on.command(Heard(contracts.load(declared.type, subject, data or {}), envelope, self.seals, is_repeat))
        if command is not None:
            self.use_cases.run(on.use_case, command, hub, CAUSE)
        return identity

    def run(self, use_case, command, hub="leeds"):
        return self.use_cases.run(use_case, command, hub, CAUSE)

    def offered(self, told=None, person="P-1", membership="S-1", **heard):
        fact = scheduling.MembershipOffered(person=person, membership=membership, stands="offered", place=self.sealed(told, person))
        return self.hear(fact, **heard)

    def taken(self, told=None, person="P-1", membership="S-1", **heard):
        fact = scheduling.MembershipTaken(person=person, membership=membership, stands="placed", place=self.sealed(told, person))
        return self.hear(fact, **heard)

    def ended(self, reason="lapsed", person="P-1", membership="S-1", **heard):
        return self.hear(scheduling.MembershipEnded(person=person, membership=membership, reason=reason, stands="waiting"), **heard)

    def standing(self, person="P-1"):
        return self.standings.get_anywhere(person)

    def planned(self, state="planned"):
        """The templates of all messages in a state."""
        return sorted(message.template for message in self.messages.all() if message.state == state)

    def message(self, template):
        (found,) = (message for message in self.messages.all() if message.template == template)
        return found

    def told(self):
        """The types of what was published, in order."""
        return [contracts.described(fact).type for fact in self.said]

    def send(self, builder, outcome=None, meanwhile=lambda: None):
        """One turn of a sender; the outcome of the server is given, and what happens between the dot and its answer."""
        server = Server(outcome or Outcome("accepted"), meanwhile)
        return Sender(Claims(self), builder, server, count=self.troubles.append).send_due()


@dataclass
class Claims:
    world: World

    def claim(self, most):
        due = [m for m in self.world.messages.all() if m.state == "planned" and m.due <= self.world.now][:most]
        for message in due:
            message.state = "claimed"
            self.world.messages.put(message)
        return due

    def submit(self, message):
        message.state, message.version = "submitted", message.version + 1
        self.world.messages.docs[message.id].update(state=message.state, version=message.version)

    def release(self, messages): ...

    def settle(self, message, outcome):
        self.world.run(settle, Settle(message.id, message.version, outcome), message.hub)

    def recover(self, **_):
        return []

    def work(self, hub):
        return self.world.works()[SendingWork](Unit(None, None, hub, self.world.now, CAUSE))


@dataclass
class Server:
    outcome: Outcome
    meanwhile: object

    def deliver(self, _mail, before_dot):
        before_dot()
        self.meanwhile()
        return self.outcome
