-- Rows, first and last day, and last fetch of every table that has days.
SELECT 'price_history' AS table_name, count(*) AS stored_rows, min(date) AS first_date, max(date) AS last_date,
       max(fetched_at) AS fetched_at FROM price_history
UNION ALL
SELECT 'fx_history', count(*), min(date), max(date), max(fetched_at) FROM fx_history
UNION ALL
SELECT 'dividend_history', count(*), min(ex_date), max(ex_date), max(fetched_at) FROM dividend_history
UNION ALL
SELECT 'split_history', count(*), min(ex_date), max(ex_date), max(fetched_at) FROM split_history
UNION ALL
SELECT 'trading_sessions', count(*), min(date), max(date), NULL FROM trading_sessions
UNION ALL
SELECT 'transactions', count(*), min(date), max(date), NULL FROM transactions
UNION ALL
SELECT 'valuation_daily', count(*), min(date), max(date), NULL FROM valuation_daily
UNION ALL
SELECT 'performance_daily', count(*), min(date), max(date), NULL FROM performance_daily;
