"""Medians with their range, ratios, and how they are written down."""

import statistics

COLUMNS = ["requests/s", "CPU µs", "p50 ms", "p99 ms", "first byte ms", "p99 ms ", "late p99 ms",
           "RSS MB", "errors"]


def figures_of(record, unit):
    """What one run says, in the units of the tables."""
    count = record["events"] if unit == "event" else record["requests"]
    latency, first = record["latency_us"] or {}, record["first_byte_us"] or {}
    late = record["lateness_us"] or {}
    is_stream = bool(late)
    figures = {
        "requests/s": record["requests"] / record["seconds"],
        "CPU µs": record["cpu_ns"] / 1000 / max(count, 1) if record["cpu_ns"] else None,
        "p50 ms": latency.get("p50", 0) / 1000,
        "p99 ms": latency.get("p99", 0) / 1000,
        "p999 ms": latency.get("p999", 0) / 1000,
        "first byte ms": first.get("p50", 0) / 1000 if is_stream else None,
        "p99 ms ": first.get("p99", 0) / 1000 if is_stream else None,
        "late p99 ms": late.get("p99", 0) / 1000 if is_stream else None,
        "RSS MB": record["rss_kib"] / 1024 or None,
        "start MB": (record.get("rss_start_kib") or 0) / 1024 or None,
        "errors": record["errors"],
    }
    if record["idle"]:
        grown = record["rss_with_idle_kib"] - record["rss_without_idle_kib"]
        figures["KiB per idle"] = grown / record["idle"]
    return figures


def summarise(records, items):
    """{item: {proxy: {figure: {median, min, max}}}}"""
    units = {item.name: item.unit for item in items}
    runs = {}
    for record in records:
        place = runs.setdefault(record["item"], {}).setdefault(record["proxy"], [])
        place.append(figures_of(record, units[record["item"]]))
    summary = {}
    for item, by_proxy in runs.items():
        for proxy, all_figures in by_proxy.items():
            row = summary.setdefault(item, {}).setdefault(proxy, {})
            for name in all_figures[0]:
                values = [figures[name] for figures in all_figures if figures[name] is not None]
                if values:
                    row[name] = {"median": statistics.median(values), "min": min(values),
                                 "max": max(values)}
    return summary


def ratios(by_proxy):
    """The CPU of Spillway by that of each other."""
    own = by_proxy.get("spillway", {}).get("CPU µs")
    if not own:
        return {}
    return {name: own["median"] / row["CPU µs"]["median"] for name, row in by_proxy.items()
            if name not in ("spillway", "direct") and "CPU µs" in row}


def shown(value):
    if value is None:
        return "–"
    digits = 0 if value >= 1000 else 1 if value >= 10 else 2
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
        by_proxy = summary.get(item.name)
        if not by_proxy:
            continue
        names = [name for name in [*COLUMNS, "KiB per idle"]
                 if any(name in row for row in by_proxy.values())]
        lines.append(f"\n{item.name}: {item.what} (CPU µs per {item.unit})")
        lines.append(f"{'':10}" + "".join(f"{name.strip():>22}" for name in names))
        for proxy, row in by_proxy.items():
            cells = [cell(row.get(name), name in ("CPU µs", "requests/s", "p99 ms"))
                     for name in names]
            lines.append(f"{proxy:10}" + "".join(f"{text:>22}" for text in cells))
        compared = ratios(by_proxy)
        if compared:
            lines.append("spillway's CPU: " + ", ".join(
                f"{ratio:.2f} × {name}" for name, ratio in compared.items()))
    return "\n".join(lines)
