"""The data folder of an embedded stack: the version of its content, and the engine that wrote its stores."""

from pathlib import Path

from embedded.programs import ROOT

FOLDER = ROOT / ".circlework"
VERSION = 3  # rises whenever older data can no longer be read
_CONTENT = ("secrets", "kafka", "stores", "mail")


class OtherData(RuntimeError):
    """The folder contains data that this stack must not touch."""


def claim(folder: Path, engine: str) -> None:
    """Mark the folder with this release's version and `engine`. Raises OtherData for one with another, and leaves it unchanged."""
    if holds_data(folder):
        _check_version(folder)
        _check_engine(folder, engine)
    stores = folder / "stores"
    stores.mkdir(parents=True, exist_ok=True)
    (folder / "version").write_text(f"{VERSION}\n")
    (stores / "engine").write_text(f"{engine}\n")


def holds_data(folder: Path) -> bool:
    return any((folder / name).exists() for name in _CONTENT)


def may_be_removed(folder: Path) -> bool:
    """Whether it contains the data of an embedded stack, of any version, or is empty."""
    return (folder / "secrets").exists() or (folder / "version").exists() or not any(folder.iterdir())


def _check_version(folder: Path) -> None:
    found = _read(folder / "version") or "1"
    if found != str(VERSION):
        raise OtherData(f"{folder} contains data of version {found}, but this release reads version {VERSION}. {_cure(folder)}")


def _check_engine(folder: Path, engine: str) -> None:
    found = _read(folder / "stores" / "engine") or engine
    if found != engine:
        raise OtherData(f"the stores in {folder} were written by the {found}, which the {engine} cannot read. {_cure(folder)}")


def _cure(folder: Path) -> str:
    where = "" if folder == FOLDER.resolve() else f" ARGS='--data {folder}'"
    return f"Delete it with `make clean-data{where}`, or keep it and start in another folder: make run ARGS='--data /tmp/another'"


def _read(path: Path) -> str:
    return path.read_text().strip() if path.exists() else ""
