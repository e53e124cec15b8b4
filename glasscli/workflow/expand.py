"""From a protocol file to tasks: every point of every grid, from every file of the stage before."""

from __future__ import annotations

import itertools
import math
import re
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from glasscli import limits
from glasscli.errors import InputError, near
from glasscli.protocols.registry import replica_words
from glasscli.workflow.seeds import derived_seed
from glasscli.workflow.study import StageFile, StudyFile, Value
from glasscli.workflow.task import RUNS, Task


@dataclass(frozen=True)
class Kind:
    """What a command makes as a stage.

    together: one task over all files of the stage before. place: whether it is told with -o the product's name
    ("file"), what its files' names begin with ("stem"), or nothing ("none"); the product of the last two is its
    answer. given: the option that the file of the stage before is given with, else it is an argument.
    """

    suffix: str
    together: bool = False
    place: str = "file"
    given: str = ""


# A new command becomes a stage by one line here; a protocol is one as it is.
KINDS = {
    "build": Kind(".lammps"),
    **{kind: Kind(".h5") for kind in RUNS},
    "analyze": Kind(".json", together=True, place="none"),
    "dynamics": Kind(".json", together=True, place="stem"),
    "modes": Kind(".json", together=True, place="stem"),
    "eos": Kind(".json", place="none", given="--with"),
    "theory": Kind(".json", place="stem"),
    "render": Kind(".png"),
    "report": Kind(".html", together=True),
    "table": Kind(".json", together=True, place="none"),
}
# Set by the study itself, or by whoever runs it: a file raises no limits, which are there against files.
RESERVED = {
    "seed", "output", "replica", "jobs", "json", "debug", "dry-run", "force", "walltime", "limit", "help", "allow",
}  # fmt: skip

# Options whose value is a file that the command writes: it stays in the study's folder.
WRITTEN = {"figure", "table"}

LONGEST = 200  # characters of a task's name: its files' names are longer
# {option: whether it is a flag} of a command; raises InputError for unknown commands.
Vocabulary = Callable[[str], Mapping[str, bool]]


@dataclass(frozen=True)
class _Made:
    """A file of a stage, its tail (what follows the stage in its name), its replica number."""

    path: str
    tail: str
    number: int | None


def expand(study: StudyFile, where: Path, vocabulary: Vocabulary) -> list[Task]:
    """The tasks of a study in an order in which each comes after what it needs.

    where: folder that paths in the file are relative to. Raises InputError for unknown commands, options (with the near
    name), stages, and for two runs of one name.
    """
    made: dict[str, list[_Made]] = {}
    tasks: list[Task] = []
    for name, stage in study.stages.items():
        if not re.fullmatch(r"[A-Za-z0-9_.]+", name):
            raise InputError(f"stage {name!r}: names of stages are letters, digits, _ and .")
        if stage.after is not None and stage.after not in made:
            earlier = f"write it above{near(stage.after, made)}" if made else "it has none above it"
            raise InputError(f"stage {name} comes after {stage.after!r}, which is no stage yet: {earlier}")
        count = len(tasks) + _count(stage, len(made.get(stage.after or "", [])))
        limits.RUNS.check(count, f"stage {name}", InputError)
        new = _stage(study.seed, name, stage, made.get(stage.after or "", []), where, vocabulary)
        tasks += [task for task, _ in new]
        made[name] = [file for _, file in new]
    names = [task.name for task in tasks]
    if long := [name for name in names if len(name) > LONGEST]:
        raise InputError(
            f"the run {long[0][:40]}... has a name of {len(long[0])} characters: shorten its values"
        )
    twice = {name for name in names if names.count(name) > 1} if len(set(names)) < len(names) else set()
    if twice:
        raise InputError(
            f"two runs would be called {sorted(twice)[0]!r}: give different values or stage names"
        )
    return tasks


def _count(stage: StageFile, parents: int) -> int:
    """How many runs a stage has, of a grid that is not built yet."""
    grid = math.prod(len(values) for values in stage.options.values() if isinstance(values, list))
    return max(1, parents) * grid * (stage.replicas or 1)


def _stage(
    seed: int, name: str, stage: StageFile, parents: list[_Made], where: Path, vocabulary: Vocabulary
) -> list[tuple[Task, _Made]]:
    command = stage.command.split()
    if strange := [word for word in command if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9-]*", word)]:
        raise InputError(
            f"stage {name}: {strange[0]!r} is no word of a command: options are keys of the stage"
        )
    if not command or command[0] not in KINDS:
        raise InputError(f"stage {name}: no command {stage.command!r}{near(stage.command, KINDS)}")
    kind, known = KINDS[command[0]], vocabulary(stage.command)
    for key in stage.options:
        if key == "allow":
            raise InputError(
                f"stage {name}: limits are raised on the command line (--allow NAME=NUMBER), not in a file"
            )
        if key in RESERVED:
            raise InputError(f"stage {name}: {key!r} is set by the study (folder, seed, replicas)")
        if key in WRITTEN:
            _check_within(name, key, stage.options[key])
        if key not in known:
            raise InputError(f"stage {name}: unknown option {key!r}{near(key, set(known) - RESERVED)}")
    if stage.replicas and command[0] not in RUNS:
        raise InputError(f"stage {name}: replicas are for {', '.join(RUNS)}")
    if stage.replicas:
        try:
            replica_words(command[0])
        except InputError as error:
            raise InputError(f"stage {name}: {error}") from error
    if kind.together and not parents:
        raise InputError(f'stage {name}: say with after = "STAGE" which files to take')
    fixed = {k: v for k, v in stage.options.items() if not isinstance(v, list)}
    grid = {k: v for k, v in stage.options.items() if isinstance(v, list)}
    starts = parents or [_Made(str(where / stage.start) if stage.start else "", "", None)]
    groups = [starts] if kind.together else [[one] for one in starts]
    found = []
    for group in groups:
        for point in itertools.product(*grid.values()):
            dims = "".join(f"-{_plain(k)}{_plain(v)}" for k, v in zip(grid, point, strict=True))
            words = _words(fixed | dict(zip(grid, point, strict=True)), known, where)
            for replica in range(1, stage.replicas + 1) if stage.replicas else (None,):
                tail = dims + ("" if kind.together else group[0].tail)
                tail += "" if replica is None else f"-{replica:04d}"
                output = f"{name}{tail}{kind.suffix}"
                inputs = tuple(file.path for file in group if file.path)
                seeds = _seeds(command[0], seed, dims, None if kind.together else group[0].number, replica)
                places = {"file": ["-o", output], "stem": ["-o", f"{name}{tail}"], "none": []}
                given = [word for file in inputs for word in ((kind.given, file) if kind.given else (file,))]
                line = (*command, *given, *words, *seeds, *places[kind.place])
                task = Task(f"{name}{tail}", name, line, output, inputs)
                found.append((task, _Made(output, tail, replica or group[0].number)))
    return found


def _check_within(stage: str, key: str, value: Value | list[Value]) -> None:
    """Raise InputError for a file outside the study's folder: the protocol file may be somebody else's."""
    for one in value if isinstance(value, list) else [value]:
        if Path(str(one)).is_absolute() or ".." in Path(str(one)).parts:
            raise InputError(
                f"stage {stage}: {key} = {one!r} lies outside the study's folder: give a plain name"
            )


def _seeds(command: str, seed: int, dims: str, number: int | None, replica: int | None) -> list[str]:
    """The seed options of a run, the same that --replicas and several STARTs give where there is no grid."""
    if command not in RUNS:
        return []
    master = derived_seed(seed, zlib.crc32(dims.encode())) if dims else seed
    if replica is None:
        return ["--seed", str(master), *(["--replica", str(number)] if number else [])]
    words = ["--seed", str(derived_seed(master, number) if number else master), "--replica", str(replica)]
    return words + replica_words(command)


def _words(options: Mapping[str, object], known: Mapping[str, bool], where: Path) -> list[str]:
    words: list[str] = []
    for key, value in options.items():
        if known[key]:
            if not isinstance(value, bool):
                raise InputError(f"{key} is a flag: write true or false")
            words += [f"--{key}"] if value else []
        else:
            words += [f"--{key}", _path_or_value(value, where)]
    return words


def _path_or_value(value: object, where: Path) -> str:
    """Files beside the protocol file are meant from there; the runs have another folder."""
    text = str(value)
    return str(where / text) if text.endswith(".toml") and (where / text).exists() else text


def _plain(value: Value) -> str:
    """A value as part of a file's name."""
    return re.sub(r"[^A-Za-z0-9.+-]", "_", str(value))
