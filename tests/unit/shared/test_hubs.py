from pathlib import Path

import pytest

from shared.errors import Misconfigured
from shared.process.hubs import Hub, read_hubs, served

SHIPPED = Path(__file__).parents[3] / "deploy" / "hubs.toml"
LONDON = """
[london]
name = "London"
nation = "ENG"
zone = "Europe/London"
phone = "020 7946 0000"
email = "hello@london.example"
"""
HUBS = {code: Hub(code, code.title(), "ENG", "Europe/London", "", "") for code in ("london", "north-west", "wales")}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "hubs.toml"


def refusal(path, text):
    path.write_text(text)
    with pytest.raises(Misconfigured) as refused:
        read_hubs(path)
    return str(refused.value)


def test_the_example_hubs_are_those_of_the_documents():
    assert list(read_hubs(SHIPPED)) == ["london", "north-west"]


def test_a_hub_is_known_by_its_code_with_all_that_its_entry_says(path):
    path.write_text(f"{LONDON}partitions = 12\n")
    assert read_hubs(path) == {"london": Hub("london", "London", "ENG", "Europe/London", "020 7946 0000", "hello@london.example", 12)}


def test_a_hub_that_names_no_partitions_has_three(path):
    path.write_text(LONDON)
    assert read_hubs(path)["london"].partitions == 3


@pytest.mark.parametrize("field", ["name", "nation", "zone", "phone", "email"])
def test_an_entry_that_lacks_a_field_is_refused_by_that_field(path, field):
    told = refusal(path, "\n".join(line for line in LONDON.splitlines() if not line.startswith(field)))
    assert told.startswith(f"HUBS_FILE {path}: ")
    assert repr(field) in told
    assert told.endswith("See docs/how-to/new-hub.md for the fields of an entry.")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (LONDON + 'telephone = "1"', "'telephone'"),
        (LONDON + 'code = "paris"', "'code'"),
        (LONDON + LONDON, "line 9"),
        (LONDON.replace('"London"', "London"), "line 3"),
        ("london = 3", "int"),
    ],
)
def test_what_does_not_fit_is_refused_with_where_it_stands(path, text, named):
    assert named in refusal(path, text)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (LONDON.replace("ENG", "FRA"), "london: nation is 'FRA', not one of "),
        (LONDON.replace("Europe/London", "Mars/North"), "london: zone is 'Mars/North', not an IANA name such as Europe/London"),
        (LONDON + "partitions = 0", "london: partitions is 0, not a whole number from 1"),
        (LONDON + 'partitions = "3"', "london: partitions is '3', not a whole number from 1"),
        (LONDON.replace("[london]", '["North West"]'), "'North West' is not a valid code: use lower-case letters, digits and hyphens"),
    ],
)
def test_a_value_that_cannot_be_is_refused_with_the_hub_and_what_could(path, text, told):
    assert told in refusal(path, text)


def test_a_file_that_is_not_there_is_named(path):
    with pytest.raises(Misconfigured, match=f"^HUBS_FILE {path}: .*No such file"):
        read_hubs(path)


@pytest.mark.parametrize(
    ("only", "not_these", "chosen"),
    [
        ([], [], ["london", "north-west", "wales"]),
        (["wales"], [], ["wales"]),
        (["wales", "london"], [], ["london", "wales"]),
        ([], ["london"], ["north-west", "wales"]),
        (["london", "wales"], ["wales"], ["london"]),
    ],
)
def test_a_process_serves_the_hubs_it_was_told_to(only, not_these, chosen):
    assert list(served(HUBS, only, not_these)) == chosen


def test_a_deployment_and_the_one_that_takes_the_rest_serve_every_hub_once():
    chosen = ["north-west"]
    assert set(served(HUBS, chosen, [])) | set(served(HUBS, [], chosen)) == set(HUBS)
    assert not set(served(HUBS, chosen, [])) & set(served(HUBS, [], chosen))


@pytest.mark.parametrize(("only", "not_these"), [(["leeds"], []), ([], ["leeds"]), (["london"], ["leeds"]), (["leeds", "london"], [])])
def test_a_hub_that_nobody_knows_stops_the_process_with_those_there_are(only, not_these):
    with pytest.raises(Misconfigured, match=r"^HUBS or HUBS_EXCEPT names leeds; HUBS_FILE contains london, north-west, wales\.$"):
        served(HUBS, only, not_these)


@pytest.mark.parametrize("almost", ["London", "north west", "lon"])
def test_a_hub_s_code_is_taken_to_the_letter(almost):
    with pytest.raises(Misconfigured, match=almost):
        served(HUBS, [almost], [])
