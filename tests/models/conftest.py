"""A hosted service that answers as agreed, and what it is asked."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from synthome.query import Query
from tests.models.remote_services import answer_well
from tests.models_for_tests import liver_query
from tests.servers import ScriptedServer, scripted_server


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with scripted_server() as server:
        answer_well(server)
        yield server


@pytest.fixture
def query() -> Query:
    """Two conditions, a sample each."""
    return liver_query(1)
