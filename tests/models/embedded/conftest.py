from __future__ import annotations

import pytest

from synthome.models import Model, embedded_model


@pytest.fixture(scope="session")
def bulk() -> Model:
    return embedded_model("gem-1-bulk")


@pytest.fixture(scope="session")
def single_cell() -> Model:
    return embedded_model("gem-1-sc")
