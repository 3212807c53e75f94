"""The house: the same rooms in every service, and what must not be in them."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SERVICES = {name: ROOT / "services" / name / "src" / name for name in ("referral", "scheduling", "notifications")}
SOURCES = [path for folder in (*SERVICES.values(), ROOT / "shared" / "src" / "shared") for path in sorted(folder.rglob("*.py"))]
CATALOGUE = SERVICES["scheduling"] / "data" / "catalogue"
ROOMS = (
    "__main__.py",
    "bootstrap.py",
    "config.py",
    "domain/events.py",
    "application/ports.py",
    "application/queries.py",
    "adapters/mongo.py",
    "api/routes.py",
    "messaging/inbound.py",
    "messaging/outbound.py",
)
every_service = pytest.mark.parametrize("service", SERVICES)
every_source = pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))


@every_service
@pytest.mark.parametrize("room", ROOMS)
def test_every_service_has_the_same_rooms(service: str, room: str) -> None:
    assert (SERVICES[service] / room).is_file()


@every_service
def test_there_is_no_other_room(service: str) -> None:
    folders = {path.name for path in SERVICES[service].iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert folders <= {"domain", "application", "adapters", "api", "pages", "messaging", "data"}


def test_the_layers_hold() -> None:
    checked = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout
    assert "5 kept, 0 broken" in checked.stdout


def codes_of_the_catalogue() -> set[str]:
    entries = [tomllib.loads(path.read_text()) for path in CATALOGUE.glob("*.toml")]
    inner = [part["code"] for entry in entries for part in (*entry.get("variants", []), *entry.get("lengths", []))]
    topics = [topic for entry in entries for topic in entry.get("topics", [])]
    return {entry["code"] for entry in entries} | set(inner) | set(topics)


def strings(path: Path) -> Iterator[str]:
    """Every string constant of a file but its docstrings."""
    tree = ast.parse(path.read_text())
    described = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, described) and node.body and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.value


@every_source
def test_no_code_names_a_modality_a_variant_a_length_or_a_topic(path: Path) -> None:
    assert codes_of_the_catalogue() & set(strings(path)) == set()


def test_the_catalogue_holds_all_eleven_and_their_parts() -> None:
    codes = codes_of_the_catalogue()
    assert len(list(CATALOGUE.glob("*.toml"))) == 11
    assert codes >= {"analytic", "consultants-and-gps", "trainees", "women", "30-weeks", "open-ended", "mindfulness", "exam-stress"}


@pytest.mark.parametrize("path", [path for path in SOURCES if "domain" in path.parts], ids=lambda path: str(path.relative_to(ROOT)))
def test_rules_use_the_standard_library_and_themselves_only(path: Path) -> None:
    allowed = sys.stdlib_module_names | set(SERVICES)
    for node in ast.walk(ast.parse(path.read_text())):
        names = (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
        assert {name.partition(".")[0] for name in names} <= allowed


@every_source
def test_only_the_clock_says_what_time_it_is_to_rules_and_use_cases(path: Path) -> None:
    if {"domain", "application", "messaging"} & set(path.parts):
        assert not re.search(r"\b(datetime\.now|date\.today|time\.time|utcnow)\b", path.read_text())


@every_service
def test_every_route_of_an_api_says_which_roles_may_use_it(service: str) -> None:
    tree = ast.parse((SERVICES[service] / "api" / "routes.py").read_text())
    views = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and any("blueprint." in ast.unparse(d) for d in node.decorator_list)
    ]
    assert len(views) >= 2
    for view in views:
        assert any(ast.unparse(decorator).startswith("roles(") for decorator in view.decorator_list), view.name


def test_looking_across_hubs_is_for_events_only() -> None:
    users = {path.name for path in SOURCES for line in path.read_text().splitlines() if ".everywhere(" in line}
    assert users == {"documents.py", "mongo.py"}
    callers = [line for path in SOURCES if path.name == "mongo.py" for line in path.read_text().splitlines() if ".everywhere(" in line]
    assert len(callers) == 1, "run_by: a facilitator's new ties reach the groups of every hub"


def test_one_place_names_a_recipient_to_a_server() -> None:
    assert [path.name for path in SOURCES if re.search(r"\.(rcpt|sendmail|send_message)\(", path.read_text())] == ["smtp.py"]
    assert (SERVICES["notifications"] / "adapters" / "smtp.py").read_text().count(".rcpt(") == 1


@every_source
def test_names_tell_what_a_file_is_for(path: Path) -> None:
    assert path.stem not in {"utils", "helpers", "manager", "base", "common", "misc"}


@every_source
def test_files_and_functions_keep_a_size_that_can_be_read(path: Path) -> None:
    text = path.read_text()
    assert text.count("\n") <= 300
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno < 40, node.name


def test_no_test_is_skipped() -> None:
    for path in (ROOT / "tests").rglob("*.py"):
        assert not re.search(r"pytest\.(skip|importorskip)\(|mark\.(skip|skipif|xfail)\b", path.read_text().replace(r"pytest\.(", "")), path
