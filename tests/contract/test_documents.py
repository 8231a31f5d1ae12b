"""The documentation: every command has a rule, every example is taken by what reads it, every link leads somewhere."""

import json
import re
import subprocess
from pathlib import Path
from urllib.parse import unquote

import msgspec
import pytest

from call_control.documents.permissions import SHIPPED
from call_control.flows import tree
from call_control.flows import written as flows
from call_control.httapi import library
from call_control.settings import Settings as CallControlSettings
from esl_publisher.settings import Settings as PublisherSettings
from lampfield_bus import channels as c
from lampfield_bus.channels import match
from lampfield_bus.examples import EXAMPLES
from lampfield_bus.messages import Agent, Gateway, Notify, Queue, State
from led_renderer.board import Board
from led_renderer.icons import ICONS
from led_renderer.pages_file import loaded
from led_renderer.scene import scene
from led_renderer.settings import Settings as RendererSettings
from support.boards import NOW, command, extension, panel, read, stored, switch
from support.commands import RULES, rule
from support.documents import DRAWINGS, PAGES, ROOT, Block, Command, blocks, commands, drawn, fenced

COMMANDS = commands()
FLOWS = ROOT / "docs" / "call-control.md"


def where(block: Block) -> str:
    return f"{block.page.relative_to(ROOT)}:{block.line}"


@pytest.mark.parametrize("shown", COMMANDS, ids=lambda each: f"{each.page}:{each.line}")
def test_every_command_is_run_or_excused(shown: Command) -> None:
    assert rule(shown), f"{shown.page}:{shown.line}: {shown.text!r} has no rule in tests/support/commands.py"


def test_no_rule_outlives_its_commands() -> None:
    used = {rule(each) for each in COMMANDS}
    assert [each.pattern for each in RULES if each not in used] == []


def test_a_test_that_a_rule_names_is_there() -> None:
    named = {each.where for each in RULES} - {"broker", "docker", "never"}
    assert [path for path in named if not (ROOT / path).is_file()] == []


def test_every_drawing_is_one() -> None:
    found = [drawn(each) for page in PAGES for each in blocks(page) if each.language == "indented"]
    assert {first for first in found if first} == set(DRAWINGS)


def test_every_fence_is_of_a_language_that_is_tested() -> None:
    # cpp: docs/esp8266.md says that it was not compiled; python: the flow of
    # docs/call-control.md, below; nginx: tests/e2e/test_web_wall.py runs it.
    known = {"indented", "yaml", "env", "sh", "json", "cpp", "python", "nginx"}
    assert [where(each) for page in PAGES for each in blocks(page) if each.language not in known] == []


# --- flows ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("block", [each for each in fenced("yaml") if each.page == FLOWS], ids=where)
def test_a_flow_is_taken_and_permitted(block: Block) -> None:
    found = flows.loaded(block.text.encode(), where(block))
    assert found.faults == []
    assert found.flow is not None
    assert tree.written(found.flow, SHIPPED).faults == []


@pytest.mark.parametrize("block", [each for each in fenced("python") if each.page == FLOWS], ids=where)
def test_a_programmed_flow_runs_and_is_permitted(block: Block, tmp_path: Path) -> None:
    path = tmp_path / "reception.py"
    path.write_text(block.text, encoding="utf-8")
    entry = library.read(path, {})
    assert entry.source is not None, entry.faults
    assert tree.explored(entry.source, SHIPPED, {}).faults == []


# --- files of pages ---------------------------------------------------------------------------------------------------


def example(model: type[State]) -> State:
    told = EXAMPLES[model]
    assert isinstance(told, State)
    return told


@pytest.mark.parametrize("block", [each for each in fenced("yaml") if each.page != FLOWS], ids=where)
def test_a_file_of_pages_is_taken_and_each_of_its_pages_is_drawn(block: Block) -> None:
    read_file = loaded(block.text.encode(), where(block))
    assert read_file.faults == []
    assert read_file.plan is not None
    shown = panel()
    board = Board(shown, read_file.plan)
    read(
        board,
        *switch(active=3),
        *(extension("main", str(number), "idle") for number in range(1000, 1020)),
        stored(c.SWITCH_QUEUE, ("main", "support@default"), example(Queue)),
        stored(c.SWITCH_AGENT, ("main", "1001@default"), example(Agent)),
        stored(c.SWITCH_GATEWAY, ("main", "carrier"), example(Gateway)),
    )
    for page in read_file.plan.pages:
        command(board, "page", page.name)
        frame, _ = scene(board, shown, NOW)
        assert any(frame.rows), f"{page.name} draws nothing"


# --- settings ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("block", fenced("env"), ids=where)
def test_lines_of_an_env_file_are_settings_with_values_that_are_allowed(block: Block, tmp_path: Path) -> None:
    file = tmp_path / "env"
    file.write_text(block.text.replace("=/pages/", f"={tmp_path}/") + "\n")
    for named in re.findall(r"=/pages/(\S+)", block.text):
        shown = re.search(rf"`pages/{re.escape(named)}`.*?```yaml\n(.*?)```", block.page.read_text(), re.DOTALL)
        assert shown, f"{named} is nowhere on the page"
        (tmp_path / named).write_text(shown[1])
    known = {
        f"LAMPFIELD_{name.upper()}"
        for each in (RendererSettings, PublisherSettings, CallControlSettings)
        for name in each.model_fields
    }
    assert {line.split("=")[0] for line in block.text.splitlines()} - known == set()
    for settings in (RendererSettings, PublisherSettings, CallControlSettings):
        settings(_env_file=file)  # type: ignore[call-arg]  # BaseSettings takes it, the models' own fields hide it


def test_the_tiles_of_the_wall_cover_it_once() -> None:
    tiles = [
        dict(line.split("=") for line in each.text.splitlines()) for each in fenced("env") if "WALL_AT" in each.text
    ]
    assert len({each["LAMPFIELD_WALL"] for each in tiles}) == 1
    assert {each["LAMPFIELD_WALL_SIZE"] for each in tiles} == {"128x8"}
    places = [int(each["LAMPFIELD_WALL_AT"].split(",")[0]) for each in tiles]
    assert sorted(places) == list(range(0, 128, 32))


# --- Node-RED's flow --------------------------------------------------------------------------------------------------


def test_the_flow_uses_topics_that_there_are() -> None:
    flow = json.loads((ROOT / "docs" / "node-red" / "flow.json").read_text(encoding="utf-8"))
    read_topics = [node["topic"] for node in flow if node["type"] == "mqtt in"]
    written = [topic for node in flow for topic in re.findall(r"topic = '([^']+)'", node.get("func", ""))]
    assert written
    for topic in [*read_topics, *written]:
        assert match(topic.removeprefix("lampfield/v1/").replace("+", "x")), topic


@pytest.mark.parametrize("block", fenced("json"), ids=where)
def test_a_payload_that_is_shown_is_a_notification(block: Block) -> None:
    assert msgspec.json.decode(block.text, type=Notify, strict=True).icon in ICONS


# --- links ------------------------------------------------------------------------------------------------------------

LINKS = sorted(
    {
        (page.relative_to(ROOT).as_posix(), target)
        for page in [*PAGES, ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"]
        for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8"))
        if "://" not in target
    }
)


def anchors(page: Path) -> set[str]:
    heads = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize(("page", "target"), LINKS)
def test_a_link_leads_somewhere(page: str, target: str) -> None:
    path, _, anchor = unquote(target).partition("#")
    there = (ROOT / page).parent / path if path else ROOT / page
    assert there.exists()
    if anchor:
        assert anchor in anchors(there)


def test_every_page_of_docs_is_in_its_table_of_contents() -> None:
    text = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    pages = [page.name for page in (ROOT / "docs").glob("*.md") if page.name != "README.md"]
    assert [name for name in pages if f"({name})" not in text] == []


def test_every_picture_is_shown_by_a_page() -> None:
    """A picture that somebody took for a look, and that lies about in the repository, is not one of ours."""
    shown = {(ROOT / page).parent.joinpath(target).resolve() for page, target in LINKS}
    files = ["git", "ls-files", "*.png", "*.gif", "*.svg"]
    listed = subprocess.run(files, cwd=ROOT, capture_output=True, text=True, check=True)
    pictures = [ROOT / name for name in listed.stdout.split() if not name.startswith("services/")]
    assert pictures
    assert [picture for picture in pictures if picture.is_file() and picture not in shown] == []
