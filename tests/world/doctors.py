"""Who is referred in histories, and how what is known of them changes."""

from dataclasses import dataclass

from referral.application.ports import ParticipantWork
from referral.domain.ids import PersonId
from referral.domain.values import Facts, Person, Registration, Tokens


@dataclass(frozen=True, slots=True)
class Change:
    person: PersonId
    facts: Facts
    tokens: Tokens


def change(command: Change, work: ParticipantWork) -> None:
    """Other facts and ties of somebody known. There is no page for it yet: a new referral is how it happens."""
    participant = work.participants.get(command.person)
    if participant and participant.state == "known":
        happened = participant.know(participant.sealed or b"", command.facts, command.tokens, ())
        work.participants.save(participant, happened)


def person(number: int) -> Person:
    return Person(f"Testina Ficta{number}", f"testina{number}@post.example", registration=registration(number))


def registration(number: int) -> Registration:
    return Registration("GMC", f"{number}")
