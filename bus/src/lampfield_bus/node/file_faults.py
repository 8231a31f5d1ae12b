"""What is wrong with a file that a person wrote, a line each, all at once: `office.yaml:12: pages[1].seconds: …`. Pure.

pydantic says what is wrong with a value (`faults.sentence`), the document on which line it stands.
"""

import difflib
from collections.abc import Iterable, Mapping
from typing import Any, Final, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from lampfield_bus.node import faults
from lampfield_bus.node.document import Document, Fault, Where, field_name

__all__ = ["SHOWN_FAULTS", "fault", "lines"]

SHOWN_FAULTS: Final = 100  # lines at once


def lines(name: str, found: Iterable[Fault]) -> list[str]:
    """The faults of the file called `name`, in its order, each once; beyond SHOWN_FAULTS they are counted."""
    ordered = sorted(dict.fromkeys(found), key=lambda fault: fault.line)
    shown = [_line(name, fault) for fault in ordered[:SHOWN_FAULTS]]
    if len(ordered) > SHOWN_FAULTS:
        shown.append(f"{name}: and {len(ordered) - SHOWN_FAULTS} more faults")
    return shown


def fault(document: Document, told: Mapping[str, Any], root: type[BaseModel]) -> Fault:
    """One of pydantic's errors about a document that was validated as `root`, in our words."""
    where: Where = tuple(part for part in told["loc"] if part != "[key]")
    field, model = _field(where, root)
    if told["type"] == "extra_forbidden":
        allowed = list(model.model_fields)
        near = difflib.get_close_matches(str(where[-1]), allowed, 1)
        hint = f"did you mean {near[0]}? " if near else ""
        error = f"is no field here; {hint}allowed: {', '.join(allowed)}"
    else:
        error = faults.sentence(field, told)
        if told["type"] == "missing":
            kind = faults.allowed(field) if field else ""
            error = f"is missing{'; allowed: ' + kind if kind else ''}"
    return Fault(document.line(where), field_name(where), error)


def _line(name: str, fault: Fault) -> str:
    place = f"{name}:{fault.line}" if fault.line else name
    return " ".join(f"{place}: {fault.field + ': ' if fault.field else ''}{fault.error}".split())


def _field(where: Where, root: type[BaseModel]) -> tuple[FieldInfo | None, type[BaseModel]]:
    """The field that a place in the file is of, and the model around it."""
    model: type[BaseModel] = root
    field: FieldInfo | None = None
    keyed = False  # whether the next word is a key of the field's mapping, not a field
    for part in where:
        if not isinstance(part, str):
            continue
        if keyed:
            keyed = False
            continue
        inner = _model(field.annotation) if field is not None else None
        model = inner or model
        field = model.model_fields.get(part)
        keyed = field is not None and _is_mapping(field.annotation)
    return field, model


def _model(annotation: Any) -> type[BaseModel] | None:
    """The model that a field's type is made of."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((model for part in get_args(annotation) if (model := _model(part)) is not None), None)


def _is_mapping(annotation: Any) -> bool:
    if get_origin(annotation) is dict:
        return True
    return any(_is_mapping(part) for part in get_args(annotation) if get_origin(part) is not None)
