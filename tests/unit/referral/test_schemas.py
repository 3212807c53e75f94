from copy import deepcopy
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from marshmallow import ValidationError

from referral.api.referrals_schemas import DeclineSchema, ListSchema, QuestionSchema, ReferralSchema, WithdrawSchema
from referral.api.staff import FacilitatorSchema
from referral.application.ports import ReferralFilter
from referral.application.reading import ListReferrals
from referral.domain import values
from shared.contracts import vocabulary
from shared.validation.problems import problems_in

REFERRAL = {
    "source": "hub",
    "person": {
        "name": "Samira Ficta",
        "known_as": "Sam",
        "email": "sam@home.example",
        "phone": "+44 (0)20 7946-0000",
        "birth_date": "1980-02-29",
        "registration": {"body": "GMC", "number": "0000001"},
    },
    "facts": {"profession": "doctor", "grade": "consultant", "specialty": "anaesthetics", "gender": "woman", "work_status": "working"},
    "ties": {"employers": ["Northern Trust"], "sites": ["St Marys"], "programmes": ["Core North"], "household": "1 Home Road"},
    "never_with": [{"body": "GMC", "number": "0000002"}],
    "wishes": {"modalities": ["analytic"], "topics": [], "variants": ["women"]},
    "availability": [{"weekday": "tuesday", "from": "18:00", "to": "21:00"}],
    "urgency": "routine",
    "consent": {"given_at": "2026-11-20T09:00:00+00:00", "to": ["referral", "status_to_referrer"]},
}
GONE = object()


def changed(path, value, body=REFERRAL):
    """`body` with `value` at the dotted path, or without it."""
    new = deepcopy(body)
    *way, last = path.split(".")
    inside = new
    for step in way:
        inside = inside[int(step) if step.isdigit() else step]
    if isinstance(inside, list):
        inside[int(last)] = value
    elif value is GONE:
        del inside[last]
    else:
        inside[last] = value
    return new


def problems(body, schema=ReferralSchema):
    with pytest.raises(ValidationError) as refused:
        schema().load(body)
    return problems_in(refused.value)


def only_problem(path, value):
    (problem,) = problems(changed(path, value))
    return problem


def test_the_referral_of_the_documentation_is_taken_as_it_stands():
    asked = ReferralSchema().load(REFERRAL)
    assert asked.person == values.Person(
        "Samira Ficta", "sam@home.example", "Sam", "+44 (0)20 7946-0000", date(1980, 2, 29), values.Registration("GMC", "0000001")
    )
    assert asked.facts == values.Facts("doctor", "consultant", "anaesthetics", "woman", "working")
    assert asked.ties == values.Workplaces(("Northern Trust",), ("St Marys",), ("Core North",), "1 Home Road")
    assert asked.never_with == (values.Registration("GMC", "0000002"),)
    assert asked.wishes == values.Wishes(("analytic",), (), ("women",))
    assert asked.free == (values.Window("tuesday", "18:00", "21:00"),)
    assert asked.consent == values.Consent(datetime(2026, 11, 20, 9, tzinfo=UTC), ("referral", "status_to_referrer"))
    assert (asked.source, asked.urgency) == ("hub", "routine")


@pytest.mark.parametrize("left_out", ["ties", "never_with", "wishes", "availability", "urgency"])
def test_what_nobody_knows_yet_may_be_left_out(left_out):
    assert ReferralSchema().load(changed(left_out, GONE)).urgency == "routine"


@pytest.mark.parametrize("left_out", ["known_as", "phone", "birth_date", "registration"])
def test_of_a_person_a_name_and_an_address_are_enough(left_out):
    person = ReferralSchema().load(changed(f"person.{left_out}", GONE)).person
    assert getattr(person, left_out) is None


def test_a_person_of_whom_nobody_said_more_is_undisclosed_and_at_work():
    asked = ReferralSchema().load(changed("facts", {"profession": "dentist"}))
    assert asked.facts == values.Facts("dentist", "none", None, "undisclosed", "working")


NEEDED = ["source", "person", "facts", "consent", "person.name", "person.email", "facts.profession", "consent.given_at"]
NEEDED += ["person.registration.body", "person.registration.number", "availability.0.weekday", "never_with.0.number"]


@pytest.mark.parametrize("path", NEEDED)
def test_a_field_that_is_missing_is_named_and_asked_for(path):
    (problem, *_) = problems(changed(path, GONE))
    assert (problem.field, problem.reason, problem.cure) == (path, "Missing data for required field", "add this field")


@pytest.mark.parametrize("end", ["from", "to"])
def test_a_window_without_an_end_is_named_as_such(end):
    (problem,) = problems(changed(f"availability.0.{end}", GONE))
    assert (problem.field, problem.cure) == (f"availability.0.{end}", "add this field")


ANYWHERE = ["source", "person.name", "person.known_as", "person.email", "person.phone", "person.registration.number", "facts.profession"]
ANYWHERE += ["facts.grade", "facts.specialty", "ties.household", "ties.employers.0", "never_with.0.body", "wishes.modalities.0"]
ANYWHERE += ["availability.0.weekday", "availability.0.from", "urgency", "consent.to.0"]


@pytest.mark.parametrize("operator", [{"$ne": None}, {"$gt": ""}, ["a", "b"], 7, True])
@pytest.mark.parametrize("path", ANYWHERE)
def test_an_operator_of_the_store_or_another_type_is_no_text(path, operator):
    found = problems(changed(path, operator))
    assert (found[0].field, found[0].reason, found[0].cure) == (path, "Not a valid string", "send a JSON string")


@pytest.mark.parametrize("path", ["person", "facts", "ties", "wishes", "consent", "person.registration", "never_with.0", "availability.0"])
@pytest.mark.parametrize("value", ["text", 7, ["a"]])
def test_a_part_that_is_no_object_is_refused(path, value):
    problem = only_problem(path, value)
    assert (problem.field, problem.cure) == (path, "send a JSON object")


@pytest.mark.parametrize("path", ["never_with", "availability", "ties.employers", "wishes.topics"])
@pytest.mark.parametrize("value", ["text", 7, {"$in": ["a"]}])
def test_a_list_that_is_none_is_refused(path, value):
    problem = only_problem(path, value)
    assert (problem.field, problem.reason, problem.cure) == (path, "Not a valid list", "send a JSON list")


@pytest.mark.parametrize("body", [None, [], "text", 7, [REFERRAL]])
def test_a_body_that_is_no_object_is_refused(body):
    (problem,) = problems(body)
    assert (problem.field, problem.cure) == ("body", "send a JSON object")


@pytest.mark.parametrize("path", [*ANYWHERE, "person", "consent.given_at", "person.birth_date", "availability"])
def test_null_is_no_value(path):
    found = problems(changed(path, None))
    assert (found[0].field, found[0].cure) == (path, "give a value, or leave the field out")


@pytest.mark.parametrize("path", ["colour", "person.$where", "facts.password", "ties.__proto__", "availability.0.zone", "consent.by"])
def test_a_field_that_is_not_there_is_refused_and_not_ignored(path):
    problem = only_problem(path, "x")
    assert (problem.field, problem.reason, problem.cure) == (path, "Unknown field", "remove it, or correct its spelling")


TYPED = [
    "person.name",
    "person.known_as",
    "person.registration.number",
    "facts.specialty",
    "ties.sites.0",
    "ties.household",
    "wishes.topics",
]
UNPRINTABLE = [
    "\x00",
    "\n",
    "\r\nBcc: a@b.example",
    "\x1b[2J",
    "\x7f",
    "\x85",
    "\u2028",
    "\u2029",
    "\ud800",
    "\ue000",
    "=?utf-8?q?=0ABcc?=",
]


@pytest.mark.parametrize("path", TYPED)
@pytest.mark.parametrize("character", UNPRINTABLE)
def test_a_control_character_or_an_encoded_word_is_refused(path, character):
    value = f"Sam{character}Ficta"
    problem = only_problem(path, [value] if path == "wishes.topics" else value)
    assert problem.field == ("wishes.topics.0" if path == "wishes.topics" else path)
    assert problem.reason == "contains a control character or an encoded word"
    assert problem.cure == "type it as plain text on one line"


@pytest.mark.parametrize("path", ["person.name", "person.email", "facts.specialty", "ties.household", "person.registration.number"])
def test_a_megabyte_in_one_field_is_refused_without_being_repeated(path):
    problem = only_problem(path, "x" * 1_000_000)
    assert problem.field == path
    assert problem.reason == "1000000 characters"
    assert problem.cure.startswith("shorten it to ")


@pytest.mark.parametrize("path", ["person.name", "person.registration.number", "ties.employers.0", "wishes.modalities.0"])
@pytest.mark.parametrize("nothing", ["", "   ", "\n", "\u3000"])
def test_an_empty_text_is_no_value(path, nothing):
    problem = only_problem(path, nothing)
    assert (problem.field, problem.reason, problem.cure) == (path, "is empty", "give a value, or leave the field out")


@pytest.mark.parametrize("path", ["person.known_as", "facts.specialty", "ties.household"])
def test_an_empty_text_where_none_is_needed_is_as_none_given(path):
    part, _, name = path.partition(".")
    assert getattr(getattr(ReferralSchema().load(changed(path, "")), part), name) is None


def test_text_is_trimmed_and_names_of_all_alphabets_are_taken():
    assert ReferralSchema().load(changed("person.name", "  Zoë O’Brien-Ní Dhómhnaill ")).person.name == "Zoë O’Brien-Ní Dhómhnaill"
    assert ReferralSchema().load(changed("person.name", "王小明")).person.name == "王小明"


BAD_ADDRESSES = ["sam", "sam@", "@home.example", "sam@home", "sam@home..example", "a@b.example, c@d.example", "Sam <sam@home.example>"]
BAD_ADDRESSES += [
    "sam @home.example",
    '"a b"@home.example',
    "sam@-home.example",
    "sam@home.e",
    "sam@home.example;",
    "sam@[127.0.0.1]",
    "sám@home.example",
]


@pytest.mark.parametrize("address", BAD_ADDRESSES)
def test_what_is_not_one_plain_address_is_refused(address):
    problem = only_problem("person.email", address)
    assert (problem.field, problem.reason, problem.cure) == ("person.email", "not an e-mail address", "give one like name@example.org")


@pytest.mark.parametrize("phone", ["call me", "12345", "+", "ext 5"])
def test_what_is_no_phone_number_is_refused(phone):
    problem = only_problem("person.phone", phone)
    assert (problem.field, problem.reason) == ("person.phone", "not a phone number")
    assert problem.cure == "give digits, with + and spaces if you like"


@pytest.mark.parametrize("born", ["1900-01-01", "1066-10-14"])
def test_who_was_born_too_long_ago_is_refused(born):
    problem = only_problem("person.birth_date", born)
    assert (problem.field, problem.reason, problem.cure) == ("person.birth_date", "not a date of birth", "give a past date, after 1900")


@pytest.mark.parametrize("born", ["29.02.1980", "1981-02-29", "1980", "", 1980, "1980-02-29T00:00"])
def test_what_is_no_date_is_refused(born):
    problem = only_problem("person.birth_date", born)
    assert (problem.field, problem.reason, problem.cure) == ("person.birth_date", "not a date", "write it as YYYY-MM-DD")


def test_who_was_born_on_a_leap_day_is_taken():
    assert ReferralSchema().load(REFERRAL).person.birth_date == date(1980, 2, 29)


CHOICES = {
    "source": values.SOURCES,
    "facts.profession": vocabulary.PROFESSIONS,
    "facts.grade": vocabulary.GRADES,
    "facts.gender": vocabulary.GENDERS,
    "facts.work_status": vocabulary.WORK_STATUSES,
    "urgency": vocabulary.URGENCIES,
    "consent.to.0": values.CONSENTS,
    "availability.0.weekday": vocabulary.WEEKDAYS,
}


@pytest.mark.parametrize("path", CHOICES)
@pytest.mark.parametrize("value", ["chief wizard", "", "CONSULTANT"])
def test_an_unknown_code_is_refused_with_those_there_are(path, value):
    problem = problems(changed(path, value))[0]
    assert (problem.field, problem.reason) == (path, "not a known value")
    assert problem.cure == f"use one of {', '.join(CHOICES[path])}"


@pytest.mark.parametrize(("path", "value"), [(path, value) for path, known in CHOICES.items() for value in known if path != "consent.to.0"])
def test_every_code_of_the_documentation_is_taken(path, value):
    assert ReferralSchema().load(changed(path, value))


@pytest.mark.parametrize(("begins", "ends"), [("21:00", "18:00"), ("18:00", "18:00"), ("23:00", "00:00")])
def test_a_window_that_ends_before_it_begins_is_refused(begins, ends):
    problem = only_problem("availability.0", {"weekday": "tuesday", "from": begins, "to": ends})
    assert (problem.field, problem.reason) == ("availability.0.to", "ends before it begins")
    assert problem.cure == "give `to` after `from`, within one day"


@pytest.mark.parametrize("clock", ["24:00", "7:00", "18.30", "18:60", "6pm", "", "\n18:30"])
def test_what_is_no_time_of_day_is_refused(clock):
    found = problems(changed("availability.0.from", clock))
    assert (found[0].field, found[0].reason) == ("availability.0.from", "not a time of day")
    assert found[0].cure == "write it as HH:MM, 00:00 to 23:59"


@pytest.mark.parametrize("to", [[], ["status_to_referrer"]])
def test_a_consent_that_leaves_the_referral_out_is_none(to):
    problem = only_problem("consent.to", to)
    assert (problem.field, problem.reason) == ("consent.to", "does not cover the referral")
    assert problem.cure == "ask the doctor, and add `referral` once they agree"


def test_a_consent_of_the_last_century_is_refused():
    problem = only_problem("consent.given_at", "1999-12-31T23:59:59+00:00")
    assert (problem.field, problem.reason) == ("consent.given_at", "is too long ago")
    assert problem.cure == "give the time at which the doctor consented"


@pytest.mark.parametrize("when", ["yesterday", "20.11.2026 09:00", "", 1_700_000_000, {"$date": 0}])
def test_what_is_no_time_is_refused(when):
    problem = only_problem("consent.given_at", when)
    assert (problem.field, problem.reason, problem.cure) == (
        "consent.given_at",
        "not a time with a UTC offset",
        "write it as 2026-11-20T09:00:00+00:00",
    )


@pytest.mark.parametrize(
    ("path", "most", "one"),
    [
        ("never_with", 20, {"body": "GMC", "number": "0000001"}),
        ("ties.employers", 20, "St Marys"),
        ("wishes.modalities", 20, "balint"),
        ("availability", 50, {"weekday": "monday", "from": "18:00", "to": "19:00"}),
    ],
)
def test_a_list_that_never_ends_is_refused(path, most, one):
    assert ReferralSchema().load(changed(path, [one] * most))
    problem = only_problem(path, [one] * (most + 1))
    assert (problem.field, problem.reason, problem.cure) == (path, "too many", f"give at most {most}")


def test_all_that_is_wrong_is_said_at_once():
    body = changed("person.email", "sam", changed("facts.grade", "wizard", changed("consent.to", [])))
    assert {problem.field for problem in problems(body)} == {"person.email", "facts.grade", "consent.to"}


WRONG = st.sampled_from([None, 7, True, "", "x" * 300, "\x00", [], ["a"], {}, {"$ne": None}, "9999-99-99", 1e400])
PATHS = st.sampled_from(
    [*ANYWHERE, "person", "facts", "ties", "consent", "availability", "never_with", "person.birth_date", "consent.given_at"]
)


@settings(max_examples=60, deadline=None)
@given(PATHS, WRONG, PATHS, WRONG)
def test_whatever_is_wrong_the_answer_says_where_why_and_what_to_do(path, value, another, other):
    parts = {path, another}
    body = changed(path, value) if len({part.partition(".")[0] for part in parts}) < 2 else changed(path, value, changed(another, other))
    try:
        ReferralSchema().load(body)
    except ValidationError as refused:
        for problem in problems_in(refused):
            assert problem.field.partition(".")[0] in REFERRAL
            assert problem.reason
            assert problem.cure
            assert problem.cure != "see /docs for the allowed values"


FACILITATOR = {
    "display_name": "Dr Lee",
    "registration": {"body": "GMC", "number": "0000003"},
    "ties": {"sites": ["St Marys"]},
    "never_with": [{"body": "GMC", "number": "0000001"}],
    "hubs": ["london"],
}


def test_a_facilitator_is_taken_with_the_hubs_they_work_at():
    asked = FacilitatorSchema().load(FACILITATOR)
    assert (asked.display_name, asked.hubs) == ("Dr Lee", ("london",))
    assert asked.registration == values.Registration("GMC", "0000003")
    assert asked.ties == values.Workplaces(sites=("St Marys",))
    assert asked.never_with == (values.Registration("GMC", "0000001"),)


def test_a_facilitator_is_picked_by_their_code_or_by_their_registration():
    without = changed("registration", GONE, FACILITATOR)
    assert FacilitatorSchema().load(without | {"staff": "lee"}).staff == "lee"
    for body in (without, FACILITATOR | {"staff": "lee"}):
        (problem,) = problems(body, FacilitatorSchema)
        assert problem.field == "staff"


@pytest.mark.parametrize("schema", [QuestionSchema, DeclineSchema])
@pytest.mark.parametrize("value", ["", {"$ne": None}, "a\x00b", "x" * 1_000_000])
def test_a_question_or_a_reason_is_a_text_of_sensible_length(schema, value):
    (name,) = schema().fields
    (problem,) = problems({name: value}, schema)
    assert problem.field == name
    assert problem.cure != "see /docs for the allowed values"


def test_a_withdrawal_needs_no_reason():
    assert WithdrawSchema().load({}) == ""
    assert WithdrawSchema().load({"reason": "moved away"}) == "moved away"


def test_a_facilitator_of_whom_nobody_said_where_belongs_to_no_hub_yet():
    assert FacilitatorSchema().load(changed("hubs", GONE, FACILITATOR)).hubs == ()


def test_a_list_may_be_narrowed_and_is_of_sensible_length():
    assert ListSchema().load({}) == ListReferrals(ReferralFilter(), "", 50)
    narrowed = ListSchema().load({"status": "waiting", "urgency": "soon", "participant": "P-1", "cursor": "R-1", "limit": "7"})
    assert narrowed == ListReferrals(ReferralFilter("waiting", "soon", "P-1"), "R-1", 7)


@pytest.mark.parametrize("wrong", [{"status": "lost"}, {"urgency": "never"}, {"limit": "0"}, {"limit": "9999"}, {"participent": "P-1"}])
def test_a_list_that_is_asked_for_wrongly_is_refused_by_the_filter(wrong):
    (problem,) = problems(wrong, ListSchema)
    assert problem.field == next(iter(wrong))
