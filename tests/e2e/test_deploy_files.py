"""The files of docs/deploy.md, each by the tool that it is for: compose, swarm, Kubernetes' schemas, systemd."""

import contextlib
import json
import os
import re
import secrets
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import docker
import kubernetes_validate
import pytest
import yaml
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from docker.errors import APIError, NotFound

from support.compose import ROOT, TAG, Stack
from support.waiting import until

pytestmark = [pytest.mark.docker, pytest.mark.timeout(600)]

DEPLOY = ROOT / "deploy"
OUR_LAYERS = {"esl-publisher": 30, "led-renderer": 42, "demo-switch": 2}  # MB over the base image, at most


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LAMPFIELD_", "COMPOSE_"))}
    return subprocess.run(
        command,
        env={**kept, "LAMPFIELD_TAG": TAG, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


# --- Prometheus ---

CHECKS = ["check rules alerts.yml", "test rules alerts.test.yml", "check config prometheus.yml"]


@pytest.mark.parametrize("check", CHECKS)
def test_prometheus_own_tool_takes_the_files(check: str) -> None:
    folder, words = ROOT / "docs" / "metrics", ["promtool", *check.split()]
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


# --- what is in it ---


def test_every_image_with_packages_of_others_has_a_bill_of_them(tmp_path: Path) -> None:
    done = subprocess.run([ROOT / "scripts" / "sbom", tmp_path], capture_output=True, timeout=400, check=False)
    assert done.returncode == 0, done.stderr
    bills = {path.name.partition(".")[0]: path.read_text(encoding="utf-8") for path in tmp_path.glob("*.cdx.json")}
    services = {path.parent.name for path in (ROOT / "services").glob("*/requirements.txt")}
    assert {*services, "web-wall", "lock"} <= bills.keys()
    for text in bills.values():
        version = SchemaVersion.V1_5 if '"specVersion": "1.5"' in text else SchemaVersion.V1_6
        assert JsonStrictValidator(version).validate_str(text) is None
    assert '"pkg:npm/mqtt@' in bills["web-wall"]


# --- a Pi ---


@pytest.fixture
def pi(tmp_path: Path) -> Iterator[Callable[..., subprocess.CompletedProcess[str]]]:
    """A Pi's folder, as docs/deploy.md fills it, and compose in it; what it made is taken down."""
    for name in ("compose.pi.yml", ".dockerignore"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    project = f"lampfield-test-pi-{secrets.token_hex(4)}"

    def compose(*words: str, files: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
        named = [word for file in ("compose.pi.yml", *files) for word in ("--file", str(tmp_path / file))]
        return run("docker", "compose", "--project-name", project, "--project-directory", str(tmp_path), *named, *words)

    yield compose
    compose("down", "--volumes", "--timeout", "5")


def fill(folder: Path, settings: str, password: str = "secret", authority: str = "none") -> None:
    (folder / ".env").write_text(settings, encoding="utf-8")
    (folder / "mqtt_password").write_text(f"{password}\n", encoding="utf-8")
    (folder / "ca.pem").write_text(authority, encoding="utf-8")


def test_a_pi_maps_one_device_and_no_secret(
    pi: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    fill(tmp_path, "LAMPFIELD_SPI_GID=999\nLAMPFIELD_DISPLAY=hall\nLAMPFIELD_MQTT_HOST=pbx\nLAMPFIELD_GROUPS=floor\n")
    answer = pi("config", "--format", "json")
    assert answer.returncode == 0, answer.stderr
    services = json.loads(answer.stdout)["services"]
    assert list(services) == ["led-renderer"]
    display = services["led-renderer"]
    assert [device["source"] for device in display["devices"]] == ["/dev/spidev0.0"]
    assert (display["read_only"], display["cap_drop"], display["group_add"]) == (True, ["ALL"], ["999"])
    assert display["environment"]["LAMPFIELD_GROUPS"] == "floor"
    assert "LAMPFIELD_MQTT_PASSWORD" not in display["environment"]
    assert "ports" not in display
    assert "volumes" not in display


@pytest.mark.parametrize("missing", ["LAMPFIELD_SPI_GID", "LAMPFIELD_DISPLAY", "LAMPFIELD_MQTT_HOST"])
def test_what_a_pi_was_not_told_is_named(
    pi: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path, missing: str
) -> None:
    settings = {"LAMPFIELD_SPI_GID": "999", "LAMPFIELD_DISPLAY": "hall", "LAMPFIELD_MQTT_HOST": "pbx"}
    fill(tmp_path, "".join(f"{name}={value}\n" for name, value in settings.items() if name != missing))
    answer = pi("config")
    assert answer.returncode != 0
    assert missing in answer.stderr
    assert "set it in .env" in answer.stderr


def test_a_pi_joins_the_broker_by_tls_and_its_own_password(
    compose: Callable[..., Stack], pi: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    """All of step 2 of docs/deploy.md, but for the SPI device, which this machine has not."""
    gateway = docker.from_env().networks.get("bridge").attrs["IPAM"]["Config"][0].get("Gateway", "172.17.0.1")
    host = compose(LAMPFIELD_BROKER_TLS_BIND=gateway)
    host.up("mosquitto")
    host.keys("certs", gateway)
    host.container("mosquitto").kill("SIGHUP")
    told = dict(re.findall(r"^(LAMPFIELD_\w+)=(.*)$", host.keys("add", "display", "hall"), re.MULTILINE))
    password = told.pop("LAMPFIELD_MQTT_PASSWORD")
    told |= {"LAMPFIELD_MQTT_HOST": gateway, "LAMPFIELD_MQTT_PORT": str(host.tls_port), "LAMPFIELD_SPI_GID": "999"}
    settings = "".join(f"{name}={value}\n" for name, value in told.items())
    fill(tmp_path, f"{settings}LAMPFIELD_DRIVER=none\n", password, host.keys("ca"))
    os.chown(tmp_path / "mqtt_password", 10001, -1)
    (tmp_path / "mqtt_password").chmod(0o400)
    (tmp_path / "no_spi.yml").write_text("services: {led-renderer: {devices: !reset []}}\n", encoding="utf-8")

    answer = pi("up", "--detach", "--no-build", files=("no_spi.yml",))
    assert answer.returncode == 0, answer.stderr
    with host.bus() as bus:
        bus.wait_until_online("display/hall", limit=40)
    said = pi("exec", "--no-TTY", "led-renderer", "led-renderer", "doctor", files=("no_spi.yml",)).stdout
    assert "logged in" in said
    assert password not in pi("logs", files=("no_spi.yml",)).stdout
    inspected = run("docker", "inspect", pi("ps", "--quiet", files=("no_spi.yml",)).stdout.strip()).stdout
    assert password not in inspected


# --- a swarm ---


@pytest.fixture
def swarm(images: None) -> Iterator[docker.DockerClient]:
    """A swarm of this one node, labelled as a display's; left again if it was made here."""
    client = docker.from_env()
    before = client.info()["Swarm"]["LocalNodeState"]
    had_bridge = bool(client.networks.list(names=["docker_gwbridge"]))
    if before != "active":
        client.swarm.init(advertise_addr="127.0.0.1", listen_addr="127.0.0.1:0")
    node = client.nodes.list()[0]
    spec = node.attrs["Spec"]
    node.update({**spec, "Labels": {**spec.get("Labels", {}), "lampfield.display": "true"}})
    yield client
    if before != "active":
        client.swarm.leave(force=True)
        if not had_bridge:
            leave_no_bridge(client)
    client.close()


def leave_no_bridge(client: docker.DockerClient) -> None:
    """The engine leaves the swarm's bridge behind, and on it the end of a network that is no more."""
    for network in client.networks.list(names=["docker_gwbridge"]):
        with contextlib.suppress(APIError):
            network.disconnect("gateway_ingress-sbox", force=True)
        until(lambda network=network: gone(network.remove), 60, "the end of the swarm's bridge")  # type: ignore[misc]  # a lambda's default has no type of its own


def gone(remove: Callable[[], None]) -> bool:
    try:
        remove()
    except NotFound:
        return True
    except APIError:
        return False
    return True


def test_displays_of_a_swarm_join_by_the_name_of_their_node(swarm: docker.DockerClient, tmp_path: Path) -> None:
    name = f"lampfield-test-{secrets.token_hex(4)}"
    (tmp_path / "broker.yml").write_text(
        f"configs: {{anyone: {{file: {tmp_path}/anyone.conf}}}}\n"
        "services:\n"
        "  broker:\n"
        "    image: eclipse-mosquitto:2\n"
        "    user: '1883'\n"
        "    deploy: {endpoint_mode: dnsrr}\n"  # its own address: not every kernel has what virtual ones take (IPVS)
        "    configs: [{source: anyone, target: /mosquitto/config/mosquitto.conf}]\n",
        encoding="utf-8",
    )
    (tmp_path / "anyone.conf").write_text("listener 1883\nallow_anonymous true\n", encoding="utf-8")
    made = [
        swarm.secrets.create(name="lampfield_displays_password", data=b"not asked for here"),
        swarm.configs.create(name="lampfield_ca", data=b"not asked for here"),
    ]
    where = {"LAMPFIELD_MQTT_HOST": "broker", "LAMPFIELD_MQTT_PORT": "1883", "LAMPFIELD_MQTT_TLS": "off"}
    files = [word for file in (DEPLOY / "swarm.yml", tmp_path / "broker.yml") for word in ("--compose-file", str(file))]
    answer = run("docker", "stack", "deploy", "--resolve-image", "never", *files, name,
                 **where, LAMPFIELD_MQTT_CA_FILE="")  # fmt: skip
    try:
        assert answer.returncode == 0, answer.stderr
        node = swarm.info()["Name"]
        label: dict[str, str | list[str] | bool] = {"label": f"com.docker.swarm.service.name={name}_broker"}
        until(lambda: swarm.containers.list(filters=label), 60, "the broker's task")
        (broker,) = swarm.containers.list(filters=label)
        topic = f"lampfield/v1/display/{node}/availability"
        heard = ["mosquitto_sub", "-t", topic, "-C", "1", "-W", "5"]
        until(lambda: broker.exec_run(heard).output == b"online\n", 60, f"{node} on the bus")
    finally:
        run("docker", "stack", "rm", name)
        until(lambda: not swarm.services.list(filters={"name": name}), 30, "the end of the stack")
        for one in made:
            until(lambda one=one: gone(one.remove), 30, "the end of a secret")  # type: ignore[misc]  # a lambda's default has no type of its own


# --- Kubernetes, systemd, images ---


@pytest.mark.parametrize("version", ["1.28", "1.31"])
def test_k3s_takes_what_its_schemas_say(version: str) -> None:
    documents = list(yaml.safe_load_all((DEPLOY / "k3s.yaml").read_text(encoding="utf-8")))
    assert [document["kind"] for document in documents] == ["DaemonSet", "Deployment"]
    for document in documents:
        kubernetes_validate.validate(document, version, strict=True)
        pod = document["spec"]["template"]["spec"]
        assert pod["securityContext"]["runAsNonRoot"]
        for container in pod["containers"]:
            assert container["securityContext"]["readOnlyRootFilesystem"]
            assert container["securityContext"]["capabilities"]["drop"] == ["ALL"]


@pytest.mark.parametrize("unit", ["led-renderer", "esl-publisher"])
def test_systemd_knows_every_line_and_finds_little_exposed(unit: str, tmp_path: Path) -> None:
    text = (DEPLOY / "systemd" / f"{unit}@.service").read_text(encoding="utf-8")
    here = tmp_path / f"{unit}@x.service"  # the program is elsewhere on this machine
    here.write_text(text.replace(f"/opt/lampfield/bin/{unit}", "/bin/true"), encoding="utf-8")
    verified = run("systemd-analyze", "verify", str(here))
    assert (verified.returncode, verified.stderr) == (0, "")
    judged = run("systemd-analyze", "security", "--offline=true", "--threshold=20", str(here))
    assert judged.returncode == 0, judged.stdout


@pytest.mark.parametrize("service", OUR_LAYERS)
def test_an_image_adds_little_to_its_base(images: None, service: str) -> None:
    client = docker.from_env()
    layers = client.images.get(f"lampfield/{service}:{TAG}").history()
    ours = sum(layer["Size"] for layer in layers if "COPY" in layer["CreatedBy"])
    client.close()
    assert ours < OUR_LAYERS[service] * 1e6
