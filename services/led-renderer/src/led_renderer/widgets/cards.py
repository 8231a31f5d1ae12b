"""Figures with their signs, side by side, in rows, or one after the other: the layout that most widgets share. Pure.

A card is what belongs together: a title (a queue's name), and figures, the first of which is the headline. A canvas of
one row shows a card's figures side by side, as large as fits, with the title before them if that fits too; where they
do not all fit, they take turns. Two rows have the headline above the others; from three rows on there is the title, the
headline in double size, and the others at the foot. Still larger walls show the same, grown.

A title without room is shown first, by itself, for `TITLE_MS` or one scroll. All turns count from `since`; those of a
card last `TURNS_MS` together, so that a page of ten seconds shows each of them once. Several cards are shorter, and the
page begins with another one each time, so that each is seen however short the page is.

Every figure stands at the right end of a field that is wide enough for `room`, so that numbers do not jump when they
change.
"""

from functools import lru_cache
from typing import Final, NamedTuple

from msgspec import Struct

from led_renderer import line
from led_renderer.digits import Face, number
from led_renderer.frame import Frame
from led_renderer.icons import SIZE, icon, sign
from led_renderer.text import strip, width
from led_renderer.widgets.base import Drawn, Options, Size, soonest

__all__ = ["Card", "Figure", "counted", "drawn"]

TITLE_MS: Final = 2_000
TURNS_MS: Final = 8_000  # for the figures of all cards together, as long as each has
SHORTEST_MS: Final = 3_000
MOST: Final = 20  # cards at a time: who has more of them does not see more
SPREAD: Final = (
    2_654_435_761  # 2^32 by the golden ratio: spreads beginnings over the cards, whatever the rotation's length
)
SIGN_MS: Final = 1_000  # a sign that has no room beside its number is shown before it
TITLE_GAP: Final = 6  # columns between a title and the figures, at least
APART: Final = 3  # columns between two figures, at least


class Figure(Struct, frozen=True):
    """A number or an age, and its icon. `room` is the widest text that always has room; `alone`: it needs no icon."""

    icon: str
    text: str = ""
    room: str = "00"
    alone: bool = False


class Card(Struct, frozen=True):
    """Figures that belong together, the most important first; `title` may be empty."""

    figures: tuple[Figure, ...]
    title: str = ""


class Style(NamedTuple):
    """How figures are written in a row: the faces of the first and of the others, and how their icons are."""

    first: Face
    others: Face
    bare: bool = False  # those that can do without their icons do
    small: bool = False  # icons are small; for figures that all have small ones


# The largest first; icons are given up before the headline's size is.
_STYLES: Final = (
    Style("5x7", "5x7"),
    Style("5x7", "5x7", bare=True),
    Style("5x7", "3x7"),
    Style("5x7", "3x7", bare=True),
    Style("3x7", "3x7"),
    Style("3x7", "3x7", bare=True),
    Style("3x7", "3x7", bare=True, small=True),
)


def counted(sign: str, count: int, room: str = "00") -> Figure:
    """A count with its icon."""
    return Figure(sign, str(count), room)


class _Turn(NamedTuple):
    """Something to be seen for `length` ms: the title, an icon, or figures."""

    length: int
    title: str
    figures: tuple[Figure, ...]
    sign: str = ""


def drawn(cards: tuple[Card, ...], size: Size, now: int, options: Options) -> Drawn:
    """At least one card; several take turns. When the picture changes by itself; an age in it is the caller's."""
    first = (options.since // 1000 * SPREAD & 0xFFFF_FFFF) * len(cards) >> 32
    shown = (cards[first:] + cards[:first])[:MOST]
    share = max(TURNS_MS // len(shown), SHORTEST_MS)
    turns = [turn for card in shown for turn in _turns(card, size, options.speed, share)]
    if len(turns) == 1:
        return _turn(turns[0], size, options.since, now, options.speed)
    begins = now - (now - options.since) % sum(turn.length for turn in turns)
    turn = turns[0]
    for turn in turns:
        if now < begins + turn.length:
            break
        begins += turn.length
    frame, change = _turn(turn, size, begins, now, options.speed)
    return frame, soonest(change, begins + turn.length)


def _turn(turn: _Turn, size: Size, since: int, now: int, speed: int) -> Drawn:
    if turn.sign:
        return _centred(icon(turn.sign).stretched(_icon_factor(size)), size), None
    if not turn.figures:
        return line.drawn(turn.title, size, since, now, centred=True, speed=speed)
    frame = _picture(turn.title, turn.figures, size) or _alone(turn.figures[0].text, size)
    if frame is not None:
        return frame, None
    return line.drawn(turn.figures[0].text, size, since, now, centred=True, speed=speed)


def _alone(text: str, size: Size) -> Frame | None:
    """A number without its icon. Of an age without room: its parts apart by a mark at the foot, or only the first."""
    faces: tuple[Face, Face] = ("5x7", "3x7")
    for face in faces:
        picture = number(text, face)
        if picture.width <= size[0]:
            return _centred(Frame(picture.width, SIZE).over(picture), size)
    whole, colon, part = text.partition(":")
    first, second = number(whole, "3x7"), number(part or "0", "3x7")
    if not colon or first.width > size[0]:
        return None
    if first.width + 2 + second.width <= size[0]:
        frame = Frame(first.width + 2 + second.width, SIZE).over(first).over(second, first.width + 2)
        return _centred(frame.over(Frame(2, 1, [0b11]), first.width, SIZE - 1), size)
    # Below it grows what is over of the next minute, or hour.
    frame = Frame(size[0], SIZE).over(first, size[0] - first.width)
    return _centred(frame.over(Frame(size[0] * int(part) // 60 or 1, 1, [-1]), 0, SIZE - 1), size)


def _icon_factor(size: Size) -> int:
    return max(1, min(size) // SIZE)


def _centred(picture: Frame, size: Size) -> Frame:
    return Frame(*size).over(picture, (size[0] - picture.width) // 2, (size[1] - picture.height) // 2)


@lru_cache(maxsize=64)
def _turns(card: Card, size: Size, speed: int, share: int) -> tuple[_Turn, ...]:
    """What a card takes to be told on a canvas of this size; its figures have `share` ms together."""
    if _picture(card.title, card.figures, size) is not None:
        return (_Turn(share + SIGN_MS, card.title, card.figures),)
    turns = [_Turn(max(TITLE_MS, line.pass_ms(card.title, size, speed=speed)), card.title, ())] if card.title else []
    groups = _groups(card.figures, size)
    for group in groups:
        length = max(share // len(groups), 2 * SIGN_MS)
        if _picture("", group, size) is None:
            turns.append(_Turn(SIGN_MS, "", group, group[0].icon))
            length = max(length - SIGN_MS, line.pass_ms(group[0].text, size, speed=speed))
        if group[0].text:
            turns.append(_Turn(length, "", group))
    return tuple(turns)


def _groups(figures: tuple[Figure, ...], size: Size) -> list[tuple[Figure, ...]]:
    """Figures in as few groups as can be shown at once, each."""
    groups: list[tuple[Figure, ...]] = []
    for figure in figures:
        if groups and _picture("", (*groups[-1], figure), size) is not None:
            groups[-1] = (*groups[-1], figure)
        else:
            groups.append((figure,))
    return groups


@lru_cache(maxsize=256)
def _picture(title: str, figures: tuple[Figure, ...], size: Size) -> Frame | None:
    """All of it at once, or None where it does not fit."""
    wide, high = size
    grown = min(wide // 64, high // 32) or (2 if high == 16 and wide >= 64 and not title else 1)
    if grown > 1:
        small = _picture(title, figures, (wide // grown, high // grown))
        return None if small is None else _centred(small.stretched(grown), size)
    if high < 16:
        row = _row(title, figures, wide)
        return None if row is None else _centred(row, size)
    if high < 24:
        return _rows(title, figures, size)
    return _wall(title, figures, size)


def _rows(title: str, figures: tuple[Figure, ...], size: Size) -> Frame | None:
    """Two rows: the title, or the headline, above the rest."""
    wide, high = size
    if title:
        above, rest = _title_row(title, wide), figures
    elif len(figures) == 1:
        above, rest = _row("", figures, wide // 2), ()
        return None if above is None else _centred(above.stretched(2), size)
    else:
        above, rest = _row("", figures[:1], wide), figures[1:]
    below = _row("", rest, wide)
    if above is None or below is None:
        return None
    return Frame(wide, high).over(above).over(below, 0, high - SIZE)


def _wall(title: str, figures: tuple[Figure, ...], size: Size) -> Frame | None:
    """Three rows and more: the title, the headline in double size, the others at the foot."""
    wide, high = size
    above = _title_row(title, wide) if title and high >= 32 else None
    headline = _row("", figures[:1], wide // 2)
    foot = _row("", figures[1:], wide) if figures[1:] else None
    if headline is None or (title and above is None) or (figures[1:] and foot is None):
        return None
    used = 16 + (SIZE if above else 0) + (SIZE if foot else 0)
    spare = high - used
    frame = Frame(wide, high).over(headline.stretched(2), 0, (SIZE if above else 0) + spare // 2)
    frame = frame.over(above) if above else frame
    return frame.over(foot, 0, high - SIZE) if foot else frame


def _title_row(title: str, wide: int) -> Frame | None:
    picture = strip(title)
    return None if picture.width > wide else Frame(wide, SIZE).over(picture, (wide - picture.width) // 2)


def _row(title: str, figures: tuple[Figure, ...], wide: int) -> Frame | None:
    """Figures side by side in one row, in the largest style that fits."""
    used = width(title) + TITLE_GAP if title else 0
    for style in _STYLES:
        pictures = [_figure(figure, style, first=place == 0) for place, figure in enumerate(figures)]
        whole = [picture for picture in pictures if picture is not None]
        if len(whole) < len(pictures):
            continue
        if used + sum(picture.width for picture in whole) + APART * (len(whole) - 1) <= wide:
            if not title:
                return _spread(whole, wide)
            if len(whole) == 1:
                return Frame(wide, SIZE).over(strip(title)).over(whole[0], wide - whole[0].width)
            return Frame(wide, SIZE).over(strip(title)).over(_spread(whole, wide - used), used)
    return None


def _figure(figure: Figure, style: Style, *, first: bool) -> Frame | None:
    """Icon and number, the number at the right end of its field. None: it has no icon that is small enough."""
    picture = sign(figure.icon) if style.small else icon(figure.icon)
    face = style.first if first else style.others
    bare = style.bare and figure.alone
    if not figure.text or (picture is None and not bare):
        return picture
    digits = number(figure.text, face)
    field = max(digits.width, number(figure.room, face).width)
    left = 0 if bare or picture is None else picture.width + (2 if face == "5x7" else 1)
    frame = Frame(left + field, SIZE).over(digits, left + field - digits.width)
    return frame.over(picture) if left and picture is not None else frame


def _spread(figures: list[Frame], wide: int) -> Frame:
    """Figures over the whole width: the first at the left, the last at the right; a single one in the middle."""
    row = Frame(wide, SIZE)
    spare = wide - sum(figure.width for figure in figures)
    if len(figures) == 1:
        return row.over(figures[0], spare // 2)
    left = 0
    for place, figure in enumerate(figures):
        row = row.over(figure, left + spare * place // (len(figures) - 1))
        left += figure.width
    return row
