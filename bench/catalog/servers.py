"""The servers that are compared, each started on a free port of loopback with a folder of its own
and ended by its process id."""
import contextlib
import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parents[1]
CACHE = SOURCE / ".cache/bench"
BIN = SOURCE / "build/release/bin"
HIVE = CACHE / "hive"
JAVA = ["java", "-Xss16m", "--add-opens", "java.base/java.net=ALL-UNNAMED"]


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def wait_for(port, child, seconds=120):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if child.poll() is not None:
            raise SystemExit(f"{child.args[0]} ended with {child.returncode} while it started")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise SystemExit(f"{child.args[0]} did not listen within {seconds} s")


def end(child):
    if child.poll() is None:
        child.send_signal(signal.SIGTERM)
        try:
            child.wait(20)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def cpu_s(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mib(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0


class Server:
    """One that runs: where to reach it, how long it took to start, its process."""

    def __init__(self, title, command, folder, port, address):
        self.title, self.port, self.address = title, port, address
        self.log = open(folder / "log", "ab")
        began = time.monotonic()
        self.child = subprocess.Popen([str(word) for word in command], stdout=self.log, stderr=self.log, cwd=folder)
        wait_for(port, self.child)
        self.start_s = time.monotonic() - began

    def __enter__(self):
        return self

    def __exit__(self, *_):
        end(self.child)
        self.log.close()


def tenon(folder, *options):
    port = free_port()
    return Server("tenon", [BIN / "tenond", "--data", folder / "data", "--listen", f"127.0.0.1:{port}", *options], folder, port,
                  f"127.0.0.1:{port}")


def etcd(folder):
    """None when it is not installed (Debian: etcd-server)."""
    if not shutil.which("etcd"):
        return None
    port, peer = free_port(), free_port()
    return Server("etcd", ["etcd", "--data-dir", folder / "data", "--listen-client-urls", f"http://127.0.0.1:{port}",
                           "--advertise-client-urls", f"http://127.0.0.1:{port}", "--listen-peer-urls", f"http://127.0.0.1:{peer}",
                           "--initial-advertise-peer-urls", f"http://127.0.0.1:{peer}", "--initial-cluster",
                           f"default=http://127.0.0.1:{peer}", "--quota-backend-bytes", "8589934592"], folder, port, f"127.0.0.1:{port}")


def hive_classes():
    """Hive's jars and our client beside the build. None without Maven and a JDK."""
    if not shutil.which("mvn") or not shutil.which("javac"):
        return None
    lib, classes = HIVE / "lib", HIVE / "classes"
    if not (HIVE / "complete").exists():
        print("getting Hive Metastore 4.0.1 and what it needs (115 MB)", flush=True)
        subprocess.run(["mvn", "-q", "-B", "-f", HERE / "hive/pom.xml", "dependency:copy-dependencies", f"-DoutputDirectory={lib}"],
                       check=True, stdout=subprocess.DEVNULL)
        (HIVE / "complete").touch()
    subprocess.run(["javac", "-nowarn", "-Xlint:none", "-cp", f"{lib}/*", "-d", classes, HERE / "hive/Metastore.java"], check=True,
                   stderr=subprocess.DEVNULL)
    return f"{classes}:{lib}/*"


def metastore(title, folder, classes, url, driver, user="", password=""):
    (folder / "metastore-site.xml").write_text("<configuration>" + "".join(
        f"<property><name>{name}</name><value>{value}</value></property>" for name, value in {
            "javax.jdo.option.ConnectionURL": url, "javax.jdo.option.ConnectionDriverName": driver,
            "javax.jdo.option.ConnectionUserName": user, "javax.jdo.option.ConnectionPassword": password,
            "datanucleus.schema.autoCreateAll": "true", "hive.metastore.schema.verification": "false",
            "metastore.thrift.bind.host": "127.0.0.1", "metastore.warehouse.dir": folder / "warehouse"}.items()) + "</configuration>")
    port = free_port()
    return Server(title, [*JAVA, "-cp", f"{folder}:{classes}", "org.apache.hadoop.hive.metastore.HiveMetaStore", "-p", port], folder,
                  port, f"thrift://127.0.0.1:{port}")


def metastore_derby(folder, classes):
    return metastore("Hive Metastore, Derby", folder, classes, f"jdbc:derby:;databaseName={folder}/derby;create=true",
                     "org.apache.derby.jdbc.EmbeddedDriver")


class Postgres:
    """A PostgreSQL of our own, durable as it comes. It will not run as root: then as the user that Debian's package makes."""

    def __init__(self, folder):
        found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/postgres")) if pathlib.Path("/usr/lib/postgresql").exists() else []
        self.binaries = found[-1].parent if found else None
        self.folder, self.child = folder, None

    def __enter__(self):
        if not self.binaries:
            return None
        run = []
        if os.getuid() == 0:
            try:
                owner = pwd.getpwnam("postgres")
            except KeyError:
                return None
            os.chown(self.folder, owner.pw_uid, owner.pw_gid)
            run = ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups"]
        data = self.folder / "data"
        subprocess.run([*run, self.binaries / "initdb", "-D", data, "-U", "bench", "-A", "trust"], check=True, stdout=subprocess.DEVNULL,
                       cwd=self.folder)
        self.port = free_port()
        self.log = open(self.folder / "log", "ab")
        self.child = subprocess.Popen([*run, self.binaries / "postgres", "-D", data, "-p", str(self.port), "-c",
                                       "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={self.folder}"],
                                      stdout=self.log, stderr=self.log, cwd=self.folder)
        wait_for(self.port, self.child)
        time.sleep(1)
        return self

    def __exit__(self, *_):
        if self.child:
            end(self.child)
            self.log.close()


def metastore_postgres(folder, classes, postgres):
    return metastore("Hive Metastore, PostgreSQL", folder, classes, f"jdbc:postgresql://127.0.0.1:{postgres.port}/postgres",
                     "org.postgresql.Driver", "bench")
