"""`python -m tests.replay --port N`: answer as Yahoo, Alpha Vantage and the ECB do until stopped."""

import argparse
import threading

from tests.replay.server import ReplayServer


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.replay", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--host", default="127.0.0.1")
    arguments = parser.parse_args()
    with ReplayServer(host=arguments.host, port=arguments.port) as server:
        print(server.url, flush=True)  # noqa: T201
        print(" ".join(f"FOLIO_{name}_URL={server.url}" for name in ("YAHOO", "ALPHAVANTAGE", "ECB")), flush=True)  # noqa: T201
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return


if __name__ == "__main__":
    main()
