"""Backup, restore, check, status: a real daemon."""
import hashlib
import json
import os
import subprocess

from tenon import BIN, SOURCE, Case, Tenon, main


class Operations(Case):
    def setUp(self):
        super().setUp()
        self.tenon.start()
        self.tenon.run("database", "create", "d")
        table = self.write("t.yaml", "database: d\nname: t\nstorage:\n  location: ./t\n"
                                     "  columns: [{name: a, type: int}]\n")
        self.tenon.run("table", "put", table)

    def restore(self, file, data):
        return subprocess.run([BIN / "tenond", "--restore", file, "--data", data],
                              capture_output=True, text=True, timeout=60)

    def test_a_backup_is_restored_and_served(self):
        said = self.tenon.json("backup", self.place / "b.mdb")
        copy = (self.place / "b.mdb").read_bytes()
        self.assertEqual(said["sha256"], hashlib.sha256(copy).hexdigest())
        self.assertEqual(said["total_bytes"], len(copy))
        self.assertFalse((self.place / "b.mdb.part").exists())
        other = Tenon()
        self.addCleanup(other.close)
        done = self.restore(self.place / "b.mdb", other.place / "data")
        self.assertEqual(done.returncode, 0, done.stderr)
        other.start()
        self.assertEqual([t["name"] for t in other.json("tables", "d")], ["t"])
        self.assertEqual(other.json("fsck")["problems"], [])
        again = self.restore(self.place / "b.mdb", other.place / "data")
        self.assertEqual(again.returncode, 1)
        self.assertIn("holds a catalog already", again.stderr)

    def test_a_backup_whose_pages_lead_astray_is_refused_and_leaves_nothing(self):
        for i in range(40):
            self.tenon.run("database", "create", f"d{i}")
        self.tenon.run("backup", self.place / "b.mdb")
        whole = (self.place / "b.mdb").read_bytes()
        # As it is without a sanitizer that turns signals into exits.
        plain = {**os.environ}
        for options in ("ASAN_OPTIONS", "TSAN_OPTIONS"):
            plain[options] = os.environ.get(options, "") + " handle_segv=0 handle_sigbus=0 handle_abort=0"
        refused = 0
        for page in range(2, min(len(whole) // 4096, 12)):
            damaged = bytearray(whole)
            for at in range(page * 4096, page * 4096 + 16):
                damaged[at] ^= 0xff
            target = self.place / f"other{page}"
            done = subprocess.run([BIN / "tenond", "--restore", self.write("bad.mdb", bytes(damaged)), "--data", target],
                                  capture_output=True, text=True, timeout=60, env=plain)
            self.assertIn(done.returncode, (0, 1), done.stderr)
            if done.returncode:
                refused += 1
                self.assertRegex(done.stderr, "damaged|is not a backup|cannot be restored")
                self.assertFalse(target.exists())
        self.assertGreater(refused, 3)

    def test_a_backup_replaces_only_when_told(self):
        file = self.write("b.mdb", "mine")
        done = self.tenon.run("backup", file, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(file.read_text(), "mine")
        self.tenon.run("backup", file, "--force")
        self.assertGreater(file.stat().st_size, 4096)

    def test_what_is_no_backup_is_refused(self):
        done = self.restore(self.write("b.mdb", b"x" * 20000), self.place / "other")
        self.assertEqual(done.returncode, 1)
        self.assertIn("b.mdb", done.stderr)
        self.assertFalse((self.place / "other").exists())

    def test_a_restore_that_fails_leaves_no_folder_of_its_own(self):
        bad = self.write("bad.mdb", b"x" * 20000)
        mine = self.place / "mine"
        mine.mkdir()
        for file in (bad, self.place / "none.mdb", self.write("empty.mdb", b"")):
            done = self.restore(file, mine / "a/b/c")
            self.assertEqual(done.returncode, 1)
            self.assertIn(file.name, done.stderr)
            self.assertEqual(list(mine.iterdir()), [])
            self.assertEqual(self.restore(file, mine).returncode, 1)
            self.assertEqual(list(mine.iterdir()), [])

    def test_a_folder_with_a_catalog_is_named_as_it_was_given(self):
        self.tenon.run("backup", self.place / "b.mdb")
        self.assertEqual(self.restore(self.place / "b.mdb", self.place / "new").returncode, 0)
        done = self.restore(self.place / "b.mdb", self.place / "new")
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"'{self.place / 'new'}' holds a catalog already", done.stderr)

    def lines(self, tenon, *flags):
        return tenon.run("export", "-", *flags).stdout.splitlines()

    def test_an_export_is_imported_and_exported_the_same(self):
        self.tenon.run("job", "put", SOURCE / "tests/cases/cli/job.yaml")
        self.tenon.run("connection", "put", self.write(
            "c.yaml", "name: c\ntype: JDBC\nproperties: {PASSWORD: swordfish, USERNAME: u}\n"))
        self.tenon.run("tag", "table/d/t", "team=x")
        said = self.tenon.json("export", self.place / "e.jsonl", "--with-secrets")
        lines = (self.place / "e.jsonl").read_text().splitlines()
        self.assertEqual(said["records"], len(lines) - 2)
        self.assertEqual(json.loads(lines[-1])["tail"]["records"], said["records"])
        self.assertNotIn("swordfish", "".join(self.lines(self.tenon)))
        other = Tenon()
        self.addCleanup(other.close)
        other.start()
        self.assertEqual(other.json("import", self.place / "e.jsonl")["records"], said["records"])
        self.assertEqual(self.lines(other, "--with-secrets")[1:], lines[1:])
        self.assertEqual(other.json("fsck")["problems"], [])
        self.assertEqual([t["name"] for t in other.json("tables", "d")], ["t"])
        again = other.run("import", self.place / "e.jsonl", check=False)
        self.assertEqual(again.returncode, 1)
        self.assertIn("not empty", again.stderr)

    def test_an_import_that_breaks_off_leaves_nothing(self):
        lines = self.lines(self.tenon)
        other = Tenon()
        self.addCleanup(other.close)
        other.start()
        for label, bad, says in (
                ("cut", lines[:-1], "last line is missing"),
                ("altered", [l.replace('"int"', '"bigint"') for l in lines], "sum"),
                ("garbled", lines[:3] + ["{"] + lines[3:], "line 4")):
            done = other.run("import", self.write("bad.jsonl", "".join(l + "\n" for l in bad)),
                             check=False)
            self.assertEqual(done.returncode, 1, label)
            self.assertIn(says, done.stderr, label)
            self.assertEqual(other.json("databases"), [], label)
        other.run("import", self.write("good.jsonl", "".join(l + "\n" for l in lines)))

    def test_status_and_check_tell_of_the_store(self):
        now = self.tenon.json("status")
        self.assertEqual((now["databases"], now["tables"]), (1, 1))
        self.assertEqual(now["pid"], self.tenon.daemon.pid)
        self.assertGreater(now["memory_bytes"], 1000000)
        found = self.tenon.json("fsck")
        self.assertTrue(found["finished"] and found["records"] > 0 and not found["problems"])


if __name__ == "__main__":
    main()
