WITH RECURSIVE relation AS (
  SELECT c.oid, n.nspname, c.relname, c.relkind,
    -- The parent of an inheritance may show rows of its children that break its own constraints.
    c.relkind = 'r' AND c.relhassubclass AS inherited,
    pg_catalog.has_schema_privilege(n.oid, 'USAGE')
      AND (pg_catalog.has_table_privilege(c.oid, 'SELECT')
        OR pg_catalog.has_any_column_privilege(c.oid, 'SELECT')) AS readable
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND {which}
), resolved (relid, attnum, typid, typmod, required) AS (
  SELECT a.attrelid, a.attnum, a.atttypid, a.atttypmod, a.attnotnull
  FROM pg_catalog.pg_attribute a JOIN relation r ON r.oid = a.attrelid
  WHERE a.attnum > 0 AND NOT a.attisdropped
  UNION ALL
  SELECT d.relid, d.attnum, t.typbasetype, t.typtypmod, d.required OR t.typnotnull
  FROM resolved d JOIN pg_catalog.pg_type t ON t.oid = d.typid
  WHERE t.typtype = 'd'
), database AS (
  SELECT pg_catalog.pg_encoding_to_char(encoding)::text AS encoding, datcollate::text AS libc,
    -- Since 15: c(libc), i(cu), b(uiltin).
    coalesce(pg_catalog.to_jsonb(d) ->> 'datlocprovider', 'c') AS provider,
    coalesce(pg_catalog.to_jsonb(d) ->> 'datlocale', '') AS builtin
  FROM pg_catalog.pg_database d WHERE datname = pg_catalog.current_database()
)
SELECT r.nspname::text, r.relname::text, r.relkind::text, r.readable,
  a.attname::text,
  pg_catalog.format_type(a.atttypid, a.atttypmod),
  r.relkind NOT IN ('r', 'p') OR r.inherited OR NOT b.required,
  CASE WHEN r.inherited THEN NULL ELSE pg_catalog.array_position(k.columns, a.attnum) END,
  CASE WHEN t.typtype = 'e' THEN 'an enumeration'
    WHEN tn.nspname = 'pg_catalog' THEN t.typname::text
    WHEN t.typname = 'citext' THEN 'an extension''s citext'
    ELSE '' END,
  b.typmod,
  ARRAY(SELECT e.enumlabel::text FROM pg_catalog.pg_enum e
    WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder),
  database.encoding,
  coalesce(c.collname::text, ''),
  coalesce((pg_catalog.to_jsonb(c) ->> 'collisdeterministic')::bool, true),
  CASE coalesce(nullif(c.name, 'default'), '')
    WHEN '' THEN database.provider = 'c' AND database.libc ~* '^(C|POSIX)(\.utf-?8)?$'
      OR database.provider = 'b'
    ELSE c.collprovider = 'c' AND c.libc ~* '^(C|POSIX)(\.utf-?8)?$' OR c.collprovider = 'b'
  END
FROM relation r CROSS JOIN database
LEFT JOIN pg_catalog.pg_attribute a
  ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN resolved b ON b.relid = a.attrelid AND b.attnum = a.attnum
LEFT JOIN pg_catalog.pg_type t ON t.oid = b.typid
LEFT JOIN pg_catalog.pg_namespace tn ON tn.oid = t.typnamespace
LEFT JOIN LATERAL (
  SELECT l.*, l.collname::text AS name, coalesce(l.collcollate::text, '') AS libc
  FROM pg_catalog.pg_collation l WHERE l.oid = a.attcollation) c ON true
LEFT JOIN LATERAL (
  SELECT i.indkey::int2[] AS columns FROM pg_catalog.pg_index i
  WHERE i.indrelid = r.oid AND i.indisprimary) k ON true
WHERE t.oid IS NULL OR t.typtype <> 'd'
ORDER BY r.nspname, r.relname, r.oid, a.attnum
