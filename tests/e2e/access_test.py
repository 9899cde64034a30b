"""A daemon that must know who calls, by the real command line: tokens, grants, runs in
their starter's name, and what the audit log says of it."""
import json
import os
import time
import unittest

from tenon import BIN, Failed, Tenon
import subprocess


class Access(unittest.TestCase):
    def setUp(self):
        self.tenon = Tenon()
        self.addCleanup(self.tenon.close)
        self.start()

    def start(self, *arguments):
        tenon = self.tenon
        tenon.log = open(tenon.place / "tenond.log", "ab")
        tenon.daemon = subprocess.Popen(
            [BIN / "tenond", "--data", tenon.place / "data", "--listen", tenon.address,
             *(arguments or ["--auth"])],
            stdout=subprocess.PIPE, stderr=tenon.log, env={**os.environ})
        line = tenon.daemon.stdout.readline().decode()
        self.assertIn("ready", line, (tenon.place / "tenond.log").read_text())

    def run_as(self, who, *words, fails=None):
        """Output of the command with this token file (None: without one)."""
        environment = {**os.environ, "TENON_ADDRESS": self.tenon.address, "NO_COLOR": "1"}
        for name in ("TENON_TOKEN", "TENON_TOKEN_FILE"):
            environment.pop(name, None)
        if who:
            environment["TENON_TOKEN_FILE"] = str(who)
        done = subprocess.run([BIN / "tenon", *map(str, words)], env=environment, text=True,
                              capture_output=True, timeout=120)
        if fails is None:
            if done.returncode != 0:
                raise Failed(words, done.returncode, done.stdout, done.stderr)
            return done.stdout
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn(fails, done.stderr)
        return done.stderr

    @property
    def admin(self):
        return self.tenon.place / "data/administrator.token"

    def token(self, principal, *more):
        file = self.tenon.place / f"{principal}.token"
        file.write_text(self.run_as(self.admin, "token", "create", principal, *more))
        return file

    def lake(self):
        folder = self.tenon.place / "lake/orders"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "a.csv").write_text("id,amount\n1,2.50\n2,3.75\n")
        return folder.parent

    def test_the_first_administrator_is_for_the_daemons_user_alone(self):
        self.assertEqual(self.admin.stat().st_mode & 0o777, 0o600)
        self.run_as(None, "databases", fails="this daemon must know who calls")
        self.assertIn("admin", self.run_as(self.admin, "whoami"))
        self.assertNotIn(self.admin.read_text().strip(),
                         (self.tenon.place / "tenond.log").read_text())
        first = self.admin.read_text()
        self.tenon.stop()
        self.start()
        self.assertEqual(self.admin.read_text(), first)
        self.run_as(self.admin, "whoami")

    def test_the_secret_is_nowhere_in_the_store(self):
        alice = self.token("alice")
        secret = alice.read_text().strip()
        self.run_as(alice, "whoami")
        self.tenon.stop()
        digits = secret.rsplit("_", 1)[1]
        for file in (self.tenon.place / "data").rglob("*"):
            if file.is_file() and file != self.admin:
                self.assertNotIn(digits.encode(), file.read_bytes(), file)

    def test_a_crawl_and_a_job_act_in_the_name_of_who_started_them(self):
        alice = self.token("alice")
        lake = self.lake()
        self.run_as(alice, "crawl", lake, "--database", "lake", fails="may not crawl")
        self.run_as(self.admin, "grant", "add", "alice", "crawl,read", "lake")
        self.run_as(alice, "crawl", lake, "--database", "lake")
        history = json.loads(self.run_as(alice, "history", "lake.orders", "--json"))
        self.assertEqual(history[0]["author"], "alice")
        self.assertIn("crawl ", history[0]["reason"])

        plan = self.tenon.place / "copy.yaml"
        plan.write_text("name: copy\nplan:\n  nodes:\n"
                        "    - {name: in, source: {database: lake, table: orders}}\n"
                        "    - {name: out, inputs: [in], target: {database: lake,"
                        f" table: copied, path: {self.tenon.place}/copied}}}}\n")
        self.run_as(self.admin, "job", "put", plan)
        self.run_as(alice, "job", "run", "copy", fails="may not run 'job/copy'")
        self.run_as(self.admin, "grant", "add", "alice", "run", "job/copy")
        self.run_as(alice, "job", "run", "copy", "--wait",
                    fails="the job names files by their path")
        self.run_as(self.admin, "grant", "add", "alice", "write", "*")
        self.run_as(alice, "job", "run", "copy", "--wait")
        history = json.loads(self.run_as(alice, "history", "lake.copied", "--json"))
        self.assertEqual(history[0]["author"], "alice")
        self.assertIn("run ", history[0]["reason"])
        self.assertEqual(self.run_as(self.admin, "fsck").count("no problem"), 1)

    def test_a_run_is_not_there_for_who_may_not_see_it(self):
        bob = self.token("bob")
        self.run_as(self.admin, "crawl", self.lake(), "--database", "lake")
        run = json.loads(self.run_as(self.admin, "runs", "--json"))[0]["id"]
        self.assertEqual(json.loads(self.run_as(bob, "runs", "--json")), [])
        self.run_as(bob, "run", "show", run, fails="no such run")
        self.run_as(bob, "logs", run, fails="no such run")
        self.run_as(self.admin, "grant", "add", "bob", "read", "lake")
        self.assertIn(run, self.run_as(bob, "run", "show", run))

    def test_a_token_tells_when_it_was_used_last(self):
        alice = self.token("alice")
        before = time.time()
        self.run_as(alice, "whoami")
        self.tenon.stop()
        self.start()
        used = int(json.loads(self.run_as(self.admin, "tokens", "alice", "--json"))[0]
                   ["last_used_time_us"]) / 1e6
        self.assertEqual(used % 60, 0)
        self.assertLess(abs(before - used), 121)

    def test_grants_that_an_import_brings_are_in_force_at_once(self):
        alice = self.token("alice")
        self.run_as(self.admin, "grant", "add", "alice", "read", "sales")
        exported = self.tenon.place / "all.jsonl"
        self.run_as(self.admin, "export", exported)
        other = Access(methodName="run")
        other.tenon = Tenon()
        self.addCleanup(other.tenon.close)
        other.start()
        other.run_as(alice, "whoami", fails="not one that this daemon knows")
        other.run_as(other.admin, "import", exported)
        self.assertIn("sales.*", other.run_as(alice, "whoami"))
        self.assertIn("alice", other.run_as(other.admin, "tokens"))

    def test_secrets_of_connections_are_for_administrators(self):
        bob = self.token("bob")
        file = self.tenon.place / "c.yaml"
        file.write_text("name: warehouse\ntype: JDBC\nproperties: {PASSWORD: hunter2}\n")
        self.run_as(self.admin, "connection", "put", file)
        self.run_as(bob, "connection", "show", "warehouse", fails="may not read")
        self.assertNotIn("warehouse", self.run_as(bob, "connections"))
        self.run_as(self.admin, "grant", "add", "bob", "read", "connection/*")
        self.assertIn("***", self.run_as(bob, "connection", "show", "warehouse"))
        self.run_as(bob, "connection", "show", "warehouse", "--with-secrets",
                    fails="may not administer 'connection/warehouse'")
        self.assertIn("hunter2", self.run_as(
            self.admin, "connection", "show", "warehouse", "--with-secrets"))

    def test_the_audit_log_says_who_did_what_and_who_was_refused(self):
        alice = self.token("alice")
        self.run_as(self.admin, "database", "create", "sales")
        self.run_as(alice, "show", "sales.pay", fails="may not read 'sales.pay'")
        self.run_as(None, "tables", fails="must know who calls")
        deadline = time.monotonic() + 30
        denied = []
        while len(denied) < 2 and time.monotonic() < deadline:
            denied = json.loads(self.run_as(self.admin, "audit", "--kind", "denied", "--json"))
            time.sleep(0.2)
        self.assertEqual({(entry["principal"], entry["resource"]) for entry in denied},
                         {("alice", "sales.pay"), ("", "")})
        self.run_as(alice, "audit", fails="may not administer everything")
        used = json.loads(self.run_as(self.admin, "tokens", "alice", "--json"))
        self.assertEqual(len(used), 1)

    def test_without_auth_everybody_here_is_the_administrator(self):
        self.tenon.stop()
        self.start("--audit", "writes")
        self.assertIn("local", self.run_as(None, "whoami"))
        self.run_as(None, "database", "create", "sales")
        written = json.loads(self.run_as(None, "audit", "--json"))
        self.assertEqual(written[0]["principal"], "local")
        self.assertEqual(written[0]["resource"], "sales.*")


if __name__ == "__main__":
    unittest.main()
