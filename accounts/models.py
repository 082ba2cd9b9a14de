"""People: the user with a studio role, and invitations that turn a link into an account."""

from typing import Self
from uuid import uuid4

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils import timezone


class StudioRole(models.TextChoices):
    OWNER = "owner", "Owner"
    ADMIN = "admin", "Admin"
    MEMBER = "member", "Member"


class Theme(models.TextChoices):
    DARK = "dark", "Dark"
    LIGHT = "light", "Light"
    CONTRAST = "contrast", "High contrast"


class Backdrop(models.TextChoices):
    BLACK = "black", "Black"
    GREY = "grey", "18 % grey"
    WHITE = "white", "White"
    CHECKER = "checker", "Checker"


class UserManager(BaseUserManager["User"]):
    def create_user(
        self, email: str, password: str | None = None, *, name: str = "", role: str = StudioRole.MEMBER
    ) -> "User":
        user = self.model(
            email=self.normalize_email(email).lower(), name=name or email.split("@")[0], role=role
        )
        user.set_password(password)
        user.save()
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    """A person of this installation, known by an e-mail address."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    email = models.EmailField(max_length=254, unique=True)
    name = models.CharField(max_length=80)
    role = models.CharField(max_length=8, choices=StudioRole, default=StudioRole.MEMBER)
    is_active = models.BooleanField(default=True)
    theme = models.CharField(max_length=8, choices=Theme, default=Theme.DARK)
    backdrop = models.CharField(max_length=8, choices=Backdrop, default=Backdrop.BLACK)
    single_keys = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    last_seen_at = models.DateTimeField(null=True, editable=False)

    USERNAME_FIELD = "email"
    objects = UserManager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(role__in=StudioRole.values), name="user_role_known")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def runs_studio(self) -> bool:
        """Owners and admins manage people and see every project."""
        return self.role in (StudioRole.OWNER, StudioRole.ADMIN)

    @property
    def initials(self) -> str:
        words = self.name.split() or [self.email]
        return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self) -> Self:
        """Invitations that a person may still accept."""
        return self.filter(accepted_at__isnull=True, revoked_at__isnull=True, expires_at__gt=timezone.now())


class Invitation(models.Model):
    """A link that makes one account. Only the SHA-256 of its token is kept, so it can be shown once.

    `project_id` is a plain number: projects stand above accounts, so a row here cannot point up to them.
    """

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    token_sha256 = models.CharField(max_length=64, unique=True)
    email = models.EmailField(max_length=254, blank=True)
    role = models.CharField(max_length=8, choices=StudioRole, default=StudioRole.MEMBER)
    project_id = models.BigIntegerField(null=True)
    project_role = models.CharField(max_length=8, blank=True)
    created_by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="invitations")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(role__in=StudioRole.values), name="invitation_role_known"
            ),
            models.CheckConstraint(
                condition=models.Q(accepted_at__isnull=True) | models.Q(revoked_at__isnull=True),
                name="invitation_accepted_or_revoked",
            ),
        ]

    def __str__(self) -> str:
        return f"Invitation for {self.email or 'anyone'} as {self.role}"
