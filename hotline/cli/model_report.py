"""An evaluation as one HTML page: plots drawn here as SVG, no script, nothing fetched, no text of a ticket."""

from collections import Counter
from collections.abc import Iterable, Sequence
from html import escape

from classifiers.evaluation import Report
from classifiers.model import Model

SIDE, EDGE = 320, 44  # of a plot, and its margin for the axis
MOST_CELLS = 45  # classes the matrix shows; with more, the commonest
CONFUSIONS = 15

_STYLE = """

body{margin:0;background:#f5f6f8;color:#1c2430;
font:15px/1.6 system-ui,"PingFang SC","Noto Sans CJK SC","Microsoft YaHei",sans-serif}
main{max-width:1120px;margin:0 auto;padding:24px 16px 48px}h1{font-size:22px;margin:0 0 4px}
h2{font-size:17px;margin:32px 0 8px}.sub{color:#5a6675;margin:0 0 16px;overflow-wrap:anywhere}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(130px,1fr));gap:10px}
.tile,.card{background:#fff;border:1px solid #dde2e9;border-radius:8px;padding:12px 14px}
.tile b{display:block;font-size:22px;font-variant-numeric:tabular-nums}.tile span{color:#5a6675;font-size:13px}
.plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(300px,1fr));gap:14px;margin-top:14px}
.card h2{margin:0 0 4px}.card p{color:#5a6675;font-size:13px;margin:4px 0 0}
svg{display:block;max-width:100%;height:auto}.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%;background:#fff;font-variant-numeric:tabular-nums}
th,td{padding:5px 10px;border-bottom:1px solid #e6eaf0;text-align:right;white-space:nowrap}
th:first-child,td:first-child{text-align:left}th{color:#5a6675;font-weight:600}
text{font:11px system-ui,"Noto Sans CJK SC",sans-serif;fill:#5a6675}
"""


def html(model: Model, report: Report, file: str) -> str:
    """Return the page for a model measured on a file."""
    card = model.card
    names = dict(zip(model.codes, model.names, strict=True))
    whose = "文件自带的标签" if card.own_labels else f"事项表 {card.taxonomy_edition}"
    limit = "从不自动" if card.threshold > 1 else f"把握不低于 {card.threshold:.1%}"
    sub = (
        f"{escape(file)}，{report.n:,} 条；模型“{escape(card.name)}”（{escape(whose)}，{card.samples:,} 条样本，"
        f"模型摘要 {card.model_digest}）；自动派单：{limit}，差错率上限 {1 - card.floor:.0%}"
    )
    return "".join(
        (
            '<!doctype html><html lang="zh-CN"><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width,initial-scale=1">',
            f"<title>模型评测：{escape(card.name)}</title><style>{_STYLE}</style><main>",
            f'<h1>模型评测</h1><p class="sub">{sub}</p><div class="tiles">{"".join(_tiles(report))}</div>',
            f'<div class="plots">{_reliability(report)}{_coverage(report, 1 - card.floor)}</div>',
            f"<h2>混淆矩阵</h2>{_matrix(report, names)}",
            f"<h2>最常见的混淆</h2>{_confusions(report, names)}",
            f"<h2>各事项</h2>{_classes(report)}</main></html>",
        )
    )


def _tiles(report: Report) -> Iterable[str]:
    shown = (
        ("正确率", f"{report.accuracy:.1%}"),
        ("宏平均 F1", f"{report.macro_f1:.1%}"),
        ("前三命中", f"{report.top3:.1%}"),
        ("把握最大的八成", f"{report.accuracy_at_80:.1%}"),
        ("可自动派单", f"{report.coverage:.1%}"),
        ("自动派单的差错", f"{report.error_when_automatic:.1%}"),
        ("期望校准误差", f"{report.ece:.3f}"),
        ("模型不认识的标签", f"{report.unknown:,} 条"),
    )
    return (f'<div class="tile"><b>{value}</b><span>{label}</span></div>' for label, value in shown)


def _axes(x: str, y: str, top: float) -> str:
    """Return a frame with ticks; `top` is the largest value of the vertical axis."""
    lines = []
    for step in range(6):
        at = SIDE * step / 5
        lines.append(f'<line x1="0" x2="{SIDE}" y1="{at:g}" y2="{at:g}" stroke="#e6eaf0"/>')
        lines.append(f'<text x="-6" y="{SIDE - at + 4:g}" text-anchor="end">{top * step / 5:.0%}</text>')
        lines.append(f'<text x="{at:g}" y="{SIDE + 16}" text-anchor="middle">{step / 5:.0%}</text>')
    said = f'<text x="{SIDE / 2:g}" y="{SIDE + 34}" text-anchor="middle">{x}</text>'
    return "".join(lines) + said + f'<text x="-{EDGE - 6}" y="-8">{y}</text>'


def _plot(title: str, drawn: str, note: str) -> str:
    box = f"-{EDGE} -24 {SIDE + EDGE + 16} {SIDE + 64}"
    picture = f'<svg viewBox="{box}" width="{SIDE + EDGE + 16}" role="img" aria-label="{title}">{drawn}</svg>'
    return f'<section class="card"><h2>{title}</h2>{picture}<p>{note}</p></section>'


def _reliability(report: Report) -> str:
    """Dots on the diagonal mean what they say; the larger the dot, the more samples."""
    most = max((n for _, _, n in report.curves.reliability), default=1)
    dots = "".join(
        f'<circle cx="{claimed * SIDE:.1f}" cy="{SIDE - true * SIDE:.1f}" r="{3 + 11 * (n / most) ** 0.5:.1f}" '
        f'fill="#1f5fbf" fill-opacity=".55" stroke="#1f5fbf"><title>说 {claimed:.0%}，实际 {true:.0%}，{n} 条</title>'
        "</circle>"
        for claimed, true, n in report.curves.reliability
    )
    diagonal = f'<line x1="0" y1="{SIDE}" x2="{SIDE}" y2="0" stroke="#9aa5b3" stroke-dasharray="4 4"/>'
    note = "点在虚线上：说几成把握，就有几成对；在虚线下方：说得过满。点越大，样本越多。"
    return _plot("把握可信吗", _axes("模型说的把握", "实际正确", 1.0) + diagonal + dots, note)


def _coverage(report: Report, allowed: float) -> str:
    """From the surest sample on: what share would be wrong if all so far went without a person."""
    top = max(0.1, max((wrong for _, wrong in report.curves.coverage), default=0.0), allowed * 1.5)
    points = " ".join(f"{x * SIDE:.1f},{SIDE - y / top * SIDE:.1f}" for x, y in report.curves.coverage)
    line = f'<polyline points="{points}" fill="none" stroke="#1f5fbf" stroke-width="2"/>'
    height = SIDE - allowed / top * SIDE
    limit = f'<line x1="0" x2="{SIDE}" y1="{height:.1f}" y2="{height:.1f}" stroke="#c0392b" stroke-dasharray="5 4"/>'
    here = ""
    if report.coverage:
        cx, cy = report.coverage * SIDE, SIDE - min(1.0, report.error_when_automatic / top) * SIDE
        here = f'<circle cx="{cx:.1f}" cy="{cy:.1f}" r="5" fill="#c0392b"/>'
    note = f"红线：允许的差错率 {allowed:.0%}；红点：现行门槛下的自动派单。"
    return _plot("自动得越多，错得越多", _axes("自动派单的比例", "其中差错", top) + limit + line + here, note)


def _matrix(report: Report, names: dict[str, str]) -> str:
    sizes: Counter[str] = Counter()
    for true, _, n in report.confused:
        sizes[true] += n
    shown = [code for code, _ in sizes.most_common() if code][:MOST_CELLS]
    place = {code: k for k, code in enumerate(shown)}
    cell, left = 18, 118
    drawn = []
    for true, said, n in report.confused:
        if true in place and said in place:
            share = n / sizes[true]
            colour = "#1f5fbf" if true == said else "#c0392b"
            drawn.append(
                f'<rect x="{left + place[said] * cell}" y="{left + place[true] * cell}" width="{cell - 1}" '
                f'height="{cell - 1}" fill="{colour}" fill-opacity="{max(0.06, share):.2f}"><title>'
                f"{escape(names[true])} → {escape(names[said])}：{n} 条，{share:.0%}</title></rect>"
            )
    for code, k in place.items():
        name, at = escape(names[code][:9]), left + k * cell + 13
        drawn.append(f'<text x="{left - 6}" y="{at}" text-anchor="end">{name}</text>')
        drawn.append(f'<text transform="translate({at} {left - 6}) rotate(-60)">{name}</text>')
    width = left + len(shown) * cell + 60
    picture = f'<svg viewBox="0 0 {width} {left + len(shown) * cell + 6}" width="{width}" style="max-width:none">'
    more = f"只画样本最多的 {MOST_CELLS} 个。" if len(sizes) > MOST_CELLS else ""
    note = f"行是真实事项，列是模型的判断；蓝色为对，红色为错，越深占该事项的比例越大。{more}"
    return f'<section class="card"><div class="wide">{picture}{"".join(drawn)}</svg></div><p>{note}</p></section>'


def _confusions(report: Report, names: dict[str, str]) -> str:
    wrong = sorted((row for row in report.confused if row[0] != row[1]), key=lambda row: (-row[2], row[0], row[1]))
    rows = [(names.get(true, "（模型不认识）"), names[said], f"{n}") for true, said, n in wrong[:CONFUSIONS]]
    return _table(("真实事项", "判断为", "条数"), rows)


def _classes(report: Report) -> str:
    rows = [
        (
            row.name,
            f"{row.n:,}",
            f"{row.precision:.1%}",
            f"{row.recall:.1%}",
            f"{row.f1:.1%}",
            f"{row.automatic:,}",
            f"{row.wrong:,}",
        )
        for row in sorted(report.per_area, key=lambda row: -row.n)
    ]
    return _table(("事项", "样本", "准确率", "召回率", "F1", "自动派单", "其中错"), rows)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f"<th>{one}</th>" for one in heads)
    body = "".join("<tr>" + "".join(f"<td>{escape(one)}</td>" for one in row) + "</tr>" for row in rows)
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
