"""A deployment of its own for every test: a small ledger, and a provider that says what the test wants."""

import datetime as dt
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from dagster._core.storage.event_log import InMemoryEventLogStorage
from sqlalchemy import Connection

from pipelines.cli.home import DAGSTER_YAML
from pipelines.defs.run import materialize_all
from pipelines.quality import declaration
from pipelines.sources import registry
from pipelines.sources.base import PRICES, RATES, SPLITS, PriceAnswer, PriceRequest, Profile
from pipelines.sources.errors import MalformedAnswerError, UnknownSymbolError
from warehouse.ledger import Ledger
from warehouse.settings import Settings

CLOCK = dt.date(2022, 12, 28)
SESSIONS = [day for day in (dt.date(2022, 11, 21) + dt.timedelta(n) for n in range(38)) if day.weekday() < 5]
BOUGHT_ON = dt.date(2022, 12, 1)


@pytest.fixture(scope="module")
def without_suites():
    """Leave Great Expectations' suites out, which take a quarter of a run; all other gates stay."""
    with pytest.MonkeyPatch.context() as patch:
        assert callable(declaration._unexpected)
        patch.setattr(declaration, "_unexpected", lambda frame, _: (frame.clear(), []))
        yield


class Provider:
    """A provider of instruments in dollars, or in another ``currency``, each at 100 on every day but where ``says`` has another close.

    It tells ``splits`` of so many for one. A euro is 1.05 of every currency but where ``rated`` has another rate; of those that it ``lacks`` it has none.
    """

    name = "small"

    def __init__(self) -> None:
        self.says: dict[tuple[str, dt.date], Decimal] = {}
        self.rated: dict[tuple[str, dt.date], Decimal] = {}
        self.splits: dict[tuple[str, dt.date], int] = {}
        self.lacks: set[str] = set()
        self.unknown: set[str] = set()
        self.down_from: int | None = None
        self.currency = "USD"
        self.sessions: Sequence[dt.date] = SESSIONS
        self.asked: list[PriceRequest] = []

    def prices(self, request: PriceRequest, *, now: dt.datetime) -> PriceAnswer:
        self.asked.append(request)
        if request.symbol in self.unknown:
            raise UnknownSymbolError(self.name, request.symbol, "nobody knows it")
        if self.down_from is not None and len(self.asked) > self.down_from:
            raise MalformedAnswerError(self.name, request.symbol, "the provider has had enough")
        days = [day for day in self.sessions if request.start <= day <= request.end]
        rows = [
            (request.symbol, day, self.says.get((request.symbol, day), Decimal(100)), self.currency) for day in days
        ]
        frame = pl.DataFrame(rows, schema=["symbol", "date", "close", "currency"], orient="row")
        missing = [pl.lit(None, dtype).alias(name) for name, dtype in PRICES.items() if name not in frame.columns]
        return PriceAnswer(
            prices=frame.with_columns(*missing).select(PRICES.names()).cast(dict(PRICES)),
            splits=pl.DataFrame(
                [(name, day, new, 1) for (name, day), new in self.splits.items() if name == request.symbol],
                schema=dict(SPLITS),
                orient="row",
            ),
            profile=Profile(
                currency=self.currency, price_unit=self.currency, exchange="XNYS", name=f"{request.symbol} Inc."
            ),
        )

    def rates(self, currencies: Sequence[str], start: dt.date, end: dt.date) -> pl.DataFrame:
        days = [day for day in SESSIONS if start <= day <= end]
        known = [currency for currency in currencies if currency not in self.lacks]
        rows = [(one, day, self.rated.get((one, day), Decimal("1.05"))) for one in known for day in days]
        return pl.DataFrame(rows, schema=dict(RATES), orient="row")


def deployment(home: Path) -> Settings:
    """Return the settings of a deployment that asks the small provider, on a clock that stands still."""
    return Settings(_env_file=None, home=home, clock=CLOCK, price_sources=("small",), fx_sources=("small",))


def buy(ledger: Ledger, portfolio_id: str, symbol: str, day: dt.date) -> None:
    """Add a purchase of ten at 90 dollars."""
    row = {"date": day, "type": "BUY", "account": "Depot", "symbol": symbol, "quantity": Decimal(10)}
    money = {"price": Decimal(90), "amount": Decimal(900), "fee": Decimal(0), "tax": Decimal(0), "currency": "USD"}
    ledger.for_user("me").add_transactions(portfolio_id, pl.DataFrame([row | money]), source="test")


@contextmanager
def _of_one_connection(log: InMemoryEventLogStorage) -> Iterator[Connection]:
    with log._db_lock, log._held_conn.begin():
        yield log._held_conn


def with_provider(patch: pytest.MonkeyPatch) -> Provider:
    """Make the small provider known by its name, and keep runs out of anybody's Dagster home.

    The log of a run that is kept in memory is written over the connection that holds it: hundreds of runs are logged.
    """
    small = Provider()
    patch.setattr(registry, "MAKERS", {**registry.MAKERS, "small": lambda _: small})
    patch.delenv("DAGSTER_HOME", raising=False)
    patch.setattr(InMemoryEventLogStorage, "_connect", _of_one_connection)
    return small


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Provider:
    return with_provider(monkeypatch)


@pytest.fixture(scope="session")
def published_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home after its first run: ten AAPL bought at 90 dollars each, in euro, against SPY."""
    home = tmp_path_factory.mktemp("published") / "home"
    home.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        with_provider(patch)
        (home.parent / "dagster").mkdir()
        (home.parent / "dagster" / "dagster.yaml").write_text(DAGSTER_YAML)
        patch.setenv("DAGSTER_HOME", str(home.parent / "dagster"))
        ledger = Ledger.open(deployment(home).ledger_url)
        portfolio = ledger.for_user("me").create_portfolio("Main", "EUR", benchmark="SPY")
        buy(ledger, portfolio.portfolio_id, "AAPL", BOUGHT_ON)
        outcome = materialize_all(deployment(home))
        assert outcome.success, outcome.failures
    return home


def copied(home: Path, folder: Path) -> Settings:
    """Return the settings of a deployment like another one, in a folder of its own."""
    shutil.copytree(home, folder / "home", symlinks=True)
    return deployment(folder / "home")


@pytest.fixture
def settings(published_home: Path, provider: Provider, tmp_path: Path) -> Settings:
    """Return a deployment of the test's own, as its first run left it."""
    return copied(published_home, tmp_path)


@pytest.fixture
def ledger(settings: Settings) -> Ledger:
    return Ledger.open(settings.ledger_url)


@pytest.fixture
def unpublished(settings: Settings) -> Settings:
    """Return the same deployment as it was before its first run: a ledger and nothing else."""
    settings.warehouse_link.unlink()
    for folder in (settings.published_dir, settings.staging_dir):
        shutil.rmtree(folder)
    return settings
