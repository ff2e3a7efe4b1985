"""What in an address may lead to a person."""

import re
from urllib.parse import unquote

from reports.addresses.address import CLICK_IDS, MAILING_IDS, SHARE_IDS
from reports.addresses.defanging import refanged

# Parameters whose value may lead to a person. In lower case.
SESSIONS = {"asp.net_sessionid", "cfid", "cftoken", "jsessionid", "phpsessid", "sess", "sessid", "session", "sessionid"}
SESSIONS |= {"session_id", "sid", "sso"}
SECRETS = {"access_token", "accesstoken", "api_key", "apikey", "auth", "auth_token", "authtoken", "id_token", "jwt"}
SECRETS |= {"oauth_token", "otp", "pass", "password", "pwd", "refresh_token", "secret", "sig", "sign", "signature"}
SECRETS |= {"token", "x-amz-credential", "x-amz-security-token", "x-amz-signature"}
ACCOUNTS = {"account", "account_id", "authuser", "e-mail", "email", "login", "mail", "member", "phone", "recipient"}
ACCOUNTS |= {"tel", "uid", "user", "user_id", "userid", "username"}
INVITATIONS = {"code", "invitation", "invitation_code", "invite", "invite_code", "invitecode", "ref_code", "refcode"}
INVITATIONS |= {"referral", "referral_code"}
SHARERS = {"sec_user_id", "sender_device", "sender_web_id", "share_author_id", "share_id", "share_link_id"}
SHARERS |= {"share_token", "sharer", "si", "u_code"}
PERSONAL_PARAMETERS = frozenset(
    SESSIONS | SECRETS | ACCOUNTS | INVITATIONS | SHARERS | CLICK_IDS | SHARE_IDS | MAILING_IDS
)
# Where the path itself is an invitation.
INVITING = ("chat.whatsapp.com/", "discord.gg/", "t.me/+")

_USERINFO = re.compile(r"[^/?#]{0,40}//[^/?#]*@")
_EMAIL_WITHIN = re.compile(r"[\w.+-]{1,64}@[\w-]+\.\w")
_PATH_PARAMETER = re.compile(r";([^=;/]{1,40})=")
_INVITATION = re.compile(rf"(?i:/(?:join|joinchat|invite|invitation)/.|\b(?:{'|'.join(map(re.escape, INVITING))}).)")


def personal_tokens(address: str) -> list[str]:
    """Names, never values, of what in an address may lead to a person: parameters as they are spelt there, and
    `userinfo`, `email` and `invite` for parts without a name. The reported form may have some that the normalised one
    has lost."""
    head, _hash, fragment = refanged(address).partition("#")
    head, _mark, query = head.partition("?")
    userinfo = _USERINFO.match(head)
    path = unquote(head[userinfo.end() :] if userinfo else head)
    names = ["userinfo"] if userinfo else []
    names += ["email"] if _EMAIL_WITHIN.search(path) else []
    names += ["invite"] if _INVITATION.search(path) else []
    names += [name for name in _PATH_PARAMETER.findall(path) if name.lower() in PERSONAL_PARAMETERS]
    for parameter in [*query.split("&"), *fragment.split("&")]:
        name, _equals, value = parameter.partition("=")
        if _EMAIL_WITHIN.search(unquote(name)):
            names.append("email")
        elif name.lower() in PERSONAL_PARAMETERS or _EMAIL_WITHIN.search(unquote(value)):
            names.append(name)
    return list(dict.fromkeys(names))
