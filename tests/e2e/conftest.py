"""Worlds for the tests of the story."""
import pytest

from story import World


@pytest.fixture
def make_world(tmp_path):
    """Makes worlds with settings of their own; their servers are not started."""
    made = []

    def make(**settings):
        directory = tmp_path / f"world{len(made)}"
        directory.mkdir()
        made.append(World(directory, **settings))
        return made[-1]
    yield make
    for world in made:
        world.close()


@pytest.fixture
def world(make_world):
    return make_world().start()


@pytest.fixture(scope="module")
def shared_world(tmp_path_factory):
    """One for all tests of a module; each makes projects of its own."""
    world = World(tmp_path_factory.mktemp("world")).start()
    yield world
    world.close()
