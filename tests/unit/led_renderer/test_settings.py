"""Settings: each alone, and those that must agree with each other."""

import os

import pytest

from lampfield_bus.messages import WallPlace
from lampfield_bus.node.settings import load
from led_renderer.settings import PROGRAM, Settings
from led_renderer.wire import Geometry


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    for name in [name for name in os.environ if name.startswith("LAMPFIELD_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path_factory.mktemp("nowhere"))  # no .env


def settings(monkeypatch: pytest.MonkeyPatch, **variables: str) -> Settings:
    for name, value in variables.items():
        monkeypatch.setenv(f"LAMPFIELD_{name}", value)
    return load(Settings, PROGRAM)


def test_the_defaults_are_a_four_in_one_panel(monkeypatch: pytest.MonkeyPatch) -> None:
    default = settings(monkeypatch)
    assert default.geometry == Geometry(32, 8, -90)
    assert (default.driver, default.brightness, default.max_hide, default.frame_hz) == ("auto", 4, 60, 5)
    assert (default.display, default.groups, default.switches, default.wall_place) == (None, (), ("+",), None)
    assert (default.driver_options.spi_speed_hz, str(default.driver_options.spi_path)) == (1_000_000, "/dev/spidev0.0")


@pytest.mark.parametrize(
    ("variables", "geometry"),
    [
        ({"CASCADED": "1"}, Geometry(8, 8, -90)),
        ({"CASCADED": "8", "HEIGHT": "16"}, Geometry(32, 16, -90)),
        ({"WIDTH": "64", "HEIGHT": "32"}, Geometry(64, 32, -90)),
        ({"WIDTH": "64", "HEIGHT": "16", "CASCADED": "16"}, Geometry(64, 16, -90)),
        ({"BLOCK_ORIENTATION": "180", "ROTATE": "3", "REVERSE": "on"}, Geometry(32, 8, 180, 3, True)),
    ],
    ids=str,
)
def test_the_panels_shape_follows(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], geometry: Geometry
) -> None:
    assert settings(monkeypatch, **variables).geometry == geometry


def test_a_tile_of_a_wall(monkeypatch: pytest.MonkeyPatch) -> None:
    tile = settings(monkeypatch, WALL="lobby", WALL_SIZE="128x8", WALL_AT="96,0")
    assert tile.wall_place == WallPlace(name="lobby", width=128, height=8, x=96, y=0)


def test_lists_are_names_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    lists = settings(monkeypatch, GROUPS="sales, floor/2", SWITCHES="main,branch")
    assert (lists.groups, lists.switches) == (("sales", "floor/2"), ("main", "branch"))


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"BRIGHTNESS": "16"}, "LAMPFIELD_BRIGHTNESS: '16' is out of range; allowed: 0-15"),
        (
            {"DRIVER": "max7221"},
            "LAMPFIELD_DRIVER: 'max7221' is not one of them; allowed: auto, max7219, terminal, none",
        ),
        ({"BLOCK_ORIENTATION": "45"}, "LAMPFIELD_BLOCK_ORIENTATION: 45 is not one of them; allowed: 0, 90, -90, 180"),
        ({"ROTATE": "4"}, "LAMPFIELD_ROTATE: 4 is not one of them; allowed: 0, 1, 2, 3"),
        (
            {"SPI_SPEED_HZ": "10000000"},
            "LAMPFIELD_SPI_SPEED_HZ: 10000000 is not one of them; allowed: 500000, 1000000, 2000000, 4000000, 8000000",
        ),
        ({"CASCADED": "0"}, "LAMPFIELD_CASCADED: '0' is out of range; allowed: 1-256"),
        ({"WIDTH": "12"}, "LAMPFIELD_WIDTH: 12 is no whole number of modules; allowed: multiples of 8"),
        ({"HEIGHT": "12"}, "LAMPFIELD_HEIGHT: 12 is no whole number of modules; allowed: multiples of 8"),
        (
            {"WIDTH": "32", "CASCADED": "8"},
            "LAMPFIELD_CASCADED: 8 modules are not 32x8 pixels; allowed: 4, or leave it out",
        ),
        (
            {"CASCADED": "5", "HEIGHT": "16"},
            "LAMPFIELD_CASCADED: 5 modules do not fill 2 rows; allowed: a multiple of 2",
        ),
        ({"WIDTH": "1024", "HEIGHT": "1024"}, "LAMPFIELD_WIDTH: 16384 modules; allowed: at most 256 in one chain"),
        (
            {"WALL": "lobby"},
            "WALL_SIZE: is not set; allowed: all of LAMPFIELD_WALL, LAMPFIELD_WALL_SIZE, LAMPFIELD_WALL_AT, or none",
        ),
        (
            {"WALL": "lobby", "WALL_SIZE": "128x8", "WALL_AT": "100,0"},
            "LAMPFIELD_WALL_AT: 100,0 puts 32x8 pixels outside 128x8; allowed: up to 96,0",
        ),
        (
            {"WALL": "lobby", "WALL_SIZE": "16x8", "WALL_AT": "0,0"},
            "LAMPFIELD_WALL_SIZE: 16x8 is too small; allowed: 32x8 and up",
        ),
        (
            {"WALL": "lobby", "WALL_SIZE": "8193x8", "WALL_AT": "0,0"},
            "LAMPFIELD_WALL_SIZE: 8193x8 is too large; allowed: up to 8192 pixels a side",
        ),
        ({"WALL_SIZE": "big"}, "LAMPFIELD_WALL_SIZE: 'big' is not of its form; allowed: 128x8 (pixels)"),
        ({"FRAME_HZ": "-1"}, "LAMPFIELD_FRAME_HZ: '-1' is out of range; allowed: 0-60"),
        ({"SWITCHES": "+,main"}, "is no list of switches; allowed: + for all, or names with commas between them"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
def test_a_bad_value_is_one_line_that_names_what_is_allowed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], variables: dict[str, str], said: str
) -> None:
    with pytest.raises(SystemExit) as stopped:
        settings(monkeypatch, **variables)
    error = capsys.readouterr().err
    assert (stopped.value.code, error.count("\n")) == (2, 1)
    assert said in error


def test_every_setting_says_what_it_is() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []
