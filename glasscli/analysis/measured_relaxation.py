"""A measured relaxation as columns: from a table, or from the inherent structures of a run."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from glasscli.configuration import Floats
from glasscli.errors import InputError
from glasscli.formats.columns import columns
from glasscli.observables.structure_factor import relaxation_parameter, structure_factor
from glasscli.progress import progress
from glasscli.store.reader import is_run, open_run
from glasscli.store.run import Run

# Up to which S(q) is computed, over the mean spacing of atoms: beyond its second peak.
Q_MAX = 20.0


def measured_relaxation(path: Path, quantity: str = "energy") -> tuple[list[str], list[Floats]]:
    """Return names and columns of a measured relaxation: time, value and perhaps its standard error.

    A glasscli file gives the energies of its inherent structures, or R between the first of them and each, against
    steps since the first.
    """
    if not is_run(path):
        return columns(path, (2, 3))
    run = open_run(path)
    found = run.inherent_table
    if len(found.get("step", ())) < 2:
        raise InputError(f"{path} holds no inherent structures to fit; anneal with --inherent-every")
    steps = np.asarray(found["step"], float)
    if quantity == "R":
        return ["steps", "R"], [steps - steps[0], _relaxation_parameters(run)]
    return ["steps", "E_IS"], [steps - steps[0], np.asarray(found["inherent_energy"], float)]


def _relaxation_parameters(run: Run) -> Floats:
    """[n] R of each inherent structure against the first, in the interval of the first's second peak."""
    factors, values = [], []
    with progress("structure factors", len(run.inherent), "structures") as advance:
        for done, configuration in enumerate(run.inherent, start=1):
            factors.append(structure_factor(configuration, Q_MAX / configuration.spacing))
            values.append(relaxation_parameter(factors[0], factors[-1]).value)
            advance(done)
    return np.array(values)
