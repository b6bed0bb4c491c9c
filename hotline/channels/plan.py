"""Draws what a survey found: one HTML file with its own SVG, to be opened anywhere and sent around."""

import math
from collections import Counter
from collections.abc import Sequence
from html import escape

from grids.survey import KINDS, Finding
from grids.tree import DEPTH, LEVEL_NAMES, Place, Ring

WIDTH, DOT, POINT = 1000.0, 7.0, 2.5
FINDINGS_SHOWN = 300  # findings listed one by one, of which so many bear their number on the map:
NUMBERED = 60

_STYLE = """
:root{--ink:#1b2430;--soft:#5b6675;--line:#d7dde5;--bad:#c62828;--warn:#b26a00;--ground:#e8eef4;
  --edge:#8fa3b8}
*{box-sizing:border-box}
body{margin:0;font:15px/1.6 "PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif;color:var(--ink);
  background:#f6f8fa}
header{padding:18px 24px;background:#fff;border-bottom:1px solid var(--line)}
h1{margin:0 0 4px;font-size:20px}
header p{margin:0;color:var(--soft)}
main{display:grid;grid-template-columns:minmax(0,3fr) minmax(320px,2fr);gap:16px;padding:16px 24px;
  align-items:start}
figure{margin:0;background:#fff;border:1px solid var(--line);border-radius:8px;padding:8px;position:sticky;
  top:16px}
svg{display:block;width:100%;height:auto;max-height:82vh}
figcaption{color:var(--soft);font-size:13px;padding:4px 8px}
svg .p{fill:var(--ground);stroke:var(--edge);stroke-width:1;vector-effect:non-scaling-stroke;
  fill-opacity:.55}
svg .f{fill:var(--warn);fill-opacity:.55;stroke:var(--warn);stroke-width:2;vector-effect:non-scaling-stroke}
svg .error .f,svg .error circle{fill:var(--bad);stroke:var(--bad)}
svg circle{fill:var(--warn);fill-opacity:.3;stroke:var(--warn);stroke-width:1.5}
svg text{font-size:11px;fill:var(--ink);text-anchor:middle;paint-order:stroke;stroke:#fff;stroke-width:3px}
svg a:target circle,svg a:hover circle{fill-opacity:.9}
section{background:#fff;border:1px solid var(--line);border-radius:8px;padding:12px 16px}
h2{margin:0 0 8px;font-size:16px}
ol{margin:0;padding:0;list-style:none}
ol li{padding:8px 0;border-top:1px solid var(--line);display:grid;grid-template-columns:2.6em 1fr;gap:8px}
ol li:target{background:#fff6d6}
ol li a{color:inherit}
.n{color:var(--soft);font-variant-numeric:tabular-nums}
b{font-weight:600;margin-right:6px}
.error b{color:var(--bad)}
.warning b{color:var(--warn)}
ul{margin:0 0 12px;padding:0;list-style:none;display:flex;flex-wrap:wrap;gap:6px 14px;color:var(--soft)}
@media(max-width:800px){main{grid-template-columns:1fr;padding:12px}
figure{position:static}
header{padding:14px 16px}}
"""


def page(places: Sequence[Place], findings: Sequence[Finding], title: str) -> str:
    """Return the page: places as ground, findings numbered on it and in a list beside it, worst first."""
    errors = sum(one.severity == "error" for one in findings)
    said = f"{len(places)} 个地点，{errors} 个错误，{len(findings) - errors} 个提醒"
    counts = Counter(one.kind for one in findings)
    kinds = "".join(f"<li>{KINDS[kind]} {count}</li>" for kind, count in counts.most_common())
    rows = "".join(_row(number, one) for number, one in enumerate(findings[:FINDINGS_SHOWN], 1))
    more = (
        f"<p>另有 {len(findings) - FINDINGS_SHOWN} 条未列出，见 --json。</p>" if len(findings) > FINDINGS_SHOWN else ""
    )
    listed = f"<ol>{rows}</ol>{more}" if findings else "<p>没有发现问题。</p>"
    return (
        f'<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><style>{_STYLE}</style></head><body>'
        f"<header><h1>{escape(title)}</h1><p>{said}</p></header><main>"
        f"<figure>{_drawing(places, findings[:FINDINGS_SHOWN])}<figcaption>点击编号查看说明；红色须改正，橙色请核对。"
        f"</figcaption></figure><section><h2>发现的问题</h2><ul>{kinds}</ul>{listed}</section></main></body></html>"
    )


def _row(number: int, one: Finding) -> str:
    mark = f'<a href="#m{number}">{number}</a>' if one.at else str(number)
    return (
        f'<li id="f{number}" class="{one.severity}"><span class="n">{mark}</span>'
        f"<span><b>{KINDS[one.kind]}</b>{escape(one.message)}</span></li>"
    )


class _Sheet:
    """Degrees -> the drawing's units, north up."""

    def __init__(self, corners: Sequence[tuple[float, float]]) -> None:
        lngs, lats = [lng for lng, _ in corners], [lat for _, lat in corners]
        self.west, self.north = min(lngs), max(lats)
        squeeze = math.cos(math.radians((min(lats) + max(lats)) / 2))
        across, down = (max(lngs) - self.west) * squeeze or 1e-6, self.north - min(lats) or 1e-6
        self.scale = WIDTH / max(across, down)
        self.squeeze, self.width, self.height = squeeze, across * self.scale, down * self.scale

    def put(self, lng: float, lat: float) -> tuple[float, float]:
        """Return x and y."""
        return round((lng - self.west) * self.squeeze * self.scale, 1), round((self.north - lat) * self.scale, 1)

    def path(self, rings: Sequence[Ring]) -> str:
        """Return the rings as an SVG path, without corners that fall on the one before."""
        return "".join(f"M{'L'.join(f'{x} {y}' for x, y in self._corners(ring))}Z" for ring in rings)

    def _corners(self, ring: Ring) -> list[tuple[float, float]]:
        found: list[tuple[float, float]] = []
        for corner in ring:
            spot = self.put(*corner)
            if not found or spot != found[-1]:
                found.append(spot)
        return found


def _drawing(places: Sequence[Place], findings: Sequence[Finding]) -> str:
    drawn = [place for place in places if place.rings and _on_earth(place.rings)]
    if not drawn:
        return "<p>没有可以画出的边界。</p>"
    sheet = _Sheet([corner for place in drawn for ring in place.rings for corner in ring])
    ground = "".join(
        f'<path class="p" d="{sheet.path(place.rings)}"><title>{LEVEL_NAMES[place.level]}{escape(place.name)}'
        f"（{escape(place.code)}）</title></path>"
        for place in sorted(drawn, key=lambda place: DEPTH[place.level])
    )
    marks = "".join(_mark(sheet, number, one) for number, one in enumerate(findings, 1) if one.at)
    box = f"-10 -10 {sheet.width + 20:.0f} {sheet.height + 20:.0f}"
    return f'<svg viewBox="{box}" role="img" aria-label="网格草图">{ground}{marks}</svg>'


def _mark(sheet: _Sheet, number: int, one: Finding) -> str:
    assert one.at is not None
    if not _on_earth(((one.at,),)):
        return ""
    x, y = sheet.put(*one.at)
    shape = f'<path class="f" d="{sheet.path(one.rings)}"/>' if one.rings and _on_earth(one.rings) else ""
    label = f'<text x="{x}" y="{y + 4}">{number}</text>' if number <= NUMBERED else ""
    return (
        f'<a id="m{number}" href="#f{number}" class="{one.severity}">{shape}'
        f'<circle cx="{x}" cy="{y}" r="{DOT if label else POINT}"/>{label}<title>{escape(one.message)}</title></a>'
    )


def _on_earth(rings: Sequence[Ring]) -> bool:
    return all(-180 <= lng <= 180 and -90 <= lat <= 90 for ring in rings for lng, lat in ring)
