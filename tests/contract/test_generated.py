"""What `make docs` writes is what stands in the repository."""

import itertools
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def test_generated_files_are_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "scripts" / "docs", "--check"], check=False, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_no_variable_is_listed_twice_and_none_without_a_sentence() -> None:
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    settings = [(comment, line) for comment, line in itertools.pairwise(lines) if line.startswith("#LAMPFIELD_")]
    variables = [line.partition("=")[0] for _, line in settings]
    assert len(variables) == len(set(variables)) > 10
    assert [line for comment, line in settings if len(comment) < 5 or "None" in comment] == []
