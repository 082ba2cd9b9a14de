"""On PostgreSQL every commit that may be the dispatcher's business is told; SQLite counts commits by itself."""

from django.db import migrations

TABLES = ("generations_generation", "generations_attempt")
CHANNEL = "framehouse"


def tell(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    schema_editor.execute(
        "CREATE FUNCTION framehouse_tell() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN PERFORM pg_notify('{CHANNEL}', ''); RETURN NULL; END $$"
    )
    for table in TABLES:
        schema_editor.execute(
            f"CREATE TRIGGER framehouse_tell AFTER INSERT OR UPDATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION framehouse_tell()"
        )


def hush(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP FUNCTION IF EXISTS framehouse_tell() CASCADE")


class Migration(migrations.Migration):

    dependencies = [
        ('generations', '0004_paid'),
    ]

    operations = [
        migrations.RunPython(tell, hush),
    ]
