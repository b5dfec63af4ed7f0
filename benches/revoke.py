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
import statistics
import sys
import threading
import time

import requests

import node
from node import Latchkey
from node import hidden

KEYS = int(os.environ.get("KEYS", "1000"))
NODES = int(os.environ.get("NODES", "3"))


class Caller(threading.Thread):
    """Asks one node about the key of the moment until it is told to stop."""

    def __init__(self, latchkey, credential):
        super().__init__(daemon=True)
        self.address = latchkey.url["api"] + "/v1/keys/verify"
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


def revoke_once(first, session, callers, number):
    key = first.make_key(session, f"key {number}")
    address = f"{first.url['console']}/w/default/developers/keys/{key[3:15]}/revoke"
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
    with node.directory() as directory:
        try:
            nodes.append(Latchkey(directory + "/0", "node 0"))
            for number in range(1, NODES):
                nodes.append(
                    Latchkey(f"{directory}/{number}", f"node {number}", nodes[0].database())
                )
            nodes[0].make_account()
            credential = nodes[0].command("service-credential", "create", "bench")
            session = nodes[0].signed_in()
            callers = [Caller(each, credential) for each in nodes]
            for caller in callers:
                caller.start()
            results = [revoke_once(nodes[0], session, callers, number) for number in range(KEYS)]
            for caller in callers:
                caller.over = True
                caller.join()
        finally:
            # The first one has the database.
            for each in reversed(nodes):
                each.stop()
    what = f"{KEYS} keys, {NODES} nodes"
    line(f"{what}, click to last acceptance", [result[0] for result in results])
    line(f"{what}, click to page", [result[1] for result in results])
    late = sum(result[2] for result in results)
    print(f"accepted after the page: {late}")
    sys.exit(late > 0)


if __name__ == "__main__":
    main()
