#!/usr/bin/env python3
"""Whether the time of a refused sign-in tells if the person exists.

    cargo build --release && python3 benches/logins.py

Starts the release binary with PEOPLE people, then sends wrong passwords in turns for somebody known
and for somebody unknown, ROUNDS of each, every one from an address of its own. Ends with 0 if all
answers have the same status and the same body but for the typed address, and if the medians of the
two differ by 5 % at most. Wants a quiet machine. ROUNDS and LIMIT (percent) are taken from the
environment.
"""
import os
import re
import statistics
import sys
import time

import requests

import node
from node import Latchkey
from node import PASSWORD
from node import hidden

ROUNDS = int(os.environ.get("ROUNDS", "500"))
LIMIT = float(os.environ.get("LIMIT", "5"))
# Wrong passwords that one person has for free.
FREE = 5


def person(latchkey, number):
    email = f"known{number}@keys.example"
    latchkey.command(
        "staff", "create", "--email", email, "--role", "support", "--password-stdin", text=PASSWORD
    )
    return email


def without(body, email, request):
    body = body.replace(email, "EMAIL").replace(request, "REQUEST")
    return re.sub(r'name="csrf" value="[^"]+"', "CSRF", body)


def main():
    with node.directory() as directory:
        latchkey = Latchkey(f"{directory}/data", LATCHKEY_TRUSTED_PROXIES="127.0.0.1/32")
        try:
            known = [person(latchkey, number) for number in range(-(-ROUNDS // FREE))]
            sys.exit(judge(latchkey.url["console"], known))
        finally:
            latchkey.stop()


def judge(console, known):
    session = requests.Session()
    page = session.get(f"{console}/sign-in/staff").text
    csrf = hidden(page, "csrf")
    times = {"known": [], "unknown": []}
    answers = set()
    for turn in range(ROUNDS):
        number = turn // FREE
        for kind in ("known", "unknown") if turn % 2 else ("unknown", "known"):
            email = known[number] if kind == "known" else f"nobod{number}@keys.example"
            address = f"2001:db8:{turn:x}:{len(kind)}::1"
            headers = {"Sec-Fetch-Site": "same-origin", "X-Forwarded-For": address}
            form = {"csrf": csrf, "email": email, "password": "wrong password here"}
            began = time.perf_counter()
            answer = session.post(f"{console}/sign-in/staff", data=form, headers=headers)
            times[kind].append(time.perf_counter() - began)
            request = answer.headers["X-Request-Id"]
            answers.add((answer.status_code, without(answer.text, email, request)))
    medians = {kind: statistics.median(times[kind]) * 1000 for kind in times}
    apart = abs(medians["known"] / medians["unknown"] - 1) * 100
    print(f"{ROUNDS}+{ROUNDS} sign-ins, {len(answers)} different answers")
    print(f"median known {medians['known']:.2f} ms, unknown {medians['unknown']:.2f} ms")
    print(f"apart by {apart:.1f} % (at most {LIMIT:g} %)")
    return 0 if len(answers) == 1 and apart <= LIMIT else 1


if __name__ == "__main__":
    main()
