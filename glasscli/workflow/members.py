"""What one command line becomes: members of an ensemble, with their seeds and files, or parts of an analysis."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from glasscli.errors import InputError
from glasscli.limits import RUNS
from glasscli.protocols.registry import replica_words
from glasscli.workflow.seeds import derived_seed
from glasscli.workflow.task import Task

ANALYSIS = "analyze"  # the command that measures the frames of files


def analysis_tasks(files: Sequence[Path], options: Sequence[str], parts: int, joined: bool) -> list[Task]:
    """Tasks that measure files: parts of the frames of each, and one that takes them in and says what is in them.

    options: words of the command line without files. joined: the files are one trajectory. Products are answers.
    """
    groups = [list(files)] if joined else [[file] for file in files]
    RUNS.check(len(groups) * parts + 1, ANALYSIS, InputError)
    found = []
    for number, group in enumerate(groups, start=1) if parts > 1 else ():
        for k in range(1, parts + 1):
            name = f"part-{number:04d}-{k:04d}" if len(groups) > 1 else f"part-{k:04d}"
            inputs = tuple(map(str, group))
            words = (ANALYSIS, *inputs, *options, "--part", f"{k}/{parts}", "--jobs", "1")
            found.append(Task(name, "parts", words, f"{name}.json", inputs))
    made = tuple(task.output for task in found)
    whole = (ANALYSIS, *map(str, files), *options)
    return [*found, Task(ANALYSIS, ANALYSIS, whole, f"{ANALYSIS}.json", made or tuple(map(str, files)))]


def members(
    command: str,
    options: Sequence[str],
    seed: int,
    output: Path,
    starts: Sequence[Path],
    replicas: int | None,
) -> list[Task]:
    """Tasks of one command over several starts, several times each.

    options: words of the command line without seed, output and starts. Files are numbered like their starts
    (quench-0003.h5 gives anneal-0003.h5), and then by replica. Each member has a seed of its own.
    """
    RUNS.check(max(1, len(starts)) * (replicas or 1), command, InputError)
    found = []
    for number, tail, start in _numbered(starts):
        master = seed if number is None else derived_seed(seed, number)
        for replica in range(1, (replicas or 0) + 1) or (None,):
            stem = f"{output.stem}{tail}" + ("" if replica is None else f"-{replica:04d}")
            path = str(output.with_name(f"{stem}{output.suffix}"))
            words = [command, *([str(start)] if start else []), *options]
            if replica is not None:
                words += ["--seed", str(master), "--replica", str(replica)]
                words += [word for word in replica_words(command) if word not in options]
            elif number is not None:
                words += ["--seed", str(seed), "--replica", str(number)]
            words += ["-o", path]
            found.append(Task(stem, command, tuple(words), path, (str(start),) if start else ()))
    return found


def _numbered(starts: Sequence[Path]) -> list[tuple[int | None, str, Path | None]]:
    """(number, tail of its files' names, path) of each start; a single one has no number, none has no path."""
    if len(starts) < 2:
        return [(None, "", starts[0] if starts else None)]
    tails = [re.search(r"-\d+$", path.stem) for path in starts]
    if all(tails) and len({t[0] for t in tails if t}) == len(starts):
        return [(int(t[0][1:]), t[0], path) for t, path in zip(tails, starts, strict=True) if t]
    stems = [path.stem for path in starts]
    if len(set(stems)) < len(stems):
        raise InputError("several starts have the same name: give each its own -o, one command a start")
    return [(n, f"-{stem}", path) for n, (stem, path) in enumerate(zip(stems, starts, strict=True), start=1)]
