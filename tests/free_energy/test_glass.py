"""The entropy of a glass-former: a crystal has no configurational one, laws of known numbers give these back."""

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from glasscli.free_energy.basin import Basin
from glasscli.free_energy.crystal import Effort, by_springs, frenkel_ladd
from glasscli.free_energy.deepest import Glass, Held, above
from glasscli.free_energy.glass import GlassQuestion, _equilibrated
from glasscli.free_energy.kauzmann import LiquidEnergy, adam_gibbs, anharmonic_entropy, kauzmann
from glasscli.free_energy.surface import Point, Surface
from glasscli.landscape.worker import close
from glasscli.model.system import load_system
from glasscli.store.reader import open_run
from glasscli.structures.build import build_crystal
from glasscli.structures.phases import phase_named
from tests.plain_system import PLAIN


def test_a_crystal_has_no_configurational_entropy():
    """fcc of large atoms at a sixth of its melting point by the route of glasses: S of the crystal, whole, by an
    Einstein crystal, less that of its modes and of what is anharmonic, and the same by springs that stay."""
    system, T, effort = load_system("wahnstrom-smooth"), 0.2, Effort(4, 80, 300)
    crystal = build_crystal(
        system, phase_named("fcc-large", system), volume=0.95, cells=(3, 3, 3)
    ).configuration
    n = crystal.n_atoms
    whole = frenkel_ladd(system, crystal, T, np.random.default_rng(1), effort)
    found = Basin(system, crystal, T, effort, 1).do()
    close()
    kT = np.array([T / 3, 2 * T / 3])
    energies = [found["0.anharmonic"], found["1.anharmonic"]]
    errors = [found["0.error"], found["1.error"]]
    soft, soft_error = anharmonic_entropy(kT, np.array(energies), np.array(errors), T)
    total = (whole.means.energy + 1.5 * n * T - whole.value) / (n * T)
    error = np.hypot(whole.error, whole.means.energy_error) / (n * T)
    assert abs(total - found["harmonic"] - soft) < 4 * np.hypot(error, soft_error) < 0.5
    assert abs(found["F"] - whole.value / n) < 4 * np.hypot(found["F_error"], whole.error / n) < 0.02
    assert found["released"] < 0

    # The crystal as the deepest glass of a run: by springs as before, without modes, and all there is for its size.
    glass = Held(system, Glass(Path("crystal.h5"), crystal), T, Effort(4, 80, 100), 1)
    alone = glass.do()
    assert abs(alone["F"] - whole.value / n) < 4 * np.hypot(alone["F_error"], whole.error / n) < 0.03
    infinite = whole.value / n + T * np.log(n) / (2 * n)
    # F = f0 - (V - 0.95), two phases of one composition: at one volume both are alike.
    flat = [Point(v, T, infinite - v + 0.95, 1e-3, 0.0, 1e3, 1.0, 1e-3) for v in (0.9, 1.0)]
    pair = Surface("fcc-large", 0.0, flat), Surface("hcp-large", 0.0, flat)
    said = above(glass, alone, pair, pair[0], notes := [])
    assert not notes and abs(said.E_IS - found["E_IS"]) < 1e-6 and said.composition == 0.0
    assert said.above == pytest.approx(said.F - infinite, abs=1e-5)
    assert said.above_liquid == pytest.approx(said.above, abs=1e-5)
    assert abs(said.above) < 4 * said.above_error < 0.03


def test_springs_that_stay_are_taken_away():
    """Half of soft springs stays: without what is taken away F would be much too high."""
    system, T, rng = load_system("wahnstrom-smooth"), 0.05, np.random.default_rng(2)
    crystal = build_crystal(
        system, phase_named("fcc-large", system), volume=0.95, cells=(2, 2, 2)
    ).configuration
    args = (
        system,
        crystal,
        crystal.positions,
        np.full(crystal.n_atoms, 150.0),
        T,
        rng,
        0.02,
        Effort(6, 100, 400),
    )
    none, some = by_springs(*args), by_springs(*args, 0.5)
    assert none.released == 0 and some.released < -5 * some.error
    assert abs(none.value - some.value) < 4 * np.hypot(none.error, some.error)


def test_a_liquid_of_known_energy_has_the_entropy_of_its_free_energy():
    """U = a + b T^(3/5): F_ex/T is its integral, S_ex what remains of U/T; errors come from those of the energies."""
    kT, a, b = np.array([0.5, 0.6, 0.8, 1.0]), -8.0, 2.4
    energies = LiquidEnergy(kT, a + b * kT**0.6, np.full(4, 1e-4))
    top = -7.0  # of F_ex / kT at 1
    (found, error), (free, _) = energies.excess(0.5, top)
    beta_f = top + a * (1 / 0.5 - 1) + b * (0.5**-0.4 - 1) / 0.4
    assert found == pytest.approx((a + b * 0.5**0.6) / 0.5 - beta_f, abs=1e-8) and 0 < error < 3e-3
    assert energies.chi_squared < 1e-6 and free == pytest.approx(beta_f, abs=1e-8)
    alone = LiquidEnergy(kT[-1:], np.array([-5.6]), np.array([1e-3]))
    assert alone.excess(1.0, top)[0][0] == pytest.approx(-5.6 - top)


def test_where_entropy_would_vanish_and_why_it_is_not_said():
    """S_c = K (1/T_K - 1/T) with T_K = 0.3, K = 0.4; an error in common moves T_K as a shift of all of S_c does, and a
    line in 1/T^2 through the same points has another."""
    kT = np.array([0.45, 0.5, 0.6, 0.8])
    s_c = 0.4 * (1 / 0.3 - 1 / kT)
    found = kauzmann(kT, s_c, np.full(4, 0.003), 0.0)
    law = found.T_K, found.K
    assert law == pytest.approx((0.3, 0.4), abs=1e-9)
    wider = kauzmann(kT, s_c, np.full(4, 0.003), 0.02)
    moved = kauzmann(kT, s_c + 0.02, np.full(4, 0.003), 0.0)
    assert np.hypot(found.T_K_error, found.T_K - moved.T_K) == pytest.approx(wider.T_K_error, rel=0.05)
    bent = np.polyfit(1 / kT**2, s_c, 1)
    assert found.T_K_error == pytest.approx(np.sqrt(-bent[0] / bent[1]) - 0.3, rel=0.05)
    few = kauzmann(kT[:2], s_c[:2], np.full(2, 0.003), 0.0)
    assert few.T_K is None and "at 2 temperatures" in few.reason
    assert "does not fall" in kauzmann(kT, -s_c, np.full(4, 0.003), 0.0).reason
    assert "no fit" in kauzmann(kT, s_c, np.full(4, 1.0), 0.0).reason
    deep = kauzmann(kT, s_c - 0.5, np.full(4, 0.003), 0.0)
    assert "below zero" in deep.reason and deep.T_K_below == 0.5
    # Whatever the line says, it is below each temperature at which S_c is certain to be above zero.
    assert few.T_K_below == found.T_K_below == 0.45 and found.over(2.0).T_K_below == 0.225
    assert kauzmann(kT, s_c, np.full(4, 0.003), 0.25).T_K_below == 0.5  # S_c is 0.444 at 0.45, 0.533 at 0.5
    assert kauzmann(kT, s_c, np.full(4, 1.0), 0.0).T_K_below is None


def test_relaxation_follows_the_configurational_entropy():
    """ln tau = -2 + 1.5 / (T S_c)."""
    kT = np.array([0.45, 0.5, 0.6, 0.8])
    s_c = 0.4 * (1 / 0.3 - 1 / kT)
    tau = np.exp(-2 + 1.5 / (kT * s_c))
    found = adam_gibbs(kT, s_c, 0.01 * s_c, tau, 0.02 * tau)
    assert (found.A, found.ln_tau0) == pytest.approx((1.5, -2.0)) and found.A_error > 0
    assert "at 2 temperatures" in adam_gibbs(kT[:2], s_c[:2], s_c[:2], tau[:2], tau[:2]).reason


def test_runs_of_one_temperature_that_lie_apart_are_no_equilibrium(monkeypatch):
    """Neither drifts and each decorrelates, but they differ by four errors in E_IS; by one they may."""
    rng, apart = np.random.default_rng(6), {"difference_error": 0.01, "verdict": "not certified"}

    def run():
        table = {"step": np.arange(400), "inherent_energy": -7.0 + 0.01 * rng.standard_normal(400)}
        return SimpleNamespace(inherent_table=table, path="", result=lambda _: {"crystalline": [0.0] * 400})

    runs = {Path("above.h5"): run(), Path("below.h5"): run()}
    for by, good in ((0.04, False), (0.01, True)):
        said = SimpleNamespace(difference=by, reason="why", **apart)
        monkeypatch.setattr("glasscli.free_energy.glass.certificate", lambda *_, said=said: said)
        well, why = _equilibrated(Path("above.h5"), runs, GlassQuestion(tuple(runs)))
        assert well == good and ("lie 0.0400 ± 0.0100 apart" in why) != good
    runs[Path("above.h5")].result = lambda _: {"crystalline": [0.3] * 400}
    assert _equilibrated(Path("above.h5"), runs, GlassQuestion(tuple(runs)))[1].startswith("crystallising")


# Without a shift the energy jumps at the cutoff, and minimisers stop there.
SMOOTH = '"pair_style lj/smooth 2.0 2.5", "pair_modify shift yes"'
REFUSED = {
    "glass": "needs runs at constant temperature",
    "glass melt.h5": "its temperature changes",
    "glass mine.toml": "no run of glasscli",
    "glass T2.0.h5 --temperature 2": "--temperature is of PHASES",
    "fcc --temperature 1 --system mine.toml --structures 2": "--structures is of `glass`",
    "fcc --system mine.toml": "give --temperature",
    "fcc --temperature 1 --system mine.toml --glass mine.toml": "--glass mine.toml is no run",
    "fcc-large --temperature 1 --glass T2.0.h5": "is of mine, not of wahnstrom: give --system",
    "glass T2.0.h5 --glass T2.0.h5": "--glass is of PHASES",
}


def deepest(name, folder):
    """Energy of the lowest inherent structure of a run."""
    return open_run(folder / name).inherent_table["inherent_energy"].min()


def test_the_entropy_of_runs_the_same_again_and_what_has_none(glasscli, tmp_path):
    """A liquid that is in equilibrium within seconds, at two temperatures."""
    smooth = PLAIN.replace('"pair_style lj/cut 2.5"', SMOOTH).replace(
        "volume_per_atom = 1.0", "volume_per_atom = 1.18"
    )
    (tmp_path / "mine.toml").write_text(smooth)
    glasscli("quench", "--system", "mine.toml", "--atoms", "108", "--T-start", "3", "--T-end", "2", "--steps", "500",
             "--equilibration", "500", "--inherent-every", "0", "-o", "melt.h5")  # fmt: skip
    for T in ("2.0", "1.5"):
        glasscli("anneal", "melt.h5", "--from", "final", "--T", T, "--steps", "6000", "--every", "60", "--thermo-every",
                 "20", "--inherent-every", "100", "-o", f"T{T}.h5")  # fmt: skip
    args = ["free-energy", "glass", "T2.0.h5", "T1.5.h5", "--q", "7", "--structures", "2", "--switches", "2"]
    args += ["--steps", "20", "--rounds", "100", "--jobs", "1", "--json"]
    asked = glasscli(*args, "--dry-run").data
    assert asked["tasks"] == 5 and not (tmp_path / "free-energy.db").exists()
    said = glasscli(*args)
    found = said.data
    assert said.code == 0 and found["T"] == [1.5, 2.0] and found["missing"] == 0
    settled = [row for row in found["temperatures"] if row["equilibrated"]]
    for row in settled:
        assert row["S_configurational"] == pytest.approx(row["S_liquid"] - row["S_vibrational"])
        assert row["S_vibrational"] == pytest.approx(row["S_harmonic"] + row["S_anharmonic"])
        assert row["S_liquid_error"] > 0 and row["structures"] == 2
        assert row["F_basin"] - row["F_liquid"] == pytest.approx(
            row["T"] * row["S_configurational_by_springs"]
        )
    assert settled and all(row["S_liquid"] is None for row in found["temperatures"] if row not in settled)
    assert found["T_K"] is None and "temperatures, not 3" in found["T_K_reason"]
    assert (tmp_path / "free-energy-entropy.csv").exists()
    again = glasscli(*args).data
    assert json.dumps(again["temperatures"]) == json.dumps(found["temperatures"])
    args = [
        "free-energy",
        "fcc@0.95",
        "--temperature",
        "0.1",
        "--atoms",
        "32",
        "--system",
        "mine.toml",
        "--glass",
    ]
    args += [
        "T1.5.h5",
        "--steps",
        "10",
        "--switches",
        "2",
        "--rounds",
        "100",
        "--jobs",
        "1",
        "--no-figure",
        "--force",
    ]
    held = glasscli(*args, "--json").data["glass"]
    assert (
        len(held) == 1
        and held[0]["E_IS"] == pytest.approx(deepest("T1.5.h5", tmp_path))
        and held[0]["above"] is None
    )
    assert held[0]["size_correction"] == pytest.approx(0.1 * 1.5 * np.log(108) / 108)
    for words, line in REFUSED.items():
        refused = glasscli("free-energy", *words.split())
        assert refused.code in (1, 2) and line in refused.err and "Traceback" not in refused.err, words
