"""Starts the backends and the proxies, each pinned to its core, and stops them."""

import os
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile
import time

from . import entra

PEERS = pathlib.Path(__file__).resolve().parent.parent / "peers"
NAMES = ["floor", "nginx", "haproxy", "spillway"]
KEY = "bench-key"
# As long as a token of Entra, and as random: nothing compresses or compares it early.
CREDENTIAL = "".join(chr(ord("A") + i * i * 7 % 26) for i in range(1200))


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def wait_for(port, process, log):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise SystemExit(f"bench: {process.args[3:]} does not listen\n{log.read_text()}")


def children_of(pid):
    path = pathlib.Path(f"/proc/{pid}/task/{pid}/children")
    return [int(word) for word in path.read_text().split()]


def rss_kib(pid):
    with open(f"/proc/{pid}/smaps_rollup") as file:
        for line in file:
            if line.startswith("Rss:"):
                return int(line.split()[1])
    return 0


class Stand:
    """The folder, the certificate, the backends and every process of a run."""

    def __init__(self, binaries, folder, proxy_core, load_core):
        self.binaries, self.folder = binaries, folder
        self.proxy_core, self.load_core = proxy_core, load_core
        self.processes = []
        self.make_certificate()
        self.backends = self.start_backends()
        self.entra = entra.Authority(self)

    def make_certificate(self):
        certificate, key = self.folder / "bench.crt", self.folder / "bench.key"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
             "-nodes", "-days", "30", "-subj", "/CN=localhost", "-addext",
             "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate],
            check=True, capture_output=True)
        self.combined = self.folder / "bench.pem"
        self.combined.write_text(certificate.read_text() + key.read_text())
        self.certificate, self.key = certificate, key

    def spawn(self, core, name, command):
        log = self.folder / f"{name}-{len(self.processes)}.log"
        with log.open("w") as out:
            process = subprocess.Popen(["taskset", "-c", str(core), *map(str, command)],
                                       stdout=out, stderr=subprocess.STDOUT)
        self.processes.append(process)
        return process, log

    def start_backends(self):
        """Two of them in one process: ports without and with TLS."""
        process, log = self.spawn(self.load_core, "backend", [
            self.binaries / "bench_backend", "--listeners", 2, "--certificate", self.certificate,
            "--certificate-key", self.key])
        while log.read_text().count("listening") < 4:
            if process.poll() is not None:
                raise SystemExit(log.read_text())
            time.sleep(0.02)
        ports = [int(port) for port in re.findall(r"127\.0\.0\.1:(\d+)", log.read_text())]
        return {"plain": ports[:2], "tls": ports[2:]}

    def stop(self, process):
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self.processes.remove(process)

    def stop_all(self):
        for process in list(self.processes):
            self.stop(process)


class Proxy:
    """One process under test, as the item wants it; `tool` is what runs it."""

    def __init__(self, stand, name, item, tool=()):
        self.stand, self.name, self.item, self.out = stand, name, item, item.out
        self.has_tool = bool(tool)
        self.port, self.tls_port, self.admin_port = free_ports(3)
        # Ports come back.
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix=f"{name}-", dir=stand.folder))
        # Where nginx, started by root, keeps what its worker, who is nobody, must reach.
        self.folder.chmod(0o755)
        command = [*tool, *getattr(self, f"{name}_command")()]
        self.process, self.log = stand.spawn(stand.proxy_core, name, command)
        wait_for(self.port, self.process, self.log)
        wait_for(self.tls_port, self.process, self.log)
        if name == "spillway":
            stand.entra.wait_until_known(self.port)
        self.pids = [self.process.pid, *self.workers()]
        time.sleep(0.2)  # what is loaded after the first accept is there as well
        self.rss_start_kib = sum(rss_kib(pid) for pid in self.pids)

    def stop(self):
        self.stand.stop(self.process)

    def workers(self):
        """nginx listens before it has its worker."""
        children = children_of(self.process.pid)
        while self.name == "nginx" and not self.has_tool and not children:
            time.sleep(0.02)
            children = children_of(self.process.pid)
        return children

    def configuration(self, template):
        """The peer's file with everything between @ filled in."""
        is_tls, backends = self.out == "tls", self.stand.backends[self.out]
        certificate = self.stand.certificate
        values = {
            "FOLDER": self.folder, "PORT": self.port, "TLS_PORT": self.tls_port,
            "ADMIN_PORT": self.admin_port, "BACKEND_1": backends[0], "BACKEND_2": backends[1],
            "CERTIFICATE": certificate, "CERTIFICATE_KEY": self.stand.key,
            "COMBINED": self.stand.combined, "KEY": KEY, "CREDENTIAL": CREDENTIAL,
            "TOKEN": self.stand.entra.token, "AUTHORITY": self.stand.entra.url,
            "TENANT": entra.TENANT, "AUDIENCE": entra.AUDIENCE, "APPLICATION": entra.APPLICATION,
            "SCHEME": "https" if is_tls else "http",
            "SERVER_TLS": (f"ssl verify required ca-file {certificate} sni str(localhost) "
                           "verifyhost localhost" if is_tls else ""),
            "BACKEND_TLS": f"tls: {{ ca_file: {certificate} }}" if is_tls else "",
            **self.more(),
        }
        text = re.sub(r"@([A-Z_0-9]+)@", lambda match: str(values[match[1]]),
                      (PEERS / template).read_text())
        path = self.folder / template
        path.write_text(text)
        return path

    def more(self):
        """Backends and clients of Spillway beyond those in its file; plain ones only."""
        names = [f"more-{number}" for number in range(self.item.backends - 2)]
        ports = self.stand.backends["plain"]
        backends = [f'  - {{ name: {name}, url: "http://localhost:{ports[place % 2]}", '
                    "credential: key }" for place, name in enumerate(names)]
        clients = [f"  - {{ name: client-{number}, keys: [ key-{number} ] }}"
                   for number in range(self.item.clients - 1)]
        return {"MORE_BACKENDS": "".join("\n" + line for line in backends),
                "MORE_MEMBERS": "".join(f", {{ backend: {name} }}" for name in names),
                "MORE_CLIENTS": "".join("\n" + line for line in clients)}

    def floor_command(self):
        backends = self.stand.backends[self.out]
        return [self.stand.binaries / "bench_floor", "--port", self.port, "--tls-port",
                self.tls_port, "--certificate", self.stand.certificate, "--certificate-key",
                self.stand.key, "--backend", *backends,
                *(["--tls-out"] if self.out == "tls" else [])]

    def nginx_command(self):
        return [program("nginx"), "-e", "stderr", "-p", self.folder, "-c",
                self.configuration("nginx.conf"), "-g",
                "daemon off;" + ("master_process off;" if self.has_tool else "")]

    def haproxy_command(self):
        return [program("haproxy"), "-db", "-f", self.configuration("haproxy.cfg")]

    def spillway_command(self):
        return [self.stand.binaries / "spillway", "serve", "--config",
                self.configuration("spillway.yaml")]


def program(name):
    path = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
    if path is None:
        raise SystemExit(f"bench: no {name}; apt-get install -y haproxy nginx-light")
    return path
