"""What to do about an SPI device that is missing or shut, from what the machine shows of itself. Pure.

Facts: Raspberry Pi documentation, *config.txt* and *Device Trees* (`dtparam=spi=on` makes /dev/spidev0.0 and 0.1; the
file is /boot/firmware/config.txt, /boot/config.txt before Raspberry Pi OS 12; a changed one counts after a restart).
"""

from msgspec import Struct

__all__ = ["Access", "Machine", "forbidden", "is_enabled", "missing"]

_ON = ("on", "yes", "true", "1", "")  # what the firmware takes for true


class Machine(Struct, frozen=True, kw_only=True):
    """`model`: what the device tree calls it (None: it has none). `config`: the text of config.txt and where it stands.

    `devices`: the spidev files that there are. `container`: whether we look from inside one.
    """

    model: str | None = None
    config: str | None = None
    config_path: str = "/boot/firmware/config.txt"
    devices: tuple[str, ...] = ()
    container: bool = False


class Access(Struct, frozen=True, kw_only=True):
    """A device file that may not be used: its group, who we are, and whether the user database has us in that group."""

    path: str
    group: str
    gid: int
    user: str
    member: bool = False
    container: bool = False


def is_enabled(config: str) -> bool:
    """Whether a config.txt turns the first SPI bus on: its last word on it counts."""
    enabled = False
    for line in config.splitlines():
        name, _, value = line.partition("#")[0].strip().partition("=")
        if name == "dtparam":
            for parameter in value.split(","):
                key, _, setting = parameter.strip().partition("=")
                if key == "spi":
                    enabled = setting.strip().lower() in _ON
        elif name == "dtoverlay" and value.startswith("spi0-"):
            enabled = True
    return enabled


def missing(path: str, machine: Machine) -> str:
    """Why there is no such device, and what to do."""
    if machine.devices:
        return f"no {path}, but {', '.join(machine.devices)}: set LAMPFIELD_SPI_PORT and LAMPFIELD_SPI_DEVICE (X and Y)"
    if machine.container:
        return (
            f"no {path} in this container: enable SPI on the host and pass the device (devices: ['{path}:{path}'] in"
            " docker-compose.yml)"
        )
    if machine.config is None:
        what = f"this is: {machine.model}" if machine.model else "this machine has no device tree, so it is no Pi"
        return f"no {path}; {what}. Enable SPI as its maker says (on a Pi: sudo raspi-config nonint do_spi 0)"
    if not is_enabled(machine.config):
        return (
            f"no {path}: SPI is off in {machine.config_path}. Turn it on (sudo raspi-config nonint do_spi 0, or a line"
            " dtparam=spi=on there) and restart"
        )
    return (
        f"no {path}, though {machine.config_path} turns SPI on: restart, if you have not since. If it stays away: sudo"
        " modprobe spidev, and look for a dtoverlay that takes the same pins"
    )


def forbidden(access: Access) -> str:
    """Who may use the device, and how to become one of them."""
    path, user, group = access.path, access.user, access.group
    if access.container:
        return f"{path} is of the host's group {access.gid}: give the container group_add: ['{access.gid}']"
    if access.member:
        return f"{user} is in the group {group} of {path}, but was not yet when logging in: log in again"
    if group == "root":
        return (
            f"{path} is root's alone: the group spi and its udev rule are missing (on a Pi: package"
            " raspberrypi-sys-mods); do not run this as root"
        )
    return f"{user} may not use {path}: sudo usermod -aG {group} {user}, then log in again"
