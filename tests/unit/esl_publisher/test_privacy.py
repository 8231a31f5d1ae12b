from esl_publisher.privacy import hide, unmasked
from lampfield_bus import messages as m


def test_a_masked_name_is_known_again_unless_it_may_be_another_s() -> None:
    assert unmasked(["1000", "1234567", "7654367", "49301234"]) == {"1000": "1000", "******34": "49301234"}


def test_ids_legs_and_instants_stay() -> None:
    party = m.Party(number="0555123456", name="Bell <0555123456>")
    message = m.Call(
        id="12345678-aaaa", state="ringing", direction="inbound", caller=party, callee=party, gateway="gw-0555123456",
        queue="q12345", started_at="2026-11-22T22:58:35.000Z", answered_at=None, extensions=["10001", "1000"],
        legs=["12345678-aaaa"],
    )  # fmt: skip

    hidden = hide(message)

    assert (hidden.id, hidden.legs, hidden.started_at) == (message.id, message.legs, message.started_at)
    assert (hidden.caller.number, hidden.callee.name) == ("********56", "Bell <********56>")
    assert (hidden.gateway, hidden.queue, hidden.extensions) == (
        "gw-********56",
        "q***45",
        ["***01", "1000"],
    )
