"""How people are addressed in a letter: never by a title, never with a comma inside."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from referral.domain.names import addressed


@pytest.mark.parametrize(
    ("typed", "greeting"),
    [
        ("Dr Jane O'Neill-Smith MBE", "Jane O'Neill-Smith"),
        ("Dr Aoife Example", "Aoife Example"),
        ("Example, Aoife", "Aoife Example"),
        ("KUMAR, Anita", "Anita KUMAR"),
        ("Kumar, Dr Anita", "Anita Kumar"),
        ("Dr. KUMAR, Anita, FRCP", "Anita KUMAR"),
        ("Prof Sir Sample Person", "Sample Person"),
        ("Jane Smith, MBE", "Jane Smith"),
        ("Mary Ann van der Berg PhD FRCP", "Mary Ann van der Berg"),
        ("Madonna", "Madonna"),
        ("Prince Ali", "Prince Ali"),
        ("Baron Cohen", "Baron Cohen"),
        ("Do Van Anh", "Do Van Anh"),
        ("Li Ma", "Li Ma"),
        ("MA, Li", "Li MA"),
        ("KHAN, Md", "Md KHAN"),
        ("Jane Smith, FRCP (Edin)", "Jane Smith"),
        ("Dr Jane Smith, Consultant", "Jane Smith"),
        ("Ma Jun", "Ma Jun"),
        ("علي Sample", "علي Sample"),
        ("王小明", "王小明"),
        ("Dr", "Dr"),
        (", Anita", "Anita"),
        ("Kumar,", "Kumar"),
        ("a" * 200, "a" * 200),
    ],
)
def test_a_name_is_used_whole_and_without_titles(typed, greeting):
    assert addressed(typed) == greeting


@given(some.text("abZ .,'-éDr", min_size=1, max_size=40).filter(lambda text: any(c.isalpha() for c in text)))
def test_a_greeting_is_never_empty_and_never_holds_a_comma(typed):
    assert addressed(typed)
    assert "," not in addressed(typed)
