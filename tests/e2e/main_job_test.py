"""The main job: crawl, browse, run by table name, run again on new files only."""
import tenon
from tenon import DEMO_LAKE, Case

DELAYS = (tenon.SOURCE / "demo/delays.yaml").read_text()
QUAKES = (tenon.SOURCE / "demo/quakes.yaml").read_text()


class MainJob(Case):
    def month(self, month):
        self.copy(DEMO_LAKE / f"flights_csv/year=2013/month={month:02}",
                  f"lake/flights_csv/year=2013/month={month:02}")

    def day(self, day):
        self.copy(DEMO_LAKE / f"events_drift/dt={day}", f"lake/events_drift/dt={day}")

    def table(self, crawl, name):
        return next(t for t in crawl["tables"] if t["table"] == name)

    def test_a_second_run_reads_only_new_files(self):
        self.copy(DEMO_LAKE / "nyc_dims", "lake/nyc_dims")
        self.month(1)
        self.month(2)
        self.tenon.start()
        crawl = self.tenon.json("crawl", "lake", "--database", "nyc")
        self.assertEqual({t["table"] for t in crawl["tables"]},
                         {"nyc.flights_csv", "nyc.airlines", "nyc.airports"})
        self.assertTrue(all(t["outcome"] == "created" for t in crawl["tables"]))

        self.write("delays.yaml", DELAYS)
        self.tenon.run("job", "put", "delays.yaml")
        first = self.tenon.json("job", "run", "delays", "--wait")
        self.assertEqual(first["state"], "SUCCEEDED")
        flights = next(s for s in first["sources"] if s["node"] == "flights")
        self.assertEqual(flights["files_read"], 2)
        before = self.tenon.sql("SELECT count(*) AS n FROM nyc.delays")[0]["n"]
        direct = self.tenon.sql("SELECT count(*) AS n FROM nyc.flights_csv WHERE dep_delay > 60")[0]["n"]
        self.assertEqual(before, direct)
        self.assertGreater(before, 0)

        self.month(3)
        again = self.tenon.json("crawl", "lake", "--database", "nyc")
        self.assertEqual(again["objects_opened"], 1)
        self.assertEqual(self.table(again, "nyc.airlines")["outcome"], "unchanged")
        self.assertEqual(self.table(again, "nyc.flights_csv")["partitions_added"], 1)

        second = self.tenon.json("job", "run", "delays", "--wait")
        flights = next(s for s in second["sources"] if s["node"] == "flights")
        self.assertEqual(flights["files_read"], 1)
        self.assertEqual(flights["files_seen_before"], 2)
        after = self.tenon.sql("SELECT count(*) AS n FROM nyc.delays")[0]["n"]
        direct = self.tenon.sql("SELECT count(*) AS n FROM nyc.flights_csv WHERE dep_delay > 60")[0]["n"]
        self.assertEqual(after, direct)
        self.assertGreater(after, before)

        third = self.tenon.json("job", "run", "delays", "--wait")
        flights = next(s for s in third["sources"] if s["node"] == "flights")
        self.assertEqual(flights["files_read"], 0)
        self.assertEqual(self.tenon.sql("SELECT count(*) AS n FROM nyc.delays")[0]["n"], after)

    def test_drift_makes_a_version_and_choices_are_resolved(self):
        self.day("2018-01-31")
        self.tenon.start()
        self.tenon.run("crawl", "lake", "--database", "nyc")
        for day in ("2018-02-01", "2018-02-02", "2018-02-03", "2018-02-04", "2018-02-05", "2018-02-06", "2018-02-07"):
            self.day(day)
        crawl = self.tenon.json("crawl", "lake", "--database", "nyc")
        table = self.table(crawl, "nyc.events_drift")
        self.assertEqual((table["outcome"], table["version"], table["row_count"]), ("updated", 1, 1707))
        types = {c["name"]: c["type"] for c in table["columns"]}
        self.assertEqual(types["mag"], "choice<double,string>")
        self.assertEqual(types["place"], "string")
        self.assertEqual(types["sources"], "array<string>")
        self.assertEqual(set(types["tsunami"][7:-1].split(",")), {"boolean", "int"})
        unchanged = self.tenon.json("crawl", "lake", "--database", "nyc")
        self.assertEqual((self.table(unchanged, "nyc.events_drift")["outcome"], unchanged["objects_opened"]),
                         ("unchanged", 0))
        self.assertEqual(len(self.tenon.json("history", "nyc.events_drift")), 2)

        self.write("quakes.yaml", QUAKES)
        self.tenon.run("job", "put", "quakes.yaml")
        run = self.tenon.json("job", "run", "quakes", "--wait")
        self.assertEqual((run["state"], run["targets"][0]["rows"]), ("SUCCEEDED", 1707))
        rows = self.tenon.sql("SELECT count(*) AS n, count(DISTINCT dt) AS days, count(mag) AS mags, "
                              "count(tsunami) AS tsunamis FROM nyc.quakes")[0]
        self.assertEqual((rows["n"], rows["days"]), (1707, 8))
        self.assertEqual(rows["tsunamis"], 1707)


if __name__ == "__main__":
    tenon.main()
