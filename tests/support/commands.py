"""What becomes of each command in the documentation: run here, run with Docker, tested elsewhere, or not run, and why.

A command that no rule knows fails tests/contract/test_documents.py; so does a rule that no command needs any more.
"""

import re
from typing import Final, NamedTuple

from support.documents import Command

__all__ = ["RULES", "Rule", "rule"]


class Rule(NamedTuple):
    """`where`: broker (tests/integration/test_documents.py), docker (tests/e2e/test_documents.py), a test's path, or
    never. `why` says what that test does with it, or why nobody can.
    """  # fmt: skip

    pattern: str
    where: str
    why: str


_CLIENT: Final = r"(?:docker compose exec mosquitto )?mosquitto_(?:pub|sub) "
RULES: Final = (
    Rule(r"false \|\| " + _CLIENT + ".*", "broker", "as it stands"),
    Rule(_CLIENT + r"(?!-u ).*", "broker", "as it stands"),
    Rule(r"mosquitto_pub -u operator -P .*", "docker", "as it stands"),
    Rule(r"docker compose (?:--profile demo )?up(?: --detach)?(?: --scale led-renderer=3)?", "docker", "as it stands"),
    Rule(r"docker compose --profile sip up --detach", "never", "as with the profile demo, with one service more"),
    Rule(r"sip-monitor (?:read|export) .*", "tests/unit/sip_monitor/test_offline.py", "runs them, on a capture"),
    Rule(r"(?:loadmodule|modparam).*siptrace.*", "tests/integration/test_kamailio_hep.py", "runs Kamailio with them"),
    Rule(r"sip-monitor watch", "tests/unit/sip_monitor/test_watch.py", "uses it, without a terminal"),
    Rule(r"sip-monitor doctor", "tests/integration/test_sip_monitor.py", "is run"),
    Rule(r"docker compose exec (?:esl-publisher esl-publisher|led-renderer led-renderer) doctor", "docker", "as it is"),
    Rule(r"make credentials|make certs|make -s ca > ca\.pem", "docker", "as it stands"),
    Rule(r"make add-display NAME=\w+(?: NUMBERS=off)?", "docker", "as it stands"),
    Rule(r"cp \.env\.example \.env", "docker", "as it stands"),
    Rule(r"echo '?LAMPFIELD_BROKER_TLS_BIND=.*", "docker", "as it stands"),
    Rule(r"chmod 600 \.env", "docker", "as it stands"),
    Rule(r"mkdir -p ~/\.config && .*mosquitto_pub\)", "docker", "as it stands"),
    Rule(r"make demo", "tests/integration/test_demo_switch_stage.py", "runs what it runs, installed already"),
    Rule(r"docker compose --file compose\.pi\.yml .*", "tests/e2e/test_deploy_files.py", "without the SPI device"),
    Rule(r"docker compose up --detach --build", "tests/e2e/conftest.py", "builds the images first"),
    Rule(r"make add-switch NAME=berlin && .*", "tests/e2e/test_bridge.py", "sets up that site"),
    Rule(r"(?:mkdir -m 755|scp central:|sudo chown -R 1883) ?.*", "tests/e2e/test_bridge.py", "sets up that site"),
    Rule(r"docker compose --file docker-compose\.yml --file deploy/bridge/.*", "tests/e2e/test_bridge.py", "runs it"),
    Rule(r"LAMPFIELD_WEB_CERT=.* up --detach", "tests/e2e/test_web_wall.py", "runs it, its own certificate"),
    Rule(r"LAMPFIELD_METRICS_PORT=\d+ (?:esl-publisher|led-renderer)", "tests/integration/test_metrics.py", "is run"),
    Rule(r"docker run .* prom/prometheus", "never", "that image cannot be had here"),
    Rule(r"docker compose --profile phone up", "tests/e2e/test_web_phone_image.py", "from images that it builds"),
    Rule(r"web-phone doctor .*", "services/web-phone/tests/examine.test.js", "is run against servers made for it"),
    Rule(r"cat fullchain\.pem privkey\.pem > .*", "never", "writes to FreeSWITCH's own folder"),
    Rule(r"docker compose logs .*\| jq .*", "never", "its call's id is an example's"),
    Rule(r"make test|make e2e", "never", "it is what runs this"),
    Rule(r"PYTHONPATH=tests \.venv/bin/python bench/.*", "never", "measures for minutes"),
    Rule(r"git clone <this repository>.*", "never", "only the reader knows where the repository is"),
    Rule(r"echo 'LAMPFIELD_ESL_PASSWORD=<that password>' >> \.env", "never", "holds a placeholder"),
    Rule(r"LAMPFIELD_MQTT_HOST=<the broker's host> .*", "never", "holds a placeholder"),
    Rule(r"(?:sudo )?nano .*", "never", "an editor"),
    Rule(r"scp pbx:.*", "never", "another host"),
    Rule(r"sudo (?:apt|ufw|systemctl|raspi-config|usermod) .*", "never", "changes the system"),
    Rule(r"sudo (?:install|cp) .*", "never", "writes to the system's folders, as root"),
    Rule(r"echo \"?'?LAMPFIELD_(?:HTTAPI|FLOW)_.*", "never", "for a FreeSWITCH, which cannot be had here"),
    Rule(r"docker compose --profile control up --detach", "never", "needs a FreeSWITCH; test_flows.py runs it"),
    Rule(r"curl -d session_id=test .*", "never", "holds a placeholder; test_part.py asks the same"),
    Rule(r"call-control (?:check|try) \w+", "tests/unit/call_control/test_rehearsal.py", "is run"),
    Rule(r"ls /dev/spidev.*|echo .*/dev/spidev.*", "never", "needs a Raspberry Pi with SPI"),
    Rule(r"led-renderer doctor", "never", "tells of a Raspberry Pi's SPI; with Docker it is run"),
    Rule(r"led-renderer wiring", "never", "lights a real panel, step by step"),
    Rule(r"python3 -m venv ~/panel|~/panel/bin/pip install .*", "never", "on a Pi; the Dockerfile has the same lines"),
    Rule(r"npm install .* node-red@.*|LAMPFIELD_MQTT_HOST=.*/node-red .*", "never", "takes minutes; was run by hand"),
    Rule(r"call-control (?:doctor|token add .*)", "tests/integration/test_calls_from_the_web.py", "is run"),
    Rule(r"curl http://localhost:8081/calls .*|curl -N .*", "tests/integration/test_calls_from_the_web.py", "is asked"),
    Rule(r"pip (?:download|install) .*homeassistant.*|unzip .*|python scripts/home.*", "never", "minutes; by hand"),
    Rule(r"fs_cli .*|sipp .*", "never", "neither FreeSWITCH nor SIPp can be had here"),
)  # fmt: skip


def rule(command: Command) -> Rule | None:
    """The one for it; None if there is none. The first that fits."""
    return next((each for each in RULES if re.fullmatch(each.pattern, command.text)), None)
