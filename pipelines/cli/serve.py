"""`folio up` and `folio demo`: the dashboard and Dagster under one parent.

Belongs here: which services there are, their ports, when they are ready. Does not: keeping them alive (`supervisor`).
"""

import os
import socket
import sys
import time
import urllib.request
from collections import deque
from dataclasses import dataclass
from pathlib import Path

from pipelines.cli.console import err, out, working
from pipelines.cli.exits import CommandError
from pipelines.cli.home import environment
from pipelines.cli.supervisor import Service, Supervisor
from warehouse.settings import Settings

ROOT = Path(__file__).resolve().parent.parent.parent
READY_SECONDS = 120.0
MOST_DEATHS = 3
LOG_BYTES = 5_000_000


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the two pages answer."""

    dashboard: int
    dagster: int


def free_port(wanted: int, *, taken: tuple[int, ...] = ()) -> int:
    """Return the wanted port, or the next that is free."""
    for port in range(wanted, wanted + 100):
        if port in taken:
            continue
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port
    message = f"no free port from {wanted} to {wanted + 99}; set FOLIO_DASHBOARD_PORT or FOLIO_DAGSTER_PORT"
    raise CommandError(message)


def choose_ports(settings: Settings) -> Ports:
    """Return the ports of the settings, or the next free ones, and say so."""
    dashboard = free_port(settings.dashboard_port)
    dagster = free_port(settings.dagster_port, taken=(dashboard,))
    for name, wanted, found in (
        ("dashboard", settings.dashboard_port, dashboard),
        ("Dagster", settings.dagster_port, dagster),
    ):
        if wanted != found:
            err.print(f"port {wanted} is taken: {name} uses {found}")
    return Ports(dashboard, dagster)


def services(settings: Settings, ports: Ports) -> list[Service]:
    """Return the dashboard, the Dagster UI, and the daemon, without which a run started in that UI waits for ever."""
    logs = settings.home / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    # The dashboard links to the Dagster UI where it is, which is not always where it was wanted.
    placed = {"FOLIO_DAGSTER_PORT": str(ports.dagster), "PYTHONPATH": _path()}
    inherited = {**os.environ, **environment(settings), **placed}
    dashboard = [
        *(sys.executable, "-m", "streamlit", "run", str(ROOT / "dashboard" / "app.py")),
        *("--server.headless", "true", "--server.port", str(ports.dashboard)),
        *("--server.address", "127.0.0.1", "--browser.gatherUsageStats", "false"),
    ]
    located = ["-w", str(ROOT / "workspace.yaml")]
    webserver = [sys.executable, "-m", "dagster_webserver", "-h", "127.0.0.1", "-p", str(ports.dagster), *located]
    daemon = [str(Path(sys.executable).parent / "dagster-daemon"), "run", *located]
    return [
        Service(name=name, command=command, environment=inherited, cwd=str(ROOT), log=_log(logs / f"{name}.log"))
        for name, command in (("dashboard", dashboard), ("dagster-ui", webserver), ("dagster-daemon", daemon))
    ]


def _log(path: Path) -> str:
    """Return the log's path; one that has grown large makes room first."""
    if path.exists() and path.stat().st_size > LOG_BYTES:
        path.replace(path.with_suffix(".old.log"))
    return str(path)


def _path() -> str:
    return os.pathsep.join(part for part in (str(ROOT), os.environ.get("PYTHONPATH")) if part)


def serve(settings: Settings) -> None:
    """Run the services until Ctrl-C or SIGTERM; print each address once its page answers."""
    ports = choose_ports(settings)
    *pages, daemon = services(settings, ports)
    supervisor = Supervisor(pages, say=lambda line: err.print(line, soft_wrap=True))
    supervisor.start()
    try:
        dashboard = f"http://127.0.0.1:{ports.dashboard}"
        dagster = f"http://127.0.0.1:{ports.dagster}"
        if _answers(f"{dashboard}/_stcore/health", supervisor, "dashboard", settings):
            out.print(f"Dashboard  [bold]{dashboard}[/bold]")
        if _answers(f"{dagster}/server_info", supervisor, "dagster-ui", settings):
            out.print(f"Dagster    [bold]{dagster}[/bold]")
            out.print("Ctrl-C stops both.")
            supervisor.add(daemon)  # last, for it would take from the pages what they need to start
        supervisor.run()
    finally:
        supervisor.stop()
    out.print("Stopped.")


def _answers(address: str, supervisor: Supervisor, name: str, settings: Settings) -> bool:
    """Wait until a page answers; False if the services are to stop before it does.

    Raises:
        CommandError: If it does not answer in time, or its service keeps ending.
    """
    deadline = time.monotonic() + READY_SECONDS
    with working(f"Starting {name}"):
        while not supervisor.stopping:
            supervisor.tend()
            if _is_up(address):
                return True
            if supervisor.deaths[name] >= MOST_DEATHS or time.monotonic() > deadline:
                raise CommandError(_why_not(name, settings))
            time.sleep(0.1)
    return False


def _is_up(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=2):  # noqa: S310 - our own page on this machine
            return True
    except OSError:
        return False


def _why_not(name: str, settings: Settings) -> str:
    log = settings.home / "logs" / f"{name}.log"
    with log.open(encoding="utf-8", errors="replace") as lines:
        last = deque((line.strip() for line in lines if line.strip()), maxlen=1)
    said = f" ({last[0]})" if last else ""
    return f"{name} does not answer{said}; its log is {log}"
