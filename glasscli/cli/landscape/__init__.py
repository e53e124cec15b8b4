"""`glasscli landscape`: what lies between inherent structures."""

from __future__ import annotations

import os

import click

from glasscli.cli.edge import Lazy

# Matrices here are of one sample; several processes side by side do better than threads of the linear algebra.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

COMMANDS = {
    "events": "Distinct inherent structures that FILE visits, and what moves between them.",
    "barriers": "Saddles, barriers and attempt frequencies of the transitions in FILE.",
    "two-level": "Two-level systems along the barriers of FILE, their density, and the heat capacity they make.",
}


@click.group("landscape", cls=Lazy, package=__name__, lazy=COMMANDS)
def command() -> None:
    """Events between inherent structures, the barriers between them, and the two-level systems they make."""
