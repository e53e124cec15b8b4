"""A verdict follows from errors, and could have been another: planted faults flip rows of every kind."""

import json
from dataclasses import replace

import numpy as np
import pytest

from glasscli.model.system import load_system
from glasscli.reproduce import (
    buchenau,
    crystal_numbers,
    derlet_rows,
    derlet_text_rows,
    egorushkin,
    klinger_rows,
    law_numbers,
    theory_numbers,
)
from glasscli.reproduce.catalogue import ITEMS
from glasscli.reproduce.comparison import (
    Comparison,
    Expected,
    Found,
    Kind,
    Relation,
    Verdict,
    compare,
    counted,
    printed,
    table,
)
from glasscli.reproduce.glass_numbers import EXPECTED_OF_KNOWN
from glasscli.reproduce.validate import GROUPS

AGREES, DIFFERS, UNSURE = Verdict.AGREES, Verdict.DIFFERS, Verdict.UNSURE
EVERYWHERE = [
    *(e for group in GROUPS.values() for e in group.expected),
    *(e for item in ITEMS.values() for e in item.expected),
    *EXPECTED_OF_KNOWN,
]
ORDER = Expected("y", "y", "text", Kind.ORDERING, 0.0, relation=Relation.ABOVE, fails="the other way round")


def verdict(expected, value, error=0.0):
    return Comparison(expected, Found(value, error)).verdict


def test_the_rule():
    one = printed("x", "x", "2.0", "text", 3.0, "another law")
    assert one.error == 0.05 and printed("x", "x", "4e2", "text", 1.0, "f").error == 50
    assert verdict(one, 2.05) is AGREES and verdict(one, 2.06) is DIFFERS
    assert verdict(one, 2.2, 0.08) is AGREES  # 0.15 outside of the print, less than two errors
    assert verdict(one, 2.2, 0.06) is UNSURE and verdict(one, 2.2, 0.04) is DIFFERS
    assert verdict(one, 2.2, 0.5) is UNSURE  # it might as well be 3
    nearly_all = replace(one, value=0.95, error=0.05, rival=0.5)
    assert verdict(nearly_all, 1.0) is AGREES  # 1 - 0.95 is a rounding above 0.05
    assert verdict(one, None) is UNSURE and verdict(one, 2.0, float("nan")) is UNSURE
    assert verdict(one, float("nan")) is DIFFERS
    assert verdict(ORDER, 0.2, 0.09) is AGREES and verdict(ORDER, 0.2, 0.11) is UNSURE
    assert verdict(ORDER, -0.2, 0.05) is DIFFERS and verdict(ORDER, 0.0) is UNSURE


def test_of_inputs_that_are_left_open_no_one_is_the_middle():
    """A range is no error: it does not reach what none of its inputs gives."""
    one = printed("x", "x", "2.0", "text", 2.4, "another law")  # 1.95 to 2.05
    ranges = {(1.96, 2.04): AGREES, (1.99, 2.2): UNSURE, (2.06, 2.2): DIFFERS, (1.9, 2.5): UNSURE}
    for ends, expected in ranges.items():
        assert Comparison(one, Found.of_inputs(ends, "inputs")).verdict is expected, ends
    beside = Comparison(one, Found.of_inputs((2.06, 2.2), "inputs"))
    # As a standard error half of the range would reach the print.
    assert verdict(one, 2.13, 0.07) is AGREES
    assert Comparison.of(json.loads(json.dumps(beside.data))).verdict is DIFFERS
    assert "2.06 to 2.2" in "\n".join(table([beside]))


def test_every_row_that_is_written_down_is_listed_with_its_item():
    modules = (buchenau, derlet_rows, derlet_text_rows, egorushkin, klinger_rows)
    parts = [part for module in modules for part in vars(module).values() if isinstance(part, tuple)]
    written = {e.key for part in parts for e in part if isinstance(e, Expected)}
    assert written == {e.key for item in ITEMS.values() for e in item.expected}


@pytest.mark.parametrize(
    "fields",
    [
        {"rival": 2.05},  # within the error: it would flip nothing
        {"rival": None},
        {"fails": ""},
        {"kind": Kind.ORDERING},
        {"relation": Relation.ABOVE},
    ],
)
def test_a_row_that_cannot_fail_is_no_row(fields):
    good = {"rival": 3.0, "fails": "another law", "kind": Kind.PRINTED, "relation": Relation.EQUAL}
    Expected("x", "x", "text", value=2.0, error=0.1, **good)
    with pytest.raises(ValueError, match=r"^x: "):
        Expected("x", "x", "text", value=2.0, error=0.1, **(good | fields))
    with pytest.raises(ValueError, match="rival lies on the side"):
        replace(ORDER, rival=1.0)


@pytest.mark.parametrize("expected", EVERYWHERE, ids=lambda e: e.key)
def test_every_row_has_a_rival_that_flips_it(expected):
    if expected.kind is Kind.INPUT:
        assert verdict(expected, expected.value) is verdict(expected, 1e9) is Verdict.INPUT
        return
    there = {Relation.EQUAL: 0.0, Relation.ABOVE: 1.0, Relation.BELOW: -1.0}[expected.relation]
    assert verdict(expected, expected.value + there) is AGREES
    assert verdict(expected, expected.rival) is not AGREES
    assert verdict(expected, 2 * expected.rival - expected.value - there) is DIFFERS
    # An error as large as the distance between the two decides nothing.
    blurred = abs(expected.value + there - expected.rival)
    assert verdict(expected, expected.value + there, blurred) is UNSURE


def test_a_number_is_one_row_wherever_it_is_shown():
    by_key = {e.key: e for e in EVERYWHERE}
    assert all(by_key[e.key] == e for e in EVERYWHERE)
    assert len({(e.what, e.source) for e in by_key.values()}) == len(by_key)
    (mixture,) = [e for e in derlet_rows.FIG5 if e.key == "mix E"]
    assert mixture in crystal_numbers.EXPECTED
    shown = [
        Comparison(mixture, Found(-7.7)),
        Comparison(mixture, Found(-7.5)),
        Comparison(ORDER, Found(1.0)),
    ]
    assert counted(shown) == {"printed number": {"differs": 1}, "ordering or sign": {"agrees": 1}}


def test_comparisons_come_back_from_their_data():
    for one in (
        Comparison(ORDER, Found(np.float64(2.0), 0.1, "note")),
        Comparison(ORDER, Found(float("nan"))),
        Comparison(ORDER, Found(None, note="no number")),
        Comparison(ORDER, Found(1.0, float("nan"))),
    ):
        data = json.loads(json.dumps(one.data))
        assert Comparison.of(data).data == data
        assert Comparison.of(data).verdict is one.verdict
        assert table([one])


def test_errors_of_samples_count_samples():
    found = Found.of_samples([1.0, 2.0, 3.0])
    assert found.value == 2 and found.error == pytest.approx(0.763, abs=1e-3)
    assert np.isnan(Found.of_samples([1.0]).error)


# Planted faults.


def flipped(expected, right, wrong):
    """Kinds of the rows that agree without the fault and do not with it."""
    pairs = zip(compare(expected, right), compare(expected, wrong), strict=True)
    return {b.expected.key: b.expected.kind for a, b in pairs if a.verdict is AGREES is not b.verdict}


@pytest.fixture(scope="module")
def crystals():
    return crystal_numbers.numbers()


def test_a_potential_without_its_shift_flips_printed_exact_and_own_rows(crystals):
    system = load_system("wahnstrom")
    bare = [line.replace("shift yes", "shift no") for line in system.commands]
    wrong = crystal_numbers.numbers(system.model_copy(update={"commands": bare}))
    found = flipped(crystal_numbers.EXPECTED, crystals, wrong)
    assert {"mix E", "sum c15", "sum b2", "c15 E", "c15 V", "c15 767", "hcp E"} <= set(found)
    assert set(found.values()) == {Kind.PRINTED, Kind.EXACT, Kind.OWN}


def test_small_atoms_of_another_size_flip_an_ordering(crystals):
    system = load_system("wahnstrom")
    large = [line.replace("0.8333333333333334", "0.95") for line in system.commands]
    wrong = crystal_numbers.numbers(system.model_copy(update={"commands": large}))
    found = flipped(crystal_numbers.EXPECTED, crystals, wrong)
    assert Kind.ORDERING in found.values(), found


def test_a_wrong_exponent_flips_theory(monkeypatch):
    right = theory_numbers.numbers()
    trapped = theory_numbers.trapped
    # Of a well that is quartic: the power of the charge that a harmonic one has.
    monkeypatch.setattr(theory_numbers, "trapped", lambda q, a, u, eta: trapped(q, a, u, eta=1e6))
    monkeypatch.setattr(theory_numbers.kinetics, "time_to", lambda share, g, G: 1.5)
    quartic = theory_numbers.stability.quartic_energy
    monkeypatch.setattr(theory_numbers.stability, "quartic_energy", lambda beta: quartic(1.0) * beta**3)
    found = flipped(theory_numbers.EXPECTED, right, theory_numbers.numbers())
    assert set(found) == {"W2/W1 quartic", "t_half 20 10", "t_half 1 1", "bend", "eq23"}


def test_signs_of_relaxation_and_of_damping_are_seen(monkeypatch):
    right = theory_numbers.numbers()
    saturated, order = theory_numbers.saturated_order, theory_numbers.kinetics._order
    monkeypatch.setattr(
        theory_numbers, "saturated_order", lambda eta, c, s0, pump: saturated(0.0, c + eta**2 / 4, s0, pump)
    )
    monkeypatch.setattr(
        theory_numbers.kinetics,
        "_order",
        lambda t, gain, Gamma: np.array(order(t, gain, Gamma)) * [[1], [-1]],
    )
    found = flipped(theory_numbers.EXPECTED, right, theory_numbers.numbers())
    assert set(found) == {"saturated", "bend"}


def test_exchanges_at_another_temperature_are_seen(monkeypatch):
    system = load_system("wahnstrom")
    exact = {e.key: e for e in law_numbers.EXPECTED}["boltzmann"]
    assert Comparison(exact, law_numbers._exchanges(system)["boltzmann"]).verdict is AGREES
    sites = law_numbers.Sites
    monkeypatch.setattr(law_numbers, "Sites", type("Hot", (sites,), {
        "exchange": lambda self, rng, n, beta: sites.exchange(self, rng, n, 0.8 * beta)
    }))  # fmt: skip
    assert Comparison(exact, law_numbers._exchanges(system)["boltzmann"]).verdict is DIFFERS
