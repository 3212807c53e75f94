import csv
import io
from contextlib import suppress
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from referral.api.columns import columns
from referral.api.rows import NEEDED, Reader
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
    return Reader("london", ZoneInfo("Europe/London")).rows(body, "text/csv")


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


@pytest.mark.parametrize("column", sorted(set(columns()) - set(NEEDED)))
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
        ({"person.birth_date": "02/29/1980"}, "person.birth_date"),
        ({"source": "wizard"}, "source"),
        ({"person.name": ""}, "person.name"),
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


@pytest.mark.parametrize("count", [7, 100])
def test_too_many_cells_are_counted_and_explained(count):
    bad, good = read(["x"] * count, {})
    cure = "put quotation marks around any cell that contains a separator"
    assert (bad.line, told(bad)) == (2, [("", f"{count} cells for 6 columns", cure)])
    assert good.command.source == "hub"


def test_in_a_file_of_several_hubs_the_rows_of_others_are_refused_and_the_hub_s_own_taken():
    own, other, unsaid = read({"hub": "london"}, {"hub": "north-west"}, {"hub": ""})
    assert (own.command.source, unsaid.command.source) == ("hub", "hub")
    assert other.command is None
    assert told(other) == [("hub", "this row belongs to another hub", "submit it with an API key for that hub")]


def test_an_unknown_column_is_named_with_those_there_are():
    problem = refusal(written({"shoe size": "9"}))
    assert (problem.status, problem.type) == (422, "invalid-request")
    (only,) = problem.problems
    assert (only.field, only.reason) == ("shoe size", "unknown column")
    assert only.cure == f"rename it to one of {', '.join(columns())}; or remove the column: nothing is taken unread"


def test_a_column_that_is_nearly_known_is_named_with_the_one_that_may_be_meant():
    (only,) = refusal(written({"Date of brith": "29/02/1980"})).problems
    assert only.cure.startswith("rename it to person.birth_date, if that is meant")


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
    assert list(rows(",".join(columns()).encode())) == []


def test_a_quote_that_never_ends_is_named_by_its_line():
    problem = refusal(written({}) + b'hub,"Alex')
    assert (problem.status, problem.type, problem.title) == (422, "unreadable-csv", "The file is not valid CSV")
    assert problem.detail.startswith("line 3: ")
    assert problem.detail.endswith("; check the quotation marks")


def test_a_cell_without_end_is_refused_by_its_line():
    problem = refusal(written({}, {"person.name": "x" * 200_000}))
    assert problem.type == "unreadable-csv"
    assert problem.detail.startswith("line 3: field larger than field limit")


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


# What hubs export.

NAMES = "GMC No.,Surname,First name,E-mail,Date of birth,Grade,Profession,Employer,Availability,Consent date,Consent"
CELLS_OF_A_HUB = (
    "GMC 9000001,O'Neill-Smith,Jane,jane@home.example,29/02/1980,GP,Doctor,Fern Lane Surgery,Tuesday 9:00-17:00; Thu evening,20/11/2026,Yes"
)


def test_a_file_as_a_hub_writes_it_is_taken():
    (row,) = rows(f"{NAMES}\n{CELLS_OF_A_HUB}\n".encode())
    assert row.problems == ()
    assert row.command.person == Person(
        "Jane O'Neill-Smith", "jane@home.example", birth_date=date(1980, 2, 29), registration=Registration("GMC", "9000001")
    )
    assert (row.command.source, row.command.facts.profession, row.command.facts.grade) == ("hub", "doctor", "gp")
    assert row.command.free == (Window("tuesday", "09:00", "17:00"), Window("thursday", "18:00", "21:00"))
    assert row.command.consent == Consent(datetime(2026, 11, 20, tzinfo=UTC), ("referral",))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_file_is_read_in_the_encoding_and_with_the_separator_that_it_has(encoding, separator):
    people = ("Zoë Ångström", "Jürgen Müller", "Renée O’Brien", "François Lefèvre")
    header = ["Name", "Email", "Profession", "Consent date", "Consent"]
    lines = [header, *([name, f"p{n}@home.example", "doctor", "20/11/2026", "yes"] for n, name in enumerate(people))]
    found = list(rows("\r\n".join(separator.join(line) for line in lines).encode(encoding)))
    assert [row.command.person.name for row in found] == list(people)


def test_the_line_by_which_excel_names_its_separator_is_not_the_header():
    (row,) = rows(b"sep=;\r\nName;Email;Profession;Consent date;Consent\r\nSam Ficta;sam@home.example;Doctor;20/11/2026;Yes")
    assert (row.number, row.line, row.command.person.name) == (2, 3, "Sam Ficta")


def test_a_row_is_named_as_the_spreadsheet_shows_it_and_by_the_hubs_own_reference():
    found = read({"ties.employers": "A Trust\nB Trust", "ref": "L-1"}, {"source": "wizard", "ref": "L-2"})
    assert [(row.number, row.line, row.reference) for row in found] == [(2, 2, "L-1"), (3, 4, "L-2")]
    assert found[0].command.ties.employers == ("A Trust", "B Trust")


def test_a_problem_is_under_the_name_that_the_hub_gives_the_column():
    (row,) = rows(f"{NAMES}\n{CELLS_OF_A_HUB}".replace("GMC 9000001", "96461").replace("29/02/1980", "30/02/1980").encode())
    assert {problem.field for problem in row.problems} <= {"GMC No.", "Date of birth"}
    (row,) = rows(f"{NAMES}\n{CELLS_OF_A_HUB}".replace("GMC 9000001", "96461").encode())
    assert [(problem.field, problem.reason) for problem in row.problems] == [("GMC No.", "too short: a GMC number has seven digits")]


def test_missing_cells_at_the_end_and_empty_columns_without_a_name_are_nothing():
    header = ",".join([*ONE, "person.phone", "", ""])
    short, long = rows(f"{header}\n{','.join(ONE.values())}\n{','.join(ONE.values())},,,\n".encode())
    assert short.command == long.command
    assert short.problems == ()


def test_a_column_without_a_name_must_be_empty():
    (row,) = rows(f"{','.join(ONE)},\n{','.join(ONE.values())},something".encode())
    assert told(row) == [("", "1 cells in a column without a name", "name the column, or empty it")]


def workbook(*lines):
    book = openpyxl.Workbook()
    for line in lines:
        book.active.append(line)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_workbook_is_read_with_its_numbers_and_dates():
    header = NAMES.split(",")
    cells = [9000001, "Ficta", "Sam", "sam@home.example", date(1980, 2, 29), "Consultant", "Doctor", None, None, 46346, True]
    (row,) = rows(workbook(header, cells))
    assert row.problems == ()
    assert row.command.person.registration == Registration("GMC", "9000001")
    assert row.command.person.birth_date == date(1980, 2, 29)
    assert row.command.consent == Consent(datetime(2026, 11, 20, tzinfo=UTC), ("referral",))


def test_a_number_that_lost_its_zeros_in_a_workbook_is_refused_with_the_cure():
    cells = [96461, "Ficta", "Sam", "sam@home.example", None, "GP", "Doctor", None, None, "20/11/2026", "yes"]
    (row,) = rows(workbook(NAMES.split(","), cells))
    assert "a spreadsheet has dropped zeros" in row.problems[0].cure


@pytest.mark.parametrize("body", [b"PK\x03\x04 and no more", workbook(["x"])[:-400]])
def test_what_is_no_workbook_is_refused_with_how_to_save_it(body):
    problem = refusal(body)
    assert (problem.status, problem.type) == (422, "unreadable-workbook")


WORDS = [
    ("facts.grade", "GP", "facts.grade", "gp"),
    ("facts.grade", "Consultant", "facts.grade", "consultant"),
    ("facts.grade", "Specialty Doctor", "facts.grade", "sas"),
    ("facts.grade", "ST5", "facts.grade", "specialty_trainee"),
    ("facts.gender", "F", "facts.gender", "woman"),
    ("facts.work_status", "Off sick", "facts.work_status", "off_sick"),
    ("facts.profession", "Dr", "facts.profession", "doctor"),
]


@pytest.mark.parametrize(("column", "cell", "path", "value"), WORDS)
def test_a_value_is_taken_in_the_words_that_people_use(column, cell, path, value):
    (row,) = read({column: cell})
    part, _, name = path.partition(".")
    assert getattr(getattr(row.command, part), name) == value


def test_a_word_that_can_mean_two_things_is_refused_with_both():
    (row,) = read({"facts.grade": "Registrar"})
    assert told(row) == [("facts.grade", "'Registrar' can mean core_trainee, gp_trainee, specialty_trainee", "write one of these")]


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("29/02/1980", "1980-02-29"),
        ("29.2.1980", "1980-02-29"),
        ("29-Feb-1980", "1980-02-29"),
        ("29 February 1980", "1980-02-29"),
        ("29th Feb 1980", "1980-02-29"),
        ("29/02/80", "1980-02-29"),
        ("1980-02-29", "1980-02-29"),
        ("1980-02-29 00:00:00", "1980-02-29"),
        ("29280", "1980-02-29"),
    ],
)
def test_a_date_of_birth_is_read_day_first_or_as_a_spreadsheet_counts(cell, written):
    (row,) = read({"person.birth_date": cell})
    assert row.command.person.birth_date.isoformat() == written


@pytest.mark.parametrize("cell", ["02/29/1980", "31/04/1980", "1/1/26", "soon", "1980"])
def test_a_date_that_is_none_or_could_be_two_is_refused(cell):
    (row,) = read({"person.birth_date": cell})
    assert [problem.field for problem in row.problems] == ["person.birth_date"]


@pytest.mark.parametrize(
    ("cell", "at"),
    [
        ("20/11/2026", datetime(2026, 11, 20, tzinfo=UTC)),
        ("20/11/26", datetime(2026, 11, 20, tzinfo=UTC)),
        ("01/07/2026", datetime(2026, 6, 30, 23, tzinfo=UTC)),
        ("20/11/2026 09:30", datetime(2026, 11, 20, 9, 30, tzinfo=UTC)),
        ("2026-11-20", datetime(2026, 11, 20, tzinfo=UTC)),
        ("2026-11-20T09:00:00Z", datetime(2026, 11, 20, 9, tzinfo=UTC)),
        ("2026-11-20 09:00:00", datetime(2026, 11, 20, 9, tzinfo=UTC)),
    ],
)
def test_a_consent_may_be_a_plain_date_at_the_hub(cell, at):
    (row,) = read({"consent.given_at": cell})
    assert row.command.consent.given_at == at


def week(begins, ends, *days):
    return tuple(Window(day, begins, ends) for day in days)


@pytest.mark.parametrize(
    ("cell", "free"),
    [
        ("Tuesday 18:00-21:00", week("18:00", "21:00", "tuesday")),
        ("tuesday 9:00-21:00", week("09:00", "21:00", "tuesday")),
        ("Tues evening", week("18:00", "21:00", "tuesday")),
        ("Weds 6pm-9pm", week("18:00", "21:00", "wednesday")),
        ("Weds 6-9pm", week("18:00", "21:00", "wednesday")),
        ("Fri 10-2pm", week("10:00", "14:00", "friday")),
        ("Mon-Wed mornings", week("09:00", "12:00", "monday", "tuesday", "wednesday")),
        ("Mon and Thu 1800 - 2100", week("18:00", "21:00", "monday", "thursday")),
        ("Saturday", week("08:00", "22:00", "saturday")),
        ("weekends; Thu pm", (*week("08:00", "22:00", "saturday", "sunday"), *week("12:00", "17:00", "thursday"))),
        ("Mon, Tue", week("08:00", "22:00", "monday", "tuesday")),
        ("Mon am, Tue pm", (*week("09:00", "12:00", "monday"), *week("12:00", "17:00", "tuesday"))),
        ("Tue 10:00-12:00", week("10:00", "12:00", "tuesday")),
        ("Tue 06:30-08:30", week("06:30", "08:30", "tuesday")),
        ("Tue 18.00 to 21.00\nFri am", (*week("18:00", "21:00", "tuesday"), *week("09:00", "12:00", "friday"))),
    ],
)
def test_availability_is_read_in_words(cell, free):
    (row,) = read({"availability": cell})
    assert row.problems == ()
    assert row.command.free == free


UNSURE = ["Tuesday 6-9", "sometime", "Tue evening 18:00-21:00", "not Tuesday", "Tue after work", "18:00-21:00", "Mon?", "Mon❌"]
UNSURE += ["Mon, Tue, Wed evenings", "Mon, Tue 18:00-21:00", "Tue 6:30-8:30", "Tue 2:00-4:00", "Tue 18:00-20:00 Thu", "x" * 2000]
UNSURE += ["after 6pm", "10pm-2am", "Fri-Mon", "Mon 1" + " " * 900 + "x"]


@pytest.mark.parametrize("cell", UNSURE)
def test_availability_that_can_be_read_in_two_ways_or_in_none_is_refused(cell):
    (row,) = read({"availability": cell})
    assert {problem.field for problem in row.problems} == {"availability"}


def test_a_wish_is_found_by_its_name():
    (row,) = read({"wishes.modalities": "Beyond Balint; men only"})
    assert row.command.wishes == Wishes(("beyond-balint", "men-only"))


# What a reviewer broke it with.


@pytest.mark.parametrize("cell", ["☐ Yes", "[ ] yes", "Yes?", "yes ✗", "referral❌", "≠ yes", "no", "not yes"])
def test_nothing_but_a_plain_yes_is_a_consent(cell):
    (row,) = read({"consent.to": cell})
    assert row.command is None


@pytest.mark.parametrize(
    ("cell", "at"),
    [
        ("20/01/2026 2pm", datetime(2026, 1, 20, 14, tzinfo=UTC)),
        ("20/01/2026 2:30 pm", datetime(2026, 1, 20, 14, 30, tzinfo=UTC)),
        ("20/01/2026 12am", datetime(2026, 1, 20, tzinfo=UTC)),
        ("46042.75", datetime(2026, 1, 20, 18, tzinfo=UTC)),
    ],
)
def test_the_time_of_a_consent_is_the_one_that_was_written(cell, at):
    (row,) = read({"consent.given_at": cell})
    assert row.command.consent.given_at == at


@pytest.mark.parametrize("cell", ["20/01/2026 10:75", "20/01/2026 25:00", "99:99", "2026-W03", "20/01/2026 noon", "2026-13-01"])
def test_a_time_that_there_is_not_is_refused(cell):
    (row,) = read({"consent.given_at": cell})
    assert [problem.field for problem in row.problems] == ["consent.given_at"]


@pytest.mark.parametrize("cell", ["10280", "1 marvel 1980", "1 decade 1980", "13/13/1980", "01/02/1850"])
def test_a_birth_date_that_is_unsure_or_none_is_refused(cell):
    (row,) = read({"person.birth_date": cell})
    assert [problem.field for problem in row.problems] == ["person.birth_date"]


def test_a_phone_number_that_lost_its_zero_is_refused_with_that_cause():
    (row,) = read({"person.phone": "7700900123"})
    assert "a spreadsheet has dropped it" in row.problems[0].cure


@pytest.mark.parametrize("damage", range(0, 400, 7))
def test_a_damaged_workbook_is_refused_or_read_and_nothing_else(damage):
    body = bytearray(
        workbook(["Name", "Email", "Profession", "Consent date", "Consent"], ["Sam", "s@home.example", "Dr", "20/11/2026", "yes"])
    )
    body[40 + damage] ^= 0xFF
    with suppress(Problem):
        list(rows(bytes(body)))


def test_a_workbook_whose_formula_has_no_result_loses_nothing_unread():
    head = ["Name", "Email", "Profession", "Consent date", "Consent", "Never with"]
    (row,) = rows(workbook(head, ["Sam", "s@home.example", "Dr", "20/11/2026", "yes", '="GMC "&"1234567"']))
    assert told(row)[0][:2] == ("Never with", "a formula without a result")


@pytest.mark.parametrize("error", ["#REF!", "#NAME?", "#N/A"])
def test_an_error_of_a_spreadsheet_is_nobodys_name_or_employer(error):
    (row,) = read({"ties.employers": error})
    assert told(row)[0][:2] == ("ties.employers", "a formula without a result")


def test_merged_cells_and_a_second_sheet_are_refused_with_what_to_do():
    book = openpyxl.Workbook()
    book.active.append(["Name", "Email"])
    book.active.merge_cells("A2:A3")
    out = io.BytesIO()
    book.save(out)
    assert refusal(out.getvalue()).type == "merged-cells"
    book = openpyxl.Workbook()
    for sheet in (book.active, book.create_sheet("Feb")):
        sheet.append(["Name", "Email"])
    out = io.BytesIO()
    book.save(out)
    assert refusal(out.getvalue()).type == "several-sheets"


def test_a_hidden_sheet_is_not_read():
    book = openpyxl.Workbook()
    book.active.append(["Hidden"])
    book.active.sheet_state = "hidden"
    shown = book.create_sheet("Shown")
    for line in (["Name", "Email", "Profession", "Consent date", "Consent"], ["Sam", "s@home.example", "Dr", "20/11/2026", "yes"]):
        shown.append(line)
    out = io.BytesIO()
    book.save(out)
    (row,) = rows(out.getvalue())
    assert row.command.person.name == "Sam"


def test_a_workbook_that_is_too_wide_or_too_long_is_refused_and_not_cut():
    head = ["Name", "Email", "Profession", "Consent date", "Consent"]
    assert refusal(workbook([*head, *[None] * 200, "Never with"])).type == "too-many-columns"
    book = openpyxl.Workbook()
    book.active.append(head)
    book.active.cell(30_000, 1, "x")
    out = io.BytesIO()
    book.save(out)
    assert refusal(out.getvalue()).type == "too-large"


@pytest.mark.parametrize(
    ("header", "cells", "reason"),
    [
        (["Regulator", "GMC No"], ["GDC", "1234567"], "another body than the GMC number's"),
        (["First name"], ["Jane"], "a name beside a first or last name"),
    ],
)
def test_cells_that_contradict_each_other_are_refused(header, cells, reason):
    head = ["Name", "Email", "Profession", "Consent date", "Consent", *header]
    (row,) = rows(",".join(head).encode() + b"\n" + ",".join(["Sam Ficta", "s@home.example", "Dr", "20/11/2026", "yes", *cells]).encode())
    assert row.problems[0].reason == reason


def test_half_a_name_is_refused():
    (row,) = rows(b"First name,Last name,Email,Profession,Consent date,Consent\nJane,,s@home.example,Dr,20/11/2026,yes")
    assert row.problems[0].reason == "only half of the name"


@pytest.mark.parametrize(("name", "encoding"), [("José Nuñez O’Neill", "mac_roman"), ("José Nuñez", "cp850"), ("Zoë Nuñez", "cp437")])
def test_a_file_for_another_machine_is_refused_and_not_misread(name, encoding):
    lines = ["Name,Email,Profession,Consent date,Consent", f"{name},s@home.example,Dr,20/11/2026,yes"]
    assert refusal("\n".join(lines).encode(encoding)).type == "unreadable-csv"


def test_a_long_header_or_reference_does_not_fill_the_report():
    assert refusal(written({"person.email" + "." * 1000: "x"})).problems[0].reason == "unknown column"
    (row,) = read({"ref": "L" * 1000})
    assert row.reference == "L" * 100


def test_every_mistake_of_a_row_is_named_at_once():
    (row,) = read({"person.birth_date": "02/29/1980", "facts.grade": "Registrar", "person.email": "sam@", "availability": "sometime"})
    assert {problem.field for problem in row.problems} == {"person.birth_date", "facts.grade", "person.email", "availability"}
    (row,) = read({"consent.given_at": "99:99 on a day", "person.email": "sam@"})
    assert {problem.field for problem in row.problems} == {"consent.given_at", "person.email"}


@pytest.mark.parametrize("cell", ["02/29/1980", "1/1/26", "10280", "13/13/1980"])
def test_no_problem_quotes_a_date_of_birth_because_reports_are_stored(cell):
    (row,) = read({"person.birth_date": cell})
    assert cell not in str(row.problems)
