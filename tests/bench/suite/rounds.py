"""Runs every item against every proxy, round by round, so that what the machine does meanwhile
falls on all of them."""

import json
import subprocess

from . import proxies


class Rounds:
    def __init__(self, stand, settings):
        self.stand, self.settings = stand, settings
        self.running = {}
        self.records = []

    def run(self, items, names, note):
        for number in range(self.settings.rounds):
            for item in items:
                # Nobody is always first.
                turn = number % len(names)
                for name in names[turn:] + names[:turn]:
                    if name not in item.without and (name != "direct" or item.has_direct):
                        note(number, item, name)
                        self.records.append(self.measure(item, name, number))
            self.stop()  # two processes of one program differ, by the pages they were given
        return self.records

    def stop(self):
        for proxy in self.running.values():
            proxy.stop()
        self.running.clear()

    def measure(self, item, name, number):
        proxy = self.proxy_for(item, name)
        record = {"item": item.name, "proxy": name, "round": number}
        if proxy is not None:
            record["rss_start_kib"] = proxy.rss_start_kib
        record.update(self.drive(item, name, proxy))
        if proxy is not None and item.is_fresh:
            proxy.stop()
        return record

    def proxy_for(self, item, name):
        if name == "direct":
            return None
        if item.is_fresh:
            return proxies.Proxy(self.stand, name, item)
        key = (name, item.out, item.backends, item.clients)
        if key not in self.running:
            self.running[key] = proxies.Proxy(self.stand, name, item)
        return self.running[key]

    def drive(self, item, name, proxy):
        least = item.least / 2 if self.settings.quick else item.least
        arguments = [*item.drive, "--seconds", max(self.settings.seconds, least),
                     "--warm-up", item.ramp + self.settings.warm_up]
        port, pids = self.stand.backends["plain"][0], []
        if proxy is not None:
            port, pids = proxy.tls_port if "--tls" in item.drive else proxy.port, proxy.pids
        if "--refuse" in item.drive and name == "haproxy":
            arguments += ["--refuse-status", 503]
        if item.has_token:
            arguments += ["--credential", f"authorization: Bearer {self.stand.entra.token}"]
        arguments += ["--port", port]
        for pid in pids:
            arguments += ["--pid", pid]
        return self.call(arguments)

    def call(self, arguments):
        command = ["taskset", "-c", str(self.stand.load_core),
                   self.stand.binaries / "bench_drive", *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        if done.returncode != 0:
            raise SystemExit(f"bench: {command}: {done.stderr}")
        return json.loads(done.stdout)
