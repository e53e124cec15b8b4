"""Deform a glass at zero temperature, step by step, its atoms at rest after each: athermal quasistatic shear."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Literal

from glasscli.engine.deck import Deck, Leg, Start, make_deck, straining
from glasscli.errors import InputError
from glasscli.model.protocol import Density, Space
from glasscli.model.strain import Mode, Path, Plane, Sides, Strain, Straining
from glasscli.model.system import System
from glasscli.protocols.protocol import Protocol
from glasscli.protocols.wish import Sample, SamplingWish, Wish

# Atoms times steps between checkpoints: some ten seconds of one core.
CHECKPOINT = 50_000
MOST_STRAIN = 5.0
# Steps of 0.05 find the rearrangements that those of 0.001 do; 0.1 takes atoms through each other.
MOST_STEP = 0.05
# Forces, shares of a step, and energies of a sample that rounding leaves; forces above which nothing is at rest.
FINEST_FORCE, FINEST_SHARE, FINEST_RELEASE, COARSEST_FORCE = 1e-12, 1e-9, 1e-10, 1e-2
# Which modes a plane and an axis are of.
OF_PLANE, OF_AXIS = ("simple", "pure"), ("uniaxial",)


class Shear(Protocol):
    """Steps of strain at rest; they are no time."""

    outcome: ClassVar[tuple[str, ...]] = ("strained", "wall_seconds")
    drawn: ClassVar[bool] = False
    kept: ClassVar[Density] = Density(frames=100, minima=1, states=False, thermo=1)

    kind: Literal["shear"] = "shear"
    how: Straining

    @property
    def straining(self) -> Straining:
        """How its box is deformed."""
        return self.how

    def temperature_at(self, step: int) -> float:
        """None at all."""
        return 0.0

    @property
    def course(self) -> dict[str, str]:
        """Through which strains it goes."""
        return {"strain": " -> ".join(f"{turn:g}" for turn in (0.0, *self.how.path.turns))}

    def deck(self, system: System, start: Start) -> Deck:
        """The box is made one that may lean; the steps are glasscli's, or those of a loop for `lmp` alone."""
        ready = ("reset_timestep 0", *(("change_box all triclinic",) if self.how.strain.tilts else ()))
        loop = straining(self.how, self.minimisation.max_iterations)
        leg = Leg(self.kind, (), (), 0, self.steps, (0, self.steps), True, loop=loop)
        return make_deck(
            self.title(system), system, start, self.sampling, self.timestep, ready, [leg], space=self.space
        )

    def title(self, system: System) -> str:
        """One line that says what it is."""
        sides = ""
        if self.how.strain.giving:
            pressure = self.how.pressure
            sides = (
                ", sides at the pressure of the start"
                if pressure is None
                else f", sides at pressure {pressure:g}"
            )
        return (
            f"shear ({self.how.strain.words}) of {sum(self.counts)} atoms of {system.name}, "
            f"strain {self.course['strain']} in {self.steps} steps{sides}"
        )


@dataclass(frozen=True, kw_only=True)
class ShearWish(Wish):
    """Options of a shear as asked for.

    strain_max   where it goes, and back with `back`; or cycles of an amplitude: up, down, and to none
    plane, axis  None: xy, z, where the mode has one
    sides        of uniaxial: at constant volume (None), or kept at `pressure` (None: that of the start at rest)
    resolution   None: a thousandth of the step; release: None: what a minimisation cannot mistake
    """

    protocol: ClassVar[type[Protocol]] = Shear
    keeps_state: ClassVar[bool] = False

    strain_max: float | None = None
    strain_step: float = 1e-4
    mode: Mode = "simple"
    plane: Plane | None = None
    axis: Literal["x", "y", "z"] | None = None
    sides: Sides | None = None
    back: bool = False
    cycles: int | None = None
    amplitude: float | None = None
    tolerance: float = 1e-6
    resolution: float | None = None
    release: float = 1e-5

    def first_temperature(self, system: System, before: Protocol | None, fictive: float | None) -> float:
        """None at all."""
        return 0.0

    def plan(self, system: System, sample: Sample) -> Shear:
        """The shear of a sample. Raises InputError for what cannot be."""
        box = sample.box
        if box.free:
            raise InputError(f"shear deforms a box that is periodic everywhere; this one is {box.words}")
        self._check()
        plane: Plane = self.plane or "xy"
        sides = self.sides or ("volume" if self.pressure is None else "pressure")
        strain = Strain(
            mode=self.mode, plane=plane, axis=self.axis or "z", dimension=box.dimension, sides=sides,  # type: ignore[arg-type]
        )  # fmt: skip
        if box.dimension == 2:
            self._check_plane(strain)
        if strain.giving and box.tilted:
            raise InputError(
                f"sides at a pressure are those of a rectangular box, this one is {box.words}: --sides volume takes any"
            )
        path = Path(turns=self._turns(), step=self.strain_step)
        how = Straining(
            strain=strain, path=path, box=tuple(tuple(row) for row in box.vectors.tolist()), force=self.tolerance,
            resolution=self.resolution or self.strain_step / 1000, release=self.release,
            pressure=self.pressure,
        )  # fmt: skip
        settings = replace(self, pressure=None).settings(system, sample, path.steps)
        space = Space.of(box).model_copy(update={"tilted": box.tilted or strain.tilts})
        settings["sampling"] = self._sampling(path.steps, sum(sample.counts))
        return Shear(**settings | {"space": space}, how=how)

    def _check(self) -> None:
        """Raise InputError for what the mode does not have, and for what is finer than numbers are."""
        asked = {
            "--plane": (self.plane, OF_PLANE), "--axis": (self.axis, OF_AXIS), "--sides": (self.sides, OF_AXIS),
            "--pressure": (self.pressure, OF_AXIS),
        }  # fmt: skip
        for name, (value, modes) in asked.items():
            if value is not None and self.mode not in modes:
                raise InputError(
                    f"{name} is of --mode {' and '.join(modes)}, not of {self.mode}: leave it out"
                )
        if self.sides == "volume" and self.pressure is not None:
            raise InputError(
                "--pressure is of --sides pressure; --sides volume keeps the volume: leave it out"
            )
        if self.tolerance < FINEST_FORCE:
            raise InputError(
                f"forces are not known to {self.tolerance:g}: --force-tolerance is at least {FINEST_FORCE:g}"
            )
        if self.tolerance > COARSEST_FORCE:
            raise InputError(
                f"atoms with forces of {self.tolerance:g} are not at rest: --force-tolerance is at most "
                f"{COARSEST_FORCE:g}"
            )
        if self.release < FINEST_RELEASE:
            raise InputError(
                f"energies of a sample are not known to {self.release:g}: --release is at least {FINEST_RELEASE:g}"
            )
        if self.strain_step > MOST_STEP:
            raise InputError(
                f"a step of {self.strain_step:g} takes atoms through each other: --strain-step is at most {MOST_STEP:g}"
            )
        finest = FINEST_SHARE * self.strain_step
        if self.resolution is not None and self.resolution < finest:
            raise InputError(
                f"a step of {self.strain_step:g} is not halved down to {self.resolution:g}: --resolution is at least "
                f"{finest:g}"
            )

    def _check_plane(self, strain: Strain) -> None:
        """Raise InputError for what two dimensions do not have."""
        if strain.mode == "uniaxial" and (strain.axis == "z" or not strain.giving):
            raise InputError(
                "in two dimensions uniaxial strain is along x or y with its side at a pressure: say --axis and --sides "
                "pressure (at constant volume it is --mode pure)"
            )
        if strain.plane != "xy":
            raise InputError("in two dimensions shear is simple or pure in the plane xy, uniaxial or bulk")

    def _turns(self) -> tuple[float, ...]:
        if self.cycles is not None or self.amplitude is not None:
            if self.cycles is None or self.amplitude is None or self.strain_max is not None or self.back:
                raise InputError("cycles need --cycles and --amplitude, and neither --strain-max nor --back")
            turns = (self.amplitude, -self.amplitude, 0.0) * self.cycles
        else:
            furthest = 0.2 if self.strain_max is None else self.strain_max
            turns = (furthest, 0.0) if self.back else (furthest,)
        size = max(map(abs, turns))
        if size > MOST_STRAIN:
            raise InputError(f"a strain of {size:g} is no box any more: at most {MOST_STRAIN:g}")
        if size == 0:
            raise InputError("a strain of 0 is no shear: --strain-max is above 0, or below it the other way")
        if size < self.strain_step:
            raise InputError(
                f"a strain of {size:g} is less than one step of {self.strain_step:g}: use a smaller --strain-step"
            )
        return turns

    def _sampling(self, steps: int, atoms: int) -> object:
        wish = self.sampling
        left_out = (
            wish.inherent_every,
            wish.harvest,
            wish.log_spaced,
            wish.velocities,
            wish.stress_every,
            wish.precision,
        )
        if any(left_out):
            raise InputError(
                "every frame of a shear is an inherent structure, and its stress is always kept: leave "
                "--inherent-every, --harvest, --log-spaced, --velocities, --stress-every and --precision out"
            )
        every = wish.every or self._every(steps)
        checkpoint = wish.checkpoint_every or max(1, CHECKPOINT // atoms)
        chosen = SamplingWish(
            every, inherent_every=0, thermo_every=wish.thermo_every or 1, checkpoint_every=checkpoint
        )
        return chosen.plan(steps, atoms, Shear.kept)

    def _every(self, steps: int) -> int:
        """Steps between frames; of cycles a part of one, so that there is a frame at each return to no strain."""
        usual = max(1, steps // Shear.kept.frames)
        if self.cycles is None:
            return usual
        whole = steps // self.cycles
        return next(n for n in range(min(usual, whole), 0, -1) if whole % n == 0)


PROTOCOL = Shear
