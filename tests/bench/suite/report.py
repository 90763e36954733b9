"""Medians with their range, ratios, and how they are written down."""

import statistics

PLAIN = ["requests/s", "CPU µs", "p50 ms", "p99 ms", "RSS MB", "errors"]
STREAM = ["requests/s", "CPU µs", "first byte p50 ms", "first byte p99 ms", "late p50 ms",
          "late p99 ms", "RSS MB", "errors"]
OPEN_LOOP = ["requests/s", "CPU µs", "p50 ms", "p99 ms", "p999 ms", "errors"]
RANGED = {"CPU µs", "requests/s", "p99 ms", "first byte p99 ms"}
# What a proxy adds to the same without one.
ADDED = ["p50 ms", "p99 ms", "p999 ms"]
ADDED_TO_STREAM = ["first byte p50 ms", "first byte p99 ms", "late p99 ms"]


def columns_of(item):
    if "--rate" in item.drive:
        return OPEN_LOOP
    names = STREAM if item.unit == "event" else PLAIN
    return names + (["KiB per idle"] if "--idle" in item.drive else [])


def figures_of(record, unit):
    """What one run says, in the units of the tables."""
    count = record["events"] if unit == "event" else record["requests"]
    figures = {
        "requests/s": record["requests"] / record["seconds"],
        "CPU µs": record["cpu_ns"] / 1000 / count if record["cpu_ns"] and count else None,
        "RSS MB": record["rss_kib"] / 1024 or None,
        "start MB": (record.get("rss_start_kib") or 0) / 1024 or None,
        "errors": record["errors"],
    }
    for prefix, key in (("", "latency_us"), ("first byte ", "first_byte_us"),
                        ("late ", "lateness_us")):
        for share, value in (record[key] or {}).items():
            figures[f"{prefix}{share} ms"] = value / 1000
    if record["idle"]:
        grown = record["rss_with_idle_kib"] - record["rss_without_idle_kib"]
        figures["KiB per idle"] = grown / record["idle"]
    if record["item"] == "sse-1000" and record.get("rss_start_kib"):
        figures["KiB per stream"] = (record["rss_kib"] - record["rss_start_kib"]) / 1000
    return figures


def summarise(records, items):
    """{item: {proxy: {figure: {median, min, max}}}}"""
    units = {item.name: item.unit for item in items}
    runs = {}
    for record in records:
        place = runs.setdefault(record["item"], {}).setdefault(record["proxy"], [])
        place.append(figures_of(record, units[record["item"]]))
    return {item: {proxy: spread(figures) for proxy, figures in by_proxy.items()}
            for item, by_proxy in runs.items()}


def spread(all_figures):
    row = {}
    for name in all_figures[0]:
        values = [figures[name] for figures in all_figures if figures.get(name) is not None]
        if values:
            row[name] = {"median": statistics.median(values), "min": min(values),
                         "max": max(values)}
    return row


def median(by_proxy, proxy, name):
    figure = by_proxy.get(proxy, {}).get(name)
    return None if figure is None else figure["median"]


def ratios(by_proxy):
    """The CPU of Spillway by that of each other."""
    own = median(by_proxy, "spillway", "CPU µs")
    others = {name: median(by_proxy, name, "CPU µs") for name in ("floor", "nginx", "haproxy")}
    return {name: own / value for name, value in others.items() if own and value}


def added(by_proxy, item):
    """{proxy: {figure: what it adds to direct}}"""
    names = ADDED if "--rate" in item.drive else ADDED_TO_STREAM if item.unit == "event" else []
    if "direct" not in by_proxy:
        return {}
    return {proxy: {name: median(by_proxy, proxy, name) - median(by_proxy, "direct", name)
                    for name in names}
            for proxy in by_proxy if proxy != "direct" and names}


def shown(value):
    if value is None:
        return "–"
    if value == 0:
        return "0"
    digits = 0 if abs(value) >= 1000 else 1 if abs(value) >= 10 else 2
    return f"{value:,.{digits}f}"


def cell(figure, has_range):
    if figure is None:
        return "–"
    text = shown(figure["median"])
    if has_range and figure["min"] != figure["max"]:
        text += f" ({shown(figure['min'])}–{shown(figure['max'])})"
    return text


def text_table(summary, items):
    lines = []
    for item in items:
        by_proxy = summary.get(item.name, {})
        if by_proxy:
            lines += text_of_item(item, by_proxy)
    return "\n".join(lines)


def text_of_item(item, by_proxy):
    names = columns_of(item)
    lines = [f"\n{item.name}: {item.what} (CPU µs per {item.unit})",
             f"{'':10}" + "".join(f"{name:>24}" for name in names)]
    for proxy, row in by_proxy.items():
        cells = [cell(row.get(name), name in RANGED) for name in names]
        lines.append(f"{proxy:10}" + "".join(f"{text:>24}" for text in cells))
    compared = ratios(by_proxy)
    if compared:
        lines.append("Spillway's CPU: " + ", ".join(
            f"{ratio:.2f} × {name}" for name, ratio in compared.items()))
    for proxy, more in added(by_proxy, item).items():
        lines.append(f"{proxy} adds: " + ", ".join(
            f"{name} {shown(value)}" for name, value in more.items()))
    return lines
