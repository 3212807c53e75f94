"""The catalogue over HTTP."""

from flask_smorest import Blueprint

from scheduling.application import modalities
from scheduling.application.modalities import ListModalities, ReadModality
from scheduling.domain.catalogue import Eligibility, Modality
from shared.web.run import Body, read

blueprint = Blueprint("modalities", __name__, url_prefix="/v1", description="The catalogue")


@blueprint.get("/modalities")
@blueprint.response(200)
def listed() -> Body:
    """The catalogue."""
    return {"items": [_seen(found) for found in read(modalities.all_of_them, ListModalities())], "next": None}


@blueprint.get("/modalities/<code>")
@blueprint.response(200)
def read_one(code: str) -> Body:
    """One entry of the catalogue."""
    return _seen(read(modalities.read, ReadModality(code)))


def _seen(found: Modality) -> Body:
    return {
        "code": found.code,
        "public_name": found.public_name,
        "discreet_name": found.discreet_name,
        "what_to_expect": found.what_to_expect,
        "membership": found.membership,
        "way_in": found.way_in,
        "colleagues": found.colleagues,
        "grade_mixing": found.grade_mixing,
        "sensitive": found.sensitive,
        "eligibility": _eligibility(found.eligibility),
        "capacity": {"least": found.capacity.least, "most": found.capacity.most, "usual": found.capacity.usual},
        **_series(found),
    }


def _series(found: Modality) -> Body:
    return {
        "cadence": found.cadence,
        "minutes": found.minutes,
        "sessions": found.sessions,
        "open_ended": found.open_ended,
        "offer_hours": found.offer_hours,
        "variants": [{"code": v.code, "public_name": v.public_name} for v in found.variants],
        "lengths": [{"code": length.code, "sessions": length.sessions, "open_ended": length.open_ended} for length in found.lengths],
        "topics": list(found.topics),
    }


def _eligibility(allowed: Eligibility) -> Body:
    return {
        "professions": sorted(allowed.professions),
        "grades": sorted(allowed.grades),
        "genders": sorted(allowed.genders),
        "work_statuses": sorted(allowed.work_statuses),
    }
