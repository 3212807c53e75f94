import pytest
from flask import Flask

from shared.errors import ChangedSinceRead, expect
from shared.web.versions import etag, if_match

APP = Flask(__name__)


def asked(header=None):
    """A request that changes something, made on what the caller has read."""
    return APP.test_request_context(headers={} if header is None else {"If-Match": header})


def check(version):
    """What a use case does with what its command carries."""
    expect(version, if_match())


def test_an_etag_is_the_version_in_quotes():
    assert etag(3) == '"3"'


@pytest.mark.parametrize("version", [1, 3, 12])
def test_who_sends_the_etag_that_reading_gave_may_change_it(version):
    with asked(etag(version)):
        check(version)
        with pytest.raises(ChangedSinceRead):
            check(version + 1)


def test_who_read_another_version_is_refused_and_told_to_read_again():
    with asked('"2"'), pytest.raises(ChangedSinceRead, match=r"^fetch it again, check what has changed, then send the new ETag$"):
        check(3)


@pytest.mark.parametrize("header", ['"3", "4"', '"2","3"', ' "2" ,, "3" ', 'W/"2", "3"', '"a,b", "3"', ',"3",'])
def test_of_a_list_one_that_matches_is_enough(header):
    with asked(header):
        check(3)


@pytest.mark.parametrize("header", [None, "*", " * "])
def test_who_does_not_ask_is_not_checked(header):
    with asked(header):
        assert if_match() is None
        assert check(3) is None


OTHERS = ["", "3", 'W/"3"', '"03"', '"3', f'"{"3" * 5000}"', "'3'", '"13"', '"-3"', '"3.0"', '"\u0663"', '"²"', '"*"']
LISTS = ['"2", "4"', '"2" "3"', '"3", 4', 'W/"3", "4"', '"2,"3']  # of others, or malformed


@pytest.mark.parametrize("header", OTHERS + LISTS)
def test_what_is_not_the_etag_that_reading_gave_matches_nothing(header):
    with asked(header), pytest.raises(ChangedSinceRead):
        check(3)
