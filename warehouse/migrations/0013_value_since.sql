-- Since when a row has been held back with its value.

ALTER TABLE quarantine ADD COLUMN "value_since_at" TIMESTAMP WITH TIME ZONE;
