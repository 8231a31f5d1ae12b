"""Which worker of a run takes which tests, and in which order they are handed out.

pytest-xdist 3.8 has marks for that (xdist_group), which pytest 9.2 does not let it read: each test went to whoever was
free, so that every worker started every module's browser and processes. What decides here are the modules themselves.
"""

import re
from functools import cache
from pathlib import Path
from typing import Any, Final

from xdist.scheduler import LoadScopeScheduling

__all__ = ["BROWSER", "Scheduling", "turn", "unit"]

ROOT: Final = Path(__file__).parents[2]
BROWSER: Final = "browser"
# Of tests/e2e, what takes minutes: a worker that meets it last works on alone.
LONG: Final = ("tests/e2e/test_standstill.py", "tests/e2e/test_documents.py", "tests/e2e/test_intruders.py")


@cache
def _text(module: str) -> str:
    return (ROOT / module).read_text(encoding="utf-8")


def unit(nodeid: str) -> str:
    """What goes to one worker together with this test.

    All that drive a browser: of two at a time one heard nothing. A module whose tests share what was started for it, or
    that starts nothing: to hand out 7 000 tests one by one takes 15 s. Other tests start what they need, and go alone.
    """
    module = nodeid.partition("::")[0]
    if re.search(r"^from playwright", _text(module), re.MULTILINE):
        return BROWSER
    alike = module.startswith(("tests/unit/", "tests/e2e/")) or 'scope="module"' in _text(module)
    return module if alike else nodeid


def turn(nodeid: str, *, explores: bool = False) -> int:
    """What takes longest comes first, so that no worker is alone with it at the end; `explores`: a property's test."""
    module, whole = nodeid.partition("::")[0], unit(nodeid)
    if whole == BROWSER or module in LONG:
        return 0
    if not module.startswith("tests/unit/"):
        return 1
    return 2 if explores else 3


class Scheduling(LoadScopeScheduling):  # type: ignore[misc]  # xdist is typed, and does not say so
    """`--dist loadscope` by these units, in the order in which they were collected."""

    def __init__(self, config: Any, log: Any = None) -> None:
        config.option.loadscopereorder = False
        super().__init__(config, log)

    def _split_scope(self, nodeid: str) -> str:
        return unit(nodeid)
