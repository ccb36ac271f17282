-- When what is behind an instrument was asked for.

ALTER TABLE symbols ADD COLUMN "described_at" TIMESTAMP WITH TIME ZONE;
