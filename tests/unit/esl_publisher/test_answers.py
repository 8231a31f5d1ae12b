import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from esl_publisher import answers
from esl_publisher.answers import Answer, answer
from support.captures import crowded
from support.memory import most_taken


def job_event(job: str, text: object, *, ascii_only: bool = False) -> bytes:
    event = {"Event-Name": "BACKGROUND_JOB", "Job-UUID": job, "_body": text}
    return json.dumps(event, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")


@pytest.fixture
def _small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "_PIECE", 7)


def test_an_answer_is_found_in_a_background_job() -> None:
    assert answer(job_event("j1", '{"row_count": 0}')) == Answer("j1", b'{"row_count": 0}')


@pytest.mark.usefixtures("_small_pieces")
@given(st.text(st.sampled_from(',"\\/\n\taé€😀\u0001')), st.booleans())
def test_whatever_it_says_is_unescaped_as_it_was(text: str, ascii_only: bool) -> None:
    assert answer(job_event("j1", text, ascii_only=ascii_only)) == Answer("j1", text.encode())


@pytest.mark.usefixtures("_small_pieces")
@pytest.mark.parametrize("around", ["", "a,", ",,,,,,,,,"])
def test_what_no_utf8_has_is_replaced_and_nothing_else(around: str) -> None:
    latin = job_event("j1", f"{around}J?rg,é{around}").replace(b"?", b"\xf6")
    half = job_event("j1", f"{around}J\ud800rg,é{around}", ascii_only=True)

    assert answer(latin) == Answer("j1", f"{around}J\ufffdrg,é{around}".encode())
    assert answer(half) == Answer("j1", f"{around}J?rg,é{around}".encode())


@given(st.binary(max_size=100))
def test_anything_may_stand_in_an_answer(noise: bytes) -> None:
    found = answer(b'{"Event-Name":"BACKGROUND_JOB",' + noise)
    assert found is None or isinstance(found, Answer)


@pytest.mark.parametrize("text", [None, 1, ["x"], {"x": "y"}])
def test_an_answer_that_is_no_text_is_none(text: object) -> None:
    assert answer(job_event("j1", text)) is None


def test_other_events_are_no_answers() -> None:
    assert answer(b'{"Event-Name":"HEARTBEAT","Job-UUID":"j1"}') is None
    assert answer(b'{"Event-Name":"API","Info":"x"}') is None


def test_of_a_large_answer_there_is_no_second_copy() -> None:
    text = crowded("bridged.show_channels_as_json", 1_500)
    body = bytearray(job_event("j1", text))
    assert len(text) > 1_000_000

    assert most_taken(lambda: answer(body)) < 1.3 * len(text)
