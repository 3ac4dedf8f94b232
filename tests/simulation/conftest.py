"""A small pile-up pool that the tests of the simulation share."""

import pytest

from hepvision.simulation._pool import Pool
from hepvision.simulation._pool_file import open_pool

SMALL = 100


@pytest.fixture(scope="session")
def pool() -> Pool:
    """A hundred minimum-bias events at 8 TeV."""
    return open_pool(8000.0, SMALL)
