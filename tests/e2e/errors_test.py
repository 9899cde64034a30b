"""Bad input fails alone, says where and what to do, and takes nothing with it."""
import gzip
import json
import signal
import subprocess

import tenon
from tenon import BIN, DEMO_LAKE, Case


class BadFiles(Case):
    def lake(self):
        self.copy(DEMO_LAKE / "nyc_dims/airports", "lake/airports")
        whole = gzip.compress(b'{"a":1}\n' * 100000)
        self.write("lake/cut/cut.json.gz", whole[: len(whole) // 2])
        self.write("lake/fake/fake.parquet", b"PAR1" + b"\xff" * 100 + b"\xff\xff\xff\x7f" + b"PAR1")
        self.write("lake/noise/noise.bin", bytes(range(256)) * 64)
        self.write("lake/deep/deep.json", b"[" * 100000)
        self.write("lake/quote/quote.csv", b"id,name\n" + b"1,ok\n" * 10 + b'2,"open\n' + b"3,fine\n" * 10)
        self.write("lake/good/good.json", '{"a":1}\n{"a":2}\n{oops}\n{"a":"x"}\n')

    def test_a_crawl_survives_every_bad_file(self):
        self.lake()
        self.tenon.start()
        crawl = self.tenon.json("crawl", "lake", "--database", "d")
        tables = {t["table"]: t for t in crawl["tables"]}
        self.assertEqual(tables["d.airports"]["row_count"], 1458)
        self.assertEqual((tables["d.good"]["row_count"], tables["d.good"]["bad_records"]), (3, 1))
        self.assertEqual(tables["d.good"]["bad"][0]["byte"], 16)
        failed = {f["path"].rsplit("/", 1)[-1]: f for f in crawl["failed"]}
        for name in ("cut.json.gz", "fake.parquet", "noise.bin", "deep.json"):
            self.assertIn(name, failed)
            self.assertTrue(failed[name]["error"], name)
        self.assertRegex(failed["cut.json.gz"]["error"], r"byte \d+")
        # And the daemon is well.
        self.assertEqual(self.tenon.json("crawl", "lake", "--database", "d")["tables_unchanged"], len(tables))

    def test_refusals_say_what_to_do(self):
        self.tenon.start()
        rows = [
            (("show", "no.table"), 1, "no"), (("crawl", "/no/such/place", "--database", "d"), 1, "/no/such/place"),
            (("shwo", "x.y"), 2, "show"), (("crawl",), 2, "PATH"), (("job", "run", "missing", "--wait"), 1, "missing"),
            (("sql", "SELEC 1"), 1, "SELEC"), (("sql", "SELECT * FROM no.table"), 1, "no database 'no'"),
            (("tables", "nowhere"), 1, "nowhere"), (("run", "show", "zzz"), 1, "zzz"),
        ]
        for words, code, said in rows:
            with self.subTest(words=words):
                done = self.tenon.run(*words, check=False)
                self.assertEqual(done.returncode, code, done.stdout + done.stderr)
                self.assertIn(said, done.stderr)
                self.assertLess(done.stderr.count("\n"), 12)

    def test_without_a_daemon_the_error_names_the_address(self):
        done = self.tenon.run("tables", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn(self.tenon.address, done.stderr)
        self.assertIn("tenond", done.stderr)

    def test_a_second_daemon_on_the_same_data_is_refused(self):
        self.tenon.start()
        second = subprocess.run([BIN / "tenond", "--data", self.place / "data", "--listen", f"unix:{self.place}/t"],
                                capture_output=True, text=True, timeout=60)
        self.assertNotEqual(second.returncode, 0)
        self.assertIn(str(self.tenon.daemon.pid), second.stderr)

    def test_sigterm_drains_and_the_next_start_is_clean(self):
        self.tenon.start()
        self.tenon.run("database", "create", "kept")
        self.assertEqual(self.tenon.stop(signal.SIGTERM), 0)
        self.tenon.start()
        self.assertEqual([d["name"] for d in self.tenon.json("databases")], ["kept"])

    def test_a_job_that_fails_leaves_nothing(self):
        self.copy(DEMO_LAKE / "events_drift/dt=2018-01-31", "lake/e/dt=2018-01-31")
        self.copy(DEMO_LAKE / "events_drift/dt=2018-02-03", "lake/e/dt=2018-02-03")
        self.tenon.start()
        self.tenon.run("crawl", "lake", "--database", "d")
        self.write("j.json", json.dumps({"name": "j", "plan": {"nodes": [
            {"name": "s", "source": {"database": "d", "table": "e"}},
            {"name": "t", "inputs": ["s"], "target": {"path": "./out"}}]}}))
        self.tenon.run("job", "put", "j.json")
        done = self.tenon.run("job", "run", "j", "--wait", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("resolve_choice", done.stdout + done.stderr)
        self.assertFalse([p for p in (self.place / "out").rglob("*") if p.is_file()])


if __name__ == "__main__":
    tenon.main()
