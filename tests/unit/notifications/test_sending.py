"""From a planned message to what a server gets, and to what is published of it."""

from datetime import timedelta

import pytest
from pymongo.errors import EncryptionError
from structlog.testing import capture_logs
from unit.notifications.fakes import CATALOGUE, DATA, FIRST, KEY, LEEDS, NOW, World, meeting, place

from notifications.adapters.links import SignedLinks
from notifications.adapters.mail import Address
from notifications.adapters.mail_builder import MailBuilder
from notifications.adapters.templates import Templates
from notifications.application.ports import Link
from notifications.application.sending import CannotBuild, NoContact, Outcome
from shared.contracts import referral, scheduling
from shared.events.sealing import SealingKey
from shared.store.vault import Erased, Misplaced

LINKS = SignedLinks(b"l" * 32)
OPENED = {"known_as": "Sam", "email": "sam@home.example"}


class Vault:
    def __init__(self, opened=None):
        self.opened = OPENED if opened is None else opened

    def open(self, _participant, purpose, sealed):
        assert (purpose, sealed) == ("contact", b"sealed")
        if isinstance(self.opened, Exception):
            raise self.opened
        return self.opened


class Mails:
    """The real builder; keeps what it built."""

    def __init__(self, vault=None):
        sender = Address("Circlework", "hello@circlework.example")
        self.real, self.built = MailBuilder(Templates(DATA), vault or Vault(), LINKS, sender, "https://answers.example"), []

    def build(self, message, place, work):
        self.built.append(self.real.build(message, place, work))
        return self.built[-1]

    def text(self):
        return self.built[-1].get_body(("plain",)).get_content()

    def calendar(self):
        (part,) = (part for part in self.built[-1].walk() if part.get_content_type() == "text/calendar")
        return part.get_content().replace("\r\n ", "")


@pytest.fixture
def world():
    world = World()
    world.hear(referral.ContactChanged(person="P-1", sealed="c2VhbGVk"))
    return world


def test_an_offer_goes_out_with_its_place_and_a_link_that_names_no_hub(world):
    event, mails = world.offered(), Mails()
    assert world.send(mails) == 1
    text = mails.text()
    for shown in (
        "Dear Sam,",
        "Weekly evening A",
        "Tuesday 12 January 2027, 6.30pm to 8pm",
        "Larch House",
        "9am on Thursday 26 November 2026",
    ):
        assert shown in text
    assert LEEDS.phone in text
    token = text.partition("https://answers.example/answer/")[2].split()[0]
    assert LINKS.read(token) == Link("P-1", "S-1")
    assert mails.built[0]["Message-ID"] == f"<{world.message('offer').id}@circlework.example>"
    assert (world.told(), world.said[0].causes) == (["message.accepted.v1"], (event,))


def test_an_accepted_offer_mail_is_noted_as_told_and_no_other(world):
    world.offered()
    world.send(Mails())
    world.taken()
    world.send(Mails())
    assert world.standing().told == ("S-1",)
    assert world.standing().newest.state == "accepted"


def test_a_confirmation_has_the_series_in_a_calendar_under_the_membership_and_its_revision(world):
    mails = Mails()
    world.taken(place(revision=7))
    world.send(mails)
    calendar = mails.calendar()
    for line in ("UID:S-1@circlework.example", "SEQUENCE:7", "SUMMARY:Weekly evening A", "LOCATION:Larch House", "COUNT=3"):
        assert line in calendar
    assert "mailto:sam@home.example" in calendar


def test_nothing_says_who_runs_the_group(world):
    mails = Mails()
    world.taken()
    world.offered(membership="S-2")
    world.send(mails)
    assert len(mails.built) == 2
    assert all("Ficta" not in mail.as_string() for mail in mails.built)


@pytest.mark.parametrize("may_come", [True, False])
def test_open_access_warns_of_colleagues_only_where_they_may_come(world, may_come):
    mails = Mails()
    world.taken(place("pass", colleagues_may_come=may_come))
    world.send(mails)
    assert ("including perhaps a colleague of yours" in " ".join(mails.text().split())) is may_come


def test_a_reminder_names_the_session_as_the_timetable_has_it_now(world):
    world.taken()
    world.send(Mails())
    moved = FIRST + timedelta(hours=1)
    told = place(revision=3, meetings=(meeting(0, moved, "Room 9"),))
    world.hear(scheduling.MembershipChanged(person="P-1", membership="S-1", stands="placed", place=world.sealed(told)))
    world.now, mails = moved - timedelta(hours=24), Mails()
    world.send(mails)
    assert mails.built[-1]["Subject"] == "Reminder: Tuesday 12 January 2027, 7.30pm"
    assert "Room 9" in mails.text()


def test_a_lapsed_offer_is_spoken_of_only_to_those_who_were_told_of_it(world):
    world.offered()
    world.send(Mails())
    world.ended("lapsed")
    world.send(Mails())
    world.offered(membership="S-2")
    world.ended("lapsed", membership="S-2")
    world.send(Mails())
    assert [(m.membership, m.state, m.reason) for m in world.messages.all() if m.template == "offer-expired"] in (
        [("S-1", "accepted", None), ("S-2", "suppressed", "no longer true: the offer itself was never sent")],
        [("S-2", "suppressed", "no longer true: the offer itself was never sent"), ("S-1", "accepted", None)],
    )


def test_a_bounced_offer_counts_as_not_told(world):
    world.offered()
    world.send(Mails(), Outcome("rejected", "SMTP 550"))
    assert (world.standing().told, world.told()) == ((), ["message.bounced.v1"])


def test_an_offer_whose_deadline_has_passed_is_not_sent(world):
    world.offered()
    world.now = NOW + timedelta(days=3)
    mails = Mails()
    world.send(mails)
    assert (world.message("offer").reason, mails.built) == ("no longer true: the offer's deadline has passed", [])


def test_a_message_whose_key_is_missing_waits_with_the_cure_and_holds_up_nobody(world):
    world.hear(referral.ContactChanged(person="P-2", sealed="c2VhbGVk"))
    world.offered()
    world.keys[:] = [SealingKey("2031-01", b"o" * 32)]
    fact = scheduling.MembershipOffered(
        person="P-2", membership="S-2", stands="offered", place=world.sealed(person="P-2", key=world.keys[0])
    )
    world.hear(fact)
    world.send(Mails())
    waiting, sent = sorted((m for m in world.messages.all()), key=lambda m: m.person)
    assert (waiting.state, sent.state) == ("planned", "accepted")
    assert "'2026-11'" in waiting.reason
    assert "add that key to SEALING_KEYS_FILE" in waiting.reason
    world.keys.append(KEY)
    world.now += timedelta(seconds=1)
    world.send(Mails())
    assert world.messages.get_anywhere(waiting.id).state == "accepted"


def test_a_message_whose_seal_is_broken_is_set_aside_with_its_reason_and_holds_up_nobody(world):
    world.offered()
    world.taken(membership="S-2")
    doc = world.standings.docs["P-1"]
    doc["memberships"][0]["sealed"] = world.sealed(person="P-2")
    world.send(Mails())
    assert (world.message("offer").state, world.message("seat-confirmed").state) == ("suppressed", "accepted")
    assert "cannot be opened" in world.message("offer").reason


def test_without_a_contact_it_waits_and_goes_once_it_has_come():
    world = World()
    world.offered()
    world.send(Mails())
    assert (world.message("offer").state, world.message("offer").reason) == ("planned", "no contact yet")
    world.hear(referral.ContactChanged(person="P-1", sealed="c2VhbGVk"))
    world.now += timedelta(seconds=30)
    world.send(Mails())
    assert world.message("offer").state == "accepted"


@pytest.mark.parametrize(
    ("opened", "reason"),
    [
        ({"known_as": "Sam"}, "KeyError"),
        (OPENED | {"email": "sam@home.example, kim@home.example"}, "UnsafeHeader"),
        (OPENED | {"email": None}, "TypeError"),
        (Erased("gone"), "erased"),
        (Misplaced("sealed for something else"), "sealed for something else"),
    ],
)
def test_what_cannot_become_a_mail_is_suppressed_and_the_reason_names_nobody(world, opened, reason):
    world.offered()
    world.send(Mails(Vault(opened)))
    assert (world.message("offer").state, world.message("offer").reason) == ("suppressed", reason)


def test_a_contact_that_a_wrong_key_cannot_open_waits_with_the_cure(world):
    world.offered()
    world.send(Mails(Vault(EncryptionError(ValueError("HMAC")))))
    assert (world.message("offer").state, world.told()) == ("planned", [])
    assert "VAULT_MASTER_KEY_FILE" in world.message("offer").reason


class Breaks:
    """A builder that fails in a way that nobody foresaw for one person."""

    def __init__(self, person):
        self.person, self.mails = person, Mails()

    def build(self, message, place, work):
        if message.person == self.person:
            raise ZeroDivisionError("Sam Ficta, sam@home.example")
        return self.mails.build(message, place, work)


def test_a_message_that_fails_in_a_way_nobody_foresaw_holds_up_nobody_and_raises_an_alarm(world):
    world.hear(referral.ContactChanged(person="P-2", sealed="c2VhbGVk"))
    world.offered()
    world.offered(person="P-2", membership="S-2")
    with capture_logs() as lines:
        world.send(Breaks("P-1"))
    states = {message.person: message.state for message in world.messages.all() if message.template == "offer"}
    assert states == {"P-1": "claimed", "P-2": "accepted"}, "the claim lapses, and it is tried again"
    (alarm,) = (line for line in lines if line["event"] == "message_failed")
    assert (alarm["error"], alarm["log_level"]) == ("ZeroDivisionError", "error")
    assert "Sam" not in str(alarm)
    assert world.troubles == ["failed"]


def test_a_mail_that_the_server_refuses_for_our_sake_is_kept_and_raises_an_alarm(world):
    world.offered()
    with capture_logs() as lines:
        world.send(Mails(), Outcome("deferred", "SMTP 550 5.7.60", concerns_us=True))
    assert world.message("offer").state == "planned"
    (alarm,) = (line for line in lines if line["event"] == "message_refused")
    assert (alarm["reason"], alarm["log_level"], world.troubles) == ("SMTP 550 5.7.60", "error", ["refused"])


def test_a_place_that_tells_too_much_for_a_calendar_is_not_sent(world):
    world.taken(place(name="Balint group"))
    world.send(Mails())
    assert (world.message("seat-confirmed").state, world.message("seat-confirmed").reason) == ("suppressed", "TellsTooMuch")


def test_a_template_that_this_release_does_not_know_waits_for_one_that_does(world):
    world.offered()
    world.catalogue = CATALOGUE.__class__({})
    world.send(Mails())
    assert (world.message("offer").state, world.message("offer").reason) == ("planned", "this sender does not know the template")


def test_a_builder_says_which_person_it_lacks_a_contact_of_and_what_is_missing(world):
    world.offered()
    offer, work = world.message("offer"), world.works()
    sending = next(make for kind, make in work.items() if kind.__name__ == "SendingWork")
    unit = type("Unit", (), {"hub": "leeds", "now": NOW})()
    offer.person = "P-9"
    with pytest.raises(NoContact):
        Mails().build(offer, None, sending(unit))
    offer.person, offer.membership = "P-1", None
    with pytest.raises(CannotBuild, match="nothing that its link could answer"):
        Mails().build(offer, None, sending(unit))
