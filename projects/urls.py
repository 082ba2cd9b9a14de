"""Addresses of projects: the index, making one, its settings and its members."""

from django.urls import path

from projects import views

app_name = "projects"
urlpatterns = [
    path("", views.index, name="index"),
    path("new", views.new, name="new"),
    path("sample", views.add_sample, name="add_sample"),
    path("<slug:slug>/settings", views.settings, name="settings"),
    path("<slug:slug>/members", views.members, name="members"),
    path("<slug:slug>/members/<uuid:uuid>/role", views.member_role, name="member_role"),
    path("<slug:slug>/members/<uuid:uuid>/remove", views.remove_member, name="remove_member"),
    path("<slug:slug>/leave", views.leave, name="leave"),
    path("<slug:slug>/delete", views.delete, name="delete"),
]
