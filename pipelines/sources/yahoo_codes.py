"""Yahoo's own codes in the field's terms.

Belongs here: exchanges, kinds of instruments, units of price. Does not: reading an answer (`yahoo_parse`).
"""

from collections.abc import Mapping
from typing import NamedTuple

MIC: Mapping[str, str] = {
    "AMS": "XAMS", "ASE": "XASE", "ASX": "XASX", "ATH": "XATH", "BER": "XBER", "BRU": "XBRU", "BSE": "XBOM",
    "BTS": "BATS", "BUD": "XBUD", "BUE": "XBUE", "CBT": "XCBT", "CME": "XCME", "CMX": "XCEC", "CNQ": "XCNQ",
    "CPH": "XCSE", "CXE": "CXE", "DUS": "XDUS", "EBS": "XSWX", "FGI": "XLON", "FRA": "XFRA", "GER": "XETR",
    "HAM": "XHAM", "HAN": "XHAN", "HEL": "XHEL", "HKG": "XHKG", "ICE": "XICE", "IOB": "XLON", "ISE": "XDUB",
    "IST": "XIST", "JKT": "XIDX", "JNB": "XJSE", "JPX": "XTKS", "KLS": "XKLS", "KOE": "XKOS", "KSC": "XKRX",
    "LIS": "XLIS", "LIT": "XLIT", "LSE": "XLON", "MCE": "XMAD", "MEX": "XMEX", "MIL": "XMIL", "MUN": "XMUN",
    "NCM": "XNAS", "NEO": "NEOE", "NGM": "XNAS", "NMS": "XNAS", "NSI": "XNSE", "NYM": "XNYM", "NYQ": "XNYS",
    "NZE": "XNZE", "OEM": "OTCM", "OQB": "OTCQ", "OQX": "OTCQ", "OSL": "XOSL", "PAR": "XPAR", "PCX": "ARCX",
    "PNK": "PINX", "PRA": "XPRA", "RIS": "XRIS", "SAO": "BVMF", "SAU": "XSAU", "SES": "XSES", "SET": "XBKK",
    "SGO": "XSGO", "SHH": "XSHG", "SHZ": "XSHE", "STO": "XSTO", "STU": "XSTU", "TAI": "XTAI", "TAL": "XTAL",
    "TLV": "XTAE", "TOR": "XTSE", "TWO": "ROCO", "VAN": "XTSX", "VIE": "XWBO", "WSE": "XWAR",
}  # fmt: skip
"""Exchange code of Yahoo → ISO 10383 market identifier code; codes that are no exchange (CCC, CCY, SNP) are absent."""

ASSET_CLASS: Mapping[str, str] = {
    "EQUITY": "Equity",
    "ETF": "ETF",
    "MUTUALFUND": "Fund",
    "CRYPTOCURRENCY": "Crypto",
    "CURRENCY": "Currency",
    "INDEX": "Index",
    "FUTURE": "Commodity",
    "BOND": "Bond",
}


class Unit(NamedTuple):
    """What prices are quoted in: the ISO 4217 currency, and how many of the unit make one of it."""

    currency: str
    per_currency: int


_HUNDREDTHS: Mapping[str, str] = {"GBp": "GBP", "GBX": "GBP", "ILA": "ILS", "ZAc": "ZAR", "ZAC": "ZAR"}


def unit_of(code: str) -> Unit:
    """Return the unit that a provider's currency code stands for.

    >>> unit_of("GBp")
    Unit(currency='GBP', per_currency=100)
    """
    if code in _HUNDREDTHS:
        return Unit(_HUNDREDTHS[code], 100)
    return Unit(code, 1)
