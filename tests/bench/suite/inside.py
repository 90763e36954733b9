"""What a small chat costs inside the proxy: system calls, instructions. Not timed: both tools make
it many times slower."""

import re
import shutil
import signal
import subprocess
import time

from . import items, proxies, rounds

CHAT = items.BY_NAME["chat"]


def wanted_tool(name):
    path = shutil.which(name)
    if path is None:
        raise SystemExit(f"bench: no {name}; apt-get install -y {name}")
    return path


def chat(stand, proxy, seconds):
    """How many requests were answered, from the first on."""
    caller = rounds.Rounds(stand, None)
    return caller.call(["--port", proxy.port, "--warm-up", 0, "--seconds", seconds])["requests"]


def calls(stand, names):
    """System calls a request, with the most frequent ones on standard output."""
    figures = {}
    for name in names:
        proxy = proxies.Proxy(stand, name, CHAT)
        chat(stand, proxy, 0.5)  # the connections to the backends are there
        log = proxy.folder / "calls.txt"
        tracer = subprocess.Popen(
            [wanted_tool("strace"), "-c", "-f", "-o", log,
             *(word for pid in proxy.pids for word in ("-p", str(pid)))],
            stderr=subprocess.PIPE, text=True)
        tracer.stderr.readline()  # attached
        requests = chat(stand, proxy, 1.5)
        tracer.send_signal(signal.SIGINT)
        tracer.wait(timeout=20)
        proxy.stop()
        counted = re.findall(r"^ +[\d.]+ +[\d.]+ +\d+ +(\d+) +(?:\d+ +)?(\w+)$", log.read_text(),
                             re.MULTILINE)
        by_call = {call: int(count) / requests for count, call in counted if call != "total"}
        figures[name] = sum(by_call.values())
        most = sorted(by_call.items(), key=lambda entry: -entry[1])[:6]
        print(f"{name:10}{figures[name]:6.2f} calls a request: " +
              ", ".join(f"{call} {count:.2f}" for call, count in most))
    return figures


def instructions(stand, names):
    """From two runs of different length, so that the start does not count."""
    figures = {}
    for name in names:
        short, long = (count_instructions(stand, name, seconds) for seconds in (1, 4))
        figures[name] = (long[0] - short[0]) / (long[1] - short[1])
        print(f"{name:10}{figures[name]:10,.0f} instructions a request")
    return figures


def count_instructions(stand, name, seconds):
    tool = [wanted_tool("valgrind"), "--tool=callgrind", "--callgrind-out-file=/dev/null"]
    proxy = proxies.Proxy(stand, name, CHAT, tool)
    requests = chat(stand, proxy, seconds)
    time.sleep(0.2)  # the last answers are read by nobody, but made
    proxy.stop()
    return int(re.search(r"Collected : (\d+)", proxy.log.read_text())[1]), requests
