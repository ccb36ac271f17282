"""Servers as a person starts them, and what they answer."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def folio(home, *words, **options):
    command = [sys.executable, "-c", "from pipelines.cli import main; main()", *words]
    environment = {**os.environ, "FOLIO_HOME": str(home), "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    return subprocess.Popen(command, env=environment | options.pop("more", {}), text=True, **options)


def answer(home, *words):
    process = folio(home, *words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=home)
    out, err = process.communicate(timeout=120)
    return process.returncode, out, err


class Demo:
    """A running demo: its home, process, addresses and what it printed."""

    def __init__(self, home):
        self.home = home
        ports = {"FOLIO_DASHBOARD_PORT": str(free_port()), "FOLIO_DAGSTER_PORT": str(free_port())}
        self.process = folio(home, "demo", more=ports, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=home)
        self.lines = []
        for line in self.process.stdout:
            self.lines.append(line)
            if "Ctrl-C" in line:
                break
        self.addresses = re.findall(r"http://\S+", "".join(self.lines))

    def stop(self):
        children = psutil.Process(self.process.pid).children(recursive=True)
        self.process.send_signal(signal.SIGINT)
        self.process.wait(timeout=40)
        return self.process.returncode, psutil.wait_procs(children, timeout=10)[1]


def served(home, **more):
    """Yield the address of the dashboard on a home that is there, as long as it is needed."""
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "dashboard" / "app.py"), "--server.port", f"{port}"]
    environment = {**os.environ, "FOLIO_HOME": str(home), "PYTHONPATH": str(ROOT), **more}
    with (home / "dashboard.log").open("w") as log:
        process = subprocess.Popen(
            [*command, "--server.address", "127.0.0.1"], env=environment, cwd=ROOT, stdout=log, stderr=log
        )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            try:
                urllib.request.urlopen(f"{address}/_stcore/health", timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=20)
