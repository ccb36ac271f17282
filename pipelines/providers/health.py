"""How each provider did, and what it still takes, as `provider_health` declares it.

Belongs here: figures of what processes share about providers. Does not: asking them, printing.
"""

import datetime as dt
from collections.abc import Mapping

import polars as pl

from pipelines.providers.circuit import Breaker, State
from pipelines.providers.limits import Limit, midnight, quota
from warehouse.ops.providers import Circuit, Providers
from warehouse.schema.ops import PROVIDER_HEALTH

_NAMES = ("source", "breaker", "failures_in_a_row", "open_until", "not_before", "quota_left")
_STANDING = pl.Schema({name: PROVIDER_HEALTH.polars_schema[name] for name in _NAMES})


def provider_health(
    providers: Providers,
    limits: Mapping[str, tuple[Limit, ...]],
    *,
    asked: frozenset[str],
    now: dt.datetime,
    breaker: Breaker | None = None,
) -> pl.DataFrame:
    """Return a row for every provider that is asked or was called, by name.

    Args:
        providers: What processes share about them.
        limits: How many requests each takes.
        asked: Those that the settings name.
        now: The moment to look at.
        breaker: The rules of circuits.
    """
    recent = _recent(providers.answers())
    names = pl.DataFrame({"source": sorted(asked | set(recent["source"]))}, schema={"source": pl.String})
    standing = [_standing(providers, name, limits.get(name, ()), breaker or Breaker(), now) for name in names["source"]]
    return PROVIDER_HEALTH.conform(
        names.join(providers.calls(midnight(now).date()), on="source", how="left")
        .with_columns(pl.col("calls", "failures").fill_null(0), day=pl.lit(midnight(now).date()))
        .join(recent, on="source", how="left")
        .join(pl.DataFrame(standing, schema=_STANDING), on="source")
        .sort("source")
    )


def ask_again(providers: Providers, source: str) -> None:
    """Have a provider asked again that is left alone; what was sent today still counts."""
    providers.change_circuit(source, lambda _: (Circuit(), None))


def _recent(answers: pl.DataFrame) -> pl.DataFrame:
    latency = pl.col("latency_ms")
    return answers.group_by("source").agg(
        latency_p50_ms=latency.quantile(0.5, "higher").cast(pl.Int64),
        latency_p95_ms=latency.quantile(0.95, "higher").cast(pl.Int64),
        last_called_at=pl.col("asked_at").last(),
        last_ok_at=pl.col("asked_at").filter("ok").last(),
        last_error=pl.col("error").drop_nulls().last(),
    )


def _standing(
    providers: Providers, name: str, limits: tuple[Limit, ...], breaker: Breaker, now: dt.datetime
) -> dict[str, object]:
    circuit, of_day = providers.circuit(name), quota(limits)
    state = breaker.state(circuit, now)
    waits = circuit.not_before is not None and circuit.not_before > now
    used = 0 if of_day is None else providers.requests_since(name, midnight(now))
    return {
        "source": name,
        "breaker": state.value,
        "failures_in_a_row": circuit.failures_in_a_row,
        "open_until": breaker.open_until(circuit) if state is State.OPEN else None,
        "not_before": circuit.not_before if waits else None,
        # Whoever is left alone for a refusal has said that there is nothing left, whatever has been counted here.
        "quota_left": None if of_day is None else 0 if waits and circuit.refusal else max(0, of_day - used),
    }
