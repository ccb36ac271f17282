"""Every setting, its default and its meaning; where the files of one deployment lie.

Belongs here: reading the environment, ``.env`` and what a home says of itself, once, at the edge. Does not: anything
that acts on a setting.
"""

import datetime as dt
import os
import re
import sys
from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import (
    BaseSettings,
    JsonConfigSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

DEFAULT_HOME = Path("data")
HOME_SAYS = "demo.json"
"""Settings that a home brings along, as `folio demo` writes them: they count before the environment's."""

_LIMIT = re.compile(r"none|[1-9]\d{0,8}/(second|minute|day)")

Limits = Annotated[tuple[str, ...], NoDecode]


class Settings(BaseSettings):
    """Settings of one deployment: what its home says, else ``FOLIO_…`` in the environment, in ``.env``, the default."""

    model_config = SettingsConfigDict(
        env_prefix="FOLIO_", env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True
    )

    hears_home: ClassVar[bool] = True

    home: Path = Field(default=DEFAULT_HOME, description="Folder of every file; made absolute at once.")
    user: str = Field(default="me", min_length=1, description="Whose portfolios the command line works on.")
    ledger_database_url: str | None = Field(default=None, description="Ledger elsewhere, as an SQLAlchemy URL.")
    clock: dt.date | None = Field(default=None, description="The day that counts as today; the demo's last day.")
    price_sources: Annotated[tuple[str, ...], NoDecode] = Field(
        default=("yahoo", "inbox"),
        description="Sources of prices, in order of preference: yahoo, alphavantage, inbox, demo.",
    )
    fx_sources: Annotated[tuple[str, ...], NoDecode] = Field(
        default=("ecb", "inbox"),
        description="Sources of exchange rates, in order of preference: ecb, yahoo, alphavantage, inbox, demo.",
    )
    yahoo_url: str | None = Field(default=None, description="Where Yahoo is answered instead of its own hosts.")
    ecb_url: str | None = Field(default=None, description="Where the ECB is answered instead of its own host.")
    alphavantage_url: str | None = Field(
        default=None, description="Where Alpha Vantage is answered instead of its own host."
    )
    alphavantage_key: SecretStr | None = Field(
        default=None, min_length=1, exclude=True, description="Key for Alpha Vantage; written into no document."
    )
    yahoo_limits: Limits = Field(
        default=("2/second",), description="Requests that Yahoo is sent at most: such as 2/second,100/minute, or none."
    )
    alphavantage_limits: Limits = Field(
        default=("1/second", "25/day"), description="Requests that Alpha Vantage is sent at most; a day begins in UTC."
    )
    ecb_limits: Limits = Field(default=("none",), description="Requests that the ECB is sent at most.")
    keep_publications: int = Field(default=5, ge=1, description="How many publications stay.")
    keep_runs: int = Field(default=500, ge=1, description="How many runs stay on record, with what gates found.")
    lock_timeout_seconds: float = Field(default=600, ge=0, description="How long a run waits for another to end.")
    build_memory_mb: int = Field(
        default=512, ge=128, description="Megabytes that DuckDB keeps of what a run writes; the rest waits on disk."
    )
    workers: int | None = Field(default=None, ge=1, description="How many processes value portfolios.")
    sql_seconds: float = Field(default=30, gt=0, description="How long a query on the SQL page may take.")
    sql_memory_mb: int = Field(default=1024, ge=64, description="Memory that such a query may take, in megabytes.")
    dashboard_port: int = Field(default=8501, ge=1, le=65535, description="Port of the dashboard.")
    dagster_port: int = Field(default=3000, ge=1, le=65535, description="Port of the Dagster UI.")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Return where settings come from, the first to say one counts."""
        del file_secret_settings
        if not cls.hears_home:
            return init_settings, env_settings, dotenv_settings
        stated = {**dotenv_settings(), **env_settings(), **init_settings()}
        home = Path(stated.get("home", DEFAULT_HOME)).expanduser()
        says = JsonConfigSettingsSource(settings_cls, json_file=home / HOME_SAYS)
        return init_settings, says, env_settings, dotenv_settings

    @field_validator("home")
    @classmethod
    def _absolute(cls, home: Path) -> Path:
        return home.expanduser().absolute()

    @field_validator("price_sources", "fx_sources", "yahoo_limits", "alphavantage_limits", "ecb_limits", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("yahoo_limits", "alphavantage_limits", "ecb_limits")
    @classmethod
    def _limits(cls, stated: tuple[str, ...]) -> tuple[str, ...]:
        if wrong := [limit for limit in stated if not _LIMIT.fullmatch(limit)]:
            raise ValueError(f"{wrong[0]!r} is not such as 2/second, 100/minute, 25/day or none")
        return stated

    @property
    def worker_count(self) -> int:
        """Return how many processes value portfolios: as stated, else one for each core this process may use."""
        if self.workers is not None:
            return self.workers
        return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1

    @property
    def says_path(self) -> Path:
        """Return the file of what the home says of itself."""
        return self.home / HOME_SAYS

    @property
    def ledger_url(self) -> str:
        """Return the ledger's SQLAlchemy URL."""
        return self.ledger_database_url or f"sqlite:///{self.ledger_path}"

    @property
    def ops_url(self) -> str:
        """Return the SQLAlchemy URL of what happened."""
        return f"sqlite:///{self.ops_path}"

    @property
    def ledger_path(self) -> Path:
        """Return the ledger's file."""
        return self.home / "ledger.sqlite"

    @property
    def ops_path(self) -> Path:
        """Return the file of what happened."""
        return self.home / "ops.sqlite"

    @property
    def warehouse_link(self) -> Path:
        """Return the symlink that names the last publication."""
        return self.home / "warehouse.duckdb"

    @property
    def lock_path(self) -> Path:
        """Return the file that a run locks."""
        return self.home / "warehouse.lock"

    @property
    def published_dir(self) -> Path:
        """Return the folder of publications."""
        return self.home / "published"

    @property
    def build_dir(self) -> Path:
        """Return the folder of candidates."""
        return self.home / "build"

    @property
    def running_dir(self) -> Path:
        """Return the folder of the locks of runs that are alive."""
        return self.home / "running"

    @property
    def staging_dir(self) -> Path:
        """Return the folder of fetched frames."""
        return self.home / "staging"

    @property
    def inbox_dir(self) -> Path:
        """Return the folder that files are dropped into."""
        return self.home / "inbox"

    @property
    def backups_dir(self) -> Path:
        """Return the folder of backups."""
        return self.home / "backups"

    @property
    def dagster_dir(self) -> Path:
        """Return Dagster's home."""
        return self.home / "dagster"


class StatedSettings(Settings):
    """The same without what the home says: what a person has stated, for whoever writes or ends what it says."""

    hears_home: ClassVar[bool] = False
