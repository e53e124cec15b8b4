"""`glasscli landscape barriers`: the passes between inherent structures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from glasscli.cli import options as shared
from glasscli.cli.edge import Outcome
from glasscli.cli.edge import command as make_command
from glasscli.cli.landscape.common import finite, keep, sample_options, smooth_option, stem_of, write

if TYPE_CHECKING:
    from glasscli.landscape.network import Network


@make_command(
    "barriers",
    epilog="Examples:\n  glasscli landscape barriers anneal.h5 --jobs 2\n"
    "  glasscli landscape barriers anneal.h5 --walltime 1:00:00\n"
    "  glasscli landscape barriers quench.h5 --search activation-relaxation --n 1000",
)
@sample_options
@smooth_option
@click.option("--jobs", type=click.IntRange(1), help="Processes.  [default: all cores]")
@click.option("--limit", type=click.IntRange(1), help="At most so many new transitions.")
@click.option(
    "--all", "every", is_flag=True, help="Also transitions whose displacement field was met before."
)
@click.option("--no-rates", is_flag=True, help="Leave attempt frequencies out.")
@click.option(
    "--search",
    type=click.Choice(["activation-relaxation"]),
    help="Instead: passes out of one inherent structure.",
)
@click.option(
    "--n", "attempts", type=click.IntRange(1), default=100, show_default=True, help="Attempts of --search."
)
@click.option("--frame", type=int, default=-1, show_default=True, help="Inherent structure of --search.")
@click.option("--seed", type=int, default=1, show_default=True, help="Of --search.")
@click.option("--walltime", metavar="[D-]H:M:S", help="Stop by then; the same command goes on.")
def command(
    file: Path, system_name: str | None, first: int, last: int | None, output: Path | None, no_figure: bool,
    format_: str, as_is: bool, jobs: int | None, limit: int | None, every: bool, no_rates: bool, search: str | None,
    attempts: int, frame: int, seed: int, walltime: str | None,
) -> Outcome:  # fmt: skip
    """Saddles, barriers and attempt frequencies of the transitions in FILE.

    Both ends are minimised again in a potential whose force has no jump, a band between them shows the passes, and each
    saddle is followed to |f| < 1e-6. Transitions of several steps are split. Results are kept one by one in
    FILE-landscape.db: interrupted, the same command goes on; several processes may share it.
    """
    if search:
        choices = (
            file,
            system_name,
            output,
            no_figure,
            format_,
            as_is,
            jobs,
            not no_rates,
            attempts,
            frame,
            seed,
        )
        return _search(*choices, walltime)
    from glasscli.analysis.parallel import available_cores
    from glasscli.errors import EXIT_DONE, EXIT_RESUMABLE
    from glasscli.landscape.barriers import cross
    from glasscli.landscape.catalogue import Catalogue, catalogue_path
    from glasscli.landscape.sample import open_sample, smooth
    from glasscli.progress import progress
    from glasscli.simulation.stopping import listening

    stem = stem_of(file, output)
    sample = open_sample(file, system_name, first, last)
    events = sample.events()
    minima = sample.minima(events)
    system = smooth(sample.system, as_is)
    stop = shared.stop_for(walltime)
    jumps = as_is and system.name == "wahnstrom"
    total = len(events.transitions if every else events.distinct)
    with (
        Catalogue(catalogue_path(file)) as catalogue,
        listening(stop),
        progress("barriers", total) as advance,
    ):
        found = cross(
            catalogue, events, minima, system, every=every, rates=not no_rates, jumping=jumps,
            jobs=jobs or available_cores(), limit=limit, stop=stop, advance=advance,
        )  # fmt: skip
    net = together(events, minima, found, system)
    data = summary(file, net, found, system, sample.system)
    missing = data["missing"]
    notes = keep(sample, "barriers", data)
    if jumps and data["share_lost"]:
        notes.append(
            f"{100 * data['share_lost']:.0f} % of the transitions were lost: lj/cut's force jumps at the cutoff, where "
            "saddles do not converge; without --as-is wahnstrom-smooth is taken"
        )
    rows = data["barriers"]
    columns = ("i", "j", "forward", "backward", "negative_eigenvalues", "converged", "max_force", "nu_forward",
               "nu_backward", "path_length", "atoms", "distance", "kind", "end_error")  # fmt: skip
    written = [
        write(
            stem.with_name(stem.name + "-barriers.csv"),
            columns,
            [["" if r[c] is None else r[c] for c in columns] for r in rows],
        )
    ]
    if not no_figure and rows:
        from glasscli.report import landscape_figure

        written += landscape_figure.barriers(stem, net, system.unit_system, format_)
    data["written"] = written
    if missing and not stop.reason and limit is None:
        notes.append(
            f"{missing} transitions are being computed by another process: give the command again for all"
        )
    notes += _slow(system)
    code = EXIT_RESUMABLE if missing and stop.reason else EXIT_DONE
    return Outcome(data, _text(file, data, system.energy_unit, written), code, notes)


def _search(
    file: Path, system_name: str | None, output: Path | None, no_figure: bool, format_: str, as_is: bool,
    jobs: int | None, rates: bool, attempts: int, frame: int, seed: int, walltime: str | None,
) -> Outcome:  # fmt: skip
    """Passes out of one inherent structure, by random pushes."""
    from glasscli.analysis.parallel import available_cores
    from glasscli.errors import EXIT_DONE, EXIT_RESUMABLE
    from glasscli.formats.columns import configuration
    from glasscli.landscape.barriers import JUMPING, Found, steps_of
    from glasscli.landscape.catalogue import Catalogue, catalogue_path
    from glasscli.landscape.network import network
    from glasscli.landscape.sample import open_sample, smooth
    from glasscli.landscape.search import explore
    from glasscli.landscape.surface import spacing
    from glasscli.progress import progress
    from glasscli.simulation.stopping import listening

    stem = stem_of(file, output)
    sample = open_sample(file, system_name)
    start = configuration(file, frame)
    system = smooth(sample.system, as_is)
    tolerance = JUMPING if system.name == "wahnstrom" else 1.0
    stop = shared.stop_for(walltime)
    with (
        Catalogue(catalogue_path(file)) as catalogue,
        listening(stop),
        progress("attempts", attempts) as advance,
    ):
        records, new = explore(
            catalogue, start, system, attempts, seed, rates=rates, tolerance=tolerance,
            jobs=jobs or available_cores(), stop=stop, advance=advance,
        )  # fmt: skip
    good = [r for r in records if r.get("steps")]
    net = network([], 0, start.box, spacing(start), tolerance)
    if good:
        net.put(0, good[0]["start"], float(good[0]["start_energy"]))
    for record in good:
        net.add(steps_of(record)[0])
    found = Found([str(k) for k in range(attempts)], {str(k): r for k, r in enumerate(records)}, new)
    data = summary(file, net, found, system, sample.system)
    data |= {"search": "activation-relaxation", "seed": seed, "frame": frame, "attempts": len(records)}
    data |= {"successful": len(good), "saddles": len(net.passes), "met_once": net.once}
    notes = keep(sample, "search", data)
    columns = (
        "i",
        "j",
        "forward",
        "backward",
        "nu_forward",
        "path_length",
        "atoms",
        "distance",
        "kind",
        "met",
    )
    table = [["" if r[c] is None else r[c] for c in columns] for r in data["barriers"]]
    written = [write(stem.with_name(stem.name + "-search.csv"), columns, table)]
    if not no_figure and net.passes:
        from glasscli.report import landscape_figure

        written += landscape_figure.barriers(
            stem.with_name(stem.name + "-search"), net, system.unit_system, format_
        )
    data["written"] = written
    line = f"{file}: {len(records)} attempts, {new} new; {len(good)} lead over {len(net.passes)} distinct saddles"
    if data["barriers"]:
        line += f", lowest barrier {min(r['forward'] for r in data['barriers']):.3g} {system.energy_unit}"
    text = [line, f"  {net.once} of the saddles were met once only", *(f"  wrote {path}" for path in written)]
    return Outcome(data, "\n".join(text), EXIT_RESUMABLE if stop.reason else EXIT_DONE, notes + _slow(system))


def _slow(system: Any) -> list[str]:
    """A note where LAMMPS computes every force."""
    from glasscli.engine.pair_tables import many_body

    style = many_body(system)
    return [f"{system.name} ({style}) is no sum over pairs: LAMMPS computes every force"] if style else []


def known(file: Path, system_name: str | None, first: int, last: int | None, as_is: bool) -> tuple[Any, ...]:
    """(sample, network of what the catalogue holds, first minimum, system) without computing anything new.

    Passes of transitions and of searches, in the same potential, count alike.
    """
    from glasscli.errors import InputError
    from glasscli.landscape.barriers import Found, potential, steps_of, transition_key
    from glasscli.landscape.catalogue import BARRIER, SEARCH, Catalogue, catalogue_path
    from glasscli.landscape.sample import open_sample, smooth

    path = catalogue_path(file)
    sample = open_sample(file, system_name, first, last)
    if not path.exists():
        raise InputError(f"{file} has no barriers yet: glasscli landscape barriers {file}")
    events = sample.events()
    minima = sample.minima(events)
    system = smooth(sample.system, as_is)
    keys = [transition_key(system, minima[e.i], minima[e.j]) for e in events.transitions]
    with Catalogue(path) as catalogue:
        records = {key: value for key, value in catalogue.all(BARRIER) if key in set(keys)}
        searched = [r for _, r in catalogue.all(SEARCH) if r.get("steps")]
    net = together(events, minima, Found(keys, records), system)
    for record in searched:
        if record.get("potential") == potential(system):
            net.add(steps_of(record)[0])
    return sample, net, minima[0], system


def together(events: Any, minima: Any, found: Any, system: Any) -> Network:
    """The network of everything in the catalogue."""
    from glasscli.landscape.barriers import JUMPING, transition_key
    from glasscli.landscape.network import network

    ends = []
    for event in events.transitions:
        record = found.records.get(transition_key(system, minima[event.i], minima[event.j]))
        if record is not None:
            ends.append((event.i, event.j, record))
    atoms = minima[0]
    spacing = (atoms.volume / atoms.n_atoms) ** (1 / 3)
    # A force that jumps leaves minima less sharp.
    tolerance = JUMPING if system.name == "wahnstrom" else 1.0
    return network(ends, len(events.minima), atoms.box, spacing, tolerance)


def summary(file: Path, net: Network, found: Any, system: Any, original: Any) -> dict[str, Any]:
    """The contract object."""
    import numpy as np

    rows = []
    for one, met in zip(net.passes, net.seen, strict=True):
        s = one.step
        rows.append(
            {
                "i": one.i, "j": one.j, "forward": one.forward, "backward": one.backward,
                "negative_eigenvalues": int(s["negative"]), "converged": bool(s["converged"]),
                "max_force": float(s["max_force"]),
                "nu_forward": s["frequencies"][0], "nu_backward": s["frequencies"][1],
                "path_length": float(s["path_length"]), "atoms": float(s["atoms"]), "distance": float(s["distance"]),
                "kind": s["shape"], "end_error": float(s["end_error"]), "met": met,
            }
        )  # fmt: skip
    records = list(found.records.values())
    good = [row for row in rows if row["converged"]]
    heights = [h for row in good for h in (row["forward"], row["backward"])]
    kinds = [row["kind"] == "string-like" for row in good]
    return {
        "file": str(file), "system": system.name, "re_minimised": system.name != original.name,
        "transitions": len(found.keys), "done": len(records), "missing": len(found.keys) - len(records),
        "new": found.computed, "failed": sum("failed" in r for r in records),
        "merged": sum(bool(r.get("merged")) for r in records),
        "complete": sum(bool(r.get("complete")) for r in records),
        "split": sum(int(r.get("steps", 0)) > 1 for r in records),
        "share_lost": sum(not (r.get("complete") or r.get("merged")) for r in records) / len(records)
        if records
        else None,
        "converged": len(good), "share_converged": len(good) / len(rows) if rows else None,
        "median_barrier": float(np.median(heights)) if heights else None,
        "string_share": float(np.mean(kinds)) if kinds else None,
        "mean_atoms": finite(float(np.mean([row["atoms"] for row in good]))) if good else None,
        "largest_end_error": max((row["end_error"] for row in rows), default=None),
        "cpu_seconds": sum(float(r.get("cpu_seconds", 0.0)) for r in records),
        "barriers": rows,
    }  # fmt: skip


def _text(file: Path, data: dict[str, Any], unit: str, written: list[str]) -> str:
    lines = [
        f"{file}: {data['done']} of {data['transitions']} transitions, {data['new']} new; "
        f"{data['complete']} crossed from end to end, {data['split']} in several steps, {data['merged']} have one "
        f"minimum in {data['system']}, {data['failed']} failed"
    ]
    if data["barriers"]:
        lines.append(
            f"  {data['converged']} of {len(data['barriers'])} saddles converged, median barrier "
            f"{shared.number(data['median_barrier'], '.3g')} {unit}; {shared.number(data['mean_atoms'], '.1f')} atoms "
            f"take part, {100 * (data['string_share'] or 0):.0f} % string-like; minima met again to "
            f"{data['largest_end_error']:.1e} {unit}"
        )
    return "\n".join(lines + [f"  wrote {path}" for path in written])
