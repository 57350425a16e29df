"""The ledger's tables, functions and roles in PostgreSQL (16 or later), as statements. Only who owns them runs these.

Logs share the tables. What grows by leaf and may expire is partitioned by month; hashes, nodes and checkpoints stay for
good. A gateway's login is a member of `leds_ledger_writer`: it adds and reads, as the audit subgraph too, by the role
of its dataset. Who erases is a member of `leds_ledger_eraser`, which changes nothing but through two functions.
"""

from collections.abc import Iterator

WRITER, ERASER = "leds_ledger_writer", "leds_ledger_eraser"
# The role as which the audit subgraph reads, by the name of its dataset like that of every other one (AUD.LOG).
READER = "leds_read_aud_log"
PARTITIONED = ("ledger_leaf", "ledger_part")
_KEPT = ("ledger_hash", "ledger_node", "ledger_checkpoint")
# Told apart from what other programs lock in the same database.
_DDL_LOCK = 7305002

_TABLES = (
    'CREATE TABLE IF NOT EXISTS ledger_log (log text COLLATE "C" PRIMARY KEY, size bigint NOT NULL)',
    'CREATE TABLE IF NOT EXISTS ledger_leaf (log text COLLATE "C" NOT NULL, position bigint NOT NULL,'
    ' month text COLLATE "C" NOT NULL, at bigint NOT NULL, stage text COLLATE "C" NOT NULL,'
    ' audit_id text COLLATE "C" NOT NULL, part integer NOT NULL, event_type text, user_id text COLLATE "C",'
    " organisation text, reason text, purpose text, document text, seed bytea NOT NULL, canonical bytea NOT NULL,"
    " PRIMARY KEY (log, position, month), UNIQUE (log, audit_id, stage, part, month)) PARTITION BY LIST (month)",
    "CREATE INDEX IF NOT EXISTS ledger_leaf_at ON ledger_leaf (at)",
    "CREATE INDEX IF NOT EXISTS ledger_leaf_user ON ledger_leaf (user_id, at) WHERE user_id IS NOT NULL",
    'CREATE TABLE IF NOT EXISTS ledger_hash (log text COLLATE "C" NOT NULL, position bigint NOT NULL,'
    " hash bytea NOT NULL, PRIMARY KEY (log, position))",
    'CREATE TABLE IF NOT EXISTS ledger_node (log text COLLATE "C" NOT NULL, level integer NOT NULL,'
    ' "index" bigint NOT NULL, hash bytea NOT NULL, PRIMARY KEY (log, level, "index"))',
    'CREATE TABLE IF NOT EXISTS ledger_part (log text COLLATE "C" NOT NULL, position bigint NOT NULL,'
    ' slot integer NOT NULL, month text COLLATE "C" NOT NULL, key_hash text COLLATE "C", salt bytea, canonical bytea,'
    " hash bytea, PRIMARY KEY (log, position, slot, month)) PARTITION BY LIST (month)",
    "CREATE INDEX IF NOT EXISTS ledger_part_subject ON ledger_part (key_hash, position) WHERE key_hash IS NOT NULL",
    'CREATE TABLE IF NOT EXISTS ledger_checkpoint (log text COLLATE "C" NOT NULL, size bigint NOT NULL,'
    " note text NOT NULL, PRIMARY KEY (log, size))",
)

# A partition is attached, not made in its place: attaching waits for no reader and lets others write meanwhile.
_MONTH = """
CREATE OR REPLACE FUNCTION ledger_month(wanted text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
DECLARE kept text; made text;
BEGIN
  IF wanted !~ '^[0-9]{{4}}-(0[1-9]|1[0-2])$' THEN RAISE EXCEPTION 'not a month: %', wanted; END IF;
  FOREACH kept IN ARRAY ARRAY['ledger_leaf', 'ledger_part'] LOOP
    made := kept || '_' || replace(wanted, '-', '_');
    IF to_regclass(made) IS NULL THEN
      PERFORM pg_advisory_xact_lock({lock});
      IF to_regclass(made) IS NULL THEN
        EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL)', made, kept);
        EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES IN (%L)', kept, made, wanted);
      END IF;
    END IF;
  END LOOP;
END $$
"""

# Other logs may still keep leaves of the month: the partition goes with the last of them.
_DROP_MONTH = """
CREATE OR REPLACE FUNCTION ledger_drop_month(of_log text, dropped text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
DECLARE kept text; gone text; others boolean;
BEGIN
  PERFORM pg_advisory_xact_lock({lock});
  FOREACH kept IN ARRAY ARRAY['ledger_part', 'ledger_leaf'] LOOP
    gone := kept || '_' || replace(dropped, '-', '_');
    IF to_regclass(gone) IS NOT NULL THEN
      EXECUTE format('SELECT EXISTS (SELECT FROM %I WHERE log <> $1)', gone) INTO others USING of_log;
      IF others THEN
        EXECUTE format('DELETE FROM %I WHERE log = $1', gone) USING of_log;
      ELSE
        EXECUTE format('DROP TABLE %I', gone);
      END IF;
    END IF;
  END LOOP;
END $$
"""

# The slot's hash is computed here, so that who erases cannot put another part's in its place. Whose record was shown
# goes with its month only.
_ERASE_PART = """
CREATE OR REPLACE FUNCTION ledger_erase_part(of_log text, at_position bigint, at_slot integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
DECLARE erased integer;
BEGIN
  UPDATE ledger_part
  SET hash = sha256('\\x00'::bytea || salt || canonical), salt = NULL, canonical = NULL
  WHERE log = of_log AND position = at_position AND slot = at_slot AND canonical IS NOT NULL AND key_hash IS NULL;
  GET DIAGNOSTICS erased = ROW_COUNT;
  RETURN erased;
END $$
"""

_ERASING = ("ledger_drop_month(text, text)", "ledger_erase_part(text, bigint, integer)")


def statements(schema: str) -> Iterator[str]:
    """Everything that a database needs in `schema` (quoted), the session's own, for one transaction; what is there
    already stays."""
    yield f"SELECT pg_advisory_xact_lock({_DDL_LOCK})"
    yield from _TABLES
    # A session's temporary tables come last, so that nobody can put one of his own in the place of the ledger's.
    yield from (function.format(schema=schema, lock=_DDL_LOCK) for function in (_MONTH, _DROP_MONTH, _ERASE_PART))
    for role in (WRITER, ERASER, READER):
        yield _created(role)
    tables = ", ".join(("ledger_log", *PARTITIONED, *_KEPT))
    yield f"REVOKE ALL ON {tables} FROM PUBLIC, {WRITER}, {ERASER}"
    yield f"GRANT SELECT, INSERT ON {tables} TO {WRITER}"
    yield f"GRANT UPDATE (size) ON ledger_log TO {WRITER}"
    functions = ", ".join(("ledger_month(text)", *_ERASING))
    yield f"REVOKE ALL ON FUNCTION {functions} FROM PUBLIC"
    yield f"GRANT EXECUTE ON FUNCTION ledger_month(text) TO {WRITER}"
    yield f"GRANT EXECUTE ON FUNCTION {', '.join(_ERASING)} TO {ERASER}"
    yield f"GRANT {WRITER} TO {ERASER}"
    yield f"GRANT SELECT ON {', '.join(PARTITIONED)} TO {READER}"
    yield f"GRANT {READER} TO {WRITER}"
    for months in (0, 1):
        yield f"SELECT ledger_month(to_char(now() AT TIME ZONE 'UTC' + interval '{months} months', 'YYYY-MM'))"


def _created(role: str) -> str:
    """Roles belong to the whole server: another database may make them at the same moment."""
    made = f"CREATE ROLE {role} NOLOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL"
    return f"DO $$ BEGIN {made}; END $$"
