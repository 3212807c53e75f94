"""The house: the same modules in every service, and what must not be in them."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from importlib import import_module
from pathlib import Path
from typing import get_args

import pytest

ROOT = Path(__file__).parents[2]
SERVICES = {name: ROOT / "services" / name / "src" / name for name in ("referral", "scheduling", "notifications")}
SHARED = ROOT / "shared" / "src" / "shared"
PACKAGES = {"shared": SHARED, **SERVICES}
SOURCES = [path for folder in (*SERVICES.values(), SHARED) for path in sorted(folder.rglob("*.py"))]
CATALOGUE = SERVICES["scheduling"] / "data" / "catalogue"
MODULES = (
    "__main__.py",
    "bootstrap.py",
    "web.py",
    "config.py",
    "domain/events.py",
    "domain/ids.py",
    "application/ports.py",
    "adapters/mongo/__init__.py",
    "api/access.py",
    "messaging/inbound.py",
    "messaging/outbound.py",
)
FAMILIES = {  # the aggregates that are built so far, and what stands beside them
    "referral": {"referrals", "participants", "staff", "contacts", "modalities"},
    "scheduling": {"people", "waiting", "memberships", "groups", "sessions", "modalities", "matching"},
    "notifications": {"standings", "messages", "contacts", "answers"},
}
every_service = pytest.mark.parametrize("service", SERVICES)
every_source = pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


# The same rooms in every service.


@every_service
@pytest.mark.parametrize("module", MODULES)
def test_every_service_has_the_same_modules(service: str, module: str) -> None:
    assert (SERVICES[service] / module).is_file()


@every_service
def test_there_is_no_other_room(service: str) -> None:
    folders = {path.name for path in SERVICES[service].iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert folders <= {"domain", "application", "adapters", "api", "pages", "messaging", "data"}
    files = {path.name for path in SERVICES[service].glob("*.py")}
    assert files == {"__init__.py", "__main__.py", "bootstrap.py", "web.py", "config.py"}


@every_service
def test_a_family_has_one_name_in_every_room(service: str) -> None:
    """Whoever knows it in one room finds it in the next: never referral.py here and referrals.py there."""
    rooms = ("domain", "application", "adapters/mongo", "api", "pages")
    for family in FAMILIES[service]:
        found = {path.stem for room in rooms for path in (SERVICES[service] / room).glob("*.py")}
        assert family in found
        assert not {family.removesuffix("s"), f"{family}s"} & found - {family}, family
        assert {name for name in found if name.startswith(f"{family}_")} <= {f"{family}_views", f"{family}_schemas"}


@every_service
def test_every_repository_keeps_a_family_that_has_rules_and_a_name(service: str) -> None:
    kept = {path.stem for path in (SERVICES[service] / "adapters" / "mongo").glob("*.py")} - {"__init__", "claims"}
    assert kept <= FAMILIES[service]
    assert {f"{family}.py" for family in kept} <= {path.name for path in (SERVICES[service] / "domain").glob("*.py")}


def test_the_layers_hold() -> None:
    checked = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout
    assert "7 kept, 0 broken" in checked.stdout


@every_service
def test_no_worker_loads_flask(service: str) -> None:
    program = f"import sys, {service}.bootstrap, {service}.__main__; print(*sorted({{'flask', 'flask_smorest'}} & sys.modules.keys()))"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout.strip()) == (0, ""), ran.stderr


# No cycle of imports, and none hidden from whoever reads or runs.


def name_of(path: Path) -> str:
    package = next(name for name, folder in PACKAGES.items() if path.is_relative_to(folder))
    parts = path.relative_to(PACKAGES[package]).with_suffix("").parts
    return ".".join((package, *(part for part in parts if part != "__init__")))


NAMES = {name_of(path) for path in SOURCES}


def imported(path: Path) -> set[str]:
    """The modules of ours that a module imports, wherever in it the import stands."""
    found = set()
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= (inner & NAMES) | ({node.module} if inner - NAMES else set())
    return (found & NAMES) - {name_of(path)}


def test_no_import_leads_back_to_where_it_began() -> None:
    try:
        TopologicalSorter({name_of(path): imported(path) for path in SOURCES}).prepare()
    except CycleError as error:
        pytest.fail(" <- ".join(error.args[1]))


@every_source
def test_every_import_stands_at_the_top_and_is_there_at_run_time(path: Path) -> None:
    """Neither TYPE_CHECKING nor an import inside a function: both hide a cycle."""
    tree = parsed(path)
    at_top = {id(node) for node in tree.body}
    hidden = [ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom) and id(node) not in at_top]
    assert hidden == []
    assert "TYPE_CHECKING" not in path.read_text()


# What must not be written where.


def codes_of_the_catalogue() -> set[str]:
    entries = [tomllib.loads(path.read_text()) for path in CATALOGUE.glob("*.toml")]
    inner = [part["code"] for entry in entries for part in (*entry.get("variants", []), *entry.get("lengths", []))]
    topics = [topic for entry in entries for topic in entry.get("topics", [])]
    return {entry["code"] for entry in entries} | set(inner) | set(topics)


def strings(path: Path) -> Iterator[str]:
    """Every string constant of a file but its docstrings."""
    tree = parsed(path)
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


KNOW_MONGO = {"shared/store", "shared/events", "shared/process"}
_OPERATOR = re.compile(r"\$[a-z][A-Za-z]+")


def knows_mongo(path: Path) -> bool:
    if path.is_relative_to(SHARED):
        return "/".join(("shared", *path.relative_to(SHARED).parts[:1])) in KNOW_MONGO
    return "adapters" in path.parts


@pytest.mark.parametrize("path", [path for path in SOURCES if not knows_mongo(path)], ids=lambda path: str(path.relative_to(ROOT)))
def test_no_query_of_the_store_leaves_its_adapters(path: Path) -> None:
    assert [text for text in strings(path) if _OPERATOR.fullmatch(text)] == []


@pytest.mark.parametrize("path", [path for path in SOURCES if "domain" in path.parts], ids=lambda path: str(path.relative_to(ROOT)))
def test_rules_use_the_standard_library_and_themselves_only(path: Path) -> None:
    allowed = sys.stdlib_module_names | set(SERVICES)
    for node in ast.walk(parsed(path)):
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
        assert not re.search(r"\b(datetime\.now|date\.today|time\.time|utcnow|utc_now)\b", path.read_text())


@every_service
def test_an_api_is_made_of_what_its_table_of_access_names(service: str) -> None:
    """That no route lacks an entry is checked when the app is made; here, that it is made with the service's own table."""
    access = import_module(f"{service}.api.access").ACCESS
    assert access
    assert all(method in {"GET", "POST", "PUT", "PATCH", "DELETE"} and rule.startswith("/") for method, rule in access)
    assert re.search(r"access=(access\.)?ACCESS\b", (SERVICES[service] / "web.py").read_text())


@every_service
def test_only_a_page_may_be_asked_for_by_anybody(service: str) -> None:
    access = import_module(f"{service}.api.access").ACCESS
    anybody = import_module("shared.web.access").ANYBODY
    assert not [rule for (_, rule), allowed in access.items() if allowed == anybody and rule.startswith("/v1/")]


def test_looking_across_hubs_is_for_repositories_only() -> None:
    """What finds things of any hub is named after what it is for before a use case can call it."""
    callers = {path for path in SOURCES if re.search(r"\.anywhere\(", path.read_text())}
    allowed = {path for path in SOURCES if path.is_relative_to(SHARED / "store") or path.parent.parts[-2:] == ("adapters", "mongo")}
    assert callers <= allowed
    assert not [path for path in callers if path.is_relative_to(SERVICES["referral"])]


def union_members(service: str) -> set[str]:
    union = import_module(f"{service}.domain.events").Event
    return {member.__name__ for member in get_args(union)}


def matched(path: Path) -> set[str]:
    """The classes that a file matches on, alone or in `A() | B()`."""
    cases = [node.cls for node in ast.walk(parsed(path)) if isinstance(node, ast.MatchClass)]
    return {ast.unparse(each).rpartition(".")[2] for each in cases}


@every_service
def test_everything_that_happens_has_its_published_form(service: str) -> None:
    outbound = SERVICES[service] / "messaging" / "outbound.py"
    assert union_members(service)
    assert union_members(service) <= matched(outbound)
    assert "assert_never(" in outbound.read_text()


def test_one_place_names_a_recipient_to_a_server() -> None:
    assert [path.name for path in SOURCES if re.search(r"\.(rcpt|sendmail|send_message)\(", path.read_text())] == ["smtp.py"]
    assert (SERVICES["notifications"] / "adapters" / "smtp.py").read_text().count(".rcpt(") == 1


# What keeps a reader oriented.


@every_source
def test_names_tell_what_a_file_is_for(path: Path) -> None:
    assert path.stem not in {"utils", "helpers", "manager", "base", "common", "misc"}


@every_source
def test_a_file_keeps_a_size_that_can_be_read(path: Path) -> None:
    assert path.read_text().count("\n") <= 250


Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(path: Path) -> Iterator[Function]:
    return (node for node in ast.walk(parsed(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def length(function: Function) -> int:
    """Its lines, without its docstring, which is not what makes it hard to read."""
    first = function.body[0]
    described = (first.end_lineno or 0) - first.lineno + 1 if ast.get_docstring(function) else 0
    return (function.end_lineno or 0) - function.lineno + 1 - described


def test_functions_are_short() -> None:
    found = sorted((length(each), f"{path.relative_to(ROOT)}: {each.name}") for path in SOURCES for each in functions(path))
    lengths = [lines for lines, _ in found]
    assert lengths[int(len(lengths) * 0.95)] <= 14, found[-len(found) // 20 :]
    assert found[-1][0] <= 40, found[-1]


def public(path: Path) -> Iterator[Function]:
    """What others may call: functions of modules and methods of classes, but not the stubs of a Protocol."""
    tree = parsed(path)
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef) and "Protocol" not in map(ast.unparse, node.bases)]
    for node in [*tree.body, *(inner for each in classes for inner in each.body)]:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_"):
            yield node


def test_most_of_what_others_may_call_says_what_it_is() -> None:
    found = [each for path in SOURCES for each in public(path)]
    described = [each for each in found if ast.get_docstring(each)]
    assert len(described) / len(found) >= 0.6, f"{len(described)} of {len(found)}"


def annotations(path: Path) -> Iterator[ast.expr]:
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            given = node.args
            named = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
            yield from (each.annotation for each in named if each and each.annotation)
            if node.returns:
                yield node.returns
        elif isinstance(node, ast.AnnAssign):
            yield node.annotation


def anys(path: Path) -> int:
    """How often an annotation says Any, quoted or not."""
    nodes = [node for annotation in annotations(path) for node in ast.walk(annotation)]
    quoted = [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return sum(isinstance(node, ast.Name) and node.id == "Any" for node in nodes) + len(re.findall(r"\bAny\b", " ".join(quoted)))


def test_hardly_anything_is_any() -> None:
    found = {str(path.relative_to(ROOT)): anys(path) for path in SOURCES}
    total = sum(found.values())
    print(f"Any in annotations: {total}")  # noqa: T201 - shown with -s, for whoever lowers it
    assert total < 40, {name: said for name, said in sorted(found.items(), key=lambda row: -row[1]) if said}


def test_no_test_is_skipped() -> None:
    for path in (ROOT / "tests").rglob("*.py"):
        assert not re.search(r"pytest\.(skip|importorskip)\(|mark\.(skip|skipif|xfail)\b", path.read_text().replace(r"pytest\.(", "")), path
