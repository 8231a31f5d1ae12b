"""The flows that there are: those of the package, and over them those of a folder. Shell.

A `.yaml` of a folder is a flow for people, a `.py` with a function `flow(call)` one for programmers. They are read when
the service starts. One that is wrong is not served, and its calls go on in the dialplan.
"""

import importlib.util
import logging
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Final, NamedTuple

from call_control.flows.steps import source
from call_control.flows.turns import Source
from call_control.flows.written import Written, loaded

__all__ = ["SHIPPED", "Entry", "Library", "read"]

SHIPPED: Final = ("announcement", "attendant", "board")

_log = logging.getLogger(__name__)


class Entry(NamedTuple):
    """A flow: how it is run, or why it is not. `slow`: its code is somebody's own, and may hang."""

    name: str
    source: Source | None
    faults: tuple[str, ...] = ()
    unset: tuple[str, ...] = ()
    written: Written | None = None
    slow: bool = False


class Library:
    """Every flow, by name."""

    def __init__(self, folder: Path | None, values: Mapping[str, str]) -> None:
        self.entries = {entry.name: entry for entry in _found(folder, values)}

    def find(self, name: str) -> Source | None:
        """How the flow of this name is run; None if it is not served."""
        entry = self.entries.get(name)
        return None if entry is None or entry.faults or entry.unset else entry.source

    def is_slow(self, name: str) -> bool:
        """Whether the flow's code may hang."""
        entry = self.entries.get(name)
        return entry is not None and entry.slow

    def withdraw(self, name: str, why: str) -> None:
        """The flow is not served any more."""
        self.entries[name] = self.entries[name]._replace(source=None, faults=(why,))

    def tell(self) -> None:
        """Says in the log what is served and what is not."""
        for entry in self.entries.values():
            if entry.faults:
                for fault in entry.faults:
                    _log.warning("%s", fault)
                _log.warning("the flow %s is not served", entry.name)
            elif entry.unset:
                _log.info(
                    "the flow %s is not served: LAMPFIELD_FLOW_VALUES sets no %s", entry.name, ", ".join(entry.unset)
                )
            else:
                _log.info("the flow %s is served", entry.name)


def _found(folder: Path | None, values: Mapping[str, str]) -> Iterator[Entry]:
    for name in SHIPPED:
        yield _written(name, files("call_control").joinpath(f"flows/shipped/{name}.yaml").read_bytes(), values)
    if folder is not None:
        for path in sorted(folder.iterdir()):
            if path.suffix in (".yaml", ".py") and not path.name.startswith("."):
                yield read(path, values)


def read(path: Path, values: Mapping[str, str]) -> Entry:
    """The flow of a file."""
    try:
        if path.suffix == ".py":
            return Entry(path.stem, _programmed(path), slow=True)
        return _written(path.stem, path.read_bytes(), values)
    except OSError as error:
        return Entry(path.stem, None, (f"{path.name}: {error.strerror or error}",))
    except Exception as error:  # noqa: BLE001 (it is somebody's own code: whatever it is, it is said)
        return Entry(path.stem, None, (f"{path.name}: {type(error).__name__}: {error}",))


def _written(name: str, data: bytes, values: Mapping[str, str]) -> Entry:
    found = loaded(data, f"{name}.yaml", values)
    if found.flow is None:
        return Entry(name, None, tuple(found.faults))
    return Entry(name, source(found.flow), unset=found.unset, written=found.flow)


def _programmed(path: Path) -> Source:
    spec = importlib.util.spec_from_file_location(f"lampfield_flow_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise ValueError("is no module")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    flow = getattr(module, "flow", None)
    if not callable(flow):
        raise TypeError("has no function flow(call)")
    return flow  # type: ignore[no-any-return]  # what it really yields is seen when it runs
