"""The permissions in use: the repository's, or a file's."""

from pathlib import Path

import pytest

from call_control.documents.permissions import SHIPPED
from call_control.httapi.profiles import permissions
from support.httapi import DATA

FREESWITCH = Path(__file__).parents[4] / "freeswitch"


def test_the_file_that_is_shipped_is_what_flows_are_held_to() -> None:
    assert permissions(FREESWITCH / "httapi.conf.xml") == permissions(None) == {"lampfield": SHIPPED}


def test_another_file_is_another_s() -> None:
    assert "ivr" in permissions(DATA / "httapi.conf.xml")


def test_a_file_that_is_none_names_the_setting(tmp_path: Path) -> None:
    path = tmp_path / "x.xml"
    path.write_text("<a/>")
    for bad in (path, tmp_path / "nowhere.xml"):
        with pytest.raises(ValueError, match="LAMPFIELD_HTTAPI_CONF: "):
            permissions(bad)
