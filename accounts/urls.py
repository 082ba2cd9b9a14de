"""Addresses of people: first start, invitations, preferences, and the page that owners and admins have."""

from django.urls import path

from accounts import views

app_name = "accounts"
urlpatterns = [
    path("", views.people, name="people"),
    path("first/<str:token>", views.first_owner, name="first_owner"),
    path("invitation/<str:token>", views.accept, name="accept"),
    path("preferences", views.preferences, name="preferences"),
    path("invite", views.invite, name="invite"),
    path("invitations/<uuid:uuid>/revoke", views.revoke, name="revoke"),
    path("<uuid:uuid>/role", views.role, name="role"),
    path("<uuid:uuid>/deactivate", views.deactivate, name="deactivate"),
    path("<uuid:uuid>/reactivate", views.reactivate, name="reactivate"),
    path("<uuid:uuid>/forget-second-step", views.forget_second_step, name="forget_second_step"),
    path("<uuid:uuid>/reset-link", views.reset_link, name="reset_link"),
]
