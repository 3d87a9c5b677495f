"""What was deleted by rule, and the one door through which the records let their words go

Revision: 0760, after 0721
"""

import sqlalchemy as sa
from alembic import op
import storage.types
revision = '0760'
down_revision = '0721'
branch_labels = None
depends_on = None

MARK = '[…]'
# By record: what its words stand in, what names the case or problem, and what else may not change.
RECORDS = {
    'timeline_event': (('before', 'after'), 'case_number', ('at', 'actor', 'verb', 'source')),
    'problem_event': (('after',), 'problem', ('at', 'actor', 'verb')),
}
STAYS = ('status', 'severity')  # of what the words stand in: figures are computed from these
BY_RULE = (
    "f.verb = 'forget_words' OR "
    "(f.verb = 'forget_survey' AND {verb} IN ('answered_pulse', 'answered_survey'))"
)
REFUSED = "rows of {table} are never changed"


def upgrade() -> None:
    op.create_table(
        'forgotten',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('at', storage.types.Instant(), nullable=False),
        sa.Column('actor', sa.String(), nullable=False),
        sa.Column('verb', sa.String(), nullable=False),
        sa.Column('case_number', sa.Integer(), nullable=True),
        sa.Column('problem', sa.Integer(), nullable=True),
        sa.Column('about', sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(['case_number'], ['escalation.number']),
        sa.ForeignKeyConstraint(['problem'], ['problem.number']),
        sa.PrimaryKeyConstraint('id'),
    )
    op.create_index('ix_forgotten_case_number', 'forgotten', ['case_number'])
    op.create_index('ix_forgotten_problem', 'forgotten', ['problem'])
    op.add_column(
        'escalation', sa.Column('forgotten_at', storage.types.Instant(), nullable=True)
    )
    if op.get_bind().dialect.name == 'sqlite':
        _guard_sqlite()
    else:
        _guard_postgresql()


def _guard_sqlite() -> None:
    for change in ('UPDATE', 'DELETE'):
        op.execute(
            f"CREATE TRIGGER keep_forgotten_{change.lower()} BEFORE {change} ON forgotten "
            f"BEGIN SELECT RAISE(ABORT, '{REFUSED.format(table='forgotten')}'); END"
        )
    for table, (holding, subject, facts) in RECORDS.items():
        same = [f'NEW."{name}" IS OLD."{name}"' for name in ('id', subject, *facts)]
        said = [f"NEW.why IN (OLD.why, '{MARK}')"]
        for name in holding:
            said += [
                f"(SELECT count(*) FROM json_tree(NEW.\"{name}\"))"
                f" = (SELECT count(*) FROM json_tree(OLD.\"{name}\"))",
                "NOT EXISTS (SELECT 1"
                f" FROM json_tree(NEW.\"{name}\") n LEFT JOIN json_tree(OLD.\"{name}\") o"
                " ON o.fullkey = n.fullkey WHERE o.fullkey IS NULL OR n.type <> o.type"
                f" OR (n.atom IS NOT o.atom AND NOT (n.type = 'text' AND n.atom = '{MARK}')))",
            ]
            said += [
                f"json_extract(NEW.\"{name}\", '$.{key}') IS json_extract(OLD.\"{name}\", '$.{key}')"
                for key in STAYS
            ]
        rule = (
            f'EXISTS (SELECT 1 FROM forgotten f WHERE f.{subject} = OLD.{subject}'
            f" AND ({BY_RULE.format(verb='OLD.verb')}))"
        )
        op.execute(f'DROP TRIGGER keep_{table}_update')
        op.execute(
            f"CREATE TRIGGER keep_{table}_update BEFORE UPDATE ON {table} "
            f"WHEN NOT ({' AND '.join([*same, *said, rule])}) "
            f"BEGIN SELECT RAISE(ABORT, '{REFUSED.format(table=table)}'); END"
        )


def _guard_postgresql() -> None:
    op.execute(
        "CREATE TRIGGER keep_forgotten BEFORE UPDATE OR DELETE ON forgotten "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        "CREATE TRIGGER keep_forgotten_whole BEFORE TRUNCATE ON forgotten "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    op.execute(f"""
        CREATE FUNCTION only_forgets(was jsonb, now_is jsonb) RETURNS boolean
        LANGUAGE plpgsql IMMUTABLE AS $$
        BEGIN
            IF jsonb_typeof(was) IS DISTINCT FROM jsonb_typeof(now_is) THEN
                RETURN false;
            ELSIF jsonb_typeof(was) = 'string' THEN
                RETURN now_is = was OR now_is = to_jsonb('{MARK}'::text);
            ELSIF jsonb_typeof(was) = 'array' THEN
                RETURN jsonb_array_length(was) = jsonb_array_length(now_is) AND NOT EXISTS (
                    SELECT 1 FROM generate_series(0, jsonb_array_length(was) - 1) AS place
                    WHERE NOT only_forgets(was -> place, now_is -> place));
            ELSIF jsonb_typeof(was) = 'object' THEN
                RETURN (SELECT count(*) FROM jsonb_object_keys(was))
                    = (SELECT count(*) FROM jsonb_object_keys(now_is)) AND NOT EXISTS (
                    SELECT 1 FROM jsonb_each(was) AS part
                    WHERE (now_is -> part.key) IS NULL
                        OR NOT only_forgets(part.value, now_is -> part.key));
            END IF;
            RETURN was IS NOT DISTINCT FROM now_is;
        END $$""")
    for table, (holding, subject, _facts) in RECORDS.items():
        words = ', '.join(f"'{name}'" for name in (*holding, 'why'))
        said = [f"only_forgets(o -> '{name}', n -> '{name}')" for name in (*holding, 'why')]
        said += [
            f"(n -> '{name}' -> '{key}') IS NOT DISTINCT FROM (o -> '{name}' -> '{key}')"
            for name in holding
            for key in STAYS
        ]
        op.execute(f"""
            CREATE FUNCTION change_{table}() RETURNS trigger LANGUAGE plpgsql AS $$
            DECLARE
                o jsonb; n jsonb;
            BEGIN
                IF EXISTS (SELECT 1 FROM forgotten f WHERE f.{subject} = OLD.{subject}
                        AND ({BY_RULE.format(verb='OLD.verb')})) THEN
                    o = to_jsonb(OLD);
                    n = to_jsonb(NEW);
                    IF (o - ARRAY[{words}]) = (n - ARRAY[{words}]) AND {' AND '.join(said)} THEN
                        RETURN NEW;
                    END IF;
                END IF;
                RAISE EXCEPTION 'rows of % are never changed', TG_TABLE_NAME;
            END $$""")
        op.execute(f'DROP TRIGGER keep_{table} ON {table}')
        op.execute(
            f"CREATE TRIGGER keep_{table} BEFORE DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER keep_{table}_words BEFORE UPDATE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION change_{table}()"
        )


def downgrade() -> None:
    sqlite = op.get_bind().dialect.name == 'sqlite'
    for table in RECORDS:
        if sqlite:
            op.execute(f'DROP TRIGGER keep_{table}_update')
            op.execute(
                f"CREATE TRIGGER keep_{table}_update BEFORE UPDATE ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{REFUSED.format(table=table)}'); END"
            )
            continue
        op.execute(f'DROP TRIGGER keep_{table}_words ON {table}')
        op.execute(f'DROP TRIGGER keep_{table} ON {table}')
        op.execute(f'DROP FUNCTION change_{table}()')
        op.execute(
            f"CREATE TRIGGER keep_{table} BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
    if not sqlite:
        op.execute('DROP FUNCTION only_forgets(jsonb, jsonb)')
    op.drop_column('escalation', 'forgotten_at')
    op.drop_table('forgotten')
