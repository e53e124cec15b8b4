"""A stack along [111] is the same crystal."""

import numpy as np
import pytest

from glasscli.engine.forces import Forces
from glasscli.errors import InputError
from glasscli.model.system import load_system
from glasscli.observables.laves import laves_test
from glasscli.observables.voronoi import tessellate
from glasscli.structures.build import build_crystal
from glasscli.structures.phases import phase_named


@pytest.fixture(scope="module")
def wahnstrom():
    return load_system("wahnstrom")


@pytest.mark.parametrize(("name", "atoms"), [("fcc-large", 6), ("c15", 36)])
def test_a_stack_has_the_energy_and_the_neighbours_of_the_cube(name, atoms, wahnstrom):
    phase = phase_named(name, wahnstrom)
    cube = build_crystal(wahnstrom, phase, volume=0.7, cells=(1, 1, 1)).configuration
    stack = build_crystal(wahnstrom, phase, volume=0.7, cells=(1, 1, 1), stacked=True).configuration
    assert stack.n_atoms == atoms and stack.volume / atoms == pytest.approx(0.7)
    assert (stack.species == 2).mean() == (cube.species == 2).mean()
    a = cube.box.edges[0]
    assert stack.box.edges == pytest.approx([a / 2**0.5, a * 1.5**0.5, a * 3**0.5])
    with Forces(wahnstrom) as forces:
        assert forces.evaluate(stack).energy == pytest.approx(forces.evaluate(cube).energy, abs=1e-9)


def test_layers_of_c15_are_laves_and_fit_a_box(wahnstrom):
    c15 = phase_named("c15", wahnstrom)
    box = (5.4, 6.24, 9.83)
    built = build_crystal(
        wahnstrom, c15, cells=(3, 2, 2), box=box, stacked=True, composition=0.5
    ).configuration
    assert built.n_atoms == 432 and built.box.edges == pytest.approx(box)
    whole = build_crystal(wahnstrom, c15, volume=0.7, cells=(3, 2, 2), stacked=True).configuration
    assert laves_test(tessellate(whole, bonds=True), whole.species).fraction == 1
    # Layers stand on each other: few heights, many atoms at each.
    assert len(np.unique(np.round(whole.positions[:, 2], 6))) == 2 * 12


def test_what_is_not_face_centred_has_no_stack(wahnstrom, glasscli):
    with pytest.raises(InputError, match="b2 is not face-centred cubic"):
        build_crystal(wahnstrom, phase_named("b2", wahnstrom), 100, 0.7, stacked=True)
    assert glasscli("build", "random", "--stacked").err == (
        "glasscli: --cells, --box and --stacked belong to crystals, not to random\n"
    )
    assert glasscli("build", "c15", "--atoms", "500", "--stacked", "--json").data["atoms"] == 432
