"""`manage.py rotate_keys`: seals providers' keys anew with the first of CREDENTIAL_KEYS."""

from django.core.management.base import BaseCommand, CommandError

from routes import keys
from studio import ground


class Command(BaseCommand):
    requires_system_checks = []  # those load all pages, which nobody asks for here
    help = "Seals every provider's key anew with the first of CREDENTIAL_KEYS."

    def handle(self, *args: object, **options: object) -> None:
        ground.lay_folders()
        ground.lay_schema()
        done = keys.rotate()
        self.stdout.write(f"{done.sealed} {'key is' if done.sealed == 1 else 'keys are'} sealed anew.")
        if done.lost:
            raise CommandError(
                f"No key of this studio opens {', '.join(done.lost)}. "
                "Add the older key to CREDENTIAL_KEYS, or enter these keys again."
            )
