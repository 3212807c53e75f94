import pytest
from marshmallow import Schema, ValidationError, fields, validates

from shared.validation.data_files import load_entries, load_entry, read_toml
from shared.validation.problems import BadData, Mistake


class Room(Schema):
    code = fields.String(required=True)
    seats = fields.Integer(required=True)

    @validates("seats")
    def has_some(self, value, **_):
        if value < 1:
            raise ValidationError("out of range; give at least 1")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "rooms.toml"


def refusal(path):
    with pytest.raises(BadData) as refused:
        read_toml(path)
    return str(refused.value)


def test_a_file_is_read_as_it_is(path):
    path.write_text('[larch]\nseats = 12\nname = "Łazienki"\n')
    assert read_toml(path) == {"larch": {"seats": 12, "name": "Łazienki"}}


def test_a_file_that_is_not_there_is_named_with_the_cure(path):
    assert refusal(path) == "rooms.toml: -: -: cannot be read (No such file or directory); create the file, or correct its permissions"


def test_a_file_that_is_no_toml_is_named_with_the_line(path):
    path.write_text("[larch]\nseats = twelve\n")
    assert refusal(path).startswith("rooms.toml: -: -: not TOML: ")
    assert "line 2" in refusal(path)


def test_a_file_that_is_not_utf_8_is_named_with_the_place(path):
    path.write_bytes(b'[larch]\nname = "\xff"\n')
    assert refusal(path) == "rooms.toml: -: -: not UTF-8 at byte 16; save it as UTF-8"


def test_every_entry_is_loaded_by_its_name_which_is_its_code():
    loaded, mistakes = load_entries(Room(), {"larch": {"seats": 12}, "oak": {"seats": 6}}, "rooms.toml")
    assert loaded == {"larch": {"code": "larch", "seats": 12}, "oak": {"code": "oak", "seats": 6}}
    assert mistakes == []


def test_every_mistake_of_every_entry_is_told_and_the_others_load():
    entries = {"larch": {"seats": 0}, "oak": {"seats": 6}, "elm": {"seats": "x", "colour": "red"}, "ash": 7}
    loaded, mistakes = load_entries(Room(), entries, "rooms.toml")
    assert list(loaded) == ["oak"]
    assert sorted(map(str, mistakes)) == [
        "rooms.toml: ash: body: Invalid input type; send a JSON object",
        "rooms.toml: elm: colour: Unknown field; remove it, or correct its spelling",
        "rooms.toml: elm: seats: Not a valid integer; send a whole number",
        "rooms.toml: larch: seats: out of range; give at least 1",
    ]


def test_an_entry_cannot_call_itself_something_else():
    loaded, _ = load_entries(Room(), {"larch": {"code": "oak", "seats": 12}}, "rooms.toml")
    assert loaded["larch"]["code"] == "larch"


def test_one_entry_is_loaded_or_all_that_is_wrong_with_it_is_told():
    assert load_entry(Room(), {"code": "larch", "seats": 12}, "rooms.toml", "larch") == ({"code": "larch", "seats": 12}, [])
    loaded, mistakes = load_entry(Room(), {"code": "larch"}, "rooms.toml", "larch")
    assert loaded is None
    assert mistakes == [Mistake("seats", "Missing data for required field", "add this field", "rooms.toml", "larch")]
