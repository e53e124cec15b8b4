"""How figures look: one sheet, light or dark, and the user's own matplotlib style on top of it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glasscli.errors import InputError, MissingFileError, near
from glasscli.limits import TOML
from glasscli.report.palette import BLACK, CYCLE

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SHEET: dict[str, Any] = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 8,
    "axes.labelsize": 8.5,
    "axes.titlesize": 8.5,
    "axes.linewidth": 0.7,
    "axes.spines.top": True,
    "axes.spines.right": True,
    "xtick.direction": "in",
    "ytick.direction": "in",
    "xtick.top": True,
    "ytick.right": True,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.minor.width": 0.4,
    "ytick.minor.width": 0.4,
    "xtick.labelsize": 7.5,
    "ytick.labelsize": 7.5,
    "legend.frameon": False,
    "legend.fontsize": 7.5,
    "lines.linewidth": 1.1,
    "lines.markersize": 3.0,
    "axes.formatter.useoffset": False,
    "svg.fonttype": "none",
    "pdf.fonttype": 42,
    "savefig.facecolor": "auto",
}
PAPER, INK = "#1B1B1F", "#E6E6E6"  # of the dark sheet
DARK: dict[str, Any] = dict.fromkeys(("figure.facecolor", "axes.facecolor"), PAPER) | dict.fromkeys(
    ("text.color", "axes.edgecolor", "axes.labelcolor", "xtick.color", "ytick.color"), INK
)
SHEETS: dict[str, dict[str, Any]] = {"light": {}, "dark": DARK}
# What a style may not say: it would let a program run, or change more than looks.
REFUSED = (
    "text.usetex",
    "text.latex",
    "pgf.",
    "backend",
    "animation.",
    "savefig.directory",
    "toolbar",
    "datapath",
)
_chosen: dict[str, Any] = {}


def choose(text: str | None) -> None:
    """Take "light", "dark" or a matplotlib style file for all figures from now on; None for the light sheet.

    Raises MissingFileError, InputError for what is no style.
    """
    _chosen.clear()
    if text is None:
        return
    if text in SHEETS:
        _chosen.update(SHEETS[text])
        return
    path = Path(text)
    if not path.is_file():
        if "/" in text or "." in text:
            raise MissingFileError(f"{path}: no such style file")
        raise InputError(f"--style {text!r}: no sheet of that name, and no file{near(text, SHEETS)}")
    TOML.check(path.stat().st_size, str(path), InputError)
    from matplotlib import rc_params_from_file

    logger = logging.getLogger("matplotlib")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        found = rc_params_from_file(path, fail_on_error=True, use_default_template=False)
    except (ValueError, KeyError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: no style of matplotlib: {' '.join(str(error).split())}") from error
    finally:
        logger.setLevel(before)
    if not found:
        raise InputError(f"{path}: no style of matplotlib: it says nothing")
    _chosen.update({key: value for key, value in found.items() if not key.startswith(REFUSED)})


def chosen() -> dict[str, Any]:
    """What was chosen beyond our sheet."""
    return dict(_chosen)


@contextmanager
def styled() -> Iterator[None]:
    """Our style on matplotlib's own, not on a `matplotlibrc` of the folder one works in: it may let TeX run things."""
    import matplotlib

    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        from cycler import cycler

        parameters: Any = matplotlib.rcParams
        parameters.update(SHEET | {"axes.prop_cycle": cycler(color=CYCLE)} | _chosen)
        yield


def legible(figure: Figure) -> None:
    """On a dark ground draw black and dark greys in light ink, and pale greys, which stay behind, dark."""
    from matplotlib.colors import to_hex, to_rgb
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch
    from matplotlib.text import Text

    if sum(to_rgb(figure.get_facecolor())) > 1.5:
        return

    def unseen(colour: Any) -> bool:
        red, green, blue = to_rgb(colour) if colour != "none" else (1.0, 1.0, 1.0)
        return (red == green == blue and red < 0.45) or to_hex(colour) == BLACK

    for line in figure.findobj(Line2D):
        red, green, blue = to_rgb(line.get_color())
        if unseen(line.get_color()):
            line.set_color(INK)
        elif red == green == blue and 0.6 < red < 0.85:
            line.set_color(str(1.05 - red))
        if unseen(line.get_markerfacecolor()):
            line.set_markerfacecolor(INK)
    for text in figure.findobj(Text):
        if sum(to_rgb(text.get_color())) < 1.5:
            text.set_color(INK)
    for patch in figure.findobj(Patch):
        if patch is not figure.patch and to_hex(patch.get_facecolor()) == BLACK:
            patch.set_facecolor(INK)
