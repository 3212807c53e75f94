"""The only file that knows every room: builds adapters, wires handlers."""

from dataclasses import dataclass
from functools import cached_property

from flask import Flask

from referral import config
from referral.adapters import mongo
from referral.adapters.advice_files import read_advice
from referral.api.routes import blueprint
from referral.application.ports import Secrets, Work
from referral.domain.advice import Advice, UnknownReason
from referral.domain.referral import AlreadyReferred, NoSuchReferral, NotNow
from referral.domain.wishes import CatalogueNotHere, UnknownWish
from referral.messaging.inbound import SUBSCRIPTIONS
from referral.messaging.outbound import publisher
from shared import ids
from shared.events.inbox import Inbox
from shared.process import logs
from shared.process.health import Gauges
from shared.process.runtime import Runtime
from shared.store.unit import Unit
from shared.store.vault import Erased, Vault
from shared.web.acting import Acting
from shared.web.app import Meanings, Outside, make_app
from shared.web.principals import Keyring

MEANINGS: Meanings = {
    NoSuchReferral: (404, "no-such-referral", "This hub has no such referral"),
    AlreadyReferred: (409, "already-referred", "This person has an open referral at this hub"),
    Erased: (410, "erased", "This person has been erased"),
    NotNow: (409, "not-now", "The referral's status does not allow it"),
    UnknownReason: (422, "unknown-reason", "There is no such reason code"),
    UnknownWish: (422, "unknown-wish", "A wish names nothing in the catalogue"),
    CatalogueNotHere: (503, "catalogue-not-here", "The catalogue has not arrived yet"),
}


@dataclass(frozen=True)
class Referral:
    """The service, wired."""

    settings: config.Settings

    @cached_property
    def runtime(self) -> Runtime:
        return Runtime("referral", self.settings.common, hears=("scheduling",), workers=("consumer", "relay"))

    @cached_property
    def vault(self) -> Vault:
        return Vault(self.settings.vault_url, self.settings.vault_key)

    @cached_property
    def secrets(self) -> Secrets:
        return Secrets(self.settings.blind_index_key, self.settings.conflict_key)

    @cached_property
    def advice(self) -> Advice:
        return read_advice()

    def check(self) -> None:
        """Load all data now: what is wrong with it is named at the start."""
        _ = self.advice

    def work(self, unit: Unit) -> Work:
        publish = publisher(self.vault)
        return Work(
            hub=unit.hub,
            now=unit.now,
            referrals=mongo.Referrals(unit, publish),
            participants=mongo.Participants(unit, publish),
            facilitators=mongo.Facilitators(unit, publish),
            modalities=mongo.Modalities(unit),
            safe=self.vault,
            secrets=self.secrets,
            advice=self.advice,
            new_id=ids.new_id,
            new_pseudonym=ids.new_pseudonym,
        )

    def inbox(self) -> Inbox:
        return self.runtime.inbox(SUBSCRIPTIONS, self.work)

    def ensure(self) -> None:
        self.runtime.ensure(*mongo.COLLECTIONS)
        mongo.ensure_indexes(self.runtime.store.db)
        self.vault.ensure_indexes()

    def web(self) -> Flask:
        health = self.runtime.health(self._catalogue_is_here)
        outside = Outside(
            name="referral",
            hubs=self.settings.common.hubs,
            keyring=Keyring.read(self.settings.common.api_keys),
            health=health,
            blueprints=[blueprint],
            meanings=MEANINGS,
            gauges=Gauges(health),
            acting=Acting(self.runtime.store, self.work),
        )
        return make_app(outside)

    def _catalogue_is_here(self) -> dict[str, bool]:
        return {"catalogue": not mongo.hubs_without_catalogue(self.runtime.store.db, self.settings.common.hubs)}


def build() -> Referral:
    return Referral(config.read())


def app() -> Flask:
    """What gunicorn serves."""
    service = build()
    logs.configure("referral", "api", service.settings.common.log_level)
    return service.web()
