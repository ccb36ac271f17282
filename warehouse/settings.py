"""Every setting, its default and its meaning; where the files of one deployment lie.

Belongs here: reading the environment and ``.env``, once, at the edge. Does not: anything that acts on a setting.
"""

import datetime as dt
from pathlib import Path
from typing import Annotated

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


class Settings(BaseSettings):
    """Settings of one deployment: ``FOLIO_…`` in the environment, else in ``.env``, else the default."""

    model_config = SettingsConfigDict(
        env_prefix="FOLIO_", env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True
    )

    home: Path = Field(default=Path("data"), description="Folder of every file; made absolute at once.")
    user: str = Field(default="me", min_length=1, description="Whose portfolios the command line works on.")
    ledger_database_url: str | None = Field(default=None, description="Ledger elsewhere, as an SQLAlchemy URL.")
    clock: dt.date | None = Field(default=None, description="The day that counts as today; the demo's last day.")
    price_sources: Annotated[tuple[str, ...], NoDecode] = Field(
        default=("yahoo",), description="Sources of prices, in order of preference: yahoo, inbox, demo."
    )
    fx_sources: Annotated[tuple[str, ...], NoDecode] = Field(
        default=("ecb",), description="Sources of exchange rates, in order of preference: ecb, inbox, demo."
    )
    yahoo_url: str | None = Field(default=None, description="Where Yahoo is answered instead of its own hosts.")
    ecb_url: str | None = Field(default=None, description="Where the ECB is answered instead of its own host.")
    keep_publications: int = Field(default=5, ge=1, description="How many publications stay.")
    lock_timeout_seconds: float = Field(default=600, ge=0, description="How long a run waits for another to end.")
    dashboard_port: int = Field(default=8501, ge=1, le=65535, description="Port of the dashboard.")
    dagster_port: int = Field(default=3000, ge=1, le=65535, description="Port of the Dagster UI.")

    @field_validator("home")
    @classmethod
    def _absolute(cls, home: Path) -> Path:
        return home.expanduser().absolute()

    @field_validator("price_sources", "fx_sources", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

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
