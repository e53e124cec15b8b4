"""`glasscli theory`: the papers' models."""

from __future__ import annotations

import os

import click

from glasscli.cli.edge import Lazy

# Matrices here are small: threads of the linear algebra only wait for each other. Read when numpy is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

COMMANDS = {
    "levels": "Levels, wave functions and tunnel splitting of -d²/dX² + K1 X² + K2 X³ + X⁴, in units of w.",
    "spectrum": "Density of states, heat capacity, T* and thermal conductivity of soft potentials.",
    "coupling": "Coupling b = dE/de of soft configurations to a strain e: one, and all of a distribution.",
    "participation": "N_s a², eps_0 and W of the soft modes from nu_c, T* and the mean mass.",
    "stability": "Localisation eps_k/eps_m of the stable soft mode at eta, and eta_1, eta_2.",
    "electrons": "States with one and two trapped electrons, their correlation energy U, and g(E) in the gap.",
    "kinetics": "Growth of the order parameter eta(t).",
    "excitations": "Warren-Cowley order of each atom and E(k) of the concentration excitations.",
    "fragment": "Eta and xi of an atom between two neighbours.",
    "glass": "The whole bridge for an ensemble of glasses: soft modes measured, W, T* and C/T³ predicted.",
}


@click.group("theory", cls=Lazy, package=__name__, lazy=COMMANDS)
def command() -> None:
    """Compute with the papers' models: soft potentials, stability, self-trapping, relaxation kinetics."""
