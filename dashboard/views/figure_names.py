"""What figures of the document are called where people read them.

Belongs here: from a path such as ``holdings.AAPL@Depot.value_base`` to words. Does not: which paths there are
(`pipelines.portfolio.explain`).
"""

import re

from pipelines.portfolio.explain import PARTS

_HELD = re.compile(r"holdings\.(?P<symbol>[^@]+)@(?P<account>.+?)(?:\.lots\.(?P<lot>\d+))?\.(?P<field>\w+)")
_PATH = re.compile(rf"(?P<section>{'|'.join(PARTS)})\.(?:(?P<of>.+)\.)?(?P<field>\w+)")
_WORDS = {
    "twr": "time-weighted return",
    "twr_annualized": "time-weighted return, a year",
    "twr_before_tax": "time-weighted return before taxes",
    "xirr": "money-weighted return, a year",
    "xirr_before_tax": "money-weighted return before taxes, a year",
    "money_weighted": "money-weighted return",
    "fx_rate": "exchange rate",
    "fx_effect_base": "effect of the exchange rate",
    "var_95": "value at risk, 95%",
    "cvar_95": "expected shortfall, 95%",
}


def readable(figure: str) -> str:
    """Return the words for a figure; one that is no path has them already.

    >>> readable("holdings.META@Broker USD.lots.0.cost_base"), readable("summary.realized_gain"), readable("flow")
    ('META, Broker USD, lot 1: cost', 'realised gain', 'flow')
    >>> readable("performance.periods.YTD.twr"), readable("realized_gains.3.cost_local")
    ('performance, periods, YTD: time-weighted return', 'realised gains, 4: cost in its own currency')
    """
    if held := _HELD.fullmatch(figure):
        lot = f", lot {int(held['lot']) + 1}" if held["lot"] else ""
        return f"{held['symbol']}, {held['account']}{lot}: {_words(held['field'])}"
    path = _PATH.fullmatch(figure)
    if path is None:
        return figure
    if path["of"] is None:
        return _words(path["field"])
    of = [f"{int(part) + 1}" if part.isdecimal() else part for part in path["of"].split(".", 1)]
    return f"{', '.join([_plain(path['section']), *of])}: {_words(path['field'])}"


def _words(field: str) -> str:
    return _WORDS.get(field) or _plain(field.removesuffix("_base").replace("_local", "_in_its_own_currency"))


def _plain(name: str) -> str:
    return name.replace("_", " ").replace("realized", "realised")
