"""`glasscli theory spectrum`: density of states, heat capacity and conductivity of a distribution of potentials."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from glasscli.cli.edge import Outcome
from glasscli.cli.edge import command as make_command
from glasscli.cli.theory.options import Quantity, outputs
from glasscli.cli.theory.output import Destination, finish
from glasscli.errors import InputError, near
from glasscli.formats.columns import columns
from glasscli.report import theory_figure
from glasscli.theory.answers.spectrum import soft_spectrum
from glasscli.theory.answers.spectrum_choices import KNOWN, Choices
from glasscli.theory.answers.tunnelling import tunnelling_spectrum
from glasscli.theory.participation import GLASSES

ENERGY, TEMPERATURE = Quantity("energy"), Quantity("temperature")
THERMAL = Quantity("energy", thermal=True)


@make_command(
    "spectrum",
    epilog="Examples:\n  glasscli theory spectrum --glass silica --cutoff 10\n"
    "  glasscli theory spectrum --distribution gaussian --eta-mean 0.6 --time 1ms\n"
    "  glasscli theory spectrum --distribution samples.csv\n  glasscli theory spectrum --model tunnelling",
)
@click.option(
    "--distribution",
    default="flat",
    metavar="NAME|FILE.csv",
    help="flat P(D1, D2); F(eta, xi) gaussian, exponential or uniform; or a file of eta, xi.",
)
@click.option(
    "--model", type=click.Choice(["soft", "tunnelling"]), default="soft", help="tunnelling: standard model."
)
@click.option("--glass", type=click.Choice(list(GLASSES)), help="Take w = 1.6 kT* of it.")
@click.option(
    "--w", type=THERMAL, help="Anharmonic energy scale, e.g. 4K or 0.3meV.  [default: from eps0 and A]"
)
@click.option("--eps0", type=THERMAL, default="1K", help="Zero-point scale hbar^2/2Ma0^2.")
@click.option("--A", "A", type=ENERGY, default="30eV", help="Quartic scale.")
@click.option("--cutoff", type=float, default=8.0, help="flat: D2 reaches down to -cutoff.")
@click.option("--amplitude", type=float, default=1e-4, help="flat: P per atom.")
@click.option("--F0", "F0", type=float, default=1e-2, help="exponential, uniform: F0.")
@click.option("--eta-mean", type=float, default=1.0, help="gaussian: mean of eta.")
@click.option("--eta-width", type=float, default=0.316, help="gaussian; exponential: eta_c is 0.1.")
@click.option("--xi-width", type=float, default=0.316, help="gaussian, exponential.")
@click.option("--eta-star", type=float, default=0.2, help="Soft means |eta| < eta-star.")
@click.option("--time", type=Quantity("time"), help="Duration of the measurement: adds C(T, t).")
@click.option("--T-min", "T_min", type=TEMPERATURE, help="Lowest temperature.  [default: 0.01 w]")
@click.option(
    "--T-max",
    "T_max",
    type=TEMPERATURE,
    help="Highest temperature.  [default: 4 w; 2 w for F(eta, xi), which goes to 8 w]",
)
@click.option("--coupling", type=ENERGY, default="0.6eV", help="Coupling to strain, 0.3-1 eV.")
@click.option("--density", type=Quantity("density"), default="2.2g/cm3", help="Mass density.")
@click.option("--sound", type=Quantity("speed"), default="4.1km/s", help="Mean speed of sound.")
@click.option("--atoms", type=float, default=1e28, help="Atoms per cubic metre.")
@click.option("--P0", "P0", type=float, default=5e19, help="tunnelling: P0 per cm³ and eV.")
@click.option(
    "--neutron-T", "neutron_T", type=TEMPERATURE, help="Of a neutron experiment: adds its peak at T."
)
@click.option(
    "--T-g",
    "T_g",
    type=TEMPERATURE,
    help="Glass transition: scales the concentration by exp[(theta/T_g)^beta].",
)
@click.option(
    "--T-g-reference", "T_g_reference", type=TEMPERATURE,
    help="T_g of the glass whose concentration was given.  [default: that of --glass]",
)  # fmt: skip
@click.option("--theta", type=TEMPERATURE, default="450K", help="theta of that law, 300-600 K.")
@click.option("--beta", type=click.FloatRange(0, min_open=True), default=1.0, help="Its exponent.")
@click.option(
    "--pressure",
    type=Quantity("pressure"),
    help="Scales the concentration by exp[-p/p** - (p/p-)^2], e.g. 20kbar.",
)
@click.option(
    "--p-linear",
    type=Quantity("pressure"),
    default="50kbar",
    help="p** of that law, 10-100 kbar.",
)
@click.option("--p-quadratic", type=Quantity("pressure"), default="50kbar", help="p- of that law.")
@outputs("spectrum")
def command(distribution: str, model: str, output: Destination, **choices: Any) -> Outcome:
    """Density of states, heat capacity, T* and thermal conductivity of soft potentials (Klinger, Sec. 3; Buchenau).

    C is in k_B per atom, n(E) per atom and kelvin, temperatures in K.
    """
    chosen, samples = Choices(**choices), None
    if model == "tunnelling":
        law = tunnelling_spectrum(chosen)
        return finish(law, theory_figure.tunnelling_spectrum, output, width=7.0)
    if distribution not in KNOWN:
        if not Path(distribution).exists():
            raise InputError(
                f"--distribution: {distribution!r} is neither a file nor known{near(distribution, KNOWN)}"
            )
        eta, xi = columns(Path(distribution), (2,))[1]
        samples = eta, xi
    found = soft_spectrum(distribution, chosen, samples)
    return finish(found, theory_figure.soft_spectrum, output, 7.0, found.notes)
