-- "Action taken" is no public state any more. Until the next batch, which publishes every receipt again, such a receipt
-- says no more than is true of each of them.

UPDATE reports_receipt
SET outcomes = replace(outcomes::text, '"action_taken"', '"being_assessed"')::jsonb
WHERE outcomes::text LIKE '%"action_taken"%';
