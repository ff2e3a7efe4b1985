-- Phrases of an earlier release go on working as approved texts, one list for each language. No review of them was
-- recorded: they are listed as not reviewed until one speaker proposes them and another approves them.
INSERT INTO countries_approvedtext (language, digest, context, singular, plural, forms)
    SELECT language, encode(sha256(convert_to(E'words of crisis\x04Words of crisis', 'UTF8') || '\x00'::bytea), 'hex'),
        'words of crisis', 'Words of crisis', '', jsonb_build_array(string_agg(words, E'\n' ORDER BY id))
    FROM countries_crisisphrase GROUP BY language;
