"""glasscli: quench, anneal and understand computer glasses with LAMMPS and OVITO.

import glasscli
run = glasscli.open("anneal.h5")
run.inherent_energy, run.frames[-1].positions
glasscli.call("analyze", "anneal.h5", measure="icosahedra")
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from glasscli.api.files import analyze as analyze
    from glasscli.api.files import open as open
    from glasscli.api.runs import anneal as anneal
    from glasscli.api.runs import hybrid as hybrid
    from glasscli.api.runs import quench as quench
    from glasscli.api.tables import table as table
    from glasscli.cli.call import call as call

__version__ = "0.1.0"
# What glasscli offers from here, and the file of each: `import glasscli` itself loads nothing.
OFFERED = {
    "open": "glasscli.api.files",
    "analyze": "glasscli.api.files",
    "table": "glasscli.api.tables",
    "quench": "glasscli.api.runs",
    "anneal": "glasscli.api.runs",
    "hybrid": "glasscli.api.runs",
    "call": "glasscli.cli.call",
}
__all__ = ["__version__", *OFFERED]


def __getattr__(name: str) -> Any:
    """Import what is offered when somebody asks for it."""
    if name in OFFERED:
        return getattr(importlib.import_module(OFFERED[name]), name)
    raise AttributeError(f"module 'glasscli' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
