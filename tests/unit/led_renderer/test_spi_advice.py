"""Advice about SPI: each fault has its own words."""

import pytest

from led_renderer.spi_advice import Access, Machine, forbidden, is_enabled, missing

DEVICE = "/dev/spidev0.0"


@pytest.mark.parametrize(
    ("config", "enabled"),
    [
        ("", False),
        ("dtparam=spi=on\n", True),
        ("  dtparam=spi=on  # panel\n", True),
        ("#dtparam=spi=on\n", False),
        ("dtparam=i2c_arm=on,spi=on\n", True),
        ("dtparam=spi\n", True),
        ("dtparam=spi=off\n", False),
        ("dtparam=spi=on\ndtparam=spi=off\n", False),
        ("dtparam=i2c_arm=on\n", False),
        ("dtoverlay=spi0-1cs,cs0_pin=8\n", True),
    ],
)
def test_config_txt_is_read_as_the_firmware_reads_it(config: str, enabled: bool) -> None:
    assert is_enabled(config) is enabled


@pytest.mark.parametrize(
    ("machine", "said"),
    [
        (Machine(model="Raspberry Pi 4", config=""), "SPI is off in /boot/firmware/config.txt. Turn it on"),
        (Machine(model="Raspberry Pi 4", config="dtparam=spi=on"), "turns SPI on: restart"),
        (Machine(model="Orange Pi Zero"), "this is: Orange Pi Zero"),
        (Machine(), "so it is no Pi"),
        (Machine(config="", devices=("/dev/spidev1.0",)), "but /dev/spidev1.0: set LAMPFIELD_SPI_PORT"),
        (Machine(container=True), f"devices: ['{DEVICE}:{DEVICE}']"),
    ],
)
def test_a_missing_device_is_explained(machine: Machine, said: str) -> None:
    advice = missing(DEVICE, machine)
    assert advice.startswith(f"no {DEVICE}")
    assert said in advice


@pytest.mark.parametrize(
    ("access", "said"),
    [
        (Access(path=DEVICE, group="spi", gid=989, user="pi"), "sudo usermod -aG spi pi, then log in again"),
        (Access(path=DEVICE, group="spi", gid=989, user="pi", member=True), "not yet when logging in: log in again"),
        (Access(path=DEVICE, group="root", gid=0, user="pi"), "root's alone"),
        (Access(path=DEVICE, group="989", gid=989, user="10001", container=True), "group_add: ['989']"),
    ],
)
def test_a_device_that_may_not_be_used_is_explained(access: Access, said: str) -> None:
    assert said in forbidden(access)
    assert DEVICE in forbidden(access)
