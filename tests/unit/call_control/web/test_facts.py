from call_control.web.endings import Ending
from call_control.web.facts import WebCall


def test_a_call_s_progress_and_outcome_are_read_off_it() -> None:
    call = WebCall(
        id="a", kind="click", owner="reception", caller="1000", callee="1001", state="waiting", started_at=1,
        picked_up_at=2, rang=True, ending=Ending("missed", "NO_ANSWER"),
    )  # fmt: skip
    assert (call.progress.picked_up, call.progress.rang, call.progress.talked) == (True, True, False)
    assert call.outcome == call.progress.outcome == "missed"
