"""The order of notifications, and the promise about the page, over random histories too."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from led_renderer.attention import SHORTEST_MS, Attention
from led_renderer.commands import Notification

SHOW_MS = 6_000
MAX_HIDE_MS = 20_000
BREATHER_MS = 7_000


def attention(**options: int) -> Attention:
    return Attention(
        max_hide_ms=options.pop("max_hide_ms", MAX_HIDE_MS),
        breather_ms=lambda _now: BREATHER_MS,
        length_ms=lambda _notification: SHOW_MS,
        **options,
    )


def note(name: str, priority: str = "info", **fields: object) -> Notification:
    return Notification(id=name, text=name, priority=priority, **fields)  # type: ignore[arg-type] # literals by name


def timeline(machine: Attention, begin: int, end: int, step: int = 500) -> list[tuple[int, str | None]]:
    """(instant, id) at each change of what is showing."""
    seen: list[tuple[int, str | None]] = []
    for now in range(begin, end, step):
        machine.tick(now)
        showing = machine.showing(now)
        name = None if showing is None else showing.notification.id
        if not seen or seen[-1][1] != name:
            seen.append((now, name))
    return seen


def test_one_shows_from_the_next_whole_second_for_its_length() -> None:
    machine = attention()
    assert machine.add(note("a"), 10_300) is None
    assert timeline(machine, 10_300, 20_000, 100) == [(10_300, None), (11_000, "a"), (17_000, None)]


def test_seconds_and_repeat_say_how_long() -> None:
    machine = attention()
    machine.add(note("a", seconds=2.5, repeat=2), 1_000)
    assert timeline(machine, 1_000, 9_000) == [(1_000, "a"), (6_000, None)]


def test_critical_pre_empts_warning_pre_empts_info_and_each_resumes_where_it_was() -> None:
    machine = attention()
    machine.add(note("info"), 1_000)
    machine.tick(3_000)
    machine.add(note("warning", "warning"), 3_000)
    machine.tick(5_000)
    machine.add(note("critical", "critical"), 5_000)
    assert timeline(machine, 5_000, 25_000) == [
        (5_000, "critical"),
        (11_000, "warning"),  # 2 s of its 6 were shown
        (15_000, "info"),
        (19_000, None),
    ]
    machine = attention()
    machine.add(note("info"), 1_000)
    machine.tick(3_000)
    machine.add(note("critical", "critical"), 3_000)
    machine.tick(10_000)
    resumed = machine.showing(10_000)
    assert resumed is not None
    assert (resumed.notification.id, 10_000 - resumed.since) == ("info", 3_000)


def test_what_follows_a_dismissed_one_shows_at_once_and_counts_from_the_next_whole_second() -> None:
    machine = attention()
    machine.add(note("a"), 1_000)
    machine.add(note("b"), 1_000)
    machine.dismiss("", 2_300)
    shown = machine.showing(2_300)
    assert shown is not None
    assert (shown.notification.id, shown.since) == ("b", 3_000)
    assert timeline(machine, 2_300, 12_000, 100) == [(2_300, "b"), (9_000, None)]


def test_the_oldest_goes_first_and_a_text_before_other_info() -> None:
    machine = attention(max_hide_ms=10**9)
    machine.add(note("hold the panel", "warning"), 0)
    machine.add(note("a"), 100)
    machine.add(note("b"), 200)
    machine.add(note("text", first=True), 1_300)
    assert [name for _, name in timeline(machine, 2_000, 40_000)] == ["hold the panel", "text", "a", "b", None]


def test_at_is_when_it_starts_whatever_came_before() -> None:
    machine = attention()
    machine.add(note("late", at=20_400), 1_000)
    machine.add(note("soon", at=5_000), 1_000)
    assert timeline(machine, 1_000, 30_000, 100) == [
        (1_000, None),
        (5_000, "soon"),
        (11_000, None),
        (20_400, "late"),
        (26_400, None),
    ]


def test_a_display_that_hears_late_joins_in_the_middle() -> None:
    """Two tiles, one of which got the message 2 s after its `at`, show the same."""
    early, late = attention(), attention()
    early.add(note("a", at=10_000), 9_000)
    late.add(note("a", at=10_000), 12_000)
    for now in (12_000, 13_700, 15_999, 16_000):
        assert early.showing(now) == late.showing(now)


def test_one_whose_at_is_long_past_is_shown_in_full() -> None:
    machine = attention()
    machine.add(note("a", at=1_000), 60_000)
    assert timeline(machine, 60_000, 70_000) == [(60_000, "a"), (66_000, None)]


def test_the_same_id_replaces_also_while_it_shows() -> None:
    machine = attention()
    machine.add(note("a"), 0)
    machine.tick(4_000)
    machine.add(Notification(id="a", text="new"), 4_000)
    showing = machine.showing(4_000)
    assert showing is not None
    assert (showing.notification.text, showing.since) == ("new", 4_000)
    assert machine.ids == ["a"]


def test_a_held_one_stays_until_it_is_dismissed_and_lets_its_equals_go_first() -> None:
    machine = attention(max_hide_ms=10**9)
    machine.add(note("held", hold=True), 0)
    assert timeline(machine, 0, 2_000) == [(0, "held")]
    machine.add(note("other"), 2_000)
    assert timeline(machine, 2_000, 100_000) == [(2_000, "other"), (8_000, "held")]
    assert machine.dismiss("held", 100_000)
    assert machine.showing(100_000) is None
    assert not machine.dismiss("held", 100_000)


def test_dismiss_takes_the_one_showing_or_all() -> None:
    machine = attention()
    for name in "abc":
        machine.add(note(name), 0)
    assert machine.dismiss("", 1_000)
    assert machine.ids == ["b", "c"]
    assert machine.dismiss("*", 2_000)
    assert machine.ids == []
    assert not machine.dismiss("*", 3_000)


def test_the_page_gets_its_turn_after_max_hide_and_the_rest_goes_on() -> None:
    machine = attention()
    machine.add(note("held", hold=True), 0)
    assert timeline(machine, 0, 60_000) == [
        (0, "held"),
        (20_000, None),
        (27_000, "held"),
        (47_000, None),
        (54_000, "held"),
    ]


def test_a_critical_one_may_cover_the_page_for_as_long_as_it_takes() -> None:
    machine = attention()
    machine.add(note("fire", "critical", hold=True), 0)
    assert timeline(machine, 0, 300_000, 5_000) == [(0, "fire")]


def test_a_full_queue_gives_way_only_to_higher_ranks() -> None:
    machine = attention(bound=2, critical_bound=1)
    assert machine.add(note("a"), 0) is None
    assert machine.add(note("b"), 0) is None
    assert "busy" in (machine.add(note("c"), 0) or "")
    assert machine.add(note("w", "warning"), 0) is None
    assert machine.ids == ["w", "a"]
    assert machine.add(note("x", "critical"), 0) is None
    assert "busy" in (machine.add(note("y", "critical"), 0) or "")
    assert machine.ids == ["x", "w", "a"]


@pytest.mark.parametrize("delta", [-3_600_000, -5_000, 5_000, 10**12])
def test_a_stepped_clock_neither_freezes_nor_skips(delta: int) -> None:
    machine = attention()
    machine.add(note("a"), 0)
    machine.add(note("b"), 0)
    machine.tick(2_000)
    machine.shift(delta)
    begin = 2_000 + delta
    assert timeline(machine, begin, begin + 12_000) == [(begin, "a"), (begin + 4_000, "b"), (begin + 10_000, None)]


class Histories(RuleBasedStateMachine):
    """Random commands and time: nothing is lost, the page is seen, `due` is exact."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0
        self.machine = attention()
        self.covered = 0  # ms since a whole page was last seen, non-critical cover only
        self.seen = 0  # ms for which the page has been seen at a stretch
        self.count = 0

    def step(self, until: int) -> None:
        """Time passes, at each instant that `due` names and at none between, as the loop does it."""
        while self.now < until:
            due = self.machine.due()
            before = self.machine.showing(self.now)
            target = until if due is None else min(max(due, self.now + 1), until)
            just_before = Attention.showing(self.machine, target - 1) if target - 1 > self.now else before
            assert just_before == before, "what is showing changed before it was due"
            elapsed = target - self.now
            if before is None:
                self.seen += elapsed
                if self.seen >= BREATHER_MS:
                    self.covered = 0
            elif before.notification.priority != "critical":
                self.seen = 0
                self.covered += elapsed
                assert self.covered <= MAX_HIDE_MS
            else:
                self.seen = 0
            self.now = target
            self.machine.tick(self.now)

    @rule(
        priority=st.sampled_from(["info", "warning", "critical"]),
        seconds=st.one_of(st.none(), st.floats(0.1, 90)),
        repeat=st.integers(1, 3),
        hold=st.booleans(),
        ahead=st.one_of(st.none(), st.integers(-50_000, 50_000)),
        name=st.one_of(st.none(), st.sampled_from("abc")),
        first=st.booleans(),
    )
    def add(
        self,
        priority: str,
        seconds: float | None,
        repeat: int,
        hold: bool,
        ahead: int | None,
        name: str | None,
        first: bool,
    ) -> None:
        self.count += 1
        at = None if ahead is None else max(self.now + ahead, 0)
        fields = {"seconds": seconds, "repeat": repeat, "hold": hold, "at": at, "first": first}
        self.machine.add(note(name or f"n{self.count}", priority, **fields), self.now)

    @rule(delta=st.integers(-(10**8), 10**8).filter(lambda delta: abs(delta) >= 1_000))
    def step_the_clock(self, delta: int) -> None:
        """What is on the panel stays there, and for as long as it would have."""
        before = self.machine.showing(self.now)
        self.now += delta
        self.machine.shift(delta)
        after = self.machine.showing(self.now)
        if before is not None and before.notification.at is None and (after is None or after.notification.at is None):
            assert after is not None
            assert after.notification == before.notification
            assert after.since == before.since + delta

    @rule()
    def turn_other_pages(self) -> None:
        """The page that is seen is another: a full one has yet to be."""
        self.machine.rotation_changed(self.now)
        if self.machine.showing(self.now) is None:
            self.seen = 0

    @rule(name=st.sampled_from("abc"))
    def amend(self, name: str) -> None:
        self.machine.amend(note(name, seconds=1))

    @rule(which=st.sampled_from(["", "*", "a", "b", "c", "nobody"]))
    def dismiss(self, which: str) -> None:
        self.machine.dismiss(which, self.now)

    @rule(elapsed=st.integers(1, 60_000))
    def wait(self, elapsed: int) -> None:
        self.step(self.now + elapsed)

    @invariant()
    def the_best_of_the_ready_ones_shows(self) -> None:
        showing = self.machine.showing(self.now)
        assert showing is None or showing.notification.id in self.machine.ids
        assert len(self.machine.ids) <= 32 + 64

    def teardown(self) -> None:
        """Everything that is not held ends by itself."""
        self.machine.dismiss("*", self.now)
        assert self.machine.ids == []
        assert self.machine.showing(self.now) is None


TestHistories = Histories.TestCase
TestHistories.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)


@given(
    st.lists(st.tuples(st.sampled_from(["info", "warning", "critical"]), st.integers(SHORTEST_MS, 9_000)), max_size=12)
)
@settings(deadline=None)
def test_everything_taken_is_shown_for_its_whole_length(taken: list[tuple[str, int]]) -> None:
    machine = attention()
    left = {}
    for number, (priority, length) in enumerate(taken):
        assert machine.add(note(str(number), priority, seconds=length / 1000), 0) is None
        left[str(number)] = length
    now = 0
    machine.tick(now)
    while (due := machine.due()) is not None:
        showing = machine.showing(now)
        if showing is not None:
            left[showing.notification.id] -= due - now
        now = due
        machine.tick(now)
    assert set(left.values()) <= {0}
