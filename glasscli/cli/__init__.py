"""The command line. One file a command, imported when it is called."""

from __future__ import annotations

from pathlib import Path

import click

from glasscli import __version__
from glasscli.cli.edge import Cli
from glasscli.protocols.registry import kinds

# In the order a study goes; the help lists them so.
COMMANDS = {
    "init": "Write a commented study for QUESTION: rates, anneal, depth or modes; without one say what they ask.",
    "doctor": "Check LAMMPS, HDF5, OVITO and rendering by using them.",
    "systems": "List the systems that --system takes, show one, or check one by 100 steps of its melt.",
    "validate": "Compare numbers of the papers, lattice sums, conservation laws and detailed balance with ours.",
    "reproduce": "Run the study of a paper's figure or table and draw ours in its layout, the quoted numbers beside.",
    "build": "Build PHASE: fcc, hcp, bcc, b2, c11b, a15, c14, c15, c36, cristobalite, quartz, random or nanocomposite.",
    "free-energy": "Absolute free energies F(V, T) of PHASES: crystals by name, and `liquid`.",
    "eos": "Energy, pressure and bulk modulus of PHASES against volume (default: all phases of the system).",
    "quench": "Quench a melt to a glass and find its fictive temperature.",
    "anneal": "Hold a glass at a constant temperature.",
    "heat": "Heat a glass as a calorimeter does: heat capacity, T_f by areas, overshoot, what ageing took.",
    "hybrid": "Relax a glass far beyond what molecular dynamics alone can reach.",
    "shear": "Deform a glass step by step at zero temperature: stress, energy and what gives way.",
    "flow": "Deform a glass or liquid at a temperature: flow at a rate, moduli, creep, tension and compression.",
    "run": "Make all runs of STUDY, a protocol file, in the folder that it names.",
    "submit": "Submit WHAT, a protocol file or (after --) a command line, as array jobs: one a stage.",
    "status": "Say what became of every run of FOLDER (default: this one), here and on the batch system.",
    "watch": "Watch runs while they go on: rate, time left, temperature, E_IS and f_ico, share of accepted exchanges.",
    "cancel": "Cancel all jobs that were submitted for FOLDER (default: this one).",
    "resubmit": "Submit again what is neither done nor queued nor running in FOLDER.",
    "work": "Do one part of BATCH, tasks that `glasscli submit` laid down in this folder.",
    "trust": "Let the programs run that FILES name: confirmed once, and again after each change.",
    "resume": "Go on with unfinished runs: FILES, or all in a folder (default: this one).",
    "analyze": "Measure FILES (default: anneal.h5, else quench.h5): icosahedra, g(r), displacements, relaxation.",
    "dynamics": "Motion, relaxation and flow of the liquids in FILES, each at one temperature.",
    "propensity": "Which atoms of FILE are inclined to move, by many runs, and what around them foretells it.",
    "modes": "Frequencies, localisation and soft potentials of the inherent structures in FILES.",
    "landscape": "Events between inherent structures, the barriers between them, and the two-level systems they make.",
    "render": "Draw a frame of FILE: atoms, icosahedra, bonds, displacements, local strain; or animate all frames.",
    "report": "Write one self-contained page about FILES: figures, tables with errors, provenance, links to the data.",
    "table": "Tell many runs in one table: settings in which they differ, T_f, E_IS, P, f_ico; means over samples.",
    "schema": "Say which keys study, system and cluster files have: types, defaults, help.",
    "show": "Say what is in FILE: system, protocol, progress, frames, energies, where it came from.",
    "export": "Write configurations of FILE as LAMMPS data (one), LAMMPS dump, extended XYZ, GSD, NetCDF, H5MD or XTC.",
    "verify": "Check FILE: steps in order and without gaps, finite numbers, the checksum of everything stored.",
    "repair": "Mend FILE: unclean HDF5 flags, torn records, damaged checkpoints, damaged results under /analysis.",
    "theory": "Compute with the papers' models: soft potentials, stability, self-trapping, relaxation kinetics.",
}


GROUPS = {
    "Make": (
        "init",
        "systems",
        "build",
        "quench",
        "anneal",
        "heat",
        "hybrid",
        "shear",
        "flow",
        "run",
        "resume",
    ),
    "Measure": (
        "show",
        "table",
        "analyze",
        "dynamics",
        "propensity",
        "modes",
        "landscape",
        "eos",
        "free-energy",
        "render",
        "report",
    ),
    "Understand": ("theory", "validate", "reproduce"),
    "Cluster": ("submit", "status", "watch", "resubmit", "cancel", "work"),
    "Look after": ("doctor", "schema", "export", "verify", "repair", "trust"),
}


def _groups() -> dict[str, tuple[str, ...]]:
    """Those above; protocols that are in none of them are made."""
    return GROUPS | {"Make": (*GROUPS["Make"], *(kind for kind in kinds() if kind not in GROUPS["Make"]))}


def _help_line(name: str) -> str:
    """The first sentence of a command's docstring, read from its file: the help imports no command."""
    import ast

    text = Path(__file__).with_name(f"{name.replace('-', '_')}.py").read_text(encoding="utf-8")
    found = next(node for node in ast.parse(text).body if getattr(node, "name", "") == "command")
    assert isinstance(found, ast.FunctionDef)
    return (ast.get_docstring(found) or "").splitlines()[0]


def _commands() -> dict[str, str]:
    """Those above; protocols that are not among them come behind the others, in the order of their names."""
    found: dict[str, str] = {}
    for name, line in COMMANDS.items():
        found[name] = line
        if name == "hybrid":
            found |= {kind: _help_line(kind) for kind in kinds() if kind not in COMMANDS}
    return found


@click.group(
    cls=Cli,
    package=__name__,
    lazy=_commands(),
    groups=_groups(),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="glasscli")
def main() -> None:
    """Make glasses with LAMMPS, anneal them, and see what happened.

    Start with `glasscli quench`, then `glasscli anneal --T 0.95Tf`, then `glasscli analyze`.
    """
