"""Transport from fluctuations: autocorrelations, their spectra, and viscosities with a plateau that is judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glasscli.configuration import Floats
from glasscli.errors import InputError

BLOCKS = 16  # stretches of a run, each with an integral of its own
LONGEST = 4  # correlations up to this part of a stretch
SURE = 0.05  # a plateau is known to this share of its height, or there is none
SIGNIFICANT = 2.0
FEWEST = 400  # values of the stress, below which no plateau is looked for


@dataclass(frozen=True)
class Integral:
    """A Green-Kubo integral that grows with its upper limit.

    time         [n] from 0, in units of time
    correlation  [n] the autocorrelation, pressure^2; error of its mean over stretches of the run
    running      [n] integral up to each time, times V/kT: pressure x time; running_error [n]
    value, error height of the plateau, None where there is none; standard error over stretches
    window       [t, 2t] where it was judged flat; reason: why there is no plateau, or how flat it is
    """

    time: Floats
    correlation: Floats
    correlation_error: Floats
    running: Floats
    running_error: Floats
    value: float | None
    error: float | None
    window: tuple[float, float] | None
    reason: str

    @property
    def plateau(self) -> bool:
        """Whether there is one."""
        return self.value is not None


def autocorrelation(values: Floats, longest: int) -> Floats:
    """[longest, ...] <x(0) x(t)> of series [n, ...] evenly spaced in time, all origins averaged, by FFT."""
    n = len(values)
    if not 0 < longest <= n:
        raise InputError(f"an autocorrelation of {n} values has no {longest} lags")
    size = 1 << int(2 * n - 1).bit_length()
    waves = np.fft.rfft(values, size, axis=0)
    found = np.fft.irfft(np.abs(waves) ** 2, size, axis=0)[:longest]
    origins = (n - np.arange(longest)).reshape(-1, *[1] * (values.ndim - 1))
    return np.asarray(found / origins)


def shear_stress(stress: Mapping[str, Floats]) -> Floats:
    """[n, 6] components whose mean autocorrelation is that of a shear stress of an isotropic liquid.

    All of the traceless tensor, weighted so that its five independent parts count alike (Daivis & Evans, J. Chem. Phys.
    100, 541 (1994), Eq. 9): sum_ab P_ab P_ab / 10.
    """
    xx, yy, zz, xy, xz, yz = (stress[f"pressure_{ab}"] for ab in ("xx", "yy", "zz", "xy", "xz", "yz"))
    mean = (xx + yy + zz) / 3
    root = np.sqrt(2.0)
    parts = np.stack([xx - mean, yy - mean, zz - mean, root * xy, root * xz, root * yz], axis=1)
    return np.asarray(parts / np.sqrt(10.0))


def green_kubo(series: Floats, spacing: float, factor: float) -> Integral:
    """The integral of the summed autocorrelation of series [n, c] evenly `spacing` apart in time, times `factor`.

    The run is cut into stretches that are taken as independent. A plateau is the first time t whose doubling changes
    the integral by less than SURE of its height and by no more than twice what that change is uncertain by, which must
    be less than SURE too: there is none where the change is seen, and where it is not known. Its height is the mean
    from t to 2t.
    """
    n = len(series)
    length = n // BLOCKS
    longest = length // LONGEST
    if n < FEWEST or longest < 8:
        raise InputError(f"{n} values of the stress are too few for a viscosity: at least {FEWEST}")
    centred = series - series.mean(axis=0)
    blocks = np.array([
        autocorrelation(centred[b * length : (b + 1) * length], longest).sum(axis=1) for b in range(BLOCKS)
    ])  # fmt: skip
    running = np.zeros_like(blocks)
    running[:, 1:] = np.cumsum((blocks[:, 1:] + blocks[:, :-1]) / 2, axis=1) * spacing
    running *= factor
    time = np.asarray(np.arange(longest) * spacing)
    value, error, window, reason = _plateau(running, time)
    root = np.sqrt(BLOCKS)
    return Integral(
        time, blocks.mean(axis=0), blocks.std(axis=0, ddof=1) / root, running.mean(axis=0),
        running.std(axis=0, ddof=1) / root, value, error, window, reason,
    )  # fmt: skip


def _plateau(
    running: Floats, time: Floats
) -> tuple[float | None, float | None, tuple[float, float] | None, str]:
    """Of integrals [B, n] of stretches."""
    root, n = np.sqrt(len(running)), running.shape[1]
    best = "the run is too short for any"
    for k in np.unique(np.geomspace(4, (n - 1) // 2, 60).astype(int)):
        height = running[:, k : 2 * k + 1].mean(axis=1)
        rise = running[:, 2 * k] - running[:, k]
        change, doubt = float(rise.mean()), float(rise.std(ddof=1) / root)
        value, error = float(height.mean()), float(height.std(ddof=1) / root)
        if value <= 0:
            continue
        said = f"from {time[k]:.3g} to {time[2 * k]:.3g} it changes by {change / value:+.1%} ± {doubt / value:.1%}"
        if doubt > SURE * value:
            return (
                None,
                None,
                None,
                f"no plateau: {best if 'changes' in best else said}, before it is lost in noise",
            )
        if abs(change) <= min(SIGNIFICANT * doubt, SURE * value):
            return value, error, (float(time[k]), float(time[2 * k])), f"plateau: {said}"
        best = said
    return None, None, None, f"no plateau: {best}"


def spectrum(correlation: Floats, spacing: float) -> tuple[Floats, Floats]:
    """Angular frequencies [m] and the spectrum (2/pi) int_0^inf c(t)/c(0) cos(wt) dt of an autocorrelation [n].

    Tapered by a Hann window to the longest time; its integral over all frequencies is 1. Of velocities it is, in a
    harmonic solid, the density of vibrational states.
    """
    n = len(correlation)
    taper = 0.5 * (1 + np.cos(np.pi * np.arange(n) / n))
    tapered = correlation / correlation[0] * taper
    even = np.concatenate([tapered, tapered[:0:-1]])
    found = np.fft.rfft(even).real * spacing / np.pi
    frequency = 2 * np.pi * np.fft.rfftfreq(len(even), spacing)
    return np.asarray(frequency), np.asarray(found)


def spectrum_of(lag: NDArray[np.int64], correlation: Floats, gap: int, step: float) -> tuple[Floats, Floats]:
    """Angular frequencies [m] and int c(t) exp(iwt) dt / (2 pi) over all times of an even correlation [n] at lags [n].

    gap: steps between the lags that are used, from 0 on without a hole; step: of time. What it integrates to over all
    frequencies, negative ones too, is c(0). Tapered as `spectrum`.
    """
    use = int((lag == gap * np.arange(len(lag))).cumprod().sum())
    frequency, found = spectrum(correlation[:use], gap * step)
    return frequency, np.asarray(found * correlation[0] / 2)


def evenly_spaced(steps: NDArray[np.int64]) -> int | None:
    """Steps between values that are evenly spaced, None where they are not."""
    gaps = np.unique(np.diff(steps))
    return int(gaps[0]) if len(gaps) == 1 and gaps[0] > 0 else None
