"""Each how-to is followed to the letter: its blocks are written into a copy of the data and loaded as the services load them."""

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


def test_a_new_event_is_declared_said_and_heard(tmp_path: Path) -> None:
    """The blocks are added to copies of the files they name; then the event goes out of one service and into another."""
    for package in (ROOT / "shared" / "src" / "shared", *(ROOT / "services" / name / "src" / name for name in ("referral", "scheduling"))):
        shutil.copytree(package, tmp_path / package.name, ignore=shutil.ignore_patterns("__pycache__"))
    for block in blocks("new-event.md"):
        follow(block, tmp_path / block.path.partition("/src/")[2])
    followed = subprocess.run([sys.executable, "-c", SAY_AND_HEAR], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert followed.returncode == 0, followed.stderr
    assert followed.stdout.split() == ["seat.ended.v1", "scheduling", "heard"]


def follow(block: Block, path: Path) -> None:
    """Add a block to a file: the rows of a table that is there go into it, all else to where the file can use it."""
    rest, table, row = block.text.partition(_table(block.text))
    text = path.read_text()
    if table:
        new = row.partition("# … the rows that are there …")[2].partition("}")[0]
        text = text.replace(table, f"{rest}\n{table}{new}", 1)
    else:
        text += f"\n\n{rest}"
    path.write_text(text)


def _table(text: str) -> str:
    found = re.search(r"^(SUBSCRIPTIONS|PUBLISHED)\b.*\{\n", text, re.MULTILINE)
    return found.group() if found else "\0"


SAY_AND_HEAR = """
from types import SimpleNamespace
from referral.messaging.inbound import SUBSCRIPTIONS
from scheduling.domain import events
from scheduling.messaging.outbound import published
from shared import contracts

entry = SimpleNamespace(id="R-1", participant="P-1", seat="S-1", group="G-1")
(fact,) = published(events.SeatEnded(entry))
event = contracts.described(fact)
assert contracts.load(event.type, contracts.serialised(fact)) == fact
print(event.type, event.service, "heard" if type(fact) in SUBSCRIPTIONS else "not heard")
"""
