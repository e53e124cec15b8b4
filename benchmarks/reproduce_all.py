"""Do all small studies of the papers run within ten minutes on two cores, and what comes of each comparison?

Runs `glasscli reproduce NAME --jobs 2` for each item of the catalogue, the quick ones first, and keeps one row a study:
seconds of the whole command, of its processors, and of its runs, and each comparison as `--json` has it. A study
that has a row is not run again, an interrupted one goes on from what its folder holds (its row then says so:
`resumed`). What several items share (soft spheres) is made by the first of them.

    python benchmarks/reproduce_all.py FOLDER [--only derlet2019] [--again NAME] [--table]

    FOLDER    where the studies run; empty for times that count
    --again   run these items once more, their row replaced
    --table   print the table of all rows as Markdown, run nothing

Goal: each below 600 s on two cores. A busy machine adds to the seconds, hardly to those of the processors.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from common import GLASSCLI, Kept

from glasscli.reproduce.catalogue import ITEMS, study_of
from glasscli.reproduce.comparison import Comparison, as_expected, as_found, counted, counts_text
from glasscli.workflow.study import read_study

GOAL = 600


def processor_seconds() -> float:
    """What the commands that have ended took of all processors."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def study(name: str, folder: Path, jobs: int) -> dict[str, Any]:
    """Run one and return its row."""
    resumed = (folder / "reproduced" / read_study(study_of(name)).folder).exists()
    began, before = time.perf_counter(), processor_seconds()
    done = subprocess.run(
        [*GLASSCLI, "reproduce", name, "--jobs", str(jobs), "--json"],
        cwd=folder, capture_output=True, text=True,
    )  # fmt: skip
    row: dict[str, Any] = {
        "name": name,
        "jobs": jobs,
        "seconds": round(time.perf_counter() - began, 1),
        "processor_seconds": round(processor_seconds() - before, 1),
        "resumed": resumed,
        "exit_code": done.returncode,
    }
    data = json.loads(done.stdout) if done.stdout.strip() else {"error": done.stderr[-500:]}
    if done.returncode:
        return row | {"error": data.get("error", data)}
    return row | {"seconds_of_runs": round(data["seconds"], 1), "comparisons": data["rows"]}


def table(rows: list[dict[str, Any]]) -> str:
    """All comparisons as Markdown, with what would flip each."""
    lines = [
        "| study | compared | kind | published | ours | verdict | would fail at |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        if row["exit_code"]:
            lines.append(f"| {row['name']} | failed: {row['error']} | | | | | |")
            continue
        for one in map(Comparison.of, row["comparisons"]):
            e = one.expected
            what = f"{e.what} ({one.note})" if one.note else e.what
            rival = "-" if e.rival is None else f"{e.rival:.5g}: {e.fails}"
            cells = (row["name"], what, e.kind, as_expected(e), as_found(one.found), one.verdict, rival)
            # A bar would end the cell.
            lines.append(f"| {' | '.join(str(cell).replace('|', chr(92) + '|') for cell in cells)} |")
    return "\n".join([*lines, "", *counts_text(counted(all_rows(rows)))])


def readable(row: dict[str, Any]) -> bool:
    """Whether its comparisons are of the present form, which has verdicts from errors."""
    return all("verdict" in one for one in row.get("comparisons", []))


def all_rows(rows: list[dict[str, Any]]) -> list[Comparison]:
    """Every comparison of every study."""
    return [Comparison.of(one) for row in rows for one in row.get("comparisons", [])]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="", help="items whose name holds this")
    parser.add_argument("--again", nargs="*", default=[], metavar="NAME")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--table", action="store_true")
    wish = parser.parse_args()
    kept = Kept("reproduce_all")
    if old := [row["name"] for row in kept.rows if not readable(row)]:
        print(f"kept with other verdicts, to be run again: {', '.join(old)}", file=sys.stderr)
        kept.data["rows"] = [row for row in kept.rows if readable(row)]
    if wish.table:
        print(table(kept.rows))
        return
    wish.folder.mkdir(parents=True, exist_ok=True)
    if unknown := set(wish.again) - set(ITEMS):
        raise SystemExit(f"nothing to reproduce is called {', '.join(sorted(unknown))}")
    kept.data["rows"] = [row for row in kept.rows if row["name"] not in wish.again]
    known = {row["name"] for row in kept.rows if not row["exit_code"]}
    kept.data["rows"] = [row for row in kept.rows if row["name"] in known]
    for item in sorted(ITEMS.values(), key=lambda one: one.seconds):
        if item.name in known or wish.only not in item.name:
            continue
        row = study(item.name, wish.folder, wish.jobs)
        kept.add(row)
        print(
            f"{item.name}: {row['seconds']:.0f} s, exit code {row['exit_code']}", file=sys.stderr, flush=True
        )
    clean = [row for row in kept.rows if not row["resumed"] and not row["exit_code"]]
    over = [row["name"] for row in clean if row["seconds"] > GOAL]
    kept.write(
        goal_seconds=GOAL,
        slowest=max((row["seconds"] for row in clean), default=None),
        over_goal=over,
        failed=[row["name"] for row in kept.rows if row["exit_code"]],
        by_kind=counted(all_rows(kept.rows)),
    )
    print(table(kept.rows))


if __name__ == "__main__":
    main()
