#!/usr/bin/env python3
"""Whether a flood of sign-ins slows the check.

    cargo build --release && python3 benches/flood.py

One connection verifies a key without a pause, in turns while nothing else happens and while RATE
wrong passwords a second are sent, each for another person from another address, so that no throttle
spares the work. Ends with 0 if the p99 of verify is at most LIMIT times as long meanwhile (the median
of ROUNDS rounds) and every verify was answered. What sends the flood has the lowest priority, since
it shares the machine.
"""
import http.client
import multiprocessing
import os
import statistics
import sys
import time
import urllib.parse

import requests

import node
from node import Latchkey
from node import hidden

ROUNDS = int(os.environ.get("ROUNDS", "5"))
SECONDS = float(os.environ.get("SECONDS_PER_ROUND", "5"))
RATE = int(os.environ.get("RATE", "200"))
LIMIT = float(os.environ.get("LIMIT", "2"))
SENDERS = 25


def send(console, number, flooding, sent):
    """One of the senders, a process: its share of the rate, as long as `flooding` is set."""
    os.nice(19)
    session = requests.Session()
    csrf = hidden(session.get(f"{console}/sign-in/staff").text, "csrf")
    turn = 0
    while True:
        flooding.wait()
        due = time.monotonic() + SENDERS / RATE
        turn += 1
        headers = {
            "Sec-Fetch-Site": "same-origin",
            "X-Forwarded-For": f"2001:db8:{number:x}:{turn:x}::1",
        }
        form = {"csrf": csrf, "email": f"n{number}-{turn}@keys.example", "password": "wrong one"}
        answer = session.post(f"{console}/sign-in/staff", data=form, headers=headers)
        with sent.get_lock():
            sent[0] += 1
            sent[1] += answer.status_code == 503
        time.sleep(max(0, due - time.monotonic()))


class Caller:
    def __init__(self, latchkey, credential, key):
        host = urllib.parse.urlsplit(latchkey.url["api"]).netloc
        self.connection = http.client.HTTPConnection(host)
        self.headers = {
            "Authorization": f"Bearer {credential}", "Content-Type": "application/json"
        }
        self.body = f'{{"key":"{key}","method":"GET","path":"/v1/documents"}}'

    def p99(self):
        """Of calls for a round, in milliseconds."""
        times, end = [], time.perf_counter() + SECONDS
        while time.perf_counter() < end:
            began = time.perf_counter()
            self.connection.request("POST", "/v1/keys/verify", self.body, self.headers)
            answer = self.connection.getresponse()
            answer.read()
            assert answer.status == 200, answer.status
            times.append((time.perf_counter() - began) * 1000)
        return statistics.quantiles(times, n=100)[98]


def measure(caller, flooding, sent):
    ratios = []
    for _ in range(ROUNDS):
        alone = caller.p99()
        before = list(sent)
        flooding.set()
        meanwhile = caller.p99()
        flooding.clear()
        count, full = (sent[place] - before[place] for place in (0, 1))
        ratios.append(meanwhile / alone)
        print(f"p99 alone {alone:.2f} ms, in the flood {meanwhile:.2f} ms, {ratios[-1]:.2f}; "
              f"{count / SECONDS:.0f} sign-ins a second answered, {full} of them with 503")
    return statistics.median(ratios)


def main():
    with node.directory() as directory:
        latchkey = Latchkey(f"{directory}/data", LATCHKEY_TRUSTED_PROXIES="127.0.0.1/32")
        flooding, sent = multiprocessing.Event(), multiprocessing.Array("i", 2)
        senders = []
        try:
            latchkey.make_account()
            credential = latchkey.command("service-credential", "create", "bench")
            key = latchkey.make_key(latchkey.signed_in(), "flooded")
            for number in range(SENDERS):
                arguments = (latchkey.url["console"], number, flooding, sent)
                senders.append(multiprocessing.Process(target=send, args=arguments, daemon=True))
                senders[-1].start()
            ratio = measure(Caller(latchkey, credential, key), flooding, sent)
        finally:
            for sender in senders:
                sender.terminate()
            latchkey.stop()
    print(f"p99 in the flood {ratio:.2f} of that alone (at most {LIMIT:g})")
    sys.exit(ratio > LIMIT)


if __name__ == "__main__":
    main()
