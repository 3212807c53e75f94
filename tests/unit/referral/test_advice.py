import pytest

from referral.adapters.advice_files import read_advice
from referral.domain.advice import Advice, UnknownReason
from shared.validation.problems import BadData

SIGNPOSTS = '[samaritans]\nname = "Samaritans"\nabout = "To talk to"\nurl = "https://www.samaritans.org"\n'
REASONS = '[other]\nmeaning = "Another reason"\nsignposts = ["samaritans"]\n'
SHIPPED = read_advice()


@pytest.fixture
def folder(tmp_path):
    """A hub's own data, all in order."""
    (tmp_path / "signposts.toml").write_text(SIGNPOSTS)
    (tmp_path / "decline-reasons.toml").write_text(REASONS)
    (tmp_path / "work-domains.txt").write_text("# employers\n\n trust.example \n")
    return tmp_path


def refusal(folder):
    """Each mistake: file, entry, field."""
    with pytest.raises(BadData) as refused:
        read_advice(folder)
    assert all(mistake.reason and mistake.cure for mistake in refused.value.mistakes)
    return [(mistake.file, mistake.entry, mistake.field) for mistake in refused.value.mistakes]


def test_the_shipped_reasons_are_those_that_the_documents_name():
    assert set(SHIPPED.reasons) == {"not_eligible", "needs_urgent_care", "not_suitable", "other"}
    assert all(code == reason.code and reason.meaning for code, reason in SHIPPED.reasons.items())


@pytest.mark.parametrize("code", SHIPPED.reasons)
def test_nobody_is_declined_without_a_place_to_turn_to(code):
    reason = SHIPPED.reasons[code]
    assert reason.signposts
    assert set(reason.signposts) <= set(SHIPPED.signposts)


@pytest.mark.parametrize("code", SHIPPED.signposts)
def test_every_signpost_says_what_it_is_and_where(code):
    signpost = SHIPPED.signposts[code]
    assert signpost.name
    assert signpost.about
    assert signpost.url.startswith("https://")


def test_who_needs_urgent_care_is_pointed_to_somebody_who_answers_at_any_hour():
    abouts = [SHIPPED.signposts[code].about for code in SHIPPED.reasons["needs_urgent_care"].signposts]
    assert any("at any hour" in about for about in abouts)


@pytest.mark.parametrize("address", ["sam@nhs.net", "sam@trust.nhs.uk", "sam@a.b.trust.nhs.uk", "SAM@NHS.NET", "sam@med.example.ac.uk"])
def test_an_employer_s_address_is_recognised_also_below_its_domain(address):
    assert SHIPPED.is_work_address(address)


@pytest.mark.parametrize("address", ["sam@home.example", "nhs.net@home.example", "sam@mynhs.net", "sam@nhs.net.test", "sam@uk", "sam"])
def test_a_private_address_is_left_alone(address):
    assert not SHIPPED.is_work_address(address)


def test_comments_and_blank_lines_are_no_domains(folder):
    assert read_advice(folder).work_domains == {"trust.example"}
    assert not any("#" in domain or " " in domain for domain in SHIPPED.work_domains)


def test_a_hub_may_bring_its_own_reasons_and_signposts(folder):
    advice = read_advice(folder)
    assert [(reason.code, reason.meaning, reason.signposts) for reason in advice.reasons.values()] == [
        ("other", "Another reason", ("samaritans",))
    ]
    assert advice.signposts["samaritans"].url == "https://www.samaritans.org"


@pytest.mark.parametrize("signposts", ['["samaritans", "nobody"]', '["nobody"]'])
def test_a_reason_that_points_nowhere_is_refused_with_the_signposts_there_are(folder, signposts):
    (folder / "decline-reasons.toml").write_text(f'[too_far]\nmeaning = "Too far"\nsignposts = {signposts}\n')
    with pytest.raises(BadData) as refused:
        read_advice(folder)
    cure = "add it to signposts.toml, or use samaritans"
    assert str(refused.value) == f"decline-reasons.toml: too_far: signposts: nobody is no signpost; {cure}"


def test_a_reason_without_a_signpost_is_refused(folder):
    (folder / "decline-reasons.toml").write_text('[too_far]\nmeaning = "Too far"\nsignposts = []\n')
    assert refusal(folder) == [("decline-reasons.toml", "too_far", "signposts")]


@pytest.mark.parametrize("field", ["name", "about", "url"])
def test_a_signpost_that_lacks_a_field_is_refused_by_that_field(folder, field):
    (folder / "signposts.toml").write_text("\n".join(line for line in SIGNPOSTS.splitlines() if not line.startswith(field)))
    assert refusal(folder) == [("signposts.toml", "samaritans", field)]


@pytest.mark.parametrize("field", ["meaning", "signposts"])
def test_a_reason_that_lacks_a_field_is_refused_by_that_field(folder, field):
    (folder / "decline-reasons.toml").write_text("\n".join(line for line in REASONS.splitlines() if not line.startswith(field)))
    assert refusal(folder) == [("decline-reasons.toml", "other", field)]


def test_a_field_that_a_signpost_does_not_have_is_refused_by_its_name(folder):
    (folder / "signposts.toml").write_text(SIGNPOSTS + 'phone = "116 123"\n')
    assert refusal(folder) == [("signposts.toml", "samaritans", "phone")]


@pytest.mark.parametrize("url", ["http://www.samaritans.org", "samaritans.org", "javascript:alert(1)"])
def test_a_signpost_that_does_not_lead_to_an_https_address_is_refused(folder, url):
    (folder / "signposts.toml").write_text(SIGNPOSTS.replace("https://www.samaritans.org", url))
    assert refusal(folder) == [("signposts.toml", "samaritans", "url")]


def test_every_mistake_in_both_files_is_named_at_once(folder):
    (folder / "signposts.toml").write_text('[samaritans]\nname = ""\n')
    (folder / "decline-reasons.toml").write_text('other = "nothing"\n[too_far]\n')
    assert {entry for _, entry, _ in refusal(folder)} == {"samaritans", "other", "too_far"}


@pytest.mark.parametrize("name", ["signposts.toml", "decline-reasons.toml"])
def test_a_file_that_is_no_toml_is_refused_with_the_line(folder, name):
    (folder / name).write_text("[other]\nmeaning = Another reason\n")
    with pytest.raises(BadData, match=f"{name}: -: -: not TOML: .*line 2"):
        read_advice(folder)


@pytest.mark.parametrize("name", ["signposts.toml", "decline-reasons.toml", "work-domains.txt"])
def test_a_file_that_is_not_there_is_refused_by_its_name(folder, name):
    (folder / name).unlink()
    assert refusal(folder) == [(name, "-", "-")]


@pytest.mark.parametrize("name", ["signposts.toml", "work-domains.txt"])
def test_a_file_in_another_encoding_is_refused_by_its_name(folder, name):
    (folder / name).write_bytes("Zoë".encode("latin-1"))
    assert refusal(folder) == [(name, "-", "-")]


def test_signposts_that_are_no_more_are_left_out_of_old_letters():
    assert SHIPPED.signposts_of(("samaritans", "gone")) == (SHIPPED.signposts["samaritans"],)


def test_an_unknown_reason_is_named_with_those_there_are():
    assert str(UnknownReason("far", ["other", "not_suitable"])) == "'far' is not a reason code; use one of other, not_suitable"


def test_without_a_list_of_domains_no_address_is_an_employer_s():
    assert not Advice({}, {}, frozenset()).is_work_address("sam@nhs.net")
