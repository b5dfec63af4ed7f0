#!/usr/bin/env python3
"""How long after "revoke" a key is still accepted, on three nodes.

    cargo build --release && python3 benches/revoke.py

Starts three nodes of the release binary on one PostgreSQL, makes keys in the console of the first,
and revokes each while a connection to every node verifies it without a pause. Prints, over all
keys: from the click to the last answer of any node that still accepted the key, from the click to
the page, and how many calls that began after the page had come were accepted. That number must be
0. KEYS and NODES set how many.
"""
import os
import pathlib
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

import requests

KEYS = int(os.environ.get("KEYS", "1000"))
NODES = int(os.environ.get("NODES", "3"))
BINARY = os.environ.get("LATCHKEY_BIN", "target/release/latchkey")
PASSWORD = "nine violet lanterns hum"
SECRETS = {
    "LATCHKEY_SECRET_KEY": "a secret key of the bench, long enough",
    "LATCHKEY_PEPPER": "a pepper of the bench, long enough",
}


def hidden(page, name):
    return re.search(rf'name="{name}" value="([^"]+)"', page).group(1)


class Latchkey:
    def __init__(self, data, name, database=None):
        names = ("LATCHKEY_LISTEN", "LATCHKEY_API_LISTEN", "LATCHKEY_GATEWAY_LISTEN")
        self.environment = dict(os.environ, LATCHKEY_DATA_DIR=data, LATCHKEY_LOG="warn")
        self.environment.update({name: "127.0.0.1:0" for name in names})
        self.environment.update(SECRETS, LATCHKEY_NODE_NAME=name)
        self.environment.pop("DATABASE_URL", None)
        if database:
            self.environment["DATABASE_URL"] = database
        self.process = subprocess.Popen(
            [BINARY], env=self.environment, stdout=subprocess.PIPE, text=True
        )
        self.url = {}
        for line in self.process.stdout:
            if line == "ready\n":
                break
            name, found, url = line.strip().partition(" listening on ")
            if found:
                self.url[name] = url

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()

    def command(self, *arguments, text=""):
        done = subprocess.run(
            [BINARY, *arguments], env=self.environment, input=text, text=True, check=True,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )
        return done.stdout.splitlines()[0]


def database_of(data):
    """The private PostgreSQL of the first node, for the others."""
    socket = next(pathlib.Path(data).rglob(".s.PGSQL.5432"))
    return f"postgresql://latchkey@{urllib.parse.quote(str(socket.parent), safe='')}:5432/latchkey"


def signed_in(latchkey):
    session = requests.Session()
    session.headers["Origin"] = latchkey.url["console"]
    address = latchkey.url["console"] + "/sign-in/acme"
    page = session.get(address).text
    fields = {"csrf": hidden(page, "csrf"), "email": "a@acme.example", "password": PASSWORD}
    assert session.post(address, data=fields, allow_redirects=False).status_code == 303
    return session


def make_key(console, session, number):
    address = console + "/w/default/developers/keys/new"
    page = session.get(address).text
    fields = {
        "csrf": hidden(page, "csrf"), "operation": hidden(page, "operation"),
        "name": f"key {number}", "scope": "full", "expires": "90d",
    }
    page = session.post(address, data=fields).text
    return re.search(r'id="secret"[^>]*>([^<]+)<', page).group(1)


class Caller(threading.Thread):
    """Asks one node about the key of the moment until it is told to stop."""

    def __init__(self, node, credential):
        super().__init__(daemon=True)
        self.address = node.url["api"] + "/v1/keys/verify"
        self.session = requests.Session()
        self.session.headers["Authorization"] = "Bearer " + credential
        self.key, self.calls, self.over = None, [], False

    def ask_about(self, key):
        self.calls = []
        self.key = key

    def run(self):
        while not self.over:
            key, calls = self.key, self.calls
            if key is None:
                time.sleep(0.001)
                continue
            began = time.perf_counter()
            answer = self.session.post(self.address, json={"key": key}).json()
            if key == self.key:
                calls.append((began, time.perf_counter(), answer.get("valid", False)))


def wait_for(condition, what):
    deadline = time.perf_counter() + 10
    while not condition():
        assert time.perf_counter() < deadline, what
        time.sleep(0.001)


def revoke_once(console, session, callers, number):
    key = make_key(console, session, number)
    address = f"{console}/w/default/developers/keys/{key[3:15]}/revoke"
    fields = {"csrf": hidden(session.get(address).text, "csrf"), "confirm": key[-4:]}
    for caller in callers:
        caller.ask_about(key)
    wait_for(lambda: all(any(c[2] for c in caller.calls) for caller in callers), "never accepted")
    clicked = time.perf_counter()
    answer = session.post(address, data=fields, allow_redirects=False)
    paged = time.perf_counter()
    assert answer.status_code == 303, answer.text
    # Each node is asked once more at least.
    wait_for(lambda: all(caller.calls[-1][0] > paged for caller in callers), "not asked again")
    for caller in callers:
        caller.key = None
    accepted = [call for caller in callers for call in list(caller.calls) if call[2]]
    last = max(ended for _, ended, _ in accepted)
    late = sum(began > paged for began, _, _ in accepted)
    return max(0.0, last - clicked) * 1000, (paged - clicked) * 1000, late


def line(what, values):
    values = sorted(values)
    at = lambda share: values[min(len(values) - 1, int(len(values) * share))]
    print(f"{what}: p50 {at(0.5):.1f} ms, p99 {at(0.99):.1f} ms, max {values[-1]:.1f} ms, "
          f"mean {statistics.mean(values):.1f} ms")


def main():
    nodes = []
    with tempfile.TemporaryDirectory(prefix="lk") as directory:
        os.chmod(directory, 0o755)
        try:
            nodes.append(Latchkey(directory + "/0", "node 0"))
            database = database_of(directory + "/0")
            for number in range(1, NODES):
                nodes.append(Latchkey(f"{directory}/{number}", f"node {number}", database))
            nodes[0].command(
                "account", "create", "--domain", "acme", "--name", "Acme", "--owner-email",
                "a@acme.example", "--password-stdin", text=PASSWORD,
            )
            credential = nodes[0].command("service-credential", "create", "bench")
            session, console = signed_in(nodes[0]), nodes[0].url["console"]
            callers = [Caller(node, credential) for node in nodes]
            for caller in callers:
                caller.start()
            results = [revoke_once(console, session, callers, number) for number in range(KEYS)]
            for caller in callers:
                caller.over = True
                caller.join()
        finally:
            # The first one has the database.
            for node in reversed(nodes):
                node.stop()
    what = f"{KEYS} keys, {NODES} nodes"
    line(f"{what}, click to last acceptance", [result[0] for result in results])
    line(f"{what}, click to page", [result[1] for result in results])
    late = sum(result[2] for result in results)
    print(f"accepted after the page: {late}")
    sys.exit(late > 0)


if __name__ == "__main__":
    main()
