"""What the repositories ask of the store: their own hub's documents, in the order of ids, and numbered events."""

import json
from dataclasses import replace
from types import SimpleNamespace

import pytest
from pymongo.errors import DuplicateKeyError
from unit.referral import fakes
from unit.referral.test_wiring import DOCUMENTS

from referral.adapters.mongo.contacts import Contacts
from referral.adapters.mongo.modalities import Modalities
from referral.adapters.mongo.participants import Participants
from referral.adapters.mongo.referrals import Referrals
from referral.adapters.mongo.staff import Staff
from referral.application.ports import ReferralFilter
from referral.messaging.outbound import publisher
from shared.errors import Stale
from shared.store.documents import write
from shared.store.unit import Unit

PARTICIPANT, _, _, CONTACT, _, MEMBER, MODALITY, REFERRAL, _ = DOCUMENTS
PUBLISH = publisher(fakes.SEALS)


class Found(list):
    """A cursor. asked: how it was narrowed, sorted and limited."""

    asked: dict

    def sort(self, order):
        self.asked["sort"] = order
        return self

    def limit(self, count):
        self.asked["limit"] = count
        return self


class Collection:
    """Remembers what it was asked; `rows` are found whatever is asked. is_taken: a unique index refuses what is inserted."""

    def __init__(self):
        self.rows, self.asked, self.inserted, self.is_taken, self.matched = [], [], [], False, 1

    def find(self, query, **_):
        found = Found(self.rows)
        found.asked = {"query": query}
        self.asked.append(found.asked)
        return found

    def find_one(self, query, **_):
        self.asked.append({"query": query})
        return next(iter(self.rows), None)

    def insert_one(self, doc, **_):
        if self.is_taken:
            raise DuplicateKeyError("E11000")
        self.inserted.append(doc)

    def insert_many(self, docs, **_):
        self.inserted += docs

    def replace_one(self, query, _doc, **_):
        self.asked.append({"query": query})
        return SimpleNamespace(matched_count=self.matched)


@pytest.fixture
def db():
    return {name: Collection() for name in ("referrals", "participants", "contacts", "staff", "modalities", "outbox")}


@pytest.fixture
def unit(db):
    return Unit(db, None, "london", fakes.NOW, fakes.CAUSE)


LOOK_UPS = {
    "referrals": [
        (lambda unit: Referrals(unit).open_for("P-1"), {"participant": "P-1", "is_open": True}),
        (lambda unit: Referrals(unit).of("P-1"), {"participant": "P-1"}),
        (lambda unit: Referrals(unit).listed(ReferralFilter(), "R-1", 3), {"_id": {"$gt": "R-1"}}),
        (
            lambda unit: Referrals(unit).listed(ReferralFilter("waiting", "soon", "P-1"), "", 3),
            {"shown_status": "waiting", "urgency": "soon", "participant": "P-1", "_id": {"$gt": ""}},
        ),
    ],
    "participants": [
        (lambda unit: Participants(unit, PUBLISH).known_by("4c"), {"index": "4c", "state": "known"}),
        (lambda unit: Participants(unit, PUBLISH).in_state("erasing"), {"state": "erasing"}),
    ],
    "staff": [(lambda unit: Staff(unit, PUBLISH).known_by("4c"), {"index": "4c"})],
    "modalities": [(lambda unit: Modalities(unit).catalogue(), {})],
}


@pytest.mark.parametrize(("name", "look_up", "query"), [(name, *each) for name, all_of in LOOK_UPS.items() for each in all_of])
def test_every_look_up_is_within_the_caller_s_own_hub(db, unit, name, look_up, query):
    assert look_up(unit) in (None, [])
    assert db[name].asked[0]["query"] == {**query, "hub": "london"}


@pytest.mark.parametrize("status", [None, "accepted"])
def test_a_list_is_in_the_order_of_ids_whatever_is_chosen(db, unit, status):
    Referrals(unit).listed(ReferralFilter(status=status), "", 51)
    assert (db["referrals"].asked[0]["sort"], db["referrals"].asked[0]["limit"]) == ([("_id", 1)], 51)


def test_another_hub_s_document_is_as_one_that_is_not_there(db, unit):
    db["contacts"].rows = [write(replace(CONTACT, hub="north-west"))]
    assert Contacts(unit, PUBLISH).of("P-1") is None
    db["contacts"].rows = [write(CONTACT)]
    assert Contacts(unit, PUBLISH).of("P-1") == CONTACT


@pytest.mark.parametrize(
    ("name", "save"),
    [
        ("referrals", lambda unit: Referrals(unit).save(replace(REFERRAL, version=0))),
        ("participants", lambda unit: Participants(unit, PUBLISH).save(replace(PARTICIPANT, version=0))),
        ("staff", lambda unit: Staff(unit, PUBLISH).save(replace(MEMBER, version=0))),
    ],
)
def test_whoever_was_made_by_somebody_else_at_this_moment_is_decided_on_anew(db, unit, name, save):
    db[name].is_taken = True
    with pytest.raises(Stale, match="somebody else has just"):
        save(unit)


def test_what_somebody_else_has_saved_since_is_not_overwritten(db, unit):
    db["participants"].matched = 0
    with pytest.raises(Stale, match="P-1 changed since version 3"):
        Participants(unit, PUBLISH).save(replace(PARTICIPANT))
    assert db["participants"].asked[-1]["query"] == {"_id": "P-1", "version": 3}


def test_everything_about_a_person_is_numbered_on_the_person_and_leaves_on_their_own_hub(db, unit):
    person, referral = replace(PARTICIPANT, hub="north-west", is_told=False), replace(REFERRAL, version=1)
    Participants(unit, PUBLISH).save(person, [*person.tell(), *referral.accept("Dr Who", fakes.NOW)])
    rows = db["outbox"].inserted
    assert [(row["type"], row["subject"], row["sequence"], row["topic"]) for row in rows] == [
        ("participant.changed.v1", "P-1", 8, "referral.north-west"),
        ("referral.accepted.v1", "P-1", 9, "referral.north-west"),
    ]
    assert person.last_sequence == 9
    assert "analytic" not in rows[1]["data"]
    assert json.loads(rows[1]["data"])["wishes"].startswith("k1.")


def test_an_erased_contact_leaves_without_a_value_on_the_topic_of_contacts(db, unit):
    contact = replace(CONTACT)
    Contacts(unit, PUBLISH).save(contact, contact.erase())
    (row,) = db["outbox"].inserted
    assert (row["type"], row["topic"], row["data"]) == ("contact.erased.v1", "contacts.london", None)
    assert row["sequence"] == contact.last_sequence > CONTACT.last_sequence


def test_a_modality_is_kept_under_its_hub_and_code(db, unit):
    Modalities(unit).save(replace(MODALITY, version=0))
    assert db["modalities"].inserted[0]["_id"] == "london|balint"
