from pathlib import Path

import pytest

import scheduling
from scheduling.adapters import catalogue_files
from scheduling.adapters.catalogue_files import BadCatalogue
from scheduling.domain.catalogue import KIND_OF, WAYS_IN, Catalogue, Eligibility, NoSuchModality
from scheduling.domain.people import JUNIOR, SENIOR, Facts

FOLDER = Path(scheduling.__file__).parent / "data" / "catalogue"
LOADED = catalogue_files.load(FOLDER)

# The table of the catalogue: code, way in, membership, cadence, minutes, sessions, (least, most), grade mixing.
TABLE = [
    ("large-group", "booking", "booking", "once", 210, 1, (12, 60), "off"),
    ("listening-event", "booking", "booking", "once", 210, 1, (12, 60), "off"),
    ("reflective-practice", "booking", "booking", "once", 420, 1, (12, 60), "off"),
    ("beyond-balint", "referral", "closed", "monthly", 90, 12, (6, 12), "soft"),
    ("balint", "staff", "slow-open", "monthly", 90, None, (6, 12), "off"),
    ("suspended-doctors", "open-access", "open-access", "monthly", 90, None, (6, 30), "off"),
    ("addicted-doctors", "open-access", "open-access", "monthly", 90, None, (6, 30), "off"),
    ("men-only", "referral", "closed", "weekly", 90, 8, (6, 10), "soft"),
    ("analytic", "referral", "closed", "weekly", 90, None, (6, 10), "hard"),
    ("time-limited", "referral", "closed", None, None, None, (6, 16), "soft"),
    ("doctors-in-training", "open-access", "open-access", "weekly", 90, None, (6, 30), "off"),
]

A_WOMAN_GP = Facts("doctor", "gp", "woman", "working")


def admits(code, variant=None, **facts):
    usual = {"profession": "doctor", "grade": "gp", "gender": "woman", "work_status": "working"}
    return not LOADED.get(code).eligibility_for(variant).admits(Facts(**(usual | facts)))


def test_the_catalogue_holds_the_eleven_modalities_and_no_other():
    assert {modality.code for modality in LOADED.all()} == {row[0] for row in TABLE}
    assert len(LOADED.all()) == 11


@pytest.mark.parametrize("row", TABLE, ids=[row[0] for row in TABLE])
def test_each_modality_is_as_the_table_says(row):
    found = LOADED.get(row[0])
    capacity = (found.capacity.least, found.capacity.most)
    loaded = (found.way_in, found.membership, found.cadence, found.minutes, found.sessions, capacity, found.grade_mixing)
    assert loaded == row[1:]


@pytest.mark.parametrize("modality", LOADED.all(), ids=lambda modality: modality.code)
def test_every_group_holds_six_to_sixty(modality):
    assert 6 <= modality.capacity.least <= modality.capacity.usual <= modality.capacity.most <= 60


@pytest.mark.parametrize("modality", LOADED.all(), ids=lambda modality: modality.code)
def test_every_series_has_an_end_or_a_number_to_lay_out_or_leaves_it_to_the_group(modality):
    for length in [each.code for each in modality.lengths] or [None]:
        assert modality.sessions_for(length) or modality.horizon or modality.code == "time-limited"


@pytest.mark.parametrize("modality", LOADED.all(), ids=lambda modality: modality.code)
def test_no_discreet_name_repeats_the_public_one(modality):
    assert modality.public_name.lower() not in modality.discreet_name.lower()
    assert not [variant for variant in modality.variants if variant.public_name.lower() in variant.discreet_name.lower()]


def test_only_the_groups_whose_very_name_tells_are_sensitive():
    assert {modality.code for modality in LOADED.all() if modality.sensitive} == {"addicted-doctors", "suspended-doctors"}


# How strictly colleagues are kept apart: the catalogue.
MIX = {"large-group": "off", "listening-event": "off", "reflective-practice": "off", "balint": "off"}
WARN = {"suspended-doctors": "warn", "addicted-doctors": "warn", "doctors-in-training": "warn"}


@pytest.mark.parametrize("modality", LOADED.all(), ids=lambda modality: modality.code)
def test_colleagues_are_kept_apart_where_people_sit_together_and_warned_of_where_anybody_may_come(modality):
    assert modality.colleagues == (MIX | WARN).get(modality.code, "apart")


def test_every_way_in_leads_to_a_kind_of_membership():
    assert {modality.way_in for modality in LOADED.all()} == set(WAYS_IN) == set(KIND_OF)


def test_only_the_analytic_group_has_variants_and_lengths_and_only_the_time_limited_one_topics():
    assert [modality.code for modality in LOADED.all() if modality.variants] == ["analytic"]
    assert [modality.code for modality in LOADED.all() if modality.lengths] == ["analytic"]
    assert [modality.code for modality in LOADED.all() if modality.topics] == ["time-limited"]
    assert LOADED.get("time-limited").topics == ("mindfulness", "exam-stress")


def test_the_analytic_group_has_three_variants_each_with_a_name_of_its_own():
    variants = LOADED.get("analytic").variants
    assert [variant.code for variant in variants] == ["consultants-and-gps", "trainees", "women"]
    assert len({LOADED.get("analytic").discreet_name_for(variant.code) for variant in variants}) == 3


def test_an_analytic_series_is_closed_for_thirty_weeks_or_slow_open_for_more():
    analytic = LOADED.get("analytic")
    assert [length.code for length in analytic.lengths] == ["30-weeks", "open-ended"]
    assert (analytic.membership_for("30-weeks"), analytic.sessions_for("30-weeks")) == ("closed", 30)
    assert (analytic.membership_for("open-ended"), analytic.sessions_for("open-ended")) == ("slow-open", None)
    assert analytic.horizon > 30


@pytest.mark.parametrize(
    ("variant", "grades"),
    [("consultants-and-gps", SENIOR), ("trainees", JUNIOR - {"student"}), ("women", SENIOR | JUNIOR | {"other"})],
)
def test_the_variant_of_an_analytic_group_decides_the_grades(variant, grades):
    assert {grade for grade in SENIOR | JUNIOR | {"other"} if admits("analytic", variant, grade=grade)} == grades


def test_the_analytic_group_for_women_is_for_women_and_the_others_for_anybody():
    assert {gender for gender in ("woman", "man") if admits("analytic", "women", gender=gender)} == {"woman"}
    assert {gender for gender in ("woman", "man") if admits("analytic", "consultants-and-gps", gender=gender)} == {"woman", "man"}


def test_a_variant_narrows_who_a_group_is_for_and_keeps_the_rest():
    assert not admits("analytic", "women", profession="dentist")


def test_gender_decides_who_joins_the_mens_group():
    assert admits("men-only", gender="man")
    assert not admits("men-only", gender="woman")


def test_work_status_decides_who_comes_to_the_group_for_who_cannot_work():
    assert {status for status in ("working", "suspended", "excluded") if admits("suspended-doctors", work_status=status)} == {
        "suspended",
        "excluded",
    }
    assert admits("suspended-doctors", profession="dentist", work_status="suspended")


def test_the_group_for_doctors_in_training_is_for_trainees():
    assert admits("doctors-in-training", grade="foundation")
    assert not admits("doctors-in-training", grade="consultant")


@pytest.mark.parametrize("code", ["reflective-practice", "beyond-balint"])
def test_the_groups_of_gps_are_for_gps(code):
    assert admits(code, grade="gp")
    assert not admits(code, grade="consultant")


def test_a_listening_event_is_wider_than_doctors():
    assert admits("listening-event", profession="nurse", grade="other")
    assert not admits("large-group", profession="nurse")


def test_a_day_of_reflective_practice_has_large_and_small_parts_that_follow_one_another_within_it():
    day = LOADED.get("reflective-practice")
    assert {part.kind for part in day.parts} == {"large", "small"}
    ends = [0] + [part.starts_after_minutes + part.minutes for part in day.parts]
    assert all(part.starts_after_minutes >= end for part, end in zip(day.parts, ends, strict=False))
    assert ends[-1] <= day.minutes


def test_an_unknown_code_is_refused_with_the_codes_there_are():
    with pytest.raises(NoSuchModality, match="'choir' is not in the catalogue, which contains addicted-doctors, analytic, balint"):
        LOADED.get("choir")


def test_an_empty_catalogue_knows_nothing():
    assert Catalogue().all() == ()


def test_eligibility_that_says_nothing_admits_anybody():
    assert Eligibility().admits(A_WOMAN_GP) == ()


WIDE = Eligibility(frozenset({"doctor"}), frozenset({"gp"}), frozenset({"woman"}), frozenset({"working"}))
NARROW = Eligibility(frozenset({"dentist"}), frozenset({"consultant"}), frozenset({"man"}), frozenset({"suspended"}))


def test_where_the_narrower_says_something_it_decides_and_elsewhere_the_wider_does():
    assert WIDE.narrowed_by(NARROW) == NARROW
    assert WIDE.narrowed_by(Eligibility()) == WIDE


GOOD = """
code = "choir"
public_name = "Choir"
discreet_name = "Thursday evening"
what_to_expect = "An evening of song."
membership = "closed"
way_in = "referral"
grade_mixing = "off"
cadence = "weekly"
minutes = 90
sessions = 8

[capacity]
least = 6
most = 12
usual = 10
"""
VARIANT = '\n[[variants]]\ncode = "high"\npublic_name = "High voices"\ndiscreet_name = "{}"\n'
LENGTH = '\n[[lengths]]\ncode = "for-ever"\nmembership = "slow-open"\nopen_ended = true\n'


def loaded(folder, **texts):
    """The catalogue of a folder with these files, each `name` as name.toml."""
    for name, text in texts.items():
        (folder / f"{name}.toml").write_text(text)
    return catalogue_files.load(folder)


def refused(folder, **texts):
    with pytest.raises(BadCatalogue) as error:
        loaded(folder, **texts)
    return error.value


def changed(was, becomes):
    assert was in GOOD
    return GOOD.replace(was, becomes)


def test_a_new_modality_is_one_file_and_no_code(tmp_path):
    assert loaded(tmp_path, choir=GOOD).get("choir").capacity.usual == 10


def test_an_entry_that_says_nothing_of_colleagues_keeps_them_apart(tmp_path):
    assert loaded(tmp_path, choir=GOOD).get("choir").colleagues == "apart"


def test_other_files_in_the_folder_are_left_alone(tmp_path):
    (tmp_path / "README.md").write_text("how to add one")
    assert [modality.code for modality in loaded(tmp_path, choir=GOOD).all()] == ["choir"]


BAD = {
    "a missing field": (changed('what_to_expect = "An evening of song."\n', ""), "what_to_expect", "Missing data", "add this field"),
    "a missing field inside another": (changed("most = 12\n", ""), "capacity.most", "Missing data", "add this field"),
    "an unknown field": (changed("minutes = 90", 'minutes = 90\nkey = "C"'), "key", "Unknown field", "remove it"),
    "a name that tells": (
        changed("Thursday evening", "Balint group"),
        "discreet_name",
        "gives too much away (Balint",
        "choose a name that does not mention health",
    ),
    "a variant that tells": (
        GOOD + VARIANT.format("Therapy"),
        "variants.0.discreet_name",
        "gives too much away (Therapy)",
        "choose a name",
    ),
    "an empty name": (changed("Thursday evening", " "), "discreet_name", "empty", "give a value"),
    "a capacity out of order": (changed("usual = 10", "usual = 13"), "capacity.usual", "out of order", "it must be least <= usual <= most"),
    "more at least than at most": (
        changed("least = 6", "least = 14"),
        "capacity.usual",
        "out of order",
        "it must be least <= usual <= most",
    ),
    "a group of five": (changed("least = 6", "least = 5"), "capacity.least", "out of range", "a group has 6 to 60 places"),
    "a group of sixty-one": (changed("most = 12", "most = 61"), "capacity.most", "out of range", "a group has 6 to 60 places"),
    "an unknown cadence": (changed('"weekly"', '"daily"'), "cadence", "not a known value", "use one of once, weekly, monthly"),
    "an unknown way in": (
        changed('"referral"', '"charm"'),
        "way_in",
        "not a known value",
        "use one of referral, booking, staff, open-access",
    ),
    "an unknown rule for colleagues": (
        changed('grade_mixing = "off"', 'grade_mixing = "off"\ncolleagues = "perhaps"'),
        "colleagues",
        "not a known value",
        "use one of apart, warn, off",
    ),
    "an unknown mixing": (changed('"off"', '"maybe"'), "grade_mixing", "not a known value", "use one of hard, soft, off"),
    "a code in capitals": (changed('"choir"', '"Choir"'), "code", "not a valid code", "use lower-case letters, digits and hyphens"),
    "words for a number": (changed("minutes = 90", 'minutes = "an hour"'), "minutes", "not a whole number", "without a fraction"),
    "a session too short": (changed("minutes = 90", "minutes = 5"), "minutes", "out of range", "give 15 to 720 minutes"),
    "a series without an end": (
        changed("sessions = 8", "open_ended = true"),
        "horizon",
        "missing",
        "give how many sessions to schedule ahead",
    ),
    "a length without an end": (GOOD + LENGTH, "horizon", "missing", "give how many sessions to schedule ahead"),
}


@pytest.mark.parametrize(("text", "field", "reason", "cure"), BAD.values(), ids=BAD)
def test_a_bad_entry_is_refused_with_file_entry_field_and_cure(tmp_path, text, field, reason, cure):
    error = refused(tmp_path, wrong=text)
    (mistake,) = error.mistakes
    entry = "Choir" if field == "code" else "choir"
    assert (mistake.file, mistake.entry, mistake.field) == ("wrong.toml", entry, field)
    assert reason in mistake.reason
    assert cure in mistake.reason + mistake.cure
    assert str(error) == f"wrong.toml: {entry}: {field}: {mistake.reason}; {mistake.cure}"


def test_two_files_of_one_code_are_refused(tmp_path):
    error = refused(tmp_path, a=GOOD, b=GOOD)
    assert str(error) == "b.toml: choir: code: another file uses this code; give each modality a code of its own"


def test_a_file_that_is_not_toml_is_named_with_the_line_to_mend(tmp_path):
    (mistake,) = refused(tmp_path, broken=GOOD + "\nsessions of song\n").mistakes
    assert (mistake.file, mistake.entry, mistake.field) == ("broken.toml", "-", "-")
    assert mistake.reason.startswith("not TOML: ")
    assert "line 18" in mistake.reason
    assert mistake.cure == "correct the line named"


def test_an_entry_without_a_code_is_known_by_its_file(tmp_path):
    (mistake,) = refused(tmp_path, nameless=changed('code = "choir"\n', "")).mistakes
    assert (mistake.file, mistake.entry, mistake.field, mistake.cure) == ("nameless.toml", "-", "code", "add this field")


@pytest.mark.parametrize("folder", ["", "nowhere"], ids=["empty", "missing"])
def test_a_folder_without_modalities_is_refused_and_named(tmp_path, folder):
    asked = tmp_path / folder
    error = refused(asked)
    assert str(error) == f"{asked}: -: -: no *.toml file; set CATALOGUE to the folder that contains the modalities"


def test_the_mistakes_of_all_files_are_named_at_once_and_a_good_file_does_not_hide_them(tmp_path):
    two_wrong = changed("least = 6", "least = 5").replace('"weekly"', '"daily"')
    error = refused(tmp_path, good=GOOD, one=two_wrong, two="]")
    assert {(mistake.file, mistake.field) for mistake in error.mistakes} == {
        ("one.toml", "capacity.least"),
        ("one.toml", "cadence"),
        ("two.toml", "-"),
    }
    assert len(str(error).splitlines()) == 3
