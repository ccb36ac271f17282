"""`folio up` and `folio demo`: the dashboard and Dagster under one parent.

Belongs here: which services there are, their ports, when they are ready. Does not: keeping them alive (`supervisor`).
"""

import os
import socket
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from pipelines.cli.console import err, out
from pipelines.cli.exits import CommandError
from pipelines.cli.home import environment
from pipelines.cli.supervisor import Service, Supervisor
from warehouse.settings import Settings

ROOT = Path(__file__).resolve().parent.parent.parent
READY_SECONDS = 90.0


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


def services(settings: Settings, ports: Ports, *, scheduled: bool) -> list[Service]:
    """Return the dashboard, the Dagster UI and, where runs are scheduled, Dagster's daemon."""
    logs = settings.home / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    inherited = {**os.environ, **environment(settings), "PYTHONPATH": _path()}
    dashboard = [
        *(sys.executable, "-m", "streamlit", "run", str(ROOT / "dashboard" / "app.py")),
        *("--server.headless", "true", "--server.port", str(ports.dashboard)),
        *("--server.address", "127.0.0.1", "--browser.gatherUsageStats", "false"),
    ]
    located = ["-w", str(ROOT / "workspace.yaml")]
    webserver = [sys.executable, "-m", "dagster_webserver", "-h", "127.0.0.1", "-p", str(ports.dagster), *located]
    daemon = [sys.executable, "-m", "dagster", "daemon", "run", *located]
    wanted = [("dashboard", dashboard), ("dagster-ui", webserver), *([("dagster-daemon", daemon)] if scheduled else [])]
    return [
        Service(name=name, command=command, environment=inherited, cwd=str(ROOT), log=str(logs / f"{name}.log"))
        for name, command in wanted
    ]


def _path() -> str:
    return os.pathsep.join(part for part in (str(ROOT), os.environ.get("PYTHONPATH")) if part)


def serve(settings: Settings, *, scheduled: bool) -> None:
    """Run the services until Ctrl-C; print the addresses once both pages answer."""
    ports = choose_ports(settings)
    supervisor = Supervisor(services(settings, ports, scheduled=scheduled), say=err.print)
    supervisor.start()
    try:
        dashboard = f"http://127.0.0.1:{ports.dashboard}"
        dagster = f"http://127.0.0.1:{ports.dagster}"
        _await(f"{dashboard}/_stcore/health", supervisor)
        out.print(f"Dashboard  [bold]{dashboard}[/bold]")
        _await(f"{dagster}/server_info", supervisor)
        out.print(f"Dagster    [bold]{dagster}[/bold]")
        out.print("Ctrl-C stops both.")
        supervisor.run()
    except KeyboardInterrupt:
        supervisor.stop()
    except CommandError:
        supervisor.stop()
        raise
    out.print("Stopped.")


def _await(address: str, supervisor: Supervisor) -> None:
    """Wait until a page answers."""
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(address, timeout=2):  # noqa: S310 - our own page on this machine
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    names = ", ".join(supervisor.pids)
    message = f"{address} does not answer after {READY_SECONDS:.0f} s ({names}); see the logs folder"
    raise CommandError(message)
