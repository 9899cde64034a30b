"""TLS, client certificates and tokens on the wire, with certificates that openssl makes here."""
import os
import re
import shutil
import signal
import socket
import subprocess
import time
import unittest

import tenon
from tenon import Case

NAMES = "subjectAltName=DNS:localhost,IP:127.0.0.1"


def openssl(*words, cwd):
    subprocess.run(["openssl", *map(str, words)], check=True, cwd=cwd, capture_output=True, timeout=60)


@unittest.skipUnless(shutil.which("openssl"), "openssl is not installed")
class Security(Case):
    def setUp(self):
        super().setUp()
        self.authority("ca")
        self.certificate("server", "tenond", NAMES)
        self.ca = str(self.place / "ca.pem")

    def authority(self, name):
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", 2,
                "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.pem", cwd=self.place)

    def certificate(self, name, common, *extensions, ca="ca"):
        more = [word for extension in extensions for word in ("-addext", extension)]
        openssl("req", "-x509", "-CA", f"{ca}.pem", "-CAkey", f"{ca}.key", "-newkey", "ec",
                "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", 2, "-subj", f"/CN={common}",
                "-addext", "basicConstraints=critical,CA:FALSE", *more,
                "-keyout", f"{name}.key", "-out", f"{name}.pem", cwd=self.place)

    def tls(self, name="server"):
        return ["--tls-cert", self.place / f"{name}.pem", "--tls-key", self.place / f"{name}.key"]

    def start(self, *options, name="server"):
        self.tenon.start(listen="127.0.0.1:0", flags=[*self.tls(name), *options])

    def system(self):
        """As if this authority were one of those that the system believes: gRPC's way, and OpenSSL's."""
        return {"GRPC_DEFAULT_SSL_ROOTS_FILE_PATH": self.ca, "SSL_CERT_FILE": self.ca}

    def refused(self, *words, **more):
        done = self.tenon.run(*words, check=False, **more)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        return done.stderr

    def log(self):
        return (self.place / "tenond.log").read_text()

    def wait_log(self, words):
        for _ in range(600):
            if words in self.log():
                return
            time.sleep(0.1)
        self.fail(f"the log does not say '{words}':\n{self.log()}")

    def try_daemon(self, *options):
        """Exit code and words of a daemon that is expected not to start."""
        done = subprocess.run([tenon.BIN / "tenond", "--data", self.place / "data", *map(str, options)],
                              capture_output=True, text=True, timeout=tenon.PATIENCE_S)
        return done.returncode, done.stderr

    def test_calls_jobs_and_queries_work_over_tls(self):
        self.copy(tenon.DEMO_LAKE, "lake")
        self.start()
        told = ("--tls-ca", self.ca)
        crawled = self.tenon.json("crawl", "lake", "--database", "d", *told)
        tables = [table["table"] for table in crawled["tables"]]
        self.assertTrue(tables)
        # The worker came in by the socket in the data folder; nobody else can enter it.
        self.assertTrue((self.place / "data/worker.sock").is_socket())
        self.assertEqual((self.place / "data").stat().st_mode & 0o777, 0o700)
        # By options, and by the environment; `sql` starts a program of its own for it.
        query = f"SELECT count(*) AS n FROM {tables[0]}"
        rows = self.tenon.json("sql", query, *told)
        self.assertGreater(rows[0]["n"], 0)
        env = {"TENON_TLS_CA": self.ca}
        self.assertEqual(self.tenon.json("sql", query, **env), rows)
        self.tenon.run("tables", "d", **env)
        # A worker is not confused by what the daemon's environment says of TLS.
        self.tenon.stop()
        self.tenon.start(listen="127.0.0.1:0", **env, TENON_TOKEN="x")
        self.tenon.run("crawl", "lake", "--database", "d")

    def test_a_unix_socket_beside_tls_is_plain_and_the_workers_use_it(self):
        self.copy(tenon.DEMO_LAKE, "lake")
        here = f"unix:{self.place}/here"
        self.start("--listen", here)
        self.assertFalse((self.place / "data/worker.sock").exists())
        self.tenon.json("crawl", "lake", "--database", "d", "--tls-ca", self.ca)
        self.tenon.address = here
        self.tenon.run("tables", "d")
        self.tenon.stop()
        code, said = self.try_daemon("--data", self.place / ("x" * 100), "--listen", "127.0.0.1:0", *self.tls())
        self.assertEqual(code, 1)
        self.assertIn("or give --listen unix:PATH", said)

    def test_what_the_page_for_users_says_can_be_typed(self):
        """docs/security.md from its first openssl to the end of what is about TLS, as one shell script."""
        page = (tenon.SOURCE / "docs/security.md").read_text().split("\n# Tokens")[0]
        blocks = re.findall(r"```sh\n(.*?)```", page, re.DOTALL)
        script = "".join(blocks[1:])
        self.assertEqual(script.count("127.0.0.1:7433"), 2)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        script = script.replace("127.0.0.1:7433", f"127.0.0.1:{port}")
        # What a person does by looking: go on when the daemon is ready.
        script = script.replace("daemon=$!\n", "daemon=$!; echo $daemon >>pids; until grep -q ready out; do sleep 0.1; done; >out\n")
        script = script.replace(" &\n", " >>out 2>>log &\n") + "kill $daemon && wait $daemon\n"
        self.addCleanup(self.end_pids)
        env = {**os.environ, "PATH": f"{tenon.BIN}:{os.environ['PATH']}", "TENON_ADDRESS": f"127.0.0.1:{port}"}
        self.write("out", "")
        done = subprocess.run(["sh", "-eu", "-c", script], cwd=self.place, env=env, capture_output=True, text=True,
                              timeout=tenon.PATIENCE_S)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def end_pids(self):
        pids = self.place / "pids"
        for pid in pids.read_text().split() if pids.exists() else []:
            try:
                os.kill(int(pid), signal.SIGKILL)
            except ProcessLookupError:
                pass

    def test_what_does_not_match_is_said_in_words(self):
        self.authority("others")
        self.certificate("elsewhere", "x", "subjectAltName=DNS:lake.example")
        self.start(name="elsewhere")
        plain = self.refused("databases")
        self.assertIn("speaks TLS", plain)
        self.assertIn("--tls-ca", plain)
        self.assertNotIn("TENON_ADDRESS", plain)
        self.assertIn("is not signed by any authority of this system", self.refused("--tls", "databases"))
        others = str(self.place / "others.pem")
        self.assertIn(f"is not signed by any authority of '{others}'", self.refused("--tls-ca", others, "databases"))
        self.assertIn("is for 'lake.example'", self.refused("--tls", "databases", **self.system()))
        self.tenon.run("--tls", "--tls-server-name", "lake.example", "databases", **self.system())
        name = self.refused("--tls-ca", self.ca, "databases")
        self.assertIn("is for 'lake.example', and not for '127.0.0.1'", name)
        self.tenon.run("--tls-ca", self.ca, "--tls-server-name", "lake.example", "databases")
        self.tenon.run("databases", TENON_TLS_CA=self.ca, TENON_TLS_SERVER_NAME="lake.example")
        self.assertIn("cannot be read", self.refused("--tls-ca", "/none", "databases"))
        self.tenon.stop()
        self.tenon.start(listen="127.0.0.1:0")
        self.assertIn("does not speak TLS", self.refused("--tls-ca", self.ca, "databases"))

    def test_a_client_certificate_that_is_required_is_asked_for(self):
        self.authority("others")
        self.certificate("etl", "someone", "subjectAltName=DNS:etl.example")
        self.certificate("foreign", "someone", ca="others")
        self.start("--tls-client-ca", self.ca, "--require-client-certificate")
        told = ["--tls-ca", self.ca]
        self.assertIn("wants a client certificate", self.refused(*told, "databases"))
        self.assertIn("does not accept the client certificate",
                      self.refused(*told, *self.tls("foreign"), "databases"))
        self.tenon.run(*told, *self.tls("etl"), "databases")
        self.tenon.run("databases", TENON_TLS_CA=self.ca, TENON_TLS_CERT=str(self.place / "etl.pem"),
                       TENON_TLS_KEY=str(self.place / "etl.key"))
        self.assertIn("comes without its key",
                      self.refused(*told, "--tls-cert", self.place / "etl.pem", "databases"))

    def test_who_calls_is_known_by_certificate_or_token_over_tls(self):
        self.certificate("etl", "someone", "subjectAltName=DNS:etl.example")
        self.certificate("plain", "nightly job")
        self.start("--auth", "--tls-client-ca", self.ca)
        told = ["--tls-ca", self.ca]
        admin = [*told, "--token-file", self.place / "data/administrator.token"]
        nobody = self.refused(*told, "databases")
        self.assertIn("must know who calls", nobody)
        self.assertIn("--token-file", nobody)
        self.assertEqual(self.tenon.json(*admin, "whoami")["principal"], "admin")
        for name, principal in (("etl", "etl.example"), ("plain", "nightly job")):
            who = self.tenon.json(*told, *self.tls(name), "whoami")
            self.assertEqual((who["principal"], who["by"]), (principal, "certificate"))
        # What a certificate's name was granted, and no more; a token comes before a certificate.
        create = [*told, *self.tls("etl"), "database", "create", "lake"]
        self.assertIn("may not write", self.refused(*create))
        self.tenon.run(*admin, "grant", "add", "etl.example", "write,crawl", "lake")
        self.tenon.run(*create)
        self.assertEqual(self.tenon.json(*admin, *self.tls("etl"), "whoami")["principal"], "admin")
        self.assertIn("not one that this daemon knows",
                      self.refused(*told, *self.tls("etl"), "whoami", TENON_TOKEN="tnn_nonsense"))
        # Runs work: their workers are known by a token of their own.
        self.copy(tenon.DEMO_LAKE, "lake")
        self.tenon.run(*told, *self.tls("etl"), "crawl", "lake", "--database", "lake")
        # Nobody comes in under a name that the daemon itself goes by.
        self.certificate("posing", "local")
        self.assertIn("names nobody who can be known", self.refused(*told, *self.tls("posing"), "whoami"))

    def test_what_is_no_tls_harms_nobody(self):
        self.start()
        told = ("--tls-ca", self.ca)
        port = int(self.tenon.address.rsplit(":", 1)[1])
        hello = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"
        junk = [b"", b"\0" * 100000, b"GET / HTTP/1.1\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", hello,
                hello + os.urandom(500), os.urandom(5000)]
        open_ones = []
        for i in range(70):
            one = socket.create_connection(("127.0.0.1", port), timeout=20)
            open_ones.append(one)
            self.addCleanup(one.close)
            try:
                one.sendall(junk[i % len(junk)])
            except OSError:
                pass  # closed on us, as it should be
        self.tenon.run("database", "create", "still", *told)
        # Handshakes that never end do not hold up the daemon's end.
        before = time.monotonic()
        self.assertEqual(self.tenon.stop(), 0)
        self.assertLess(time.monotonic() - before, 15)

    def test_a_new_certificate_comes_into_use_under_a_living_client(self):
        for part in ("pem", "key"):
            shutil.copy(self.place / f"server.{part}", self.place / f"used.{part}")
        self.start(name="used")
        told = ("--tls-ca", self.ca)
        self.tenon.run("database", "create", "before", *told)
        watch = subprocess.Popen([tenon.BIN / "tenon", "--address", self.tenon.address, *told, "watch", "--json"],
                                 stdout=subprocess.PIPE, text=True)
        self.addCleanup(watch.kill)
        self.authority("next")
        self.certificate("renewed", "tenond", NAMES, ca="next")
        # Only half of it is there: the old one stays, and the log says why.
        shutil.copy(self.place / "renewed.pem", self.place / "used.pem")
        self.tenon.daemon.send_signal(signal.SIGHUP)
        self.wait_log("used.key' is not that of the certificate '")
        self.tenon.run("databases", *told)
        self.write("used.pem", "nonsense")
        self.tenon.daemon.send_signal(signal.SIGHUP)
        self.wait_log("used.pem' holds no certificate in PEM")
        self.tenon.run("databases", *told)
        # All of it: no restart, nobody is cut off. The daemon finds it by itself, too.
        shutil.copy(self.place / "renewed.pem", self.place / "used.pem")
        shutil.copy(self.place / "renewed.key", self.place / "used.key")
        self.wait_log("new TLS files are in use")
        new = ("--tls-ca", self.place / "next.pem")
        self.assertIn("is not signed by any authority of", self.refused("databases", *told))
        self.tenon.run("database", "create", "after", *new)
        seen = ""
        while '"after"' not in seen and "after" not in seen:
            line = watch.stdout.readline()
            self.assertTrue(line, "the stream ended")
            seen += line
        watch.send_signal(signal.SIGINT)
        watch.wait(timeout=tenon.PATIENCE_S)
        watch.stdout.close()

    def test_a_daemon_that_others_could_reach_unprotected_does_not_start(self):
        for options in (["--listen", "0.0.0.0:0"], ["--listen", "[::]:0"], ["--listen", "127.0.0.1:0", "--listen", "lake:0"]):
            code, said = self.try_daemon(*options)
            self.assertEqual(code, 2)
            self.assertIn("other machines could reach", said)
        self.certificate("wrong", "x")
        code, said = self.try_daemon("--listen", "127.0.0.1:0", "--tls-cert", self.place / "server.pem",
                                     "--tls-key", self.place / "wrong.key")
        self.assertEqual(code, 1)
        self.assertIn("is not that of the certificate", said)
        # What makes it right goes on to the binding, of an address that no machine has.
        for enough in (["--insecure"], [*self.tls(), "--auth"],
                       [*self.tls(), "--tls-client-ca", self.ca, "--require-client-certificate"]):
            code, said = self.try_daemon("--listen", "192.0.2.1:7433", *enough)
            self.assertEqual(code, 1)
            self.assertIn("Cannot assign requested address", said)

    def test_a_token_is_not_sent_in_the_clear_nor_told(self):
        self.tenon.start(listen="127.0.0.1:0")
        secret = "s3cret-of-somebody"
        token = self.write("token", secret + "\n")
        for more in ({"TENON_TOKEN": secret}, {"TENON_TOKEN_FILE": str(token)}):
            done = self.tenon.run("--address", "192.0.2.1:7433", "databases", check=False, **more)
            self.assertEqual(done.returncode, 1)
            self.assertIn("is not sent to '192.0.2.1:7433' in the clear", done.stderr)
            self.assertNotIn(secret, done.stderr)
        done = self.tenon.run("--address", "192.0.2.1:7433", "--token-file", token, "databases", check=False)
        self.assertIn("in the clear", done.stderr)
        bad = self.write("bad", secret + " and more")
        done = self.tenon.run("--token-file", bad, "databases", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertNotIn(secret, done.stderr)
        self.assertIn("is empty", self.refused("--token-file", self.write("empty", "\n"), "databases"))
        self.tenon.run("--token-file", self.write("missing", "x"), "databases", check=False)
        self.assertNotIn(secret, self.log())


if __name__ == "__main__":
    tenon.main()
