"""`python -m referral api | consumer | relay | timers | indexes | erase | …`: each a separate program."""

import click

from referral.bootstrap import Referral, build
from referral.domain.ids import PersonId
from referral.domain.participants import NotKnown
from shared.errors import Retryable
from shared.ids import is_pseudonym
from shared.process.commands import commands, started

group = commands("referral", build, look_every=1)


@group.command(help="Erase a participant for good: all their data, and their key. The bare pseudonym stays.")
@click.argument("participant")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
def erase(participant: str, *, yes: bool) -> None:
    if not is_pseudonym(participant):
        raise click.ClickException(f"{participant} is not a pseudonym: P- and nine characters, the last of which is a check character")
    service = started(build, "erase")
    try:
        hub = service.hub_of(PersonId(participant))
    except NotKnown as error:
        raise click.ClickException(str(error)) from error
    if not yes:
        click.confirm(f"Erase {participant} of {hub}? Their places are released, and none of their data can be recovered.", abort=True)
    click.echo(_erased(service, PersonId(participant), hub))


def _erased(service: Referral, participant: PersonId, hub: str) -> str:
    service.erase(participant, hub)
    try:
        service.finish_erasure(participant, hub)
    except Retryable:
        return f"{participant} is erased, but their key is not: the vault is down. The timers process destroys it once the vault is up."
    return f"{participant} is erased, and their key is destroyed."


if __name__ == "__main__":
    group()
