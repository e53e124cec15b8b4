"""`glasscli eos`: equations of state of all crystals of a system, their mixtures, and a glass among them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from glasscli.cli import options as shared
from glasscli.cli.edge import Outcome
from glasscli.cli.edge import command as make_command

if TYPE_CHECKING:
    from glasscli.eos.study import Answer, Question
    from glasscli.model.system import System


@make_command(
    "eos",
    epilog="Examples:\n  glasscli eos\n  glasscli eos c15 hcp-large --at 0.767\n"
    "  glasscli eos --mix c15,hcp-large --composition 0.5 --volume 0.767 --figure eos.png\n"
    "  glasscli eos --with anneal.h5\n  glasscli eos c15 c14 hcp-large --temperature 0.5",
)
@click.argument("phases", nargs=-1)
@shared.system_option
@click.option("--at", type=float, multiple=True, help="Also give energies at this V/N; may be repeated.")
@click.option("--mix", metavar="A,B", help="Two phases that share a volume (fractions from --composition).")
@click.option("--composition", type=float, help="Of the mixture: fraction of species 2.")
@click.option("--volume", type=float, help="Of the mixture, per atom.  [default: both at rest]")
@click.option("--temperature", metavar="0.5|300K", help="Also quasi-harmonic free energies F(V, T).")
@click.option(
    "--with", "glass", type=click.Path(path_type=Path), help="Draw this structure's atoms over the curves."
)
@click.option("--figure", type=click.Path(path_type=Path), help="Draw the curves (png, pdf, svg).")
@click.option("--table", type=click.Path(path_type=Path), help="Write the curves as CSV.")
@click.option("--large", metavar="SPECIES", help="Name or number on the large sites.  [default: 1]")
@click.option("--small", metavar="SPECIES", help="Name or number on the small sites.  [default: 2]")
@click.option(
    "--points", type=click.IntRange(9), default=41, show_default=True, help="Volumes of each curve."
)
def command(
    phases: tuple[str, ...], system_name: str | None, mix: str | None, temperature: str | None, glass: Path | None,
    figure: Path | None, table: Path | None, large: str | None, small: str | None, **wishes: Any,
) -> Outcome:  # fmt: skip
    """Energy, pressure and bulk modulus of PHASES against volume (default: all phases of the system).

    Phases: c15, c14, c36, b2, c11b, a15 and fcc, hcp, bcc of each species (hcp-large, hcp-small). Shape and internal
    coordinates are relaxed at every volume.
    """
    from glasscli.eos.study import Question, answer
    from glasscli.model.quantities import parse_temperature
    from glasscli.model.system import load_system
    from glasscli.structures.phases import species_number

    source = shared.open_start(glass) if glass else None
    stored = source if hasattr(source, "manifest") else None
    system = shared.system_of(stored, system_name) if stored else load_system(system_name or "wahnstrom")
    question = Question(
        phases, mix=_pair(mix), temperature=parse_temperature(temperature, system) if temperature else None,
        large=species_number(large, system) if large else None,
        small=species_number(small, system) if small else None, **wishes,
    )  # fmt: skip
    target = figure or (Path("eos.png") if glass else None)
    for path in (target, table):
        if path:
            shared.writable(path)
    found = answer(system, question)
    data = found.data
    structure = _structure(source, glass, system) if glass else None
    if structure:
        data["with"] = structure.pop("summary")
    data["figures"] = [_draw(target, found, question, system, structure)] if target else []
    data["tables"] = [_write(table, data)] if table else []
    return Outcome(data, _text(data, system), notes=found.notes)


def _pair(text: str | None) -> tuple[str, str] | None:
    from glasscli.errors import InputError

    if text is None:
        return None
    words = [word.strip() for word in text.split(",")]
    if len(words) != 2 or not all(words):
        raise InputError(f"--mix {text!r} is not two phases such as c15,hcp-large")
    return words[0], words[1]


def _structure(source: Any, path: Path, system: System) -> dict[str, Any]:
    """Local volumes and energies of the last configuration of a file."""
    from glasscli.engine.minimiser import Minimiser
    from glasscli.observables.laves import local_means
    from glasscli.observables.voronoi import tessellate

    configuration = source.inherent_or_frames()[-1] if hasattr(source, "manifest") else source[0]
    with Minimiser(system) as minimiser:
        energies = minimiser.energies(configuration)
    cells = tessellate(configuration)
    means = local_means(energies, cells, configuration.species)
    summary = {
        "file": str(path),
        "atoms": configuration.n_atoms,
        "energy": float(energies.mean()),
        "volume": configuration.volume / configuration.n_atoms,
        "local": {system.species[s - 1].name: vars(m) for s, m in means.items()},
    }
    return {
        "summary": summary,
        "energies": energies,
        "volumes": cells.volumes,
        "species": configuration.species,
    }


def _draw(
    path: Path, found: Answer, question: Question, system: System, structure: dict[str, Any] | None
) -> str:
    from glasscli.report.eos_figure import Curve, Scatter, equations_of_state

    curves = []
    for name, phase in found.curves.items():
        curve = found.free.get(name) if question.temperature else phase.curve
        if curve is None:
            continue
        local = found.data["phases"][name].get("local") or {}
        # One species has its mark on the curve already.
        marks = [(m["volume"], m["energy"]) for m in local.values()] if len(local) > 1 else []
        shown = tuple(marks) if name == "c15" and not question.temperature else ()
        curves.append(Curve(name, curve.volumes, curve.energies, curve.minimum, shown))
    scatter = volume = None
    if structure:
        names = {i: s.name for i, s in enumerate(system.species, start=1)}
        mean = float(structure["energies"].mean())
        scatter = Scatter(structure["volumes"], structure["energies"], structure["species"], names, mean)
        volume = found.data["with"]["volume"]
    mix = found.data["mix"]
    points = [(mix["volumes"][n], mix["energies"][n]) for n in mix["phases"]] if mix else []
    volume = question.volume or volume or (question.at[0] if question.at else None)
    return str(
        equations_of_state(
            path, curves, volume, scatter, points, question.temperature, units=system.unit_system
        )
    )


def _write(path: Path, data: dict[str, Any]) -> str:
    """All curves in one table: phase, V, E, P."""
    from glasscli.store.files import replacing

    rows = ["phase,volume_per_atom,energy_per_atom,pressure"]
    for name, phase in data["phases"].items():
        rows += [
            f"{name},{v:.10g},{e:.12g},{p:.10g}"
            for (v, e), p in zip(phase["curve"], phase["pressure"], strict=True)
        ]
    with replacing(path) as temporary:
        temporary.write_text("\n".join(rows) + "\n")
    return str(path)


def _text(data: dict[str, Any], system: System) -> str:
    e, v, p = system.energy_unit, f"{system.length_unit}³", system.pressure_unit
    volumes = list(next(iter(data["phases"].values()))["at"])
    rows = [
        f"{'phase':<10} {'V/' + v:>9} {'E/' + e:>10} {'B/' + p:>11}"
        + "".join(f" {'E(' + a + ')':>10}" for a in volumes)
    ]
    for name, phase in data["phases"].items():
        number = shared.number
        cells = f"{number(phase['volume'], '.4f'):>9} {number(phase['energy'], '.4f'):>10}"
        cells += f" {number(phase['bulk_modulus'], '.4g'):>11}"
        rows.append(f"{name:<10} {cells}" + "".join(f" {phase['at'][a]:>10.4f}" for a in volumes))
        if "free_energy" in phase:
            f = phase["free_energy"]
            rows.append(
                f"{'  F(T)':<10} {number(f['volume'], '.4f'):>9} {number(f['free_energy'], '.4f'):>10}"
            )
    if mix := data["mix"]:
        shares = " + ".join(
            f"{mix['fractions'][n]:.4g} {n} at {mix['volumes'][n]:.4f} ({mix['energies'][n]:.4f})"
            for n in mix["phases"]
        )
        rows.append(
            f"mixture: {mix['energy']:.4f} {e}/atom at {mix['volume']:.4f} {v}, P = {mix['pressure']:.4g} {p}: {shares}"
        )
    if (line := data["tangent"]) and line["chemical_potentials"]:
        large, small = line["chemical_potentials"]
        rows.append(f"common tangent: chemical potentials {large:.4f} and {small:.4f} {e} of species 1 and 2")
    elif line:
        touch = ", ".join(f"{n} at {x:.4f}" for n, x in line["volumes"].items())
        rows.append(f"common tangent: P = {line['pressure']:.4g} {p}, {touch}")
    if glass := data.get("with"):
        means = ", ".join(
            f"{n} {m['energy']:.3f} {e} in {m['volume']:.3f} {v}" for n, m in glass["local"].items()
        )
        rows.append(f"{glass['file']}: {glass['energy']:.4f} {e}/atom at {glass['volume']:.4f} {v}; {means}")
    rows += [f"wrote {path}" for path in (*data["figures"], *data["tables"])]
    return "\n".join(rows)
