"""Which versions stay, and what was dropped comes back: a real daemon."""
import time

from tenon import Case, Tenon, main


class Versions(Case):
    def setUp(self):
        super().setUp()
        self.tenon.start()
        self.tenon.run("database", "create", "d")

    def put(self, *arguments, about=0, columns="{name: a, type: int}"):
        file = self.write("t.yaml", f"database: d\nname: t\ndescription: 'about {about}'\n"
                                    f"storage:\n  location: ./t\n  columns: [{columns}]\n")
        return self.tenon.json("table", "put", file, *arguments)

    def versions(self):
        return [v.get("version", 0) for v in self.tenon.json("history", "d.t")]

    def wait_for(self, expected):
        deadline = time.monotonic() + 20
        while self.versions() != expected and time.monotonic() < deadline:
            time.sleep(0.05)
        self.assertEqual(self.versions(), expected)

    def fails(self, *arguments):
        done = self.tenon.run(*arguments, check=False)
        self.assertEqual(done.returncode, 1, done.stdout)
        return done.stderr + done.stdout

    def clean(self):
        self.assertEqual(self.tenon.json("fsck")["problems"], [])

    def test_retention_removes_what_is_neither_pinned_nor_new(self):
        for i in range(8):
            self.put(about=i)
        self.tenon.run("pin", "d.t", "1", "--label", "first report")
        self.assertIn("pinned as first report", self.tenon.run("history", "d.t").stdout)
        self.assertIn("is pinned", self.fails("version", "delete", "d.t", "1"))
        self.tenon.run("version", "delete", "d.t", "2")
        self.assertEqual(self.versions(), [7, 6, 5, 4, 3, 1, 0])
        self.tenon.run("retention", "d.t", "--versions", "3")
        self.wait_for([7, 6, 5, 1])
        self.clean()
        old = self.tenon.json("show", "d.t", "--version", "1")
        self.assertEqual(old["description"], "about 1")
        self.tenon.run("unpin", "d.t", "1")
        self.tenon.run("retention", "--versions", "2")
        self.assertTrue(self.tenon.json("retention", "d.t")["own"])
        self.tenon.run("retention", "d.t", "--clear")
        self.wait_for([7, 6])
        kinds = {c["kind"] for c in self.tenon.json("changes", "d.t")}
        self.assertLessEqual({"version_pinned", "version_unpinned", "versions_deleted"}, kinds)

    def test_a_skipped_archive_moves_the_number_and_keeps_no_version(self):
        self.put()
        answer = self.put("--skip-archive", about=1)
        self.assertEqual(answer["table"]["version"], 1)
        self.assertEqual(self.versions(), [1])
        same = self.put("--skip-archive", about=1)
        self.assertFalse(same.get("changed", False))
        self.assertEqual(self.versions(), [1])
        self.put(about=2)
        self.assertEqual(self.versions(), [2, 1])
        self.assertIn("no version 0", self.fails("show", "d.t", "--version", "0"))
        self.clean()


    def test_a_dropped_table_comes_back_as_it_was(self):
        self.put()
        self.put(about=1)
        self.tenon.run("pin", "d.t", "0", "--label", "first")
        self.tenon.run("tag", "table/d/t", "owner=shop")
        self.tenon.run("table", "drop", "d.t")
        self.assertEqual(self.tenon.json("tables", "d"), [])
        self.assertEqual(self.tenon.json("search", "about"), [])
        listed = self.tenon.json("dropped")
        self.assertEqual([(x["database"], x["table"]) for x in listed], [("d", "t")])
        self.assertRegex(self.tenon.run("dropped").stdout, "[67] days")
        self.clean()
        self.put(about=2)
        self.assertIn("give a new name", self.fails("undrop", "d.t"))
        self.assertEqual(self.versions(), [0])
        self.tenon.run("undrop", "d.t", "--as", "before")
        back = self.tenon.json("history", "d.before")
        self.assertEqual([(v.get("version", 0), v.get("label", "")) for v in back],
                         [(1, ""), (0, "first")])
        self.assertEqual(self.tenon.json("tags", "table/d/before")["tags"], {"owner": "shop"})
        self.assertEqual(self.tenon.json("dropped"), [])
        self.assertIn("can be had back", self.fails("undrop", "d.t"))
        self.clean()

    def test_a_dropped_database_comes_back_with_its_tables_until_it_is_purged(self):
        self.put()
        self.tenon.run("database", "drop", "d", "--cascade")
        self.tenon.run("database", "create", "d")
        self.assertIn("give a new name", self.fails("undrop", "d"))
        self.tenon.run("undrop", "d", "--as", "e")
        self.assertEqual([t["name"] for t in self.tenon.json("tables", "e")], ["t"])
        self.clean()
        self.tenon.run("database", "drop", "e", "--cascade")
        self.assertEqual([(x["database"], x["tables"]) for x in self.tenon.json("dropped")],
                         [("e", 1)])
        self.tenon.run("retention", "--dropped", "1s")
        deadline = time.monotonic() + 90
        while self.tenon.json("dropped") and time.monotonic() < deadline:
            time.sleep(0.5)
            self.tenon.run("retention", "--dropped", "1s")  # wakes the chore
        self.assertEqual(self.tenon.json("dropped"), [])
        self.assertIn("can be had back", self.fails("undrop", "e"))
        self.clean()


    def test_what_was_dropped_and_pinned_travels_with_an_export(self):
        self.put()
        self.put(about=1)
        self.tenon.run("pin", "d.t", "0", "--label", "first")
        self.tenon.run("retention", "d.t", "--versions", "5")
        self.tenon.run("database", "drop", "d", "--cascade")
        self.tenon.run("export", self.place / "e.jsonl")
        other = Tenon()
        self.addCleanup(other.close)
        other.start()
        other.run("import", self.place / "e.jsonl")
        self.assertEqual(other.json("fsck")["problems"], [])
        other.run("undrop", "d")
        back = other.json("history", "d.t")
        self.assertEqual([(v.get("version", 0), v.get("label", "")) for v in back],
                         [(1, ""), (0, "first")])
        self.assertEqual(other.json("show", "d.t", "--version", "0")["description"], "about 0")
        self.assertTrue(other.json("retention", "d.t")["own"])
        self.assertEqual(other.json("fsck")["problems"], [])


if __name__ == "__main__":
    main()
