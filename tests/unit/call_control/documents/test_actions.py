"""The typed actions: helpers, and which of them end a document or take time."""

import pytest

from call_control.documents import actions as a


def test_keys_are_literal_and_each_for_itself() -> None:
    assert [bind.keys for bind in a.keys("12#")] == ["1", "2", "#"]


@pytest.mark.parametrize(
    ("low", "high", "end", "pattern"),
    [
        (1, None, "#", r"~\d+#"),
        (0, None, "#", r"~\d*#"),
        (4, 4, "", r"~\d{4}"),
        (1, 1, "", r"~\d"),
        (4, 4, "#", r"~\d{4}#"),
        (2, 6, "*", r"~\d{2,6}[*]"),
        (3, None, "#", r"~\d{3,}#"),
    ],
)
def test_digits_are_a_pattern_whose_end_is_stripped(low: int, high: int | None, end: str, pattern: str) -> None:
    assert a.digits(low, high, end=end) == (a.Bind(pattern, strip=end),)


def test_a_number_without_an_end_has_one_length() -> None:
    with pytest.raises(ValueError, match="low and high are the same"):
        a.digits(1, 4, end="")


@pytest.mark.parametrize(
    ("action", "leaves", "takes_time"),
    [
        (a.answer(), False, False),
        (a.Execute(application="transfer"), True, True),
        (a.Execute(application="callcenter"), False, True),
        (a.Hangup(), True, True),
        (a.Break(), True, True),
        (a.Transfer(to="1"), True, True),
        (a.AnswerAndLeave(), True, True),
        (a.Dial(string="user/1"), False, True),
        (a.Playback(file="a"), False, True),
        (a.GetVariable(name="a"), False, False),
        (a.Log(text="a"), False, False),
        (a.Continue(), False, False),
        (a.RecordCall(), False, False),
        (a.Record(), False, True),
    ],
)
def test_what_ends_a_document_and_what_the_caller_notices(action: a.Action, *, leaves: bool, takes_time: bool) -> None:
    assert a.leaves(action) == leaves
    assert a.takes_time(action) == takes_time
