"""The permissions of the profiles in use: those of a file, else those that this repository ships. Shell."""

from collections.abc import Mapping
from pathlib import Path

from call_control.documents.permissions import SHIPPED, Permissions, profiles

__all__ = ["permissions"]


def permissions(path: Path | None) -> Mapping[str, Permissions]:
    """By profile. Raises ValueError for a file that is no httapi.conf.xml."""
    if path is None:
        return {"lampfield": SHIPPED}
    try:
        return profiles(path.read_bytes())
    except (OSError, ValueError) as error:
        raise ValueError(f"LAMPFIELD_HTTAPI_CONF: {str(path)!r}: {error}") from None
