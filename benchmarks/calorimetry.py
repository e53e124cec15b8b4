"""Two checks of `glasscli heat` on Wahnstroem atoms, 2000 of rates, 1000 of cycles, with its figure for docs/heat.md.

rates  quenches at four rates, each glass heated as fast as it was cooled, or at 0.002: T_f by areas beside Tool's
       crossing of the same quenches, both against the logarithm of the rate with their lines
cycle  a liquid is cooled, held below T_f and heated again: the area between the heat capacities of heating and
       cooling beside the enthalpy that the hold took

    python benchmarks/calorimetry.py [PART ...] [--folder FOLDER] [--samples 10] [--rates R,...] [--figure]

Each run goes on where it was stopped: start the same command again; rates that are not asked for keep their rows. Some
hours of a core in all, most of them the slowest rate. --figure draws docs/heat-rates.png of what is there.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from common import DOCS, Kept, glasscli

from glasscli.analysis.calorimetry import cycles, momenta_of
from glasscli.observables.calorimetry import heating
from glasscli.observables.samples import line_through_means, mean_of_samples
from glasscli.store.reader import open_run

HOME = Path(__file__).with_name("work-calorimetry")
OWN = ("--inherent-every", 0, "--forces", "own", "--jobs", 1)
SAMPLE = ("--system", "wahnstrom", "--timestep", 0.004)
QUENCH = (*SAMPLE, "--atoms", 2000, "--T-start", 1.2, "--equilibration", 5000)
RATES = "0.02,0.004,0.001,0.0002"
LOW, TOP, SLOWEST = 0.1, 1.2, 0.002
HOT = 1.5  # of the cycle, where a liquid keeps up with the ramp
CYCLE = ("--rate", 0.0025, "--age", 40_000, "--T-age", 0.45, "--T-low", LOW, "--T-end", HOT)


def mean(values: list[float | None]) -> dict[str, Any]:
    """Mean and error over samples of what is there."""
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return {"mean": known[0] if known else None, "error": None, "n": len(known)}
    value, error = mean_of_samples(known)
    return {"mean": float(value), "error": float(error), "n": len(known)}


def rates(folder: Path, samples: int, asked: list[float]) -> list[dict[str, Any]]:
    """T_f at each rate by both ways, sample by sample."""
    rows: list[dict[str, Any]] = []
    for rate in asked:
        cool = f"cool-{rate:g}"
        glasscli(folder, "quench", *QUENCH, "--T-end", LOW, "--thermo-every", 20, "--rate", rate, "--replicas", samples,
                 *OWN, "-o", f"{cool}.h5")  # fmt: skip
        glasses = [f"{cool}-{k:04d}.h5" for k in range(1, samples + 1)]
        heated = glasscli(
            folder,
            "heat",
            *glasses,
            "--rate",
            max(rate, SLOWEST),
            "--T-end",
            TOP,
            *OWN,
            "-o",
            f"after-{rate:g}.h5",
        )
        tables = [glasscli(folder, "table", *files)["rows"]
                  for files in (glasses, [run["file"] for run in heated["runs"]])]  # fmt: skip
        # A quench's own T_f is of the pressure too; areas are of the energy alone, as this crossing is.
        T_f, area = ([row[name] for row in tables[1]] for name in ("T_f_crossing", "T_f_area"))
        pairs = [(a, b) for a, b in zip(area, T_f, strict=True) if a is not None and b is not None]
        alone = [area_alone(folder / run["file"]) for run in heated["runs"]]
        steeper = [glass_slopes(folder / run["file"]) for run in heated["runs"]]
        rows.append({"rate": rate, "T_f_crossing": mean(T_f), "T_f_area": mean(area),
                     "T_f_of_quench": mean([row["T_f"] for row in tables[0]]),
                     "area_less_crossing": mean([a - b for a, b in pairs]),
                     "T_f_area_by_its_own_liquid": mean(alone),
                     "glass_slope_cooling_less_heating": mean(steeper),
                     "of_samples": {"T_f_crossing": T_f, "T_f_area": area}})  # fmt: skip
    return rows


def rates_and_lines(folder: Path, samples: int, asked: list[float]) -> dict[str, Any]:
    """The rates that are asked for beside those kept from before, and the lines through the means of all."""
    before = Kept("calorimetry").data.get("rates", {}).get("rows", [])
    rows = [row for row in before if row["rate"] not in asked] + rates(folder, samples, asked)
    rows.sort(key=lambda row: -float(row["rate"]))
    x = np.log10([row["rate"] for row in rows])
    said: dict[str, Any] = {"samples": samples, "slowest_heating": SLOWEST, "rows": rows}
    for key in ("T_f_area", "T_f_crossing"):
        line = line_through_means(
            x, *(np.array([row[key][what] for row in rows]) for what in ("mean", "error"))
        )
        said[f"{key}:log10(rate)"] = asdict(line) if line else None
    return said


def area_alone(path: Path) -> float | None:
    """T_f by areas where the liquid's heat capacity is taken from the heating, which overshoots into its window."""
    run = open_run(path)
    (found,), _ = cycles(run)
    own = heating(found.sweep, momenta_of(run), run.manifest.system.fictive, cooling=found.sweep)
    return own.T_f_area.value if own.T_f_area else None


def glass_slopes(path: Path) -> float | None:
    """By how much the glass line of the cooling is steeper than that of the heating: it relaxes on both ways."""
    run = open_run(path)
    (found,), _ = cycles(run)
    windows, cooling = run.manifest.system.fictive, found.cooling
    if windows is None or cooling is None or found.heating.glass is None:
        return None
    use = cooling.temperature < windows.glass_below
    slope = float(np.polyfit(cooling.temperature[use], cooling.enthalpy[use], 1)[0])
    return slope + momenta_of(run) - found.heating.glass


def cycle(folder: Path, samples: int, asked: list[float]) -> dict[str, Any]:
    """What ageing took, by the enthalpies at its temperature and by the area between the heat capacities."""
    rows = []
    for k in range(1, samples + 1):
        melt, liquid = f"melt-{k:04d}.h5", f"liquid-{k:04d}.h5"
        own = ("--inherent-every", 0, "--forces", "own")
        cooled = (
            "--T-start",
            2.0,
            "--T-end",
            HOT,
            "--steps",
            2000,
            "--equilibration",
            2000,
            "--seed",
            k,
            *own,
        )
        glasscli(folder, "quench", *SAMPLE, "--atoms", 1000, *cooled, "-o", melt)
        held = ("--T", HOT, "--steps", 5000, "--from", "final", *own)
        glasscli(folder, "anneal", melt, *held, "-o", liquid)
        found = glasscli(folder, "heat", liquid, *CYCLE, *OWN, "-o", f"cycle-{k:04d}.h5")
        rows.append({key: found[key] for key in ("enthalpy_recovered", "enthalpy_recovered_error", "enthalpy_lost",
                                                 "enthalpy_lost_error")})  # fmt: skip
    difference = [row["enthalpy_recovered"] - row["enthalpy_lost"] for row in rows]
    return {
        "samples": samples, "rows": rows, "difference": mean(difference),
        **{key: mean([row[key] for row in rows]) for key in ("enthalpy_recovered", "enthalpy_lost")},
    }  # fmt: skip


def draw(found: dict[str, Any], path: Path) -> None:
    """T_f of both ways against the rate, samples and means."""
    from glasscli.report.table_figure import Points, against

    series, lines = {}, {}
    for key, name in (
        ("T_f_area", "by areas, on heating"),
        ("T_f_crossing", "by Tool's crossing, on cooling"),
    ):
        x = np.array([row["rate"] for row in found["rows"]])
        means, errors = (np.array([row[key][what] for row in found["rows"]]) for what in ("mean", "error"))
        all_of = [(row["rate"], T) for row in found["rows"] for T in row["of_samples"][key] if T is not None]
        series[name] = Points(x, means, np.full(len(x), np.nan), errors, tuple(np.array(all_of).T))
        if fit := found[f"{key}:log10(rate)"]:
            lines[name] = (fit["intercept"], fit["slope"])
    against(path, series, "cooling rate (ε/k per τ)", "$T_f$ (ε/k)", lines=lines)


PARTS = {"rates": rates_and_lines, "cycle": cycle}


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    options.add_argument("--folder", type=Path, default=HOME)
    options.add_argument("--samples", type=int, default=10)
    options.add_argument("--rates", default=RATES)
    options.add_argument("--figure", action="store_true")
    given = options.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    kept = Kept("calorimetry")
    for name in given.parts or ([] if given.figure else PARTS):
        found = PARTS[name](given.folder, given.samples, [float(word) for word in given.rates.split(",")])
        kept.write(**{name: found})
        print(json.dumps({name: found}, indent=1), flush=True)
    if given.figure:
        draw(kept.data["rates"], DOCS / "heat-rates.png")


if __name__ == "__main__":
    main()
