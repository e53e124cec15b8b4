"""Starts the engine that a launch asks for, and times accelerators for the one that asks for the fastest."""

from __future__ import annotations

import re
import subprocess
import time
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from glasscli.engine.contract import Engine
from glasscli.engine.deck import Deck, FileStart, Start
from glasscli.engine.external import ExternalEngine
from glasscli.engine.installed import installed_version, instance
from glasscli.engine.launch import ACCELERATORS, IN_PROCESS, LAMMPS, OWN, Launch, environment
from glasscli.engine.library import LibraryEngine
from glasscli.engine.own.choice import refusal, whose
from glasscli.engine.own.engine import OwnEngine
from glasscli.errors import EngineError, InputError
from glasscli.model.system import System

WARM_STEPS, TIMED_SECONDS, LONG, SKINS = 20, 0.1, 10**9, (0.75, 1.0, 1.5)
# Which package brings a pair style that builds often lack.
_PACKAGES = {
    "eam": "MANYBODY", "eam/alloy": "MANYBODY", "eam/fs": "MANYBODY", "sw": "MANYBODY", "tersoff": "MANYBODY",
    "vashishta": "MANYBODY", "meam": "MEAM", "buck/coul/long": "KSPACE", "coul/long": "KSPACE", "lepton": "LEPTON",
    "lj/smooth": "EXTRA-PAIR", "lj/smooth/linear": "EXTRA-PAIR", "mie/cut": "EXTRA-PAIR",
}  # fmt: skip


@dataclass(frozen=True)
class LaunchWish:
    """How LAMMPS is to be run, as asked for; None means as before."""

    ranks: int | None = None
    lmp: str | None = None
    accelerator: str | None = None
    forces: str | None = None

    def of(self, system: System, before: Launch | None = None, exchanging: bool = False) -> Launch:
        """The launch, of which only what is asked for changes. Raises InputError for what this LAMMPS cannot do.

        before: of a run that is gone on with. exchanging: whether steps serve exchanges only, so that nobody asks for
        the bits of `lmp` alone: then our own forces move the atoms wherever they can. So they do where diameters vary,
        of which LAMMPS evaluates a formula for each pair, at a twentieth of the speed.
        """
        launch = before or replace(IN_PROCESS, minima=whose(system, self.forces))
        if self.lmp is not None:
            launch = replace(launch, lmp=self.lmp)
        if self.ranks:
            launch = replace(launch, ranks=self.ranks)
        if self.accelerator:
            launch = replace(launch, accelerator=self.accelerator, skin=0.0, measured="")
        if self.forces is not None and before is not None:
            launch = replace(launch, minima=whose(system, self.forces))
        if self.forces == OWN:
            launch = self._own(launch)
        elif self.forces == LAMMPS and launch.accelerator == OWN:
            launch = replace(launch, accelerator="", skin=0.0)
        elif before is None and (exchanging or system.sizes) and launch == replace(IN_PROCESS, minima=OWN):
            launch = replace(launch, accelerator=OWN)
        if launch != (before or IN_PROCESS):
            check(system, launch)
        return launch

    def _own(self, launch: Launch) -> Launch:
        """The launch with our own forces. Raises InputError where something else was asked for beside."""
        if launch.external:
            raise InputError("--forces own runs in this process: leave out --lmp and --ranks")
        if self.accelerator not in (None, OWN):
            raise InputError(
                f"--forces own takes the place of --accelerator {self.accelerator}: leave one of them out"
            )
        return replace(launch, accelerator=OWN, skin=0.0, measured="")


def start_engine(system: System, launch: Launch, folder: Path | None = None) -> Engine:
    """A new LAMMPS; `folder` is where one outside this process works.

    Raises InputError when the launch cannot be, EngineError when LAMMPS does not start.
    """
    if launch.external:
        return ExternalEngine(system, launch, folder)
    return (OwnEngine if launch.accelerator == OWN else LibraryEngine)(system, launch)


def chosen(system: System, launch: Launch, deck: Deck, start: Start, folder: Path | None = None) -> Launch:
    """The launch with 'auto' replaced by the accelerator, then the skin, that run this deck's first steps fastest."""
    rates: dict[str, float] = {}
    ours = [OWN] if not launch.external and refusal(system) is None else []
    for name in [*available(launch), *ours]:
        trial = replace(launch, accelerator=name)
        try:
            rates[name] = _rate(system, trial, deck, start, folder)
        except EngineError:
            continue  # compiled in, but without its hardware or for another style
    if not rates:
        raise EngineError("--accelerator auto: no accelerator runs this; leave it out")
    best = max(rates, key=lambda name: rates[name])
    skins = {1.0: rates[best]}
    for factor in SKINS:
        if factor not in skins:
            trial = replace(launch, accelerator=best, skin=factor * system.skin)
            skins[factor] = _rate(system, trial, deck, start, folder)
    factor = max(skins, key=lambda f: skins[f])
    told = [f"{name} {rate:.0f}" for name, rate in rates.items()]
    told += [f"{best} with skin {f * system.skin:g} {skins[f]:.0f}" for f in SKINS if f != 1.0]
    return replace(
        launch, accelerator=best, skin=0.0 if factor == 1.0 else factor * system.skin,
        measured=f"steps/s: {', '.join(told)}",
    )  # fmt: skip


def _rate(system: System, launch: Launch, deck: Deck, start: Start, folder: Path | None) -> float:
    """Steps a second of the deck's first leg."""
    engine, leg = start_engine(system, launch, folder), deck.legs[0]
    ramp = (leg.first_step, leg.first_step + LONG)
    try:
        if isinstance(start, FileStart):
            engine.provide(start.name, start.content)
        engine.commands([*deck.entered, *leg.fixes])
        engine.advance(WARM_STEPS, ramp, True)
        done, chunk, began = 0, WARM_STEPS, time.perf_counter()
        while (spent := time.perf_counter() - began) < TIMED_SECONDS:
            engine.advance(chunk, ramp, False)
            done += chunk
        return done / spent
    finally:
        engine.close()


def available(launch: Launch) -> list[str]:
    """Accelerators that this build was compiled with."""
    if launch.lmp:
        packages = set(re.findall(r"\b[A-Z][A-Z0-9-]+\b", help_of(launch).partition("Installed packages")[2]))
    else:
        with_packages = instance()
        packages = set(with_packages.installed_packages)
        with_packages.close()
    return [name for name, (package, _) in ACCELERATORS.items() if not package or package in packages]


def version_of(launch: Launch) -> int:
    """Version (a date) of the LAMMPS that would run."""
    if not launch.lmp:
        return installed_version()
    found = re.search(r"Simulator - (\d+ \w{3} \d{4})", help_of(launch))
    return int(time.strftime("%Y%m%d", time.strptime(found[1], "%d %b %Y"))) if found else 0


@cache
def help_of(launch: Launch) -> str:
    """What the program says to -h. Raises InputError when it cannot be run."""
    command = [*replace(launch, ranks=1).command(), "-h"]
    try:
        done = subprocess.run(
            command, env=environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise InputError(f"--lmp {launch.lmp!r} does not run: {error}") from error
    if "Large-scale Atomic/Molecular" not in done.stdout:
        words = (done.stderr or done.stdout).strip().splitlines()
        said = f" ({words[-1][:200]})" if words else ""
        raise InputError(f"--lmp {launch.lmp!r} is no LAMMPS: `-h` gives exit code {done.returncode}{said}")
    return done.stdout


def check(system: System, launch: Launch) -> None:
    """Refuse before the run what this launch cannot do. Raises InputError that names what is missing."""
    if launch.lmp:
        _check_help(help_of(launch), system, launch.lmp)
    if launch.accelerator in ACCELERATORS and launch.accelerator not in available(launch):
        package, _ = ACCELERATORS[launch.accelerator]
        raise InputError(
            f"--accelerator {launch.accelerator}: this LAMMPS lacks the package {package} "
            f"(it has: {', '.join(available(launch))})"
        )


def _check_help(text: str, system: System, lmp: str) -> None:
    if "-nonbuf" not in text:
        raise InputError(f"--lmp {lmp!r}: this LAMMPS has no -nonbuf, it is too old; 2022 or later is needed")
    styles = set(text.partition("* Pair styles")[2].partition("\n* ")[0].split())
    for line in system.commands:
        words = line.split()
        if styles and words[0] == "pair_style" and words[1] not in styles:
            package = _PACKAGES.get(words[1])
            brings = f", which its package {package} brings" if package else ""
            raise InputError(
                f"--lmp {lmp!r}: this LAMMPS lacks pair style {words[1]}{brings}; use a build that has it"
            )
