"""`glasscli landscape barriers`: the passes between inherent structures."""

from __future__ import annotations

from pathlib import Path

import click

from glasscli.cli.beside import outputs_of
from glasscli.cli.edge import Outcome
from glasscli.cli.edge import command as make_command
from glasscli.cli.landscape.common import sample_options, smooth_option
from glasscli.errors import EXIT_DONE, EXIT_RESUMABLE
from glasscli.formats.source import reinterpreted
from glasscli.formats.species import by_hand
from glasscli.simulation.stopping import stop_for


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
@click.option("--n", "attempts", type=click.IntRange(1), default=100, help="Attempts of --search.")
@click.option("--frame", type=int, default=-1, help="Inherent structure of --search.")
@click.option("--seed", type=int, default=1, help="Of --search.")
@click.option("--walltime", metavar="[D-]H:M:S", help="Stop by then; the same command goes on.")
def command(
    file: Path, system_name: str | None, species: str | None, reinterpret: bool, forces: str | None,
    first: int, last: int | None, output: Path | None, no_figure: bool,
    format_: str, force: bool, dry_run: bool, as_is: bool, jobs: int | None, limit: int | None, every: bool,
    no_rates: bool,
    search: str | None, attempts: int, frame: int, seed: int, walltime: str | None,
) -> Outcome:  # fmt: skip
    """Saddles, barriers and attempt frequencies of the transitions in FILE.

    Both ends are minimised again in a potential whose force has no jump, a band between them shows the passes, and each
    saddle is followed to |f| < 1e-6. Transitions of several steps are split. Results are kept one by one in
    FILE-landscape.db: interrupted, the same command goes on; several processes may share it.
    """
    # The library of this command takes a second to load, which its help and a shell's completion need not wait for.
    from glasscli.landscape.passes import Passes, passes
    from glasscli.landscape.searched import Searched, searched

    notes = reinterpreted([file], system_name, reinterpret)
    names = (
        (("search",), ("search-barriers", "search-tree")) if search else (("barriers",), ("barriers", "tree"))
    )
    outputs, stop = outputs_of((file,), output, no_figure, format_, *names), stop_for(walltime)
    if dry_run:
        from glasscli.landscape.cost import barriers_cost, search_cost

        cost = (
            search_cost(
                file, system_name, frame=frame, attempts=attempts, seed=seed, as_is=as_is, rates=not no_rates,
                jobs=jobs, species=by_hand(species), forces=forces,
            )
            if search
            else barriers_cost(
                file, system_name, first, last, as_is=as_is, every=every, rates=not no_rates, jobs=jobs, limit=limit,
                species=by_hand(species), forces=forces,
            )
        )  # fmt: skip
        return Outcome(cost.data, cost.text(), notes=notes)
    found: Passes | Searched
    if search:
        found = searched(
            file, outputs, system_name, frame=frame, attempts=attempts, seed=seed, as_is=as_is, rates=not no_rates,
            jobs=jobs, stop=stop, species=by_hand(species), forces=forces,
        )  # fmt: skip
    else:
        found = passes(
            file, outputs, system_name, first, last, as_is=as_is, every=every, rates=not no_rates, jobs=jobs,
            limit=limit, stop=stop, species=by_hand(species), forces=forces,
        )  # fmt: skip
    code = EXIT_RESUMABLE if found.unfinished else EXIT_DONE
    return Outcome(found.data, found.text(), code, [*notes, *found.notes])
