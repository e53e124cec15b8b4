"""What a programme of temperatures says: of each heating its heat capacity and T_f, of each hold what it took."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from glasscli.analysis.summary import course, fictive_series
from glasscli.configuration import Floats
from glasscli.errors import GlassError
from glasscli.model.fictive import FictiveWindows
from glasscli.model.protocol import Segment
from glasscli.observables import calorimetry as measure
from glasscli.observables.branch_guards import crystallised
from glasscli.observables.calorimetry import Estimate, Heating, Sweep, log_means
from glasscli.observables.fictive import fictive_temperature
from glasscli.protocols.kinds.heat import Heat
from glasscli.protocols.kinds.quench import Quench
from glasscli.store.hdf5 import DAMAGE
from glasscli.store.reader import open_run
from glasscli.store.run import Run
from glasscli.units import UnitNames


@dataclass(frozen=True)
class Held:
    """A hold before a heating: [n] time since it began and enthalpy per atom, momenta included.

    lost          enthalpy that it took, by the ways to it and from it; None where there is none on one side
    fluctuations  heat capacity from its fluctuations; None while it still ages
    """

    temperature: float
    time: Floats
    enthalpy: Floats
    lost: Estimate | None
    fluctuations: Estimate | None


@dataclass(frozen=True)
class Cycle:
    """One heating, and what came before it.

    cooling        the passage it is compared with; None without
    T_f_crossing   of that cooling, by Tool's construction
    recovered      enthalpy taken up beyond what the cooling gave
    T_x, T_m       where it crystallised, and where the crystal was gone
    """

    heating: Heating
    sweep: Sweep
    cooling: Sweep | None
    held: Held | None
    T_f_crossing: Estimate | None
    recovered: Estimate | None
    T_x: float | None
    T_m: float | None
    reasons: dict[str, str]

    @property
    def data(self) -> dict[str, Any]:
        """As --json has it: null where a quantity is not there, and why."""
        h, capacity = self.heating, self.heating.capacity
        held = self.held
        named = {
            "T_f_area": h.T_f_area,
            "T_f_crossing": self.T_f_crossing,
            "T_onset": h.T_onset,
            "overshoot": h.overshoot,
            "enthalpy_recovered": self.recovered,
            "enthalpy_lost": held.lost if held else None,
        }
        found: dict[str, Any] = {}
        for name, estimate in named.items():
            found |= {
                name: estimate.value if estimate else None,
                f"{name}_error": estimate.error if estimate else None,
            }
        liquid = h.liquid_capacity(capacity.temperature)
        return found | {
            "overshoot_T": h.overshoot_T,
            "T_x": self.T_x,
            "T_m": self.T_m,
            "cp": {
                "T": capacity.temperature.tolist(),
                "value": capacity.value.tolist(),
                "error": capacity.error.tolist(),
                "glass": h.glass,
                "liquid": None if liquid is None else liquid.tolist(),
            },
            "age": None if held is None else {
                "T": held.temperature,
                "time": float(held.time[-1]) if len(held.time) else None,
                "cp_fluctuations": held.fluctuations.value if held.fluctuations else None,
                "cp_fluctuations_error": held.fluctuations.error if held.fluctuations else None,
            },
            "reasons": h.reasons | self.reasons,
        }  # fmt: skip


def cycles(run: Run) -> tuple[list[Cycle], list[str]]:
    """Return what each heating of a run says, with notes. Raises GlassError where a heating has no heat capacity."""
    protocol = run.manifest.protocol
    assert isinstance(protocol, Heat)
    steps, (_, series) = run.thermo["step"], fictive_series(run)
    enthalpy = next(iter(series.values()))
    shares, notes = course(run)
    at = run.inherent_table["step"]
    crystalline = shares.get("crystalline")
    pieces = list(zip(protocol.segments, protocol.starts, protocol.starts[1:], strict=False))

    def sweep(number: int) -> Sweep:
        segment, first, last = pieces[number]
        use = (steps > first) & (steps <= last)
        x = (steps[use] - first) / segment.steps
        return Sweep(segment.T_start + (segment.T_end - segment.T_start) * x, enthalpy[use])

    parent = _parents_cooling(run)
    found: list[Cycle] = []
    for number, (segment, first, last) in enumerate(pieces):
        if segment.task != "heat":
            continue
        there = (at >= first) & (at <= last)
        crystals = None
        if crystalline is not None:
            crystals = np.array([protocol.temperature_at(int(s)) for s in at[there]]), crystalline[there]
        before = list(_before(protocol.segments, number))
        cooled = [k for k in before if pieces[k][0].task == "cool"]
        # A glass that was cooled to be aged, and further to be heated, was cooled in pieces.
        cooling = (
            _joined([sweep(k) for k in cooled]) if number and _from_top(protocol.segments, before) else parent
        )
        held = _held(run, pieces, before, number, enthalpy, sweep)
        broken = len(cooled) > 1 and cooling is not parent
        found.append(_cycle(run, sweep(number), cooling, held, crystals, broken))
    return found, notes


def _before(segments: tuple[Segment, ...], number: int) -> Iterator[int]:
    """The segments between the heating before and this one."""
    first = max((k + 1 for k in range(number) if segments[k].task == "heat"), default=0)
    yield from range(first, number)


def _from_top(segments: tuple[Segment, ...], before: list[int]) -> bool:
    """Whether what comes before a heating began by cooling."""
    return bool(before) and segments[before[0]].task == "cool"


def _joined(sweeps: list[Sweep]) -> Sweep | None:
    if not sweeps:
        return None
    return Sweep(
        np.concatenate([s.temperature for s in sweeps]), np.concatenate([s.enthalpy for s in sweeps])
    )


def _parents_cooling(run: Run) -> Sweep | None:
    """The quench that made the glass, where its file stands at the place that this run names, or beside it."""
    parents = run.manifest.parents
    if len(parents) != 1:
        return None
    named = Path(parents[0].path)
    for path in (named, run.path.parent / named.name):
        try:
            parent = open_run(path)
            if parent.manifest.identity != parents[0].identity or not isinstance(
                parent.manifest.protocol, Quench
            ):
                continue
            temperature, series = fictive_series(parent)
            return Sweep(temperature, next(iter(series.values())))
        except (GlassError, *DAMAGE):
            continue
    return None


def _held(
    run: Run, pieces: list[Any], before: list[int], number: int, enthalpy: Floats, sweep: Any
) -> Held | None:
    """The hold before a heating."""
    protocol = run.manifest.protocol
    number_held = next((k for k in before if pieces[k][0].task == "age"), None)
    if number_held is None:
        return None
    segment, first, last = pieces[number_held]
    steps = run.thermo["step"]
    use = (steps > first) & (steps <= last)
    T, units, momenta = segment.T_start, run.manifest.system.unit_system, momenta_of(run)
    reach = measure.NEAR * (pieces[number][0].T_end - pieces[number][0].T_start)
    came = sweep(number_held - 1) if number_held > 0 else None
    fluctuations = measure.from_fluctuations(
        enthalpy[use][use.sum() // 2 :], T, sum(protocol.counts), units.boltzmann, momenta
    )
    return Held(
        T, (steps[use] - first) * protocol.timestep, enthalpy[use] + momenta * T,
        measure.lost(came, sweep(number_held + 1), T, reach), fluctuations,
    )  # fmt: skip


def momenta_of(run: Run) -> float:
    """Heat capacity per atom of the momenta: d/2 k."""
    system = run.manifest.system
    return system.dimension / 2 * system.unit_system.boltzmann


def _cycle(
    run: Run, sweep: Sweep, cooling: Sweep | None, held: Held | None, crystals: tuple[Floats, Floats] | None,
    broken: bool = False,
) -> Cycle:  # fmt: skip
    """What a heating says; broken: whether the hold lies within the cooling."""
    windows = run.manifest.system.fictive
    heating = measure.heating(sweep, momenta_of(run), windows, cooling=cooling)
    reasons: dict[str, str] = {}
    if crystals is not None and (why := crystallised(float(crystals[1].max(initial=0.0)))):
        heating = replace(heating, T_f_area=None, T_onset=None, overshoot=None, overshoot_T=None)
        reasons |= dict.fromkeys(("T_f_area", "T_onset", "overshoot"), why)
    crossing = None
    if cooling is None:
        reasons |= dict.fromkeys(
            ("T_f_crossing", "enthalpy_recovered"),
            "no cooling to compare with: neither in this file nor in a quench beside it",
        )
    else:
        crossing = _crossing(cooling, windows, reasons)
    between = held.lost if held and broken else None
    whole = between is not None or not broken
    gained = measure.recovered(sweep, cooling, windows, between) if cooling and whole else None
    if cooling and gained is None:
        reasons["enthalpy_recovered"] = "too few points of the ramps at their ends"
    if held and held.lost is None:
        reasons["enthalpy_lost"] = "too few points of the ramps to and from the hold"
    T_x, T_m = measure.crystal_temperatures(*crystals) if crystals else (None, None)
    return Cycle(heating, sweep, cooling, held, crossing, gained, T_x, T_m, reasons)


def _crossing(cooling: Sweep, windows: FictiveWindows | None, reasons: dict[str, str]) -> Estimate | None:
    if windows is None:
        reasons["T_f_crossing"] = (
            "the system states no windows to fit its branches in ([fictive] in its file)"
        )
        return None
    try:
        found = fictive_temperature(
            cooling.temperature, {"energy": cooling.enthalpy}, windows.glass_below, windows.liquid_above,
            exponent=windows.liquid_exponent,
        )  # fmt: skip
    except GlassError as error:
        reasons["T_f_crossing"] = str(error).removeprefix("no fictive temperature: ")
        return None
    return Estimate(found.value, found.error)


def capacities(found: list[Cycle], units: UnitNames) -> dict[str, list[Any]]:
    """Columns of a table: the heat capacities of all heatings per atom, the glass's and the liquid's beside them."""
    unit = units.heat_capacity_unit
    columns: dict[str, list[Any]] = {name: [] for name in ("heating", "temperature")}
    columns |= {f"{name} ({unit})": [] for name in ("C", "C_error", "C_glass", "C_liquid")}
    for number, one in enumerate(found, start=1):
        cp = one.data["cp"]
        n = len(cp["T"])
        parts = (cp["T"], cp["value"], cp["error"], [cp["glass"]] * n, cp["liquid"] or [None] * n)
        for column, values in zip(columns.values(), ([number] * n, *parts), strict=True):
            column += values
    return columns


def ageing(found: list[Cycle], units: UnitNames) -> dict[str, list[Any]]:
    """Columns of a table: enthalpies of the holds, means over pieces equal in the logarithm of the time; {} without."""
    columns: dict[str, list[Any]] = {name: [] for name in ("heating", "temperature")}
    columns |= {f"time ({units.time_unit})": [], f"enthalpy ({units.energy_unit}/atom)": []}
    for number, one in enumerate(found, start=1):
        if one.held is None or not len(one.held.time):
            continue
        time, enthalpy = log_means(one.held.time, one.held.enthalpy)
        n = len(time)
        parts = ([number] * n, [one.held.temperature] * n, time.tolist(), enthalpy.tolist())
        for column, values in zip(columns.values(), parts, strict=True):
            column += values
    return columns if columns["heating"] else {}


def draw(path: Path, run: Run, found: list[Cycle]) -> None:
    """Draw the heatings of a run."""
    from glasscli.report import heat_figure  # matplotlib takes its time to load

    drawn = [
        heat_figure.Drawn(
            one.heating, one.sweep, one.cooling,
            (one.held.temperature, one.held.time, one.held.enthalpy) if one.held else None,
        )
        for one in found
    ]  # fmt: skip
    npt = run.manifest.protocol.ensemble.kind == "npt"
    heat_figure.calorimetry(path, drawn, momenta_of(run), run.manifest.system.unit_system, npt)
