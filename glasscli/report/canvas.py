"""The paper both figures and pages are drawn on: one style, one way to save."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from glasscli.configuration import Floats
from glasscli.errors import FileError, InputError, near
from glasscli.report.style import legible, styled
from glasscli.shown import shown
from glasscli.store.files import replacing

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure

FORMATS = ("png", "pdf", "svg")
SINGLE, DOUBLE = 3.4, 7.0  # inches: one and two columns of a journal page
DPI = 220


def picture(path: Path, format: str | None = None) -> tuple[Path, str]:
    """Where a figure of this name goes, and its format: as given, else as the name says, else png.

    Raises InputError for a format that is none.
    """
    known = path.suffix[1:].lower() in FORMATS
    chosen = (format or (path.suffix[1:] if known else "png")).lower()
    if chosen not in FORMATS:
        raise InputError(f"figures cannot be written as {chosen!r}{near(chosen, FORMATS)}")
    return path.with_suffix(f".{chosen}") if known else path.with_name(f"{path.name}.{chosen}"), chosen


def load() -> None:
    """Load what drawing takes of matplotlib."""
    import matplotlib
    import matplotlib.artist

    # A quarter of matplotlib's import goes into docstrings of setters, which nobody reads here.
    if hasattr(matplotlib.artist.Artist, "_update_set_signature_and_docstring"):
        matplotlib.artist.Artist._update_set_signature_and_docstring = classmethod(lambda cls: None)
    import matplotlib.backends.backend_agg
    import matplotlib.figure


@contextmanager
def drawing(
    path: str | Path, format: str | None, width: float, height: float
) -> Iterator[tuple[Figure, Path]]:
    """Give an empty figure and the path it will have; when the block ends it is saved there, whole or not at
    all.

    format: png, pdf or svg; None takes it from the path, and png where that has none. width, height: inches.
    Raises InputError for another format, FileError when the file cannot be written.
    """
    path, chosen = picture(Path(path), format)
    load()
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    # No pyplot: it keeps figures alive and asks for a display.
    with styled():
        figure = Figure(figsize=(width, height), dpi=DPI, layout="constrained")
        FigureCanvasAgg(figure)
        yield figure, path
        try:
            with replacing(path) as scratch:
                legible(figure)
                _laid_out(figure)
                figure.savefig(scratch, format=chosen, dpi=DPI)
        except OSError as error:
            raise FileError(f"{path}: cannot be written: {error.strerror or error}") from error


def _laid_out(figure: Figure) -> None:
    """Find room for everything once: matplotlib does so whenever it draws, and it draws twice to save a figure."""
    if (engine := figure.get_layout_engine()) is not None:
        engine.execute(figure)
        figure.set_layout_engine(None)


def label_of(name: str) -> str:
    """A file's name as a label: seen as it is, neither mathematics nor hidden by its first letter."""
    text = shown(name).replace("$", r"\$")
    return f" {text}" if text.startswith("_") else text


def minor_ticks(*axes: Axes) -> None:
    """Put minor ticks on linear axes, and numbers on short logarithmic ones."""
    from matplotlib.ticker import AutoMinorLocator

    for one in axes:
        for axis in (one.xaxis, one.yaxis):
            if axis.get_scale() == "linear":
                axis.set_minor_locator(AutoMinorLocator(2))
            else:
                few_decades(axis)


def bins(values: Floats, count: int) -> list[float]:
    """[count + 1] edges of a histogram of values; where they are all alike (a crystal's), of some width about them."""
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 1.0)
    size = max(abs(low), abs(high))
    # Rounding is no spread.
    if high - low <= 1e-9 * size or high == low:
        half = 0.01 * size or 0.5
        low, high = low - half, high + half
    return [float(edge) for edge in np.linspace(low, high, count + 1)]


def with_error(value: float, error: float | None) -> str:
    """Return 'value ± error' with the digits that the error leaves meaning; without one, four digits."""
    if error is None or not error > 0:
        return f"{value:.4g}".replace("-", "−")
    from math import floor, log10

    digits = max(0, min(8, 1 - floor(log10(error))))
    return f"{value:.{digits}f} ± {error:.{digits}f}".replace("-", "−")


def short_numbers(axis: Axis) -> None:
    """Write long numbers, such as steps, as 1, 2, 3 with a common power of ten at the end of the axis."""
    from matplotlib.ticker import ScalarFormatter

    formatter = ScalarFormatter(useMathText=True)
    formatter.set_powerlimits((-4, 5))
    axis.set_major_formatter(formatter)


def few_decades(axis: Axis) -> None:
    """Write 0.02, 0.05, 0.1 on a logarithmic axis of less than two decades, where powers of ten alone say little."""
    from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

    low, high = sorted(axis.get_view_interval())
    if axis.get_scale() != "log" or not 0 < low < high < 100 * low:
        return
    axis.set_major_locator(
        LogLocator(subs=(1.0, 2.0, 5.0) if high > 4 * low else (1.0, 1.5, 2.0, 3.0, 5.0, 7.0))
    )
    axis.set_major_formatter(StrMethodFormatter("{x:g}"))
    axis.set_minor_formatter(NullFormatter())
