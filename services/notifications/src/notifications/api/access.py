"""The roles that may use each route of this service."""

from shared.web.access import ANYBODY, AccessTable, roles

SEES_MESSAGES = roles("coordinator", "operator")
SEES_WHO_WAS_NOT_REACHED = roles("intake", "clinician")

ACCESS: AccessTable = {
    ("GET", "/v1/messages"): SEES_MESSAGES | SEES_WHO_WAS_NOT_REACHED,
    ("GET", "/v1/messages/<message>"): SEES_MESSAGES,
    ("GET", "/answer/<token>"): ANYBODY,  # the signed token identifies the person
    ("POST", "/answer/<token>"): ANYBODY,
    ("GET", "/assets/<name>"): ANYBODY,
}
