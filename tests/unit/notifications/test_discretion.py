import pytest

from notifications.adapters.calendar import FILE_NAME
from shared.validation.discretion import is_discreet, telling_words


@pytest.mark.parametrize(
    "text",
    [
        "Your group meets on Tuesday",
        "Dear DOCTOR",
        "Therapy",
        "addicted",
        "Suspended",
        "mental-health line",
        "the psychologist",
        "St Mary's Clinic",
        "patients",
        "well-being",
        "alcohol",
        "drugs",
        "support",
        "Balint",
        "counselling",
        "NHS",
        "A GP's evening",
    ],
)
def test_what_a_mailbox_would_give_away_is_found(text):
    assert not is_discreet(text)


@pytest.mark.parametrize(
    "text",
    [
        "Weekly evening A",
        "A place is being held for you",
        "Room 3, 12 Quiet Lane",
        "Reminder: Tuesday 12 January 2027",
        "Circlework",
        FILE_NAME,
    ],
)
def test_what_says_nothing_passes(text):
    assert is_discreet(text)


def test_the_words_are_named_as_they_stand_in_the_text():
    assert telling_words("The Doctor's GROUP") == ("Doctor", "GROUP")
