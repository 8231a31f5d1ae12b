"""Frames as pictures of glowing red LEDs. Shared by the programs that draw contact sheets and recordings."""

from PIL import Image, ImageDraw, ImageFilter

from led_renderer.frame import Frame

__all__ = ["lights"]

BLACK, OFF, ON, GLOW = (6, 4, 4), (38, 12, 12), (255, 62, 40), (170, 20, 10)


def lights(frame: Frame, dot: int = 6) -> Image.Image:
    """A frame as glowing dots, `dot` pixels from one to the next."""
    image = Image.new("RGB", (frame.width * dot, frame.height * dot), BLACK)
    glow = Image.new("RGB", image.size, (0, 0, 0))
    for canvas, lit_only in ((ImageDraw.Draw(glow), True), (ImageDraw.Draw(image), False)):
        for y in range(frame.height):
            for x in range(frame.width):
                lit = frame.lit(x, y)
                if lit or not lit_only:
                    box = (x * dot + 1, y * dot + 1, x * dot + dot - 1, y * dot + dot - 1)
                    canvas.ellipse(box, fill=GLOW if lit_only else ON if lit else OFF)
    halo = glow.filter(ImageFilter.GaussianBlur(dot * 0.6))
    return Image.composite(image, Image.blend(image, halo, 0.5), Image.new("L", image.size, 190))
