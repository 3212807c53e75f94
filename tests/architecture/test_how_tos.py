"""Each how-to is followed to the letter: its blocks are written into a copy of the data and loaded as the services load them."""

import ast
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

import pytest

from notifications.adapters import notification_files
from notifications.bootstrap import DATA
from scheduling.adapters import catalogue_files
from scheduling.config import SHIPPED
from shared.errors import Misconfigured
from shared.process.hubs import read_hubs

ROOT = Path(__file__).parents[2]
HOW_TO = ROOT / "docs" / "how-to"
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_PATH = re.compile(r"(?:#|\{#) (\S+\.\w+)(?: #\})?\n")


@dataclass(frozen=True, slots=True)
class Block:
    path: str
    text: str


def blocks(name: str) -> list[Block]:
    """The blocks of a how-to that are the content of a file, or are added to one."""
    texts = [text for _, text in _BLOCK.findall((HOW_TO / name).read_text())]
    return [Block(found.group(1), text) for text in texts if (found := _PATH.match(text))]


def test_a_new_modality_is_one_file_and_loads_with_the_others(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(SHIPPED, tmp_path / "catalogue"))
    (block,) = blocks("new-modality.md")
    code = Path(block.path).stem
    (folder / Path(block.path).name).write_text(block.text)
    loaded = catalogue_files.load(folder)
    assert set(loaded.entries) == set(catalogue_files.load(SHIPPED).entries) | {code}


def test_a_mistake_in_a_new_modality_is_named_as_the_how_to_says(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(SHIPPED, tmp_path / "catalogue"))
    (block,) = blocks("new-modality.md")
    (folder / "peer-circle.toml").write_text(block.text.replace("least = 6", "least = 1"))
    with pytest.raises(Misconfigured) as refusal:
        catalogue_files.load(folder)
    assert str(refusal.value) in (HOW_TO / "new-modality.md").read_text()


def test_a_new_notification_is_an_entry_and_three_templates(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(DATA, tmp_path / "data"))
    entry, *templates = blocks("new-notification.md")
    assert [Path(each.path).name for each in templates] == ["subject.txt", "body.txt", "body.html"]
    with (folder / "notifications.toml").open("a") as file:
        file.write("\n" + entry.text)
    for each in templates:
        path = folder / Path(each.path).relative_to("services/notifications/src/notifications/data")
        path.parent.mkdir(exist_ok=True)
        path.write_text(each.text)
    added = set(notification_files.load(folder).entries) - set(notification_files.load(DATA).entries)
    assert len(added) == 1
    assert added.pop() in templates[0].path


def test_a_new_hub_is_an_entry_that_every_process_reads(tmp_path: Path) -> None:
    (block,) = blocks("new-hub.md")
    (tmp_path / "hubs.toml").write_text((ROOT / "deploy" / "hubs.toml").read_text() + "\n" + block.text)
    assert set(read_hubs(tmp_path / "hubs.toml")) == {"london", "north-west", "wales"}


@pytest.mark.parametrize("encoding", ["7bit", "quoted-printable", "base64"])
def test_the_readme_s_link_is_found_however_the_mail_is_encoded(tmp_path: Path, encoding: str) -> None:
    link = f"http://127.0.0.1:8003/answer/{'x=y' * 40}"
    for number, address in enumerate(("other@home.example", "sample@home.example")):
        mail = EmailMessage()
        mail["X-RcptTo"] = address
        mail.set_content(f"Answer here:\n{link}{number}\n", cte=encoding)
        (tmp_path / ".circlework/mail/new").mkdir(parents=True, exist_ok=True)
        (tmp_path / f".circlework/mail/new/{number}").write_bytes(mail.as_bytes())
    shell = (ROOT / "README.md").read_text().partition("\nlink() {")[1:]
    function = "".join(shell).partition("\nfield()")[0]
    found = subprocess.run(["sh", "-c", f"{function}\nlink sample@home.example"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert found.stdout == f"{link}1\n", found.stderr


def test_a_new_event_is_declared_published_and_heard(tmp_path: Path) -> None:
    """The blocks are added to copies of the files they name; then the event goes out of one service and into another."""
    for package in (ROOT / "shared" / "src" / "shared", *(ROOT / "services" / name / "src" / name for name in ("referral", "scheduling"))):
        shutil.copytree(package, tmp_path / package.name, ignore=shutil.ignore_patterns("__pycache__"))
    for block in blocks("new-event.md"):
        follow(block, tmp_path / block.path.partition("/src/")[2])
    followed = subprocess.run([sys.executable, "-c", PUBLISH_AND_HEAR], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert followed.returncode == 0, followed.stderr
    assert followed.stdout.split() == ["waiting.deferred.v1", "P-1", "scheduling", "waiting"]


def test_the_how_to_names_every_room_that_a_new_event_passes_through() -> None:
    rooms = ["contracts/", "domain/waiting", "domain/events", "messaging/outbound", "messaging/inbound"]
    paths = [block.path for block in blocks("new-event.md")]
    assert all(any(room in path for path in paths) for room in rooms)


def follow(block: Block, path: Path) -> None:
    """Do with a block what its reader does: new rows and cases go where the others are, a line that is there is made the new one, all
    else goes to the end."""
    lines, text = block.text.splitlines()[1:], path.read_text()
    marked = next((number for number, line in enumerate(lines) if "# … the " in line), None)
    path.write_text(_added(lines[:marked], text) if marked is not None else _replaced("\n".join(lines), text))


def _added(lines: list[str], text: str) -> str:
    anchor = next(number for number, line in enumerate(lines) if line and f"\n{line}\n" in text)
    above, there, new = lines[:anchor], f"\n{lines[anchor]}\n", lines[anchor + 1 :]
    assert text.count(there) == 1, f"{lines[anchor]!r} does not say where"
    return text.replace(there, "\n".join(["", *above, lines[anchor], *new, ""]))


def _replaced(block: str, text: str) -> str:
    for statement in ast.parse(block).body:
        source = ast.get_source_segment(block, statement) or ""
        begins = re.match(r"from \S+ import |\w+ = ", source)
        there = re.compile(rf"^{re.escape(begins.group())}.*$", re.MULTILINE) if begins else None
        if there and there.search(text):
            text = there.sub(source.replace("\\", r"\\"), text, count=1)
        else:
            text += "\n\n" + "\n".join([*(f"@{ast.unparse(each)}" for each in getattr(statement, "decorator_list", [])), source, ""])
    return text


PUBLISH_AND_HEAR = """
from datetime import UTC, datetime
from typing import get_args

from referral.messaging.inbound import SUBSCRIPTIONS
from scheduling.domain.events import Event
from scheduling.domain.waiting import WaitingDeferred
from scheduling.messaging.outbound import publisher
from shared import contracts
from shared.events.envelope import Envelope
from shared.events.sealing import Seals
from shared.events.subscriptions import Heard
from shared.events.tracing import Cause

assert WaitingDeferred in get_args(Event)
at = datetime(2026, 11, 25, tzinfo=UTC)
fact = publisher(Seals("scheduling", {}))(WaitingDeferred("P-1", "W-1", "R-1", at, "waiting"))
event, data = contracts.described(fact), contracts.serialised(fact)
assert contracts.load(event.type, contracts.subject_of(fact), data) == fact
envelope = Envelope("E", event.service, "london", event.type, "P-1", 1, at, Cause("c", "c", "t"), data)
command = SUBSCRIPTIONS[type(fact)].command(Heard(fact, envelope, Seals("referral", {})))
print(event.type, command.person, event.service, command.standings[0].stands)
"""
