"""The signed link: ids only, for sixty days, and nobody else can make one."""

import base64
import json

import pytest
from itsdangerous import TimestampSigner, URLSafeTimedSerializer

from notifications.adapters.links import LASTS, SignedLinks
from notifications.application.ports import Link
from notifications.domain.answers import LinkGone

LINK, LINKS = Link("P-1", "S-1"), SignedLinks(b"l" * 32)
SECOND = 1


def test_a_link_is_read_as_it_was_signed():
    assert LINKS.read(LINKS.sign(LINK)) == LINK


def test_it_carries_two_ids_and_no_hub():
    payload = LINKS.sign(LINK).partition(".")[0]
    assert json.loads(base64.urlsafe_b64decode(payload + "==")) == {"person": "P-1", "membership": "S-1"}


@pytest.mark.parametrize(("late", "is_read"), [(-SECOND, True), (SECOND, False)])
def test_it_lasts_sixty_days(monkeypatch, late, is_read):
    token = LINKS.sign(LINK)
    now = TimestampSigner("x").get_timestamp()
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda _: int(now + LASTS.total_seconds() + late))
    if is_read:
        assert LINKS.read(token) == LINK
    else:
        with pytest.raises(LinkGone, match="is not valid, or it has expired"):
            LINKS.read(token)


def signed(what, key=b"l" * 32, salt="answer"):
    return URLSafeTimedSerializer(key, salt=salt).dumps(what)


IDS = {"person": "P-1", "membership": "S-1"}
STRANGE = {
    "empty": "",
    "garbage": "garbage",
    "dots": "a.b.c",
    "another key": signed(IDS, b"x" * 32),
    "another purpose": signed(IDS, salt="book"),
    "of the first release": signed({"hub": "leeds", "referral": "R-1", "offer": "O-1"}),
    "a list": signed(["P-1", "S-1"]),
    "a number": signed(1),
    "altered": "x" + signed(IDS),
}


@pytest.mark.parametrize("token", STRANGE.values(), ids=STRANGE)
def test_what_is_not_one_of_ours_is_refused(token):
    with pytest.raises(LinkGone):
        LINKS.read(token)
