"""Eshelby's field: the analytic one of an inclusion is found again, noise is none."""

from itertools import product

import numpy as np
import pytest

from glasscli.box import Box
from glasscli.observables.quadrupole import Field, fit

NU = 0.3


def disc(x, radius, strain):
    """[n, 2] of a disc of a traceless eigenstrain in an infinite medium, plane strain (Dasgupta et al. 2012)."""
    r2 = np.maximum((x**2).sum(axis=1, keepdims=True), 1e-300)
    p, pulled = radius**2 / r2, x @ strain
    along = (x * pulled).sum(axis=1, keepdims=True) / r2
    outside = p * ((2 * (1 - 2 * NU) + p) * pulled + 2 * (1 - p) * along * x)
    return np.where(p < 1, outside, (3 - 4 * NU) * pulled) / (4 * (1 - NU))


def ball(x, radius, strain):
    """[n, 3] of a sphere (T. Mura, Micromechanics of Defects in Solids, Eq. 11.30: its two potentials)."""
    r, pulled = np.linalg.norm(x, axis=1, keepdims=True), x @ strain
    along = (x * pulled).sum(axis=1, keepdims=True)
    third = -2 * pulled / r**3 + 3 * along * x / r**5
    third += radius**2 / 5 * (6 * pulled / r**5 - 15 * along * x / r**7)
    outside = radius**3 / (6 * (1 - NU)) * (third + 4 * (1 - NU) * pulled / r**3)
    return np.where(r > radius, outside, 2 * (4 - 5 * NU) / (15 * (1 - NU)) * pulled)


def repeated(one, x, edge, shells):
    """[n, d] of a core and all its copies; the linear part of a sum of finite extent is taken off."""
    shifts = edge * np.array(list(product(range(-shells, shells + 1), repeat=x.shape[1])))
    half = edge / 2 * np.eye(x.shape[1])
    ends = sum(one(half - shift) - one(-half - shift) for shift in shifts) / edge
    return sum(one(x - shift) for shift in shifts) - x @ ends


def sample(dimension, edge, seed=1):
    """Atoms at random, one in a unit of volume, and a traceless strain along axes at random."""
    rng = np.random.default_rng(seed)
    places = np.zeros((round(edge**dimension), 3))
    places[:, :dimension] = rng.uniform(0, edge, (len(places), dimension))
    turn = np.linalg.qr(rng.normal(size=(dimension, dimension)))[0]
    strain = turn @ np.diag([0.1, -0.1, 0.0][:dimension]) @ turn.T
    box = Box(np.diag([edge, edge, edge if dimension == 3 else 1.0]), (True, True, dimension == 3), dimension)
    return box, places, strain


@pytest.mark.parametrize(("dimension", "edge", "radius", "shells"), [(2, 24.0, 1.5, 16), (3, 9.0, 1.0, 7)])
def test_beyond_the_core_the_field_is_the_analytic_one(dimension, edge, radius, shells):
    """A Gaussian of a sphere's second moment has its field outside: what is left is the images that are not summed."""
    box, places, strain = sample(dimension, edge)
    places = places[:300]
    away = box.minimum_image(places)
    one, volume = (disc, np.pi * radius**2) if dimension == 2 else (ball, 4 / 3 * np.pi * radius**3)
    expected = repeated(lambda x: one(x, radius, strain), away[:, :dimension], edge, shells)
    width = radius / (dimension + 2) ** 0.5
    found = Field(box, width).displacements(places, volume * strain, 1 / (2 * (1 - NU)))
    outside = np.linalg.norm(away, axis=1) > 2 * radius
    expected, found = (u[outside] - u[outside].mean(axis=0) for u in (expected, found))
    assert outside.sum() > 150
    assert np.linalg.norm(found - expected) < 2e-3 * np.linalg.norm(expected)
    assert np.sum(found * expected) / np.sum(expected**2) == pytest.approx(1, abs=1e-3)


def test_a_field_of_its_own_form_is_found_as_it_was_made():
    box, places, strain = sample(2, 16.0)
    centre = np.array([5.0, 13.0, 0.0])
    moment = 4 * strain + 0.05 * np.eye(2)
    u = np.zeros_like(places)
    u[:, :2] = Field(box, 0.8).displacements(places - centre, moment, 1 / (2 * (1 - NU)))
    found = fit(box, places, u + np.array([0.01, -0.02, 0.0]), 1.0)
    assert np.linalg.norm(box.minimum_image(found.centre - centre)) < 2e-3
    assert found.moment == pytest.approx(moment, abs=5e-3 * np.abs(moment).max())
    assert found.core == pytest.approx(2 * 0.8, rel=0.02)
    assert found.poisson == pytest.approx(NU, abs=0.01) and found.share > 0.9999


@pytest.mark.parametrize(("dimension", "edge", "radius", "shells"), [(2, 24.0, 2.5, 8), (3, 9.0, 1.8, 4)])
def test_the_analytic_field_of_an_inclusion_is_found_again(dimension, edge, radius, shells):
    """A sharp core by a Gaussian: only within it are the two unlike, and one of twenty-five atoms is there."""
    box, places, strain = sample(dimension, edge)
    centre = np.zeros(3)
    centre[:dimension] = np.array([0.3, 0.62, 0.9])[:dimension] * edge
    away = box.minimum_image(places - centre)[:, :dimension]
    one, volume = (disc, np.pi * radius**2) if dimension == 2 else (ball, 4 / 3 * np.pi * radius**3)
    u = np.zeros_like(places)
    u[:, :dimension] = repeated(lambda x: one(x, radius, strain), away, edge, shells)
    found = fit(box, places, u - u.mean(axis=0), 1.0)

    assert np.linalg.norm(box.minimum_image(found.centre - centre)) < 0.1
    assert found.share > 0.97
    assert found.moment == pytest.approx(volume * strain, abs=0.1 * volume * 0.1)
    assert found.strength == pytest.approx(0.2 * volume, rel=0.1)
    assert found.core == pytest.approx(radius, rel=0.3)  # of a Gaussian, which ends nowhere
    assert found.poisson == pytest.approx(NU, abs=0.06)
    _values, vectors = np.linalg.eigh(strain)
    assert abs(found.axes[0] @ vectors[:, -1]) > 0.999 and abs(found.axes[1] @ vectors[:, 0]) > 0.999


def test_the_field_of_a_leaning_box_is_that_of_the_same_lattice():
    """A box that leans by a whole edge repeats as the upright one."""
    box, places, strain = sample(2, 12.0)
    leaning = box.of(box.vectors + np.array([[0, 0, 0], [12.0, 0, 0], [0, 0, 0]]))
    one, other = (Field(b, 1.0).displacements(places, strain, 0.7) for b in (box, leaning))
    assert other == pytest.approx(one, abs=2e-3 * np.abs(one).max())


def test_noise_is_no_quadrupole():
    box, places, _ = sample(2, 16.0)
    u = np.random.default_rng(5).normal(size=places.shape)
    u[:, 2] = 0
    assert fit(box, places, u, 1.0).share < 0.1
