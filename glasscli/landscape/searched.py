"""What `glasscli landscape barriers --search` answers: the passes out of one inherent structure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from glasscli.analysis.workers import available_cores
from glasscli.engine.own.choice import whose
from glasscli.landscape.barriers import tolerance_of
from glasscli.landscape.catalogue import Catalogue, catalogue_path
from glasscli.landscape.known import slow
from glasscli.landscape.network import network
from glasscli.landscape.passes import Passes, barriers_of, draw
from glasscli.landscape.sample import open_sample, smooth
from glasscli.landscape.search import explore
from glasscli.landscape.surface import spacing
from glasscli.progress import progress
from glasscli.report.beside import Outputs, wrote
from glasscli.simulation.stopping import Stop, listening

METHOD = "activation-relaxation"
COLUMNS = (
    "pass",
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


@dataclass(frozen=True)
class Searched:
    """Attempts from one minimum and the passes that they found.

    successful  attempts that lead over a saddle out of it; once: saddles met once only
    """

    passes: Passes
    seed: int
    frame: int
    successful: int
    once: int
    unfinished: bool = False
    notes: list[str] = field(default_factory=list)
    written: list[str] = field(default_factory=list)

    @property
    def results(self) -> dict[str, Any]:
        """What is kept in the run's own file."""
        return self.passes.results | {
            "search": METHOD,
            "seed": self.seed,
            "frame": self.frame,
            "attempts": len(self.passes.records),
            "successful": self.successful,
            "saddles": len(self.passes.barriers),
            "met_once": self.once,
        }

    @property
    def data(self) -> dict[str, Any]:
        """The contract object."""
        return self.results | {"written": self.written}

    def text(self) -> str:
        """Lines for people, in the system's units."""
        found = self.passes
        line = (
            f"{found.file}: {len(found.records)} attempts, {found.new} new; {self.successful} lead over "
            f"{len(found.barriers)} distinct saddles"
        )
        if found.barriers:
            lowest = min(one.forward for one in found.barriers)
            line += f", lowest barrier {lowest:.3g} {found.system.energy_unit}"
        return "\n".join([line, f"  {self.once} of the saddles were met once only", *wrote(self.written)])


def searched(
    file: Path, outputs: Outputs, system_name: str | None = None, *, frame: int = -1, attempts: int = 100,
    seed: int = 1, as_is: bool = False, rates: bool = True, jobs: int | None = None, stop: Stop | None = None,
    species: Sequence[str] | None = None, forces: str | None = None,
) -> Searched:  # fmt: skip
    """Make the random pushes from one frame of a file that its catalogue lacks; write the table and figures of all.

    as_is: in the file's own system. rates: attempt frequencies too. jobs: processes, all cores by default.
    species: of a foreign file's types, by hand. forces: whose are wanted, see `engine.own.choice`.
    Raises InputError for a frame that is not there.
    """
    stop = stop or Stop()
    sample = open_sample(file, system_name, species=species, forces=forces)
    start = sample.frame(frame)
    system = smooth(sample.system, as_is)
    tolerance = tolerance_of(system)
    with (
        Catalogue(catalogue_path(file), mend=True) as catalogue,
        listening(stop),
        progress("attempts", attempts) as advance,
    ):
        records, new = explore(
            catalogue, start, system, attempts, seed, rates=rates, tolerance=tolerance,
            jobs=jobs or available_cores(), stop=stop, advance=advance, forces=forces,
        )  # fmt: skip
    good = [one for one in records if one.passes]
    net = network([], 0, start.box, spacing(start), tolerance)
    if good and good[0].start is not None:
        net.put(0, good[0].start, good[0].start_energy)
    for one in good:
        net.add(one.passes[0])
    found = Passes(
        file,
        system,
        sample.differs(system),
        attempts,
        new,
        records,
        barriers_of(net),
        whose(system, forces, start.box),
    )
    answer = Searched(found, seed, frame, len(good), net.once, bool(stop.reason))
    notes = sample.remarks + sample.keep("search", answer.results)
    written = [
        outputs.table("search", COLUMNS, [one.cells(COLUMNS) for one in found.barriers], system.unit_system)
    ]
    if outputs.figures and net.passes:
        written += draw(outputs.beside("search"), net, system)
    return replace(answer, notes=[*notes, *catalogue.notes, *slow(system)], written=written)
