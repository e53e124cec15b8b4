"""`glasscli analyze`: what happened in a run, or what is in any structure file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from glasscli.analysis.choices import chosen
from glasscli.analysis.driver import analyze_all, measure_part
from glasscli.analysis.parts import Part
from glasscli.analysis.registry import listing, resolve
from glasscli.analysis.workers import forked
from glasscli.cli import complete
from glasscli.cli import options as shared
from glasscli.cli.claims import claims, force_option
from glasscli.cli.edge import Outcome
from glasscli.cli.edge import command as make_command
from glasscli.errors import InputError, MissingFileError
from glasscli.formats.snapshots import expanded
from glasscli.formats.source import reinterpreted
from glasscli.model.system import load_system
from glasscli.shown import shown

POSITIVE = click.FloatRange(0, min_open=True)

measuring_options = shared.stack(
    shared.own_system_option,
    shared.species_option,
    shared.box_option,
    shared.reinterpret_option,
    click.option(
        "--radii", metavar="R1,R2|system", help="Radical Voronoi with these radii, in the order of species."
    ),
    click.option(
        "--edge-threshold", type=click.FloatRange(0), default=0.0, help="Drop shorter Voronoi edges."
    ),
    click.option(
        "--face-threshold", type=click.FloatRange(0), default=0.0, help="Drop smaller Voronoi faces."
    ),
    click.option("--bin-width", type=POSITIVE, help="Of g(r).  [default: 0.02 in lj units, 0.05 Å]"),
    click.option("--bins", type=click.IntRange(2), help="Of g(r) up to its cutoff, instead of --bin-width."),
    click.option("--cutoff", type=POSITIVE, help="Of g(r).  [default: half the box or 10 spacings]"),
    click.option(
        "--bond-cutoffs",
        metavar="A-B=LENGTH,...",
        help="How long bonds are, of these pairs.  [default: the first minima of their g(r)]",
    ),
    click.option("--formers", metavar="Si,Al", help="Species that form the network.  [default: by element]"),
    click.option("--pdf-frames", type=click.IntRange(1), default=10, help="Last frames to average."),
    click.option("--lag", type=click.IntRange(1), default=1, help="Frames between displaced ones."),
    click.option("--q-max", type=POSITIVE, help="Largest q of S(q).  [default: 26/spacing]"),
    click.option("--q-width", type=POSITIVE, default=0.1, help="Bins of S(q)."),
    click.option("--q-range", metavar="Q1,Q2", help="Interval of R.  [default: the second peak of S(q)]"),
    click.option(
        "--reference",
        metavar="FILE[:FRAME]",
        help="Measure R from here [default: the first frame]; compare E_IS.",
    ),
    click.option("--q", type=POSITIVE, help="Of F_s.  [default: the first peak of S(q)]"),
    click.option(
        "--of",
        metavar="A,...",
        help="Motion (F_s, MSD, ...) of these species alone; --species says what types are.  [default: all]",
    ),
    click.option(
        "--origins",
        type=click.IntRange(1),
        default=20,
        help="In time, averaged at each lag.",
    ),
    click.option("--drop", type=POSITIVE, default=0.05, help="Fall of E_IS that is timed."),
    click.option(
        "--rise",
        type=click.FloatRange(0, 1, min_open=True),
        default=0.05,
        help="Rise of f_ico that is timed.",
    ),
    click.option(
        "--crystal",
        type=click.FloatRange(0, 1),
        default=0.3,
        help="Laves or close-packed share that is crystalline.",
    ),
    click.option("--moving", is_flag=True, help="Measure frames as they moved, not inherent structures."),
    click.option(
        "--minimise", is_flag=True, help="Make inherent structures of the frames, and measure those."
    ),
    shared.forces_option,
    shared.style_option,
    click.option("--jobs", type=click.IntRange(1), help="Processes.  [default: as many as pay, all cores]"),
    shared.format_option,
)


@make_command(
    "analyze",
    epilog="Examples:\n  glasscli analyze\n  glasscli analyze anneal-*.h5 --measure all --jobs 4\n"
    "  glasscli analyze glass.lammps.gz --system wahnstrom --measure topology,icosahedra\n"
    "  glasscli analyze 'd.*.dump' --trajectory --system kob-andersen --minimise\n"
    "  glasscli analyze theirs.dump --measure displacements --species A,B --of A --q 7.25\n"
    "  glasscli analyze anneal-*.h5 --average\n  glasscli analyze running.h5 --follow",
)
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--measure",
    "measures",
    metavar="NAME,...|all",
    shell_complete=complete.measures,
    help="What to measure; see --list.  [default: most]",
)
@click.option("--list", "only_list", is_flag=True, help="Explain each measure.")
@click.option(
    "--trajectory", is_flag=True, help="FILES are snapshots of one trajectory: measure them as one."
)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), metavar="STEM",
    help="Write STEM-*; with several files STEM-FILE-*.  [default: FILE-* beside each]",
)  # fmt: skip
@force_option
@click.option(
    "--average", is_flag=True,
    help="Means of functions over samples of one protocol, with errors; of several protocols side by side.",
)  # fmt: skip
@click.option("--follow", is_flag=True, help="Measure a run while it goes on, until it is finished.")
@click.option(
    "--part", metavar="K/N",
    help="Measure the K-th of N parts of the frames alone, for a later call to take in; see `submit --parts`.",
)  # fmt: skip
@shared.dry_run_option
@measuring_options
def command(
    files: tuple[Path, ...], measures: str | None, only_list: bool, trajectory: bool, average: bool, follow: bool,
    part: str | None, dry_run: bool, output: Path | None, force: bool, system_name: str | None, reinterpret: bool,
    **choices: Any,
) -> Outcome:  # fmt: skip
    """Measure FILES (default: anneal.h5, else quench.h5): icosahedra, g(r), displacements, relaxation.

    Tables (CSV) and figures are written beside each file, and the numbers into it under /analysis. Results of
    single frames are kept beside it too, so that a second analysis only computes what is missing. Files of other
    programs (LAMMPS, XYZ, GSD, NetCDF, H5MD and more; .gz, .bz2, .xz, .zst) get their energies from --system; several
    snapshot files are one trajectory with --trajectory, sorted by step. Quoted patterns ('d.*.dump') are expanded.
    """
    if only_list:
        return Outcome(*listing())
    names = resolve(measures)
    files = tuple(expanded(files)) or (_default(),)
    system = load_system(system_name) if system_name else None
    notes = reinterpreted(files, system_name, reinterpret)
    wish, mine = chosen(system, **choices), claims(files)
    if dry_run:
        if part or follow:
            raise InputError("--dry-run is of a whole analysis: leave --part and --follow out")
        from glasscli.analysis.cost import analysis_cost  # what plans runs takes its time to load

        cost = analysis_cost(files, system, wish, names, trajectory, output, mine)
        return Outcome(cost.data, cost.text(), notes=notes)
    with forked(wish.jobs):
        if part:
            if average or follow:
                raise InputError("--part measures single frames: leave --average and --follow out")
            done = measure_part(files, system, wish, Part.parse(part), names, trajectory, output, mine)
            rows = [one.data for one in done]
            said = "\n".join(one.text() for one in done)
            return Outcome(rows[0] if len(rows) == 1 else {"files": rows}, said, notes=notes)
        if follow:
            from glasscli.analysis.follow import until_finished

            until_finished(
                files, system, wish, names, lambda line: click.echo(shown(line), err=True), output, mine
            )
        analyses = analyze_all(files, system, wish, names, trajectory, output, mine, one_q=average)
        data = [analysis.data for analysis in analyses]
        text = "\n".join(analysis.text(analysis.units) for analysis in analyses)
        notes += [note for analysis in analyses for note in analysis.notes]
        if average:
            from glasscli.analysis.average import of_analyses  # what averages vibrations, too

            found = of_analyses(analyses, mine, output, wish.format)
            return Outcome({"files": data} | found.data, f"{text}\n{found.text()}", notes=notes)
        return Outcome(data[0] if len(data) == 1 else {"files": data}, text, notes=notes)


def _default() -> Path:
    for name in ("anneal.h5", "quench.h5"):
        if Path(name).exists() or Path(name + ".partial").exists():
            return Path(name)
    raise MissingFileError("no anneal.h5 or quench.h5 in this folder: name the file to analyze")
