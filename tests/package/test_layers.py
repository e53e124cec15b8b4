"""Data flows one way: no room imports one on its right, no files import each other in a circle."""

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import glasscli

PACKAGE = Path(__file__).resolve().parents[2] / "glasscli"
# Rooms from left to right; a room may import itself and what stands before it.
ORDER = [
    [
        "errors",
        "last_words",
        "limits",
        "trust",
        "compiled",
        "compiling",
        "extension",
        "family",
        "shown",
        "progress",
        "lattice",
        "neighbours",
        "box",
        "configuration",
        "grid",
        "gate",
        "units",
        "__init__",
    ],
    ["model"],
    ["engine"],
    ["protocols"],
    ["store"],
    ["formats"],
    ["observables", "theory", "structures"],
    ["simulation"],
    ["report"],
    ["eos"],
    ["modes"],
    ["analysis", "doctor", "checkup"],
    ["landscape"],
    ["free_energy"],
    ["workflow"],
    ["dynamics"],
    ["reproduce"],
    ["api"],
    ["cli", "__main__"],
]
# Arrows up: the package's own names, which are imported when somebody asks for them (docs/design.md).
ALLOWED = {("__init__", "api"), ("__init__", "cli")}
RANK = {room: rank for rank, rooms in enumerate(ORDER) for room in rooms}
FILES = {
    ".".join(("glasscli", *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(".__init__"): path
    for path in PACKAGE.rglob("*.py")
}


def imported(path):
    """Modules of the house that a file imports, at its top or later; for the type checker alone does not count."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    typing = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    if path == FILES["glasscli"]:
        yield from glasscli.OFFERED.values()
    for node in ast.walk(tree):
        if node in typing:
            continue
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("glasscli"):
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield whole if whole in FILES else node.module
        elif isinstance(node, ast.Import):
            yield from (a.name for a in node.names if a.name.startswith("glasscli"))


def room_of(module):
    return module.split(".")[1] if "." in module else "__init__"


def test_every_room_has_its_place():
    rooms = {room_of(name) for name in FILES}
    assert rooms == set(RANK), "give a new room a place in ORDER and in docs/design.md"


def test_imports_point_left():
    wrong = [
        f"{name} imports {other}"
        for name, path in FILES.items()
        for other in imported(path)
        if RANK[room_of(other)] > RANK[room_of(name)] and (room_of(name), room_of(other)) not in ALLOWED
    ]
    assert not wrong


def test_no_files_import_each_other_in_a_circle():
    graph = {name: set(imported(path)) - {name, "glasscli"} for name, path in FILES.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        raise AssertionError(" -> ".join(error.args[1])) from None


def test_only_the_command_line_knows_click():
    users = {room_of(name) for name, path in FILES.items() if "import click" in path.read_text()}
    assert users == {"cli"}
