"""The text of a job script: a pure function of its inputs. No word of the user's stands in it unquoted."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from glasscli.errors import EXIT_RESUMABLE
from glasscli.model.quantities import parse_walltime
from glasscli.workflow.cluster import Cluster
from glasscli.workflow.task import CANCELLED, FOLDER


@dataclass(frozen=True)
class ArrayJob:
    """One array job. `name` is a plain word (it names files of ours); the folder may be called anything.

    options: of glasscli in its parts
    """

    name: str
    parts: int
    folder: Path
    glasscli: Sequence[str]
    walltime: str | None = None
    options: tuple[str, ...] = ()


def script(array: ArrayJob, cluster: Cluster) -> str:
    """The job script. `array.walltime` is how long glasscli may take, less than a scheduler may be able to say."""
    scheduler = cluster.speaks()
    seconds = int(parse_walltime(array.walltime or cluster.walltime))
    minutes = max(1, -(-seconds // 60))
    asked = max(scheduler.shortest, seconds)
    values = {
        "name": array.name,
        "parts": array.parts,
        "cores": cluster.cores,
        "walltime": f"{asked // 3600:02d}:{asked // 60 % 60:02d}:{asked % 60:02d}",
        "minutes": minutes,
        "warning": min(120, asked // 10),
    }
    lines = [line.format(**values) for line in scheduler.directives]
    if array.parts == 1 and scheduler.array_directive:
        lines = [line for line in lines if not line.startswith(scheduler.array_directive)]
    if cluster.queue:
        lines.append(scheduler.queue_directive.format(queue=cluster.queue))
    if cluster.account:
        lines.append(scheduler.account_directive.format(account=cluster.account))
    work = [*array.glasscli, "work", array.name, "--jobs", str(cluster.cores), "--walltime", str(seconds)]
    work += array.options
    body = [
        *(f"module load {shlex.quote(module)}" for module in cluster.modules),
        *cluster.setup,
        f"cd {shlex.quote(str(array.folder))} || exit 1",
        f"script={FOLDER}/{array.name}.sh",
        f'part="{scheduler.index}"',
        f'{shlex.join(work)} --part "$part" &',
        "child=$!",
        "# The scheduler's warning comes to this shell: pass it on, and wait for the last checkpoint.",
        "trap 'kill -TERM \"$child\" 2>/dev/null' TERM USR1 USR2",
        'wait "$child"; code=$?',
        'while kill -0 "$child" 2>/dev/null; do wait "$child"; code=$?; done',
        f'[ "$code" -eq 143 ] && code={EXIT_RESUMABLE}  # the warning came before glasscli listened',
        f'if [ "$code" -eq {EXIT_RESUMABLE} ] && [ ! -e {FOLDER}/{CANCELLED} ]; then{scheduler.again}',
        "fi",
        'exit "$code"',
    ]
    return "\n".join(["#!/bin/bash", *lines, *cluster.extra, "", *body, ""])
