"""Side-by-side measurements in one run. Every figure is the median of REPEATS
interleaved runs; CPU is user+system of the whole process, from wait4."""
import json
import os
import pathlib
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

SOURCE = pathlib.Path(__file__).resolve().parents[1]
BIN = SOURCE / "build/release/bin"
PLACE = SOURCE / ".cache/bench"
MB = int(os.environ.get("BENCH_MB", "1000"))
REPEATS = int(os.environ.get("BENCH_REPEATS", "3"))
PYTHON = sys.executable


def measure(command, stdout=subprocess.DEVNULL):
    """One run: (wall s, cpu s, peak MiB)."""
    began = time.monotonic()
    child = subprocess.Popen(list(map(str, command)), stdout=stdout, stderr=subprocess.PIPE)
    err = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"{command}: exit {child.returncode}: {err.decode()[-500:]}")
    return time.monotonic() - began, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def compare(title, contestants, before=None):
    """contestants: name -> command or callable giving (wall, cpu, peak)."""
    samples = {name: [] for name in contestants}
    for _ in range(REPEATS):
        for name, run in contestants.items():
            if before:
                before()
            samples[name].append(run() if callable(run) else measure(run))
    rows = {name: [statistics.median(column) for column in zip(*values)] for name, values in samples.items()}
    ours = rows["tenon"]
    print(f"\n{title}")
    print(f"  {'':28} {'wall s':>8} {'cpu s':>8} {'peak MiB':>9} {'cpu/tenon':>10} {'wall/tenon':>11}")
    for name, (wall, cpu, peak) in rows.items():
        print(f"  {name:28} {wall:8.2f} {cpu:8.2f} {peak:9.0f} {cpu / ours[1]:10.2f} {wall / ours[0]:11.2f}", flush=True)
    return rows


def data():
    """CSV and JSON lines of the shape of TPC-H lineitem, made by DuckDB, repeatable."""
    csv, jsonl = PLACE / f"li{MB}.csv", PLACE / f"li{MB}.jsonl"
    if csv.exists() and jsonl.exists():
        return csv, jsonl
    import duckdb
    rows = MB * 7700
    columns = f"""
      SELECT i//4 AS l_orderkey, (hash(i)%200000)::BIGINT AS l_partkey, (hash(i+1)%10000)::BIGINT AS l_suppkey, i%4+1 AS l_linenumber,
        (hash(i+2)%50+1)::DOUBLE AS l_quantity, round((hash(i+3)%9000000)/100.0+900,2) AS l_extendedprice,
        (hash(i+4)%11)/100.0 AS l_discount, (hash(i+5)%9)/100.0 AS l_tax,
        ['A','N','R'][(hash(i+6)%3+1)::INT] AS l_returnflag, ['O','F'][(hash(i+7)%2+1)::INT] AS l_linestatus,
        DATE '1992-01-01'+(hash(i+8)%2500)::INT AS l_shipdate, DATE '1992-02-01'+(hash(i+9)%2500)::INT AS l_commitdate,
        DATE '1992-03-01'+(hash(i+10)%2500)::INT AS l_receiptdate,
        ['DELIVER IN PERSON','COLLECT COD','NONE','TAKE BACK RETURN'][(hash(i+11)%4+1)::INT] AS l_shipinstruct,
        ['TRUCK','MAIL','AIR','SHIP','RAIL','FOB','REG AIR'][(hash(i+12)%7+1)::INT] AS l_shipmode,
        'carefully regular deposits '||(hash(i+13)%100000) AS l_comment
      FROM range(CAST(? AS BIGINT)) t(i)"""
    con = duckdb.connect()
    print(f"making {csv.name} and {jsonl.name} of about {MB} MB each", flush=True)
    con.execute(f"COPY ({columns.replace('?', str(rows))}) TO '{csv}' (HEADER)")
    con.execute(f"""COPY (SELECT l_orderkey, l_partkey, l_quantity, l_extendedprice, l_returnflag, l_shipdate, l_shipmode,
        l_comment, {{line: l_linenumber, price: {{discount: l_discount, tax: l_tax}}}} AS detail,
        [l_suppkey, l_partkey] AS ids, l_linestatus = 'O' AS open
        FROM ({columns.replace('?', str(int(rows * 0.58)))})) TO '{jsonl}' (FORMAT json)""")
    return csv, jsonl


def bench_infer():
    csv, jsonl = data()
    for kind, path in (("CSV", csv), ("JSON", jsonl)):
        reader = "read_csv" if kind == "CSV" else "read_json"
        sniff = f"import duckdb;c=duckdb.connect();c.execute('SET threads={{}}');" \
                f"print(c.execute(\"DESCRIBE SELECT * FROM {reader}('{path}', sample_size=-1)\").fetchall())"
        compare(f"{kind} inference, exact, every byte, {path.stat().st_size / 1e6:.0f} MB", {
            "tenon": [BIN / "tenon-worker", "infer", "--json", path],
            "duckdb sample_size=-1, 2 thr": [PYTHON, "-c", sniff.format(2)],
            "duckdb sample_size=-1, 1 thr": [PYTHON, "-c", sniff.format(1)],
            "cat": ["cat", path],
        })


class Daemon:
    def __enter__(self):
        self.place = pathlib.Path(tempfile.mkdtemp(prefix="tenon-bench-", dir=PLACE))
        self.address = f"unix:{self.place}/s"
        self.process = subprocess.Popen([BIN / "tenond", "--data", self.place / "data", "--listen", self.address],
                                        stdout=subprocess.PIPE, stderr=open(self.place / "log", "w"))
        assert b"ready" in self.process.stdout.readline()
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)
        shutil.rmtree(self.place)

    def run(self, *words):
        done = subprocess.run([BIN / "tenon", "--json", "--address", self.address, *map(str, words)],
                              capture_output=True, text=True, cwd=self.place)
        if done.returncode:
            raise SystemExit(done.stderr)
        return json.loads(done.stdout) if done.stdout.strip() else None

    def job(self, name, table, **target):
        (self.place / "job.json").write_text(json.dumps({"name": name, "bookmark": "DISABLE", "plan": {"nodes": [
            {"name": "s", "source": {"database": "d", "table": table}},
            {"name": "t", "inputs": ["s"], "target": {"path": str(self.place / name), **target}}]}}))
        self.run("job", "put", "job.json")


def bench_job():
    csv, _ = data()
    out = PLACE / "out"
    with Daemon() as daemon:
        (daemon.place / "lake").mkdir()
        (daemon.place / "lake/li").mkdir()
        os.link(csv, daemon.place / "lake/li/li.csv")
        daemon.run("crawl", "lake", "--database", "d")
        daemon.job("copy", "li")

        def clean():
            shutil.rmtree(out, ignore_errors=True)
            shutil.rmtree(daemon.place / "copy", ignore_errors=True)
            out.mkdir()

        def ours():
            began = time.monotonic()
            stats = daemon.run("job", "run", "copy", "--wait")["stats"]
            return time.monotonic() - began, stats["cpu_seconds"], stats["memory_peak_bytes"] / 2**20

        duck = f"import duckdb;c=duckdb.connect();c.execute('SET threads=2');c.execute('SET preserve_insertion_order={{}}');" \
               f"c.execute(\"COPY (SELECT * FROM read_csv('{csv}')) TO '{out}/o.parquet' (COMPRESSION snappy)\")"
        polars = f"import polars as p;p.scan_csv('{csv}',try_parse_dates=True).sink_parquet('{out}/o.parquet',compression='snappy')"
        compare(f"CSV to Parquet (snappy) job, {csv.stat().st_size / 1e6:.0f} MB, 2 threads", {
            "tenon": ours,
            "duckdb COPY, unordered": [PYTHON, "-c", duck.format("false")],
            "duckdb COPY, default": [PYTHON, "-c", duck.format("true")],
            "polars streaming": [PYTHON, "-c", polars],
        }, clean)
        shutil.rmtree(out, ignore_errors=True)


def bench_start():
    with Daemon() as daemon:
        (daemon.place / "lake/t").mkdir(parents=True)
        (daemon.place / "lake/t/t.csv").write_text("id,name\n" + "".join(f"{i},n{i}\n" for i in range(10)))
        daemon.run("crawl", "lake", "--database", "d")
        daemon.job("tiny", "t")
        walls, phases = [], []
        for _ in range(20):
            began = time.monotonic()
            run = daemon.run("job", "run", "tiny", "--wait")
            walls.append(time.monotonic() - began)
            phases.append((run["end_time_us"] - run["start_time_us"]) / 1e6)
        sql = [measure([BIN / "tenon", "--address", daemon.address, "sql", "SELECT count(*) FROM d.t"])[0] for _ in range(20)]
        status = pathlib.Path(f"/proc/{daemon.process.pid}/status").read_text()
        rss = next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS"))
        print("\nCold start of a native job run (10 rows, CSV to Parquet, committed durably), median of 20")
        print(f"  command to answer   {statistics.median(walls) * 1000:7.1f} ms")
        print(f"  worker start to end {statistics.median(phases) * 1000:7.1f} ms")
        print(f"  tenon sql count(*)  {statistics.median(sql) * 1000:7.1f} ms")
        print(f"  daemon RSS after it {rss:7.1f} MiB")
    starts = []
    for _ in range(10):
        began = time.monotonic()
        with Daemon():
            starts.append(time.monotonic() - began)
    print(f"  daemon exec to ready{statistics.median(starts) * 1000:8.1f} ms")


def bench_rpc():
    subprocess.run(["cmake", "--build", BIN.parent, "--target", "bench_rpc"], check=True, stdout=subprocess.DEVNULL)
    subprocess.run([BIN / "bench_rpc"], check=True)


def bench_catalog():
    subprocess.run(["cmake", "--build", BIN.parent, "--target", "bench_catalog"], check=True, stdout=subprocess.DEVNULL)
    subprocess.run([PYTHON, SOURCE / "bench/catalog/catalog.py"], check=True)


def bench_scale():
    subprocess.run(["cmake", "--build", BIN.parent, "--target", "bench_scale", "bench_catalog"], check=True, stdout=subprocess.DEVNULL)
    subprocess.run([PYTHON, SOURCE / "bench/scale/scale.py"], check=True)


BENCHES = {"infer": bench_infer, "job": bench_job, "start": bench_start, "rpc": bench_rpc, "catalog": bench_catalog,
           "scale": bench_scale}

if __name__ == "__main__":
    names = sys.argv[1:] or list(BENCHES)
    for name in names:
        if name not in BENCHES:
            raise SystemExit(f"no benchmark '{name}': {' '.join(BENCHES)}")
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {REPEATS} repeats, median")
    for name in names:
        BENCHES[name]()
