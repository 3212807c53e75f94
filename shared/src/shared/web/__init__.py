"""The HTTP side that all services share: problems, callers, idempotency, health, documentation."""
