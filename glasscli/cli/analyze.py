"""`glasscli analyze`: what happened in a run, or what is in any structure file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from glasscli.cli import options as shared
from glasscli.cli.edge import Outcome
from glasscli.cli.edge import command as make_command

if TYPE_CHECKING:
    from glasscli.model.system import System


def measuring_options(function: Any) -> Any:
    """The options that `analyze` and `report` share."""
    positive = click.FloatRange(0, min_open=True)
    for option in reversed(
        (
            shared.system_option,
            click.option(
                "--radii",
                metavar="R1,R2|system",
                help="Radical Voronoi with these radii, in the order of species.",
            ),
            click.option(
                "--edge-threshold", type=click.FloatRange(0), default=0.0, help="Drop shorter Voronoi edges."
            ),
            click.option(
                "--face-threshold", type=click.FloatRange(0), default=0.0, help="Drop smaller Voronoi faces."
            ),
            click.option("--bin-width", type=positive, default=0.02, show_default=True, help="Of g(r)."),
            click.option("--cutoff", type=positive, help="Of g(r).  [default: half the box or 10 spacings]"),
            click.option(
                "--pdf-frames",
                type=click.IntRange(1),
                default=10,
                show_default=True,
                help="Last frames to average.",
            ),
            click.option(
                "--lag",
                type=click.IntRange(1),
                default=1,
                show_default=True,
                help="Frames between displaced ones.",
            ),
            click.option("--q-max", type=positive, help="Largest q of S(q).  [default: 26/spacing]"),
            click.option("--q-width", type=positive, default=0.1, show_default=True, help="Bins of S(q)."),
            click.option(
                "--q-range", metavar="Q1,Q2", help="Interval of R.  [default: the second peak of S(q)]"
            ),
            click.option(
                "--reference",
                metavar="FILE[:FRAME]",
                help="Measure R from here [default: the first frame]; compare E_IS.",
            ),
            click.option("--q", type=positive, help="Of F_s.  [default: the first peak of S(q)]"),
            click.option(
                "--drop",
                type=positive,
                default=0.05,
                show_default=True,
                help="Fall of E_IS that is timed.",
            ),
            click.option(
                "--rise",
                type=click.FloatRange(0, 1, min_open=True),
                default=0.05,
                show_default=True,
                help="Rise of f_ico that is timed.",
            ),
            click.option(
                "--crystal",
                type=click.FloatRange(0, 1),
                default=0.3,
                show_default=True,
                help="Laves or close-packed share that is crystalline.",
            ),
            click.option(
                "--moving", is_flag=True, help="Measure frames as they moved, not inherent structures."
            ),
            click.option(
                "--jobs", type=click.IntRange(1), help="Processes.  [default: as many as pay, all cores]"
            ),
            click.option(
                "--format",
                type=click.Choice(["png", "pdf", "svg"]),
                default="png",
                show_default=True,
                help="Of figures.",
            ),
        )
    ):
        function = option(function)
    return function


@make_command(
    "analyze",
    epilog="Examples:\n  glasscli analyze\n  glasscli analyze anneal-*.h5 --measure all --jobs 4\n"
    "  glasscli analyze glass.lammps.gz --system wahnstrom --measure topology,icosahedra\n"
    "  glasscli analyze running.h5 --follow",
)
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--measure", "measures", metavar="NAME,...|all", help="What to measure; see --list.  [default: most]"
)
@click.option("--list", "listing", is_flag=True, help="Explain each measure.")
@click.option("--follow", is_flag=True, help="Measure a run while it goes on, until it is finished.")
@measuring_options
def command(
    files: tuple[Path, ...], measures: str | None, listing: bool, follow: bool, system_name: str | None,
    radii: str | None, q_range: str | None, **choices: Any,
) -> Outcome:  # fmt: skip
    """Measure FILES (default: anneal.h5, else quench.h5): icosahedra, g(r), displacements, relaxation.

    Tables (CSV) and figures are written beside each file, and the numbers into it under /analysis. Results of
    single frames are kept beside it too, so that a second analysis only computes what is missing. Files of other
    programs (LAMMPS data and dump, .gz, extended XYZ, GSD) get their energies from --system.
    """
    from glasscli.analysis.choices import Choices, parse_radii, parse_range
    from glasscli.analysis.driver import analyze_all
    from glasscli.analysis.registry import resolve
    from glasscli.model.system import load_system

    if listing:
        return _listing()
    names = resolve(measures)
    files = files or (_default(),)
    system = load_system(system_name) if system_name else None
    wish = Choices(
        radii=parse_radii(radii, system) if radii else None,
        q_range=parse_range(q_range, "--q-range") if q_range else None,
        **choices,
    )
    if follow:
        from glasscli.analysis.follow import until_finished

        until_finished(files, system, wish, names, lambda line: click.echo(line, err=True))
    results, notes = analyze_all(files, system, wish, names)
    text = "\n".join(_text(data, system) for data in results)
    return Outcome(results[0] if len(results) == 1 else {"files": results}, text, notes=notes)


def _listing() -> Outcome:
    from glasscli.analysis.registry import DEFAULT, MEASURES

    rows = [f"  {name:17} {'*' if name in DEFAULT else ' '} {m.explanation}" for name, m in MEASURES.items()]
    data = {name: {"explanation": m.explanation, "default": name in DEFAULT} for name, m in MEASURES.items()}
    return Outcome({"measures": data}, "\n".join([*rows, "  * measured by default"]))


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
    rows += _more(data)
    rows += [f"  wrote {path}" for path in (*data["figures"], *data["tables"])]
    return "\n".join(rows)


def _more(data: dict[str, Any]) -> list[str]:
    """Lines of the measures beyond the first ones."""
    number, rows = shared.number, []
    if ico := data.get("icosahedra"):
        axes = "".join(a for a, there in zip("xyz", ico["percolates"], strict=True) if there) or "no axis"
        rows.append(
            f"  icosahedra: largest cluster {ico['largest_cluster']} atoms, percolates along {axes}; f_ico by other "
            f"definitions ±{ico['systematic_error']:.3f}; Laves {ico['laves']['all']:.4f}, close-packed "
            f"{ico['close_packed']:.4f}"
        )
    if topology := data.get("topology"):
        last = topology["frames"][-1]
        orders = ", ".join(f"{n}: {count}" for n, count in last["modified"]["bond_order"].items())
        classes = ", ".join(f"({name}) {share:.4f}" for name, share in list(last["classes"].items())[:5])
        rows += [
            f"  topology: {last['bonds']} bonds, removed {last['excluded']}; modified orders {orders}",
            f"            classes {classes}; irregular {last['irregular']:.4f}",
        ]
    if r := data.get("R"):
        rows.append(f"  R {r['value']:.4f} (signed {r['signed']:+.4f}), q = {r['q1']:.2f} to {r['q2']:.2f}")
    if motion := (data.get("displacements") or {}).get("motion"):
        rows.append(f"  motion: msd {motion['msd'][-1]:.4g} after {motion['lag'][-1]} steps, tau_alpha "
                    f"{number(motion['tau_alpha'], '.3g')} steps")  # fmt: skip
    if (relaxation := data.get("relaxation")) and data["frames"] > 1:
        said = [f"E_IS down {relaxation['energy_drop']['of']:g}: {relaxation['energy_drop']['text']}",
                f"crystal: {relaxation['crystallisation']['text']}"]  # fmt: skip
        rows.append(f"  first times (steps): {'; '.join(said)}")
    return rows
