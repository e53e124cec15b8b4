"""Steps of strain are no time, draw nothing, and are samples of one protocol whatever the box that they began in."""

import numpy as np
import pytest

import glasscli
from glasscli.analysis.clock import clock_of
from glasscli.analysis.rows import Row, row_of
from glasscli.analysis.table import Table, read_table
from glasscli.analysis.table_text import text
from glasscli.configuration import Box, Configuration
from glasscli.dynamics.choices import DynamicsChoices
from glasscli.dynamics.measured import measure
from glasscli.engine.minimiser import Minimiser
from glasscli.errors import InputError
from glasscli.formats.description import describe
from glasscli.formats.export import export
from glasscli.formats.foreign import open_any
from glasscli.model.strain import Strain
from glasscli.model.system import load_system
from glasscli.protocols.kinds.shear import ShearWish
from glasscli.protocols.wish import SamplingWish
from glasscli.simulation.plan import plan
from glasscli.simulation.resume import extend
from glasscli.simulation.run import run
from glasscli.store.manifest import Parent

SYSTEM = load_system("soft-sphere")
ATOMS = 64


@pytest.fixture(scope="module")
def shears(tmp_path_factory):
    """Two glasses in boxes that differ a little, each sheared by three steps."""
    folder, found = tmp_path_factory.mktemp("strain"), []
    for k in range(2):
        edge = (ATOMS * SYSTEM.defaults.volume_per_atom) ** (1 / 3) * (1 + 1e-4 * k)
        places = np.random.default_rng(k).uniform(0, edge, (ATOMS, 3))
        images = np.zeros((ATOMS, 3), np.int32)
        with Minimiser(SYSTEM) as minimiser:
            glass = minimiser.minimise(
                Configuration(places, np.ones(ATOMS, dtype=np.int32), Box.cube(edge), images)
            ).configuration
        wish = ShearWish(
            sampling=SamplingWish(), seed=k + 1, strain_step=1e-4, strain_max=3e-4, resolution=1e-4
        )
        found.append(run(plan(SYSTEM, wish, folder / f"{k}.h5", "", (glass, Parent("glass", "")))))
    return found


def test_no_time_is_said_of_them(shears, tmp_path):
    one = shears[0]
    assert clock_of(one, one.frames, SYSTEM) is None
    exported = export(one.path, tmp_path / "out.dump", "all")
    assert any("steps of strain" in note for note in exported.notes)
    assert "TIME\n" not in (tmp_path / "out.dump").read_text(encoding="utf-8").replace("TIMESTEP", "")
    with pytest.raises(InputError, match="steps of strain at rest are no time"):
        measure(one.path, None, DynamicsChoices())
    said = describe(one.path).text()
    assert "simple in xy, at rest" in said and "seed" not in said and "time step" not in said
    with pytest.raises(InputError, match="glasscli shear"):
        extend(one.path, 10)


def test_how_is_said_in_words():
    modes = {"simple": "simple in xz", "pure": "pure in xz", "uniaxial": "uniaxial along x", "bulk": "bulk"}
    assert {mode: Strain(mode=mode, plane="xz", axis="x").words for mode in modes} == modes


def test_boxes_and_seeds_tell_no_samples_apart(shears):
    settings = [one.manifest.protocol.settings for one in shears]
    assert settings[0] == settings[1] and "how_path_step" in settings[0]
    rows = [row_of(one.path) for one in shears]
    assert all(isinstance(row, Row) and row.values["seed"] is None for row in rows)
    assert "seed" not in text(read_table([one.path for one in shears]))


def test_what_was_made_of_npt_has_no_volume_of_its_own_choice(shears, monkeypatch):
    """Volumes that a barostat made differ from sample to sample."""
    assert len(read_table([one.path for one in shears]).groups) == 2
    monkeypatch.setattr("glasscli.analysis.rows._of_parent", lambda path, parents: {"ensemble": "npt"})
    assert len(read_table([one.path for one in shears]).groups) == 1


def test_a_table_of_two_systems_says_which(shears):
    rows = [row_of(one.path) for one in shears]
    rows[1].values["system"] = "another"
    # Something else tells them apart as well.
    assert "another" in text(Table(tuple(rows), ()))


def test_what_a_run_has_is_exported_unasked(shears, tmp_path):
    one = shears[0]
    exported = export(one.path, tmp_path / "last.xyz")
    assert (exported.step, exported.atoms) == (3, ATOMS)
    assert any("no inherent structures" in note for note in exported.notes)
    with pytest.raises(InputError, match="4 by --kind frames"):
        export(one.path, tmp_path / "none.xyz", kind="inherent")


def test_h5md_takes_a_box_that_begins_to_lean(shears, tmp_path):
    one = shears[0]
    export(one.path, tmp_path / "leans.h5md", "all")
    found = open_any(tmp_path / "leans.h5md")
    for k, frame in enumerate(one.frames):
        np.testing.assert_allclose(found[k].box.vectors, frame.box.vectors, atol=1e-12)
    assert found[0].box.vectors[1, 0] == 0 < found[3].box.vectors[1, 0]


def test_the_curve_of_stress_is_there_from_python(shears):
    opened = glasscli.open(shears[0].path)
    found = opened.columns("strain")
    assert found["strain"] == pytest.approx([0, 1e-4, 2e-4, 3e-4])
    assert len(found["strain_stress"]) == len(found["strain_energy"]) == len(found["step"]) == 4
    with pytest.raises(InputError, match="strain"):
        opened.columns("strian")
