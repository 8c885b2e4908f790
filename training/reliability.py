"""Draws how far the library's probabilities can be believed, as an SVG file."""

from collections.abc import Mapping, Sequence
from pathlib import Path

Curve = Sequence[tuple[float, float, int]]
_SIZE, _MARGIN, _GAP = 260, 48, 40
_COLOURS = {"noise": "#b3261e", "label": "#1e5fb3"}


def _panel(name: str, curves: Mapping[str, Curve], left: float) -> list[str]:
    def x(value: float) -> float:
        return left + value * _SIZE

    def y(value: float) -> float:
        return _MARGIN + (1 - value) * _SIZE

    parts = [
        f'<rect x="{left}" y="{_MARGIN}" width="{_SIZE}" height="{_SIZE}" fill="none" stroke="#888"/>',
        f'<line x1="{x(0)}" y1="{y(0)}" x2="{x(1)}" y2="{y(1)}" stroke="#bbb" stroke-dasharray="4 3"/>',
        f'<text x="{x(0.5)}" y="{_MARGIN - 14}" text-anchor="middle" font-weight="bold">{name}</text>',
        f'<text x="{x(0.5)}" y="{y(0) + 34}" text-anchor="middle">probability given</text>',
    ]
    for value in (0, 0.5, 1):
        parts.append(f'<text x="{x(value)}" y="{y(0) + 16}" text-anchor="middle">{value:g}</text>')
        parts.append(f'<text x="{left - 6}" y="{y(value) + 4}" text-anchor="end">{value:g}</text>')
    for number, (what, points) in enumerate(curves.items()):
        colour = _COLOURS[what]
        line = " ".join(f"{x(said):.1f},{y(found):.1f}" for said, found, _ in points)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
        parts.extend(
            f'<circle cx="{x(said):.1f}" cy="{y(found):.1f}" r="3" fill="{colour}"/>'
            for said, found, _ in points
        )
        below = _MARGIN + 20 + 16 * number
        parts.append(f'<text x="{left + 10}" y="{below}" fill="{colour}">{what}: share that is so</text>')
    return parts


def write_plot(path: Path, panels: Mapping[str, Mapping[str, Curve]]) -> None:
    """Writes the plot.

    Args:
        path: SVG file to write.
        panels: by title, then "noise" or "label": the points, each the mean probability of a bin, the share
            that was right, and the number of blocks.
    """
    width = 2 * _MARGIN + len(panels) * _SIZE + (len(panels) - 1) * _GAP
    height = 2 * _MARGIN + _SIZE
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" font-family="sans-serif" font-size="12">',
        f'<rect width="{width}" height="{height}" fill="white"/>',
    ]
    for number, (name, curves) in enumerate(panels.items()):
        parts.extend(_panel(name, curves, _MARGIN + number * (_SIZE + _GAP)))
    path.write_text("\n".join([*parts, "</svg>", ""]), encoding="utf-8")
