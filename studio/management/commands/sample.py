"""`manage.py sample`: adds the sample project; harmless to repeat."""

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import StudioRole, User
from studio import ground
from studio.sample import make_sample


class Command(BaseCommand):
    requires_system_checks = []  # those load all pages, which nobody asks for here
    help = "Adds the sample project The Inheritance."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--as", dest="email", help="who it belongs to; without it, the owner")

    def handle(self, *args: object, email: str | None = None, **options: object) -> None:
        ground.lay_folders()
        ground.lay_schema()
        project = make_sample(_person(email))
        self.stdout.write(f"{project.name} is there: {project.slug}.")


def _person(email: str | None) -> User | None:
    if email is None:
        return User.objects.filter(role=StudioRole.OWNER, is_active=True).order_by("pk").first()
    person = User.objects.filter(email__iexact=email, is_active=True).first()
    if person is None:
        raise CommandError(f"There is no active account with the address {email}.")
    return person
