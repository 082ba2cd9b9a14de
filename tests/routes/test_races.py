"""Two people at one key: what somebody removed stays removed, whatever an older page asks for."""

from collections.abc import Callable

import pytest

from accounts.people import RefusedError
from routes import keys
from routes.models import Credential
from tests.routes.filling import make_key

pytestmark = pytest.mark.django_db
ACTS: list[Callable[[Credential], object]] = [
    keys.ask_test,
    keys.pause,
    keys.resume,
    keys.reopen,
    keys.remove,
    lambda key: keys.change(key, "Back again", 3),
    lambda key: keys.replace(key, keys.Secrets("0123:another-secret")),
]


@pytest.mark.parametrize("act", ACTS)
def test_a_key_that_was_removed_meanwhile_comes_back_by_nothing(act):
    seen_before = make_key()
    keys.remove(Credential.objects.get(pk=seen_before.pk))
    removed = Credential.objects.values().get()
    with pytest.raises(RefusedError, match="removed in the meantime"):
        act(seen_before)
    assert Credential.objects.values().get() == removed
