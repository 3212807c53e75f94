"""What must be true once everything has healed and nothing happens any more (9-model.md, Invariants; 5-reliability.md, Promises)."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise

from referral.domain.participants import Participant
from scheduling.domain.colleagues import must_part
from scheduling.domain.groups import OPEN, Group
from scheduling.domain.ids import PersonId, ReferralId
from scheduling.domain.memberships import LIVE
from scheduling.domain.people import COUNTED, Person
from scheduling.domain.placement import Candidate, fits
from shared.events.ordering import may_skip
from shared.events.positions import FOREVER
from world.after import After
from world.documents import Doc
from world.runtime import EFFECTS, SERVICES, World
from world.watch import Broken


def check(world: World) -> None:
    """Raises Broken."""
    after = After(world)
    for invariant, look in INVARIANTS.items():
        for found in look(after):
            raise Broken(invariant, found)


def left_over(after: After) -> Iterator[str]:
    """Everything was published, nothing is parked, nobody halts."""
    for service in SERVICES:
        yield from (
            f"{row['type']} of {row['subject']} is in the outbox" for row in after.rows(f"{service}.outbox") if "unpublished" in row
        )
        parked = after.rows(f"{service}.parked_events")
        yield from (f"{service} parked {row.get('type')} of {row.get('subject')}: {row['reason']} {row['detail']}" for row in parked)
        yield from (str(row) for row in after.rows(f"{service}.consumer_halts"))


def misnumbered(after: After) -> Iterator[str]:
    """A subject's events are 1, 2, 3 … without a gap, but before one that says all there is."""
    for service in SERVICES:
        numbers = defaultdict(list)
        for row in after.rows(f"{service}.outbox"):
            numbers[row["family"], row["subject"]].append((row["sequence"], may_skip(row["type"])))
        for subject, found in numbers.items():
            ordered = [(0, False), *sorted(found)]
            if any(now <= before or (now > before + 1 and not skips) for (before, _), (now, skips) in pairwise(ordered)):
                yield f"{service} numbered {subject} {sorted(found)}"


def effects_repeated(after: After) -> Iterator[str]:
    for service in SERVICES:
        found = Counter((row["event"], row["about"]) for row in after.rows(f"{service}.{EFFECTS}"))
        yield from (f"{service} handled {about} {times} times" for (_, about), times in found.items() if times > 1)


def positions_behind(after: After) -> Iterator[str]:
    """Each subject that a service has heard of has been handled to its end."""
    said: dict[str, int] = defaultdict(int)
    for service in SERVICES:
        for row in after.rows(f"{service}.outbox"):
            subject = f"{service}|{row['family']}|{row['subject']}"
            said[subject] = max(said[subject], row["sequence"])
    for service in SERVICES:
        for row in after.rows(f"{service}.inbox"):
            if row["position"] not in {said[row["_id"]], FOREVER}:
                yield f"{service} is at {row['position']} of {said[row['_id']]} of {row['_id']}"


def places_disagree(after: After) -> Iterator[str]:
    """Memberships, rosters, people and entries say the same."""
    memberships = [row for row in after.rows("scheduling.memberships") if row["state"] in LIVE]
    told = {(row["_id"], row["state"]) for row in memberships}
    yield from _differ("on rosters", {each for each in told if _kind(each, memberships) != "pass"}, _on_rosters(after.groups))
    yield from _differ("of people", told, ((place.membership, place.state) for person in after.people.values() for place in person.places))
    offered = {row["entry"] for row in memberships if row["state"] == "held"}
    yield from _differ("of entries", offered, (entry.id for entry in after.entries if entry.state == "offered"))
    waits = ((wait.entry) for person in after.people.values() for wait in person.waits)
    yield from _differ("of waits", set(waits), (entry.id for entry in after.entries if entry.is_open))


def _kind(told: tuple[str, str], memberships: Iterable[Doc]) -> str:
    return next(row["kind"] for row in memberships if row["_id"] == told[0])


def _on_rosters(groups: Iterable[Group]) -> Iterator[tuple[str, str]]:
    return ((row.membership, row.state) for group in groups for row in group.roster if group.state in OPEN)


def _differ(where: str, told: Iterable[object], found: Iterable[object]) -> Iterator[str]:
    if difference := set(told) ^ set(found):
        yield f"{where}: {sorted(difference, key=str)}"


def too_many(after: After) -> Iterator[str]:
    return (group.id for group in after.groups if len(group.members) > group.capacity)


def unrecorded_pairs(after: After) -> Iterator[str]:
    """Two who must part have places in one group only if it came about later, and is known."""
    for group in after.groups:
        if group.state in OPEN and group.terms.colleagues == "apart":
            found = set(must_part(group, after.world.clock.domain())) - set(group.pairs)
            yield from (f"{pair} in {group.id}" for pair in found)


def old_facts(after: After) -> Iterator[str]:
    """What was said last of a person is what is known, here and on every roster."""
    for participant in after.participants:
        person = after.people.get(PersonId(participant.id))
        if person and participant.state == "known" and _tokens(participant) != _tokens(person):
            yield f"{participant.id} has {_tokens(person)}; what was said last is {_tokens(participant)}"
    for group in after.groups:
        for row in group.roster:
            if group.state in OPEN and row.tokens != after.people[row.person].tokens:
                yield f"{row.person} has other tokens on the roster of {group.id}"


def _tokens(of: Participant | Person) -> object:
    return of.tokens.own, tuple(tie.token for tie in of.tokens.ties or ()), of.tokens.never_with


_SHOWN = {"waiting": "waiting", "offered": "offered", "placed": "placed"}


def stands_differ(after: After) -> Iterator[str]:
    """Of each referral, what referral heard last is where it stands; of one that is over, nothing is left."""
    for referral in after.referrals:
        person = after.people.get(PersonId(referral.participant))
        stands = person.stands(ReferralId(referral.id)) if person else "nothing"
        if _SHOWN.get(referral.status, "nothing") != stands:
            yield f"{referral.id} of {referral.participant} stands at {stands}; referral says {referral.status}"


def memberships_differ(after: After) -> Iterator[str]:
    """What people were told of their places is so."""
    for row in after.rows("scheduling.memberships"):
        standing = after.standings.get(row["person"])
        if standing is None or standing.is_erased:
            continue
        told = standing.membership(row["_id"])
        if (told.state if told else "ended") != row["state"]:
            yield f"{row['_id']} of {standing.id} is {row['state']}; notifications has {told.state if told else 'nothing'}"


def mail_unsettled(after: After) -> Iterator[str]:
    """Each message was accepted, rejected, suppressed or is in doubt, unless its time has not come."""
    at = after.world.clock.domain()
    for message in after.messages.values():
        if message.state in {"claimed", "submitted"} or (message.state == "planned" and message.due <= at):
            yield f"{message.template} {message.id} is {message.state}: {message.reason}"


def mail_twice(after: After) -> Iterator[str]:
    """The server has no Message-ID twice, unless the message was sent again in doubt."""
    for identity, times in Counter(after.world.mail.dots).items():
        message = after.messages.get(identity.strip("<>"))
        if message is None:
            continue  # a reminder of somebody who was erased since
        if times > 1 + message.resent + message.tries + (message.state == "ambiguous"):
            yield f"{message.template} {message.id} {times} times"


def overlooked(after: After) -> Iterator[str]:
    """Nobody waits who would fit a group that takes people by referral."""
    at = after.world.clock.domain()
    for candidate in _waiting(after):
        if not any(record.has_open_offer for record in candidate.records):
            fitting = [group.id for group in after.groups if group.state in OPEN and fits(candidate, group, at)]
            if fitting:
                yield f"{candidate.entry} of {candidate.person} would fit {', '.join(fitting)}"


def _waiting(after: After) -> Iterator[Candidate]:
    for entry in after.entries:
        if entry.state == "waiting":
            person = after.people[entry.person]
            same = (other for other in after.people.values() if other.id != person.id and other.tokens.is_same_human(person.tokens))
            if candidate := entry.candidate(person, (person, *same)):
                yield candidate


def left_of_the_erased(after: After) -> Iterator[str]:
    erased = {participant.id for participant in after.participants if participant.state != "known"}
    yield from (f"{each.id} is {each.state}" for each in after.participants if each.state == "erasing")
    yield from (f"the key of {each}" for each in erased & after.world.vault_keys)
    for identity in erased & set(after.people):
        person = after.people[PersonId(identity)]
        if not person.is_erased or person.facts or person.tokens.own or person.tokens.ties or person.places or person.waits:
            yield f"{identity}: {person}"
    yield from (f"{row.person} on the roster of {group.id}" for group in after.groups for row in group.roster if row.person in erased)
    yield from (f"{entry.id} of {entry.person} is {entry.state}" for entry in after.entries if entry.person in erased and entry.is_open)
    yield from (f"the contact of {row['_id']}" for row in after.rows("notifications.contacts") if row["_id"] in erased)
    yield from (f"what {each.id} was told" for each in after.standings.values() if each.id in erased and not each.is_erased)
    yield from (f"the place in {each.id}" for each in after.messages.values() if each.person in erased and (each.place or each.session))


def _held_by_counted(person: Person) -> int:
    return sum(place.state == "held" and place.kind in COUNTED for place in person.places)


def two_offers(after: After) -> Iterator[str]:
    return (person.id for person in after.people.values() if _held_by_counted(person) > 1)


INVARIANTS = {
    "left over": left_over,
    "numbers": misnumbered,
    "one effect": effects_repeated,
    "positions": positions_behind,
    "capacity": too_many,
    "places agree": places_disagree,
    "apart": unrecorded_pairs,
    "last word": old_facts,
    "stands": stands_differ,
    "told": memberships_differ,
    "mail settled": mail_unsettled,
    "mail twice": mail_twice,
    "overlooked": overlooked,
    "one open offer": two_offers,
    "erased": left_of_the_erased,
}
