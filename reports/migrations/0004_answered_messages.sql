-- The receipt shows which messages were answered.

DROP FUNCTION reports_look_up(uuid);

CREATE FUNCTION reports_look_up(wanted uuid) RETURNS TABLE(outcomes jsonb, changed_on date, message_id uuid, asked_on date, sealed bytea, answered boolean)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
    SELECT receipt.outcomes, receipt.changed_on, message.id, message.asked_on, message.sealed_for_reporter, EXISTS (
        SELECT 1 FROM public.reports_submission AS answer
        WHERE answer.receipt_id = receipt.id AND answer.message_id = message.id
    )
    FROM public.reports_receipt AS receipt
    LEFT JOIN public.reports_message AS message ON message.receipt_id = receipt.id
    WHERE receipt.id = wanted
    ORDER BY message.asked_on, message.id
$$;

REVOKE ALL ON FUNCTION reports_look_up(wanted uuid) FROM PUBLIC;
