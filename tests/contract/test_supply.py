"""The supply chain's programs: what makes `make lint` and `make secrets` fail, and what does not."""

import importlib.machinery
import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


def program(name: str) -> ModuleType:
    loader = importlib.machinery.SourceFileLoader(name, str(ROOT / "scripts" / name))
    spec = importlib.util.spec_from_loader(name, loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


def answer(*pins: dict[str, object]) -> str:
    return json.dumps({"dependencies": [{"name": "left", "version": "1.0", **pin} for pin in pins], "fixes": []})


CLEAN: dict[str, object] = {"vulns": []}
UNKNOWN: dict[str, object] = {"skip_reason": "not found"}
BAD: dict[str, object] = {"vulns": [{"id": "PYSEC-1", "fix_versions": ["1.1"], "description": "", "aliases": []}]}


@pytest.mark.parametrize(
    ("told", "required", "status", "said"),
    [
        (answer(CLEAN), True, 0, ""),
        (answer(CLEAN, BAD), False, 1, "left 1.0: PYSEC-1; mended in 1.1"),
        (answer(UNKNOWN, BAD), False, 1, "PYSEC-1"),
        (answer(UNKNOWN, UNKNOWN), False, 0, "nothing was audited"),
        (answer(UNKNOWN, UNKNOWN), True, 1, "nothing was audited"),
        (answer(UNKNOWN, CLEAN), False, 0, "no advisories about left"),
        ("", False, 0, "no advisory service answered: no route"),
        ("", True, 1, "no advisory service answered"),
    ],
)
def test_only_a_known_vulnerability_fails_a_desk(told: str, required: bool, status: int, said: str) -> None:
    judged, lines = program("audit").judge(told, "traceback\nno route\n", required=required)
    assert judged == status
    assert said in "\n".join(lines)
    assert bool(lines) == bool(said)


def test_a_secret_is_found_and_not_printed(tmp_path: Path) -> None:
    secrets = program("secrets")
    key = "AKIA" + "Z3XQ7PLM2WERTYU5"  # in two pieces, or this file were a finding itself
    planted = tmp_path / "settings.py"
    planted.write_text(f'access = "{key}"\n', encoding="utf-8")
    (found, *_) = secrets.scan([str(planted)])
    assert (found.line, found.kind) == (1, "AWS Access Key")
    assert key not in str(found)


def test_an_exception_has_a_reason() -> None:
    secrets = program("secrets")
    with pytest.raises(ValueError, match=r"\.secrets-allowed:2"):
        secrets.exceptions("# head\na.txt | Secret Keyword |\n")
    assert secrets.exceptions((ROOT / ".secrets-allowed").read_text(encoding="utf-8"))


def test_what_is_found_must_be_allowed_and_what_is_allowed_be_found() -> None:
    secrets = program("secrets")
    here = "tests/unit/led_renderer/test_identity.py"
    hexadecimal = secrets.Allowed("tests/*", "Hex High Entropy String")
    assert secrets.judge([here], [hexadecimal]) == []
    assert here in secrets.judge([here], [])[0]
    assert "nothing needs it" in secrets.judge([here], [hexadecimal, secrets.Allowed("tests/*", "JSON Web Token")])[0]
