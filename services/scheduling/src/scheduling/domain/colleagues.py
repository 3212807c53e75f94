"""Who must not meet whom in a group, and which offers end for it."""

from collections.abc import Sequence
from datetime import datetime
from itertools import combinations

from scheduling.domain.groups import Group
from scheduling.domain.ids import MembershipId
from scheduling.domain.roster import Pair
from scheduling.domain.tokens import Days, Tokens


def keeps_apart(group: Group, one: Tokens, other: Tokens, days: Days) -> bool:
    """Where colleagues may mix, people who named each other are kept apart all the same."""
    if group.terms.colleagues == "off":
        return one.is_named_by(other) or other.is_named_by(one)
    return one.must_not_meet(other, days)


def must_part(group: Group, at: datetime) -> Sequence[Pair]:
    """Every two on the roster who must not meet, however it came about; the earlier on the roster first. Who runs it together may."""
    days = group.days(at)
    return [
        Pair(one.membership, other.membership)
        for one, other in combinations(group.roster, 2)
        if {one.kind, other.kind} != {"runs"} and keeps_apart(group, one.tokens, other.tokens, days)
    ]


def offers_to_end(group: Group, at: datetime) -> Sequence[MembershipId]:
    """So that no offer is in a pair: who has a place keeps it, and of two offers the earlier stays if it can."""
    held = {row.membership for row in group.roster if row.state == "held"}
    pairs = must_part(group, at)
    ended = {side for pair in pairs if len(held & pair.sides) == 1 for side in held & pair.sides}
    for pair in pairs:
        if pair.sides <= held and not pair.sides & ended:
            ended.add(pair.other)
    return [row.membership for row in group.roster if row.membership in ended]
