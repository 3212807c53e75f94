import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from marshmallow import ValidationError

from shared.web.paging import MOST, Page, Paging, page

EVERYBODY = [f"R-{number:03d}" for number in range(100)]


def listed(after, limit):
    """A page of EVERYBODY, as a route asks for it: one more than the page holds."""
    found = [one for one in EVERYBODY if one > after][: limit + 1]
    return page(found, limit, lambda one: one, lambda one: {"referral": one})


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 120))
def test_from_page_to_page_everybody_comes_once_and_in_order(limit):
    seen, cursor = [], ""
    while cursor is not None:
        answer = listed(cursor, limit)
        assert len(answer["items"]) <= limit
        seen += [item["referral"] for item in answer["items"]]
        cursor = answer["next"]
    assert seen == EVERYBODY


def test_the_last_page_has_no_next_also_when_it_is_full():
    assert listed("", 100)["next"] is None
    assert listed("", 99)["next"] == "R-098"


def test_an_empty_list_is_a_page():
    assert listed("R-999", 10) == {"items": [], "next": None}


def test_who_says_nothing_gets_the_first_fifty():
    assert Paging().load({}) == Page("", 50)


def test_whoever_read_a_page_asks_for_the_one_after_it():
    assert Paging().load({"cursor": listed("", 10)["next"], "limit": str(MOST)}) == Page("R-009", 200)


@pytest.mark.parametrize("limit", ["0", "-1", "201", "1000000"])
def test_a_page_holds_1_to_200(limit):
    with pytest.raises(ValidationError) as refused:
        Paging().load({"limit": limit})
    assert refused.value.messages == {"limit": ["out of range; give 1 to 200"]}


@pytest.mark.parametrize("body", [{"limit": "ten"}, {"limit": {"$gt": 0}}, {"cursor": {"$gt": ""}}, {"cursor": "x" * 101}, {"skip": "1"}])
def test_what_is_no_page_is_refused_by_its_field(body):
    with pytest.raises(ValidationError) as refused:
        Paging().load(body)
    assert list(refused.value.messages) == list(body)
