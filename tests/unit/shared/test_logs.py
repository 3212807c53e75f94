import json

import pytest
import structlog

from shared.process import logs


@pytest.fixture
def lines(capsys):
    """What a process logged so far, each line read as JSON; logging is as before afterwards."""
    yield lambda: [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    structlog.contextvars.clear_contextvars()
    structlog.reset_defaults()


def test_a_line_says_who_what_when_and_how_grave(lines):
    logs.configure("referral", "api")
    logs.log().info("request", route="/v1/referrals", status=201)
    (line,) = lines()
    assert (line["service"], line["process"], line["event"], line["level"]) == ("referral", "api", "request", "info")
    assert (line["route"], line["status"]) == ("/v1/referrals", 201)
    assert line["timestamp"].endswith("Z")


@pytest.mark.parametrize("text", ['he said "no"', "two\nlines", "\x1b[2J", "Zoë 王", "\\", '{"level":"info"}'])
def test_whatever_a_line_holds_it_stays_one_line_of_json(lines, text):
    logs.configure("referral", "api")
    logs.log().info("request", reason=text)
    (line,) = lines()
    assert line["reason"] == text


@pytest.mark.parametrize(
    ("level", "heard"),
    [
        ("DEBUG", ["debug", "info", "warning", "error"]),
        ("INFO", ["info", "warning", "error"]),
        ("WARNING", ["warning", "error"]),
        ("ERROR", ["error"]),
    ],
)
def test_what_is_less_grave_than_wanted_is_left_out(lines, level, heard):
    logs.configure("referral", "api", level)
    for each in ("debug", "info", "warning", "error"):
        getattr(logs.log(), each)("said")
    assert [line["level"] for line in lines()] == heard


def test_what_failed_is_told_in_the_same_line(lines):
    logs.configure("scheduling", "consumer")
    try:
        {}["R-1"]
    except LookupError:
        logs.log().exception("event_parked", id="01JD")
    (line,) = lines()
    assert (line["event"], line["level"], line["id"]) == ("event_parked", "error", "01JD")
    assert "KeyError: 'R-1'" in line["exception"]


def test_a_trace_shows_no_variable_and_so_no_name_that_was_in_one(lines):
    logs.configure("referral", "api")
    name = "Samira".upper()
    try:
        int(f"{len(name)} letters")
    except ValueError:
        logs.log().exception("request_failed")
    (line,) = lines()
    assert "6 letters" in line["exception"]
    assert "SAMIRA" not in str(line)


def test_what_is_bound_for_one_service_is_said_in_every_line_and_nothing_else(lines):
    logs.configure("notifications", "sender")
    logs.log().info("one")
    logs.log().warning("two")
    assert [set(line) for line in lines()] == [{"service", "process", "event", "level", "timestamp"}] * 2
