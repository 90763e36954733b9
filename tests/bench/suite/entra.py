"""An Entra for the item with tokens: the repository's simulator."""

import http.client
import json
import re
import time
import urllib.request

TENANT = "33333333-3333-4333-8333-333333333333"
APPLICATION = "11111111-1111-4111-8111-111111111111"
AUDIENCE = "api://spillway"


class Authority:
    def __init__(self, stand):
        config = stand.folder / "simulator.yaml"
        config.write_text("identity: { port: 0 }\ncontrol: { port: 0 }\n")
        process, log = stand.spawn(stand.load_core, "simulator",
                                   [stand.binaries / "spillway-sim", "--config", config])
        while "ready" not in log.read_text():
            if process.poll() is not None:
                raise SystemExit(log.read_text())
            time.sleep(0.02)
        urls = dict(re.findall(r"listening (\w+) (http\S+)", log.read_text()))
        self.url = urls["identity"]
        self.token = self.mint(urls["control"])

    def mint(self, control):
        """For a day, and as long as Entra's are."""
        wanted = {"tenant": TENANT, "audience": AUDIENCE, "client_id": APPLICATION,
                  "lifetime_s": 86400, "claims": {"aio": "a" * 300}}
        call = urllib.request.Request(f"{control}/control/tokens", json.dumps(wanted).encode())
        with urllib.request.urlopen(call) as answer:
            return json.load(answer)["access_token"]

    def wait_until_known(self, port):
        """The gateway fetches the authority's keys when it starts."""
        deadline = time.monotonic() + 60
        status = 0
        while status != 200 and time.monotonic() < deadline:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            connection.request(
                "POST", "/openai/deployments/chat/chat/completions?api-version=2024-10-21", "{}",
                {"authorization": f"Bearer {self.token}", "content-type": "application/json"})
            status = connection.getresponse().status
            connection.close()
        if status != 200:
            raise SystemExit(f"bench: the gateway answers {status} to an Entra token")
