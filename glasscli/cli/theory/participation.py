"""`glasscli theory participation`: how many atoms a soft mode has."""

from __future__ import annotations

from pathlib import Path

import click

from glasscli.cli.edge import Outcome
from glasscli.cli.edge import command as make_command
from glasscli.cli.theory.output import outputs, plain, table, write
from glasscli.errors import InputError


@make_command(
    "participation",
    epilog="Examples:\n  glasscli theory participation --glass silica\n"
    "  glasscli theory participation --nu-c 2.879THz --T-star 2.057K --mass 20.03u --a 1.6A",
)
@click.option("--glass", type=click.Choice(["silica", "selenium", "boron-oxide"]), help="Take its values.")
@click.option(
    "--nu-c", "nu_c", help="Frequency of an unsoftened mode, the first maximum of the density of states."
)
@click.option("--T-star", "T_star", help="Temperature of the minimum of C/T³.")
@click.option("--mass", help="Mean atomic mass, e.g. 20.03u.")
@click.option("--T-g", "T_g", help="Glass transition: adds eps_m/kT_g by Eq. 23.")
@click.option("--a", help="Length of the quartic term, about 1A: adds N_s.")
@click.option(
    "--ratio", type=float, default=1.6, show_default=True, help="W/kT*; the theory spectrum command finds it."
)
@outputs("participation")
def command(
    glass: str | None, nu_c: str | None, T_star: str | None, mass: str | None, T_g: str | None, a: str | None,
    ratio: float, output: Path, no_figure: bool,
) -> Outcome:  # fmt: skip
    """N_s a², eps_0 and W of the soft modes from nu_c, T* and the mean mass (Buchenau, Eqs. 6-8)."""
    import numpy as np

    from glasscli.report import theory_figure as figures
    from glasscli.theory.participation import GLASSES, participation
    from glasscli.theory.stability import formation_energy
    from glasscli.units import ANGSTROM, ATOMIC_MASS, BOLTZMANN, quantity

    preset = GLASSES.get(glass) if glass else None
    if preset is None and (nu_c is None or T_star is None or mass is None):
        raise InputError("give --glass, or --nu-c, --T-star and --mass together")
    frequency = quantity(nu_c, "frequency", "--nu-c") if nu_c else preset.nu_c if preset else 0.0
    minimum = quantity(T_star, "temperature", "--T-star") if T_star else preset.T_star if preset else 0.0
    weight = quantity(mass, "mass", "--mass") if mass else preset.mass if preset else 0.0
    transition = quantity(T_g, "temperature", "--T-g") if T_g else preset.T_g if preset else None
    found = participation(frequency, minimum, weight, ratio)
    data = {
        "nu_c_THz": frequency / 1e12,
        "T_star_K": minimum,
        "mass_u": weight / ATOMIC_MASS,
        "Ns_a2_A2": found.Ns_a2_A2,
        "eps0_eV": found.eps0_eV,
        "W_K": found.W_K,
    }
    if a:
        data["Ns"] = found.Ns_a2_A2 / (quantity(a, "length", "--a") / ANGSTROM) ** 2
    if transition:
        data["eps_m_over_kTg"] = formation_energy(found.eps0 / (BOLTZMANN * transition))
    nu = frequency * np.linspace(0.5, 1.5, 101)
    curve = [participation(float(f), minimum, weight, ratio) for f in nu]
    Ns_a2 = np.array([one.Ns_a2_A2 for one in curve])
    files = write(
        output,
        {"nu_c_THz": nu / 1e12, "Ns_a2_A2": Ns_a2, "eps0_eV": [one.eps0_eV for one in curve]},
        None
        if no_figure
        else lambda figure: figures.participation(
            figure, nu / 1e12, Ns_a2, (frequency / 1e12, found.Ns_a2_A2)
        ),
    )
    return Outcome(plain(data | {"files": files}), table(data))
