"""Which potential minima and saddles are sought in: decided by the force at the cutoff, not by a system's name."""

from importlib import resources

import pytest

from glasscli.cli import modes
from glasscli.errors import InputError
from glasscli.formats.writers import lammps_data
from glasscli.landscape.sample import jumps, smooth
from glasscli.model.system import load_system, smooth_companion
from glasscli.structures.build import replicate
from glasscli.structures.phases import phase_named
from tests.conftest import in_process

TEXT = {
    name: (resources.files("glasscli.model") / "systems" / f"{name}.toml").read_text(encoding="utf-8")
    for name in ("wahnstrom", "wahnstrom-smooth", "kob-andersen")
}
COPY = (
    TEXT["wahnstrom"]
    .replace('name = "wahnstrom"', 'name = "mine"')
    .replace('smooth = "wahnstrom-smooth"\n', "")
)


@pytest.fixture
def own(tmp_path):
    """A user's system of a text."""

    def load(text, name="mine.toml"):
        (tmp_path / name).write_text(text)
        return load_system(str(tmp_path / name))

    return load


def test_a_copy_under_another_name_is_as_its_original(own):
    system = own(COPY)
    assert system.name == "mine" and system.smooth is None
    assert jumps(system) and not jumps(load_system("wahnstrom-smooth"))
    assert smooth(system, as_is=False).name == "wahnstrom-smooth"
    assert smooth(system, as_is=True) == system


def test_what_has_no_smooth_variant_stays_and_is_known_to_jump(own):
    system = load_system("kob-andersen")
    assert jumps(system) and smooth(system, as_is=False) == system and smooth_companion(system) is None


def test_a_shifted_force_does_not_jump(own):
    system = own(COPY.replace("lj/cut 2.5", "lj/smooth/linear 2.5").replace('"pair_modify shift yes",', ""))
    assert not jumps(system) and smooth(system, as_is=False) == system


def test_a_smooth_variant_of_ones_own_lies_beside_the_file(own):
    changed = ("pair_coeff 1 1 1.0 1.0", "pair_coeff 1 1 1.1 1.0")
    own(TEXT["wahnstrom-smooth"].replace("wahnstrom-smooth", "soft").replace(*changed), "soft.toml")
    system = own('smooth = "soft.toml"\n' + COPY.replace(*changed))
    assert smooth(system, as_is=False).name == "soft"


def test_another_model_is_no_smooth_variant(own):
    """What a copied file still says after its coefficients were changed."""
    system = own('smooth = "wahnstrom-smooth"\n' + COPY.replace("0.9166666666666666", "0.8"))
    with pytest.raises(InputError, match="differ where atoms touch"):
        smooth(system, as_is=False)


def test_the_smooth_variant_is_no_part_of_what_is_run():
    system = load_system("wahnstrom")
    assert system.smooth == "wahnstrom-smooth" and "smooth" not in system.model_dump()


def test_modes_recommend_the_smooth_variant_to_a_copy(own, tmp_path, monkeypatch):
    system = own(COPY)
    crystal = replicate(phase_named("fcc", system).cell(0.93), (3, 3, 3))
    (tmp_path / "fcc.lammps").write_text(lammps_data(crystal, system))
    call = in_process("modes", modes.command, tmp_path, monkeypatch)
    code, _, err = call("fcc.lammps", "--system", "mine.toml", "--no-figure", "--json")
    assert code == 0, err
    assert "the force of mine jumps by 0.039 at its cutoff" in err and "--system wahnstrom-smooth" in err


def test_charged_silica_is_searched_in_its_smooth_companion():
    """LAMMPS has no pairs to ask for where charges see all images: what the system's file says is believed."""
    silica = load_system("silica")
    assert smooth(silica, False).name == "silica-smooth"
    assert smooth(silica, True).name == "silica"
    assert smooth(load_system("silica-smooth"), False).name == "silica-smooth"
