"""An operator's commands, in the environment of a service of a running stack."""

from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from embedded.stack import Stack
from shared.process.commands import commands
from shared.store.transactions import Store
from support.operating import attempt


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (("parked", "show", "E-0"), "E-0 is not parked; `parked list` shows what is"),
        (("parked", "redrive", "E-0"), "E-0 is not parked; `parked list` shows what is"),
        (("parked", "drop", "E-0", "--why", "none"), "E-0 is not parked; `parked list` shows what is"),
        (("resume",), "nothing was halted"),
        (("replay", "--hub", "nowhere"), "published 0 again"),
    ],
)
def test_a_command_without_anything_to_do_says_so(stack: Stack, command: tuple[str, ...], says: str) -> None:
    done = attempt(stack, "referral", *command)
    assert says in done.stdout + done.stderr


def test_an_empty_list_says_so(store: Store) -> None:
    group = commands("referral", lambda: SimpleNamespace(runtime=SimpleNamespace(store=store)), look_every=1)  # type: ignore[arg-type]
    assert CliRunner().invoke(group, ["parked", "list"]).output == "nothing is parked\n"
