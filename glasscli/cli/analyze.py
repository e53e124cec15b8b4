"""`glasscli analyze`: what happened in a run, or what is in any structure file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from glasscli.cli import options as shared
from glasscli.cli.edge import Outcome
from glasscli.cli.edge import command as make_command

if TYPE_CHECKING:
    from glasscli.system import System


@make_command(
    "analyze",
    epilog="Examples:\n  glasscli analyze\n  glasscli analyze anneal-*.h5 --jobs 4\n"
    "  glasscli analyze glass.lammps.gz --system wahnstrom --radii 0.55,0.45",
)
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@shared.system_option
@click.option(
    "--radii", metavar="R1,R2|system", help="Radical Voronoi with these radii, in the order of species."
)
@click.option(
    "--edge-threshold", type=click.FloatRange(0), default=0.0, help="Drop Voronoi edges shorter than this."
)
@click.option(
    "--face-threshold", type=click.FloatRange(0), default=0.0, help="Drop Voronoi faces smaller than this."
)
@click.option(
    "--bin-width", type=click.FloatRange(0, min_open=True), default=0.02, show_default=True, help="Of g(r)."
)
@click.option(
    "--pdf-frames", type=click.IntRange(1), default=10, show_default=True, help="Last frames to average g(r)."
)
@click.option(
    "--lag", type=click.IntRange(1), default=1, show_default=True, help="Frames between displaced ones."
)
@click.option("--jobs", type=click.IntRange(1), help="Processes.  [default: all cores]")
@click.option(
    "--format", type=click.Choice(["png", "pdf", "svg"]), default="png", show_default=True, help="Of figures."
)
def command(files: tuple[Path, ...], system_name: str | None, radii: str | None, **choices: Any) -> Outcome:
    """Measure FILES (default: anneal.h5, else quench.h5): icosahedra, Voronoi census, g(r), displacements.

    Tables (CSV) and figures are written beside each file, and the numbers into it under /analysis. Files of other
    programs (LAMMPS data and dump, .gz, extended XYZ, GSD) get their energies from --system.
    """
    from glasscli.analyze import Choices, analyze, parse_radii
    from glasscli.system import load_system

    files = files or (_default(),)
    system = load_system(system_name) if system_name else None
    wish = Choices(radii=parse_radii(radii, system) if radii else None, **choices)
    results, notes = [], []
    for file in files:
        data, said = analyze(file, system, wish)
        results.append(data)
        notes += said
    text = "\n".join(_text(data, system) for data in results)
    return Outcome(results[0] if len(results) == 1 else {"files": results}, text, notes=notes)


def _default() -> Path:
    from glasscli.errors import MissingFileError

    for name in ("anneal.h5", "quench.h5"):
        if Path(name).exists() or Path(name + ".partial").exists():
            return Path(name)
    raise MissingFileError("no anneal.h5 or quench.h5 in this folder: name the file to analyze")


def _text(data: dict[str, Any], system: System | None) -> str:
    f, e, line = data["icosahedral_fraction"], data["inherent_energy"], data["energy_against_icosahedra"]
    number = shared.number
    rows = [
        f"{data['file']}: {data['frames']} frames",
        f"  f_ico  {f['last']:.4f} last, {f['mean']:.4f} mean   "
        f"({number(f['small'], '.4f')} of the small atoms, {number(f['large'], '.4f')} of the large)",
        f"  E_IS   {number(e['last'], '.5f')} last, {number(e['mean'], '.5f')} mean   "
        f"P {number(data['pressure'], '.4f')}   largest force {number(data['max_force'], '.1e')}",
    ]
    if line["slope"] is not None:
        rows.append(f"  E_IS against f_ico: slope {line['slope']:.2f} ± {number(line['error'], '.2f')}")
    rows += [f"  wrote {path}" for path in (*data["figures"], *data["tables"])]
    return "\n".join(rows)
