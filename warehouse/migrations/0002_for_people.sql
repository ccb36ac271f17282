-- What people who ask in SQL start from. Ratios and conversions here are for reading: money is rounded in the engine.

-- Rate of one `src` in `dst` on a day: the last fixing on or before it, through the euro; null where there is none.
CREATE MACRO per_eur(code, day) AS
    CASE WHEN code = 'EUR' THEN 1::DECIMAL(20, 10)
         ELSE (SELECT f.per_eur FROM fx_history f WHERE f.currency = code AND f.date <= day ORDER BY f.date DESC LIMIT 1)
    END;

CREATE MACRO fx_rate(src, dst, day) AS CASE WHEN src = dst THEN 1 ELSE per_eur(dst, day) / per_eur(src, day) END;

-- Closes adjusted for the splits and dividends that followed them.
CREATE VIEW adjusted_prices AS
WITH factors AS (
    SELECT s.symbol, s.ex_date, (s.ratio_old / s.ratio_new)::DOUBLE AS split_factor, 1::DOUBLE AS dividend_factor
    FROM split_history s
    UNION ALL
    SELECT d.symbol, d.ex_date, 1::DOUBLE, 1 - d.amount / p.close
    FROM dividend_history d
    ASOF JOIN price_history p ON d.symbol = p.symbol AND d.ex_date > p.date
    WHERE p.close > 0 AND d.amount < p.close
)
SELECT p.symbol,
       p.date,
       p.close,
       p.currency,
       p.close * coalesce(product(f.split_factor), 1) AS split_adjusted_close,
       p.close * coalesce(product(f.split_factor), 1) * coalesce(product(f.dividend_factor), 1) AS adjusted_close
FROM price_history p
LEFT JOIN factors f ON f.symbol = p.symbol AND f.ex_date > p.date
GROUP BY p.symbol, p.date, p.close, p.currency;

-- Holdings with the name of their portfolio and of the instrument.
CREATE VIEW holdings_latest AS
SELECT p.name AS portfolio, p.base_currency, s.name, s.sector, s.country, h.*
FROM holdings h
JOIN portfolios p ON p.portfolio_id = h.portfolio_id
LEFT JOIN symbols s ON s.symbol = h.symbol;
