-- The day of the fixing that a rate is of: `fx_rate` takes the last one there is, however long ago.

-- Of two currencies through the euro, the older one; the day itself where nothing is converted; null where there is none.
CREATE MACRO fixing_date(code, day) AS
    CASE WHEN code = 'EUR' THEN day::DATE
         ELSE (SELECT max(f.date) FROM fx_history f WHERE f.currency = code AND f.date <= day)
    END;

CREATE MACRO fx_rate_date(src, dst, day) AS
    CASE WHEN src = dst THEN day::DATE
         WHEN fixing_date(src, day) IS NULL OR fixing_date(dst, day) IS NULL THEN NULL
         ELSE least(fixing_date(src, day), fixing_date(dst, day))
    END;
