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
    from glasscli.api import analyze as analyze
    from glasscli.api import open as open
    from glasscli.cli.call import call as call
    from glasscli.runs import anneal as anneal
    from glasscli.runs import hybrid as hybrid
    from glasscli.runs import quench as quench

__version__ = "0.1.0"
# What glasscli offers from here, and the file of each: `import glasscli` itself loads nothing.
OFFERED = {
    "open": "glasscli.api",
    "analyze": "glasscli.api",
    "quench": "glasscli.runs",
    "anneal": "glasscli.runs",
    "hybrid": "glasscli.runs",
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
