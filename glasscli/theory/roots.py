"""A root in a bracket. scipy.optimize has one too, but takes longer to import than a whole command may last."""

from __future__ import annotations

from collections.abc import Callable


def find_root(function: Callable[[float], float], low: float, high: float, tolerance: float = 1e-14) -> float:
    """Return x in [low, high] where `function` changes its sign, to about `tolerance` (absolute, or relative to x).

    Chandrupatla (1997): inverse quadratic interpolation where it is sure to help, else bisection. Raises ValueError
    when both ends have the same sign.
    """
    a, b = float(high), float(low)  # b and a bracket the root, b is the newer
    fa, fb = function(a), function(b)
    if fa == 0 or fb == 0:
        return a if fa == 0 else b
    if (fa > 0) == (fb > 0):
        raise ValueError(f"no change of sign between {low!r} and {high!r}")
    t = 0.5
    while True:
        x = a + t * (b - a)
        fx = function(x)
        if (fx > 0) == (fa > 0):
            c, fc = a, fa
        else:
            c, fc, b, fb = b, fb, a, fa
        a, fa = x, fx
        best, value = (a, fa) if abs(fa) < abs(fb) else (b, fb)
        width = abs(b - a)
        least = 0.5 * tolerance + 2 * 2.2e-16 * abs(best)
        if value == 0 or width <= 2 * least:
            return best
        xi, phi = (a - b) / (c - b), (fa - fb) / (fc - fb)
        t = 0.5
        if phi**2 < xi and (1 - phi) ** 2 < 1 - xi:
            t = fa / (fb - fa) * fc / (fb - fc) + (c - a) / (b - a) * fa / (fc - fa) * fb / (fc - fb)
        t = min(max(t, least / width), 1 - least / width)
