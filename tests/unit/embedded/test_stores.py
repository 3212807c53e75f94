"""Which database the embedded stack runs on, and what it says when that cannot run."""

import importlib.metadata

import pytest

from embedded import stores
from embedded.stores import MongodCannotRun, StandIn, chosen


@pytest.fixture(autouse=True)
def nothing_installed(monkeypatch, tmp_path):
    """A machine with no mongod at all; each test adds what it needs."""
    monkeypatch.delenv("MONGOD", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr(stores, "WHEEL", "no-such-wheel")
    (tmp_path / "bin").mkdir()


@pytest.fixture
def mongod(tmp_path):
    """Puts a program that answers as told somewhere, on the PATH at first."""

    def put(answer="echo db version v7.0.2", where="bin/mongod"):
        path = tmp_path / where
        path.write_text(f"#!/bin/sh\n{answer}\n")
        path.chmod(0o755)
        return str(path)

    return put


NO_LIBRARY = "echo mongod: error while loading shared libraries: libcurl.so.4: cannot open shared object file >&2; exit 127"


def test_the_one_that_is_named_comes_first(mongod, monkeypatch):
    mongod("echo db version v8.0.1")
    monkeypatch.setenv("MONGOD", mongod(where="mine"))
    assert chosen().told == "MongoDB 7.0.2, named by MONGOD"


def test_the_one_on_the_path_comes_before_the_wheel_s(mongod):
    program = mongod()
    assert chosen().told == "MongoDB 7.0.2, from the PATH"
    assert chosen().command(7, "folder")[0] == program


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (NO_LIBRARY, r"libcurl\.so\.4: cannot open shared object file; on Debian: apt-get install libcurl4"),
        ("echo db version v3.6.8", r"is MongoDB 3\.6\.8, but 6\.0 is the oldest supported version"),
        ("echo hello", r"it is not mongod"),
        ("exit 1", r"it is not mongod"),
    ],
)
def test_one_that_is_named_and_cannot_run_is_refused_with_the_reason_and_what_to_do(mongod, monkeypatch, answer, reason):
    monkeypatch.setenv("MONGOD", mongod(answer, "mine"))
    with pytest.raises(MongodCannotRun, match=rf"MONGOD=\S+/mine: .*{reason}.*\. Name another, or unset MONGOD"):
        chosen()


def test_one_that_is_named_and_is_not_there_is_refused(monkeypatch):
    monkeypatch.setenv("MONGOD", "/no/such/mongod")
    with pytest.raises(MongodCannotRun, match=r"MONGOD=/no/such/mongod: .* \(No such file or directory\)"):
        chosen()


def test_where_none_can_run_the_stand_in_takes_over_and_says_why(mongod):
    mongod(NO_LIBRARY)
    engine = chosen()
    assert isinstance(engine, StandIn)
    assert engine.told.startswith("SecantusDB instead of MongoDB")
    assert "bin/mongod does not run (libcurl.so.4" in engine.told
    assert "apt-get install libcurl4" in engine.told
    assert "\n" not in engine.told


def test_where_there_is_none_the_stand_in_says_that():
    assert "there is no mongod on the PATH, and no wheel of one" in chosen().told


def test_the_wheel_s_is_given_the_right_to_run(mongod, monkeypatch, tmp_path):
    path = tmp_path / "mongod"
    mongod(where="mongod")
    path.chmod(0o644)
    file = importlib.metadata.PackagePath("mongod")
    file.dist = importlib.metadata.PathDistribution(tmp_path / "any.dist-info")
    monkeypatch.setattr(importlib.metadata, "files", lambda _wheel: [file])
    assert chosen().told == "MongoDB 7.0.2, from the wheel no-such-wheel"
    assert path.stat().st_mode & 0o111
