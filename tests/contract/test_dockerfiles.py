"""The services' Dockerfiles: five times the same, but for what is named here.

Each service has its own, so that it can differ (docs/decisions/0008-packages-by-path.md); this holds them together
where none means to. One that changes a line changes it in all, or says here why not.
"""

from pathlib import Path

import pytest

SERVICES = Path(__file__).parents[2] / "services"
MODEL = "home-assistant"
# Of the lines of the model, what a service says otherwise: the beginnings of its own lines.
OWN = {
    "call-control": ["# The API tokens' file", "# its folder's owner", "RUN install -d", "# A number"],
    "esl-publisher": ["# Every platform but these two has wheels"],
    "led-renderer": [
        *("# spidev has no wheels", "RUN case", " && apt-get install"),  # compilers
        *("# What a Pillow that was built", "RUN case", " && apt-get install"),  # and what it is linked to
    ],
    "sip-monitor": [],
}  # fmt: skip


def lines(service: str) -> list[str]:
    """Its Dockerfile, with its name taken out."""
    return (SERVICES / service / "Dockerfile").read_text(encoding="utf-8").replace(service, "SERVICE").splitlines()


@pytest.mark.parametrize("service", OWN)
def test_a_service_s_image_is_made_as_every_other_s(service: str) -> None:
    own, model = lines(service), lines(MODEL)
    added = [line for line in own if line not in model]
    assert [line for line in added if not line.startswith(tuple(OWN[service]) or "\0")] == []
    assert len([line for line in model if line not in own]) <= len(OWN[service])


def test_every_service_that_is_on_the_bus_is_held() -> None:
    files = SERVICES.glob("*/Dockerfile")
    assert {path.parent.name for path in files if "node.health" in path.read_text()} == {MODEL, *OWN}
