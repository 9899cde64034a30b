"""SIGKILL at every step of a run: outputs exactly once, nothing half visible.

TENON_FAULT=<step> makes the program that reaches the step kill itself. Steps of
the worker come before the commit point, steps of the daemon around and after it.
"""
import signal
import time

import tenon
from tenon import DEMO_LAKE, Case

WORKER_STEPS = ("after-task", "after-begin-output", "mid-write", "after-stage", "before-commit", "after-commit")
DAEMON_STEPS = ("before-intent", "after-intent", "mid-publish", "after-publish", "before-success")

JOB = """
name: copy
plan:
  nodes:
    - {name: events, source: {database: d, table: events_drift}}
    - name: resolved
      inputs: [events]
      resolve_choice: {choice: "project:string"}
    - name: out
      inputs: [resolved]
      target: {database: d, table: copy, path: ./copy, partition_keys: [dt]}
"""


class Kill(Case):
    def prepare(self):
        for day in ("2018-01-31", "2018-02-01"):
            self.copy(DEMO_LAKE / f"events_drift/dt={day}", f"lake/events_drift/dt={day}")
        self.write("copy.yaml", JOB)
        self.tenon.start()
        self.tenon.run("crawl", "lake", "--database", "d")
        self.tenon.run("job", "put", "copy.yaml")
        self.expected = self.tenon.sql("SELECT count(*) AS n, count(DISTINCT id) AS ids FROM d.events_drift")
        self.assertGreater(self.expected[0]["n"], 100)

    def wait_for_open_runs(self):
        """A run that was queued when the daemon died is queued again by the next one."""
        deadline = time.monotonic() + tenon.PATIENCE_S
        while any(r["state"] in ("QUEUED", "RUNNING", "COMMITTING") for r in self.tenon.json("runs", "copy")):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)

    def finish_and_check(self):
        """Run until nothing is new; every row is there once, nothing else is."""
        self.wait_for_open_runs()
        for _ in range(2):
            run = self.tenon.json("job", "run", "copy", "--wait")
            self.assertEqual(run["state"], "SUCCEEDED")
        self.assertEqual(run["sources"][0]["files_read"], 0)
        self.assertEqual(self.tenon.sql("SELECT count(*) AS n, count(DISTINCT id) AS ids FROM d.copy"), self.expected)
        files = [p for p in (self.place / "copy").rglob("*") if p.is_file()]
        self.assertFalse([p for p in files if ".tenon-stage" in str(p)])
        partitions = self.tenon.json("partitions", "d.copy")
        self.assertEqual([p["values"] for p in partitions], [["2018-01-31"], ["2018-02-01"]])
        self.assertTrue(all(p.suffix == ".parquet" for p in files), files)

    def visible(self):
        return [p for p in (self.place / "copy").rglob("*") if p.is_file() and ".tenon-stage" not in str(p)]

    def test_the_worker_dies_at_every_step(self):
        self.prepare()
        for step in WORKER_STEPS:
            with self.subTest(step=step):
                self.tenon.stop()
                self.tenon.start(fault=step)
                done = self.tenon.run("job", "run", "copy", "--wait", check=False)
                if step != "after-commit":
                    self.assertEqual(done.returncode, 1, done.stderr)
                    self.assertEqual(self.visible(), [])
                self.tenon.stop()
                self.tenon.start()
        self.finish_and_check()

    def test_the_daemon_dies_at_every_step(self):
        for step in DAEMON_STEPS:
            with self.subTest(step=step):
                case = Kill("finish_and_check")
                case.setUp()
                try:
                    case.prepare()
                    case.tenon.stop()
                    case.tenon.start(fault=step)
                    case.tenon.run("job", "run", "copy", check=False)
                    self.assertEqual(case.tenon.wait_dead(), -9)
                    if step == "before-intent":
                        self.assertEqual(case.visible(), [])
                    case.tenon.start()
                    case.finish_and_check()
                finally:
                    case.doCleanups()

    def test_both_die_at_once_in_the_middle(self):
        self.prepare()
        self.tenon.stop()
        self.tenon.start(fault="mid-write")
        self.tenon.run("job", "run", "copy")
        self.tenon.stop(signal.SIGKILL)
        self.tenon.start()
        self.finish_and_check()


if __name__ == "__main__":
    tenon.main()
