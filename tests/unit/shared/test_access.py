"""Which service may do what on Kafka: the arrows of docs/architecture.md, spelled out."""

from importlib import import_module

import pytest

from shared import contracts
from shared.events.access import Grant, grants
from shared.events.account import Account
from shared.events.topics import FAMILIES, SERVICES, heard_by, owned_by

EVERY_FAMILY = {
    "referral": {"referral": "CREATE DESCRIBE READ WRITE", "contacts": "CREATE DESCRIBE READ WRITE", "scheduling": "DESCRIBE READ"},
    "scheduling": {"scheduling": "CREATE DESCRIBE READ WRITE", "referral": "DESCRIBE READ", "notifications": "DESCRIBE READ"},
    "notifications": {
        "notifications": "CREATE DESCRIBE READ WRITE",
        "referral": "DESCRIBE READ",
        "scheduling": "DESCRIBE READ",
        "contacts": "DESCRIBE READ",
    },
}


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_has_the_grants_that_the_picture_shows_and_its_own_groups(service):
    topics = {Grant("TOPIC", f"{family}.", each) for family, said in EVERY_FAMILY[service].items() for each in said.split()}
    assert set(grants(service)) == topics | {Grant("GROUP", f"{service}.", "READ"), Grant("GROUP", f"{service}.", "DESCRIBE")}


def test_only_notifications_may_read_contacts_beside_their_owner():
    assert [service for service in SERVICES if Grant("TOPIC", "contacts.", "READ") in set(grants(service))] == ["referral", "notifications"]


def test_every_family_has_one_writer():
    for family in FAMILIES:
        assert len([service for service in SERVICES if Grant("TOPIC", f"{family}.", "WRITE") in set(grants(service))]) == 1


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_may_read_the_families_that_it_handles_events_of_and_no_others(service):
    heard = import_module(f"{service}.messaging.inbound").SUBSCRIPTIONS
    assert {contracts.described(shape).family for shape in heard} == set(heard_by(service))


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_owns_the_families_of_the_events_that_it_says(service):
    said = {event.family for event in contracts.EVENTS.values() if event.service == service}
    assert said == set(owned_by(service))


def test_a_password_is_not_shown_where_an_account_is_logged():
    assert "secret" not in repr(Account("kafka:9092", "scheduling", "secret"))
