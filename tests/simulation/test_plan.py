"""What is planned is what it always was: identities, decks and forms of files that exist must not change."""

from pathlib import Path

import pytest

from glasscli.errors import InputError
from glasscli.protocols.kinds.hybrid import HybridWish
from glasscli.protocols.kinds.quench import QuenchWish
from glasscli.protocols.registry import kinds, protocol_class, read_protocol
from glasscli.protocols.wish import SamplingWish
from glasscli.simulation.plan import plan
from glasscli.store.manifest import Manifest, Parent

# As version 0.1.0 wrote them, and the identities that it gave to runs with them, whatever their LAMMPS.
QUENCH = """{"kind": "quench", "counts": [85, 85],
 "box": [5.0708577587491135, 5.0708577587491135, 5.0708577587491135],
 "ensemble": {"kind": "nvt", "pressure": null, "thermostat_steps": 100, "barostat_steps": 1000},
 "timestep": 0.002778, "seed": 1, "T_start": 2.0, "T_end": 0.01, "equilibration_steps": 500, "steps": 4000,
 "sampling": {"thermo_every": 100, "frames": {"every": 1000, "log_spaced": false},
  "inherent": {"every": 2000, "log_spaced": false}, "checkpoint_every": 1000, "state_every": 1000,
  "velocities": false, "harvest": null},
 "minimisation": {"force_tolerance": 1e-06, "max_iterations": 20000}}"""
ANNEAL = """{"counts": [85, 85],
 "ensemble": {"kind": "nvt", "pressure": null, "thermostat_steps": 100, "barostat_steps": 1000},
 "timestep": 0.002778, "seed": 1, "temperature": 0.5, "fictive_temperature": null,
 "approach": {"first_step": 3000, "last_step": 3015, "ramp_steps": 4000, "timestep": 0.002778,
  "T_start": 2.0, "T_end": 0.01},
 "new_velocities": false, "steps": 3000,
 "sampling": {"thermo_every": 100, "frames": {"every": 500, "log_spaced": false},
  "inherent": {"every": 500, "log_spaced": false}, "checkpoint_every": 1000, "state_every": null,
  "velocities": false, "harvest": 20},
 "minimisation": {"force_tolerance": 1e-06, "max_iterations": 20000}, "kind": "anneal"}"""
HYBRID = """{"counts": [85, 85],
 "ensemble": {"kind": "nvt", "pressure": null, "thermostat_steps": 100, "barostat_steps": 1000},
 "timestep": 0.008, "seed": 1, "temperature": 0.6, "fictive_temperature": null,
 "approach": {"first_step": 2000, "last_step": 2814, "ramp_steps": 4000, "timestep": 0.002778,
  "T_start": 2.0, "T_end": 0.01},
 "new_velocities": false, "steps": 1000,
 "sampling": {"thermo_every": 100, "frames": {"every": 200, "log_spaced": false},
  "inherent": {"every": 200, "log_spaced": false}, "checkpoint_every": 500, "state_every": null,
  "velocities": false, "harvest": null},
 "minimisation": {"force_tolerance": 1e-06, "max_iterations": 20000}, "kind": "hybrid",
 "exchange": {"kernel": "local", "md_per_mc": 10, "attempts": 3400, "chemical_potentials": null}}"""
CHILD = ("start.restart 0123", [Parent("q.h5", "abcd")])
OLD = [
    (QUENCH, ("random", []), "a65a3b449808fda7c6dc4dd022c7061e7a7d24e1595967ebee2ef6fe562b6ef2"),
    (ANNEAL, CHILD, "9118fee44ea92cec38af31153b80af824c862ed398ad76c5d771f6b5d9231d42"),
    (HYBRID, CHILD, "450c9bed5dc7cee74f5cb91d42f8ca093a4ff408e9933e590ad26e6c7d521a3b"),
]


@pytest.mark.parametrize(("text", "origin", "identity"), OLD, ids=["quench", "anneal", "hybrid"])
def test_old_files_keep_their_identities(text, origin, identity, wahnstrom):
    protocol = read_protocol(text)
    manifest = Manifest(wahnstrom, protocol, "", *origin, command_line="", versions={}, created="")
    assert manifest.identity == identity
    assert Manifest.from_json(manifest.to_json()).protocol == protocol


def test_the_same_options_plan_the_same_run(wahnstrom):
    sampling = SamplingWish(1000, inherent_every=2000, checkpoint_every=1000)
    wish = QuenchWish(atoms=170, steps=4000, equilibration=500, sampling=sampling)
    job = plan(wahnstrom, wish, Path("q.h5"))
    assert job.manifest().identity == OLD[0][2]
    text = plan(wahnstrom, QuenchWish(T_start="2", T_end="0.01", atoms=170, steps="4000"), Path("q.h5"))
    assert text.protocol == plan(wahnstrom, QuenchWish(atoms=170, steps=4000), Path("q.h5")).protocol


def test_what_needs_a_file_says_so(wahnstrom):
    with pytest.raises(InputError, match="hybrid needs a file to start from"):
        plan(wahnstrom, HybridWish(0.5), Path("h.h5"))


def test_kinds_are_found_by_their_files():
    assert kinds() == ("anneal", "flow", "heat", "hybrid", "quench", "shear")
    assert {protocol_class(kind).model_fields["kind"].default for kind in kinds()} == set(kinds())
    with pytest.raises(InputError, match=r"unknown protocol 'quensh' \(did you mean 'quench'\?\)"):
        read_protocol(QUENCH.replace('"quench"', '"quensh"'))


def test_every_protocol_says_what_there_is_to_say():
    from glasscli.analysis.outcome import SECTIONS

    assert all(set(protocol_class(kind).outcome) <= set(SECTIONS) for kind in kinds())
