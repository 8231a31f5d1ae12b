"""The rules of the house (DESIGN.md, section 3) that a program can check: who imports whom, what is tested where."""

import ast
import functools
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = {
    "lampfield_bus": ROOT / "bus",
    "esl_publisher": ROOT / "services" / "esl-publisher",
    "led_renderer": ROOT / "services" / "led-renderer",
    "demo_switch": ROOT / "services" / "demo-switch",
    "credentials": ROOT / "services" / "credentials",
    "home_assistant": ROOT / "services" / "home-assistant",
    "call_control": ROOT / "services" / "call-control",
    "sip_monitor": ROOT / "services" / "sip-monitor",
}
CONTRACTS = ROOT / "pyproject.toml"

# Modules without a test file of their own, and why. Whoever adds one here says what tests it instead.
UNMIRRORED: dict[str, str] = {
    "call_control/parts.py": "holds types and no behaviour; mypy holds the parts to them",
}


def modules(package: str) -> Iterator[Path]:
    """Every module of a package that holds code, relative to the package's folder."""
    source = PACKAGES[package] / "src" / package
    for path in sorted(source.rglob("*.py")):
        if path.name != "__init__.py" or has_code(path):
            yield path.relative_to(source)


def has_code(path: Path) -> bool:
    """Whether a module is more than docstring, imports and `__all__`."""
    body = ast.parse(path.read_text(encoding="utf-8")).body
    return any(isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) for node in body)


providers = functools.cache(packages_distributions)  # reads every distribution's metadata


def project(package: str) -> dict[str, Any]:
    with (PACKAGES[package] / "pyproject.toml").open("rb") as file:
        table: dict[str, Any] = tomllib.load(file)["project"]
    return table


def normal(name: str) -> str:
    """PEP 503: how package names are compared."""
    return re.sub(r"[-_.]+", "-", name).lower()


def declared(package: str) -> set[str]:
    """The distributions that a package's pyproject.toml names, extras included."""
    table = project(package)
    lines = list(table.get("dependencies", []))
    for extra in table.get("optional-dependencies", {}).values():
        lines += extra
    return {normal(re.split(r"[\s;<>=!~\[(]", line, maxsplit=1)[0]) for line in lines}


def imported(package: str) -> dict[str, str]:
    """Top-level name → the first module that imports it."""
    found: dict[str, str] = {}
    source = PACKAGES[package] / "src" / package
    for path in sorted(source.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                names = [node.module]
            for name in names:
                found.setdefault(name.partition(".")[0], str(path.relative_to(ROOT)))
    return found


def lint_imports(sources: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Runs import-linter with the contracts of pyproject.toml, on copies in `sources` if given."""
    environment = dict(os.environ)
    if sources is not None:
        environment["PYTHONPATH"] = os.pathsep.join(str(sources / package) for package in PACKAGES)
    program = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [program, "--config", CONTRACTS, "--no-cache"],
        cwd=sources or ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_import_contracts_are_kept() -> None:
    result = lint_imports()
    assert result.returncode == 0, result.stdout + result.stderr


DAMAGES = [
    ("lampfield_bus", "topics.py", "lampfield_bus.node.arrivals", "The contract never imports node"),
    ("lampfield_bus", "instants.py", "time", "The contract never imports node, and is pure"),
    ("lampfield_bus", "node/outbox.py", "threading", "On the bus: pure"),
    ("lampfield_bus", "node/run.py", "paho.mqtt.client", "Only the link speaks MQTT"),
    ("esl_publisher", "causes.py", "random", "esl_publisher: pure"),
    ("esl_publisher", "legs.py", "esl_publisher.source", "esl_publisher: pure"),
    ("esl_publisher", "newly_added.py", "logging", "esl_publisher: pure"),
    ("led_renderer", "frame.py", "led_renderer.drivers.none", "led_renderer: pure"),
    ("led_renderer", "app.py", "esl_publisher.causes", "Services never import each other"),
    ("credentials", "plugin.py", "credentials.store", "credentials: pure"),
    ("home_assistant", "bridge.py", "time", "home_assistant: pure"),
    ("call_control", "register.py", "uvicorn", "call_control: pure"),
    ("sip_monitor", "dialog.py", "socket", "sip_monitor: pure"),
    ("led_renderer", "app.py", "prometheus_client", "Only the exposition speaks Prometheus"),
    ("demo_switch", "wire.py", "esl_publisher.framing", "Services never import each other"),
]


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What import-linter says of a copy with all of the damages: each broken contract, and what breaks it."""
    sources = tmp_path_factory.mktemp("sources")
    for name, folder in PACKAGES.items():
        shutil.copytree(folder / "src" / name, sources / name / name, ignore=shutil.ignore_patterns("__pycache__"))
    for package, module, import_, _ in DAMAGES:
        with (sources / package / package / module).open("a", encoding="utf-8") as file:
            file.write(f"\nimport {import_}\n")
    result = lint_imports(sources)
    assert result.returncode == 1, result.stdout + result.stderr
    return result.stdout.partition("Broken contracts")[2]


@pytest.mark.parametrize(("package", "module", "import_", "contract"), DAMAGES)
def test_a_contract_bites(broken: str, package: str, module: str, import_: str, contract: str) -> None:
    importer = ".".join([package, *Path(module).with_suffix("").parts])
    top = import_.partition(".")[0]
    target = import_ if top in PACKAGES else top  # of third parties it tells the top alone
    imports = re.compile(rf"\b{re.escape(importer)} -> {re.escape(target)} \(l\.\d+\)")
    sections = dict(re.findall(r"^([^\n]+)\n-+\n(.*?)(?=^[^\n]+\n-+\n|\Z)", broken, re.MULTILINE | re.DOTALL))
    assert any(imports.search(text) for name, text in sections.items() if name.startswith(contract)), broken


@pytest.mark.parametrize("package", PACKAGES)
def test_every_module_has_a_test_file_of_its_own(package: str) -> None:
    tests = ROOT / "tests" / "unit" / package
    missing = []
    for module in modules(package):
        mirror = tests / module.parent / f"test_{module.stem.strip('_')}.py"
        if not mirror.is_file() and f"{package}/{module}" not in UNMIRRORED:
            missing.append(str(mirror.relative_to(ROOT)))
    assert missing == []


def test_no_exception_to_the_mirror_is_stale() -> None:
    known = {f"{package}/{module}" for package in PACKAGES for module in modules(package)}
    assert set(UNMIRRORED) <= known


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_imports_only_what_it_declares(package: str) -> None:
    # One environment holds every package's third parties, so a forgotten one would only be missed in an image.
    allowed = declared(package)
    for name, where in imported(package).items():
        if name in sys.stdlib_module_names or name == package:
            continue
        provided_by = {normal(distribution) for distribution in providers().get(name, [])}
        assert provided_by & allowed, f"{where} imports {name}, which {PACKAGES[package].name}/pyproject.toml lacks"


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_declares_only_what_it_imports(package: str) -> None:
    used = {normal(distribution) for name in imported(package) for distribution in providers().get(name, [])}
    unimported = {
        "spidev",  # luma.core's `spi` interface imports it, on a Pi, and does not declare it
        "luma-core",  # comes with luma.led_matrix; its `luma` namespace is one name for both
        "tzdata",  # zoneinfo reads it where the system has no zone files: slim images
    }
    assert declared(package) - used - unimported == set()


@pytest.mark.parametrize("package", PACKAGES)
def test_every_package_is_versioned_alike_and_kept_off_the_index(package: str) -> None:
    table = project(package)
    assert "Private :: Do Not Upload" in table["classifiers"]
    assert table["version"] == newest_version()


def newest_version() -> str:
    """The version on top of CHANGELOG.md."""
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    found = re.search(r"^## \[(\d+\.\d+\.\d+)\]", text, re.MULTILINE)
    assert found
    return found[1]


def test_every_file_stays_readable() -> None:
    # 250 is the aim; this is where a module has become two.
    limit = 400
    long = {
        str(path.relative_to(ROOT)): count
        for package in PACKAGES
        for path in (PACKAGES[package] / "src" / package / module for module in modules(package))
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > limit
    }
    assert long == {}
