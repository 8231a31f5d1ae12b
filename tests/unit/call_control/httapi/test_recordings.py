"""Recordings on the disk: whole or not there, under names of our own, within limits; a full disk costs no call."""

import io
from pathlib import Path

import pytest

from call_control.flows.turns import Upload
from call_control.httapi.recordings import Recording, Recordings

AT = 1_795_392_091_217


def kept(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def recordings(folder: Path | None, each: int = 1000, all_: int = 10_000) -> Recordings:
    return Recordings(folder, each=each, all_=all_)


def test_a_recording_is_there_when_it_is_whole(tmp_path: Path) -> None:
    coming = recordings(tmp_path).begin("5d7c9e1f", "x_msg.WAV", AT)
    coming.write(b"RIFF")
    assert [name for name in kept(tmp_path) if not name.endswith(".part")] == []
    coming.write(b"data")
    stored = coming.finish()
    assert stored == Upload("2026-11-23T000131.217Z-5d7c9e1f-1.wav", 8)
    assert (tmp_path / stored.file).read_bytes() == b"RIFFdata"
    assert (tmp_path / stored.file).stat().st_mode & 0o777 == 0o600
    assert kept(tmp_path) == [stored.file]


@pytest.mark.parametrize("name", ["../../etc/passwd", "a/b.wav", "", "x.sh", "\0.wav"])
@pytest.mark.parametrize("session", ["../../x", "", "a" * 500, "5d7c"])
def test_nobody_else_chooses_a_name(tmp_path: Path, name: str, session: str) -> None:
    stored = recordings(tmp_path).begin(session, name, AT).finish()
    assert kept(tmp_path) == [stored.file]
    assert stored.file.endswith((".wav", ".bin"))


def test_two_of_one_call_have_two_names(tmp_path: Path) -> None:
    house = recordings(tmp_path)
    assert house.begin("a", "a.wav", AT).finish().file != house.begin("a", "a.wav", AT).finish().file


def test_one_that_is_too_long_is_dropped_whole(tmp_path: Path) -> None:
    coming = recordings(tmp_path, each=10).begin("a", "a.wav", AT)
    coming.write(b"x" * 6)
    coming.write(b"x" * 6)
    coming.write(b"x" * 6)
    assert coming.finish() == Upload("", 18)
    assert kept(tmp_path) == []


def test_together_they_have_a_limit(tmp_path: Path) -> None:
    (tmp_path / "old.wav").write_bytes(b"x" * 95)
    house = recordings(tmp_path, all_=100)
    coming = house.begin("a", "a.wav", AT)
    coming.write(b"x" * 6)
    assert coming.finish().file == ""
    (tmp_path / "older.wav").write_bytes(b"x" * 5)
    assert house.begin("a", "a.wav", AT).finish().file == ""
    assert kept(tmp_path) == ["old.wav", "older.wav"]


class FullDisk(io.BytesIO):
    def write(self, data: object) -> int:
        raise OSError(28, "No space left on device")


def test_a_full_disk_costs_the_recording_and_nothing_else(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "a.wav.part").touch()
    coming = Recording(FullDisk(), tmp_path / "a.wav", 1000)
    coming.write(b"RIFF")
    coming.write(b"more")
    assert coming.finish() == Upload("", 8)
    assert kept(tmp_path) == []
    assert "recording a.wav is lost: No space left on device" in caplog.text


def test_a_disk_that_is_full_at_the_end_costs_the_recording(tmp_path: Path) -> None:
    class Late(io.BytesIO):
        def close(self) -> None:
            raise OSError(28, "No space left on device")

    coming = Recording(Late(), tmp_path / "a.wav", 1000)
    coming.write(b"RIFF")
    assert coming.finish().file == ""
    assert kept(tmp_path) == []


def test_a_folder_that_vanished_costs_the_recording(tmp_path: Path) -> None:
    folder = tmp_path / "there"
    folder.mkdir()
    house = recordings(folder)
    folder.rmdir()
    assert house.begin("a", "a.wav", AT).finish().file == ""


def test_one_whose_sender_goes_away_is_gone(tmp_path: Path) -> None:
    coming = recordings(tmp_path).begin("a", "a.wav", AT)
    coming.write(b"RIFF")
    coming.abandon()
    assert kept(tmp_path) == []


def test_without_a_folder_none_is_kept() -> None:
    coming = recordings(None).begin("a", "a.wav", AT)
    coming.write(b"RIFF")
    assert coming.finish() == Upload("", 4)
    coming.abandon()


def test_what_an_earlier_run_left_half_is_cleared_and_a_folder_has_to_be_one(tmp_path: Path) -> None:
    (tmp_path / "a.wav.part").touch()
    (tmp_path / "b.wav").touch()
    recordings(tmp_path)
    assert kept(tmp_path) == ["b.wav"]
    with pytest.raises(ValueError, match="LAMPFIELD_RECORDINGS_DIR"):
        recordings(tmp_path / "nowhere")
