import pytest
from flask import Flask

from shared.web.problems import Problem
from shared.web.versions import check, etag

APP = Flask(__name__)


def asked(if_match=None):
    """A request that changes something, made on what the caller has read."""
    return APP.test_request_context(headers={} if if_match is None else {"If-Match": if_match})


def test_an_etag_is_the_version_in_quotes():
    assert etag(3) == '"3"'


@pytest.mark.parametrize("version", [1, 3, 12])
def test_who_sends_the_etag_that_reading_gave_may_change_it(version):
    with asked(etag(version)):
        check(version)
        with pytest.raises(Problem):
            check(version + 1)


def test_who_read_another_version_is_refused_and_told_to_read_again():
    with asked('"2"'), pytest.raises(Problem) as refused:
        check(3)
    assert (refused.value.status, refused.value.type) == (412, "stale")
    assert refused.value.detail == "read it again, look at what changed, then send its new ETag"


@pytest.mark.parametrize("if_match", [None, "*"])
def test_who_does_not_ask_is_not_checked(if_match):
    with asked(if_match):
        assert check(3) is None


@pytest.mark.parametrize("if_match", ["3", "", '"03"', '"3', 'W/"3"', '"3 "', "'3'", '"13"'])
def test_what_is_not_the_etag_that_reading_gave_matches_nothing(if_match):
    with asked(if_match), pytest.raises(Problem) as refused:
        check(3)
    assert refused.value.status == 412
