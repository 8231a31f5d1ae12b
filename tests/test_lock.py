"""The lock: constraints.txt and every service's requirements.txt, as `make lock` writes them."""

import json
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SERVICES = ["esl-publisher", "led-renderer", "demo-switch", "credentials", "home-assistant", "call-control",
            "sip-monitor"]  # fmt: skip
WEB = ROOT / "services" / "web-wall"
PAGES = [WEB, ROOT / "services" / "web-phone", ROOT / "docs" / "site"]
FILES = [
    ROOT / "constraints.txt",
    *(ROOT / "services" / service / "requirements.txt" for service in SERVICES),
    WEB / "node.txt",
    WEB / "browser.txt",
]


def normal(name: str) -> str:
    """PEP 503: how package names are compared."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(path: Path) -> dict[str, str]:
    """Package → version; AssertionError on a line that is no pin and no hash."""
    found: dict[str, str] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}( \\)?", line):
            continue
        pin = re.fullmatch(r"([A-Za-z0-9._-]+)(?:\[[a-z,]+\])?==([0-9][A-Za-z0-9.+!]*)(?: ; [^\\]+)? \\", line)
        assert pin, f"{path.name}: {line!r} is neither a pin nor a hash"
        found[normal(pin[1])] = pin[2]
    return found


def declared(pyproject: Path) -> set[str]:
    """The third parties that a pyproject.toml names, extras and groups included."""
    with pyproject.open("rb") as file:
        table = tomllib.load(file)
    project = table.get("project", {})
    lines = list(project.get("dependencies", []))
    for group in [*project.get("optional-dependencies", {}).values(), *table.get("dependency-groups", {}).values()]:
        lines += group
    names = {normal(re.split(r"[\s;<>=!~\[(]", line, maxsplit=1)[0]) for line in lines}
    return {name for name in names if not name.startswith("lampfield-")}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_lock_is_pins_and_hashes_and_names_no_host(path: Path) -> None:
    assert pins(path)
    assert "://" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_pin_has_a_hash(path: Path) -> None:
    blocks = re.split(r"\n(?=[A-Za-z0-9])", path.read_text(encoding="utf-8").strip())
    assert [block.splitlines()[0] for block in blocks if "--hash=sha256:" not in block] == []


def test_everything_declared_is_pinned() -> None:
    locked = pins(ROOT / "constraints.txt")
    for pyproject in [
        ROOT / "pyproject.toml",
        *ROOT.glob("bus/pyproject.toml"),
        *ROOT.glob("services/*/pyproject.toml"),
    ]:
        assert declared(pyproject) - set(locked) == set(), pyproject


@pytest.mark.parametrize("service", SERVICES)
def test_an_image_gets_what_the_desk_tested(service: str) -> None:
    everything = pins(ROOT / "constraints.txt")
    own = pins(ROOT / "services" / service / "requirements.txt")
    assert {name: version for name, version in own.items() if everything.get(name) != version} == {}


def test_what_drives_the_browser_leaves_the_lock_s_versions_alone() -> None:
    everything = pins(ROOT / "constraints.txt")
    own = pins(WEB / "browser.txt")
    assert {name: version for name, version in own.items() if everything.get(name, version) != version} == {}


@pytest.mark.parametrize("folder", PAGES, ids=lambda path: path.name)
def test_the_page_s_lock_has_hashes_and_names_no_host(folder: Path) -> None:
    text = (folder / "package-lock.json").read_text(encoding="utf-8")
    packages = {name: package for name, package in json.loads(text)["packages"].items() if name}
    assert [name for name, package in packages.items() if "integrity" not in package] == []
    assert [name for name, package in packages.items() if "resolved" in package] == []


@pytest.mark.parametrize("folder", PAGES, ids=lambda path: path.name)
def test_the_page_s_dependencies_are_exact(folder: Path) -> None:
    package = json.loads((folder / "package.json").read_text(encoding="utf-8"))
    wanted = {**package["dependencies"], **package.get("devDependencies", {})}
    assert [name for name, version in wanted.items() if not re.fullmatch(r"\d+\.\d+\.\d+", version)] == []


INSTALLERS = [
    ROOT / "Makefile",
    *(path for path in sorted(ROOT.glob("services/*/Dockerfile")) if "pip install" in path.read_text(encoding="utf-8")),
]


@pytest.mark.parametrize("path", INSTALLERS, ids=lambda path: str(path.relative_to(ROOT)))
def test_whoever_installs_the_lock_resolves_nothing(path: Path) -> None:
    # A resolver may prefer a release newer than the pin, which has no hash here: what installed yesterday fails today.
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if "--require-hashes" in line]
    assert lines
    assert [line for line in lines if "--no-deps" not in line] == []
