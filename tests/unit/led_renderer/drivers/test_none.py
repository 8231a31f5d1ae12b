"""The driver that draws nothing."""

from led_renderer.drivers.none import Nothing
from led_renderer.frame import Frame


def test_it_takes_everything_and_counts_nothing() -> None:
    driver = Nothing()
    driver.brightness(3)
    driver.power(on=False)
    driver.caption("hall")
    driver.show(Frame(8, 8, (0,) * 8))
    driver.refresh()
    driver.close()
    assert (driver.name, driver.spi_bytes, driver.spi_errors) == ("none", 0, 0)
