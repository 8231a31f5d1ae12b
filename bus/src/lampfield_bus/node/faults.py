"""What is wrong with a setting, in one line: the variable, the value's fault, what is allowed. Secrets are not shown.

Pure: it reads models and error lists, never the environment.
"""

import types
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

__all__ = ["allowed", "is_secret", "line", "sentence"]

_YES_NO = "on, off, true, false, yes, no, 1, 0"
_KINDS: dict[object, str] = {bool: _YES_NO, int: "a whole number", float: "a number", Path: "a path", str: "text"}


def line(settings: type[Any], fault: Mapping[str, Any], variable: Callable[[type[Any], str], str]) -> str:
    """One of pydantic's errors as a line for whoever set the variable."""
    message = _message(fault)
    if not fault["loc"]:
        return _one_line(message)  # a fault between settings names them itself
    name, field = _find(settings, str(fault["loc"][0]))
    return f"{variable(settings, name)}: {sentence(field, fault)}"


def sentence(field: FieldInfo | None, fault: Mapping[str, Any]) -> str:
    """One of pydantic's errors without its place: the value, its fault, what `field` allows."""
    message = _message(fault)
    named = (field is not None and is_secret(field)) or message.startswith("'")  # it says which part of the value
    shown = "" if named else f"{_shown(fault['input'])} "
    if "allowed:" in message:
        return _one_line(f"{shown}{message}")
    kind = allowed(field) if field is not None else ""
    return _one_line(f"{shown}{_said(fault, message)}" + (f"; allowed: {kind}" if kind else ""))


def _message(fault: Mapping[str, Any]) -> str:
    return str(fault["ctx"]["error"]) if "error" in fault.get("ctx", {}) else str(fault["msg"])


def allowed(field: FieldInfo) -> str:
    """What a field takes, in words: `1-65535`, `text, json`, `on, off …`."""
    return _allowed(field.annotation, field.metadata)


def is_secret(field: FieldInfo) -> bool:
    """Whether the field holds a secret (also an optional one)."""
    return SecretStr in (field.annotation, *get_args(field.annotation))


def _allowed(annotation: Any, metadata: list[Any]) -> str:
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *extra = get_args(annotation)
        flat = [part for item in extra for part in (item.metadata if isinstance(item, FieldInfo) else [item])]
        return _allowed(inner, [*flat, *metadata])
    if origin in (Union, types.UnionType):
        parts = [part for part in get_args(annotation) if part is not type(None)]
        return " or ".join(_allowed(part, metadata) for part in parts)
    if origin is Literal:
        return ", ".join(str(value) for value in get_args(annotation))
    if origin in (tuple, list):
        if any(isinstance(part, type) and issubclass(part, BaseModel) for part in get_args(annotation)):
            return "a list"
        return "names with commas between them"
    return _range(_KINDS.get(annotation, ""), metadata)


def _range(kind: str, metadata: list[Any]) -> str:
    low, above, high = (_bound(metadata, name) for name in ("ge", "gt", "le"))
    if low is not None and high is not None:
        return f"{low}-{high}" if low >= 0 else f"{low} to {high}"
    words = [kind]
    words += [f"from {low}"] if low is not None else []
    words += [f"over {above}"] if above is not None else []
    words += [f"up to {high}"] if high is not None else []
    return " ".join(words)


def _bound(metadata: list[Any], name: str) -> Any:
    return next((value for item in metadata if (value := getattr(item, name, None)) is not None), None)


def _find(settings: type[BaseModel], name: str) -> tuple[str, FieldInfo | None]:
    """The field that an error's location names: by its name or by its alias."""
    for field_name, field in settings.model_fields.items():
        if name in (field_name, field.validation_alias):
            return field_name, field
    return name, None


# pydantic's kind of error → what a person would call it.
_SAID: Final = {
    "is not a number": ("int_parsing", "int_parsing_size", "float_parsing", "int_from_float", "int_type", "float_type"),
    "is out of range": ("greater_than", "greater_than_equal", "less_than", "less_than_equal"),
    "is not one of them": ("literal_error", "enum"),
    "is neither on nor off": ("bool_parsing", "bool_type"),
    "is no list": ("tuple_type", "list_type"),
    "is no mapping": ("model_type", "model_attributes_type", "dict_type"),
    "is no text": ("string_type",),
    "is not finite": ("finite_number",),
}
_SENTENCES: Final = {kind: sentence for sentence, kinds in _SAID.items() for kind in kinds}


def _said(fault: Mapping[str, Any], message: str) -> str:
    kind: str = fault["type"]
    if kind in ("too_long", "string_too_long"):
        return f"is too long ({fault['ctx']['max_length']} at most)"
    if kind in ("too_short", "string_too_short") and fault["ctx"]["min_length"] == 1:
        return "is empty"
    return _SENTENCES.get(kind, message[:1].lower() + message[1:])


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:76]}…{text[0]}"


def _one_line(text: str) -> str:
    return " ".join(text.split())
