"""Plans and commits that do not fit into one message come in parts, and do the same."""
import tenon
from tenon import Case

DAYS, FILES, SMALL = 40, 5, "600"
JOB = """
name: copy
plan:
  nodes:
    - name: s
      source: {database: d, table: events}
    - name: t
      inputs: [s]
      target: {database: d, table: copied, path: PLACE/copied, partition_keys: [dt]}
"""


class Parts(Case):
    def day(self, day, files=FILES):
        for i in range(files):
            self.write(f"lake/events/dt=2024-01-{day:03}/part-{i}.csv", f"id,name\n{day * 100 + i},n{i}\n")

    def outcome(self, **environment):
        """What the catalog knows after crawls and runs that add, change and lose files."""
        self.tenon.start(**environment)
        for day in range(DAYS):
            self.day(day)
        self.write("lake/events/.hidden", "x")
        self.write("lake/broken/a.parquet", b"PAR1 broken")
        seen = []
        result = lambda crawl: [crawl[k] for k in ("tables_created", "tables_updated", "tables_unchanged",
                                                   "objects_listed", "objects_opened", "partitions_added")
                                if k in crawl] + [(t["table"], t["outcome"]) for t in crawl.get("tables", [])]
        seen.append(result(self.tenon.json("crawl", "lake", "--database", "d")))
        seen.append(result(self.tenon.json("crawl", "lake", "--database", "d")))
        self.write("job.yaml", JOB.replace("PLACE", str(self.place)))
        self.tenon.run("job", "put", "job.yaml")
        read = lambda run: (run["state"], run["sources"][0]["files_read"], run["targets"][0].get("partitions_added"))
        seen.append(read(self.tenon.json("job", "run", "copy", "--wait")))
        seen.append(self.tenon.sql("SELECT count(*) AS n, sum(id) AS s FROM d.copied")[0])
        self.day(DAYS)
        (self.place / "lake/events/dt=2024-01-000/part-0.csv").unlink()
        seen.append(result(self.tenon.json("crawl", "lake", "--database", "d")))
        seen.append(read(self.tenon.json("job", "run", "copy", "--wait")))
        seen.append(self.tenon.sql("SELECT count(*) AS n, count(DISTINCT dt) AS d FROM d.copied")[0])
        self.tenon.stop()  # what ends waits for the sweep
        kept = self.place / "data/parts"
        self.assertEqual(list(kept.iterdir()) if kept.exists() else [], [])
        return seen

    def test_parts_do_what_one_message_does(self):
        whole = self.outcome()
        self.tenon.close()
        self.setUp()
        self.assertEqual(self.outcome(TENON_PART_BYTES=SMALL), whole)
        self.assertEqual(whole[2][:2], ("SUCCEEDED", DAYS * FILES))
        self.assertIn(("d.events", "updated"), whole[4])
        self.assertEqual(whole[5][:2], ("SUCCEEDED", FILES))

    def test_a_plan_with_more_parts_than_may_be_is_refused_and_changes_nothing(self):
        for day in range(4):
            self.day(day, 300)
        self.tenon.start(TENON_PART_BYTES="1")
        run = self.tenon.run("crawl", "lake", "--database", "d", check=False)
        self.assertNotEqual(run.returncode, 0)
        self.assertIn("1024 are the most", run.stderr + run.stdout)
        self.assertEqual(self.tenon.run("show", "d.events", check=False).returncode != 0, True)


tenon.main()
