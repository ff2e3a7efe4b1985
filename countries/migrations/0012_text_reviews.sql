-- A reviewed language counts as reviewed for each of its texts, as it is now.
INSERT INTO countries_textreview (text_id, part, digest, reviewed_by, reviewed_on)
SELECT id, part, encode(sha256(convert_to(replace(replace(words, E'\r\n', E'\n'), E'\r', E'\n'), 'UTF8')), 'hex'),
       reviewed_by, reviewed_on
FROM countries_portaltext
CROSS JOIN LATERAL (
    VALUES ('title', title), ('welcome', welcome), ('about', about), ('law', law),
           ('suspended_message', suspended_message)
) AS parts (part, words)
WHERE reviewed_by <> '' AND reviewed_on IS NOT NULL AND words ~ '\S';
-- Check the new rows now: a table with checks that wait cannot be altered.
SET CONSTRAINTS ALL IMMEDIATE;
