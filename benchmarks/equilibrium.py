"""Equilibrium, temperature by temperature, each certified from both sides: liquids that only exchanges reach.

Each temperature is come to from two above it (`above-T.h5`), the first two from the one above, and from a deeper glass,
the run of two temperatures below, heated (`below-T.h5`): real runs of `glasscli hybrid`, compared by `--certificate`'s
rule (neither drifts, each is ten decorrelation times long in its last half, means of E_IS agree within two errors, and
they began on either side).
What is not certified is lengthened to twice its steps, up to --rounds times. Rows are kept in
results/equilibrium-SYSTEM.json after each temperature and each round; interrupt it when you like.

    python benchmarks/equilibrium.py [polydisperse | kob-andersen-ternary] [--share 1] [--rounds 3] [--home FOLDER]
                                     [--atoms N]

Of another number of atoms rows are kept in results/equilibrium-SYSTEM-N.json.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from common import GLASSCLI, Kept
from common import seconds as timed


@dataclass(frozen=True)
class Ladder:
    """What is done with a system: words that make its first liquid, and temperatures with steps, from hot to cold.

    The first and the last are no rows: others come from there, from above and from below.
    """

    melt: tuple[str, ...]
    temperatures: tuple[tuple[float, int], ...]
    every: int


LADDERS = {
    "polydisperse": Ladder(
        ("--steps", "20000"),
        (
            (0.3, 3000), (0.2, 30000), (0.15, 20000), (0.12, 30000), (0.1, 40000), (0.09, 60000), (0.08, 100000),
            (0.075, 150000), (0.07, 60000),
        ),
        500,
    ),
    "kob-andersen-ternary": Ladder(
        ("--atoms", "1000", "--steps", "20000"),
        ((0.8, 5000), (0.6, 20000), (0.5, 40000), (0.45, 80000), (0.4, 200000), (0.37, 100000)),
        500,
    ),
}  # fmt: skip
BLOCKS = 10


def glasscli(home: Path, *words: Any) -> float:
    """Run a command; processor seconds."""
    return timed([*GLASSCLI, *map(str, words)], home).cpu


def made(home: Path, name: str, words: list[Any], spent: dict[str, float]) -> None:
    """A file, unless it is there, or as much of it as is missing."""
    if (home / name).is_file():
        return
    spent[name] = spent.get(name, 0.0) + glasscli(home, *words, "-o", name)


def second_half(home: Path, name: str) -> dict[str, Any]:
    """Means of a run's last half with errors by blocks."""
    from glasscli.analysis.sampled import sampled
    from glasscli.store.reader import open_run

    run = open_run(home / name)
    energy = run.thermo["potential_energy"]
    energy = energy[len(energy) // 2 :]
    blocks = np.array([block.mean() for block in np.array_split(energy, BLOCKS)])
    minima = run.inherent_table["inherent_energy"]
    hot = sampled(run, [])
    return {
        "steps": run.manifest.protocol.steps,
        "U": float(energy.mean()),
        "U_error": float(blocks.std(ddof=1) / BLOCKS**0.5),
        "E_IS": float(minima[len(minima) // 2 :].mean()),
        "T_conf": hot.T_conf,
        "T_conf_error": hot.T_conf_error,
    }


def row(home: Path, T: float, spent: dict[str, float]) -> dict[str, Any]:
    """What the two runs at a temperature say together."""
    from glasscli.analysis.certificate import certificate
    from glasscli.store.reader import open_run

    above, below = f"above-{T:g}.h5", f"below-{T:g}.h5"
    found = certificate(open_run(home / below), home / above)
    return {
        "key": f"{T:g}", "T": T, "verdict": found.verdict, "reason": found.reason, "difference": found.difference,
        "difference_error": found.difference_error, "above": second_half(home, above),
        "below": second_half(home, below),
        "cpu_seconds": {name: round(spent.get(name, 0.0), 1) for name in (above, below)},
    }  # fmt: skip


def main() -> None:
    """Go down the ladder; then lengthen what is not certified."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("system", nargs="?", choices=list(LADDERS), default="polydisperse")
    parser.add_argument("--share", type=float, default=1.0, help="of the steps")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--home", type=Path, help="where its runs go, instead of beside this file")
    parser.add_argument("--atoms", type=int, help="instead of as many as the ladder says")
    wish = parser.parse_args()
    ladder = LADDERS[wish.system]
    what = wish.system if wish.atoms is None else f"{wish.system}-{wish.atoms}"
    home = wish.home or Path(__file__).with_name(f"work-{what}")
    home.mkdir(exist_ok=True)
    clock = home / "seconds.json"
    spent: dict[str, float] = json.loads(clock.read_text()) if clock.exists() else {}

    def make(name: str, words: list[Any]) -> None:
        made(home, name, words, spent)
        clock.write_text(json.dumps(spent))

    def hold(name: str, start: str, T: float, steps: int, seed: int) -> None:
        words = [
            "hybrid",
            start,
            "--from",
            "final",
            "--T",
            T,
            "--steps",
            round(wish.share * steps),
            "--seed",
            seed,
            "--every",
            10 * ladder.every,
        ]
        make(name, [*words, "--inherent-every", ladder.every])  # fmt: skip

    def note(T: float) -> bool:
        kept, found = Kept(f"equilibrium-{what}"), row(home, T, spent)
        kept.rows[:] = [old for old in kept.rows if old["key"] != found["key"]]
        kept.add(found)
        print(json.dumps(found), flush=True)
        return bool(found["verdict"] == "certified")

    many = () if wish.atoms is None else ("--atoms", wish.atoms)  # the last of two is taken
    make("melt.h5", ["quench", "--system", wish.system, *ladder.melt, *many])
    rungs, names = ladder.temperatures, [f"above-{T:g}.h5" for T, _ in ladder.temperatures]
    last, not_yet = len(rungs) - 1, []
    for k, (T, steps) in enumerate(rungs):
        # From far enough above that a single structure of where it began is seen to be.
        hold(names[k], names[max(0, k - 2)] if k else "melt.h5", T, steps, 1)
        for held, length in [rungs[m] for m in range(1, k) if k == min(m + 2, last)]:
            hold(f"below-{held:g}.h5", names[k], held, length, 2)
            if not note(held):
                not_yet.append(held)
    for _ in range(wish.rounds):
        for held in list(not_yet):
            for name in (f"above-{held:g}.h5", f"below-{held:g}.h5"):
                more = second_half(home, name)["steps"]
                spent[name] = spent.get(name, 0.0) + glasscli(home, "resume", name, "--steps", more)
                clock.write_text(json.dumps(spent))
            if note(held):
                not_yet.remove(held)


if __name__ == "__main__":
    main()
