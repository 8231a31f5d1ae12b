"""docs/metrics: the dashboard and the rules ask for metrics that there are, and docs/metrics.md lists all of them."""

import json
import re
from pathlib import Path

import pytest
import yaml

from esl_publisher import measures as publisher
from lampfield_bus.node.measures import Histogram, LinkCounts, Measure
from led_renderer import measures as renderer
from led_renderer.report import Readings

DOCS = Path(__file__).parents[2] / "docs"
FILES = DOCS / "metrics"
LINK = LinkCounts(True, 0, 0, 0, 0, 0, 0, 0)
SEVERITIES = {"warning", "critical"}


def told() -> list[Measure]:
    readings = publisher.Readings(esl_up=True, queue=0, dropped=0, calls={}, link=LINK)
    display = Readings(
        frames=0, skipped_frames=0, spi_bytes=0, spi_errors=0, messages=0, rejected=0, clock_skew=None, rss_bytes=0
    )
    standing = renderer.Standing(
        readings=display, notifications=0, power=True, brightness=0, trouble=None, lost=0, stale=False
    )
    switch = publisher.measures(publisher.Tally(), readings)
    return [*switch, *renderer.measures(standing, Histogram(*renderer.TURN), LINK)]


def names() -> set[str]:
    """Every name that a scrape has."""
    found = set()
    for measure in told():
        if isinstance(measure, Histogram):
            found |= {f"{measure.name}_{part}" for part in ("bucket", "sum", "count")}
        else:
            found.add(f"{measure.name}_total" if measure.kind == "counter" else measure.name)
    return found


def asked(expression: str) -> set[str]:
    return set(re.findall(r"\blampfield_\w+", expression))


def rules() -> list[dict[str, object]]:
    document = yaml.safe_load((FILES / "alerts.yml").read_text(encoding="utf-8"))
    return [rule for group in document["groups"] for rule in group["rules"]]


def panels() -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads((FILES / "grafana.json").read_text(encoding="utf-8"))["panels"]
    return found


def test_every_name_is_prometheus_own_way_of_naming() -> None:
    for measure in told():
        assert re.fullmatch(r"lampfield(_[a-z0-9]+)+", measure.name)
        assert not measure.name.endswith(("_total", "_ms", "_milliseconds", "_percent"))
        assert measure.help.endswith(".")


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: str(rule["alert"]))
def test_a_rule_asks_for_what_there_is_and_says_what_to_do(rule: dict[str, object]) -> None:
    expression = str(rule["expr"])
    assert asked(expression) <= names()
    assert asked(expression) or "up{" in expression
    labels, annotations = rule["labels"], rule["annotations"]
    assert isinstance(labels, dict)
    assert labels["severity"] in SEVERITIES
    assert isinstance(annotations, dict)
    assert set(annotations) == {"summary", "description"}


@pytest.mark.parametrize("panel", panels(), ids=lambda panel: str(panel["title"]))
def test_a_panel_asks_for_what_there_is(panel: dict[str, object]) -> None:
    targets = panel["targets"]
    assert isinstance(targets, list)
    for target in targets:
        assert asked(target["expr"]) <= names()
        assert asked(target["expr"]) or "process_resident_memory_bytes" in target["expr"]


def test_panels_do_not_lie_over_each_other() -> None:
    seen: set[tuple[int, int]] = set()
    for panel in panels():
        grid = panel["gridPos"]
        assert isinstance(grid, dict)
        columns, lines = (range(grid[at], grid[at] + grid[size]) for at, size in (("x", "w"), ("y", "h")))
        cells = {(x, y) for x in columns for y in lines}
        assert not cells & seen
        assert max(x for x, _ in cells) < 24
        seen |= cells
    assert len({panel["id"] for panel in panels()}) == len(panels())


def test_the_page_lists_every_metric_and_no_other() -> None:
    page = (DOCS / "metrics.md").read_text(encoding="utf-8")
    base = {name.removesuffix("_bucket") for name in names() if not name.endswith(("_sum", "_count"))}
    assert asked(page.partition("## What is told")[2].partition("## ")[0]) == base
