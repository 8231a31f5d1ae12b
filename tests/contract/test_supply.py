"""The supply chain's programs: what makes `make lint` and `make secrets` fail, and what does not."""

import importlib.machinery
import importlib.util
import json
import re
import subprocess
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


def told_by_npm(**entries: object) -> str:
    return json.dumps({"auditReportVersion": 2, "vulnerabilities": entries})


WEAK = {"range": "<1.1", "via": [{"url": "advisories/GHSA-1", "title": "bad"}, {"url": "advisories/GHSA-1"}]}


@pytest.mark.parametrize(
    ("told", "required", "status", "said"),
    [
        (told_by_npm(), True, 0, []),
        (told_by_npm(left=WEAK), False, 1, ["audit: left <1.1: advisories/GHSA-1"]),
        (told_by_npm(over={"range": "*", "via": ["left"]}), False, 1, ["audit: over *: by left"]),
        ('{"message": "no such endpoint", "error": {}}', False, 0, ["no advisory service answered: no route"]),
        ('{"statusCode": 405}', False, 0, ["no advisory service answered: status 405"]),
        ("", True, 1, ["no advisory service answered: no route"]),
    ],
)
def test_a_page_s_known_vulnerability_fails_a_desk_and_nothing_else(
    told: str, required: bool, status: int, said: list[str]
) -> None:
    judged, lines = program("audit").judge_pages(told, "npm warn\nno route\n", required=required)
    assert judged == status
    assert len(lines) == len(said)
    assert all(words in line for words, line in zip(said, lines, strict=True))


# Which licences others' code may have that is in a page we hand out.
SHIPPED = {"MIT", "ISC", "BSD-3-Clause", "0BSD", "Apache-2.0"}
PAGES: list[Path] = program("audit").PAGES
SERVED = [page for page in PAGES if page.parent == ROOT / "services"]


def test_every_package_lock_of_the_repository_is_looked_at() -> None:
    tracked = subprocess.run(
        ["git", "ls-files", "*package-lock.json"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert [str(page.relative_to(ROOT)) for page in PAGES] == sorted(
        str(Path(each).parent) for each in tracked.stdout.split()
    )
    assert {page.name for page in SERVED} == {"web-phone", "web-wall"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_npm_pin_has_a_hash_a_licence_and_no_address(page: Path) -> None:
    pins = json.loads((page / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert pins.pop("")["license"] == "Apache-2.0"
    assert pins
    assert [name for name, pin in pins.items() if not pin["integrity"].startswith("sha512-")] == []
    assert [name for name, pin in pins.items() if "resolved" in pin or not pin.get("license")] == []


@pytest.mark.parametrize("page", SERVED, ids=lambda page: page.name)
def test_what_is_bundled_into_a_page_may_be_handed_on(page: Path) -> None:
    pins = json.loads((page / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert {pin["license"] for name, pin in pins.items() if name and not pin.get("dev")} <= SHIPPED


def test_no_script_of_an_npm_package_is_run() -> None:
    files = (ROOT / "Makefile", *(page / "Dockerfile" for page in SERVED))
    texts = [path.read_text(encoding="utf-8") for path in files]
    calls = [call for text in texts for call in re.findall(r"npm (?:ci|install)\b[^\n]*", text)]
    assert len(calls) == 4
    assert [call for call in calls if "--ignore-scripts" not in call] == []


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
