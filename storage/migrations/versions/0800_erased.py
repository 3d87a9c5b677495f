"""A person or a customer can be erased in the records that are never edited: by a rule on record

Revision: 0800, after 0760

The door is open between two rows of `forgotten`: `erase`, whose `about` has the pseudonym (`as`),
and `erased`, whose `about` names the first (`rule`). A change must put the pseudonym into a text,
after a beginning that stays as it was; nothing else of the row may become another.
"""

import sqlalchemy as sa
from alembic import op
revision = '0800'
down_revision = '0760'
branch_labels = None
depends_on = None

RECORDS = ('timeline_event', 'problem_event', 'clock_event', 'forgotten', 'terminal_action')
# Never another, in any record; numbers and what is in no text stay as well.
FIXED = ('id', 'case_number', 'problem', 'at', 'recorded_at', 'verb', 'kind', 'clock', 'command',
         'source')  # fmt: skip
STAYS = ('status', 'severity')  # of JSON: figures are computed from these
OPEN = (
    "f.verb = 'erase' AND NOT EXISTS (SELECT 1 FROM forgotten g"
    " WHERE g.verb = 'erased' AND {rule} = f.id)"
)
FUNCTIONS = ('refuse_change', 'change_timeline_event', 'change_problem_event')
RAISES = 'RAISE EXCEPTION'
ASKS = (
    "IF TG_OP = 'UPDATE' THEN IF may_erase(TG_TABLE_NAME, to_jsonb(OLD), to_jsonb(NEW)) THEN"
    " RETURN NEW; END IF; END IF; " + RAISES
)


def upgrade() -> None:
    op.create_index('ix_forgotten_verb', 'forgotten', ['verb'])
    if op.get_bind().dialect.name == 'sqlite':
        for table in RECORDS:
            _wrap_sqlite(table, opens=True)
        return
    _make_functions()
    for name in FUNCTIONS:
        _replace_function(name, RAISES, ASKS)


def _wrap_sqlite(table: str, *, opens: bool) -> None:
    bind = op.get_bind()
    name = f'keep_{table}_update'
    made = bind.exec_driver_sql(f"SELECT sql FROM sqlite_master WHERE name = '{name}'").scalar_one()
    door = f'NOT ({_sqlite_condition(table)})'
    if not opens:
        made = made.replace(f'WHEN {door} AND NOT (', 'WHEN NOT (')
        made = made.replace(f' WHEN {door} BEGIN', ' BEGIN')
    elif 'WHEN NOT (' in made:
        made = made.replace('WHEN NOT (', f'WHEN {door} AND NOT (', 1)
    else:
        made = made.replace(f'ON {table} BEGIN', f'ON {table} WHEN {door} BEGIN', 1)
    bind.exec_driver_sql(f'DROP TRIGGER {name}')
    bind.exec_driver_sql(made)


def _sqlite_condition(table: str) -> str:
    alias = "json_extract(f.about, '$.as')"
    said = [OPEN.format(rule="json_extract(g.about, '$.rule')"), f"{alias} GLOB '*-????????'"]
    for column in sa.inspect(op.get_bind()).get_columns(table):
        old, new = f'OLD."{column["name"]}"', f'NEW."{column["name"]}"'
        if column['name'] in FIXED or not isinstance(column['type'], sa.String | sa.JSON):
            said.append(f'{new} IS {old}')
        elif not isinstance(column['type'], sa.JSON):
            begin = f'instr({new}, {alias}) - 1'
            said.append(
                f'({new} IS {old} OR (instr({new}, {alias}) > 0'
                f' AND substr({new}, 1, {begin}) = substr({old}, 1, {begin})))'
            )
        else:
            said += [
                f'(SELECT count(*) FROM json_tree({new})) = (SELECT count(*) FROM json_tree({old}))',
                f'NOT EXISTS (SELECT 1 FROM json_tree({new}) n LEFT JOIN json_tree({old}) o'
                f' ON o.fullkey = n.fullkey WHERE (o.fullkey IS NULL AND instr(n.fullkey, {alias}) = 0)'
                ' OR (o.fullkey IS NOT NULL AND (o.type <> n.type OR (n.atom IS NOT o.atom'
                f" AND NOT (n.type = 'text' AND instr(n.atom, {alias}) > 0)))))",
            ]
            said += [
                f"json_extract({new}, '$.{key}') IS json_extract({old}, '$.{key}')" for key in STAYS
            ]
    return f"EXISTS (SELECT 1 FROM forgotten f WHERE {' AND '.join(said)})"


def _make_functions() -> None:
    stays = ', '.join(f"'{key}'" for key in STAYS)
    op.execute(f"""
        CREATE FUNCTION only_names(was jsonb, now_is jsonb, alias text) RETURNS boolean
        LANGUAGE plpgsql IMMUTABLE AS $$
        DECLARE
            begins integer;
        BEGIN
            IF was IS NOT DISTINCT FROM now_is THEN
                RETURN true;
            ELSIF jsonb_typeof(was) IS DISTINCT FROM jsonb_typeof(now_is) THEN
                RETURN false;
            ELSIF jsonb_typeof(was) = 'string' THEN
                begins = position(alias in now_is #>> '{{}}');
                RETURN begins > 0
                    AND left(now_is #>> '{{}}', begins - 1) = left(was #>> '{{}}', begins - 1);
            ELSIF jsonb_typeof(was) = 'array' THEN
                RETURN jsonb_array_length(was) = jsonb_array_length(now_is) AND NOT EXISTS (
                    SELECT 1 FROM generate_series(0, jsonb_array_length(was) - 1) AS place
                    WHERE NOT only_names(was -> place, now_is -> place, alias));
            ELSIF jsonb_typeof(was) = 'object' THEN
                RETURN (SELECT count(*) FROM jsonb_object_keys(was))
                    = (SELECT count(*) FROM jsonb_object_keys(now_is)) AND NOT EXISTS (
                    SELECT 1 FROM jsonb_each(now_is) AS part
                    WHERE position(alias in part.key) = 0 AND ((was -> part.key) IS NULL
                        OR (part.key IN ({stays}) AND part.value <> was -> part.key)
                        OR NOT only_names(was -> part.key, part.value, alias)));
            END IF;
            RETURN false;
        END $$""")
    fixed = ', '.join(f"'{name}'" for name in FIXED)
    rule = OPEN.format(rule="(g.about ->> 'rule')::integer")
    op.execute(f"""
        CREATE FUNCTION may_erase(kept text, was jsonb, now_is jsonb) RETURNS boolean
        LANGUAGE plpgsql STABLE AS $$
        BEGIN
            RETURN kept <> 'audit_event' AND EXISTS (
                SELECT 1 FROM forgotten f WHERE {rule}
                AND f.about ->> 'as' LIKE '%-________'
                AND NOT EXISTS (
                    SELECT 1 FROM jsonb_each(now_is) AS part
                    WHERE (part.key IN ({fixed})
                            AND part.value IS DISTINCT FROM was -> part.key)
                        OR NOT only_names(was -> part.key, part.value, f.about ->> 'as')));
        END $$""")


def _replace_function(name: str, old: str, new: str) -> None:
    bind = op.get_bind()
    query = f"SELECT pg_get_functiondef('{name}'::regproc)"
    made = bind.exec_driver_sql(query).scalar_one()
    bind.execute(sa.text(made.replace(old, new).replace(':', '\\:')))


def downgrade() -> None:
    if op.get_bind().dialect.name == 'sqlite':
        for table in RECORDS:
            _wrap_sqlite(table, opens=False)
    else:
        for name in FUNCTIONS:
            _replace_function(name, ASKS, RAISES)
        op.execute('DROP FUNCTION may_erase(text, jsonb, jsonb)')
        op.execute('DROP FUNCTION only_names(jsonb, jsonb, text)')
    op.drop_index('ix_forgotten_verb', 'forgotten')
