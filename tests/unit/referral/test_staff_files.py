"""The operator's list of staff: read whole, or refused with every mistake in it."""

from pathlib import Path

import pytest

from referral.adapters.staff_files import read_staff
from referral.domain.staff import Listed
from referral.domain.values import Registration
from shared.process.hubs import read_hubs
from shared.validation.problems import BadData

SHIPPED = Path(__file__).parents[3] / "deploy"
ADA = """
[ada]
name = "Ada Ficta"
registration = { body = "GMC", number = "0000009" }
hubs = ["london"]
"""


@pytest.fixture
def read(tmp_path):
    def reading(text):
        (tmp_path / "staff.toml").write_text(text)
        return read_staff(tmp_path / "staff.toml", ["london", "york"])

    return reading


def test_the_list_that_is_shipped_is_valid():
    found = read_staff(SHIPPED / "staff.toml", read_hubs(SHIPPED / "hubs.toml"))
    assert found.find("north-west", "ada") == Listed("ada", "Ada Ficta", Registration("GMC", "0000009"), ("*",))
    assert [each.code for each in found.at("north-west")][:2] == ["ada", "keswither"]
    assert found.find("north-west", "aldersyke") is None


def test_an_empty_list_is_a_hub_without_staff(read):
    assert read("").at("london") == []


@pytest.mark.parametrize(
    ("text", "field"),
    [
        (ADA.replace("london", "atlantis"), "hubs"),
        (ADA.replace('["london"]', "[]"), "hubs"),
        (ADA.replace('name = "Ada Ficta"', ""), "name"),
        (ADA.replace(', number = "0000009"', ""), "registration.number"),
        (ADA + ADA.replace("[ada]", "[eva]").replace("GMC", "gmc").replace("0000009", "000 0009"), "registration"),
        (ADA + "salary = 1", "salary"),
        ("ada = 1", "ada"),
        ("[ada", "-"),
    ],
)
def test_a_mistake_is_named_with_its_cure(read, text, field):
    with pytest.raises(BadData) as refused:
        read(text)
    assert all(mistake.cure for mistake in refused.value.mistakes)
    assert field in {mistake.field for mistake in refused.value.mistakes} | {refused.value.mistakes[0].entry}
