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
    from glasscli.api import call as call
    from glasscli.api import open as open

__version__ = "0.1.0"
__all__ = ["__version__", "call", "open"]


def __getattr__(name: str) -> Any:
    """Open the door when somebody comes: `import glasscli` itself loads nothing."""
    if name in ("open", "call"):
        return getattr(importlib.import_module("glasscli.api"), name)
    raise AttributeError(f"module 'glasscli' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
