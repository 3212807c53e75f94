"""The HTTP app of this service: gunicorn serves `referral.web:front()`."""

from flask import Flask
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from referral.adapters import mongo
from referral.api import imports, referrals, staff
from referral.api.access import ACCESS
from referral.application.modalities import CatalogueNotHere, UnknownWish
from referral.bootstrap import Referral, build
from referral.domain.advice import UnknownReason
from referral.domain.referrals import AlreadyReferred, NoSuchReferral, NotNow
from shared.process import logs
from shared.process.health import Gauges
from shared.store.vault import Erased
from shared.web.app import AppConfig, Meanings, make_app
from shared.web.front import Front
from shared.web.limits import Limits

BLUEPRINTS = (referrals.blueprint, imports.blueprint, staff.blueprint)
MEANINGS: Meanings = {
    NoSuchReferral: (404, "no-such-referral", "This hub has no such referral"),
    AlreadyReferred: (409, "already-referred", "This person has an open referral at this hub"),
    Erased: (410, "erased", "This person has been erased"),
    NotNow: (409, "not-now", "The referral's status does not allow this"),
    UnknownReason: (422, "unknown-reason", "There is no such reason code"),
    UnknownWish: (422, "unknown-wish", "A wish is not in the catalogue"),
    CatalogueNotHere: (503, "catalogue-not-here", "The catalogue has not arrived yet"),
}


def front() -> Front:
    """The ASGI app that gunicorn serves."""
    return Front(app())


def app() -> Flask:
    """The app behind the front."""
    service = build()
    common = service.settings.common
    logs.configure("referral", "api", common.log_level)
    health = service.runtime.health(lambda: _catalogue_is_here(service))
    config = AppConfig(
        name="referral",
        hubs=common.hubs,
        keyring=service.runtime.keyring(),
        health=health,
        blueprints=BLUEPRINTS,
        meanings=MEANINGS,
        gauges=Gauges(health, lambda: _gauges(service)),
        access=ACCESS,
        use_cases=service.use_cases,
        extensions={"staff_list": service.staff_list},
        limits=Limits(common.request_seconds, {imports.ROUTE: service.settings.import_seconds}, common.threads),
    )
    return make_app(config)


def _catalogue_is_here(service: Referral) -> dict[str, bool]:
    return {"catalogue": not mongo.hubs_without_catalogue(service.runtime.store.db, service.settings.common.hubs)}


def _gauges(service: Referral) -> list[Metric]:
    unfinished = mongo.unfinished_erasures(service.runtime.store.db)
    return [GaugeMetricFamily("erasures_unfinished", "Participants whose key has still to be destroyed", value=unfinished)]
