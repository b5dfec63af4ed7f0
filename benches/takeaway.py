#!/usr/bin/env python3
"""How much memory a node needs for the largest file that can be taken away of the log.

    cargo build --release && python3 benches/takeaway.py

Fills the log with ROWS rows, takes the CSV and the JSON lines of all of it, READERS of each at a
time, and compares the memory that the node holds at most (VmHWM) with what it held before. A file
that would be longer than allowed breaks off, as docs/logs.md says. Ends with 0 if the difference is at
most LIMIT MiB and every file has come as far as a file may.
"""
import os
import sys
import threading

import requests

import node
from node import Latchkey

ROWS = int(os.environ.get("ROWS", "10000000"))
READERS = int(os.environ.get("READERS", "2"))
LIMIT = float(os.environ.get("LIMIT", "200"))
# As docs/logs.md says.
FILE_ROWS_MAX = 1_000_000
# What was under way when it broke off.
LOST_MAX = 5_000

FILL = """
set synchronous_commit = off;
insert into log_texts (kind, value, seen_on) values (1, '/v1/documents', now()), (2, 'bench/1', now()),
    (3, 'a key', now()) on conflict do nothing;
insert into request_log (at, account_id, workspace_id, path_id, agent_id, name_id, credits,
    duration_us, status, code, method, surface, generation, key_id, request_id, ip)
select now() - n * interval '1 millisecond', w.account_id, w.id,
    (select id from log_texts where kind = 1 limit 1), (select id from log_texts where kind = 2 limit 1),
    (select id from log_texts where kind = 3 limit 1),
    1, 900, 200, 0, 1, 1, 1, k.id, 'req_' || lpad(to_hex(n), 16, '0'), '203.0.113.9'
from generate_series(1, {rows}) n, workspaces w, (select id from api_keys limit 1) k
where w.slug = 'default';
vacuum (analyze) request_log;
"""


def memory(latchkey, field):
    """MiB."""
    with open(f"/proc/{latchkey.process.pid}/status") as status:
        line = next(line for line in status if line.startswith(field))
    return int(line.split()[1]) / 1024


def take(session, address, lines):
    with session.get(address, stream=True) as answer:
        assert answer.status_code == 200, answer.status_code
        taken = 0
        try:
            for piece in answer.iter_content(1 << 16):
                taken += piece.count(b"\n")
        except requests.exceptions.ChunkedEncodingError:
            assert ROWS > FILE_ROWS_MAX, "broke off"
        lines.append(taken)


def main():
    with node.directory() as directory:
        latchkey = Latchkey(f"{directory}/data")
        try:
            latchkey.make_account()
            session = latchkey.signed_in()
            latchkey.make_key(session, "a key")
            latchkey.sql(FILL.format(rows=ROWS))
            failed = False
            before = memory(latchkey, "VmRSS")
            for kind in ("csv", "jsonl"):
                address = f"{latchkey.url['console']}/w/default/developers/logs.{kind}?range=30d"
                lines = []
                readers = [
                    threading.Thread(target=take, args=(session, address, lines))
                    for _ in range(READERS)
                ]
                for reader in readers:
                    reader.start()
                for reader in readers:
                    reader.join()
                more = memory(latchkey, "VmHWM") - before
                print(f"{READERS} × {kind} of {ROWS} rows: {lines} lines, {more:.0f} MiB more than "
                      f"{before:.0f} (at most {LIMIT:g})")
                enough = len(lines) == READERS and min(lines) >= min(ROWS, FILE_ROWS_MAX - LOST_MAX)
                failed = failed or more > LIMIT or not enough
        finally:
            latchkey.stop()
    sys.exit(failed)


if __name__ == "__main__":
    main()
