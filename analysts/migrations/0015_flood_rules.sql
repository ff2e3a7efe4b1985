-- What the database itself refuses about floods, whoever writes: automatic folding beyond a flood's pattern or of a site
-- with an illegal verdict, and closing many incidents at once before a sample was opened or a second person approved.

-- Floods were once folded by site alone. Such an incident waits with a priority of its own.
UPDATE analysts_incident SET
    flood = '', priority = CASE WHEN child_in_danger THEN 10 ELSE 1 END,
    priority_reasons = array_remove(priority_reasons, 'alike')
WHERE state IN ('waiting', 'claimed') AND flood <> '' AND flood <> shape;

CREATE FUNCTION analysts_refuse_wrong_flood() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    BEGIN
        IF TG_OP = 'UPDATE' AND NEW.flood = OLD.flood THEN
            RETURN NEW;
        END IF;
        IF EXISTS (SELECT FROM analysts_floodfolding WHERE flood = NEW.flood) THEN
            RETURN NEW;
        END IF;
        IF NEW.flood <> NEW.shape THEN
            RAISE EXCEPTION 'only incidents with the pattern of a flood are folded without a person'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'incident_flood_of_its_pattern';
        END IF;
        IF NEW.site_fingerprint <> '' AND EXISTS (
            SELECT FROM analysts_incident AS known
            WHERE known.site_fingerprint = NEW.site_fingerprint AND known.site_fingerprint <> '' AND known.severity <> ''
        ) THEN
            RAISE EXCEPTION 'incidents of a site with an illegal verdict are never folded without a person'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'incident_flood_of_illegal_site';
        END IF;
        RETURN NEW;
    END
    $$;

CREATE FUNCTION analysts_refuse_changed_sample() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    BEGIN
        IF TG_OP = 'UPDATE' AND OLD.ended_at IS NULL
            AND to_jsonb(NEW) - '{asked_at,verdict,reason,ended_at}'::text[]
                = to_jsonb(OLD) - '{asked_at,verdict,reason,ended_at}'::text[]
        THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'a sample is drawn once, never changed or deleted'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'floodsample_kept_as_drawn';
    END
    $$;

CREATE FUNCTION analysts_refuse_changed_sample_item() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    BEGIN
        IF TG_OP = 'UPDATE' AND OLD.opened_at IS NULL
            AND to_jsonb(NEW) - 'opened_at' = to_jsonb(OLD) - 'opened_at'
        THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'an incident of a sample is opened, never changed or deleted'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'floodsampleitem_kept_as_drawn';
    END
    $$;

-- `analysts.models.flood.sample_size` and `FloodSample.draw` are the same rules.
CREATE FUNCTION analysts_refuse_unseen_closing() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    DECLARE
        drawn analysts_floodsample;
        number integer;
        needed integer;
        opened integer;
    BEGIN
        SELECT * INTO drawn FROM analysts_floodsample WHERE id = NEW.sample_id;
        number := cardinality(drawn.population);
        IF drawn.id IS NULL OR drawn.ended_at IS NOT NULL
            OR (drawn.flood, drawn.by_id) <> (NEW.flood, NEW.by_id) OR NEW.number > number
        THEN
            RAISE EXCEPTION 'many incidents are closed together only from an unfinished sample of theirs'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'bulk_closing_of_a_sample';
        END IF;
        IF NEW.approved_by_id IS NOT NULL THEN
            IF drawn.asked_at IS NULL OR (drawn.verdict, drawn.reason) <> (NEW.verdict, NEW.reason) THEN
                RAISE EXCEPTION 'a second person approves the decision that was asked for'
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'bulk_closing_approved_as_asked';
            END IF;
            RETURN NEW;
        END IF;
        needed := least(number, greatest(10, ceil(number * 0.05)));
        SELECT count(*) INTO opened
        FROM (
            SELECT member FROM unnest(drawn.population) AS member
            ORDER BY sha256(drawn.seed || uuid_send(member)) LIMIT needed
        ) AS sample
        JOIN analysts_floodsampleitem AS item ON item.sample_id = drawn.id AND item.incident_id = member
        WHERE item.opened_at IS NOT NULL;
        IF opened < needed THEN
            RAISE EXCEPTION 'the sample has not been opened'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'bulk_closing_sample_opened';
        END IF;
        RETURN NEW;
    END
    $$;

CREATE TRIGGER incident_flood_allowed BEFORE INSERT OR UPDATE OF flood ON analysts_incident FOR EACH ROW WHEN ((NEW.flood <> '')) EXECUTE FUNCTION analysts_refuse_wrong_flood();

CREATE TRIGGER floodfolding_kept_as_made BEFORE DELETE OR UPDATE ON analysts_floodfolding FOR EACH ROW EXECUTE FUNCTION analysts_refuse_change();

CREATE TRIGGER floodsample_kept_as_drawn BEFORE DELETE OR UPDATE ON analysts_floodsample FOR EACH ROW EXECUTE FUNCTION analysts_refuse_changed_sample();

CREATE TRIGGER floodsampleitem_kept_as_drawn BEFORE DELETE OR UPDATE ON analysts_floodsampleitem FOR EACH ROW EXECUTE FUNCTION analysts_refuse_changed_sample_item();

CREATE TRIGGER bulkclosing_sample_opened BEFORE INSERT ON analysts_bulkclosing FOR EACH ROW EXECUTE FUNCTION analysts_refuse_unseen_closing();
