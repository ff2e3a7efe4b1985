"""Permissions of each role on ordinary admin pages. Report content is not among them: see `permissions`."""

from analysts.codes import Role


def _model_permissions(
    app: str, *models: str, acts: tuple[str, ...] = ("view", "add", "change", "delete")
) -> frozenset[str]:
    return frozenset(f"{app}.{act}_{model}" for model in models for act in acts)


_PORTAL_MODELS = ("portal", "portaltext", "contact", "partner")

_ROUTING = ("routerule", "routeexample")
_SEES_ROUTING = _model_permissions("analysts", *_ROUTING, acts=("view",))

MODEL_PERMISSIONS: dict[Role, frozenset[str]] = {
    Role.ANALYST: _SEES_ROUTING,
    Role.SENIOR: _model_permissions("analysts", "maskedterm") | _SEES_ROUTING,
    # A portal is closed, never deleted: its reporters' receipts still link to it.
    Role.OPERATOR: _model_permissions("countries", *_PORTAL_MODELS) - {"countries.delete_portal"}
    # One that is no longer verified is hidden, and its approval requests still refer to it.
    | _model_permissions("countries", "helpservice", acts=("view", "add", "change"))
    | _model_permissions("countries", "language", acts=("view", "add", "change"))
    # A rule is switched off, never deleted.
    | _model_permissions("analysts", *_ROUTING) - {"analysts.delete_routerule"}
    # A legal text is switched off; a sender gets a new version.
    | _model_permissions("analysts", "legaltext", "senderidentity", acts=("view", "add", "change"))
    | {"words.view"},
    Role.PARTNER: _model_permissions("countries", *_PORTAL_MODELS, acts=("view",)),
    Role.AUDITOR: _model_permissions("audit", "auditevent", acts=("view",)) | _SEES_ROUTING,
    Role.WELFARE: _model_permissions("analysts", "maskedterm"),
    # Accounts are deactivated, never deleted: assessments reference them.
    Role.ADMINISTRATOR: _model_permissions("analysts", "user", acts=("view", "add", "change")),
    # They belong to no model: interface texts have no pages of the admin site's own.
    Role.TRANSLATOR: frozenset({"words.view", "words.write"}),
    Role.RECIPIENT: frozenset(),
}
