"""Many runs as one table from Python, and numbers as pandas and xarray have them."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from glasscli.analysis.result import plain
from glasscli.analysis.table import Table, read_table
from glasscli.analysis.table_plot import axes_of, plotted
from glasscli.analysis.table_text import html, text
from glasscli.errors import InputError, MissingPackageError, near
from glasscli.formats.snapshots import expanded

__all__ = ["OpenTable", "data_frame", "dataset", "table"]


class OpenTable:
    """Runs as rows, and the means of those that are samples of one protocol.

    rows, groups, failed   as in the --json of `glasscli table`
    """

    def __init__(self, found: Table) -> None:
        self.stored = found

    @property
    def rows(self) -> list[dict[str, Any]]:
        """A run each, by the names of columns."""
        return [plain(row.values) for row in self.stored.rows]  # type: ignore[misc]

    @property
    def groups(self) -> list[dict[str, Any]]:
        """{"by": what samples share, "n": how many, column: {"mean", "error", "n"}}."""
        return [plain(group.data) for group in self.stored.groups]  # type: ignore[misc]

    @property
    def failed(self) -> list[dict[str, str]]:
        """{"file", "reason"} of files that are no rows."""
        return [dict(vars(one)) for one in self.stored.failed]

    @property
    def notes(self) -> list[str]:
        """What people should know beside."""
        return self.stored.notes

    def where(self, *conditions: str) -> OpenTable:
        """The rows that meet conditions such as "T_f<0.55". Raises InputError."""
        return OpenTable(self.stored.where(conditions))

    def sort(self, *names: str) -> OpenTable:
        """In the order of columns, "-NAME" descending. Raises InputError."""
        return OpenTable(self.stored.sorted(names))

    def by(self, *names: str) -> OpenTable:
        """Grouped by these columns instead of all settings that differ. Raises InputError."""
        return OpenTable(self.stored.grouped(names))

    def to_pandas(self, name: str = "rows") -> Any:
        """Rows or groups as a pandas DataFrame; of groups the errors are columns COLUMN_error.

        Raises MissingPackageError without pandas.
        """
        if name == "rows":
            return data_frame(self.rows)
        if name != "groups":
            raise InputError(f"a table has rows and groups, no {name!r}{near(name, ('rows', 'groups'))}")
        return data_frame(
            [
                {**group.by, "n": group.n}
                | {k: v.mean for k, v in group.means.items()}
                | {f"{k}_error": v.error for k, v in group.means.items()}
                for group in self.stored.groups
            ]
        )

    def plot(self, columns: str, path: str | Path | None = None) -> Path:
        """Draw "Y:X" with error bars and return the figure, by default table-Y-X.png here. Raises InputError."""
        return plotted(self.stored, columns).draw(Path(path or "table-{}-{}.png".format(*axes_of(columns))))

    def fit(self, columns: str) -> list[dict[str, Any]]:
        """The lines through the means of "Y:X" as `fits` of `glasscli table --fit`. Raises InputError."""
        return [plain(one.data) for one in plotted(self.stored, columns).fits()]  # type: ignore[misc]

    def __len__(self) -> int:
        return len(self.stored.rows)

    def __repr__(self) -> str:
        return text(self.stored) or "a table without rows"

    def _repr_html_(self) -> str:
        return html(self.stored)


def table(*paths: str | Path, jobs: int | None = None) -> OpenTable:
    """The table of runs, files or folders of them (default: this one), as `glasscli table` tells it.

    Raises MissingFileError where there is no run; a damaged or unfinished one is among `failed`.
    """
    return OpenTable(read_table(expanded([Path(path) for path in paths]) or [Path()], jobs))


def data_frame(columns: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> Any:
    """A pandas DataFrame of columns or of rows. Raises MissingPackageError without pandas."""
    return _library("pandas").DataFrame(columns)


def dataset(
    variables: Mapping[str, tuple[Sequence[str], Any, Mapping[str, str]]],
    coordinates: Mapping[str, tuple[Sequence[str], Any, Mapping[str, str]]],
    attributes: Mapping[str, Any],
) -> Any:
    """An xarray Dataset of {name: (dimensions, values, attributes)}. Raises MissingPackageError without xarray."""
    return _library("xarray").Dataset(dict(variables), dict(coordinates), dict(attributes))


def _library(name: str) -> Any:
    """An optional library, imported when somebody wants its form of the numbers."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise MissingPackageError(
            f"{name} is not installed: pip install 'glasscli[{name}]'; the numbers are NumPy arrays without it"
        ) from error
