"""Equilibrium from both sides: two runs that began above and below it, can no longer be told from each other,
and crystallise no more than they drift."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from glasscli.analysis.summary import course
from glasscli.configuration import Floats
from glasscli.errors import InputError
from glasscli.observables.equilibration import EQUILIBRATED, SIGNIFICANT, verdict
from glasscli.store.reader import open_run
from glasscli.store.run import Run

CERTIFIED, NOT = "certified", "not certified"


@dataclass(frozen=True)
class Certificate:
    """What two runs at one temperature say of equilibrium.

    verdict          "certified" or "not certified"; reason: the numbers, as a sentence
    other            the other run; temperature: at which both ended
    first, first_of_other  E_IS with which each began there: above and below what both came to
    difference       mean E_IS of the last half minus the other's, with its error
    """

    verdict: str
    reason: str
    other: str
    temperature: float
    first: float
    first_of_other: float
    difference: float | None
    difference_error: float | None

    @property
    def data(self) -> dict[str, Any]:
        """The contract object."""
        return asdict(self)

    def text(self) -> str:
        """For people."""
        return f"  {self.verdict} as equilibrium at T = {self.temperature:g}: {self.reason}"


def at_last_temperature(run: Run) -> np.ndarray:
    """[I] which inherent structures were found at the temperature with which the run ended."""
    protocol, steps = run.manifest.protocol, run.inherent_table["step"]
    last = protocol.temperature_at(protocol.steps)
    return np.array([protocol.temperature_at(int(step)) == last for step in steps], dtype=bool)


def certificate(run: Run, path: Path) -> Certificate:
    """What a run and another say together. Raises InputError for two that cannot be compared."""
    other = open_run(path)
    one, two = run.manifest, other.manifest
    ends = [m.protocol.temperature_at(m.protocol.steps) for m in (one, two)]
    if one.system.commands != two.system.commands or one.protocol.counts != two.protocol.counts:
        raise InputError(
            f"{path} is of other atoms than {run.path}: a certificate compares two runs of one mixture"
        )
    if abs(ends[0] / ends[1] - 1) > 1e-9:
        raise InputError(
            f"{path} ended at T = {ends[1]:g}, {run.path} at {ends[0]:g}: a certificate needs one temperature"
        )
    held = [at_last_temperature(r) for r in (run, other)]
    ours, hers = (r.inherent_table["inherent_energy"][h] for r, h in zip((run, other), held, strict=True))
    if min(len(ours), len(hers)) < 2:
        raise InputError(f"{run.path} and {path} need inherent structures: leave --inherent-every 0 out")
    shares = [course(r)[0].get("crystalline") for r in (run, other)]
    mine, theirs = (None if share is None else share[h] for share, h in zip(shares, held, strict=True))
    ways = verdict(ours, mine, other=hers), verdict(hers, theirs, other=ours)
    apart = _sides(ours, hers)
    good = all(way.label == EQUILIBRATED for way in ways) and not apart
    reason = "; ".join(filter(None, [apart, f"this run: {ways[0].reason}", f"the other: {ways[1].reason}"]))
    return Certificate(
        CERTIFIED if good else NOT, reason, str(path), ends[0], float(ours[0]), float(hers[0]), ways[0].difference,
        ways[0].difference_error,
    )  # fmt: skip


def _sides(ours: Floats, theirs: Floats) -> str:
    """Why the two did not begin on either side of where they are; '' where they did."""
    middle = float(np.concatenate([ours[len(ours) // 2 :], theirs[len(theirs) // 2 :]]).mean())
    spread = SIGNIFICANT * float(np.std(np.concatenate([ours[len(ours) // 2 :], theirs[len(theirs) // 2 :]])))
    high, low = max(ours[0], theirs[0]), min(ours[0], theirs[0])
    if high < middle + spread:
        return f"neither began well above where they are ({high:.4f}, now {middle:.4f})"
    if low > middle - spread / SIGNIFICANT:
        return f"neither began below where they are ({low:.4f}, now {middle:.4f})"
    return ""
