-- A flow without a rate is not known, and its day says so instead of keeping every portfolio from being published.
ALTER TABLE valuation_daily ALTER COLUMN "flow_in_base" DROP NOT NULL;
ALTER TABLE valuation_daily ALTER COLUMN "flow_out_base" DROP NOT NULL;
