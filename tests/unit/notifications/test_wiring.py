"""The service as its processes start it: from the environment, with everything wired, and nothing opened before it is needed."""

import base64
import json
import subprocess
import sys
from pathlib import Path
from typing import get_type_hints

import pytest

from notifications import bootstrap, web
from notifications.application import answers, contacts, messages, sending, standings
from notifications.domain.notification import Notifications
from notifications.messaging.inbound import SUBSCRIPTIONS
from shared.errors import Misconfigured
from support.signing import SIGNERS

ROOT = Path(__file__).parents[3]


@pytest.fixture
def environment(tmp_path, monkeypatch):
    def file(name, content):
        (tmp_path / name).write_text(content)
        return str(tmp_path / name)

    key = {"id": "2026-11", "key": base64.b64encode(b"k" * 32).decode()}
    settings = {
        "HUBS_FILE": str(ROOT / "deploy" / "hubs.toml"),
        "API_KEYS_FILE": file("keys.json", "[]"),
        "SEALING_KEYS_FILE": file("sealing.json", json.dumps({"referral>notifications": [key], "scheduling>notifications": [key]})),
        "SIGNING_KEY_FILE": file("signing.key", base64.b64encode(b"s" * 32).decode()),
        "PUBLIC_KEYS_FILE": file("public.json", json.dumps({service: [signer.public_key] for service, signer in SIGNERS.items()})),
        "MONGO_URL": "mongodb://127.0.0.1:1/",
        "VAULT_URL": "mongodb://127.0.0.1:1/",
        "KAFKA": "127.0.0.1:1",
        "KAFKA_USER": "scheduling",
        "KAFKA_PASSWORD": "secret",
        "VAULT_MASTER_KEY_FILE": file("vault.key", base64.b64encode(b"v" * 96).decode()),
        "LINK_KEY_FILE": file("link.key", base64.b64encode(b"l" * 32).decode()),
        "PUBLIC_URL": "https://answers.example",
        "SMTP_HOST": "127.0.0.1",
        "MAIL_FROM": "hello@circlework.example",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def test_the_web_app_is_made_with_an_entry_for_every_route(environment):
    app = web.app()
    rules = {rule.rule for rule in app.url_map.iter_rules()}
    assert rules >= {"/v1/messages", "/v1/messages/<message>", "/answer/<token>", "/assets/<name>", "/readyz", "/metrics"}
    assert app.test_client().get("/answer/none-of-ours").status_code == 410
    assert app.test_client().get("/v1/messages").status_code == 401


def test_every_use_case_finds_its_work(environment):
    service = bootstrap.build()
    asked = [on.use_case for on in SUBSCRIPTIONS.values()]
    asked += [answers.hub_of, answers.look, answers.give, contacts.keep, contacts.delete, sending.settle]
    asked += [messages.list_messages, messages.read_message]
    asked += [standings.remind, standings.restate, standings.list_unreached, standings.erase, standings.replace]
    assert {get_type_hints(use_case)["work"] for use_case in asked} == set(service.works)


def test_a_senders_name_that_tells_is_refused_at_the_start(environment):
    environment.setenv("MAIL_FROM_NAME", "The Doctors' Group")
    with pytest.raises(Misconfigured, match=r"gives too much away \(Doctors, Group\)"):
        bootstrap.build().check()


def test_a_missing_file_of_sealing_keys_is_named_at_the_start(environment):
    environment.setenv("SEALING_KEYS_FILE", "/nowhere.json")
    with pytest.raises(Misconfigured, match=r"SEALING_KEYS_FILE /nowhere\.json"):
        bootstrap.build().check()


def test_the_catalogue_is_loaded_at_the_start(environment):
    service = bootstrap.build()
    service.check()
    assert isinstance(service.notifications, Notifications)


def test_workers_do_not_load_the_web():
    loads = "import sys, notifications.bootstrap, notifications.__main__; print('flask' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", loads], capture_output=True, text=True, check=True).stdout.strip() == "False"
