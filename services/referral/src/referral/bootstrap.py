"""The only file that imports every module: builds adapters, lists the families of use cases, wires them. Workers start from here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from referral import config
from referral.adapters import mongo
from referral.adapters.advice_files import read_advice
from referral.adapters.mongo.contacts import Contacts
from referral.adapters.mongo.modalities import Modalities
from referral.adapters.mongo.participants import Participants
from referral.adapters.mongo.referrals import Referrals
from referral.adapters.mongo.staff import Staff
from referral.adapters.staff_files import read_staff
from referral.adapters.vault import PeopleInVault
from referral.application import participants, staff
from referral.application.participants import Erase, FindParticipant, ListParticipants, SayAgain
from referral.application.ports import ModalityWork, NewIds, ParticipantWork, ReferralWork, Secrets, StaffWork, SubmissionWork
from referral.application.staff import ListStaff, SayStaffAgain
from referral.domain.advice import Advice
from referral.domain.events import Event
from referral.domain.ids import PersonId, ReferralId, StaffId
from referral.domain.participants import NotKnown, Participant, State
from referral.domain.staff import StaffList
from referral.messaging.inbound import SUBSCRIPTIONS
from referral.messaging.outbound import publisher
from shared import ids
from shared.contracts import Fact
from shared.events.inbox import Inbox
from shared.events.tracing import new_cause
from shared.process.hubs import read_hubs
from shared.process.runtime import Runtime
from shared.store.unit import Unit
from shared.store.use_cases import UseCases
from shared.store.vault import Vault

NEW_IDS = NewIds(
    referral=lambda: ReferralId(ids.new_id("R")),
    person=lambda: PersonId(ids.new_pseudonym()),
    staff=lambda: StaffId(ids.new_id("F")),
)


@dataclass(frozen=True)
class Referral:
    """The service with its adapters and use cases."""

    settings: config.Settings

    @cached_property
    def runtime(self) -> Runtime:
        return Runtime("referral", self.settings.common, ("consumer", "relay", "timers"))

    @cached_property
    def vault(self) -> Vault:
        return Vault(self.settings.vault_url, self.settings.vault_key)

    @cached_property
    def secrets(self) -> Secrets:
        return Secrets(self.settings.blind_index_key, self.settings.conflict_key)

    @cached_property
    def advice(self) -> Advice:
        return read_advice()

    @cached_property
    def staff_list(self) -> StaffList:
        return read_staff(self.settings.staff_file, read_hubs(self.settings.common.hubs_file))

    @cached_property
    def publish(self) -> Callable[[Event], Fact]:
        """Turns events into facts, sealed with the service's own keys."""
        return publisher(self.runtime.seals)

    def check(self) -> None:
        """Load all data now, so that every mistake is reported at the start."""
        _ = self.advice, self.staff_list, self.runtime.seals

    @cached_property
    def works(self) -> Mapping[type, Callable[[Unit], Any]]:
        """The factory of each family's Work, from a unit."""
        return {
            SubmissionWork: self._submissions,
            ReferralWork: lambda unit: ReferralWork(
                unit.now, Referrals(unit), Participants(unit, self.publish), PeopleInVault(self.vault), self.advice
            ),
            ParticipantWork: lambda unit: ParticipantWork(
                unit.now, Participants(unit, self.publish), Contacts(unit, self.publish), Referrals(unit), PeopleInVault(self.vault)
            ),
            StaffWork: lambda unit: StaffWork(unit.hub, Staff(unit, self.publish), self.secrets, NEW_IDS),
            ModalityWork: lambda unit: ModalityWork(unit.hub, Modalities(unit)),
        }

    def _submissions(self, unit: Unit) -> SubmissionWork:
        return SubmissionWork(
            hub=unit.hub,
            now=unit.now,
            referrals=Referrals(unit),
            participants=Participants(unit, self.publish),
            contacts=Contacts(unit, self.publish),
            modalities=Modalities(unit),
            vault=PeopleInVault(self.vault),
            secrets=self.secrets,
            advice=self.advice,
            new=NEW_IDS,
        )

    @property
    def use_cases(self) -> UseCases:
        return self.runtime.use_cases(self.works)

    def inbox(self) -> Inbox:
        return self.runtime.inbox(SUBSCRIPTIONS, self.works)

    def ensure(self) -> None:
        """Make topics, collections and indexes, and erase again whom a restored store knows. Safe to repeat.

        Raises Retryable while the vault is unavailable.
        """
        self.runtime.ensure(*mongo.COLLECTIONS)
        mongo.ensure_indexes(self.runtime.store.db)
        self.vault.ensure_indexes()
        self.erase_again()

    def hub_of(self, participant: PersonId) -> str:
        """The hub served here that the participant belongs to. Raises NotKnown."""
        for hub in self.settings.common.hubs:
            if self._read(participants.find, FindParticipant(participant), hub):
                return hub
        raise NotKnown(f"{participant} is not known at any hub that this process serves: {', '.join(self.settings.common.hubs)}")

    def erase(self, participant: PersonId, hub: str) -> Participant:
        """Erase all but the pseudonym; the key has still to be destroyed."""
        return self.runtime.by_itself(self.works, participants.erase, Erase(participant), hub)

    def finish_erasure(self, participant: PersonId, hub: str) -> Participant:
        """Destroy the key of a participant being erased. Raises Retryable while the vault is unavailable."""
        return self.runtime.by_itself(self.works, participants.finish_erasure, Erase(participant), hub)

    def do_what_is_due(self) -> None:
        """Finish the erasures that were begun. Raises Retryable while the vault is unavailable."""
        for hub in self.settings.common.hubs:
            for participant in self._in_state("erasing", hub):
                self.finish_erasure(participant, hub)

    def set_right(self) -> None:
        """After a restore: erase again those who had been erased, then publish everybody else's state, because events with numbers
        that were used before are ignored. Raises Retryable while the vault is unavailable."""
        self.erase_again()
        self.resay(None)

    def erase_again(self) -> None:
        """Erase those whose key was destroyed but who are known: a restored store brings them back, and nothing but the vault tells
        it if its service has consumed no event since the backup."""
        destroyed = self.vault.destroyed()
        for hub in self.settings.common.hubs:
            for participant in self._in_state("known", hub):
                if participant in destroyed:
                    self.erase(participant, hub)

    def resay(self, subject: str | None) -> int:
        """Publish the state of all participants and staff, or of one of them; returns their number."""
        count = 0
        for hub in self.settings.common.hubs:
            chosen = [known for known in self._in_state("known", hub) if subject in {None, known}]
            for participant in chosen:
                self.runtime.by_itself(self.works, participants.say_again, SayAgain(participant), hub)
            count += len(chosen) + self._resay_staff(subject, hub)
        return count

    def _resay_staff(self, subject: str | None, hub: str) -> int:
        listed = self.use_cases.read(staff.active, ListStaff(), hub, new_cause(ids.new_id("T")))
        chosen = [member for member in listed if subject in {None, member}]
        for member in chosen:
            self.runtime.by_itself(self.works, staff.say_again, SayStaffAgain(member), hub)
        return len(chosen)

    def _in_state(self, state: State, hub: str) -> list[PersonId]:
        return list(self._read(participants.in_state, ListParticipants(state), hub))

    def _read(self, use_case: Callable[[Any, ParticipantWork], Any], query: object, hub: str) -> Any:
        return self.use_cases.read(use_case, query, hub, new_cause(ids.new_id("T")))


def build() -> Referral:
    """The service, with its settings from the environment. Raises Misconfigured."""
    return Referral(config.read())
