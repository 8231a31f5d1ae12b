"""Images once, projects as often as a test wants them, and nothing of either left running."""

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from support.compose import Stack


@contextmanager
def alone(lock: Path) -> Iterator[None]:
    """One worker of a run at a time."""
    with lock.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def images(tmp_path_factory: pytest.TempPathFactory, testrun_uid: str) -> None:
    """Builds what docker-compose.yml builds, as anyone does who has cloned the repository; once, for all workers."""
    shared = tmp_path_factory.getbasetemp().parent
    built = shared / f"images-of-{testrun_uid}"
    with alone(shared / "images.lock"):
        if not built.exists():
            stack = Stack(profile="demo")
            stack.compose("build", "--quiet", limit=900)
            stack.close()
            built.touch()


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
