"""What the command line says when what answers is no tenond, or says nothing."""
import contextlib
import signal
import socket
import threading
import time

import tenon
from tenon import Case

SETTINGS = b"\0\0\0\x04\0\0\0\0\0"
# Headers of stream 1, its last: ":status: 404" is entry 13 of HPACK's table.
NOT_FOUND = b"\0\0\x01\x01\x05\0\0\0\x01\x8d"


@contextlib.contextmanager
def answering(speak, family=socket.AF_INET, place=("127.0.0.1", 0)):
    """A server that calls `speak` with each connection, until the block ends."""
    listener = socket.socket(family)
    listener.bind(place)
    listener.listen(16)
    stopping = threading.Event()

    def serve_one(connection):
        with contextlib.suppress(OSError), connection:
            connection.settimeout(10)
            speak(connection)

    def serve():
        while not stopping.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve_one, args=(connection,), daemon=True).start()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()
    finally:
        stopping.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(10)


def http1(connection):
    connection.recv(1024)
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")


def greeter(connection):
    connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")
    connection.recv(1024)


def http2(connection):
    connection.recv(1024)
    connection.sendall(SETTINGS)
    while True:
        got = connection.recv(4096)
        if not got:
            return
        if b"\x01" in got[3:4] or len(got) > 60:
            connection.sendall(NOT_FOUND)


class NoTenond(Case):
    def said(self, address, *words):
        self.tenon.address = address
        done = self.tenon.run(*words, check=False)
        self.assertEqual((done.returncode, done.stdout), (1, ""), done.stderr)
        return done.stderr

    def test_another_server_is_named_as_one(self):
        rows = [("HTTP/1", http1, "an HTTP/1 server or proxy", "HTTP/1.1 400 Bad Request"),
                ("a greeting", greeter, "something else", "SSH-2.0-OpenSSH_9.2"),
                ("HTTP/2 without gRPC", http2, "another HTTP server or a proxy", "404")]
        for label, speak, what, line in rows:
            with self.subTest(label), answering(speak) as (host, port):
                said = self.said(f"{host}:{port}", "tables")
                self.assertIn(what, said)
                self.assertIn(line, said)
                self.assertIn(f"127.0.0.1:{port}", said)
                self.assertIn("--address", said)

    def test_also_behind_a_unix_socket(self):
        path = str(self.place / "other")
        with answering(http1, socket.AF_UNIX, path):
            self.assertIn("an HTTP/1 server or proxy", self.said("unix:" + path, "tables"))

    def test_a_daemon_that_stands_still_is_noticed_in_the_time_that_was_given(self):
        self.tenon.start()
        self.tenon.daemon.send_signal(signal.SIGSTOP)
        try:
            for words in (("tables",), ("sql", "SELECT 1"), ("watch",)):
                with self.subTest(words=words):
                    start = time.monotonic()
                    said = self.said(self.tenon.address, "--timeout", "1s", *words)
                    self.assertLess(time.monotonic() - start, 30)
                    self.assertIn("did not say a word within 1 s", said)
                    self.assertIn("--timeout", said)
        finally:
            self.tenon.daemon.send_signal(signal.SIGCONT)
        self.tenon.run("--timeout", "1m", "tables")


if __name__ == "__main__":
    tenon.main()
