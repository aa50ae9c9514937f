"""
The sign-in pages of django-allauth that we use, under the names that it expects, and no other: no sign-up, no mail, no
password reset.
"""

from allauth.account import views as account_views
from allauth.mfa.base import views as mfa_views
from allauth.mfa.recovery_codes import views as recovery_views
from django.urls import path
from django.views.generic import RedirectView

from diem06.core.access import anyone, ruled, signed_in
from diem06.core.organisation import views

urlpatterns = [
    path("", views.account, name="account"),
    path("login/", ruled(account_views.login, anyone), name="account_login"),
    path("logout/", ruled(account_views.logout, anyone), name="account_logout"),
    path("inactive/", ruled(account_views.account_inactive, anyone), name="account_inactive"),
    path("reauthenticate/", ruled(account_views.reauthenticate, signed_in), name="account_reauthenticate"),
    path("password/", ruled(account_views.password_change, signed_in), name="account_change_password"),
    # allauth's own overview of second factors: ours is part of the person's page.
    path("mfa/", ruled(RedirectView.as_view(pattern_name="account"), signed_in), name="mfa_index"),
    # Before the one-time code nobody is signed in; allauth lets in only who has just given the password.
    path("mfa/code/", ruled(mfa_views.authenticate, anyone), name="mfa_authenticate"),
    path("mfa/reauthenticate/", ruled(mfa_views.reauthenticate, signed_in), name="mfa_reauthenticate"),
    path("mfa/on/", ruled(views.ActivateTOTP.as_view(), signed_in), name="mfa_activate_totp"),
    path("mfa/off/", ruled(views.DeactivateTOTP.as_view(), signed_in), name="mfa_deactivate_totp"),
    path("mfa/recovery/", ruled(recovery_views.view_recovery_codes, signed_in), name="mfa_view_recovery_codes"),
    path(
        "mfa/recovery/new/",
        ruled(recovery_views.generate_recovery_codes, signed_in),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "mfa/recovery/download/",
        ruled(recovery_views.download_recovery_codes, signed_in),
        name="mfa_download_recovery_codes",
    ),
]
