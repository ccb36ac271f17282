-- Sections of one portfolio's complete view: portfolio, names.
SELECT section, ledger_version, as_of, document
FROM complete_views
WHERE portfolio_id = ? AND section IN (SELECT unnest(?));
