"""How the service is put together: use cases and their Work, documents, the vault's documents, and the command line."""

from dataclasses import asdict, replace
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import get_type_hints

import pytest
from click.testing import CliRunner
from unit.referral.samples import CONSENT, SUBMIT

from referral import __main__ as programs
from referral.adapters.vault import PeopleInVault, identity_document, identity_in
from referral.application import modalities, participants, reading, referrals, staff, submissions
from referral.bootstrap import NEW_IDS, Referral
from referral.domain.contacts import Contact
from referral.domain.modalities import Modality
from referral.domain.participants import NotKnown, Participant
from referral.domain.referrals import Referral as AReferral
from referral.domain.staff import StaffMember
from referral.domain.values import Facts, Identity, Person, Tie, Tokens, Window, Workplaces
from referral.messaging.inbound import SUBSCRIPTIONS
from shared.errors import Retryable
from shared.ids import is_pseudonym
from shared.store.documents import read, write
from shared.store.use_cases import TwoSteps

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
TOKENS = Tokens(("1f",), (Tie("2e", date(2025, 1, 1), None, sure=False),), ("3d",))
USE_CASES = [
    submissions.submit,
    referrals.accept,
    referrals.decline,
    referrals.give_back,
    referrals.withdraw,
    reading.listed,
    reading.read_one,
    reading.decline_reasons,
    staff.register,
    modalities.list_modality,
    participants.erase,
    participants.finish_erasure,
    participants.find,
    participants.in_state,
    participants.say_again,
    *[on.use_case for on in SUBSCRIPTIONS.values()],
]
DOCUMENTS = [
    Participant("P-1", "london", "4c", "known", b"sealed", Facts("doctor"), TOKENS, (Window("monday", "18:00", "21:00"),), (), True, 3, 7),
    Participant("P-1", "london", None, "erased"),
    Participant("P-1", "london", "4c", tokens=Tokens((), None, ())),
    Contact("P-1", "london", b"sealed", 1, 1),
    Contact("P-1", "london", None, 2, 2),
    StaffMember("F-1", "london", "4c", "Dr Lee", ("london", "wales"), TOKENS, "left", 2, 2),
    Modality("london|balint", "london", "balint", "staff", ("women",), (), 1),
    AReferral("R-1", "london", "P-1", "4c", "hub", SUBMIT.wishes, "soon", CONSENT, NOW, NOW),
    AReferral("R-1", "london", "P-1", None, "hub", SUBMIT.wishes, "soon", CONSENT, NOW, NOW, NOW, "ended", "accepted", 4, False, "lapsed"),
]


def parts(use_case):
    return [use_case.prepare, use_case.decide] if isinstance(use_case, TwoSteps) else [use_case]


@pytest.mark.parametrize("use_case", [part for use_case in USE_CASES for part in parts(use_case)], ids=lambda part: part.__name__)
def test_every_use_case_asks_for_a_work_that_the_service_can_make(use_case):
    settings = SimpleNamespace(common=None, vault_url="", vault_key=b"", blind_index_key=b"", conflict_key=b"")
    assert get_type_hints(use_case)["work"] in Referral(settings).works


@pytest.mark.parametrize("thing", DOCUMENTS, ids=lambda thing: type(thing).__name__)
def test_what_is_kept_reads_back_as_it_was(thing):
    doc = write(thing)
    assert doc["_id"] == thing.id
    assert read(type(thing), doc) == thing


def test_a_field_of_a_later_release_is_ignored():
    assert read(Contact, write(DOCUMENTS[3]) | {"postcode": "N1"}) == DOCUMENTS[3]


def test_new_ids_say_what_they_are_of():
    assert is_pseudonym(NEW_IDS.person())
    assert (NEW_IDS.referral()[:2], NEW_IDS.staff()[:2]) == ("R-", "F-")


WHOLE = Identity(SUBMIT.person, SUBMIT.ties, SUBMIT.never_with)


@pytest.mark.parametrize("identity", [WHOLE, Identity(Person("Alex Ficta", "alex@home.example")), replace(WHOLE, ties=Workplaces())])
def test_what_the_vault_seals_of_a_person_reads_back_as_it_was(identity):
    document = identity_document(identity)
    assert identity_in(document) == identity
    assert "datetime" not in str(document)


class Boxes:
    """A vault that keeps what it is asked to seal."""

    def __init__(self):
        self.sealed = []

    def seal(self, participant, purpose, what):
        self.sealed.append((participant, purpose, what))
        return b"%d" % len(self.sealed)

    def open(self, participant, purpose, sealed):
        assert self.sealed[int(sealed) - 1][:2] == (participant, purpose)
        return self.sealed[int(sealed) - 1][2]


@pytest.mark.parametrize(("known_as", "called"), [("Sammy", "Sammy"), (None, "Samira Ficta")])
def test_a_contact_is_sealed_with_the_name_to_use_the_address_and_discretion(known_as, called):
    boxes = Boxes()
    PeopleInVault(boxes).seal_contact("P-1", replace(SUBMIT.person, known_as=known_as))
    assert boxes.sealed == [("P-1", "contact", {"known_as": called, "email": "sam@home.example", "language": "en", "discreet": True})]


def test_a_note_and_an_identity_open_to_what_was_sealed():
    people = PeopleInVault(Boxes())
    assert people.open_note("P-1", people.seal_note("P-1", "Which grade?")) == "Which grade?"
    assert asdict(people.open_identity("P-1", people.seal_identity("P-1", WHOLE))) == asdict(WHOLE)


class Stub:
    """The service as the command line sees it."""

    def __init__(self, known=(), *, away=False):
        self.known, self.away, self.erased, self.finished = known, away, [], []

    def hub_of(self, participant):
        if participant not in self.known:
            raise NotKnown(f"{participant} is not known at any hub that this process serves: london")
        return "london"

    def erase(self, participant, hub):
        self.erased.append((participant, hub))

    def finish_erasure(self, participant, hub):
        if self.away:
            raise Retryable("the key store is away")
        self.finished.append((participant, hub))


@pytest.fixture
def run(monkeypatch):
    def with_service(service, *arguments, typed=""):
        monkeypatch.setattr(programs, "started", lambda _build, _process: service)
        return CliRunner().invoke(programs.group, ["erase", *arguments], input=typed)

    return with_service


SAM = "P-ZQDH4FAFQ"


@pytest.mark.parametrize(("arguments", "typed"), [([SAM, "--yes"], ""), ([SAM], "y\n")])
def test_an_operator_erases_a_participant_after_confirming_it(run, arguments, typed):
    service = Stub([SAM])
    done = run(service, *arguments, typed=typed)
    assert done.exit_code == 0
    assert f"{SAM} is erased, and their key is destroyed." in done.output
    assert service.erased == service.finished == [(SAM, "london")]


def test_an_operator_who_thinks_again_erases_nobody(run):
    service = Stub([SAM])
    done = run(service, SAM, typed="n\n")
    assert (done.exit_code, service.erased) == (1, [])
    assert f"Erase {SAM} of london?" in done.output


def test_while_the_vault_is_away_the_operator_is_told_who_destroys_the_key(run):
    service = Stub([SAM], away=True)
    done = run(service, SAM, "--yes")
    assert done.exit_code == 0
    assert "the vault is down. The timers process destroys it once the vault is up" in done.output
    assert service.erased == [(SAM, "london")]


@pytest.mark.parametrize("unknown", [SAM, "P-123", "R-01JD", "", f"{SAM}0"])
def test_a_pseudonym_that_nobody_bears_or_that_is_none_is_named_and_nobody_is_asked_or_erased(run, unknown):
    service = Stub()
    done = run(service, unknown, "--yes")
    assert done.exit_code == 1
    assert unknown in done.output
    assert ("is not known at any hub" in done.output) or ("is not a pseudonym" in done.output)
    assert service.erased == []
