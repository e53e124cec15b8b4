"""What the shell completes: systems, measures, phases. Each is looked up when somebody asks for it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click
from click.shell_completion import CompletionItem


def systems(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Systems by name, the user's own too, and TOML files."""
    from glasscli.model.system import SYSTEMS

    return _of([*SYSTEMS.names(), *_files(incomplete)], incomplete)


def measures(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Measures, the last of a list that is being written."""
    from glasscli.analysis.registry import MEASURES

    before, comma, last = incomplete.rpartition(",")
    return _of([f"{before}{comma}{name}" for name in (*MEASURES, "all")], f"{before}{comma}{last}")


def phases(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Crystals and what else is built, by species of the system that is named before."""
    from glasscli.model.system import load_system
    from glasscli.structures.phases import COMPOUNDS, ELEMENTS, NETWORKS

    names = [s.name for s in load_system(ctx.params.get("system_name") or "wahnstrom").species]
    others = ("random", "nanocomposite") if param.name == "phase" else ()
    of_species = [f"{element}-{name}" for element in ELEMENTS for name in (*names, "small", "large")]
    return _of([*ELEMENTS, *of_species, *COMPOUNDS, *NETWORKS, *others], incomplete)


def _files(incomplete: str) -> Iterable[str]:
    folder = Path(incomplete or ".").parent if "/" in incomplete else Path()
    return [str(path) for path in sorted(folder.glob("*.toml"))]


def _of(names: Iterable[str], incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]
