"""Secrets at rest can be opened by their studio alone, and by old keys after a change."""

import pytest
from django.test import override_settings

from routes import vault


def test_what_is_sealed_opens_again_and_does_not_show_its_text() -> None:
    sealed = vault.seal("sandbox-key-1234")
    assert "sandbox-key" not in sealed
    assert vault.unseal(sealed) == "sandbox-key-1234"
    assert vault.seal("") == vault.unseal("") == ""


def test_an_older_key_still_opens_and_a_foreign_one_does_not() -> None:
    with override_settings(CREDENTIAL_KEYS=["old"]):
        sealed = vault.seal("secret")
    with override_settings(CREDENTIAL_KEYS=["new", "old"]):
        assert vault.unseal(sealed) == "secret"
    with override_settings(CREDENTIAL_KEYS=["other"]), pytest.raises(vault.Sealed):
        vault.unseal(sealed)
