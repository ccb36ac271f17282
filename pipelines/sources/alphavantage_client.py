"""Alpha Vantage over HTTP: one question, one checked answer, and a key that nobody gets to see.

Belongs here: the request, reading JSON, keeping the key out of messages and logs. Does not: what a refusal means
(`alphavantage_refusal`), the shape of an answer (`alphavantage_answer`), trying again (`resilience`).

The key goes into the address, for Alpha Vantage takes it nowhere else. So whatever could hold an address (an error of
`requests`, the log of urllib3) is let go or cleaned of it here; no error has one behind it.
"""

import json
import logging
import re
from collections.abc import Callable
from decimal import Decimal
from typing import TypeVar

import requests
from pydantic import BaseModel, SecretStr, ValidationError

from pipelines.sources.alphavantage_answer import instrument_of
from pipelines.sources.alphavantage_refusal import HIDDEN, refusal, without_key
from pipelines.sources.errors import (
    BadKeyError,
    GarbledAnswerError,
    MalformedAnswerError,
    RateLimitError,
    SourceDownError,
)
from pipelines.sources.retry_after import retry_after

HOST = "https://www.alphavantage.co"
_OK, _UNAUTHORISED, _TOO_MANY = 200, 401, 429
_KEY_IN_ADDRESS = re.compile(r"(apikey=)[^&\s\"']+")

Answer = TypeVar("Answer", bound=BaseModel)


class AlphaVantageClient:
    """Questions to Alpha Vantage with one key.

    Args:
        source: The name that errors carry.
        key: The key; it leaves this object in requests only.
        base_url: What answers for Alpha Vantage's host; None for that itself.
        timeout: Seconds without a byte.
        before_request: Called before each request.
    """

    def __init__(
        self,
        *,
        source: str,
        key: SecretStr,
        base_url: str | None,
        timeout: float,
        before_request: Callable[[], None],
    ) -> None:
        self._source = source
        self._before_request = before_request
        self._key = key
        self._url = f"{(base_url or HOST).rstrip('/')}/query"
        self._timeout = timeout
        logging.getLogger("urllib3.connectionpool").addFilter(_without_keys)

    def ask(self, shape: type[Answer], function: str, about: str | None, **parameters: str) -> Answer:
        """Return the answer of one of Alpha Vantage's functions.

        Args:
            shape: What the answer must look like.
            function: The function, as Alpha Vantage names it.
            about: The instrument, for errors.
            parameters: Of the function.

        Raises:
            UnknownSymbolError: If it does not know the instrument, or says nothing at all.
            UnsupportedError: If the function is not in the plan of the key.
            QuotaError: If today's requests are used up.
            RateLimitError: If it wants fewer requests at a time.
            BadKeyError: If it does not take the key.
            GarbledAnswerError: If it answers no JSON.
            MalformedAnswerError: If it answers something else, or about another instrument.
            SourceDownError: If it cannot be reached, breaks off, or says that it is down.
        """
        said = self._json(self._body(function, about, parameters), function, about)
        if (refused := refusal(said, self._source, about, secret=self._key.get_secret_value())) is not None:
            raise refused
        told, asked = instrument_of(said), parameters.get("symbol")
        if told is not None and asked is not None and _plain(told) != _plain(asked):
            another = without_key(f"{function}: an answer about {told}", self._key.get_secret_value())
            raise MalformedAnswerError(self._source, about, another)
        try:
            return shape.model_validate(said)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            place = ".".join(str(part) for part in first["loc"])
            # The name of a field is the answer's own.
            wrong = without_key(f"{function}: {place}: {first['msg']}", self._key.get_secret_value())
        raise MalformedAnswerError(self._source, about, wrong)

    def _body(self, function: str, about: str | None, parameters: dict[str, str]) -> str:
        answer = self._sent({"function": function, **parameters})
        if isinstance(answer, str):
            raise SourceDownError(self._source, about, f"{function}: {answer}")
        if answer.status_code == _TOO_MANY:
            told = retry_after(answer.headers)
            raise RateLimitError(self._source, about, f"{function}: HTTP {answer.status_code}", told)
        if answer.status_code == _UNAUTHORISED:
            raise BadKeyError(self._source, about, f"{function}: HTTP {answer.status_code}")
        if answer.status_code != _OK:
            told = retry_after(answer.headers)
            raise SourceDownError(self._source, about, f"{function}: HTTP {answer.status_code}", told)
        return answer.content.decode(errors="replace")

    def _sent(self, query: dict[str, str]) -> requests.Response | str:
        """Return the response, or what kept it from coming.

        The error itself is let go: its message, and that of each error behind it, holds the whole address.
        """
        self._before_request()
        try:
            return requests.get(
                self._url,
                params=query | {"apikey": self._key.get_secret_value()},
                timeout=self._timeout,
                allow_redirects=False,  # nobody else is to be given the key
            )
        except requests.Timeout:
            return f"timed out after {self._timeout:g} seconds"
        except requests.RequestException as error:
            return type(error).__name__

    def _json(self, body: str, function: str, about: str | None) -> dict[str, object]:
        """Return the JSON object that the body is; the error of reading it is let go, for it holds the body."""
        try:
            said = json.loads(body, parse_float=Decimal)
        except json.JSONDecodeError as error:
            wrong = f"no JSON: {error.msg} at character {error.pos}"
        except RecursionError:
            wrong = "no JSON that anybody would send"
        else:
            if isinstance(said, dict):
                return said
            wrong = "no JSON object"
        raise GarbledAnswerError(self._source, about, f"{function}: {wrong}")


def _plain(ticker: str) -> str:
    """Return a ticker by its letters and digits: a class of shares is written with a dot or a dash."""
    return "".join(sign for sign in ticker.upper() if sign.isalnum())


def _without_keys(record: logging.LogRecord) -> bool:
    """Take keys out of what urllib3 logs of its requests."""
    if isinstance(record.args, tuple):
        record.args = tuple(
            _KEY_IN_ADDRESS.sub(rf"\1{HIDDEN}", part) if isinstance(part, str) else part for part in record.args
        )
    return True
