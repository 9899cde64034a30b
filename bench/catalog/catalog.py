"""The catalog beside Hive Metastore 4.0.1 (on Derby, on PostgreSQL) and etcd, then alone as it grows.
BENCH_TABLES: tables for the comparison (1000). BENCH_SIZES: tables to grow to ("1000 10000 100000 1000000"; empty: no
growth), a hundredth of them with 1,000 partitions each. BENCH_GRANTS: grants in the run with access control (1000). BENCH_ROUNDS: turns of tenon and etcd at durable writes (7)."""
import contextlib
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import servers

HERE = pathlib.Path(__file__).resolve().parent
DRIVER = servers.BIN / "bench_catalog"
TABLES = int(os.environ.get("BENCH_TABLES", "1000"))
SIZES = [int(size) for size in os.environ.get("BENCH_SIZES", "1000 10000 100000 1000000").split()]
GRANTS = int(os.environ.get("BENCH_GRANTS", "1000"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "7"))
PLACE = os.environ.get("BENCH_PLACE") or None


def lines(command, environment=None):
    """What a driver prints: one JSON object a line."""
    child = subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                             env={**os.environ, **(environment or {})})
    out, err = child.communicate()
    if child.returncode:
        raise SystemExit(f"{' '.join(map(str, command[:3]))}: exit {child.returncode}: {err[-2000:]}")
    return [json.loads(line) for line in out.splitlines()]


def by_name(rows):
    return {row["op"]: row for row in rows}


@contextlib.contextmanager
def folder():
    place = pathlib.Path(tempfile.mkdtemp(prefix="tenon-bench-", dir=PLACE))
    place.chmod(0o755)
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def disk():
    with folder() as place:
        return lines([DRIVER, "disk", place])[0]


def ours(*options, environment=None, prepare=None):
    with folder() as place, servers.tenon(place, *options) as server:
        idle = servers.resident_mib(server.child.pid)
        if prepare:
            environment = {**(environment or {}), **prepare(server, place)}
        rows = by_name(lines([DRIVER, "operations", server.address, TABLES], environment))
        return {"rows": rows, "start_s": server.start_s, "resident_mib": idle,
                "cpu_s": servers.cpu_s(server.child.pid)}


def with_grants(server, place):
    """A principal of many grants, two of which are what it needs; its token, for the environment."""
    tell = {**os.environ, "TENON_ADDRESS": server.address, "TENON_TOKEN_FILE": str(place / "data/administrator.token")}

    def tenon(*words):
        return subprocess.run([servers.BIN / "tenon", *words], env=tell, check=True, capture_output=True, text=True).stdout

    for database in "bench", "many":
        tenon("grant", "add", "bench", "write", database)
    for i in range(GRANTS - 2):
        tenon("grant", "add", "bench", "read", f"other{i % 37}" if i % 3 else f"other{i % 37}.t{i}")
    return {"TENON_TOKEN": tenon("token", "create", "bench").strip()}


def hive(start, classes):
    with folder() as place, start(place) as server:
        time.sleep(2)  # it listens before it has made its tables
        idle = servers.resident_mib(server.child.pid)
        rows = by_name(lines(["java", "-Xmx1g", "-cp", classes, "Metastore", server.address, place / "root", TABLES]))
        return {"rows": rows, "start_s": server.start_s, "resident_mib": idle, "cpu_s": servers.cpu_s(server.child.pid)}


def etcd():
    with folder() as place:
        server = servers.etcd(place)
        if not server:
            return None
        with server:
            time.sleep(2)  # its first election
            return by_name(lines([DRIVER, "etcd", server.address]))


def durable_writes():
    """Creates and etcd's puts in turns, a store of its own each time: a shared machine is not the same for a minute."""
    turns = []
    for _ in range(ROUNDS):
        turn = {"fdatasync": disk()}
        with folder() as place, servers.tenon(place) as server:
            turn["tenon"] = lines([DRIVER, "creates", server.address])[0]
        with folder() as place:
            server = servers.etcd(place)
            if server:
                with server:
                    time.sleep(2)  # its first election
                    turn["etcd"] = lines([DRIVER, "puts", server.address])[0]
        turns.append(turn)
    return turns


def tell_durable_writes(turns):
    print("\nDurable writes of 2 KB, 64 in flight, in turns: /s (p99 ms)")
    ratios = []
    for turn in turns:
        text = f"  tenon createTable {turn['tenon']['per_s']:>6} ({ms(turn['tenon'], 'p99_us')})"
        if "etcd" in turn:
            ratios.append(turn["tenon"]["per_s"] / turn["etcd"]["per_s"])
            text += f"   etcd put {turn['etcd']['per_s']:>6} ({ms(turn['etcd'], 'p99_us')})   {ratios[-1]:.2f} x"
        print(text + f"   fdatasync of 4 KB p50 {ms(turn['fdatasync'])} ms")
    if ratios:
        medians = [statistics.median(turn[who]["per_s"] for turn in turns) for who in ("tenon", "etcd")]
        print(f"  medians {medians[0]:.0f} and {medians[1]:.0f}: {medians[0] / medians[1]:.2f} x; of the turns' own {statistics.median(ratios):.2f} x")


def ms(row, key="p50_us"):
    return f"{row[key] / 1000:.3f}" if row else "-"


def compare():
    classes = servers.hive_classes()
    result = {"fdatasync before": disk(), "tenon": ours()}
    if classes:
        result["Hive Metastore, Derby"] = hive(lambda place: servers.metastore_derby(place, classes), classes)
        with folder() as place, servers.Postgres(place) as postgres:
            if postgres:
                result["Hive Metastore, PostgreSQL"] = hive(
                    lambda own: servers.metastore_postgres(own, classes, postgres), classes)
            else:
                print("no PostgreSQL here: left out")
    else:
        print("no Maven and JDK here: Hive Metastore left out")
    result["etcd"] = etcd()
    if not result["etcd"]:
        print("no etcd here: left out")
    result["durable writes"] = durable_writes()
    result["tenon again"] = ours()
    result["tenon, grants"] = ours("--auth", prepare=with_grants)
    result["fdatasync after"] = disk()
    others = [name for name in result if name.startswith("Hive")]
    print(f"\n{TABLES} tables of 24 columns, one client thread: median ms (p99 ms), and how many times tenon's")
    print(f"  {'':34} {'tenon':>18}" + "".join(f" {name:>32}" for name in others))
    for op, row in result["tenon"]["rows"].items():
        text = f"  {op:34} {ms(row) + ' (' + ms(row, 'p99_us') + ')':>18}"
        for name in others:
            theirs = result[name]["rows"].get(op)
            text += f" {ms(theirs) + ' (' + ms(theirs, 'p99_us') + ') ' + format(theirs['p50_us'] / row['p50_us'], '.2g' if theirs['p50_us'] < row['p50_us'] else '.0f') + ' x':>32}" \
                if theirs else f" {'-':>32}"
        print(text)
    print(f"  {'start, s':34} {result['tenon']['start_s']:18.2f}" + "".join(f" {result[name]['start_s']:32.2f}" for name in others))
    print(f"  {'resident when idle, MiB':34} {result['tenon']['resident_mib']:18.0f}" +
          "".join(f" {result[name]['resident_mib']:32.0f}" for name in others))
    print(f"\nWith tokens, {GRANTS} grants and the audit log: median ms, and of the run without")
    for op, row in result["tenon, grants"]["rows"].items():
        without = min(result[name]["rows"][op]["p50_us"] for name in ("tenon", "tenon again"))
        print(f"  {op:34} {ms(row):>10} {row['p50_us'] / without:8.2f} x")
    for when in "before", "after":
        print(f"  fdatasync of 4 KB {when}: p50 {ms(result['fdatasync ' + when])} ms, p99 {ms(result['fdatasync ' + when], 'p99_us')} ms")
    tell_durable_writes(result["durable writes"])
    if result["etcd"]:
        print(f"  one in flight: etcd put p50 {ms(result['etcd']['put'])} ms, get p50 {ms(result['etcd']['get'])} ms")
    return result


def grow():
    """One store as it grows: what reads and a create cost at each size."""
    points = []
    with folder() as place:
        with servers.tenon(place) as server:
            made = 0
            for size in SIZES:
                cpu = servers.cpu_s(server.child.pid)
                # A hundredth of each step's tables; numbered from 0, so that the first size makes them all at once.
                partitioned = max(size // 100, 10)
                filled = by_name(lines([DRIVER, "fill", server.address, made, size, made + (size - made) // 100]))
                fill_cpu = servers.cpu_s(server.child.pid) - cpu
                point = {"tables": size, "partitions": partitioned * 1000, "fill": filled, "fill_cpu_s": fill_cpu,
                         "probe": by_name(lines([DRIVER, "probe", server.address, size, SIZES[0] // 100])),
                         "store_mib": sum(file.stat().st_blocks for file in place.rglob("*.mdb")) / 2048,
                         "resident_mib": servers.resident_mib(server.child.pid), "fdatasync": disk()}
                points.append(point)
                made = size
                print(f"  {size:>9} tables: " + ", ".join(
                    f"{op} {ms(row)} ({ms(row, 'p99_us')})" for op, row in point["probe"].items()) + "; " + ", ".join(
                    f"{op} {row['per_s']}/s" for op, row in filled.items()), flush=True)
        with servers.tenon(place) as server:
            print(f"  open of that store, exec to listening: {server.start_s * 1000:.0f} ms")
            points[-1]["open_s"] = server.start_s
    return points


def plot(points, file):
    import matplotlib
    matplotlib.use("svg")
    from matplotlib import pyplot
    figure, axes = pyplot.subplots(figsize=(7, 4))
    for op in points[0]["probe"]:
        axes.loglog([point["tables"] for point in points], [point["probe"][op]["p50_us"] / 1000 for point in points], marker="o",
                    label=op)
    axes.set_xlabel("tables in the catalog")
    axes.set_ylabel("median, ms")
    axes.set_title("Cost against size, one client thread")
    axes.grid(True, which="major", alpha=0.3)
    axes.legend(fontsize="small")
    figure.tight_layout()
    figure.savefig(file)
    print(f"  plot: {file}")


def main():
    result = {"compare": compare()}
    if SIZES:
        print("\nGrowing: median ms (p99 ms) at each size")
        result["grow"] = grow()
        plot(result["grow"], HERE / "cost.svg")
    file = servers.CACHE / "catalog.json"
    file.write_text(json.dumps(result, indent=1))
    print(f"\nall figures: {file}")


if __name__ == "__main__":
    sys.exit(main())
