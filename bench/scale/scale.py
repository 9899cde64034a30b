"""Many partitions in one table, many columns to search. BENCH_PARTITIONS: partitions to load (10000000). BENCH_WIDE:
tables of 20 columns (50000). BENCH_PLACE: the folder for the stores (the system's temporary one)."""
import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "catalog"))
import servers  # noqa: E402

DRIVER = servers.BIN / "bench_scale"
DISK = servers.BIN / "bench_catalog"
PARTITIONS = int(os.environ.get("BENCH_PARTITIONS", "10000000"))
WIDE = int(os.environ.get("BENCH_WIDE", "50000"))
PLACE = os.environ.get("BENCH_PLACE")


@contextlib.contextmanager
def folder():
    place = pathlib.Path(tempfile.mkdtemp(prefix="tenon-scale-", dir=PLACE))
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def drive(server, *words):
    """The driver's lines, and the daemon's CPU time meanwhile."""
    before = servers.cpu_s(server.child.pid)
    done = subprocess.run([str(word) for word in (DRIVER, words[0], server.address, *words[1:])],
                          capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{words}: exit {done.returncode}: {done.stderr[-2000:]}")
    cpu = servers.cpu_s(server.child.pid) - before
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    for row in rows:
        figures = ", ".join(f"{key} {value}" for key, value in row.items() if key != "op")
        print(f"  {row['op']:36} {figures}", flush=True)
    print(f"  {'':36} tenond: {cpu:.2f} s of CPU", flush=True)
    return cpu


def disk(place):
    done = subprocess.run([DISK, "disk", place], capture_output=True, text=True, check=True)
    print(f"  fdatasync of 4 KB: {done.stdout.strip()}")


def partitions(count):
    with folder() as place:
        disk(place)
        with servers.tenon(place) as server:
            cpu = drive(server, "load", count)
            print(f"  {'':36} {cpu / count * 1e6:.1f} µs of CPU a partition, resident "
                  f"{servers.resident_mib(server.child.pid):.0f} MiB")
        for _ in range(3):
            with servers.tenon(place) as server:
                print(f"  open, exec to listening: {server.start_s * 1000:.0f} ms")
        with servers.tenon(place) as server:
            drive(server, "partitions")


def search():
    with folder() as place:
        with servers.tenon(place) as server:
            cpu = drive(server, "tables", WIDE)
            print(f"  {'':36} {cpu / WIDE * 1e6:.0f} µs of CPU a table")
            drive(server, "search", 1000)


if __name__ == "__main__":
    print(f"\n{WIDE} tables of 20 columns")
    search()
    print(f"\n{PARTITIONS} partitions in one table")
    partitions(PARTITIONS)
    if PARTITIONS > 1000000:
        print("\n1000000 partitions in one table, and an index")
        partitions(1000000)
