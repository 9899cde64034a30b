"""Ugly data, closed outputs, clients that do not keep to the protocol."""
import os
import random
import signal
import socket
import subprocess
import time

import tenon
from tenon import BIN, Case


class UglyData(Case):
    def test_what_cannot_be_a_table_is_said_and_harms_nothing(self):
        self.write("lake/good/f.csv", "a,b\n1,2\n3,4\n")
        self.write("lake/deep/d.json", '{"a":' * 63 + "1" + "}" * 63 + "\n")
        self.write("lake/bom/b.csv", b"\xef\xbb\xbf")
        self.write("lake/header/h.csv", "id,name\n")
        self.write("lake/wide/w.csv", "".join(
            ",".join(f"{letter}{i}" for i in range(9999)) + "\n" for letter in ("c", "", "", "")))
        self.write("lake/sparse/s.csv", "discount,item,price\n,tea,2.5\n,milk,1.5\n0.1,jam,3\n")
        (self.place / "lake/names").mkdir()
        with open(os.fsencode(self.place / "lake/names") + b"/\xff.csv", "wb") as file:
            file.write(b"a,b\n1,2\n")
        os.mkfifo(self.place / "lake/good/pipe.csv")
        os.symlink(".", self.place / "lake/good/loop")
        os.symlink("nowhere", self.place / "lake/good/dangling.csv")
        os.symlink("/dev/zero", self.place / "lake/good/zero.csv")
        self.tenon.start()
        crawl = self.tenon.json("crawl", "lake", "--database", "d")
        self.assertEqual({t["table"]: t["row_count"] for t in crawl["tables"]},
                         {"d.good": 2, "d.wide": 3, "d.sparse": 3})
        failed = {f["path"].rsplit("/", 1)[-1]: f["error"] for f in crawl["failed"]}
        self.assertRegex(failed.pop("d.json"), "byte 0: a record nests deeper")
        self.assertIn("rename", failed.pop("?.csv"))
        self.assertEqual(set(failed), {"b.csv", "h.csv"})
        again = self.tenon.json("crawl", "lake", "--database", "d")
        self.assertEqual((again["tables_unchanged"], len(again["failed"])), (3, 4))
        self.assertEqual(self.tenon.sql("SELECT sum(a) AS s FROM d.good"), [{"s": 4}])

    def test_folders_may_be_called_as_they_like(self):
        values = ["a b", "100%", "ü☃", "x=y", "a/b", "a:b", "..", "", "%zz", "new\nline", "'q\"", "A", "a"]
        for i, value in enumerate(values):
            folder = value.replace("%", "%25").replace("/", "%2F") if value != ".." else "%2E."
            self.write(f"lake/t/k={folder}/f.csv", f"id,v\n{i},1\n{i},2\n")
        self.tenon.start()
        self.tenon.run("crawl", "lake", "--database", "d")
        self.write("j.json", '{"name": "j", "plan": {"nodes": [{"name": "s", "source": {"database": "d", "table": "t"}},'
                   '{"name": "o", "inputs": ["s"], "target":'
                   '{"database": "d", "table": "out", "path": "./out", "partition_keys": ["k"]}}]}}')
        self.tenon.run("job", "put", "j.json")
        self.tenon.run("job", "run", "j", "--wait")
        for table in ("t", "out"):
            rows = self.tenon.sql(f"SELECT DISTINCT id, k FROM d.{table} ORDER BY id")
            self.assertEqual([row["k"] for row in rows], values, table)
        self.assertEqual(len(self.tenon.json("partitions", "d.out", "--where", "k = 'a/b'")), 1)


class Outputs(Case):
    def test_an_output_that_cannot_be_written_is_a_failure(self):
        self.tenon.start()
        for words in (("tables",), ("sql", "SELECT * FROM range(10)"), ("--json", "sql", "SELECT 1"), ("help",)):
            for how in (">&-", ">/dev/full"):
                with self.subTest(words=words, how=how):
                    done = subprocess.run(["sh", "-c", f'exec "$@" {how}', "sh", BIN / "tenon",
                                           "--address", self.tenon.address, *words],
                                          capture_output=True, text=True, timeout=60)
                    self.assertEqual(done.returncode, 1)
                    self.assertIn("could not be written", done.stderr)

    def test_a_daemon_without_outputs_writes_nothing_into_its_catalog(self):
        daemon = subprocess.Popen(
            ["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh", BIN / "tenond", "--data", self.place / "data",
             "--listen", self.tenon.address])
        self.addCleanup(daemon.wait)
        self.addCleanup(daemon.kill)
        for _ in range(200):
            if self.tenon.run("databases", check=False).returncode == 0:
                break
            time.sleep(0.1)
        self.tenon.run("database", "create", "kept")
        daemon.terminate()
        daemon.wait(60)
        self.tenon.start()
        self.assertEqual([d["name"] for d in self.tenon.json("databases")], ["kept"])


class Strangers(Case):
    def test_bytes_that_are_no_protocol_disturb_nobody(self):
        self.tenon.start()
        dice = random.Random(7)
        preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(3) + b"\x04" + bytes(5)
        idle = []
        for i in range(200):
            stranger = socket.socket(socket.AF_UNIX)
            stranger.settimeout(5)
            stranger.connect(str(self.place / "s"))
            try:
                if i % 4 == 0:
                    stranger.sendall(dice.randbytes(3000))
                elif i % 4 == 1:
                    stranger.sendall(preface + dice.randbytes(500))
                elif i % 4 == 2:
                    stranger.sendall(preface + b"\x00\x10\x00\x01\x04\x00\x00\x00\x01" + dice.randbytes(4096))
            except OSError:
                pass
            idle.append(stranger)
        self.tenon.run("database", "create", "fine")
        for stranger in idle:
            stranger.close()
        self.assertEqual([d["name"] for d in self.tenon.json("databases")], ["fine"])
        self.assertEqual(self.tenon.stop(signal.SIGTERM), 0)


if __name__ == "__main__":
    tenon.main()
