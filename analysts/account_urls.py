"""Of the sign-in library only what a member of staff needs: no sign-up, no e-mail, no reset by mail."""

from allauth.account import views
from django.urls import include, path

urlpatterns = [
    path("login/", views.login, name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path("reauthenticate/", views.reauthenticate, name="account_reauthenticate"),
    path("password/change/", views.password_change, name="account_change_password"),
    # Where the library sends somebody whose password an administrator switched off in favour of a passkey.
    path("password/set/", views.password_set, name="account_set_password"),
    path("mfa/", include("allauth.mfa.urls")),
]
