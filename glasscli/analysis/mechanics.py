"""What there is to say of a finished run that deformed its sample: at rest, in shear at a temperature, in tension."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from glasscli.analysis.sections import Section
from glasscli.model.system import System
from glasscli.report.canvas import with_error
from glasscli.shown import several


@dataclass(frozen=True)
class Deformed(Section):
    """What is said of a run, and the figures that were drawn of it."""

    said: dict[str, Any]
    figures: list[str]

    @property
    def data(self) -> dict[str, Any]:
        """Its keys of the JSON object."""
        return self.said | {"figures": self.figures}


@dataclass(frozen=True)
class Sheared(Deformed):
    """A glass that was deformed at rest; said: as `analysis.strained.Strained.data`."""

    def lines(self, system: System) -> list[str]:
        """Where it went, what gave way, where it yielded."""
        said, unit = self.said, system.unit_system.pressure_unit
        events, stress = said["events"], said["stress"]["value"]
        way = 1 if said["strain_max"] > 0 else -1
        most = max(stress, key=lambda s: s * way) if said["reversible"] is None else max(stress, key=abs)
        first = f", the first at strain {events[0]['strain']:.6g}" if events else ""
        found = [
            f"{said['file']}: {said['protocol']} strain up to {said['strain_max']:g} in "
            + several(said["steps"], "step"),
            f"  stress {stress[-1]:.4g} {unit} at the end, {most:.4g} at most; "
            f"first slope {said['modulus']:.4g} {unit}",
            f"  {several(len(events), 'rearrangement')}{first}",
        ]
        if said["pressure"] is not None:
            poisson = said["poisson_reason"] if said["poisson"] is None else f"{said['poisson']:.4g}"
            found.append(f"  sides at {said['pressure']:.4g} {unit}; Poisson's ratio {poisson}")
        if said["yield"]:
            at = said["yield"]
            found.append(f"  yields at strain {at['strain']:.4g}, stress {at['stress']:.4g} {unit}")
        else:
            found.append(f"  no yield: {said['yield_reason']}")
        energies, moved = said["stroboscopic_energy"], said["stroboscopic_mobility"]
        if moved:
            found.append(
                f"  at no strain: {energies[0]:.6g} {system.unit_system.energy_unit}/atom at first, {energies[-1]:.6g} "
                f"in the end; atoms moved {moved[0]:.3g} until the first return, {moved[-1]:.3g} until the last"
            )
        if said["reversible"] is not None:
            found.append(f"  back at no strain: {'the same' if said['reversible'] else 'another'} minimum")
        return found + [f"  figure: {figure}" for figure in self.figures]


@dataclass(frozen=True)
class Flown(Deformed):
    """A sample that was sheared at a temperature; said: as `analysis.flowing.Flowing.data`."""

    def lines(self, system: System) -> list[str]:
        """What drove it, and what it answered."""
        said, unit = self.said, system.unit_system.pressure_unit
        of_viscosity = f"{unit} {system.unit_system.time_unit}"
        if said["drive"] == "steady":
            found = [
                f"  rate {said['rate']:g}: stress {with_error(said['stress'], said['stress_error'])} {unit}, viscosity "
                f"{with_error(said['viscosity'], said['viscosity_error'])} {of_viscosity}"
                + ("" if said["steady"] else " (not steady yet)")
            ]
        elif said["drive"] == "oscillation":
            storage, loss = (
                with_error(said[f"{n}_modulus"], said[f"{n}_modulus_error"]) for n in ("storage", "loss")
            )
            found = [
                f"  amplitude {said['amplitude']:g}, ω {said['frequency']:.4g}: G' {storage}, G'' {loss} {unit}, third "
                f"harmonic {said['third_harmonic']:.2g}"
            ]
        else:
            flows = "no flow seen"
            if said["viscosity"] is not None:
                flows = f"viscosity {said['viscosity']:.4g} {of_viscosity}"
            back = "" if said["recovered"] is None else f", {said['recovered']:.0%} of it came back"
            if said["recovered"] is not None and said["recovered"] < 0:
                back = ", none of it came back"
            found = [f"  stress {said['stress']:g} {unit}: strain {said['strain_end']:.4g}{back}, {flows}"]
        return found + [f"  figure: {figure}" for figure in self.figures]


@dataclass(frozen=True)
class Tensile(Deformed):
    """A sample that was stretched or compressed; said: as `analysis.tensile.Tensile.data`."""

    def lines(self, system: System) -> list[str]:
        """How it was strained, its first line, where it yields, what it flows at."""
        said, each = self.said, system.unit_system.gigapascals
        scale, unit = (each, "GPa") if each else (1.0, system.unit_system.pressure_unit)

        def stress(name: str) -> str:
            return f"{with_error(said[name] * scale, said[f'{name}_error'] * scale)} {unit}"

        held = said["sides"] == "pressure"
        kept = f"sides at pressure {said['pressure']:g}" if held else "constant volume"
        poisson = (
            ""
            if said["poisson"] is None
            else f", Poisson's ratio {with_error(said['poisson'], said['poisson_error'])}"
        )
        found = [
            f"  along {said['axis']} to strain {said['strain_max']:g} at rate {said['rate']:g}, {kept}",
            f"  {'modulus' if said['poisson'] is None else 'Young modulus'} {stress('modulus')}{poisson}",
        ]
        for words, name in (("0.2 % offset yield", "offset_yield"), ("largest stress", "yield")):
            at = said[name]
            what = (
                f"none: {said[f'{name}_reason']}"
                if at is None
                else f"{at['stress'] * scale:.4g} {unit} at strain {at['strain']:.4g}"
            )
            found.append(f"  {words}: {what}")
        if said["flow_stress"] is not None:
            found.append(
                f"  flows at {stress('flow_stress')}" + ("" if said["steady"] else " (not steady yet)")
            )
        return found + [f"  figure: {figure}" for figure in self.figures]
