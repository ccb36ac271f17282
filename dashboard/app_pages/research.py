"""Research: any instrument: what it is, its price, dividends, splits, statements and news."""

from functools import partial

import streamlit as st

from dashboard import addressed, charting, explaining, tables, tiles
from dashboard.charts import research as charts
from dashboard.chosen import chosen_if_any
from dashboard.columns import configured
from dashboard.data import research, served, symbols, watching
from dashboard.panels import entered, lookups, symbol_search
from dashboard.views import points
from dashboard.views import research as view_of
from dashboard.views.typed import FIRST_DAY, LAST_DAY
from dashboard.views.verbatim import verbatim
from pipelines import formats
from pipelines import research as asked

looked_at = chosen_if_any()
day, known_on = (looked_at.as_of, looked_at.known_on) if looked_at else (served.today(), None)
known = watching.known_symbols()

st.subheader("Research")
text = symbol_search.field()
if not text:
    st.caption("Type a symbol for its page, or a part of a name to search; or click one that is stored.")
    symbol_search.stored("", known)
    st.stop()
symbol = view_of.symbol_of(text, known)
if symbol is None:
    symbol_search.matches(text, known)
    st.stop()

row = research.profile(symbol)
watched = watching.watching()
with st.container(horizontal=True, vertical_alignment="center", key="instrument"):
    st.subheader(verbatim((row and row["name"]) or symbol), anchor=False, width="content")
    if symbol in watched.symbols:
        st.badge("Watched", icon=":material/visibility:", color="blue")
    elif st.button("Watch", key="watch_it", icon=":material/visibility:"):
        entered.make(
            partial(watching.watch, symbol, None, "", version=watched.version), f"{symbol} is watched: it is fetched"
        )
if row is not None:
    st.caption(verbatim(f"{symbol} · {view_of.facts(row)}"))

line = symbols.price_line(looked_at, symbol)
if line.is_empty():
    st.info(
        f"Nothing is stored of {verbatim(symbol)}. Watch it, and the next run fetches its prices, dividends and "
        f"splits, or `folio refresh --symbols {symbol}` at once; statements and news can be asked for here.",
        icon=":material/info:",
    )
    with st.expander("Or search for it", icon=":material/search:"):
        symbol_search.matches(text, known)
else:
    quote, source = research.price_on(symbol, day, known_on)
    figures = view_of.tiles(quote, source, view_of.year(line, day))
    tiles.show(figures, key="quote", why=explaining.market_button)
    st.caption(verbatim(view_of.priced(quote, source)))

    with st.container(horizontal=True, key="chart_controls"):
        span = addressed.one_of("Range", view_of.RANGES, default="1Y", key="range")
        adjusted = addressed.one_of("Prices", view_of.ADJUSTED, default="Split-adjusted", key="prices")
    shown, column = view_of.window(line, span, day), view_of.ADJUSTED[adjusted]
    if shown.is_empty():
        st.info(f"No price of {verbatim(symbol)} is stored up to {formats.day(day)}.", icon=":material/info:")
    else:
        point = charting.show(
            charts.price,
            shown,
            column,
            adjusted,
            key=f"price-{symbol}",
            alt=f"Price of {symbol}, {adjusted}",
            selects=True,
        )
        explaining.market_day(point, partial(points.closes_on, symbol, shown))
        with st.container(horizontal=True, vertical_alignment="center", key="gained"):
            st.caption(view_of.gained(shown), width="content")
            if shown.height > 1:
                gained = partial(view_of.explained_gains, symbol, shown, quote.currency)
                explaining.market_button(gained, "gained")
        if known_on is not None:
            st.caption("The line is as known now; the price above and below as known on the day that is chosen.")

    with st.container(horizontal=True, vertical_alignment="bottom", key="price_on"):
        with addressed.expected("Price on", "on", addressed.Days()):
            on = st.date_input(
                "Price on",
                day,
                min_value=FIRST_DAY,
                max_value=LAST_DAY,
                key="on",
                bind="query-params",
                format=formats.typed_day(),
                width=200,
            )
        told = view_of.priced(*research.price_on(symbol, on, known_on)) if on <= day else view_of.ahead(on, day)
        st.markdown(verbatim(told))

DIVIDENDS, SPLITS, STATEMENTS, NEWS = "Dividends", "Splits", "Statements", "News"
parts = [STATEMENTS, NEWS] if line.is_empty() else [DIVIDENDS, SPLITS, STATEMENTS, NEWS]
part = addressed.one_of("Show", parts, default=parts[0], key="part")
provider_symbol = row["provider_symbol"] if row is not None else None

if part == DIVIDENDS:
    rows = view_of.events(research.dividends(symbol, known_on), view_of.DIVIDEND_COLUMNS)
    if rows.is_empty():
        st.caption(f"No dividend of {verbatim(symbol)} is stored.")
    else:
        tables.show(rows, key="dividends", name=f"{symbol}-dividends", columns=configured(view_of.DIVIDEND_COLUMNS))
elif part == SPLITS:
    rows = view_of.events(research.splits(symbol, known_on), view_of.SPLIT_COLUMNS)
    if rows.is_empty():
        st.caption(f"No split of {verbatim(symbol)} is stored.")
    else:
        tables.show(rows, key="splits", name=f"{symbol}-splits", columns=configured(view_of.SPLIT_COLUMNS))
elif part == STATEMENTS:
    with st.container(horizontal=True, key="statement_controls"):
        kind = addressed.one_of("Statement", view_of.STATEMENTS, default="Income", key="statement")
        period = addressed.one_of("Period", view_of.PERIODS, default="Annual", key="statement_period")
    lookup = asked.statements(symbol, view_of.STATEMENTS[kind], provider_symbol)
    reported = lookups.show(lookup, key="statements", label="Ask for statements")
    if reported is not None:
        table = view_of.statement(reported, period)
        if table.is_empty():
            st.caption(f"Nothing {period.lower()} was reported.")
        else:
            columns = configured(view_of.statement_columns(table))
            tables.show(table, key="statement-table", name=f"{symbol}-{kind}-{period}".lower(), columns=columns)
            st.caption(f"In {view_of.currency_of(reported)}; files have every digit.")
else:
    articles = lookups.show(asked.news(symbol, provider_symbol), key="news", label="Ask for news")
    for article in articles or ():
        st.markdown(view_of.headline(article))
    if articles is not None and not articles:
        st.caption(f"There is no news about {verbatim(symbol)}.")
