"""Images once, projects as often as a test wants them, and nothing of either left running."""

from collections.abc import Callable, Iterator

import pytest

from support.compose import Stack


@pytest.fixture(scope="session")
def images() -> None:
    """Builds what docker-compose.yml builds, as anyone does who has cloned the repository."""
    stack = Stack(profile="demo")
    stack.compose("build", "--quiet", limit=900)
    stack.close()


@pytest.fixture(scope="module")
def compose(images: None) -> Iterator[Callable[..., Stack]]:
    """Makes projects; takes each down at the end, and looks that nothing is left."""
    made: list[Stack] = []

    def make(**options: object) -> Stack:
        made.append(Stack(**options))  # type: ignore[arg-type]  # Stack says what it takes
        return made[-1]

    yield make
    for stack in made:
        stack.down()
    left = [thing for stack in made for thing in stack.left_behind()]
    for stack in made:
        stack.close()
    assert left == []
