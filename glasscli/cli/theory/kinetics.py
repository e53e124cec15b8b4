"""`glasscli theory kinetics`: the order parameter of structural relaxation, and its fit to a measured one."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from glasscli.cli.edge import Outcome
from glasscli.cli.edge import command as make_command
from glasscli.cli.theory.output import numbers, outputs, plain, table, write
from glasscli.formats.columns import relaxation


@make_command(
    "kinetics",
    epilog="Examples:\n  glasscli theory kinetics --gain 20 --Gamma 10 --at 2,4,8\n"
    "  glasscli theory kinetics --fit anneal.h5\n  glasscli theory kinetics --fit relaxation.csv -o fit\n"
    "  glasscli theory kinetics --pump 2,0.5,1.3,0.7,1.5",
)
@click.option("--gain", type=float, default=20.0, show_default=True, help="D s0^(1/2)/g.")
@click.option("--Gamma", "Gamma", type=float, default=10.0, show_default=True, help="G/g.")
@click.option(
    "--Omega", "Omega", type=float, default=0.0, help="Deviation from resonance over g (Eqs. 13-14)."
)
@click.option(
    "--seed", type=float, default=1e-3, show_default=True, help="Initial polarisation of the full Eqs. 9."
)
@click.option("--at", default="1,2,5,10", show_default=True, help="Times in 1/g at which to print eta.")
@click.option(
    "--pump", metavar="G,kappa,D,t_s,s0", help="Threshold and condensate of a maintained population (15-17)."
)
@click.option(
    "--fit", "measured", type=click.Path(path_type=Path), help="Fit eta(t) to a CSV (time, value) or a run."
)
@click.option(
    "--of", "quantity", type=click.Choice(["energy", "R"]), default="energy", show_default=True,
    help="What of a run: E_IS, or R(T_a, t_a) from its first inherent structure.",
)  # fmt: skip
@outputs("kinetics")
def command(
    gain: float, Gamma: float, Omega: float, seed: float, at: str, pump: str | None, measured: Path | None,
    quantity: str, output: Path, no_figure: bool,
) -> Outcome:  # fmt: skip
    """Growth of the order parameter eta(t) (Egorushkin & Mel'nikova, Eqs. 9-19), times in 1/g."""
    if measured is not None:
        return _fit(measured, quantity, output, no_figure)
    import numpy as np

    from glasscli.errors import InputError
    from glasscli.report import theory_figure as figures
    from glasscli.theory import kinetics

    if not (seed > 0 and np.isfinite(seed) and np.isfinite(Omega)):
        raise InputError("--seed must be greater than zero, and --seed and --Omega finite")
    times = numbers(at, "--at")
    half, most = (kinetics.time_to(level, gain, Gamma) for level in (0.5, 0.9))
    bends = kinetics.inflections(gain, Gamma)
    kind = kinetics.regime(bends, Gamma)
    values = kinetics.order_parameter(times, gain, Gamma)
    # Past 0.999 of the rise; Bessel functions of complex order are slow.
    t = np.linspace(0, 1.1 * kinetics.time_to(0.999, gain, Gamma), 120 if Omega else 300)
    curves = {
        "Eq. 12": kinetics.order_parameter(t, gain, Gamma),
        f"Eqs. 9, seed {seed:g}": kinetics.integrate(t, gain, Gamma, seed, Omega).eta,
    }
    data: dict[str, Any] = {
        "gain": gain,
        "Gamma": Gamma,
        "t_half": half,
        "t_90": most,
        "inflections": bends,
        "regime": kind,
        "eta_at": {f"{time:g}": float(value) for time, value in zip(times, values, strict=True)},
    }
    if Omega:
        curves["Eq. 13"] = kinetics.off_resonance(t, gain, Gamma, Omega)
        curves["Eq. 14 (mended)"] = kinetics.far_off_resonance(t, Gamma, Omega)
        off = kinetics.off_resonance(times, gain, Gamma, Omega)
        data |= {
            "Omega": Omega,
            "eta_off_resonance_at": {f"{time:g}": float(v) for time, v in zip(times, off, strict=True)},
        }
    if pump:
        from glasscli.theory.condensate import Pump

        *rates, s0 = numbers(pump, "--pump", 5)
        laser = Pump(*rates)
        data |= {"threshold": laser.threshold, "condensate": laser.condensate(s0)}
    files = write(
        output,
        {"t": t} | curves,
        None
        if no_figure
        else lambda figure: figures.kinetics(figure, t, curves, {"$t_{1/2}$": half, "$t_{90}$": most}),
    )
    shown = {"t_half": half, "t_90": most, "inflections": ", ".join(f"{b:.6g}" for b in bends) or "none"}
    shown |= {"regime": f"{kind} (Fig. 1)"}
    shown |= {f"eta({time})": value for time, value in data["eta_at"].items()}
    shown |= {key: data[key] for key in ("threshold", "condensate") if key in data}
    return Outcome(plain(data | {"files": files}), table(shown))


def _fit(path: Path, quantity: str, output: Path, no_figure: bool) -> Outcome:
    from glasscli.report import theory_figure as figures
    from glasscli.theory.relaxation_fit import fit

    names, values = relaxation(path, quantity)
    fits = fit(*values)
    files = write(
        output,
        {"time": values[0], "value": values[1]} | {found.law: found.curve for found in fits},
        None
        if no_figure
        else lambda figure: figures.relaxation(figure, values[0], values[1], fits, (names[0], names[1])),
    )
    data: dict[str, Any] = {"source": str(path), "points": len(values[0]), "files": files}
    lines = []
    for found in fits:
        one = asdict(found)
        one.pop("curve")
        data[found.law.replace(" ", "_")] = one
        parts = (f"{key} = {v:.5g} ± {found.errors[key]:.2g}" for key, v in found.parameters.items())
        lines.append(f"{found.law}: {', '.join(parts)}; rms {found.rms:.3g}, AICc {found.aicc:.1f}")
    span = float(values[1].max() - values[1].min())
    notes = [
        f"{found.law}: the relaxation is too far from its end to tell y1 and what goes with it"
        for found in fits
        if abs(found.parameters["y1"] - found.parameters["y0"]) > 5 * span
    ]
    better = min(fits, key=lambda found: found.aicc)
    data["better"] = better.law
    other = max(found.aicc for found in fits)
    lines.append(f"better by AICc: {better.law} (by {other - better.aicc:.1f})")
    return Outcome(plain(data), "\n".join(lines), notes=notes)
