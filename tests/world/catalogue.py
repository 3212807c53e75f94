"""Kinds of group for histories: small ones, so that places are few and colleagues meet."""

from scheduling.domain.catalogue import Capacity, Catalogue, Modality

_FEW = Capacity(1, 4, 2)


def _modality(code: str, **changes: object) -> Modality:
    usual: dict[str, object] = {
        "membership": "slow-open",
        "way_in": "referral",
        "capacity": _FEW,
        "grade_mixing": "off",
        "cadence": "weekly",
        "minutes": 90,
        "sessions": 6,
        "offer_hours": 48,
    }
    return Modality(code=code, public_name=code, discreet_name="Weekly evening", what_to_expect="-", **(usual | changes))  # type: ignore[arg-type]


WORLD = Catalogue(
    {
        each.code: each
        for each in (
            _modality("evening"),
            _modality("graded", grade_mixing="hard", membership="closed"),
            _modality("drop-in", way_in="open-access", membership="open-access", colleagues="warn"),
        )
    }
)
