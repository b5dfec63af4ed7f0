#!/usr/bin/env python3
"""How long after "revoke" a key is still accepted, on one node.

    cargo build --release && python3 benches/revoke.py

Starts the release binary in a directory of its own, makes keys in the console, and revokes each
while another connection verifies it without a pause. Prints, over all keys: from the click to the
last answer that still accepted the key, from the click to the page, and how many calls that began
after the page had come were accepted. That number must be 0.
"""
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time

import requests

KEYS = int(os.environ.get("KEYS", "200"))
BINARY = os.environ.get("LATCHKEY_BIN", "target/release/latchkey")
PASSWORD = "nine violet lanterns hum"


def hidden(page, name):
    return re.search(rf'name="{name}" value="([^"]+)"', page).group(1)


class Latchkey:
    def __init__(self, directory):
        names = ("LATCHKEY_LISTEN", "LATCHKEY_API_LISTEN", "LATCHKEY_GATEWAY_LISTEN")
        self.environment = dict(os.environ, LATCHKEY_DATA_DIR=directory + "/data", LATCHKEY_LOG="warn")
        self.environment.update({name: "127.0.0.1:0" for name in names})
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

    def command(self, *arguments, text=""):
        done = subprocess.run(
            [BINARY, *arguments], env=self.environment, input=text, text=True, check=True,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )
        return done.stdout.splitlines()[0]


def signed_in(latchkey):
    session = requests.Session()
    session.headers["Origin"] = latchkey.url["console"]
    address = latchkey.url["console"] + "/sign-in/acme"
    page = session.get(address).text
    fields = {"csrf": hidden(page, "csrf"), "email": "a@acme.example", "password": PASSWORD}
    assert session.post(address, data=fields, allow_redirects=False).status_code == 303
    return session


def revoke_once(latchkey, session, credential, number):
    keys = latchkey.url["console"] + "/w/default/developers/keys"
    page = session.get(keys + "/new").text
    fields = {
        "csrf": hidden(page, "csrf"), "operation": hidden(page, "operation"),
        "name": f"key {number}", "scope": "full", "expires": "90d",
    }
    page = session.post(keys + "/new", data=fields).text
    key = re.search(r'id="secret"[^>]*>([^<]+)<', page).group(1)
    address = f"{keys}/{key[3:15]}/revoke"
    fields = {"csrf": hidden(session.get(address).text, "csrf"), "confirm": key[-4:]}

    calls, stop = [], threading.Event()

    def verify():
        caller = requests.Session()
        caller.headers["Authorization"] = "Bearer " + credential
        while not stop.is_set():
            began = time.perf_counter()
            answer = caller.post(latchkey.url["api"] + "/v1/keys/verify", json={"key": key}).json()
            calls.append((began, time.perf_counter(), answer["valid"]))

    thread = threading.Thread(target=verify)
    thread.start()
    while not calls:
        time.sleep(0.001)
    clicked = time.perf_counter()
    answer = session.post(address, data=fields, allow_redirects=False)
    paged = time.perf_counter()
    assert answer.status_code == 303, answer.text
    time.sleep(0.05)
    stop.set()
    thread.join()
    accepted = [(began, ended) for began, ended, valid in calls if valid]
    last = max(ended for _, ended in accepted)
    late = sum(began > paged for began, _ in accepted)
    return max(0.0, last - clicked) * 1000, (paged - clicked) * 1000, late


def line(what, values):
    values = sorted(values)
    at = lambda share: values[min(len(values) - 1, int(len(values) * share))]
    print(f"{what}: p50 {at(0.5):.1f} ms, p99 {at(0.99):.1f} ms, max {values[-1]:.1f} ms, "
          f"mean {statistics.mean(values):.1f} ms")


def main():
    with tempfile.TemporaryDirectory(prefix="lk") as directory:
        os.chmod(directory, 0o755)
        latchkey = Latchkey(directory)
        try:
            latchkey.command(
                "account", "create", "--domain", "acme", "--name", "Acme", "--owner-email",
                "a@acme.example", "--password-stdin", text=PASSWORD,
            )
            credential = latchkey.command("service-credential", "create", "bench")
            session = signed_in(latchkey)
            results = [revoke_once(latchkey, session, credential, n) for n in range(KEYS)]
        finally:
            latchkey.process.send_signal(signal.SIGTERM)
            latchkey.process.wait()
    line(f"{KEYS} keys, click to last acceptance", [result[0] for result in results])
    line(f"{KEYS} keys, click to page", [result[1] for result in results])
    late = sum(result[2] for result in results)
    print(f"accepted after the page: {late}")
    sys.exit(late > 0)


if __name__ == "__main__":
    main()
