"""Which people must not meet in a group, and which offers end because of it."""

from collections.abc import Sequence
from datetime import datetime
from itertools import combinations

from scheduling.domain.groups import Group
from scheduling.domain.ids import MembershipId
from scheduling.domain.roster import Pair
from scheduling.domain.tokens import Days, Tokens


def keeps_apart(group: Group, one: Tokens, other: Tokens, days: Days) -> bool:
    """Whether two must not meet here. Even where colleagues may mix, people who named each other are kept apart."""
    if group.terms.colleagues == "off":
        return one.is_named_by(other) or other.is_named_by(one)
    return one.must_not_meet(other, days)


def must_part(group: Group, at: datetime) -> Sequence[Pair]:
    """Every two on the roster who must not meet, the earlier on the roster first. Two facilitators of the group may meet."""
    days = group.days(at)
    return [
        Pair(one.membership, other.membership)
        for one, other in combinations(group.roster, 2)
        if {one.kind, other.kind} != {"runs"} and keeps_apart(group, one.tokens, other.tokens, days)
    ]


def offers_to_end(group: Group, at: datetime) -> Sequence[MembershipId]:
    """The offers to end so that none is in a pair: a taken place stays, and of two offers the earlier stays if it can."""
    held = {row.membership for row in group.roster if row.state == "held"}
    pairs = must_part(group, at)
    ended = {side for pair in pairs if len(held & pair.sides) == 1 for side in held & pair.sides}
    for pair in pairs:
        if pair.sides <= held and not pair.sides & ended:
            ended.add(pair.other)
    return [row.membership for row in group.roster if row.membership in ended]
