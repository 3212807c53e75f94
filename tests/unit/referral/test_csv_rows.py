import csv
import io
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from referral.api import csv_rows
from referral.api.csv_rows import COLUMNS, NEEDED
from referral.domain.values import Consent, Person, Registration, Window, Wishes, Workplaces
from shared.web.problems import Problem

ONE = {
    "source": "hub",
    "person.name": "Samira Ficta",
    "person.email": "sam@home.example",
    "facts.profession": "doctor",
    "consent.given_at": "2026-11-20T09:00:00+00:00",
    "consent.to": "referral;status_to_referrer",
}


def rows(body):
    """What a caller of London gets."""
    return csv_rows.rows(body, "london")


def written(*people, end="\r\n"):
    """The people as a spreadsheet would write them: what they differ in from ONE, or a row of cells."""
    full = [person if isinstance(person, list) else ONE | person for person in people]
    header = list(dict.fromkeys(name for person in full if isinstance(person, dict) for name in person)) or list(ONE)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator=end)
    writer.writerow(header)
    writer.writerows(person if isinstance(person, list) else [person.get(name, "") for name in header] for person in full)
    return out.getvalue().encode()


def read(*people, **options):
    return list(rows(written(*people, **options)))


def told(row):
    return [(problem.field, problem.reason, problem.cure) for problem in row.problems]


def refusal(body):
    with pytest.raises(Problem) as refused:
        list(rows(body))
    return refused.value


def test_a_row_is_the_referral_that_its_dotted_columns_say():
    (row,) = read({"person.registration.body": "GMC", "person.registration.number": "0000001", "person.birth_date": "1980-02-29"})
    assert (row.line, row.problems) == (2, ())
    assert row.command.person == Person(
        "Samira Ficta", "sam@home.example", birth_date=date(1980, 2, 29), registration=Registration("GMC", "0000001")
    )
    assert row.command.consent == Consent(datetime(2026, 11, 20, 9, tzinfo=UTC), ("referral", "status_to_referrer"))


def test_columns_may_stand_in_any_order_with_spaces_around():
    names = [f" {name} " for name in reversed(ONE)]
    body = ",".join(names) + "\n" + ",".join(f" {ONE[name.strip()]} " for name in names)
    (row,) = rows(body.encode())
    assert (row.command.source, row.command.person.name) == ("hub", "Samira Ficta")


def test_lists_are_separated_by_semicolons_and_empty_places_do_not_count():
    (row,) = read({"ties.employers": "Northern Trust; St Marys ;;", "wishes.modalities": "analytic", "wishes.variants": ";women;30-weeks"})
    assert row.command.ties == Workplaces(employers=("Northern Trust", "St Marys"))
    assert row.command.wishes == Wishes(("analytic",), variants=("women", "30-weeks"))


def test_a_comma_in_a_quoted_cell_is_part_of_the_name():
    (row,) = read({"ties.employers": "Smith, Jones and Partners;St Marys"})
    assert row.command.ties.employers == ("Smith, Jones and Partners", "St Marys")


def test_availability_reads_as_weekdays_with_hours():
    (row,) = read({"availability": "tuesday 18:00-21:00; friday  07:30 - 09:00"})
    assert row.command.free == (Window("tuesday", "18:00", "21:00"), Window("friday", "07:30", "09:00"))


def test_whom_they_must_not_meet_is_body_and_number():
    (row,) = read({"never_with": "GMC 0000001; GDC 12 34"})
    assert row.command.never_with == (Registration("GMC", "0000001"), Registration("GDC", "1234"))


@pytest.mark.parametrize("column", sorted(set(COLUMNS) - set(NEEDED)))
def test_an_empty_cell_is_a_field_left_out(column):
    (row,) = read({column: "  "})
    assert (row.problems, row.command.person.name) == ((), "Samira Ficta")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_may_end_as_on_any_machine(end):
    found = read({}, {"person.name": "Alex Ficta"}, end=end)
    assert [(row.line, row.command.person.name) for row in found] == [(2, "Samira Ficta"), (3, "Alex Ficta")]


def test_the_mark_that_spreadsheets_put_first_is_not_part_of_the_first_column():
    (row,) = rows(b"\xef\xbb\xbf" + written({}))
    assert row.command.source == "hub"


def test_the_last_line_needs_no_end():
    assert [row.line for row in rows(written({}, {}).rstrip())] == [2, 3]


def test_blank_rows_are_passed_over_and_the_line_numbers_stay_right():
    found = list(rows(written({}, ["", " ", "", "", "", ""], {"source": "wizard"}).replace(b"hub,Sam", b"\r\nhub,Sam")))
    assert [(row.line, row.command is None) for row in found] == [(3, False), (5, True)]


def test_one_bad_row_does_not_stop_the_good_ones():
    found = read({}, {"person.email": "sam"}, {"person.name": "Alex Ficta"})
    assert [row.command is not None for row in found] == [True, False, True]
    assert told(found[1]) == [("person.email", "not an e-mail address", "give one like name@example.org")]


def test_a_row_is_named_by_the_line_where_it_begins_also_after_cells_of_many_lines():
    found = read({"ties.household": "1 Home Road\nTown\nCounty"}, {"source": "wizard"}, {"ties.household": "a\n\nb"}, {})
    assert [(row.line, row.command is None) for row in found] == [(2, True), (5, True), (6, True), (9, False)]
    assert told(found[0]) == [
        ("ties.household", "contains a control character or an encoded word", "type it as plain text on one line"),
    ]


def test_line_numbers_are_right_below_a_header_of_two_lines():
    header = b'"person.known_as\n",' + ",".join(ONE).encode()
    (row,) = rows(header + b"\n" + b"Sam," + ",".join(ONE.values()).encode())
    assert (row.line, row.command.person.known_as) == (3, "Sam")


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"availability": "tuesday 18:00-21:00;sometime"}, "availability"),
        ({"availability": "caturday 18:00-21:00"}, "availability"),
        ({"availability": "tuesday 21:00-18:00"}, "availability"),
        ({"never_with": "GMC"}, "never_with"),
        ({"ties.sites": ";".join("abcdefghijklmnopqrstu")}, "ties.sites"),
        ({"consent.to": "status_to_referrer"}, "consent.to"),
        ({"consent.to": "referral;everything"}, "consent.to"),
        ({"consent.given_at": "yesterday"}, "consent.given_at"),
        ({"person.registration.body": "GMC"}, "person.registration.number"),
        ({"person.birth_date": "29/02/1980"}, "person.birth_date"),
        ({"person.name": ""}, "person.name"),
        ({"source": "", "urgency": "soon"}, "source"),
        ({"consent.to": ""}, "consent.to"),
        ({"consent.given_at": ""}, "consent.given_at"),
    ],
)
def test_what_is_wrong_is_named_by_the_column_that_a_person_looks_at(cells, column):
    (row,) = read(cells)
    assert {problem.field for problem in row.problems} == {column}
    assert all(problem.reason and problem.cure for problem in row.problems)
    assert row.command is None


def test_who_gave_no_consent_is_told_which_columns_say_it():
    (row,) = read({"consent.to": "", "consent.given_at": ""})
    assert told(row) == [
        ("consent.to", "Missing data for required field", "once the doctor has consented, fill in consent.given_at and consent.to")
    ]


@pytest.mark.parametrize("count", [5, 7, 100])
def test_too_few_or_too_many_cells_are_counted_and_explained(count):
    bad, good = read(["x"] * count, {})
    assert (bad.line, told(bad)) == (2, [("", f"{count} cells for 6 columns", "put quotation marks around any cell that contains a comma")])
    assert good.command.source == "hub"


def test_in_a_file_of_several_hubs_the_rows_of_others_are_refused_and_the_hub_s_own_taken():
    own, other, unsaid = read({"hub": "london"}, {"hub": "north-west"}, {"hub": ""})
    assert (own.command.source, unsaid.command.source) == ("hub", "hub")
    assert other.command is None
    assert told(other) == [("hub", "this row belongs to another hub", "submit it with an API key for that hub")]


def test_an_unknown_column_is_named_with_those_there_are():
    problem = refusal(written({"person.nickname": "Sam"}))
    assert (problem.status, problem.type) == (422, "invalid-request")
    (only,) = problem.problems
    assert (only.field, only.reason) == ("person.nickname", "unknown column")
    assert only.cure == f"use only the columns {', '.join(COLUMNS)}"


@pytest.mark.parametrize("column", NEEDED)
def test_a_missing_column_is_named(column):
    body = ",".join(name for name in ONE if name != column).encode()
    (only,) = refusal(body).problems
    assert (only.field, only.reason, only.cure) == (column, "missing column", "add it to the header line")


def test_a_column_given_twice_is_named_once():
    (only,) = refusal((",".join([*ONE, "source", "source"])).encode()).problems
    assert (only.field, only.reason, only.cure) == ("source", "duplicate column", "keep only one")


@pytest.mark.parametrize("body", [b"", b"\n", b"\xef\xbb\xbf", b"\r\n\r\n"])
def test_an_empty_file_lacks_every_column_that_is_needed(body):
    assert [problem.field for problem in refusal(body).problems] == list(NEEDED)


def test_a_file_with_columns_only_holds_nobody():
    assert list(rows(",".join(COLUMNS).encode())) == []


def test_a_quote_that_never_ends_is_named_by_its_line():
    problem = refusal(written({}) + b'hub,"Alex')
    assert (problem.status, problem.type, problem.title) == (422, "unreadable-csv", "The file is not valid CSV")
    assert problem.detail.startswith("line 3: ")
    assert problem.detail.endswith("; check the quotation marks")


def test_a_cell_without_end_is_refused_by_its_line():
    problem = refusal(written({}, {"person.name": "x" * 200_000}))
    assert problem.type == "unreadable-csv"
    assert problem.detail.startswith("line 3: field larger than field limit")


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_a_file_in_another_encoding_is_refused_with_how_to_save_it(encoding):
    problem = refusal(written({"person.name": "Zoë"}).decode().encode(encoding))
    assert (problem.type, problem.title) == ("unreadable-csv", "The file is not UTF-8")
    assert problem.detail.startswith("byte ")
    assert problem.detail.endswith("; save the file as CSV UTF-8")


@pytest.mark.parametrize("name", ["=cmd|' /C calc'!A0", "{'$ne': None}"])
def test_a_name_is_a_name_and_nothing_is_computed(name):
    (row,) = read({"person.name": name})
    assert row.command.person.name == name


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=20)


@settings(max_examples=60, deadline=None)
@given(st.lists(CELLS, max_size=6), st.lists(CELLS, max_size=6))
def test_whatever_names_come_each_row_is_answered_at_its_line_and_the_next_is_read(one, other):
    names = [*one, *other]
    body = written(*[{"person.name": name} for name in names], {})
    line, expected = 2, []
    for name in [*names, "Samira Ficta"]:
        expected.append(line)
        line += 1 + len(name.replace("\r\n", "\n").replace("\r", "\n").split("\n")) - 1
    found = list(rows(body))
    assert [row.line for row in found] == expected
    assert found[-1].command.person.name == "Samira Ficta"
    assert all((row.command is None) == bool(row.problems) for row in found)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_at_all_do_more_than_be_refused(body):
    refused = refusal(body)
    assert refused.status == 422
    assert refused.problems or refused.detail
