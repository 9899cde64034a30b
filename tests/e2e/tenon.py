"""A real daemon and the real command line, in a temporary folder of their own.

Everything listens on a unix socket there, is ended by its process id, and has a
bounded life. Standard library only.
"""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("TENON_BIN", SOURCE / "build/dev/bin"))
DEMO_LAKE = SOURCE / "demo/lake"
# Sanitizers slow everything down; nothing here measures time.
PATIENCE_S = 120


def shared_lake():
    """The lake of real data, or None: tests on it skip and say so."""
    told = os.environ.get("TENON_LAKE")
    place = pathlib.Path(told) if told else SOURCE.parent / "shared/lake"
    return place if (place / "FACTS.jsonl").exists() else None


class Failed(Exception):
    def __init__(self, command, code, out, err):
        super().__init__(f"{' '.join(map(str, command))}: exit {code}\n{err}\n{out}")
        self.code, self.out, self.err = code, out, err


class Tenon:
    """One data folder; the daemon may be started and killed many times."""

    def __init__(self):
        self.place = pathlib.Path(tempfile.mkdtemp(prefix="tenon-e2e-"))
        self.address = f"unix:{self.place}/s"
        self.daemon = None

    def start(self, fault=None, flags=(), listen=None, **more):
        """`listen`: an address instead of the unix socket; port 0 is any free one."""
        environment = {**os.environ, **more}
        environment.pop("TENON_FAULT", None)
        if fault:
            environment["TENON_FAULT"] = fault
        self.log = open(self.place / "tenond.log", "ab")
        self.daemon = subprocess.Popen(
            [BIN / "tenond", "--data", self.place / "data", "--listen", listen or self.address, *map(str, flags)],
            stdout=subprocess.PIPE, stderr=self.log, env=environment)
        line = self.daemon.stdout.readline().decode()
        if "ready" not in line:
            raise AssertionError("tenond is not ready: " + (self.place / "tenond.log").read_text())
        if listen:
            self.address = line.split("ready on ")[1].strip()
        return self

    def stop(self, how=signal.SIGTERM):
        """End the daemon and wait for it; its exit code."""
        if self.daemon is None:
            return None
        if self.daemon.poll() is None:
            self.daemon.send_signal(how)
        code = self.daemon.wait(timeout=PATIENCE_S)
        self.daemon.stdout.close()
        self.log.close()
        self.daemon = None
        return code

    def wait_dead(self):
        code = self.daemon.wait(timeout=PATIENCE_S)
        self.daemon.stdout.close()
        self.log.close()
        self.daemon = None
        return code

    def close(self):
        self.stop(signal.SIGKILL)
        shutil.rmtree(self.place, ignore_errors=True)

    def run(self, *words, check=True, timeout=PATIENCE_S, cwd=None, **more):
        command = [BIN / "tenon", "--address", self.address, *map(str, words)]
        done = subprocess.run(command, capture_output=True, timeout=timeout, cwd=cwd or self.place,
                              text=True, errors="replace", env={**os.environ, **more})
        if check and done.returncode != 0:
            raise Failed(command, done.returncode, done.stdout, done.stderr)
        return done

    def json(self, *words, **more):
        return json.loads(self.run("--json", *words, **more).stdout)

    def sql(self, query):
        return self.json("sql", query)


def infer(*words):
    command = [BIN / "tenon", "--json", "infer", *map(str, words)]
    done = subprocess.run(command, capture_output=True, timeout=PATIENCE_S, text=True, errors="replace")
    if not done.stdout.strip():
        raise Failed(command, done.returncode, done.stdout, done.stderr)
    return json.loads(done.stdout)["results"]


class Case(unittest.TestCase):
    def setUp(self):
        self.tenon = Tenon()
        self.addCleanup(self.tenon.close)
        self.place = self.tenon.place

    def copy(self, source, name):
        target = self.place / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if pathlib.Path(source).is_dir():
            shutil.copytree(source, target, dirs_exist_ok=True)
        else:
            shutil.copy2(source, target)
        return target

    def write(self, name, text):
        target = self.place / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(text, bytes):
            target.write_bytes(text)
        else:
            target.write_text(text)
        return target


SKIPPED = 77  # as CMakeLists.txt says: nothing ran, and that is no pass


def main():
    """Close with the plain line 'N passed, N failed, N skipped'."""
    program = unittest.main(module="__main__", exit=False, verbosity=2, argv=[sys.argv[0]])
    result = program.result
    # A failed subtest is a failure of its test: count each test once.
    bad = len({getattr(test, "test_case", test).id() for test, _ in result.failures + result.errors})
    passed = result.testsRun - bad - len(result.skipped)
    print(f"{passed} passed, {bad} failed, {len(result.skipped)} skipped")
    if bad == 0 and passed <= 0:
        sys.exit(SKIPPED)
    sys.exit(bad != 0)
