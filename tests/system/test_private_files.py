"""What an embedded stack writes can be read by nobody else on the machine."""

import stat
from pathlib import Path

from embedded.stack import Stack
from support.hub import Hub


def test_no_file_or_folder_of_the_data_can_be_read_by_anybody_else(hub: Hub, stack: Stack) -> None:
    hub.group()
    stack.keep_stack_file()
    folder = stack.place.folder
    assert {"secrets", "logs", "mail", "stack.json"} <= {path.name for path in folder.iterdir()}
    found = [folder, *folder.rglob("*")]
    assert [f"{path}: {mode(path):o}" for path in found if path.exists() and mode(path) & 0o077] == []
    assert mode(folder / "stack.json") == 0o600


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)
