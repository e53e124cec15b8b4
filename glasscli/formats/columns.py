"""The files that theory commands read. The only place here that opens a glasscli file."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

from glasscli.errors import FileError, InputError, MissingFileError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from glasscli.configuration import Configuration
    from glasscli.store.run import Run

    Floats = NDArray[np.float64]


# Up to which S(q) is computed, over the mean spacing of atoms: beyond its second peak.
Q_MAX = 20.0


def configuration(path: Path, frame: int) -> Configuration:
    """Return one frame of any file that holds configurations."""
    from glasscli.formats.foreign import open_source

    found = open_source(path)
    if not -len(found) <= frame < len(found):
        raise InputError(f"{path} has {len(found)} frames, not a frame {frame}")
    return found[frame]


def relaxation(path: Path, quantity: str = "energy") -> tuple[list[str], list[Floats]]:
    """Return names and columns of a measured relaxation: time, value and perhaps its standard error.

    A glasscli file gives the energies of its inherent structures, or R between the first of them and each, against
    steps since the first.
    """
    from glasscli.store.reader import is_run, open_run

    if not is_run(path):
        return columns(path, (2, 3))
    import numpy as np

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
    import numpy as np

    from glasscli.observables.structure_factor import relaxation_parameter, structure_factor
    from glasscli.progress import progress

    factors, values = [], []
    with progress("structure factors", len(run.inherent), "structures") as advance:
        for done, configuration in enumerate(run.inherent, start=1):
            factors.append(structure_factor(configuration, Q_MAX / configuration.spacing))
            values.append(relaxation_parameter(factors[0], factors[-1]).value)
            advance(done)
    return np.array(values)


def columns(path: Path, counts: tuple[int, ...]) -> tuple[list[str], list[Floats]]:
    """Return the header (or '1', '2' ...) and the columns of a CSV file of numbers.

    Lines that start with # are skipped. Raises MissingFileError, and InputError naming the line that is not numbers.
    """
    import numpy as np

    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = [
                (i, row) for i, row in enumerate(csv.reader(file), 1) if row and not row[0].startswith("#")
            ]
    except FileNotFoundError:
        raise MissingFileError(f"{path} is not there") from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise FileError(f"{path} cannot be read as CSV: {error}") from error
    if not rows:
        raise InputError(f"{path} is empty")
    width = len(rows[0][1])
    if width not in counts:
        raise InputError(f"{path} has {width} columns; {' or '.join(map(str, counts))} are wanted")
    names = [f"{i}" for i in range(1, width + 1)]
    try:
        [float(cell) for cell in rows[0][1]]
    except ValueError:
        names = [cell.strip() for cell in rows.pop(0)[1]]
    values = []
    for line, row in rows:
        try:
            values.append([float(cell) for cell in row])
        except ValueError:
            raise InputError(f"{path}, line {line}: {','.join(row)!r} is not numbers") from None
        if len(row) != width:
            raise InputError(f"{path}, line {line}: {len(row)} columns instead of {width}")
    if not values:
        raise InputError(f"{path} has no rows of numbers")
    return names, list(np.array(values).T)
