"""The work items: what is sent, and which figure tells."""

from dataclasses import dataclass

# The others know nothing of clients, and would be given a list of 200 like this one of 2.
OTHERS = ("direct", "floor", "nginx", "haproxy")


@dataclass(frozen=True)
class Item:
    name: str
    what: str
    drive: tuple = ()            # arguments of bench_drive
    out: str = "plain"           # to the backends: plain or tls
    unit: str = "request"        # what the proxy's time is divided by: request or event
    ramp: float = 0.0            # seconds until all streams are under way
    least: float = 0.0           # seconds below which the figure would say nothing
    is_fresh: bool = False       # a new process each time: memory is measured
    is_quick: bool = False       # part of --quick
    has_direct: bool = False     # also without a proxy
    without: tuple = ()          # proxies that cannot do it
    backends: int = 2
    clients: int = 1
    has_token: bool = False      # the caller shows an Entra token, not a key


def stream(events, gap_ms, connections):
    """Streams; paced ones begin spread over their own length, so that events do not coincide."""
    length = events * gap_ms / 1000
    return ("--stream", "--deployment", f"stream-{events}x{gap_ms}", "--connections",
            str(connections), "--stagger", str(length))


ITEMS = [
    Item("chat", "1 KB in, 0.7 KB out, 64 connections", has_direct=True, is_quick=True),
    Item("chat-tls-in", "the same, callers with TLS", ("--tls",), is_quick=True),
    Item("chat-tls-out", "the same, backends with TLS", out="tls", is_quick=True),
    Item("embeddings", "4 KB in, 20 KB out",
         ("--operation", "embeddings", "--body-bytes", "4000"), is_quick=True),
    Item("large-prompt", "400 KB in, 16 connections",
         ("--body-bytes", "400000", "--connections", "16")),
    Item("vision", "8 MB in, 4 connections",
         ("--body-bytes", "8000000", "--connections", "4"), least=1.0),
    Item("sse-paced", "256 streams of 50 events, 20 ms apart", stream(50, 20, 256),
         unit="event", ramp=1.0, least=1.0, is_quick=True, has_direct=True),
    Item("sse-burst", "64 streams of 50 events without a pause", stream(50, 0, 64),
         unit="event", is_quick=True),
    Item("sse-burst-500", "the same, 500 events", stream(500, 0, 64), unit="event"),
    Item("sse-1000", "1,000 streams of 50 events, 50 ms apart", stream(50, 50, 1000),
         unit="event", ramp=2.5, least=2.0, is_fresh=True, has_direct=True),
    Item("retry-429", "30 % of first attempts refused, then the other backend",
         ("--refuse", "30"), is_quick=True, without=("floor",)),
    Item("tls-handshake", "a new TLS connection for each request",
         ("--tls", "--reconnect", "--connections", "16"), is_quick=True),
    Item("jwt", "chat, the caller known by an Entra token (elsewhere compared like a key)",
         has_token=True),
    Item("fixed-rate", "chat at 500/s, whatever the answers do", ("--rate", "500"),
         least=1.0, has_direct=True, is_quick=True),
    Item("idle-1000", "chat beside 1,000 idle connections", ("--idle", "1000"), is_fresh=True,
         is_quick=True),
    Item("idle-1000-tls", "the same with TLS", ("--idle", "1000", "--tls"), is_fresh=True),
    Item("idle-5000", "chat beside 5,000 idle connections", ("--idle", "5000"), is_fresh=True),
    Item("idle-5000-tls", "the same with TLS", ("--idle", "5000", "--tls"), is_fresh=True),
    Item("connections-10", "chat on 10 connections", ("--connections", "10")),
    Item("connections-1000", "chat on 1,000 connections", ("--connections", "1000")),
    Item("connections-5000", "chat on 5,000 connections", ("--connections", "5000"), least=2.0),
    Item("backends-200", "chat with 200 backends in the pool", backends=200, without=OTHERS),
    Item("clients-10000", "chat with 10,000 clients known", clients=10000, without=OTHERS),
]

BY_NAME = {item.name: item for item in ITEMS}
