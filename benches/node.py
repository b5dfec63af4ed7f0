"""A node of the release binary, for the benches in Python beside this file. Imported, not run.

LATCHKEY_BIN names another binary, PSQL the client that fills the database.
"""
import contextlib
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.parse

import requests

BINARY = os.environ.get("LATCHKEY_BIN", "target/release/latchkey")
OWNER, PASSWORD = "a@acme.example", "nine violet lanterns hum"
STOPS_WITHIN_S = 60
# Alike on all nodes of a run.
SECRETS = {
    "LATCHKEY_SECRET_KEY": "a secret key of the bench, long enough",
    "LATCHKEY_PEPPER": "a pepper of the bench, long enough",
}


class Latchkey:
    """Runs from its making to `stop`, on free ports; without `database` on a PostgreSQL of its own."""

    def __init__(self, data, name="node", database=None, **variables):
        names = ("LATCHKEY_LISTEN", "LATCHKEY_API_LISTEN", "LATCHKEY_GATEWAY_LISTEN")
        self.data = data
        self.environment = dict(os.environ, LATCHKEY_DATA_DIR=data, LATCHKEY_LOG="error")
        self.environment.update({name: "127.0.0.1:0" for name in names})
        self.environment.update(SECRETS, LATCHKEY_NODE_NAME=name, **variables)
        self.environment.pop("DATABASE_URL", None)
        if database:
            self.environment["DATABASE_URL"] = database
        self.process = subprocess.Popen(
            [BINARY], env=self.environment, stdout=subprocess.PIPE, text=True
        )
        self.url = {}
        for line in self.process.stdout:
            if line == "ready\n":
                return
            name, found, url = line.strip().partition(" listening on ")
            if found:
                self.url[name] = url
        sys.exit("latchkey did not start")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(STOPS_WITHIN_S)

    def command(self, *arguments, text=""):
        """The first line that a command of the same installation prints."""
        done = subprocess.run(
            [BINARY, *arguments], env=self.environment, input=text, text=True, check=True,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )
        return done.stdout.splitlines()[0]

    def make_account(self):
        self.command(
            "account", "create", "--domain", "acme", "--name", "Acme", "--owner-email", OWNER,
            "--password-stdin", text=PASSWORD,
        )

    def database(self):
        """The private PostgreSQL, for other nodes."""
        folder = urllib.parse.quote(str(self.socket()), safe="")
        return f"postgresql://latchkey@{folder}:5432/latchkey"

    def socket(self):
        return next(pathlib.Path(self.data).rglob(".s.PGSQL.5432")).parent

    def sql(self, text):
        psql = os.environ.get("PSQL") or shutil.which("psql") or str(
            max(pathlib.Path("/usr/lib/postgresql").glob("*/bin/psql")))
        done = subprocess.run(
            [psql, "-qXAt", "-v", "ON_ERROR_STOP=1", "-h", str(self.socket()), "-U", "latchkey",
             "latchkey"],
            input=text, text=True, check=True, stdout=subprocess.PIPE,
        )
        return done.stdout

    def signed_in(self):
        session = requests.Session()
        session.headers["Origin"] = self.url["console"]
        address = self.url["console"] + "/sign-in/acme"
        page = session.get(address).text
        fields = {"csrf": hidden(page, "csrf"), "email": OWNER, "password": PASSWORD}
        assert session.post(address, data=fields, allow_redirects=False).status_code == 303
        return session

    def make_key(self, session, name):
        """Its secret."""
        address = self.url["console"] + "/w/default/developers/keys/new"
        page = session.get(address).text
        fields = {
            "csrf": hidden(page, "csrf"), "operation": hidden(page, "operation"),
            "name": name, "scope": "full", "expires": "90d",
        }
        page = session.post(address, data=fields).text
        return re.search(r'id="secret"[^>]*>([^<]+)<', page).group(1)


def hidden(page, name):
    return re.search(rf'name="{name}" value="([^"]+)"', page).group(1)


@contextlib.contextmanager
def directory():
    """For the data of nodes. PostgreSQL, which runs as somebody else for root, must get into it."""
    with tempfile.TemporaryDirectory(prefix="lk") as path:
        pathlib.Path(path).chmod(0o755)
        yield path
