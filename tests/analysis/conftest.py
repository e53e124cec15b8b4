from pathlib import Path

import pytest

GLASS = Path(__file__).parents[2] / "../shared/data/derlet-su2/from-the-melt_LJWahnstrom.lammps.gz"


@pytest.fixture(scope="session")
def derlet_glass_file():
    """A real glass nobody here made; without it the measures are not checked against the world outside."""
    if not GLASS.exists():
        pytest.fail(f"{GLASS.resolve()} is not there: this test reads that third-party glass", pytrace=False)
    return GLASS.resolve()


@pytest.fixture(scope="session")
def derlet_glass(derlet_glass_file):
    from glasscli.sources import open_source

    return open_source(derlet_glass_file)[0]
