import sys
from pathlib import Path

import pytest

from glasscli.engine.forces import Forces
from glasscli.system import load_system

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def wahnstrom():
    return load_system("wahnstrom")


@pytest.fixture
def forces(wahnstrom):
    with Forces(wahnstrom) as instance:
        yield instance
