#!/usr/bin/env python3
"""Receives Tenon's webhooks, checks that they are genuine, and prints each change once.

    python3 demo/webhook_receiver.py PORT [SECRET_FILE]

Standard library only.
"""
import hashlib
import hmac
import http.server
import json
import sys
import time

TOLERANCE_S = 300
BODY_MOST = 64 * 1024 * 1024


def is_genuine(secret, header, body, now=None):
    """`header` is Tenon-Signature: "t=SECONDS,v1=HEX", HMAC-SHA-256 of "SECONDS.BODY"."""
    parts = dict(part.partition("=")[::2] for part in (header or "").split(","))
    seconds = parts.get("t", "")
    if not seconds.isdigit() or abs((now or time.time()) - int(seconds)) > TOLERANCE_S:
        return False
    expected = hmac.new(secret, seconds.encode() + b"." + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected, parts.get("v1", ""))


class Receiver(http.server.BaseHTTPRequestHandler):
    secret = None
    newest = 0  # keep it with what you make of the changes: one may come again

    def do_POST(self):
        length = int(self.headers.get("Content-Length", 0))
        if length > BODY_MOST:
            return self.answer(413)
        body = self.rfile.read(length)
        if self.secret and not is_genuine(self.secret, self.headers.get("Tenon-Signature"), body):
            return self.answer(403)
        change = json.loads(body)
        if change["sequence"] > Receiver.newest:
            what = change["resource"] or ".".join(filter(None, (change["database"], change["table"])))
            print(change["sequence"], change["kind"], what, change["severity"], flush=True)
            Receiver.newest = change["sequence"]
        return self.answer(204)

    def answer(self, code):
        self.send_response(code)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    if len(sys.argv) > 2:
        with open(sys.argv[2], "rb") as file:
            Receiver.secret = file.read().strip()
    http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Receiver).serve_forever()
