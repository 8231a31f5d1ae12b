"""Workers: what belongs together goes to one of them, and what takes long comes first."""

import pytest

from support.scheduling import BROWSER, turn, unit

WALL = "tests/integration/test_web_wall.py::test_a_frame_is_shown_pixel_by_pixel"
PHONE = "tests/integration/test_web_phone.py::test_whoever_cannot_be_reached[1007-unavailable-Nobody is there]"


@pytest.mark.parametrize(
    ("nodeid", "expected"),
    [
        (WALL, BROWSER),
        (PHONE, BROWSER),
        ("tests/e2e/test_web_phone_states.py::test_x", BROWSER),
        ("tests/e2e/test_demo.py::test_x", "tests/e2e/test_demo.py"),
        ("tests/unit/led_renderer/test_frame.py::test_x[a::b]", "tests/unit/led_renderer/test_frame.py"),
        ("tests/integration/test_documents.py::test_x[README.md:36]", "tests/integration/test_documents.py"),
        ("tests/integration/test_renderer.py::test_x[15]", "tests/integration/test_renderer.py::test_x[15]"),
    ],
)
def test_what_belongs_together_is_one_unit(nodeid: str, expected: str) -> None:
    assert unit(nodeid) == expected


def test_the_longest_come_first() -> None:
    frame = "tests/unit/led_renderer/test_frame.py::test_x"
    standstill = "tests/e2e/test_standstill.py::test_x"
    assert turn(WALL) == turn(standstill) == 0
    assert 0 < turn("tests/integration/test_renderer.py::test_x") < turn(frame, explores=True) < turn(frame)


def test_a_run_s_workers_keep_units_whole(pytestconfig: pytest.Config) -> None:
    """Told by the run itself, where there are workers: marks that nobody read were not noticed for months."""
    manager = pytestconfig.pluginmanager
    made = manager.hook.pytest_xdist_make_scheduler(config=Worked(), log=None)
    assert made._split_scope(WALL) == made._split_scope(PHONE) == BROWSER


class Worked:
    """As much of a run's configuration as a scheduler reads."""

    class Option:
        dist = "loadscope"
        tx = ("2*popen",)
        loadscopereorder = True

    option = Option()

    def getvalue(self, name: str) -> object:
        return getattr(self.option, name)
