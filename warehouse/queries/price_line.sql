-- Closes of one symbol over time, as traded and as they count after later splits: symbol.
SELECT date, close, split_adjusted_close, adjusted_close, currency
FROM adjusted_prices
WHERE symbol = ?
ORDER BY date;
