"""Data flows one way: nothing on the left imports anything on its right."""

import ast
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2] / "glasscli"
# Rooms from left to right; a room may import itself and what stands before it.
ORDER = [
    ["errors", "progress", "configuration", "__init__"],
    ["system", "schedule"],
    ["quantities", "protocol"],
    ["deck", "formats"],
    ["engine"],
    ["exchange", "harvest"],
    ["store"],
    ["sources"],
    ["stopping"],
    ["simulate"],
    ["plan"],
    ["theory", "structures"],
    ["analysis"],
    ["report"],
    ["eos"],
    ["modes"],
    ["measure"],
    ["resume", "stages", "analyze", "doctor", "tune", "tempering"],
    ["landscape"],
    ["ensemble"],
    ["study"],
    ["cluster"],
    ["reproduce"],
    ["cli", "__main__"],
    ["door"],
]
# Opening a foreign file takes OVITO, whose one import lives with the measures.
# `import glasscli` names what the door offers, and opens it when asked.
ALLOWED = {("sources", "analysis"), ("__init__", "door")}
RANK = {room: rank for rank, rooms in enumerate(ORDER) for room in rooms}


def imported_rooms(path):
    for node in ast.walk(ast.parse(path.read_text())):
        names = []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{a.name}" for a in node.names]
        elif isinstance(node, ast.Import):
            names = [a.name for a in node.names]
        for name in names:
            parts = name.split(".")
            if parts[0] == "glasscli" and len(parts) > 1:
                yield parts[1] if parts[1] in RANK else "__init__"


def test_every_room_has_its_place():
    rooms = {
        p.stem if p.suffix == ".py" else p.name
        for p in PACKAGE.iterdir()
        if p.suffix == ".py" or (p / "__init__.py").exists()
    }
    assert rooms <= set(RANK), f"give {rooms - set(RANK)} a place in ORDER and in docs/design.md"


def test_imports_point_left():
    wrong = []
    for path in PACKAGE.rglob("*.py"):
        room = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        wrong += [
            f"{path.relative_to(PACKAGE)} imports {other}"
            for other in imported_rooms(path)
            if RANK[other] > RANK[room] and (room, other) not in ALLOWED
        ]
    assert not wrong


def test_only_the_command_line_knows_click():
    users = {
        p.relative_to(PACKAGE).parts[0] for p in PACKAGE.rglob("*.py") if "import click" in p.read_text()
    }
    assert users == {"cli"}
