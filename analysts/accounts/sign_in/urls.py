"""URLs of the sign-in library that staff need: no sign-up, no e-mail addresses, no reset by mail."""

from allauth.account import views
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.urls import path

from analysts.accounts.recent_sign_in import needs_recent_sign_in
from analysts.accounts.sign_in.views import (
    ReauthenticateKeyView,
    add_retry_after,
    factors_recorded,
    sign_out_everywhere,
)
from analysts.accounts.views import entry_code_page

urlpatterns = [
    path("login/", add_retry_after(views.login), name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("logout/everywhere/", sign_out_everywhere, name="sign_out_everywhere"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path("enter/", entry_code_page, name="enter"),
    path("reauthenticate/", add_retry_after(views.reauthenticate), name="account_reauthenticate"),
    path("password/change/", add_retry_after(views.password_change), name="account_change_password"),
    # The library redirects users here who have no password and sign in with a passkey.
    path("password/set/", needs_recent_sign_in(keep=False)(views.password_set), name="account_set_password"),
    path("mfa/", mfa.index, name="mfa_index"),
    path("mfa/authenticate/", add_retry_after(mfa.authenticate), name="mfa_authenticate"),
    path("mfa/reauthenticate/", add_retry_after(mfa.reauthenticate), name="mfa_reauthenticate"),
    path("mfa/totp/activate/", factors_recorded(totp.activate_totp), name="mfa_activate_totp"),
    path("mfa/totp/deactivate/", factors_recorded(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path("mfa/recovery-codes/", codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path(
        "mfa/recovery-codes/generate/",
        factors_recorded(codes.generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
    path("mfa/recovery-codes/download/", codes.download_recovery_codes, name="mfa_download_recovery_codes"),
    path("mfa/webauthn/", webauthn.list_webauthn, name="mfa_list_webauthn"),
    path("mfa/webauthn/login/", webauthn.login_webauthn, name="mfa_login_webauthn"),
    path("mfa/webauthn/add/", factors_recorded(webauthn.add_webauthn), name="mfa_add_webauthn"),
    path("mfa/webauthn/reauthenticate/", ReauthenticateKeyView.as_view(), name="mfa_reauthenticate_webauthn"),
    path("mfa/webauthn/keys/<int:pk>/remove/", factors_recorded(webauthn.remove_webauthn), name="mfa_remove_webauthn"),
    path("mfa/webauthn/keys/<int:pk>/edit/", webauthn.edit_webauthn, name="mfa_edit_webauthn"),
]
