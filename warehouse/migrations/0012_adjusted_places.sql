-- Adjusted closes are rounded to the places of a price: what is beyond is of the factors, which are no decimals.

CREATE OR REPLACE VIEW adjusted_prices AS
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
       round(p.close * coalesce(product(f.split_factor), 1), 8) AS split_adjusted_close,
       round(p.close * coalesce(product(f.split_factor), 1) * coalesce(product(f.dividend_factor), 1), 8) AS adjusted_close
FROM price_history p
LEFT JOIN factors f ON f.symbol = p.symbol AND f.ex_date > p.date
GROUP BY p.symbol, p.date, p.close, p.currency;
