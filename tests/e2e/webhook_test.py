"""Webhooks against real HTTP servers: order, retries, restarts, signatures, TLS."""
import http.server
import importlib.util
import json
import queue
import shutil
import signal
import socket
import ssl
import subprocess
import threading
import time

import tenon
from tenon import Case

spec = importlib.util.spec_from_file_location("receiver", tenon.SOURCE / "demo/webhook_receiver.py")
receiver = importlib.util.module_from_spec(spec)
spec.loader.exec_module(receiver)


class Endpoint:
    """Answers as it is told to: `answers` are (code, headers) in turn, then 204."""

    def __init__(self, answers=(), delay_s=0, context=None):
        self.got = queue.Queue()
        self.answers = list(answers)
        endpoint = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                time.sleep(delay_s)
                code, headers = endpoint.answers.pop(0) if endpoint.answers else (204, {})
                endpoint.got.put((json.loads(body), dict(self.headers), body, code, time.monotonic()))
                self.send_response(code)
                for name, value in {"Content-Length": "0", **headers}.items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        if context:
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        scheme = "https" if context else "http"
        self.port = self.server.server_address[1]
        self.url = f"{scheme}://localhost:{self.port}/hook"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def take(self, count):
        return [self.got.get(timeout=tenon.PATIENCE_S) for _ in range(count)]

    def until(self, sequence):
        """All that comes up to the first 2xx for a change."""
        taken = []
        while not taken or taken[-1][0]["sequence"] < sequence or taken[-1][3] >= 300:
            taken += self.take(1)
        return taken

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def sequences(taken):
    return [one[0]["sequence"] for one in taken]


class Webhooks(Case):
    def endpoint(self, *args, **more):
        made = Endpoint(*args, **more)
        self.addCleanup(made.close)
        return made

    def make(self, *names):
        for name in names:
            self.tenon.run("database", "create", name)

    def state(self, name):
        return {hook["name"]: hook for hook in self.tenon.json("webhook", "list")}[name]

    def wait_state(self, name, check):
        deadline = time.monotonic() + tenon.PATIENCE_S
        while not check(self.state(name)):
            self.assertLess(time.monotonic(), deadline, self.state(name))
            time.sleep(0.05)
        return self.state(name)

    def test_each_change_in_order_signed_and_as_the_watch_tells_it(self):
        self.tenon.start()
        end = self.endpoint()
        self.make("before")
        self.write("key", "hush-hush\n")
        self.tenon.run("webhook", "put", "h", end.url, "--secret-file", "key")
        self.make(*[f"d{i}" for i in range(20)])
        newest = self.tenon.json("changes", "-n", 1)[0]["sequence"]
        got = end.until(newest)
        self.assertEqual(sequences(got), list(range(newest - 19, newest + 1)))
        self.assertEqual([one[0] for one in got], self.tenon.json("changes", "--after", newest - 20))
        for change, headers, body, _, _ in got:
            self.assertEqual(headers["Tenon-Delivery"], f"h:{change['sequence']}")
            self.assertEqual(headers["Tenon-Attempt"], "1")
            self.assertTrue(receiver.is_genuine(b"hush-hush", headers["Tenon-Signature"], body))
            self.assertFalse(receiver.is_genuine(b"other", headers["Tenon-Signature"], body))
            self.assertFalse(receiver.is_genuine(b"hush-hush", headers["Tenon-Signature"], body + b" "))
        self.wait_state("h", lambda hook: hook["delivered"] == newest)

    def test_without_libcurl_all_but_webhooks_works_and_the_reason_is_told(self):
        self.tenon.start()
        end = self.endpoint()
        self.tenon.run("webhook", "put", "h", end.url)
        self.tenon.stop()
        empty = self.place / "lib"
        empty.mkdir()
        (empty / "libcurl.so.4").touch()
        self.tenon.start(LD_LIBRARY_PATH=str(empty))
        self.make("d")
        self.assertIn("libcurl", self.wait_state("h", lambda hook: hook["error"])["error"])
        refused = self.tenon.run("webhook", "put", "other", end.url, check=False)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("install it", refused.stderr)
        self.tenon.stop()
        self.tenon.start()
        self.wait_state("h", lambda hook: not hook["error"])
        self.assertIn("database_created", [one[0]["kind"] for one in end.until(self.tenon.json("changes", "-n", 1)[0]["sequence"])])

    def test_the_secret_and_the_url_are_told_nobody(self):
        self.tenon.start()
        self.write("key", "hush-hush")
        self.write("other", "hush-again")
        out = self.tenon.run("--json", "webhook", "put", "h", "http://127.0.0.1:1/capability", "--secret-file", "key").stdout
        self.assertIn('"secret": "***"', out)
        out += self.tenon.run("webhook", "put", "h", "http://127.0.0.1:1/other", "--secret-file", "other").stdout
        for words in (("webhook", "list", "--json"), ("webhook", "pause", "h", "--json"), ("webhook", "list"), ("changes",),
                      ("changes", "--json"), ("webhook", "drop", "h"), ("changes", "--json")):
            out += self.tenon.run(*words).stdout
        self.assertNotIn("hush", out)
        self.assertNotIn("capability", json.dumps(self.tenon.json("changes")))
        told = {field["path"]: (field["before"], field["after"])
                for field in self.tenon.json("changes", "--kind", "webhook_put")[1]["fields"]}
        self.assertEqual(told, {"secret": ("***", "***"), "url": ("***", "***")})
        self.tenon.stop()
        self.assertNotIn("hush", (self.place / "tenond.log").read_text())

    def test_an_export_has_no_secret_and_what_it_brings_waits(self):
        self.tenon.start()
        self.write("key", "hush-hush")
        self.write("c.json", json.dumps({"name": "c", "type": "JDBC", "properties": {"PASSWORD": "hush-word"}}))
        self.tenon.run("webhook", "put", "h", "http://127.0.0.1:1/", "--secret-file", "key")
        self.tenon.run("connection", "put", "c.json")
        self.tenon.run("export", "all.jsonl")
        text = (self.place / "all.jsonl").read_text()
        self.assertIn("webhook_put", text)
        self.assertNotIn("hush", text)
        other = tenon.Tenon().start()
        self.addCleanup(other.close)
        other.run("import", self.place / "all.jsonl")
        hook = other.json("webhook", "list")[0]
        self.assertEqual((hook["name"], hook["paused"], hook["secret"]), ("h", True, ""))

    def test_what_fails_is_tried_again_before_anything_else_is_sent(self):
        self.tenon.start()
        end = self.endpoint([(204, {}), (500, {}), (302, {"Location": "http://127.0.0.1:1/"}), (503, {"Retry-After": "3"})])
        self.tenon.run("webhook", "put", "h", end.url)
        self.make("a", "b", "c")
        newest = self.tenon.json("changes", "-n", 1)[0]["sequence"]
        got = end.until(newest)
        first, second, third = newest - 2, newest - 1, newest
        self.assertEqual(sequences(got), [first, second, second, second, second, third])
        self.assertEqual([one[1]["Tenon-Attempt"] for one in got], ["1", "1", "2", "3", "4", "1"])
        self.assertEqual(len({one[1]["Tenon-Delivery"] for one in got}), 3)
        self.assertGreaterEqual(got[4][4] - got[3][4], 3 - 0.1)
        hook = self.wait_state("h", lambda hook: hook["delivered"] == newest)
        self.assertEqual((hook["failures"], hook["error"]), (0, ""))

    def test_a_dead_and_a_silent_endpoint_delay_nobody(self):
        self.tenon.start()
        silent = socket.create_server(("127.0.0.1", 0))  # accepts, and never says a word
        self.addCleanup(silent.close)
        with socket.create_server(("127.0.0.1", 0)) as gone:
            dead = gone.getsockname()[1]
        living = self.endpoint()
        self.tenon.run("webhook", "put", "dead", f"http://127.0.0.1:{dead}/")
        self.tenon.run("webhook", "put", "silent", f"http://127.0.0.1:{silent.getsockname()[1]}/")
        self.tenon.run("webhook", "put", "living", living.url, "--kind", "database_created")
        began = time.monotonic()
        self.make(*[f"d{i}" for i in range(10)])
        self.assertEqual(len(living.take(10)), 10)
        self.assertLess(time.monotonic() - began, 25)  # the silent one's attempt takes 30
        hook = self.wait_state("dead", lambda hook: hook["failures"] >= 2)
        self.assertIn("connect", hook["error"].lower())
        self.assertGreater(hook["retry_time_us"], 0)
        self.assertIn("failures, again", self.tenon.run("webhook", "list").stdout)
        self.assertEqual(self.tenon.stop(), 0)

    def test_it_goes_on_after_a_kill_with_nothing_lost(self):
        self.tenon.start()
        end = self.endpoint()
        self.tenon.run("webhook", "put", "h", end.url, "--kind", "database_created")
        made = []
        seen = []
        for round_ in range(4):
            names = [f"r{round_}x{i}" for i in range(8)]
            self.make(*names)
            made += names
            if round_ % 2:
                seen += end.take(1)
                time.sleep(0.1 * round_)
            self.tenon.stop(signal.SIGKILL)
            self.tenon.start()
        newest = self.tenon.json("changes", "-n", 1)[0]["sequence"]
        seen += end.until(newest)
        # At least once, and in order but for what was sent again after a kill.
        numbers = sequences(seen)
        firsts = list(dict.fromkeys(numbers))
        self.assertEqual(firsts, sorted(firsts))
        self.assertEqual([one["database"] for one in {c["sequence"]: c for c, *_ in seen}.values()], made)
        # Ended in order, it repeats nothing.
        self.wait_state("h", lambda hook: hook["delivered"] == newest)
        self.tenon.stop()
        while not end.got.empty():
            end.got.get()
        self.tenon.start()
        self.make("last")
        self.assertEqual(sequences(end.take(1)), [newest + 1])

    def test_paused_resumed_moved_back_and_dropped(self):
        self.tenon.start()
        end = self.endpoint()
        self.tenon.run("webhook", "put", "h", end.url, "--kind", "database_created")
        self.make("a")
        end.take(1)
        self.tenon.run("webhook", "pause", "h")
        self.assertIn("paused", self.tenon.run("webhook", "list").stdout)
        self.make("b", "c")
        time.sleep(0.5)
        self.assertTrue(end.got.empty())
        self.tenon.run("webhook", "resume", "h")
        self.assertEqual([one[0]["database"] for one in end.take(2)], ["b", "c"])
        self.tenon.run("webhook", "put", "h", end.url, "--kind", "database_created", "--after", 1)
        self.assertEqual([one[0]["database"] for one in end.take(3)], ["a", "b", "c"])
        self.tenon.run("webhook", "drop", "h")
        self.make("d")
        time.sleep(0.5)
        self.assertTrue(end.got.empty())
        self.assertEqual(self.tenon.json("webhook", "list"), [])

    def test_what_the_feed_no_longer_keeps_is_passed_by(self):
        self.tenon.start()
        end = self.endpoint()
        self.tenon.run("webhook", "put", "h", end.url)
        self.tenon.run("webhook", "pause", "h")
        self.make(*"abcdef")
        self.tenon.stop()
        self.tenon.start(flags=("--feed-changes", 2))
        deadline = time.monotonic() + tenon.PATIENCE_S
        while len(self.tenon.json("changes", "--after", 0)) > 2:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)
        self.tenon.run("webhook", "resume", "h")
        newest = self.tenon.json("changes", "-n", 1)[0]["sequence"]
        self.assertEqual(sequences(end.until(newest)), [newest - 2, newest - 1, newest])
        self.assertIn("were no longer kept and were not sent", (self.place / "tenond.log").read_text())

    def test_an_endless_answer_and_a_long_one_are_not_read(self):
        self.tenon.start()
        server = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(server.close)

        def flood():
            while True:
                try:
                    client, _ = server.accept()
                except OSError:
                    return
                with client:
                    client.recv(65536)
                    try:
                        client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
                        while True:
                            client.sendall(b"x" * 65536)
                    except OSError:
                        pass

        threading.Thread(target=flood, daemon=True).start()
        self.tenon.run("webhook", "put", "h", f"http://127.0.0.1:{server.getsockname()[1]}/")
        self.make("a", "b")
        newest = self.tenon.json("changes", "-n", 1)[0]["sequence"]
        self.wait_state("h", lambda hook: hook["delivered"] == newest)

    def test_https_is_trusted_by_the_given_certificate_alone(self):
        if not shutil.which("openssl"):
            self.skipTest("openssl is not installed")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "k.pem", "-out", "c.pem", "-days", "2",
                        "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"],
                       cwd=self.place, check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.place / "c.pem", self.place / "k.pem")
        end = self.endpoint(context=context)
        self.tenon.start()
        self.tenon.run("webhook", "put", "h", end.url, "--kind", "database_created")
        self.make("a")
        hook = self.wait_state("h", lambda hook: hook["failures"] >= 1)
        self.assertIn("certificate", hook["error"].lower())
        self.assertTrue(end.got.empty())
        self.tenon.stop()
        self.tenon.start(flags=("--webhook-ca", self.place / "c.pem"))
        self.assertEqual(end.take(1)[0][0]["database"], "a")

    def test_the_receiver_of_the_documentation(self):
        self.tenon.start()
        self.write("key", "hush-hush")
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        process = subprocess.Popen(["python3", tenon.SOURCE / "demo/webhook_receiver.py", str(port), self.place / "key"],
                                   stdout=subprocess.PIPE, text=True)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        self.tenon.run("webhook", "put", "h", f"http://127.0.0.1:{port}/", "--secret-file", "key")
        self.make("a")
        line = process.stdout.readline()
        self.assertEqual(line.split()[1:], ["database_created", "a"])

    def test_what_is_refused(self):
        self.tenon.start()
        for words, message in (
                (("put", "h", "ftp://x/"), "give http://HOST/PATH"),
                (("put", "h", "file:///etc/passwd"), "give http://HOST/PATH"),
                (("put", "h", "http://me:word@x/"), "user or password"),
                (("put", "h", "http://x/#a"), "leave out what begins with it"),
                (("put", "h", "http://x/ y"), "none that may stand in one"),
                (("put", "h h", "http://x/"), "letters, digits"),
                (("put", "h", "http://x/", "--after", "99"), "was not made yet"),
                (("put", "h", "http://x/", "--severity", "bad"), "severity is"),
                (("pause", "none"), "no webhook 'none'"),
                (("drop", "none"), "no webhook 'none'")):
            with self.subTest(words=words):
                done = self.tenon.run("webhook", *words, check=False)
                self.assertEqual(done.returncode, 1)
                self.assertIn(message, done.stderr)


if __name__ == "__main__":
    tenon.main()
