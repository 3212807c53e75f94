import base64
import os
from dataclasses import dataclass

import pytest

from shared.errors import Misconfigured
from shared.process.runtime import Runtime
from shared.process.settings import Common, declared, read, setting

HUBS = '[london]\nname = "London"\nnation = "ENG"\nzone = "Europe/London"\nphone = ""\nemail = ""\n'
SECRET = bytes(range(32))


@dataclass(frozen=True, kw_only=True)
class Keyed:
    common: Common
    key: bytes = setting("CONFLICT_KEY_FILE", "key", "a key: 32 bytes in base64", "/run/secrets/conflict.key", length=32)


NAMES = [each.name for each in declared(Keyed)]
REQUIRED = [each.name for each in declared(Keyed) if each.is_required]


@pytest.fixture
def environment(tmp_path, monkeypatch):
    """Sets a process's environment: all it needs, and what a test wants otherwise; None takes one away."""
    (tmp_path / "hubs.toml").write_text(HUBS + HUBS.replace("london", "wales"))
    (tmp_path / "conflict.key").write_bytes(base64.b64encode(SECRET))
    enough = {
        "HUBS_FILE": str(tmp_path / "hubs.toml"),
        "API_KEYS_FILE": str(tmp_path / "api-keys.json"),
        "SEALING_KEYS_FILE": str(tmp_path / "sealing-keys.json"),
        "SIGNING_KEY_FILE": str(tmp_path / "conflict.key"),
        "PUBLIC_KEYS_FILE": str(tmp_path / "public-keys.json"),
        "MONGO_URL": "mongodb://localhost:27017/",
        "KAFKA": "localhost:9092",
        "KAFKA_USER": "scheduling",
        "KAFKA_PASSWORD": "secret",
        "CONFLICT_KEY_FILE": str(tmp_path / "conflict.key"),
    }

    def give(**changes):
        for name in NAMES:
            monkeypatch.delenv(name, raising=False)
        for name, value in (enough | changes).items():
            if value is not None:
                monkeypatch.setenv(name, value)

    return give


def refusal(shape=Keyed):
    with pytest.raises(Misconfigured) as refused:
        read(shape)
    return str(refused.value)


def test_what_is_needed_is_enough(environment):
    environment()
    common = read(Keyed).common
    assert (common.mongo_url, common.kafka) == ("mongodb://localhost:27017/", "localhost:9092")
    assert (list(common.hubs), common.port, common.log_level) == (["london", "wales"], 8000, "INFO")
    assert common.worker


def test_what_is_set_is_what_counts(environment):
    environment(HUBS="wales", PORT="8001", LOG_LEVEL="WARNING", WORKER="consumer-0")
    common = read(Keyed).common
    assert (list(common.hubs), common.port, common.log_level, common.worker) == (["wales"], 8001, "WARNING", "consumer-0")


def test_without_a_clock_file_the_domain_has_the_real_time(environment, tmp_path):
    environment()
    assert read(Common).clock_file is None
    environment(CLOCK_FILE=str(tmp_path / "clock"))
    assert read(Common).clock_file == tmp_path / "clock"


def test_two_deployments_share_the_hubs(environment):
    environment(HUBS_EXCEPT="wales")
    assert list(read(Common).hubs) == ["london"]


def test_empty_lists_of_hubs_mean_all(environment):
    environment(HUBS="", HUBS_EXCEPT="")
    assert list(read(Common).hubs) == ["london", "wales"]


@pytest.mark.parametrize("name", REQUIRED)
def test_a_setting_that_is_missing_is_named_with_what_was_expected_and_an_example(environment, name):
    environment(**{name: None})
    (known,) = (each for each in declared(Keyed) if each.name == name)
    assert refusal() == f"{name}: Environment variable not set. Expected: {known.about}; for example {name}={known.example}"


def test_all_that_is_missing_is_named_at_once(environment):
    environment(**dict.fromkeys(REQUIRED))
    assert [line.partition(":")[0] for line in refusal().splitlines()] == REQUIRED


MALFORMED = [
    ("PORT", "abc"),
    ("PORT", ""),
    ("PORT", "0"),
    ("PORT", "65536"),
    ("PORT", "80.5"),
    ("LOG_LEVEL", "chatty"),
    ("LOG_LEVEL", "10"),
]


@pytest.mark.parametrize(("name", "value"), MALFORMED)
def test_a_setting_that_is_malformed_is_named_with_what_was_expected_and_an_example(environment, name, value):
    environment(**{name: value})
    told = refusal()
    assert told.startswith(f"{name}: ")
    assert f" Expected: the port that the API listens on; for example {name}=8001" in told or "for example LOG_LEVEL=WARNING" in told


def test_whoever_writes_another_log_level_is_told_which_there_are(environment):
    environment(LOG_LEVEL="LOUD")
    assert "not one of DEBUG, INFO, WARNING, ERROR" in refusal()


def test_a_missing_and_a_malformed_setting_are_told_together(environment):
    environment(KAFKA=None, PORT="abc")
    assert [line.partition(":")[0] for line in refusal().splitlines()] == ["KAFKA", "PORT"]


def test_a_hub_that_nobody_knows_stops_the_process(environment):
    environment(HUBS="leeds")
    assert refusal() == "HUBS or HUBS_EXCEPT names leeds; HUBS_FILE contains london, wales."


def test_a_process_that_cannot_start_ends_and_says_why(environment):
    environment(MONGO_URL=None)
    with pytest.raises(SystemExit, match="MONGO_URL"):
        read(Common)


def test_a_key_is_the_bytes_that_its_file_holds(environment):
    environment()
    assert read(Keyed).key == SECRET


def test_a_key_is_never_shown(environment):
    environment()
    shown = repr(read(Keyed))
    assert "wales" in shown
    assert repr(SECRET)[2:-1] not in shown
    assert base64.b64encode(SECRET).decode() not in shown


@pytest.mark.parametrize("length", [0, 16, 31, 33, 96])
def test_a_key_of_another_length_is_refused_with_its_length_and_how_to_make_one(environment, tmp_path, length):
    path = tmp_path / "short.key"
    path.write_bytes(base64.b64encode((SECRET * 3)[:length]))
    environment(CONFLICT_KEY_FILE=str(path))
    told = refusal()
    assert told.startswith(f"CONFLICT_KEY_FILE: {path} contains {length} bytes, not 32 (openssl rand -base64 -out {path} 32).")
    assert told.endswith("for example CONFLICT_KEY_FILE=/run/secrets/conflict.key")


@pytest.mark.parametrize("held", [b"abc", b"\xff\xfe\xff", b"c2VjcmV0IG9mIG5vYm9keQ"])
def test_a_key_file_that_holds_no_base64_is_refused_without_being_repeated(environment, tmp_path, held):
    path = tmp_path / "bad.key"
    path.write_bytes(held)
    environment(CONFLICT_KEY_FILE=str(path))
    told = refusal()
    assert told.startswith(f"CONFLICT_KEY_FILE: {path} cannot be read: ")
    assert held.decode(errors="replace") not in told


def test_a_key_file_that_is_not_there_is_named(environment, tmp_path):
    environment(CONFLICT_KEY_FILE=str(tmp_path / "none.key"))
    assert refusal().startswith(f"CONFLICT_KEY_FILE: {tmp_path}/none.key cannot be read: ")


def test_every_setting_says_what_it_is_and_gives_an_example():
    assert len(NAMES) == len(set(NAMES))
    assert all(each.name.isupper() and each.about and each.example for each in declared(Keyed))


@pytest.mark.parametrize("name", [each.name for each in declared(Common) if each.kind in {"int", "str"} and not each.is_required])
def test_the_example_of_a_setting_is_taken(environment, name):
    (known,) = (each for each in declared(Common) if each.name == name)
    environment(**{name: known.example})
    assert known.example in {str(value) for value in vars(read(Common)).values()}


def test_a_secret_may_stand_in_a_file(environment, tmp_path):
    (tmp_path / "mongo-url").write_text("mongodb://referral:hush@store/\n")
    environment(MONGO_URL=None, MONGO_URL_FILE=str(tmp_path / "mongo-url"))
    try:
        found = read(Keyed)
        assert found.common.mongo_url == "mongodb://referral:hush@store/"
        assert "hush" not in repr(found)
    finally:
        os.environ.pop("MONGO_URL_FILE", None)


def test_a_file_of_a_secret_that_cannot_be_read_is_named(environment, tmp_path, monkeypatch):
    environment(MONGO_URL=None)
    monkeypatch.setenv("MONGO_URL_FILE", str(tmp_path / "nowhere"))
    assert "MONGO_URL_FILE" in refusal()


def test_a_list_of_hubs_is_never_taken_for_a_file(environment):
    environment(HUBS="london")
    assert list(read(Keyed).common.hubs) == ["london"]


@pytest.mark.parametrize(
    ("chosen", "name"),
    [
        ({}, "all"),
        ({"HUBS": "", "HUBS_EXCEPT": " ,"}, "all"),
        ({"HUBS": "wales, london"}, "only-london+wales"),
        ({"HUBS_EXCEPT": "london"}, "except-london"),
        ({"HUBS": "london,wales", "HUBS_EXCEPT": "london"}, "only-london+wales-except-london"),
        ({"DEPLOYMENT": "west", "HUBS": "wales"}, "west"),
    ],
)
def test_a_deployment_is_named_by_its_setting_or_by_the_hubs_it_was_told(environment, chosen, name):
    environment(**chosen)
    assert read(Keyed).common.deployment == name


def test_a_name_that_no_consumer_group_could_have_is_refused(environment):
    environment(DEPLOYMENT="north west")
    assert refusal().startswith("DEPLOYMENT: contains more than letters, digits and + . _ -")


def test_a_new_hub_renames_no_consumer_group_lease_halt_or_sign_of_life(environment, tmp_path):
    def names():
        runtime = Runtime("scheduling", read(Keyed).common, ("consumer", "relay"))
        consumer = runtime.consumer(inbox=None)
        return consumer._place._group, runtime.halts().name, runtime._scoped("relay"), runtime.heartbeat("timers")._name

    environment()
    before = names()
    environment()
    (tmp_path / "hubs.toml").write_text(HUBS + HUBS.replace("london", "wales") + HUBS.replace("london", "leeds"))
    assert list(read(Keyed).common.hubs) == ["london", "wales", "leeds"]
    assert names() == before == ("scheduling.all", "consumer:all", "relay:all", "timers:all")


def test_kafka_without_tls_is_what_an_empty_file_name_means(environment):
    environment(KAFKA_CA_FILE="")
    assert read(Keyed).common.account.options["security_protocol"] == "SASL_PLAINTEXT"


def test_kafka_with_certificates_is_reached_over_tls(environment, tmp_path):
    authority = tmp_path / "ca.pem"
    authority.touch()
    environment(KAFKA_CA_FILE=str(authority))
    options = read(Keyed).common.account.options
    assert (options["security_protocol"], options["ssl_cafile"]) == ("SASL_SSL", str(authority))


def test_certificates_that_are_not_there_are_named(environment, tmp_path):
    environment(KAFKA_CA_FILE=str(tmp_path / "none.pem"))
    assert "KAFKA_CA_FILE: " in refusal()
    assert "none.pem is not there" in refusal()
