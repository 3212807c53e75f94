"""The matcher: the pure decision of domain/matching.py, and application/matching.py that carries it out."""

from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.scheduling.fakes import A_WEEK, ALEX, GP, HUB, NOW, SOUTH, TUESDAY_EVENING, FakeHub, candidate, group, runs, tokens

from scheduling.application import memberships
from scheduling.domain.catalogue import Eligibility
from scheduling.domain.colleagues import keeps_apart
from scheduling.domain.groups import Group
from scheduling.domain.ids import EntryId, GroupId
from scheduling.domain.matching import Decision, choose
from scheduling.domain.memberships import Offered, Taken
from scheduling.domain.people import Facts, Person, PlaceOfPerson
from scheduling.domain.placement import Refusal, Wishes, fits
from scheduling.domain.tokens import Tie, Tokens


def chosen(queue, groups, at=NOW):
    """{name: group} of a run."""
    return {made.entry.removeprefix("W-"): made.group for made in choose(queue, groups, at)}


def open_group(id="G-1", modality="open", **more):
    return group(id, way_in="open-access", membership="open-access", modality=modality, **more)


def wishing(name, *modalities, **more):
    return candidate(name, wishes=Wishes(modalities), **more)


def with_tie(name, *ties, **more):
    return candidate(name, tokens=tokens(name, *ties), **more)


def test_nobody_waits_and_nobody_is_chosen():
    assert list(choose([], [group()], NOW)) == []


def test_each_who_waits_is_offered_one_place_in_the_order_of_the_queue():
    made = list(choose([candidate("a"), candidate("b")], [group(capacity=2)], NOW))
    assert made == [Decision("W-a", "G-1", "offer"), Decision("W-b", "G-1", "offer")]


def test_the_last_place_goes_to_who_is_first_in_the_queue():
    assert chosen([candidate("first"), candidate("second")], [group(capacity=1)]) == {"first": "G-1"}


def test_each_decision_sees_the_ones_before_it():
    queue = [with_tie("a", "site-7"), with_tie("b", "site-7"), with_tie("c", "site-8")]
    assert chosen(queue, [group("G-1"), group("G-2", first=TUESDAY_EVENING + A_WEEK)]) == {"a": "G-1", "b": "G-2", "c": "G-1"}


def test_who_was_served_gives_up_nothing_for_who_comes_later():
    """The first could sit in either group and the second only in one; as many as possible is not what is promised."""
    queue = [candidate("either"), wishing("only-one", "analytic")]
    both = [group("G-1", capacity=1), group("G-2", capacity=1, modality="men-only", first=TUESDAY_EVENING + A_WEEK)]
    assert chosen(queue, both) == {"either": "G-1"}


def test_who_cannot_be_placed_keeps_nobody_behind_them_waiting():
    assert chosen([wishing("other", "men-only"), candidate("sam")], [group()]) == {"sam": "G-1"}


def test_of_several_groups_the_one_that_meets_soonest_is_chosen():
    groups = [group("G-1", first=TUESDAY_EVENING + A_WEEK), group("G-2"), group("G-3", first=TUESDAY_EVENING + 2 * A_WEEK)]
    assert chosen([candidate()], groups) == {"sam": "G-2"}


def test_who_has_an_open_offer_under_any_record_is_offered_no_other():
    held = Person("P-sam", HUB, GP, tokens("sam"), places=(PlaceOfPerson("S-1", "G-9", "analytic", "seat", "held", ()),))
    assert chosen([candidate(records=(held,))], [group()]) == {}
    of_the_south = replace(held, id="P-sam-of-the-south", hub=SOUTH)
    assert chosen([candidate(records=(Person("P-sam", HUB, GP, tokens("sam")), of_the_south))], [group()]) == {}


def test_who_has_a_seat_and_waits_for_something_else_is_offered_it():
    taken = PlaceOfPerson("S-1", "G-9", "men-only", "seat", "taken", ())
    assert chosen([candidate(records=(Person("P-sam", HUB, GP, tokens("sam"), places=(taken,)),))], [group()]) == {"sam": "G-1"}


def test_the_same_human_under_two_records_is_offered_one_place_a_run():
    queue = [candidate("sam"), candidate("sam-of-the-south", tokens=tokens("sam")), candidate("jo")]
    both = [group("G-1"), group("G-2", first=TUESDAY_EVENING + timedelta(days=1))]
    assert chosen(queue, both) == {"sam": "G-1", "jo": "G-1"}


def test_one_person_with_two_needs_is_offered_one_place_a_run():
    queue = [candidate("sam", entry="W-1", tokens=Tokens()), candidate("sam", entry="W-2", tokens=Tokens())]
    assert chosen(queue, [group("G-1"), group("G-2", first=TUESDAY_EVENING + A_WEEK)]) == {"1": "G-1"}


def test_two_people_of_whom_no_token_is_known_are_both_served():
    assert chosen([candidate("a", tokens=Tokens()), candidate("b", tokens=Tokens())], [group()]) == {"a": "G-1", "b": "G-1"}


def test_a_group_that_is_ended_or_full_is_left_out():
    ended, full = replace(group("G-1"), state="ended"), group("G-2", capacity=0)
    assert chosen([candidate()], [ended, full, group("G-3", first=TUESDAY_EVENING + A_WEEK)]) == {"sam": "G-3"}


def test_once_nothing_has_room_the_queue_is_read_no_further():
    asked = []

    def queue():
        for number in range(100):
            asked.append(number)
            yield candidate(str(number))

    assert len(list(choose(queue(), [group(capacity=3)], NOW))) == 3
    assert len(asked) == 4


def test_groups_that_several_hubs_share_are_filled_from_one_queue():
    shared, own = group("G-1", capacity=2, open_to=(HUB, SOUTH)), group("G-2", first=TUESDAY_EVENING + A_WEEK)
    queue = [candidate("a", hub=SOUTH), candidate("b"), candidate("c", hub=SOUTH), candidate("d")]
    assert chosen(queue, [shared, own]) == {"a": "G-1", "b": "G-1", "d": "G-2"}


def test_a_drop_in_group_gives_its_times_to_all_who_asked_and_to_nobody_else():
    queue = [wishing("a", "open"), wishing("b", "open"), candidate("c")]
    made = list(choose(queue, [open_group(capacity=1)], NOW))
    assert made == [Decision("W-a", "G-1", "give_pass"), Decision("W-b", "G-1", "give_pass")]


def test_a_seat_is_offered_rather_than_the_times_of_a_drop_in_group_that_meets_sooner():
    groups = [open_group("G-1"), group("G-2", first=TUESDAY_EVENING + A_WEEK)]
    assert chosen([wishing("sam", "open", "analytic")], groups) == {"sam": "G-2"}
    assert chosen([wishing("sam", "open", "analytic")], [open_group("G-1"), group("G-2", capacity=0)]) == {"sam": "G-1"}


def test_of_two_drop_in_groups_of_one_kind_the_times_of_one_are_given():
    sooner, later = open_group("G-1"), open_group("G-2", first=TUESDAY_EVENING + A_WEEK)
    assert chosen([wishing("sam", "open")], [later, sooner]) == {"sam": "G-1"}
    known = Person("P-sam", HUB, GP, tokens("sam"), places=(PlaceOfPerson("S-1", "G-1", "open", "pass", "taken", ()),))
    assert chosen([wishing("sam", "open", records=(known,))], [later, sooner]) == {}


FACTS = st.builds(Facts, st.just("doctor"), st.sampled_from(["gp", "gp_trainee", "other"]), st.just("woman"), st.just("working"))
SITES = st.lists(st.sampled_from(["site-1", "site-2", "site-3"]), max_size=2, unique=True)
MODALITIES = ("analytic", "men-only", "open")
HUBS = st.sampled_from([HUB, SOUTH])


@st.composite
def people(draw):
    """Somebody's name, tokens and record; three names may be a human who is known twice."""
    number = draw(st.integers(0, 30))
    own = draw(st.sampled_from([f"human-{number % 3}", f"own-of-{number}", f"own-of-{number}"]))
    named = draw(st.lists(st.sampled_from(["human-0", "human-1", "own-of-3", "own-of-4", "own-of-5"]), max_size=1))
    known = Tokens((own,), tuple(Tie(site) for site in draw(SITES)), tuple(named))
    return f"{number}", known, draw(HUBS), draw(FACTS)


@st.composite
def queues(draw):
    found = {}
    for name, known, hub, facts in draw(st.lists(people(), max_size=9)):
        wishes = Wishes(tuple(draw(st.lists(st.sampled_from(MODALITIES), max_size=2, unique=True))))
        refusals = tuple(Refusal(of, NOW, "declined") for of in draw(st.lists(st.sampled_from(["G-0", "G-1"]), max_size=1)))
        record = Person(f"P-{name}", hub, facts, known)
        found[name] = candidate(name, hub=hub, facts=facts, tokens=known, wishes=wishes, records=(record,), refusals=refusals)
    return list(found.values())


@st.composite
def worlds_of_groups(draw):
    return [draw(groups_called(f"G-{number}")) for number in range(draw(st.integers(1, 4)))]


@st.composite
def groups_called(draw, id):
    modality = draw(st.sampled_from(MODALITIES))
    way_in = "open-access" if modality == "open" else "referral"
    made = group(
        id,
        draw(st.integers(1, 3)),
        roster=(replace(runs(f"of-{id}", *draw(SITES)), hub=HUB),),
        first=TUESDAY_EVENING + timedelta(days=draw(st.integers(0, 2))),
        number=2,
        hub=draw(HUBS),
        modality=modality,
        way_in=way_in,
        grade_mixing=draw(st.sampled_from(["hard", "off"])),
        eligibility=Eligibility(grades=frozenset(draw(st.sampled_from([(), (), ("gp", "gp_trainee")])))),
    )
    return replace(made, open_to=draw(st.sampled_from([(made.hub,), (HUB, SOUTH)])))


def after(decisions, groups, queue) -> dict[GroupId, Group]:
    """The groups with what was decided held in them."""
    found, by_entry = {each.id: deepcopy(each) for each in groups}, {each.entry: each for each in queue}
    for made in decisions:
        if made.what == "offer":
            found[made.group].add(by_entry[made.entry].on_roster(f"S-{made.entry}", found[made.group]))
    return found


def human(one, other):
    return one.person == other.person or one.tokens.is_same_human(other.tokens)


@settings(max_examples=60, deadline=None)
@given(queues(), worlds_of_groups())
def test_whoever_waits_for_whatever_groups_choosing_changes_nothing_that_it_is_given(queue, groups):
    before = deepcopy((queue, groups))
    first = list(choose(queue, groups, NOW))
    assert (queue, groups) == before
    assert list(choose(queue, groups, NOW)) == first


@settings(max_examples=60, deadline=None)
@given(queues(), worlds_of_groups())
def test_whoever_waits_for_whatever_groups_none_is_overfilled_and_nobody_is_served_twice(queue, groups):
    made = list(choose(queue, groups, NOW))
    served = [each for each in queue if each.entry in {decision.entry for decision in made}]
    assert len(served) == len(made)
    assert not [pair for pair in combinations(served, 2) if human(*pair)]
    for each in after(made, groups, queue).values():
        assert len(each.members) <= each.capacity


@settings(max_examples=60, deadline=None)
@given(queues(), worlds_of_groups())
def test_whoever_waits_for_whatever_groups_nobody_is_put_with_somebody_they_must_not_meet(queue, groups):
    for each in after(choose(queue, groups, NOW), groups, queue).values():
        days = each.days(NOW)
        assert not [pair for pair in combinations(each.roster, 2) if keeps_apart(each, pair[0].tokens, pair[1].tokens, days)]


@settings(max_examples=120, deadline=None)
@given(queues(), worlds_of_groups())
def test_nobody_is_overlooked_for_somebody_later_in_the_queue(queue, groups):
    """docs/architecture.md, invariant 4, for each who was not placed, over all the hubs that a group is open to."""
    made = list(choose(queue, groups, NOW))
    placed = {decision.entry for decision in made}
    for position, waiting in enumerate(queue):
        earlier = {each.entry for each in queue[:position]}
        served = [each for each in queue if each.entry in placed and human(each, waiting)]
        if not served:
            left = after([decision for decision in made if decision.entry in earlier], groups, queue)
            assert not [each.id for each in left.values() if fits(waiting, each, NOW)]


# What the matcher does with what was chosen.


def test_a_run_makes_the_offers_and_says_how_many():
    hub = FakeHub()
    hub.keep(group(capacity=2))
    for name in ("a", "b", "c"):
        hub.accepts(name)
    assert hub.match() == 2
    assert hub.places() == {"a": "held", "b": "held"}
    assert [event.whose.person for event in hub.told_of(Offered)] == ["P-a", "P-b"]


def test_a_second_run_on_the_same_finds_nothing_to_do():
    hub = FakeHub()
    hub.keep(group(), open_group("G-2"))
    hub.accepts("sam", wishes=("analytic", "open"))
    hub.accepts("jo", wishes=("open",))
    assert hub.match() == 2
    told = len(hub.told)
    assert hub.match() == 0
    assert hub.since(told) == []


def test_a_run_without_groups_or_without_anybody_who_waits_does_nothing():
    assert FakeHub().match() == 0
    hub = FakeHub()
    hub.keep(group())
    assert hub.match() == 0


def test_a_run_that_is_told_to_stop_stops_between_two_offers():
    hub = FakeHub()
    hub.keep(group())
    for name in ("a", "b", "c"):
        hub.accepts(name)
    answers = iter([False, True])
    assert hub.match(lambda: next(answers, True)) == 1
    assert hub.places() == {"a": "held"}


def test_the_queue_goes_by_urgency_and_then_by_how_long_somebody_has_waited():
    hub = FakeHub()
    hub.accepts("routine-old", "routine", days_ago=90)
    hub.accepts("soon", "soon", days_ago=2)
    hub.accepts("urgent-new", "urgent")
    hub.accepts("routine-new", "routine", days_ago=1)
    hub.accepts("urgent-old", "urgent", days_ago=5)
    hub.keep(group())
    hub.match()
    assert list(hub.places()) == ["urgent-old", "urgent-new", "soon", "routine-old", "routine-new"]


def test_who_waits_at_another_hub_is_offered_a_place_where_the_group_is_open_to_theirs():
    hub = FakeHub(groups_of=(HUB,))
    hub.keep(group("G-1", capacity=1, open_to=(HUB, SOUTH)), group("G-2", hub=SOUTH, open_to=(SOUTH,)))
    hub.accepts("sam", days_ago=3, at=SOUTH)
    hub.accepts("jo")
    assert hub.match() == 1
    assert (hub.places("G-1"), hub.places("G-2")) == ({"sam": "held"}, {}), "it does not match the groups of the south"
    (offer,) = hub.memberships_of("sam", at=SOUTH)
    assert (offer.hub, offer.group) == (SOUTH, "G-1")


STALE = {
    "somebody else has the last place": lambda hub: hub.run(memberships.offer, Decision(entry_of(hub, "jo"), GroupId("G-1"), "offer")),
    "they have been offered another": lambda hub: hub.run(memberships.offer, Decision(entry_of(hub, "sam"), GroupId("G-2"), "offer")),
    "they have withdrawn": lambda hub: hub.withdraw("sam"),
    "they work with who runs it now": lambda hub: hub.knows("sam", tokens("sam", "site-of-alex")),
}


def entry_of(hub, name) -> EntryId:
    return hub.entry(name).id


@pytest.mark.parametrize("meanwhile", STALE.values(), ids=STALE)
def test_what_was_decided_and_no_longer_holds_is_not_done(meanwhile):
    hub = FakeHub()
    alex = runs("alex", "site-of-alex")
    hub.keep(group("G-1", capacity=1, roster=(alex,)), group("G-2", first=TUESDAY_EVENING + A_WEEK))
    hub.accepts("sam")
    hub.accepts("jo")
    decided = Decision(entry_of(hub, "sam"), GroupId("G-1"), "offer")
    meanwhile(hub)
    told = len(hub.told)
    assert hub.run(memberships.offer, decided) is None
    assert hub.since(told) == []
    assert "sam" not in hub.places("G-1")


def test_an_offer_to_an_entry_that_there_is_not_is_not_made():
    hub = FakeHub()
    hub.keep(group())
    assert hub.run(memberships.offer, Decision(EntryId("W-9"), GroupId("G-1"), "offer")) is None


def test_a_group_that_ended_since_it_was_read_is_not_offered():
    hub = FakeHub()
    hub.keep(replace(group(), state="cancelled"))
    hub.accepts("sam")
    assert hub.run(memberships.offer, Decision(entry_of(hub, "sam"), GroupId("G-1"), "offer")) is None


def test_one_human_under_two_records_has_one_open_offer_whatever_was_decided():
    hub = FakeHub()
    hub.keep(group("G-1"), group("G-2", first=TUESDAY_EVENING + timedelta(days=1), open_to=(HUB, SOUTH)))
    hub.accepts("sam")
    hub.accepts("sam-of-the-south", known=tokens("sam"), at=SOUTH)
    decided = [
        Decision(entry_of(hub, "sam"), GroupId("G-1"), "offer"),
        Decision(entry_of(hub, "sam-of-the-south"), GroupId("G-2"), "offer"),
    ]
    assert [hub.run(memberships.offer, each) is not None for each in decided] == [True, False]


def test_an_offer_writes_every_record_of_the_human_so_that_of_two_at_once_only_one_commits():
    hub = FakeHub()
    hub.keep(group())
    hub.knows("sam-of-the-south", tokens("sam"), at=SOUTH)
    hub.accepts("sam")
    before = hub.person("sam-of-the-south").version
    hub.match()
    assert hub.person("sam-of-the-south").version > before


def test_the_times_of_a_drop_in_group_meet_a_wish_for_nothing_else_at_once():
    hub = FakeHub()
    hub.keep(open_group(capacity=1))
    for name in ("a", "b", "c"):
        hub.accepts(name, wishes=("open",))
    assert hub.match() == 3
    assert hub.states("a", "b", "c") == ["met"] * 3
    assert [(event.whose.person, event.place.kind, event.whose.stands) for event in hub.told_of(Taken)] == [
        ("P-a", "pass", "placed"),
        ("P-b", "pass", "placed"),
        ("P-c", "pass", "placed"),
    ]
    assert (hub.places(), hub.told_of(Offered)) == ({}, []), "no register is kept"


def test_the_times_of_a_drop_in_group_never_meet_a_wish_for_a_seat():
    hub = FakeHub()
    hub.keep(open_group("G-1"), group("G-2", capacity=1))
    hub.accepts("first", days_ago=9)
    hub.accepts("sam", wishes=("analytic", "open"))
    assert hub.match() == 2
    assert hub.states("sam") == ["waiting"]
    assert hub.told[-1].whose.stands == "waiting"
    hub.decline("first")
    assert hub.match() == 1
    assert (hub.states("sam"), hub.places("G-2")) == (["offered"], {"sam": "held"})
    hub.accept("sam")
    assert hub.states("sam") == ["met"]
    assert sorted(each.kind for each in hub.memberships_of("sam") if each.is_live) == ["pass", "seat"]


def test_who_wished_for_two_kinds_of_drop_in_group_is_given_both_and_then_waits_no_more():
    hub = FakeHub()
    hub.keep(open_group("G-1"), open_group("G-2", modality="other"))
    hub.accepts("sam", wishes=("open", "other"))
    assert (hub.match(), hub.states("sam")) == (1, ["waiting"])
    assert (hub.match(), hub.states("sam")) == (1, ["met"])
    assert hub.match() == 0


WISHES = st.lists(st.sampled_from(MODALITIES), max_size=2, unique=True)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(people(), WISHES, st.sampled_from(["urgent", "soon", "routine"])), max_size=7), worlds_of_groups())
def test_whatever_was_chosen_still_holds_when_it_is_done_one_by_one(waiting, groups):
    hub = FakeHub()
    hub.keep(*groups)
    for (name, known, at, facts), wishes, urgency in waiting:
        if f"P-{name}" not in hub.kept["people"]:
            hub.accepts(name, urgency, wishes=wishes, known=known, at=at, facts=facts)
    queue, _ = hub.read()
    assert hub.match() == len(list(choose(queue, groups, NOW)))
    everybody = list(hub.kept["people"].values())
    for one, other in combinations(everybody, 2):
        if one.tokens.is_same_human(other.tokens):
            assert not (one.has_open_offer and other.has_open_offer)
    for each in everybody:
        assert not [pair for pair in combinations(each.counted_places, 2) if pair[0].overlaps(pair[1].spans)]


def test_who_runs_a_group_is_no_member_of_it():
    assert [row.person for row in group(roster=(ALEX,)).members] == []
