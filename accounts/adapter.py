"""How allauth behaves here: accounts come from links only, and every address is built from PUBLIC_URL."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from accounts.links import absolute


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_reset_password_from_key_url(self, key: str) -> str:
        """The link in the reset mail; allauth would trust the Host header for it."""
        uid, _, token = key.partition("-")
        return absolute("account_reset_password_from_key", uid, token)
