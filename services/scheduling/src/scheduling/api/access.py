"""The roles that may use each route of this service.

Clinicians and intake know who a pseudonym is, so they see neither groups nor who is in them (docs/adr/0014).
"""

from shared.web.access import AccessTable, roles

_CATALOGUE = roles("intake", "coordinator", "clinician", "operator")
_GROUPS = roles("coordinator", "operator")
_WHO_IS_WHERE = roles("coordinator")

ACCESS: AccessTable = {
    ("GET", "/v1/modalities"): _CATALOGUE,
    ("GET", "/v1/modalities/<code>"): _CATALOGUE,
    ("POST", "/v1/groups"): roles("coordinator"),
    ("GET", "/v1/groups"): _GROUPS,
    ("GET", "/v1/groups/<group>"): _GROUPS,
    ("GET", "/v1/groups/<group>/sessions"): _GROUPS,
    ("GET", "/v1/groups/<group>/seats"): _WHO_IS_WHERE,
    ("GET", "/v1/groups/<group>/memberships"): _WHO_IS_WHERE,
    ("GET", "/v1/offers"): _WHO_IS_WHERE,
    ("GET", "/v1/waiting"): _WHO_IS_WHERE,
    ("GET", "/v1/waiting/<whose>"): _WHO_IS_WHERE,
}
