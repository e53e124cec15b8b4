"""Solutions of symmetric, indefinite systems of equations that are known by products alone."""

from __future__ import annotations

from collections.abc import Callable
from math import hypot, sqrt

import numpy as np

from glasscli.configuration import Floats


def minimal_residual(
    product: Callable[[Floats], Floats], right: Floats, tolerance: float, most: int
) -> Floats:
    """Return x [n] with A x = right, A x being `product(x)`.

    C. Paige, M. Saunders, SIAM J. Numer. Anal. 12, 617 (1975).
    tolerance: of the residual over |A||x|, by which a soft mode counts for what it is; most: iterations. Where A is
    singular x comes as near as it can. Unlike SciPy's it does nothing beside: vectors are short, and products quick.
    """
    x, beta = np.zeros_like(right), float(np.linalg.norm(right))
    if beta == 0:
        return x
    # Lanczos's vectors, and the last two directions in which x was changed.
    before, last, residual = np.zeros_like(right), right, beta
    older, old = np.zeros_like(right), np.zeros_like(right)
    beta_before, squares, cosine, sine, along, beyond = 0.0, 0.0, -1.0, 0.0, 0.0, 0.0
    for _ in range(most):
        v = last / beta
        image = product(v)
        if beta_before:
            image = image - (beta / beta_before) * before
        alpha = float(v @ image)
        image = image - (alpha / beta) * last
        before, last, beta_before = last, image, beta
        beta = float(np.linalg.norm(image))
        squares += alpha**2 + beta_before**2 + beta**2
        # One column of the tridiagonal matrix, turned as those before it, then by a rotation of its own.
        delta, gamma_bar, epsilon = cosine * along + sine * alpha, sine * along - cosine * alpha, beyond
        beyond, along = sine * beta, -cosine * beta
        slope = hypot(gamma_bar, along)
        gamma = max(hypot(gamma_bar, beta), np.finfo(float).eps)
        cosine, sine = gamma_bar / gamma, beta / gamma
        direction = (v - epsilon * older - delta * old) / gamma
        older, old = old, direction
        x += (cosine * residual) * direction
        residual *= sine
        norm = sqrt(squares)
        if residual <= tolerance * norm * float(np.linalg.norm(x)) or slope <= tolerance * norm or beta == 0:
            break
    return x
