#!/usr/bin/env python3
"""What the list of keys costs with 10,000 keys in a workspace, against 10, in one run.

    cargo build --release && python3 benches/list.py

Starts one node of the release binary on its private PostgreSQL, fills two workspaces with keys that
have a month of usage, and asks for the same pages of both in turns over one connection each. Prints
medians of the time from request to last byte. The default view may take twice its time with 10
keys; the slowest search, view, filter or sort five times the time of the default view with 10 keys.
KEYS and ROUNDS may be set.
"""
import gzip
import http.client
import os
import re
import statistics
import sys
import time
import urllib.parse

import node
from node import Latchkey
from node import OWNER
from node import PASSWORD
from node import hidden

KEYS = int(os.environ.get("KEYS", "10000"))
ROUNDS = int(os.environ.get("ROUNDS", "60"))
FEW, MANY = "few", "many"
DEFAULT_MAX, OTHERS_MAX = 2.0, 5.0

FILL = """
insert into workspaces (account_id, public_id, slug, name, created_at, developers)
select account_id, 'ws_' || substr(md5('{slug}'), 1, 12), '{slug}', '{slug}', created_at, developers
from workspaces where slug = 'default' on conflict do nothing;
insert into api_keys (account_id, id, workspace_id, name, name_folded, category, preset,
    preset_version, created_by, created_at, last_used_at, expires_at, disabled_at, revoked_at,
    requests_30d, operation)
select w.account_id, substr(md5('{slug}' || n), 1, 12), w.id,
    '{slug} Service ' || n, '{slug} service ' || n, (array['production', 'staging', ''])[n % 3 + 1],
    'full', 1, u.id, now() - n * interval '1 minute',
    case when n % 4 > 0 then now() - n * interval '17 minutes' end,
    case when n % 3 > 0 then now() + n * interval '3 hours' end,
    case when n % 50 = 1 then now() end, case when n % 20 = 2 then now() end,
    n * 37 % 90000, gen_random_uuid()
from workspaces w, users u, generate_series(1, {keys}) n where w.slug = '{slug}';
insert into key_secrets (account_id, key_id, generation, digest, pepper_version, last_four, created_at)
select account_id, id, 1, sha256(id::bytea), 1, substr(id, 9), created_at
from api_keys k where not exists (select from key_secrets s where s.key_id = k.id);
insert into usage_daily (account_id, workspace_id, key_id, day, requests, failed, credits)
select k.account_id, k.workspace_id, k.id, current_date - d, 100 + d, d, 0
from api_keys k join workspaces w on w.id = k.workspace_id, generate_series(0, 29) d
where w.slug = '{slug}';
"""


def fill(latchkey):
    sql = "".join(FILL.format(slug=slug, keys=keys) for slug, keys in ((FEW, 10), (MANY, KEYS)))
    latchkey.sql(f"begin; {sql} commit; vacuum analyze;")


class Visitor:
    def __init__(self, host):
        self.host, self.cookies = host, {}
        self.connection = http.client.HTTPConnection(host)

    def ask(self, method, path, fields=None):
        headers = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "Sec-Fetch-Site": "same-origin", "Origin": f"http://{self.host}",
        }
        body = urllib.parse.urlencode(fields) if fields else None
        if body:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        began = time.perf_counter()
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        text = answer.read()
        took = time.perf_counter() - began
        for header, value in answer.getheaders():
            if header.lower() == "set-cookie":
                name, _, value = value.split(";")[0].partition("=")
                self.cookies[name] = value
        return answer.status, text.decode(), took * 1000

    def sign_in(self):
        page = self.ask("GET", "/sign-in/acme")[1]
        fields = {"csrf": hidden(page, "csrf"), "email": OWNER, "password": PASSWORD}
        assert self.ask("POST", "/sign-in/acme", fields)[0] == 303


def queries(visitor):
    page = visitor.ask("GET", f"/w/{MANY}/developers/keys?q=service+42")[1]
    found = re.search(r"lk_([0-9A-Za-z]{12})_••••(\w{4})", page)
    views = [f"view={view}" for view in ("attention", "disabled", "ended", "all")]
    sorts = ["name", "-name", "-requests", "expires", "-created", "last-used"]
    filters = ["status=active", "category=staging", "expires=7d", "idle=never", "scope=full"]
    searches = [
        "service 42", "service", "nothing like it", "ice 9", "a@acme", found[1], found[2], found[0],
    ]
    searches = ["q=" + urllib.parse.quote(text) for text in searches]
    others = views + [f"sort={sort}" for sort in sorts] + filters
    return others, searches


def measure(visitor, query):
    """Medians of the query with few keys and with many, and the latter against the default view."""
    asked = [(FEW, query), (MANY, query), (FEW, "")]
    times = [[] for _ in asked]
    for round_ in range(ROUNDS + 3):
        for (slug, query), taken in list(zip(asked, times))[:: 1 if round_ % 2 else -1]:
            status, page, took = visitor.ask("GET", f"/w/{slug}/developers/keys?{query}")
            assert status == 200, page
            if round_ >= 3:
                taken.append(took)
    few, many, default = map(statistics.median, times)
    return few, many, many / default


def main():
    with node.directory() as directory:
        latchkey = Latchkey(f"{directory}/data")
        try:
            latchkey.make_account()
            fill(latchkey)
            visitor = Visitor(urllib.parse.urlsplit(latchkey.url["console"]).netloc)
            visitor.sign_in()
            others, searches = queries(visitor)
            few, many, ratio = measure(visitor, "")
            failed = ratio > DEFAULT_MAX
            print(f"{'':34} {'10':>8} {KEYS:>8}  of default with 10")
            print(f"{'the default view':34} {few:7.2f}  {many:7.2f}   {ratio:.2f}")
            worst = {}
            for kind, asked in (("view, sort or filter", others), ("search", searches)):
                for query in asked:
                    few, many, ratio = measure(visitor, query)
                    worst[kind] = max(worst.get(kind, 0), ratio)
                    words = urllib.parse.unquote(query)
                    print(f"{words:34} {few:7.2f}  {many:7.2f}   {ratio:.2f}")
            for kind, ratio in worst.items():
                failed = failed or ratio > OTHERS_MAX
                print(f"slowest {kind}: {ratio:.2f} (at most {OTHERS_MAX})")
            for rows in (25, 50):
                page = visitor.ask("GET", f"/w/{MANY}/developers/keys?limit={rows}")[1].encode()
                print(f"{rows} rows: {len(page)} bytes, {len(gzip.compress(page))} gzipped")
        finally:
            latchkey.stop()
    sys.exit(failed)


if __name__ == "__main__":
    main()
