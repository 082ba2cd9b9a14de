"""The request of a person who has signed in, for the types of views behind the sign-in wall."""

from django.http import HttpRequest

from accounts.models import User


class SignedIn(HttpRequest):
    user: User
