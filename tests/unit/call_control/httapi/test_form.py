"""Multipart bodies, piece by piece: the recorded ones, and broken ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from call_control.httapi.form import MAX_FILES, FileBegan, FileEnded, Form
from call_control.httapi.request import MAX_BODY
from call_control.pretend import Recorded
from support.httapi import WAV, exchanges, multipart

RECORDED = [("htap-ivr-record_bind", 1), ("htap-ivr-recordcall", 2), ("htap-ivr-record", 1)]


def read(kind: str, body: bytes, size: int = 65_536) -> tuple[dict[str, str], dict[str, bytes]]:
    form = Form(kind)
    files: dict[str, bytes] = {}
    name = ""
    for start in range(0, len(body), size):
        for event in form.feed(body[start : start + size]):
            if isinstance(event, FileBegan):
                name = event.name
                files[name] = b""
            elif not isinstance(event, FileEnded):
                files[name] += event
    form.close()
    return dict(form.parameters), files


@pytest.mark.parametrize(("scenario", "number"), RECORDED)
@pytest.mark.parametrize("size", [1, 7, 65_536])
def test_recorded_uploads_are_read_in_pieces_of_any_size(scenario: str, number: int, size: int) -> None:
    exchange = exchanges(scenario)[number]
    fields, files = read(exchange.content_type, exchange.body.encode("latin-1"), size)
    assert fields["Caller-Caller-ID-Number"] == "1000"
    assert [data[:4] for data in files.values()] == [b"RIFF"]
    assert fields.get("exiting") == (None if scenario == "htap-ivr-record_bind" else "true")


def test_a_field_behind_the_file_is_read() -> None:
    """A caller who hangs up while recording: `exiting` comes last."""
    kind, body = multipart([("session_id", "s"), ("exiting", "true")], [(Recorded("document", "s.wav"), WAV)])
    assert read(kind, body) == ({"session_id": "s", "exiting": "true"}, {"s.wav": WAV})


@pytest.mark.parametrize("kind", ["text/plain", "multipart/form-data", "multipart/mixed; boundary=x"])
def test_what_is_no_form_is_refused(kind: str) -> None:
    with pytest.raises(ValueError, match="is no multipart/form-data with a boundary"):
        Form(kind)


def test_a_body_that_ends_in_the_middle_is_said() -> None:
    kind, body = multipart([("session_id", "s")], [(Recorded("a", "s.wav"), WAV)])
    with pytest.raises(ValueError, match=r".+"):
        read(kind, body[:-30])


def test_parameters_and_files_have_a_bound() -> None:
    kind, body = multipart([("a", "x" * (MAX_BODY + 1))], [])
    with pytest.raises(ValueError, match=f"more than {MAX_BODY} bytes"):
        read(kind, body)
    kind, body = multipart([], [(Recorded("a", "s.wav"), b"")] * (MAX_FILES + 1))
    with pytest.raises(ValueError, match=f"more than {MAX_FILES} files"):
        read(kind, body)


@given(st.binary(max_size=300))
def test_no_body_raises_anything_but_a_value_error(body: bytes) -> None:
    try:
        read("multipart/form-data; boundary=x", body)
    except ValueError:
        return
