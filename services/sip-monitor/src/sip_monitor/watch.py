"""`sip-monitor watch`: a node's dialogs in this terminal, with filter, ladder, message view and diff.

It reads the bus as any other reader, so it shows what the wall in a browser shows, from any host; it needs no capture
rights. The one place that imports textual. It decides nothing about dialogs: `browse` does.
"""

import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar, Final

from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import Screen
from textual.widgets import DataTable, Footer, Header, Input, OptionList, Static
from textual.widgets.option_list import Option

from lampfield_bus import channels as c
from lampfield_bus.messages import SipMessage
from lampfield_bus.node.inbox import Inbox
from lampfield_bus.node.link import Link, LinkConfig, Subscription
from lampfield_bus.node.run import OK
from sip_monitor import capture, ladder, listing
from sip_monitor.browse import Board, difference
from sip_monitor.settings import PROGRAM, Settings

__all__ = ["LadderScreen", "Watch", "run"]

REFRESH_SECONDS: Final = 0.5
_STATES: Final = {"trying": "yellow", "ringing": "yellow", "answered": "bold green", "completed": "green",
                  "diverted": "cyan", "busy": "magenta", "cancelled": "magenta", "rejected": "red",
                  "failed": "bold red"}  # fmt: skip
_CLASSES: Final = {"1": "yellow", "2": "green", "3": "cyan", "4": "red", "5": "bold red", "6": "bold red"}
_REQUEST: Final = "bold"
MARGINS: Final = 4  # beside a ladder: of the list, and its scroll bar


def run(settings: Settings) -> int:
    """Shows them until `q`; returns the exit status."""
    inbox = Inbox()
    node = settings.node
    config = LinkConfig.of(
        settings, f"{PROGRAM}-watch", secrets.token_hex(4), availability=None, fence=c.SIP_FENCE.topic(node)
    )
    filters = (c.SIP_DIALOG.filter(node=node), c.SIP_LADDER.filter(node=node), c.SIP_AVAILABILITY.filter(node=node))
    link = Link(config, inbox, [Subscription(each, "state") for each in filters])
    link.start()
    try:
        Watch(Board(node), inbox).run()
    finally:
        link.stop()
    return OK


class Watch(App[None]):
    """The list of dialogs."""

    TITLE = "sip-monitor"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "quit", "quit"),
        Binding("slash", "filter", "filter"),
        Binding("escape", "list", "list", show=False),
    ]
    CSS = """
    DataTable { height: 1fr; }
    Input { display: none; }
    Input.open { display: block; }
    .stale Header { background: $error; color: $text; text-style: bold; }
    """

    def __init__(self, board: Board, inbox: Inbox) -> None:
        super().__init__()
        self.board = board
        self._inbox = inbox
        self._shown: tuple[tuple[str, ...], ...] = ()

    def compose(self) -> ComposeResult:
        """Head, list, filter, keys."""
        yield Header(show_clock=True)
        yield DataTable(cursor_type="row", zebra_stripes=True)
        yield Input(placeholder="state:busy from:1000 -method:register", id="filter")
        yield Footer()

    def on_mount(self) -> None:
        """Begins to listen."""
        self.query_one(DataTable).add_columns(*listing.HEADINGS)
        self.set_interval(REFRESH_SECONDS, self.refresh_dialogs)
        self.refresh_dialogs()

    def refresh_dialogs(self) -> None:
        """What came goes into the board; the list is drawn anew when it differs."""
        for arrival in self._inbox.drain():
            self.board.receive(arrival)
        for screen in self.screen_stack:
            screen.set_class(not self.board.holds, "stale")
        dialogs = self.board.found(self.query_one("#filter", Input).value)
        rows = tuple(listing.cells(dialog) for dialog in dialogs)
        self.sub_title = (
            f"{self.board.node}: {self.board.standing}, {len(dialogs)} of {len(self.board.dialogs)} dialogs"
        )
        if rows == self._shown:
            return
        table = self.query_one(DataTable)
        row = table.cursor_row
        here = self._shown[row][-1] if row < len(self._shown) else None
        self._shown = rows
        table.clear()
        for cells in rows:
            table.add_row(*_painted(cells), key=cells[-1])
        if (
            here is not None
            and (at := next((n for n, cells in enumerate(rows) if cells[-1] == here), None)) is not None
        ):
            table.move_cursor(row=at)

    def action_filter(self) -> None:
        """Asks what to look for."""
        field = self.query_one("#filter", Input)
        field.add_class("open")
        field.focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 (textual's signature)
        """The list alone has a filter."""
        return action != "filter" or len(self.screen_stack) == 1

    def action_list(self) -> None:
        """Back to the list."""
        self.query_one("#filter", Input).remove_class("open")
        self.query_one(DataTable).focus()

    def on_input_submitted(self, _: Input.Submitted) -> None:
        """The filter stays in force."""
        self.action_list()
        self.refresh_dialogs()

    def on_data_table_row_selected(self, event: DataTable.RowSelected) -> None:
        """Shows the ladder of this one."""
        if event.row_key.value is not None:
            self.push_screen(LadderScreen(self.board, event.row_key.value))


class LadderScreen(Screen[None]):
    """One dialog: its arrows, the message under the cursor, and how it differs from the one before of its kind."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "app.pop_screen", "back"),
        Binding("d", "difference", "diff"),
        Binding("m", "mark", "mark for diff"),
        Binding("s", "save", "save pcap"),
    ]
    CSS = """
    #hosts { padding: 0 1; text-style: bold; text-wrap: nowrap; }
    OptionList { height: 50%; border: none; padding: 0; text-wrap: nowrap; }
    OptionList:focus { border: none; }
    VerticalScroll { height: 1fr; border-top: solid $primary; }
    """

    def __init__(self, board: Board, call_id: str) -> None:
        super().__init__()
        self._board = board
        self._call_id = call_id
        self._lines: list[str] = []
        self._marked: int | None = None

    def compose(self) -> ComposeResult:
        """Ladder above, message below."""
        yield Header()
        yield Static(id="hosts", markup=False)
        yield OptionList()
        with VerticalScroll():
            yield Static(id="message", markup=False)
        yield Footer()

    def on_mount(self) -> None:
        """Draws, and goes on as long as messages come."""
        self.set_interval(REFRESH_SECONDS, self.draw)
        self.draw()
        self.query_one(OptionList).focus()

    @property
    def messages(self) -> list[SipMessage]:
        """The arrows in order."""
        told = self._board.ladders.get(self._call_id)
        return ladder.in_order(told.messages) if told else []

    def draw(self) -> None:
        """The ladder, when it differs; how it stands, above it."""
        dialog, told = self._board.dialogs.get(self._call_id), self._board.ladders.get(self._call_id)
        self.title = listing.plain(f"{dialog.from_} > {dialog.to} {dialog.state}" if dialog else self._call_id)
        self.sub_title = self._board.standing
        lines = list(ladder.drawn(told, self.size.width - MARGINS)) if told else ["this dialog is gone"]
        if lines == self._lines:
            return
        self._lines = lines
        self.query_one("#hosts", Static).update(lines[0])
        arrows = self.query_one(OptionList)
        at = arrows.highlighted or 0
        arrows.clear_options()
        styles = [_style(message) for message in self.messages]
        arrows.add_options([Option(Text(line, style)) for line, style in zip(lines[1:], styles, strict=False)])
        if lines[1:]:
            arrows.highlighted = min(at, len(lines) - 2)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """The message of this arrow."""
        if event.option_index < len(self.messages):
            message = self.messages[event.option_index]
            self._show((message.body or "its text had to go, for want of room").splitlines())

    def action_mark(self) -> None:
        """Remembers this message for a diff."""
        self._marked = self.query_one(OptionList).highlighted
        self.notify(f"message {(self._marked or 0) + 1} is marked; d on another shows the difference")

    def action_difference(self) -> None:
        """Against the marked message, else against the one before."""
        here = self.query_one(OptionList).highlighted or 0
        other = max(here - 1, 0) if self._marked is None else self._marked
        messages = self.messages
        if here < len(messages) and other < len(messages):
            self._show(difference(messages[other], messages[here]))

    def _show(self, lines: Iterable[str]) -> None:
        self.query_one("#message", Static).update("\n".join(map(listing.plain, lines)))

    def action_save(self) -> None:
        """Writes a file that sngrep and Wireshark open."""
        name = "".join(character if character.isalnum() else "-" for character in self._call_id)[:60]
        path = Path(f"{name}.pcap")
        path.write_bytes(capture.as_pcap(self.messages, self._call_id))
        self.notify(f"{path.absolute()}: sngrep -I {path} shows it")


def _painted(cells: tuple[str, ...]) -> list[str | Text]:
    """A row of the list, its state by its kind."""
    return [Text(cell, _STATES[cell]) if cell in _STATES else Text(listing.plain(cell)) for cell in cells]


def _style(message: SipMessage) -> str:
    """Of an arrow: requests bold, answers by their class."""
    _, _, rest = message.first_line.partition("SIP/2.0 ")
    return _CLASSES.get(rest.strip()[:1], _REQUEST) if message.first_line.startswith("SIP/2.0 ") else _REQUEST
