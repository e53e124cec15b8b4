"""`glasscli landscape two-level`: tunnelling between the wells that were found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from glasscli.cli import options as shared
from glasscli.cli.edge import Outcome
from glasscli.cli.edge import command as make_command
from glasscli.cli.landscape.common import finite, keep, sample_options, smooth_option, stem_of, write

COLUMNS = ("i", "j", "splitting", "asymmetry", "tunnelling", "lambda", "wkb", "splitting_K", "barrier", "mass", "A",
           "eta", "xi", "exact", "met")  # fmt: skip


@make_command(
    "two-level",
    epilog="Examples:\n  glasscli landscape two-level anneal.h5\n"
    "  glasscli landscape two-level anneal.h5 --units cuzr --below 0.005",
)
@sample_options
@smooth_option
@click.option("--units", metavar="argon|cuzr", help="What the reduced units stand for.  [default: argon]")
@click.option(
    "--below", type=click.FloatRange(0, min_open=True),
    help="Count splittings up to this energy.  [default: 1 % of T_f, or of the run's temperature]",
)  # fmt: skip
def command(
    file: Path, system_name: str | None, first: int, last: int | None, output: Path | None, no_figure: bool,
    format_: str, as_is: bool, units: str | None, below: float | None,
) -> Outcome:  # fmt: skip
    """Two-level systems along the barriers of FILE, their density, and the heat capacity they make.

    Takes what `glasscli landscape barriers` found. Energies are in the system's unit: splitting = 2 (asymmetry² +
    tunnelling²)^½, tunnelling = ħω exp(-lambda). Heat capacities are in k_B per atom.
    """
    import numpy as np

    from glasscli.cli.landscape.barriers import known
    from glasscli.errors import InputError
    from glasscli.landscape.two_level import density, heat, two_level
    from glasscli.progress import progress
    from glasscli.units import scale

    stem = stem_of(file, output)
    sample, net, atoms, system = known(file, system_name, first, last, as_is)
    unit = scale(system.unit_system, units, system.name)
    with progress("wells", len(net.passes)) as advance:
        found = two_level(net, unit.hbar, advance)
    if not found.explored:
        raise InputError(f"{file} has no barriers yet: glasscli landscape barriers {file}")
    reference = below or 0.01 * _temperature(sample)
    T = np.geomspace(0.02, 30, 80) / unit.kelvin
    harmonic = _harmonic(atoms, system, unit.hbar, T)
    C = heat(found, atoms.n_atoms, T, harmonic)
    rows = [_row(w, unit.kelvin) for w in found.wells]
    data: dict[str, Any] = {
        "file": str(file), "system": system.name, "units": unit.name, "hbar": unit.hbar, "kelvin": unit.kelvin,
        "angstrom": unit.angstrom, "explored": found.explored, "shallow": found.shallow, "failed": found.failed,
        "met_once": found.once, "completeness": finite(found.completeness), "two_level": rows,
        "density": density(found, reference, atoms.volume),
        "density_SI": density(found, reference * unit.kelvin, atoms.volume * unit.angstrom**3),
        "T_K": (T * unit.kelvin).tolist(), "C": C.wells.tolist(), "C_error": C.error.tolist(),
        "C_harmonic": C.harmonic.tolist() if C.harmonic is not None else None,
    }  # fmt: skip
    notes = keep(sample, "two_level", data)
    table = [["" if r[c] is None else r[c] for c in COLUMNS] for r in rows]
    written = [write(stem.with_name(stem.name + "-two-level.csv"), COLUMNS, table)]
    columns = ["T_K", "C_wells", "C_error", "C_harmonic"]
    parts = [
        T * unit.kelvin,
        C.wells,
        C.error,
        C.harmonic if C.harmonic is not None else np.full(len(T), np.nan),
    ]
    written.append(
        write(
            stem.with_name(stem.name + "-heat.csv"),
            columns,
            [[float(v) for v in line] for line in zip(*parts, strict=True)],
        )
    )
    if not no_figure:
        from glasscli.report import landscape_figure

        cube = (T * unit.kelvin) ** 3
        written.append(
            landscape_figure.two_level(
                stem.with_name(f"{stem.name}-two-level.{format_}"), np.array([r["asymmetry"] for r in rows]),
                np.array([r["lambda"] for r in rows]), T * unit.kelvin, C.wells / cube, system.energy_unit, "K",
                C.harmonic / cube if C.harmonic is not None else None,
            )
        )  # fmt: skip
    data["written"] = written
    d = data["density"]
    text = [
        f"{file}: {len(rows)} double wells in {found.explored} passes as {unit.name} (ħ = {unit.hbar:.4g}), "
        f"{found.shallow} too shallow to hold a state in both wells",
        f"  {d['count']} with a splitting below {d['energy']:.3g} {system.energy_unit}: {d['density']:.3g} per "
        f"{system.length_unit}³ and {system.energy_unit} (at most {d['bound']:.3g})",
    ]
    if rows:
        least = min(rows, key=lambda r: float(r["splitting"]))
        text.append(
            f"  smallest splitting {least['splitting']:.3g} {system.energy_unit} = {least['splitting_K']:.3g} K, "
            f"λ {least['lambda']:.3g}; estimated completeness {shared.number(data['completeness'], '.2f')}"
        )
    return Outcome(data, "\n".join(text + [f"  wrote {path}" for path in written]), notes=notes)


def _row(w: Any, kelvin: float) -> dict[str, Any]:
    fit = {name: getattr(w.fit, name) if w.fit else None for name in ("A", "eta", "xi")}
    found = w.well
    return {
        "i": w.i, "j": w.j, "splitting": found.splitting, "asymmetry": found.asymmetry, "tunnelling": found.tunnelling,
        "lambda": found.exponent, "wkb": found.wkb, "splitting_K": found.splitting * kelvin, "barrier": w.barrier,
        "mass": w.mass, **fit, "exact": found.exact, "met": w.met,
    }  # fmt: skip


def _temperature(sample: Any) -> float:
    """T_f where it was measured, else the mean temperature of the run; of a foreign file half a unit."""
    import numpy as np

    from glasscli.analysis.summary import stored_fictive_temperature

    if sample.run is None:
        return 0.5
    measured = stored_fictive_temperature(sample.run)
    values = sample.run.thermo["temperature"]
    return measured[0] if measured else float(np.mean(values)) if len(values) else 0.5


def _harmonic(atoms: Any, system: Any, hbar: float, T: Any) -> Any:
    """C per atom of the harmonic modes of the first inherent structure; None for a sample too large to have all."""
    import numpy as np

    from glasscli.engine.forces import Forces
    from glasscli.landscape.rates import LARGEST
    from glasscli.modes.density import heat_capacity
    from glasscli.modes.hessian import Curvature
    from glasscli.modes.minimum import settle
    from glasscli.modes.spectrum import masses

    if 3 * atoms.n_atoms > LARGEST:
        return None
    with Forces(system) as forces:
        settled = settle(atoms, forces, Curvature(forces))
    root = np.repeat(np.sqrt(masses(settled.configuration, system)), 3)
    squares = np.linalg.eigvalsh(settled.hessian.matrix.toarray() / root[:, None] / root)
    stable = np.sqrt(squares[squares > 1e-9 * squares[-1]])
    return heat_capacity(stable, T, hbar) * len(stable) / atoms.n_atoms
