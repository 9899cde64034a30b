"""A file that cannot be read to its end is set aside, said so, and read when it is mended."""
import gzip
import random

import tenon
from tenon import Case

JOB = """
name: copy
plan:
  nodes:
    - name: orders
      source: {database: d, table: orders%s}
    - name: out
      inputs: [orders]
      target: {database: d, table: out, path: ./out}
"""


def orders(day, rows):
    """Random enough that gzip gives many blocks."""
    numbers = random.Random(day)
    return ("id,price\n" + "".join(f"{day * 1000000 + i},{numbers.random()}\n" for i in range(rows))).encode()


class BadInput(Case):
    def put(self, day, data):
        return self.write(f"lake/orders/day={day}/a.csv.gz", data)

    def start(self, more=""):
        for day in (1, 2):
            self.put(day, gzip.compress(orders(day, 50000)))
        self.tenon.start()
        self.tenon.run("crawl", "lake", "--database", "d")
        self.write("copy.yaml", JOB % more)
        self.tenon.run("job", "put", "copy.yaml")

    def rows(self, table="out"):
        return self.tenon.sql(f"SELECT count(*) AS n, count(DISTINCT id) AS ids FROM d.{table}")[0]

    def run_job(self):
        run = self.tenon.json("job", "run", "copy", "--wait")
        self.assertEqual(run["state"], "SUCCEEDED")
        return run, run["sources"][0]

    def test_a_truncated_file_is_set_aside_and_read_when_mended(self):
        self.start()
        whole = gzip.compress(orders(2, 50000))
        self.put(2, whole[: len(whole) // 2])
        run, source = self.run_job()
        self.assertEqual((source["files_read"], source["set_aside_count"]), (1, 1))
        self.assertRegex(source["set_aside"][0], r"day=2/a\.csv\.gz.*byte \d+")
        self.assertEqual(run["targets"][0]["rows"], 50000)
        self.assertEqual(self.rows(), {"n": 50000, "ids": 50000})
        # Still broken: still said, nothing doubled.
        run, source = self.run_job()
        self.assertEqual((source["files_read"], source["set_aside_count"]), (0, 1))
        self.assertEqual(self.rows(), {"n": 50000, "ids": 50000})
        self.put(2, whole)
        run, source = self.run_job()
        self.assertEqual((source["files_read"], source.get("set_aside_count", 0)), (1, 0))
        self.assertEqual(self.rows(), {"n": 100000, "ids": 100000})

    def test_what_people_read_names_the_file(self):
        self.start()
        whole = gzip.compress(orders(2, 50000))
        self.put(2, whole[: len(whole) // 2])
        said = self.tenon.run("job", "run", "copy", "--wait").stdout
        self.assertIn("1 file set aside", said)
        self.assertIn("day=2/a.csv.gz", said)
        query = self.tenon.run("sql", "SELECT count(*) FROM d.orders", check=False)
        self.assertEqual(query.returncode, 1)
        self.assertRegex(query.stderr, r"day=2/a\.csv\.gz.*byte \d+.*exclusions")

    def test_a_source_without_a_bookmark_fails_and_says_what_to_do(self):
        self.start(", bookmark_off: true")
        whole = gzip.compress(orders(2, 50000))
        self.put(2, whole[: len(whole) // 2])
        done = self.tenon.run("job", "run", "copy", "--wait", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stdout + done.stderr, r"day=2/a\.csv\.gz.*byte \d+.*exclusions")
        self.assertFalse(list((self.place / "out").rglob("*.parquet")))

    def test_a_file_of_another_format_is_not_read_as_nulls(self):
        self.start()
        self.write("lake/orders/day=2/b.json", '{"id": 1, "price": 2.5}\n' * 1000)
        self.write("lake/orders/day=2/c.parquet", b"PAR1" + bytes(range(256)) * 40 + b"PAR1")
        run, source = self.run_job()
        self.assertEqual(source["files_read"], 2, source)
        self.assertEqual(source["set_aside_count"], 2)
        self.assertEqual(self.rows(), {"n": 100000, "ids": 100000})

    def test_a_corrupt_parquet_file_is_set_aside(self):
        self.start()
        self.run_job()
        self.write("again.yaml", JOB.replace("copy", "again").replace("d, table: orders%s", "d, table: out")
                   .replace("table: out, path: ./out", "table: twice, path: ./twice"))
        self.write("out/zzz.parquet", b"PAR1" + b"\xff" * 100 + b"\xff\xff\xff\x7f" + b"PAR1")
        self.tenon.run("job", "put", "again.yaml")
        run = self.tenon.json("job", "run", "again", "--wait")
        self.assertEqual(run["state"], "SUCCEEDED")
        self.assertEqual(run["sources"][0]["set_aside_count"], 1)
        self.assertIn("zzz.parquet", run["sources"][0]["set_aside"][0])
        self.assertEqual(self.rows("twice"), {"n": 100000, "ids": 100000})

    def test_what_a_crawl_excluded_no_job_reads(self):
        self.put(1, gzip.compress(orders(1, 100)))
        self.write("lake/orders/day=1/b.tmp", orders(7, 100))
        self.tenon.start()
        self.tenon.run("crawl", "lake", "--database", "d", "--exclude", "**.tmp")
        self.assertEqual(self.rows("orders"), {"n": 100, "ids": 100})
        self.write("copy.yaml", JOB % "")
        self.tenon.run("job", "put", "copy.yaml")
        run, source = self.run_job()
        self.assertEqual((source["files_listed"], source["files_read"]), (1, 1))

    def test_a_path_of_mixed_formats_is_refused(self):
        self.write("mixed/a.csv", orders(1, 100))
        self.write("mixed/b.json", '{"id": 1}\n' * 100)
        self.tenon.start()
        self.write("copy.yaml", (JOB % "").replace("database: d, table: orders", "path: ./mixed"))
        self.tenon.run("job", "put", "copy.yaml")
        done = self.tenon.run("job", "run", "copy", "--wait", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stdout + done.stderr, r"mixed/b\.json.*json.*csv")


if __name__ == "__main__":
    tenon.main()
