"""A bar chart of the CPU time, nginx being 1, as an SVG."""

from . import report

COLOURS = {"floor": "#9aa5b1", "nginx": "#4a7fb5", "haproxy": "#c9803a", "spillway": "#2f8f5b"}
BAR, GAP, LEFT, WIDTH, TOP, MOST = 12, 14, 150, 720, 40, 3.0


def text(x, y, content, more=""):
    return f'<text x="{x}" y="{y}" {more}>{content}</text>'


def bars_of(by_proxy, y):
    """The bars of one item; one that is longer than the chart says how long."""
    lines = []
    nginx = report.median(by_proxy, "nginx", "CPU µs")
    for name, colour in COLOURS.items():
        value = report.median(by_proxy, name, "CPU µs")
        if value is None:
            continue
        ratio = value / nginx
        width = min(ratio, MOST) / MOST * (WIDTH - LEFT - 60)
        lines.append(f'<rect x="{LEFT}" y="{y}" width="{width:.0f}" height="{BAR - 2}" '
                     f'fill="{colour}"/>')
        lines.append(text(LEFT + round(width) + 4, y + BAR - 3,
                          f"{ratio:.2f} ({report.shown(value)} µs)"))
        y += BAR
    return lines, y


def svg(summary, items):
    lines, y = [], TOP
    for item in items:
        by_proxy = summary.get(item.name, {})
        if not report.median(by_proxy, "nginx", "CPU µs"):
            continue
        lines.append(text(LEFT - 8, y + 2 * BAR, item.name, 'text-anchor="end"'))
        more, y = bars_of(by_proxy, y)
        lines += more
        y += GAP
    legend = []
    for place, (name, colour) in enumerate(COLOURS.items()):
        x = LEFT + place * 110
        legend.append(f'<rect x="{x}" y="12" width="10" height="10" fill="{colour}"/>')
        legend.append(text(x + 14, 21, name))
    one = LEFT + (WIDTH - LEFT - 60) / MOST
    rule = f'<line x1="{one:.0f}" x2="{one:.0f}" y1="{TOP - 6}" y2="{y}" stroke="#bbb"/>'
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH + 60}" height="{y}" '
        'font-family="sans-serif" font-size="11">',
        '<rect width="100%" height="100%" fill="white"/>', rule, *legend, *lines, "</svg>", ""])
