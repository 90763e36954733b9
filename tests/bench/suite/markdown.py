"""The tables of docs/benchmarks.md."""

from . import report

PROXIES = ["floor", "nginx", "haproxy", "spillway"]
TITLES = {"floor": "floor", "nginx": "nginx", "haproxy": "HAProxy", "spillway": "**Spillway**"}


def row(cells):
    return "| " + " | ".join(cells) + " |"


def head(titles):
    return [row(titles), row(["---"] + ["--:"] * (len(titles) - 1))]


def cpu_table(summary, items):
    lines = head(["CPU µs", *(TITLES[name] for name in PROXIES), "to floor", "to nginx",
                  "to HAProxy"])
    for item in items:
        by_proxy = summary.get(item.name)
        if not by_proxy:
            continue
        compared = report.ratios(by_proxy)
        lines.append(row([
            item.name + (" (per event)" if item.unit == "event" else ""),
            *(report.cell(by_proxy.get(name, {}).get("CPU µs"), True) for name in PROXIES),
            *(report.shown(compared.get(name)) for name in ("floor", "nginx", "haproxy"))]))
    return lines


def added_table(summary, items):
    lines = head(["added, ms", *(TITLES[name] for name in PROXIES)])
    for item in items:
        more = report.added(summary.get(item.name, {}), item)
        names = next(iter(more.values()), {})
        for name in names:
            lines.append(row([f"{item.name}: {name.removesuffix(' ms')}",
                              *(report.shown(more.get(proxy, {}).get(name))
                                for proxy in PROXIES)]))
    return lines


def memory_table(summary, items):
    lines = head(["memory", *(TITLES[name] for name in PROXIES)])
    wanted = [(item, "KiB per idle", f"{item.name}: KiB for each") for item in items
              if "--idle" in item.drive]
    for item in items:
        if item.name == "sse-1000":
            wanted += [(item, "RSS MB", "sse-1000: MB"),
                       (item, "KiB per stream", "sse-1000: KiB for each, both connections")]
    wanted += [(item, "start MB", "at the start: MB") for item in items if item.name == "chat"]
    for item, name, title in wanted:
        by_proxy = summary.get(item.name)
        if by_proxy:
            lines.append(row([title, *(report.cell(by_proxy.get(proxy, {}).get(name), False)
                                       for proxy in PROXIES)]))
    return lines


def inside_table(inside):
    """Calls and instructions for a small chat."""
    lines = head(["small chat", *(TITLES[name] for name in PROXIES)])
    for title, key in (("system calls", "calls"), ("instructions", "instructions")):
        values = inside.get(key, {})
        if values:
            lines.append(row([title, *(report.shown(values.get(name)) for name in PROXIES)]))
    return lines


def tables(summary, inside, items):
    parts = [cpu_table(summary, items), added_table(summary, items),
             memory_table(summary, items), inside_table(inside)]
    return "\n\n".join("\n".join(lines) for lines in parts if len(lines) > 2)
