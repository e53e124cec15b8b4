"""`glasscli theory glass`: from simulated glasses to T* and C/T^3, beside measured glasses."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from glasscli.cli import options as shared
from glasscli.cli.edge import Outcome
from glasscli.cli.edge import command as make_command
from glasscli.cli.theory.output import outputs, plain, write

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@make_command(
    "glass",
    epilog="Examples:\n  glasscli theory glass quench-*.h5\n  glasscli theory glass glass-*.h5 --units cuzr -o bridge",
)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@shared.system_option
@click.option("--units", metavar="argon|cuzr", help="What the reduced units stand for.  [default: argon]")
@click.option("--frame", type=int, default=-1, show_default=True, help="Frame; negative from the end.")
@click.option(
    "--as-is", is_flag=True, help="Keep the system as it is; without, wahnstrom becomes wahnstrom-smooth."
)
@outputs("glass")
def command(
    files: tuple[Path, ...], system_name: str | None, units: str | None, frame: int, as_is: bool, output: Path,
    no_figure: bool,
) -> Outcome:  # fmt: skip
    """The whole bridge for an ensemble of glasses: soft modes measured, W, T* and C/T³ predicted.

    Modes of every file give F(eta, xi), N_s and w_c (as `glasscli modes`); two-level systems come from the catalogues
    of `glasscli landscape barriers` where there are some. Beside them what Buchenau (1992) found for real glasses.
    """
    import numpy as np

    from glasscli.engine.forces import Forces
    from glasscli.errors import InputError
    from glasscli.formats.columns import configuration
    from glasscli.landscape.sample import open_sample, smooth
    from glasscli.landscape.units import scale
    from glasscli.modes.density import heat_capacity
    from glasscli.modes.hessian import Curvature
    from glasscli.modes.study import analyse, ensemble
    from glasscli.progress import progress
    from glasscli.theory.bridge import predict

    samples = [open_sample(file, system_name) for file in files]
    system = smooth(samples[0].system, as_is)
    if any(smooth(s.system, as_is).commands != system.commands for s in samples):
        raise InputError("the files were made with different systems: one ensemble has one")
    unit = scale(system, units)
    # The coldest at which levels suffice, the warmest where all modes are classical.
    T = np.geomspace(0.05, 30, 120) / unit.kelvin
    studies, harmonic, tunnelling, wells = [], np.zeros(len(T)), np.zeros(len(T)), 0
    with Forces(system) as forces, progress("modes", len(files), "glasses") as advance:
        curvature = Curvature(forces)
        for done, file in enumerate(files, start=1):
            study = analyse(configuration(file, frame), forces, curvature)
            studies.append(study)
            n = study.modes.n_atoms
            usual = ~study.modes.zero & ~study.modes.unstable
            # The followed soft modes are counted by their own levels, not here.
            usual[study.localised] = False
            harmonic += (
                heat_capacity(study.modes.frequencies[usual], T, unit.hbar) * usual.sum() / n / len(files)
            )
            C, more = _wells(file, system_name, as_is, unit.hbar, T)
            tunnelling, wells = tunnelling + C / len(files), wells + more
            advance(done)
    together = ensemble(studies, unit.hbar)
    if together.W is None or together.energy is None:
        raise InputError("no localised soft mode in these files: use more or smaller glasses")
    atoms = sum(s.modes.n_atoms for s in studies)
    # Energies and temperatures are in one unit, in which k_B is one.
    found = predict(
        together.eta,
        together.xi,
        len(together.eta) / atoms,
        together.W,
        together.energy,
        T,
        harmonic + tunnelling,
    )
    kelvin, electronvolt = unit.kelvin, unit.kelvin * 8.617333262e-5
    ours = {
        "N_s_a2_A2": (together.Ns_a2 or np.nan) * unit.angstrom**2,
        "eps_0_eV": together.energy * electronvolt,
        "nu_c_THz": _terahertz(together.w_c or np.nan, unit.hbar, kelvin),
        "W_K": together.W * kelvin,
        "T_star_K": found.T_star * kelvin,
    }
    data: dict[str, Any] = {
        "files": [str(file) for file in files],
        "system": system.name,
        "units": unit.name,
        "glasses": len(files),
        "soft_modes": len(together.eta),
        "N_s": together.participation,
        "w_c": together.w_c,
        "eta_L": found.eta_L,
        **ours,
        "T_star_of_curve_K": found.T_star_of_curve * kelvin,
        "double_wells": wells,
        "measured": _measured(),
        "T_K": T * kelvin,
        "C": found.total,
        "C_soft": found.soft,
        "C_harmonic": harmonic,
        "C_wells": tunnelling,
    }
    columns = {
        "T_K": T * kelvin,
        "C": found.total,
        "C_soft": found.soft,
        "C_harmonic": harmonic,
        "C_wells": tunnelling,
    }

    def draw(figure: Figure) -> None:
        _page(figure, together.eta, together.xi, columns, ours, data["measured"], unit.name)

    data["written"] = write(output, columns, None if no_figure else draw, width=7.0)
    text = [
        f"{len(files)} glasses as {unit.name}: {len(together.eta)} localised soft modes, {wells} double wells"
    ]
    text += _table(ours, data["measured"], unit.name)
    if found.T_star_of_curve == found.T_star_of_curve:
        text.append(f"C/T³ has its minimum at {found.T_star_of_curve * kelvin:.3g} K")
    notes = [f"{f}: {note}" for f, s in zip(files, studies, strict=True) for note in s.notes]
    return Outcome(
        plain(data), "\n".join(text + [f"  wrote {path}" for path in data["written"]]), notes=notes
    )


def _wells(file: Path, system_name: str | None, as_is: bool, hbar: float, T: Any) -> tuple[Any, int]:
    """C per atom of the double wells in a file's catalogue, and how many; zero without a catalogue."""
    import numpy as np

    from glasscli.cli.landscape.barriers import known
    from glasscli.landscape.catalogue import catalogue_path
    from glasscli.landscape.two_level import heat, two_level

    if not catalogue_path(file).exists():
        return np.zeros(len(T)), 0
    _, net, atoms, _ = known(file, system_name, 0, None, as_is)
    found = two_level(net, hbar)
    return heat(found, atoms.n_atoms, T).wells, len(found.wells)


def _terahertz(w: float, hbar: float, kelvin: float) -> float:
    """An angular frequency of the system in THz, by its quantum in kelvin."""
    from glasscli.units import BOLTZMANN, PLANCK

    return hbar * w * kelvin * BOLTZMANN / PLANCK * 1e-12


def _measured() -> dict[str, dict[str, float]]:
    """What the paper found for real glasses."""
    from glasscli.theory.participation import GLASSES, participation

    out = {}
    for name, glass in GLASSES.items():
        found = participation(glass.nu_c, glass.T_star, glass.mass)
        out[name] = {
            "N_s_a2_A2": found.Ns_a2_A2, "eps_0_eV": found.eps0_eV, "nu_c_THz": glass.nu_c * 1e-12, "W_K": found.W_K,
            "T_star_K": glass.T_star,
        }  # fmt: skip
    return out


def _table(ours: dict[str, float], measured: dict[str, dict[str, float]], name: str) -> list[str]:
    keys = {
        "N_s_a2_A2": "N_s a² (Å²)",
        "eps_0_eV": "ε_0 (eV)",
        "nu_c_THz": "ν_c (THz)",
        "W_K": "W (K)",
        "T_star_K": "T* (K)",
    }
    rows = [f"{'':14}" + "".join(f"{title:>13}" for title in keys.values())]
    for who, values in {f"these ({name})": ours, **measured}.items():
        rows.append(f"{who:14}" + "".join(f"{values[key]:>13.4g}" for key in keys))
    return rows


def _page(
    figure: Figure,
    eta: Any,
    xi: Any,
    columns: dict[str, Any],
    ours: dict[str, float],
    measured: Any,
    name: str,
) -> None:
    """F(eta, xi), C/T^3 and the table on one page."""
    figure.set_size_inches(7.0, 3.9)
    halves: Any = figure.subfigures(2, 1, height_ratios=[4, 1])
    top, below = halves
    left, right = top.subplots(1, 2)
    left.plot(eta, xi, ".", markersize=3)
    left.set_xlabel("$\\eta$")
    left.set_ylabel("$\\xi$")
    left.set_title("soft modes, $F(\\eta, \\xi)$")
    left.locator_params(nbins=5)
    T = columns["T_K"]
    for key, label in (
        ("C", "all"),
        ("C_soft", "soft modes"),
        ("C_harmonic", "other modes"),
        ("C_wells", "double wells"),
    ):
        if (columns[key] > 0).any():
            right.plot(T, columns[key] / T**3, label=label, linewidth=1.6 if key == "C" else 0.8)
    whole = columns["C"] / T**3
    right.set(xscale="log", yscale="log", xlabel="T (K)", ylabel="$C/T^3$ ($k_B$ per atom, K$^{-3}$)")
    right.set_ylim(max(whole.min() / 30, 1e-12), whole.max() * 3)
    right.legend()
    axes = below.subplots()
    axes.axis("off")
    axes.text(0, 1, "\n".join(_table(ours, measured, name)), family="monospace", fontsize=6.5, va="top")
