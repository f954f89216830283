#!/usr/bin/env python3
"""How fast rows load: the same 1,000,000 x 20 table from CSV, SQLite and PostgreSQL, on one core, by `participant data check`.

    dotnet build participant -c Release && tests/benchmarks/data/load.py [--rows 1000000]

Needs Debian's postgresql; the server is the script's own, in a temporary folder, and runs on the other cores.
"""
import argparse
import csv
import json
import os
import random
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = ROOT / "participant/bin/Release/net10.0/FedLab.Participant.dll"
COLUMNS = ["id"] + [f"x{i}" for i in range(19)]


def write_rows(path, count):
    """Amounts, counts, shares: what an enterprise's columns look like; a tenth of one column is missing."""
    draw = random.Random(7)
    with open(path, "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for row in range(count):
            values = [f"E{row:08d}"]
            for column in range(19):
                kind = column % 4
                value = draw.random()
                values.append("" if column == 5 and value < 0.1 else f"{value * 1e4:.4f}" if kind == 0 else str(int(value * 1e6)) if kind == 1 else f"{value * 1e6:.2f}" if kind == 2 else f"{value:.6f}")
            writer.writerow(values)


def shuffle_rows(path, source):
    header, *rows = source.read_text().splitlines(keepends=True)
    random.Random(8).shuffle(rows)
    path.write_text(header + "".join(rows))


def write_sqlite(path, source):
    with sqlite3.connect(path) as database, open(source, newline="") as file:
        database.execute(f"CREATE TABLE wide (id TEXT, {', '.join(name + ' REAL' for name in COLUMNS[1:])})")
        rows = csv.reader(file)
        next(rows)
        database.executemany(f"INSERT INTO wide VALUES ({', '.join('?' * 20)})", ([row[0], *(float(value) if value else None for value in row[1:])] for row in rows))


class Postgres:
    """A server of the script's own; under root it runs as nobody, since it refuses to run as root."""

    def __init__(self, folder):
        self.folder = folder
        programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
        if not programs:
            sys.exit("PostgreSQL's server is not installed (apt-get install postgresql).")
        self.programs = programs[-1]
        self.prefix = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"] if os.getuid() == 0 else []
        folder.chmod(0o755)
        home = folder / "server"
        home.mkdir()
        if self.prefix:
            shutil.chown(home, "nobody", "nogroup")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        subprocess.run([*self.prefix, self.programs / "initdb", "-D", home / "data", "-U", "owner", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"], check=True, stdout=subprocess.DEVNULL)
        self.process = subprocess.Popen(
            [*self.prefix, self.programs / "postgres", "-D", home / "data", "-p", str(self.port), "-k", home, "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c", "max_wal_size=4GB"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(300):
            if subprocess.run([self.programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)]).returncode == 0:
                break
            time.sleep(0.1)

    def load(self, table, source):
        columns = "id text, " + ", ".join(f"{name} double precision" for name in COLUMNS[1:])
        with open(source) as file:
            subprocess.run(
                [self.programs / "psql", "-q", "-h", "127.0.0.1", "-p", str(self.port), "-U", "owner", "-d", "postgres", "-v", "ON_ERROR_STOP=1",
                 "-c", f"CREATE TABLE {table} ({columns})", "-c", f"COPY {table} FROM STDIN (FORMAT csv, HEADER true)", "-c", f"VACUUM ANALYZE {table}"],
                stdin=file, check=True)

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait()


def check(folder, name, data, core):
    home = folder / f"home-{name}"
    home.mkdir()
    (home / "participant.json").write_text(json.dumps({"name": "bank", "coordinator": "https://localhost:7443", "data": {"key": "id", "keyFormat": "text", **data}}))
    said = subprocess.run(["taskset", "-c", core, "dotnet", PROGRAM, "data", "check", "--home", home, "--json"], check=True, capture_output=True, text=True).stdout
    return json.loads(said)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    if not PROGRAM.exists():
        sys.exit("Build it first: dotnet build participant -c Release")
    core = str(max(os.sched_getaffinity(0)))
    folder = Path(tempfile.mkdtemp(prefix="fedlab-load-"))
    server = None
    try:
        source = folder / "wide.csv"
        write_rows(source, options.rows)
        shuffle_rows(folder / "shuffled.csv", source)
        write_sqlite(folder / "wide.db", source)
        server = Postgres(folder)
        server.load("wide", source)
        server.load("shuffled", folder / "shuffled.csv")
        sources = {
            "CSV": {"path": str(source)},
            "CSV, keys in no order": {"path": str(folder / "shuffled.csv")},
            "SQLite": {"sqlite": {"path": str(folder / "wide.db"), "table": "wide"}},
            "PostgreSQL": {"postgres": {"host": "127.0.0.1", "port": server.port, "database": "postgres", "user": "owner", "table": "wide"}},
            "PostgreSQL, socket": {"postgres": {"host": str(folder / "server"), "port": server.port, "database": "postgres", "user": "owner", "table": "wide"}},
        }
        sources["PostgreSQL, keys in no order"] = {"postgres": {**sources["PostgreSQL"]["postgres"], "table": "shuffled"}}
        megabytes = source.stat().st_size / 1e6
        print(f"{options.rows:,} rows, {megabytes:.0f} MB as CSV, best of {options.rounds}, one core; rows of a database are sorted by key where they are not")
        digests = set()
        for name, data in sources.items():
            best = None
            for round_ in range(options.rounds):
                found = check(folder, f"{name}-{round_}", data, core)
                if data.get("path") != str(folder / "shuffled.csv"):
                    digests.add(found["contentDigest"])
                best = min(best or found["seconds"], found["seconds"])
            print(f"{name:30} {best:6.2f} s {options.rows / best:12,.0f} rows/s {megabytes / best:6.0f} MB/s")
        print("same content hash" if len(digests) == 1 else "CONTENT HASHES DIFFER")
        sys.exit(0 if len(digests) == 1 else 1)
    finally:
        if server:
            server.stop()
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
