"""Fixtures that every end-to-end test may ask for."""
import sys
import pathlib

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from harness import Server  # noqa: E402


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A running server on a fresh data directory, one for each test module."""
    running = Server(tmp_path_factory.mktemp("flawless"))
    try:
        yield running.start()
    finally:
        running.close()


@pytest.fixture(scope="module")
def projects_made():
    return []


@pytest.fixture
def project(server, projects_made):
    """A project of its own for each test."""
    projects_made.append(1)
    return server.project(f"project {len(projects_made)}")


@pytest.fixture
def fresh(tmp_path):
    """Makes servers on fresh data directories, with settings; not started."""
    made = []

    def make(**settings):
        directory = tmp_path / f"server{len(made)}"
        directory.mkdir()
        made.append(Server(directory, **settings))
        return made[-1]
    yield make
    for one in made:
        one.close()
