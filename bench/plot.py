"""A row's contenders as bars: a small SVG that needs no library and reads the same in light and dark."""

from html import escape

__all__ = ["svg"]

_LINE, _LEFT, _WIDTH = 26, 130, 420  # px: a bar's line, the names' column, the longest bar


def svg(title: str, bars: dict[str, float], unit: str) -> str:
    """The bars, shortest first; `lampfield` is the red one."""
    longest = max(bars.values())
    parts = []
    for number, (name, value) in enumerate(sorted(bars.items(), key=lambda bar: bar[1])):
        y, width = _LINE * (number + 1) + 8, max(value / longest * _WIDTH, 1)
        colour = "#d62828" if name == "lampfield" else "#8a8f98"
        parts.append(
            f'<text x="{_LEFT - 8}" y="{y + 13}" text-anchor="end">{escape(name)}</text>'
            f'<rect x="{_LEFT}" y="{y}" width="{width:.1f}" height="18" fill="{colour}"/>'
            f'<text x="{_LEFT + width + 6:.1f}" y="{y + 13}">{value:.1f} {escape(unit)}</text>'
        )
    width, height = _LEFT + _WIDTH + 100, _LINE * (len(bars) + 1) + 16
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
        f' font-family="sans-serif" font-size="13" fill="#6e7781">\n<title>{escape(title)}</title>\n'
        f'<text x="8" y="20" font-weight="bold">{escape(title)}</text>\n{body}\n</svg>\n'
    )
