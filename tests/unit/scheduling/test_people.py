"""What is known of people: domain/people.py, domain/colleagues.py and application/people.py."""

from dataclasses import replace
from datetime import timedelta

import pytest
from unit.scheduling.fakes import A_WEEK, GP, HUB, NOW, SOUTH, TRAINEE, TUESDAY_EVENING, FakeHub, group, member, runs, tokens

from scheduling.application import memberships, people, waiting
from scheduling.application.groups import EndGroup, end_group
from scheduling.application.people import Erase, KnowParticipant, KnowStaff, Resay, SetRight
from scheduling.application.waiting import StartWaiting, Withdraw
from scheduling.domain.colleagues import must_part, offers_to_end
from scheduling.domain.memberships import Ended, InConflict, Taken
from scheduling.domain.people import NoSuchPerson, Window, seniority
from scheduling.domain.placement import Wishes
from scheduling.domain.roster import Pair
from scheduling.domain.states import PersonStated
from scheduling.domain.tokens import Tokens


@pytest.fixture
def hub():
    return FakeHub()


def seats(hub, *names):
    """Each is accepted, offered a place and takes it."""
    for name in names:
        hub.accepts(name)
        hub.match()
        hub.accept(name)


def told_to(hub, kind, number=0):
    return [event.whose.person for event in hub.told[number:] if isinstance(event, kind)]


def pairs(hub, id="G-1"):
    """Who must part, by name."""
    found = hub.group(id)
    return [{found.row(side).person.removeprefix("P-") for side in pair.sides} for pair in found.pairs]


@pytest.mark.parametrize(
    ("grade", "kind"),
    [("student", "junior"), ("gp_trainee", "junior"), ("consultant", "senior"), ("gp", "senior"), ("sas", "senior"), ("other", None)],
)
def test_a_grade_is_junior_senior_or_neither(grade, kind):
    assert seniority(grade) == kind


# What was said last is true.


def test_what_is_known_of_a_participant_is_what_was_said_last(hub):
    hub.knows("sam", tokens("sam", "site-7"), free=(Window("monday", "09:00", "10:00"),), busy=(Window("friday", "09:00", "10:00"),))
    hub.knows("sam", tokens("sam", "site-8"), facts=TRAINEE)
    kept = hub.person("sam")
    assert (kept.hub, kept.facts, kept.tokens, kept.free, kept.busy) == (HUB, TRAINEE, tokens("sam", "site-8"), (), ())
    assert hub.told == []


def test_new_facts_keep_places_waits_and_the_numbering(hub):
    hub.keep(group())
    seats(hub, "sam")
    before = hub.person("sam")
    hub.knows("sam", tokens("sam", "site-8"))
    after = hub.person("sam")
    assert (after.places, after.waits, after.last_sequence) == (before.places, before.waits, before.last_sequence)


def test_a_member_of_staff_is_known_to_each_hub_that_they_work_for_with_the_name_still_sealed(hub):
    hub.knows_staff("kim", hubs=(SOUTH, HUB))
    hub.knows_staff("kim", "site-7", hubs=(HUB,))
    kept = hub.person("F-kim")
    assert (kept.hubs, kept.sealed_name, kept.tokens) == ((HUB,), "sealed kim", tokens("F-kim", "site-7"))
    assert hub.work(at=SOUTH).people.may_run_groups(["F-kim"]) == []
    assert [each.id for each in hub.work().people.may_run_groups(["F-other", "F-kim", "F-kim"])] == ["F-kim"]


# Rosters.


def test_new_facts_reach_every_roster_that_has_them_at_whichever_hub(hub):
    hub.keep(group("G-1"), group("G-2", hub=SOUTH, open_to=(HUB, SOUTH), first=TUESDAY_EVENING + timedelta(days=1)))
    for referral in ("R-sam", "R-2"):
        hub.accepts("sam", referral=referral)
        hub.match()
        hub.accept("sam")
    hub.knows("sam", tokens("sam", "site-9"), facts=TRAINEE)
    for each in ("G-1", "G-2"):
        row = hub.group(each).row_of("P-sam")
        assert (row.tokens, row.grade, row.state) == (tokens("sam", "site-9"), "gp_trainee", "taken")


def test_the_groups_that_somebody_runs_learn_their_new_ties_and_name(hub):
    hub.keep(group("G-1", roster=(runs("alex"), runs("kim"))), group("G-2", first=TUESDAY_EVENING + A_WEEK))
    hub.run(people.know_staff, KnowStaff("F-kim", (HUB,), tokens("F-kim", "site-7"), "sealed Kimberley"))
    rows = {row.person: row for row in hub.group().run_by}
    assert (rows["F-kim"].tokens.ties[0].token, rows["F-kim"].sealed_name) == ("site-7", "sealed Kimberley")
    assert (rows["F-alex"].tokens, rows["F-alex"].sealed_name) == (tokens("F-alex"), "sealed alex")
    hub.accepts("sam", known=tokens("sam", "site-7"))
    hub.match()
    assert (hub.places("G-1"), hub.places("G-2")) == ({}, {"sam": "held"})


def test_facts_that_come_again_unchanged_part_nobody_and_tell_nothing(hub):
    hub.keep(group())
    seats(hub, "a", "b")
    told = len(hub.told)
    hub.knows("a")
    hub.knows_staff("alex")
    assert hub.since(told) == []


def test_who_outgrows_a_group_while_in_it_stays(hub):
    hub.keep(group(grade_mixing="hard"))
    seats(hub, "a", "b")
    told = len(hub.told)
    hub.knows("b", facts=TRAINEE)
    assert (hub.places(), hub.since(told)) == ({"a": "taken", "b": "taken"}, [])


def test_a_roster_that_is_over_is_left_alone(hub):
    hub.keep(replace(group(), ends_at=NOW))
    seats(hub, "sam")
    hub.run(end_group, EndGroup("G-1"))
    before = hub.group().version
    hub.knows("sam", tokens("sam", "site-7"))
    assert hub.group().version == before


# Who must part.


def rows(*described):
    """A group whose roster is, for example, ("a", "held", "site-1")."""
    return group(roster=[member(name, *ties, state=state) for name, state, *ties in described])


def in_pairs(of):
    return [pair.one[-1] + pair.other[-1] for pair in must_part(of, NOW)]


def ending(of):
    return [each[-1] for each in offers_to_end(of, NOW)]


def test_everybody_who_must_not_meet_is_in_a_pair_whatever_their_places():
    assert in_pairs(rows(("a", "taken", "s1"), ("b", "taken", "s1"), ("c", "held", "s1"), ("d", "held"))) == ["ab", "ac", "bc"]


def test_two_who_run_a_group_together_may_be_colleagues():
    kim, alex = runs("kim", "site-7"), runs("alex", "site-7")
    assert must_part(group(roster=(kim, alex)), NOW) == []
    assert len(must_part(group(roster=(kim, alex, member("sam", "site-7"))), NOW)) == 2


def test_in_a_large_group_only_who_named_the_other_must_part():
    named = [member("a", "s1"), member("b", "s1", never_with=("own-of-a",)), member("c", "s1")]
    assert in_pairs(group(roster=named, colleagues="off")) == ["ab"]


@pytest.mark.parametrize(
    ("roster", "ended"),
    [
        ([("a", "held", "s1"), ("b", "held")], []),
        ([("a", "taken", "s1"), ("b", "taken", "s1")], []),
        ([("a", "taken", "s1"), ("b", "held", "s1")], ["b"]),
        ([("a", "held", "s1"), ("b", "taken", "s1")], ["a"]),
        ([("a", "held", "s1"), ("b", "held", "s1")], ["b"]),
        ([("a", "paused", "s1"), ("b", "held", "s1")], ["b"]),
        ([("a", "held", "s1", "s2"), ("b", "held", "s1"), ("c", "taken", "s2")], ["a"]),
        ([("a", "held", "s1"), ("b", "held", "s1", "s2"), ("c", "held", "s2")], ["b"]),
        ([("a", "held", "s1"), ("b", "held", "s1"), ("c", "held", "s1")], ["b", "c"]),
        ([("a", "held", "s1"), ("b", "held", "s2"), ("c", "taken", "s1", "s2")], ["a", "b"]),
    ],
    ids=[
        "strangers",
        "two with places",
        "an offer beside a place",
        "a place beside an earlier offer",
        "two offers",
        "an offer beside a paused place",
        "who goes anyway takes nobody along",
        "who goes for the first does not take the third along",
        "three offers",
        "two offers beside one place",
    ],
)
def test_who_has_a_place_keeps_it_and_no_more_offers_end_than_must(roster, ended):
    of = rows(*roster)
    assert ending(of) == ended
    for each in ended:
        of.free(f"S-of-{each}")
    assert ending(of) == []


def test_new_ties_end_the_offer_of_who_must_not_meet_somebody_with_a_place(hub):
    hub.keep(group())
    seats(hub, "seated")
    hub.accepts("offered")
    hub.match()
    told = len(hub.told)
    hub.knows("offered", tokens("offered", never_with=("own-of-seated",)))
    assert hub.places() == {"seated": "taken"}
    assert hub.since(told) == ["Ended"]
    assert (hub.told[-1].reason, hub.told[-1].whose.person, hub.told[-1].whose.stands) == ("conflict", "P-offered", "waiting")
    assert (hub.states("offered"), hub.entry("offered").refusals) == (["waiting"], ())
    assert hub.match() == 0


def test_an_offer_ends_for_conflict_at_whichever_hub_the_person_is(hub):
    hub.keep(group(open_to=(HUB, SOUTH)))
    seats(hub, "seated")
    hub.accepts("offered", at=SOUTH)
    hub.match()
    hub.knows("seated", tokens("seated", never_with=("own-of-offered",)))
    (ended,) = hub.memberships_of("offered", SOUTH)
    assert (ended.hub, ended.state, ended.reason) == (SOUTH, "ended", "conflict")
    assert hub.places() == {"seated": "taken"}


def test_of_two_offers_to_people_who_must_part_the_earlier_stays(hub):
    hub.keep(group())
    hub.accepts("first", days_ago=3)
    hub.accepts("second")
    hub.match()
    hub.knows("first", tokens("first", "site-7"))
    hub.knows("second", tokens("second", "site-7"))
    assert hub.places() == {"first": "held"}


def test_who_has_a_place_keeps_it_and_both_sides_are_told_once_without_the_other(hub):
    hub.keep(group())
    seats(hub, "a", "b", "c")
    told = len(hub.told)
    hub.knows("a", tokens("a", "site-7"))
    hub.knows("b", tokens("b", "site-7"))
    assert told_to(hub, InConflict, told) == ["P-a", "P-b"]
    assert {event.whose.stands for event in hub.told[told:]} == {"placed"}
    assert (hub.places(), pairs(hub)) == ({"a": "taken", "b": "taken", "c": "taken"}, [{"a", "b"}])
    found = hub.group()
    assert [found.meets_a_colleague(row.membership) for row in found.members] == [True, True, False]
    again = len(hub.told)
    hub.knows("b", tokens("b", "site-7"))
    hub.knows("c", tokens("c", "site-8"))
    assert hub.since(again) == []


def test_who_is_in_two_new_pairs_is_told_once(hub):
    hub.keep(group())
    for name in ("a", "b", "c"):
        hub.accepts(name, known=tokens(name, *(["s1"] if name == "a" else ["s2"] if name == "b" else [])))
        hub.match()
        hub.accept(name)
    told = len(hub.told)
    hub.knows("c", tokens("c", "s1", "s2"))
    assert told_to(hub, InConflict, told) == ["P-a", "P-c", "P-b"]
    assert pairs(hub) == [{"a", "c"}, {"b", "c"}]


def test_with_several_pairs_at_once_offers_end_places_stay_and_the_rest_is_left_alone(hub):
    hub.keep(group())
    seats(hub, "seated")
    for name in ("a", "b", "stranger"):
        hub.accepts(name, known=tokens(name, f"site-of-{name}"))
    hub.match()
    told = len(hub.told)
    hub.knows_staff("alex", "site-of-a", "site-of-b", never_with=("own-of-seated",))
    assert hub.places() == {"seated": "taken", "stranger": "held"}
    assert told_to(hub, Ended, told) == ["P-a", "P-b"]
    assert told_to(hub, InConflict, told) == ["F-alex", "P-seated"]
    assert hub.states("a", "b", "stranger") == ["waiting", "waiting", "offered"]


def test_a_pair_that_has_parted_is_no_pair_any_more(hub):
    hub.keep(group())
    seats(hub, "a", "b")
    for name in ("a", "b"):
        hub.knows(name, tokens(name, "site-7"))
    hub.knows("b")
    assert pairs(hub) == []
    told = len(hub.told)
    hub.knows("b", tokens("b", "site-7"))
    assert told_to(hub, InConflict, told) == ["P-a", "P-b"], "it is a new pair"
    hub.withdraw("a")
    assert pairs(hub) == []


def test_when_who_runs_it_is_no_colleague_any_more_who_waited_is_offered_the_place(hub):
    hub.keep(group(roster=(runs("alex", "site-of-sam"),)))
    hub.accepts("sam", known=tokens("sam", "site-of-sam"))
    assert hub.match() == 0
    hub.knows_staff("alex")
    assert hub.match() == 1


def test_the_place_that_a_conflict_freed_goes_to_the_next(hub):
    hub.keep(group(capacity=2))
    seats(hub, "seated")
    hub.accepts("offered", days_ago=9)
    hub.accepts("next")
    hub.match()
    hub.knows("offered", tokens("offered", never_with=("own-of-seated",)))
    hub.match()
    assert hub.places() == {"seated": "taken", "next": "held"}


# Erasure.


def everything_of_sam():
    """A hub where Sam has a seat, a pass and an open offer, waits for something else, and has a colleague with a place."""
    hub = FakeHub()
    hub.keep(group("G-1"), group("G-2", modality="open", way_in="open-access"))
    seats(hub, "jo")
    hub.accepts("sam", wishes=("analytic", "open"))
    hub.match()
    hub.accept("sam")
    hub.match()
    hub.accepts("sam", referral="R-2", wishes=("men-only",))
    hub.keep(group("G-3", modality="men-only", first=TUESDAY_EVENING + timedelta(days=1)))
    hub.match()
    hub.knows("sam", tokens("sam", never_with=("own-of-jo",)), busy=(Window("friday", "09:00", "10:00"),))
    hub.accepts("sam", referral="R-3", wishes=("addicted-doctors",), known=tokens("sam", never_with=("own-of-jo",)))
    return hub


def test_erasure_empties_everything_and_tells_nobody():
    hub = everything_of_sam()
    assert {place.state for place in hub.person("sam").places} == {"taken", "held"}
    told = len(hub.told)
    hub.run(people.erase, Erase("P-sam"))
    kept = hub.person("sam")
    assert (kept.state, kept.facts, kept.tokens, kept.free, kept.busy) == ("erased", None, Tokens(), (), ())
    assert (kept.places, kept.waits, kept.sealed_name, kept.hubs) == ((), (), None, ())
    assert hub.since(told) == []


def test_erasure_frees_every_place_and_closes_every_wait_and_leaves_no_wish():
    hub = everything_of_sam()
    hub.run(people.erase, Erase("P-sam"))
    assert (hub.places("G-1"), hub.places("G-3"), pairs(hub)) == ({"jo": "taken"}, {}, [])
    assert list(hub.memberships_of("sam")) == []
    entries = [each for each in hub.kept["entries"].values() if each.person == "P-sam"]
    assert len(entries) == 3
    assert {(each.state, each.closed_because, each.wishes, each.refusals) for each in entries} == {("closed", "erased", Wishes(), ())}


def test_of_two_records_that_turn_out_to_be_one_human_the_earlier_offer_stays():
    hub = FakeHub()
    hub.keep(group("G-1"), group("G-2", first=TUESDAY_EVENING + A_WEEK))
    hub.accepts("sam")
    hub.match()
    hub.accepts("alias")
    hub.match()
    assert hub.states("sam", "alias") == ["offered", "offered"]
    told = len(hub.told)
    hub.knows("alias", replace(tokens("alias"), own=("own-of-alias", *tokens("sam").own)))
    assert hub.states("sam", "alias") == ["offered", "waiting"]
    assert [(event.whose.person, event.reason) for event in hub.told[told:]] == [("P-alias", "another_taken")]


def test_the_place_of_an_erased_person_goes_to_the_next():
    hub = FakeHub()
    hub.keep(group(capacity=1))
    seats(hub, "sam")
    hub.accepts("next")
    assert hub.match() == 0
    hub.run(people.erase, Erase("P-sam"))
    hub.match()
    assert hub.places() == {"next": "held"}


def test_whatever_comes_after_the_erasure_is_ignored():
    hub = everything_of_sam()
    offer = hub.offer_of("sam").id
    hub.run(people.erase, Erase("P-sam"))
    told, kept = len(hub.told), {name: dict(of) for name, of in hub.kept.items()}
    hub.knows("sam", tokens("sam", "site-7"))
    hub.run(waiting.start, StartWaiting("P-sam", "R-9", Wishes(), "soon", NOW, NOW))
    hub.withdraw("sam")
    hub.accept("sam", NOW, to=offer)
    hub.run(memberships.lapse, memberships.Lapse(offer))
    again = StartWaiting("P-sam", "R-9", Wishes(), "soon", NOW, NOW)
    hub.run(people.set_right, SetRight("P-sam", KnowParticipant("P-sam", GP, tokens("sam"), (), ()), (again,)))
    hub.run(people.resay, Resay("P-sam"))
    hub.match()
    assert hub.since(told) == []
    assert hub.kept["people"]["P-sam"].tokens == Tokens()
    assert (hub.kept["memberships"], hub.kept["groups"]) == (kept["memberships"], kept["groups"])
    assert {each.state for each in hub.kept["entries"].values() if each.person == "P-sam"} == {"closed"}


def test_the_answer_of_somebody_who_was_erased_meanwhile_is_ignored():
    hub = FakeHub()
    hub.keep(group())
    hub.accepts("sam")
    hub.match()
    offer = hub.offer_of("sam").id
    hub.run(people.erase, Erase("P-sam"))
    told = len(hub.told)
    hub.answer("sam", "accept", to=offer)
    assert (hub.since(told), hub.places()) == ([], {})


def test_an_erasure_that_comes_twice_or_first_of_all_leaves_the_bare_pseudonym():
    hub = FakeHub()
    hub.run(people.erase, Erase("P-sam"))
    hub.run(people.erase, Erase("P-sam"))
    assert (hub.person("sam").state, hub.person("sam").hub) == ("erased", HUB)
    hub.knows("sam")
    assert hub.person("sam").facts is None


def test_a_member_of_staff_who_is_erased_runs_nothing_any_more(hub):
    hub.keep(group(roster=(runs("alex"), runs("kim"))))
    hub.run(people.erase, Erase("F-kim"))
    hub.knows_staff("kim")
    assert [row.person for row in hub.group().run_by] == ["F-alex"]
    assert hub.work().people.may_run_groups(["F-kim"]) == []


def test_the_erasure_of_one_record_leaves_the_other_record_of_the_same_human_alone(hub):
    hub.keep(group(open_to=(HUB, SOUTH)))
    hub.accepts("sam-of-the-south", known=tokens("sam"), at=SOUTH)
    hub.match()
    hub.knows("sam")
    hub.run(people.erase, Erase("P-sam"))
    assert hub.places() == {"sam-of-the-south": "held"}


# Setting right.


def accepted(referral="R-sam", **changes):
    usual = {"wishes": Wishes(), "urgency": "routine", "received": NOW, "accepted": NOW}
    return StartWaiting("P-sam", referral, **(usual | changes))


def known(**changes):
    return replace(KnowParticipant("P-sam", GP, tokens("sam"), (), ()), **changes)


def set_right(hub, *open_referrals, of=None):
    hub.run(people.set_right, SetRight("P-sam", of, open_referrals))


def test_setting_right_starts_what_is_missing(hub):
    set_right(hub, accepted(), accepted("R-2", urgency="urgent"), of=known())
    assert [(each.referral, each.urgency, each.state) for each in hub.kept["entries"].values()] == [
        ("R-sam", "routine", "waiting"),
        ("R-2", "urgent", "waiting"),
    ]
    assert hub.person("sam").facts == GP
    assert hub.since(0) == ["WaitingStarted", "WaitingStarted"]


def test_setting_right_ends_what_is_no_longer_named(hub):
    hub.keep(group())
    seats(hub, "sam")
    hub.accepts("sam", referral="R-2", wishes=("men-only",))
    told = len(hub.told)
    set_right(hub, accepted("R-3"), of=known())
    assert (hub.places(), hub.states("sam")) == ({}, ["closed"])
    assert hub.since(told) == ["Ended", "WaitingClosed", "WaitingStarted"]
    assert [wait.referral for wait in hub.person("sam").waits] == ["R-3"]


def test_setting_right_what_is_right_changes_nothing(hub):
    hub.keep(group())
    seats(hub, "sam")
    told = len(hub.told)
    set_right(hub, accepted(), of=known())
    set_right(hub, accepted(), of=None)
    assert (hub.places(), hub.since(told)) == ({"sam": "taken"}, [])


def test_setting_right_leaves_what_is_closed_as_it_was(hub):
    hub.accepts("sam")
    hub.run(waiting.withdraw, Withdraw("P-sam", "R-sam", "left"))
    set_right(hub, of=known())
    assert (hub.entry("sam").closed_because, hub.since(1)) == ("left", ["WaitingClosed"])


def test_setting_right_takes_the_facts_first_so_that_offers_end_for_conflict(hub):
    hub.keep(group())
    seats(hub, "jo")
    hub.accepts("sam")
    hub.match()
    set_right(hub, accepted(), of=known(tokens=tokens("sam", never_with=("own-of-jo",))))
    assert (hub.places(), hub.states("sam"), hub.told[-1].reason) == ({"jo": "taken"}, ["waiting"], "conflict")


def test_setting_right_somebody_of_whom_nothing_is_open_or_known_makes_nothing(hub):
    set_right(hub)
    assert hub.kept["people"] == {}


def test_a_participant_of_whom_only_an_acceptance_is_told_is_an_error_and_not_ignored(hub):
    with pytest.raises(NoSuchPerson):
        set_right(hub, accepted())


# Telling all of it again.


def stated(hub, person="P-sam"):
    told = len(hub.told)
    hub.run(people.resay, Resay(person))
    (event,) = hub.told[told:]
    assert isinstance(event, PersonStated)
    return event


def test_all_that_is_said_of_a_person_is_told_again(hub):
    hub.keep(group("G-1"), group("G-2", modality="open", way_in="open-access"))
    hub.accepts("sam", wishes=("analytic", "open"))
    hub.match()
    entry, offer = hub.entry("sam"), hub.offer_of("sam")
    told = stated(hub)
    assert [(each.entry, each.referral, each.state, each.clock, each.stands) for each in told.entries] == [
        (entry.id, "R-sam", "offered", entry.clock, "offered")
    ]
    assert [(each.membership, each.state, each.stands) for each in told.memberships] == [(offer.id, "held", "offered")]
    assert told.memberships[0].place == hub.group().place("seat", NOW, offer.deadline)


def test_what_is_told_again_of_a_place_is_what_is_ahead_now_and_no_deadline_once_it_is_taken(hub):
    hub.keep(group())
    seats(hub, "sam")
    hub.now += timedelta(days=20)
    (place,) = [each.place for each in stated(hub).memberships]
    assert (place.deadline, len(place.meetings)) == (None, 6)


def test_what_is_closed_or_ended_is_not_told_again(hub):
    hub.keep(group())
    seats(hub, "sam")
    hub.withdraw("sam")
    told = stated(hub)
    assert (told.entries, told.memberships) == ((), ())


def test_an_entry_that_was_met_is_told_again_as_met(hub):
    hub.keep(group())
    seats(hub, "sam")
    told = stated(hub)
    assert [(each.state, each.stands) for each in told.entries] == [("met", "placed")]


def test_who_runs_a_group_has_that_told_again(hub):
    hub.keep(group())
    (now,) = stated(hub, "F-alex").memberships
    assert (now.state, now.place.kind, now.place.run_by[0].person) == ("taken", "runs", "F-alex")


def test_telling_again_is_numbered_and_tells_nothing_else(hub):
    hub.keep(group())
    seats(hub, "sam")
    before = hub.person("sam").last_sequence
    stated(hub)
    assert hub.person("sam").last_sequence == before + 1
    assert len(hub.told_of(Taken)) == 1


def test_of_an_unknown_person_nothing_can_be_told_again(hub):
    with pytest.raises(NoSuchPerson):
        hub.run(people.resay, Resay("P-nobody"))


def test_a_pair_names_its_two_sides():
    assert Pair("S-1", "S-2").sides == {"S-1", "S-2"}
