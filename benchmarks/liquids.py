"""What `glasscli dynamics` and `propensity` say of two models whose answers are known, and of two sizes.

kob-andersen   density 1.2, 1000 atoms, q = 7.25: D, tau_alpha and MCT's law on the way down
isobar         the same mixture at p = 10.19 and T = 0.729, where a published D is 0.001
wahnstrom      500 atoms from 1.5 to 0.58: which law the data prefer, the onset
sizes          chi_4's peak of 500 and 2000 Kob-Andersen atoms at T = 0.8
propensity     30 runs of the Kob-Andersen liquid at T = 0.6 over one tau_alpha; a predictor, and the same one given as
               many random numbers in place of measures

    python benchmarks/liquids.py [PART ...] [--folder FOLDER]

Each run goes on where it was stopped: start the same command again. Minutes of a core a part, kob-andersen an hour.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from common import Kept, glasscli

HOME = Path(__file__).with_name("work-liquids")
ALONE = ("--exchange-steps", 0, "--forces", "own", "--jobs", 1)  # dynamics alone, on one core
LENGTHS = 100  # tau_alpha of the runs that D is of
KA, KA_T = ("--system", "kob-andersen", "--q", 7.25), (1.0, 0.8, 0.7, 0.6, 0.55, 0.5)
# D ~ (T - Tc)^gamma of A and B, Kob & Andersen, Phys. Rev. E 51, 4626 (1995).
TC, GAMMA, ONSET = 0.435, {"A": 2.0, "B": 1.7}, 0.8
# Pedersen, Schroder & Dyre, Phys. Rev. Lett. 120, 165501 (2018), data of Fig. 3 (doi:10.5281/zenodo.10047547).
PRESSURE, ISOBAR_T, ISOBAR_D, ISOBAR_STEPS = 10.19, 0.729, 1e-3, 500_000
WAHNSTROM_T = (1.5, 1.2, 1.0, 0.85, 0.72, 0.64, 0.58)
SIZES, SIZES_T, SIZES_STEPS = (500, 2000), 0.8, 200_000
RUNS, PROPENSITY_T, TAU = 30, 0.6, 3200  # steps


def ladder(folder: Path, name: str, T: tuple[float, ...], *words: Any) -> dict[str, Any]:
    """A ladder's answer, without what it wrote."""
    given = ("--T", ",".join(map(str, T)), *words, *ALONE, "--max-steps", 5_000_000, "-o", name)
    found = glasscli(folder, "dynamics", *given)
    kept = ("T", "equilibrated_reason", "tau_alpha", "tau_alpha_error", "D", "D_error", "chi4_max", "chi4_max_error",
            "chi4_time", "inherent_energy", "inherent_energy_error", "atoms")  # fmt: skip
    rows = [{key: one[key] for key in kept} for one in found["temperatures"]]
    together = ("fits", "fits_of", "onset", "stokes_einstein")
    return {"q": found["q"][0], "temperatures": rows} | {key: found[key] for key in together if key in found}


def kob_andersen(folder: Path) -> dict[str, Any]:
    found = ladder(folder, "ka", KA_T, *KA, "--steps", 50_000, "--lengths", LENGTHS)
    return found | {
        "published": {"Tc": TC, "gamma": GAMMA},
        "at_published_Tc": exponents(found["temperatures"]),
    }


def isobar(folder: Path) -> dict[str, Any]:
    """Of the ladder's run just below, at constant pressure."""
    start = latest(folder, 0.7)
    held = (
        "--T",
        ISOBAR_T,
        "--from",
        "final",
        "--ensemble",
        "npt",
        "--pressure",
        PRESSURE,
        "--inherent-every",
        0,
    )
    glasscli(folder, "anneal", start, *held, "--forces", "own", "--steps", 100_000, "-o", "isobar-rest.h5")
    kept = ("--steps", ISOBAR_STEPS, "--every", 4096, "--log-spaced", "-o", "isobar.h5")
    glasscli(folder, "anneal", "isobar-rest.h5", *held, "--forces", "own", *kept)
    found = glasscli(folder, "dynamics", "isobar.h5", "--q", 7.25, "--no-van-hove", "--no-figure", "--force")
    (one,) = found["temperatures"]
    keys = ("T", "equilibrated_reason", "tau_alpha", "tau_alpha_error", "D", "D_error", "atoms")
    return {"pressure": PRESSURE, "D_published": ISOBAR_D} | {key: one[key] for key in keys}


def latest(folder: Path, T: float) -> Path:
    """The last run of the Kob-Andersen ladder at a temperature."""
    return sorted((folder / "ka").glob(f"T{T:g}-?.h5"))[-1].relative_to(folder)


def exponents(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """gamma of D ~ (T - Tc)^gamma with the published Tc, over temperatures up to ONSET, of each species."""
    found: dict[str, Any] = {}
    for name in GAMMA:
        kept = [row for row in rows if row["T"] <= ONSET and row["D"][name] is not None]
        if len(kept) < 3:
            continue
        T, D, error = (
            np.array(v) for v in zip(*((r["T"], r["D"][name], r["D_error"][name]) for r in kept), strict=True)
        )
        line, covariance = np.polyfit(np.log(T - TC), np.log(D), 1, w=D / error, cov="unscaled")
        chi2 = float((((np.log(D) - np.polyval(line, np.log(T - TC))) * D / error) ** 2).sum())
        found[name] = {"gamma": float(line[0]), "error": float(np.sqrt(covariance[0, 0])), "chi2": chi2,
                       "points": len(kept)}  # fmt: skip
    return found


def wahnstrom(folder: Path) -> dict[str, Any]:
    words = ("--system", "wahnstrom", "--atoms", 500, "--steps", 50_000)
    return ladder(folder, "wahnstrom", WAHNSTROM_T, *words)


def sizes(folder: Path) -> dict[str, Any]:
    steps = ("--steps", SIZES_STEPS)
    return {
        str(n): ladder(folder, f"sizes-{n}", (SIZES_T,), *KA, "--atoms", n, *steps)["temperatures"][0]
        for n in SIZES
    }


def propensity(folder: Path) -> dict[str, Any]:
    """Of the ladder's last run at that temperature; what random measures foretell stands beside."""
    from glasscli.observables.prediction import correlation, ridge, slabs

    start = latest(folder, PROPENSITY_T)
    found = glasscli(
        folder, "propensity", start, "--steps", TAU, "--runs", RUNS, "--forces", "own", "--jobs", 1
    )
    (table,) = (folder / name for name in found["written"] if name.endswith(".npz"))
    with np.load(table) as kept:
        value, species, features = kept["propensity"], kept["species"], kept["features"]
        places = kept["positions"] / np.diag(kept["box"])
    rng = np.random.default_rng(1)
    noise = {f"noise {k}": rng.standard_normal(len(value)) for k in range(features.shape[1])}
    random = ridge(noise, value, slabs(places))
    known = {"is_B": (species == 2).astype(float)}
    alone = ridge(known | noise, value, slabs(places))
    share = np.percentile(value, [5, 25, 50, 75, 95])
    spearman = {name: correlation(one, value).spearman for name, one in noise.items()}
    return {
        key: found[key] for key in ("atoms", "runs", "T", "time", "mean", "deviation", "mean_error", "reliable",
                                    "spearman", "by_species", "ridge")
    } | {
        "percentiles": dict(zip(("5", "25", "50", "75", "95"), map(float, share), strict=True)),
        "random": {"score": random.score, "error": random.error, "pearson": random.pearson,
                   "largest_spearman": max(abs(s) for s in spearman.values() if s is not None)},
        "species_and_random": {"score": alone.score, "error": alone.error, "pearson": alone.pearson},
    }  # fmt: skip


PARTS = {"kob-andersen": kob_andersen, "isobar": isobar, "wahnstrom": wahnstrom, "sizes": sizes,
         "propensity": propensity}  # fmt: skip


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    options.add_argument("--folder", type=Path, default=HOME)
    given = options.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    if wrong := set(given.parts) - set(PARTS):
        options.error(f"no part {', '.join(wrong)}: {', '.join(PARTS)}")
    kept = Kept("liquids")
    for name in given.parts or PARTS:
        found = PARTS[name](given.folder)
        kept.write(**{name: found})
        print(json.dumps({name: found}, indent=1), flush=True)


if __name__ == "__main__":
    main()
