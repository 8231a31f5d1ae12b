"""`sip-monitor watch` without a terminal: list, filter, ladder, diff, file."""

import asyncio
from pathlib import Path

import msgspec
import pytest
from rich.text import Text
from textual.widgets import DataTable, Input, OptionList, Static

from lampfield_bus import channels as c
from lampfield_bus.messages import encode
from lampfield_bus.node.arrivals import Connected, Lost, Message
from lampfield_bus.node.inbox import Inbox
from sip_monitor.browse import Board
from sip_monitor.capture import packets
from sip_monitor.monitor import Monitor
from sip_monitor.tracker import Rules
from sip_monitor.watch import LadderScreen, Watch
from support.sip import T0, recorded

A_LEG = "1a45ba4fe124d9d5@127.0.0.1"


def inbox() -> Inbox:
    """What a reader of the bus gets of a call that was busy, and of a registration."""
    monitor = Monitor("main", Rules(), T0)
    for each in (*recorded("call_busy_486"), *recorded("register")):
        monitor.tracker.datagram(each, T0)
    found = Inbox()
    found.put(Connected())
    found.put(Message(c.SIP_AVAILABILITY.topic("main"), b"online"))
    for dialog in monitor.tracker.dialogs:
        told = encode(monitor.message(dialog))
        found.put(Message(c.SIP_DIALOG.topic("main", dialog.call_id), told))
        payload = monitor.tracker.records[dialog.call_id].payload()
        found.put(Message(c.SIP_LADDER.topic("main", dialog.call_id), payload))
    return found


def test_a_dialog_is_looked_for_opened_and_saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    async def use() -> None:
        app = Watch(Board("main"), inbox())
        async with app.run_test(size=(160, 40)) as pilot:
            table = app.query_one(DataTable)
            assert table.row_count == 6
            assert "main: online, 6 of 6 dialogs" in app.sub_title
            await pilot.press("slash", *"busy", "enter")
            assert table.row_count == 2
            assert not app.query_one("#filter", Input).has_class("open")
            app.query_one("#filter", Input).value = "busy to:71001"
            app.refresh_dialogs()
            assert table.row_count == 1
            await pilot.press("enter")
            screen = app.screen
            assert isinstance(screen, LadderScreen)
            arrows = screen.query_one(OptionList)
            assert arrows.option_count == 7
            await pilot.press("down")
            assert "407 Proxy Authentication" in str(screen.query_one("#message", Static).render())
            await pilot.press("m", "down", "down", "d")
            assert "+INVITE sip:71001" in str(screen.query_one("#message", Static).render())
            await pilot.press("s")
            await pilot.press("escape")
            assert not isinstance(app.screen, LadderScreen)

    asyncio.run(use())
    (saved,) = tmp_path.glob("*.pcap")
    assert len(list(packets(saved.read_bytes()))) == 7


def test_in_a_small_terminal_no_arrow_is_broken_and_each_class_has_its_colour() -> None:
    async def use() -> None:
        app = Watch(Board("main"), inbox())
        async with app.run_test(size=(80, 24)):
            await app.push_screen(LadderScreen(app.board, A_LEG))
            arrows = app.screen.query_one(OptionList)
            shown = [arrows.get_option_at_index(number).prompt for number in range(arrows.option_count)]
            assert all(isinstance(each, Text) for each in shown)
            assert max(len(str(each).rstrip()) for each in shown) <= 76
            assert [str(getattr(each, "style", "")) for each in shown] == [
                "bold", "red", "bold", "bold", "yellow", "red", "bold",
            ]  # fmt: skip

    asyncio.run(use())


def test_without_the_bus_it_says_so_above_list_and_ladder_and_in_red() -> None:
    async def use() -> None:
        found = inbox()
        app = Watch(Board("main"), found)
        async with app.run_test(size=(80, 24)):
            assert not app.screen.has_class("stale")
            screen = LadderScreen(app.board, A_LEG)
            await app.push_screen(screen)
            found.put(Lost("broken"))
            app.refresh_dialogs()
            screen.draw()
            assert (screen.title, screen.sub_title) == ("1000 > 71001 busy", "NO BUS")
            assert "main: NO BUS" in app.sub_title
            assert all(each.has_class("stale") for each in app.screen_stack)
            assert not app.check_action("filter", ())

    asyncio.run(use())


def test_a_dialog_that_goes_while_it_is_shown_is_said_to_be_gone() -> None:
    async def use() -> None:
        board = Board("main")
        app = Watch(board, inbox())
        async with app.run_test(size=(160, 40)):
            screen = LadderScreen(board, A_LEG)
            await app.push_screen(screen)
            board.ladders.clear()
            screen.draw()
            assert "gone" in str(screen.query_one("#hosts", Static).render())
            assert screen.messages == []
            screen.action_difference()

    asyncio.run(use())


def test_a_ladder_that_grows_keeps_its_cursor() -> None:
    async def use() -> None:
        board = Board("main")
        app = Watch(board, inbox())
        async with app.run_test(size=(160, 40)) as pilot:
            screen = LadderScreen(board, A_LEG)
            await app.push_screen(screen)
            await pilot.press("down", "down")
            told = board.ladders[A_LEG]
            board.ladders[A_LEG] = msgspec.structs.replace(told, messages=[*told.messages, told.messages[-1]])
            screen.draw()
            arrows = screen.query_one(OptionList)
            assert (arrows.option_count, arrows.highlighted) == (8, 2)

    asyncio.run(use())
