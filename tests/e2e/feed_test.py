"""The change feed, watched over a real connection: nothing is lost, nothing comes twice."""
import json
import queue
import signal
import subprocess
import threading
import time

import tenon
from tenon import Case


class Watch:
    """`tenon watch --json` as a process; its lines through a queue, so that no test waits for ever."""

    def __init__(self, daemon, *words):
        self.process = subprocess.Popen(
            [tenon.BIN / "tenon", "--address", daemon.address, "watch", "--json", *map(str, words)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.lines = queue.Queue()
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            self.lines.put(json.loads(line))

    def take(self, count):
        return [self.lines.get(timeout=tenon.PATIENCE_S) for _ in range(count)]

    def end(self, how=signal.SIGINT):
        if self.process.poll() is None:
            self.process.send_signal(how)
        code = self.process.wait(timeout=tenon.PATIENCE_S)
        self.reader.join(timeout=tenon.PATIENCE_S)
        self.error = self.process.stderr.read()
        self.process.stdout.close()
        self.process.stderr.close()
        return code

    def rest(self):
        left = []
        while not self.lines.empty():
            left.append(self.lines.get())
        return left


class Feed(Case):
    def make(self, *names):
        for name in names:
            self.tenon.run("database", "create", name)

    def test_a_watch_goes_on_where_another_ended(self):
        self.tenon.start()
        self.make("a", "b")
        first = Watch(self.tenon, "--after", 0)
        seen = first.take(2)
        self.make("c")
        seen += first.take(1)
        self.assertEqual(first.end(), 0, first.error)
        self.make("d", "e")
        # The second one loses its daemon, the third has another one.
        second = Watch(self.tenon, "--after", seen[-1]["sequence"])
        seen += second.take(2)
        self.tenon.stop()
        self.assertEqual(second.end(), 1)
        self.assertEqual(second.rest(), [])
        self.tenon.start()
        self.make("f")
        third = Watch(self.tenon, "--after", seen[-1]["sequence"])
        seen += third.take(1)
        self.assertEqual(third.end(), 0, third.error)
        self.assertEqual([c["sequence"] for c in seen], list(range(1, 7)))
        self.assertEqual([c["database"] for c in seen], list("abcdef"))
        listed = self.tenon.json("changes")
        self.assertEqual(listed, seen[::-1])

    def test_a_watch_that_is_woken_by_each_commit_has_no_gap(self):
        self.tenon.start()
        watch = Watch(self.tenon, "--after", 0, "--kind", "database_created")
        names = [f"n{i}" for i in range(40)]
        makers = [threading.Thread(target=self.make, args=names[i::4]) for i in range(4)]
        for maker in makers:
            maker.start()
        seen = watch.take(len(names))
        for maker in makers:
            maker.join()
        self.assertEqual(watch.end(), 0, watch.error)
        self.assertEqual(watch.rest(), [])
        self.assertEqual([c["sequence"] for c in seen], list(range(1, len(names) + 1)))
        self.assertEqual(sorted(c["database"] for c in seen), sorted(names))

    def test_from_now_and_filtered(self):
        self.tenon.start()
        self.make("old", "d")
        watch = Watch(self.tenon, "d")
        # It has begun once it tells of a change; what came before it is never told.
        deadline = time.monotonic() + tenon.PATIENCE_S
        made = 0
        while watch.lines.empty():
            self.assertLess(time.monotonic(), deadline)
            made += 1
            columns = [{"name": "a", "type": "int"}]
            table = {"database": "d", "name": f"t{made}", "storage": {"location": f"./t{made}", "columns": columns}}
            self.write("t.json", json.dumps(table))
            self.tenon.run("table", "put", "t.json")
            self.make(f"other{made}")
        self.assertEqual(watch.end(), 0, watch.error)
        for change in watch.rest():
            self.assertEqual((change["kind"], change["database"]), ("table_created", "d"))

    def test_old_changes_go_and_a_watch_from_before_them_is_told_where_to_begin(self):
        self.tenon.start()
        self.make(*"abcdef")
        self.tenon.stop()
        self.tenon.start(flags=("--feed-changes", 2))
        deadline = time.monotonic() + tenon.PATIENCE_S
        while len(self.tenon.json("changes", "--after", 0)) > 2:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)
        self.assertEqual([c["sequence"] for c in self.tenon.json("changes")], [6, 5])
        for words in (("watch", "--after", 3), ("changes", "--after", 3)):
            done = self.tenon.run(*words, check=False)
            self.assertEqual(done.returncode, 1)
            self.assertIn("changes after 3 are no longer kept: the oldest is 5; start from 0", done.stderr)
        self.make("g")
        self.assertEqual(self.tenon.json("changes", "--after", 4)[-1]["sequence"], 7)

    def oldest(self):
        return min(change["sequence"] for change in self.tenon.json("changes"))

    def test_how_long_changes_are_kept_can_be_said_without_a_restart(self):
        self.tenon.start()
        self.make(*"abc")
        self.assertEqual(self.oldest(), 1)
        deadline = time.monotonic() + tenon.PATIENCE_S
        while self.oldest() < 4:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.5)
            self.tenon.run("retention", "--changes", "1s")  # wakes the chore
        said = self.tenon.run("retention", "--changes", "forever").stdout
        self.assertRegex(said, "changes +for ever")
        self.tenon.run("retention", "--changes", "default")
        self.assertEqual(self.tenon.json("retention")["retention"]["feed_s"], 0)
        self.assertEqual(self.tenon.json("fsck")["problems"], [])

    def test_how_long_audit_entries_are_kept_outlives_the_daemon(self):
        self.tenon.start(flags=("--audit", "all"))
        self.make("a")
        self.tenon.run("retention", "--audit", "1s")
        self.tenon.stop()
        time.sleep(1.1)
        self.tenon.start(flags=("--audit", "all"))
        deadline = time.monotonic() + tenon.PATIENCE_S
        while any("CreateDatabase" in entry["method"] for entry in self.tenon.json("audit")):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.2)

    def test_what_is_refused(self):
        self.tenon.start()
        self.make("a")
        for words, message in (
                (("watch", "--after", "7"), "change 7 was not made yet: the newest is 1"),
                (("watch", "--severity", "bad"), "severity is safe, widening or breaking, not 'bad'"),
                (("changes", "--after", "7"), "change 7 was not made yet"),
                (("changes", "--severity", "bad"), "severity is")):
            with self.subTest(words=words):
                done = self.tenon.run(*words, check=False)
                self.assertEqual(done.returncode, 1)
                self.assertIn(message, done.stderr)


if __name__ == "__main__":
    tenon.main()
