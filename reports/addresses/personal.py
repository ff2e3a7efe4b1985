"""Names of parameters whose value may lead to a person, in lower case, and places whose path is an invitation."""

from reports.addresses.address import CLICK_IDS, MAILING_IDS, SHARE_IDS

SESSIONS = {"asp.net_sessionid", "cfid", "cftoken", "jsessionid", "phpsessid", "sess", "sessid", "session", "sessionid"}
SESSIONS |= {"session_id", "sid", "sso"}
SECRETS = {"access_token", "accesstoken", "api_key", "apikey", "auth", "auth_token", "authtoken", "id_token", "jwt"}
SECRETS |= {"oauth_token", "otp", "pass", "password", "pwd", "refresh_token", "secret", "sig", "sign", "signature"}
SECRETS |= {"token", "x-amz-credential", "x-amz-security-token", "x-amz-signature"}
ACCOUNTS = {"account", "account_id", "authuser", "e-mail", "email", "login", "mail", "member", "phone", "recipient"}
ACCOUNTS |= {"tel", "uid", "user", "user_id", "userid", "username"}
INVITATIONS = {"code", "inv", "invitation", "invitation_code", "invite", "invite_code", "invitecode", "ref", "ref_code"}
INVITATIONS |= {"refcode", "referral", "referral_code"}
SHARERS = {"sec_user_id", "sender_device", "sender_web_id", "share_author_id", "share_id", "share_link_id"}
SHARERS |= {"share_token", "sharer", "si", "u_code", *CLICK_IDS, *MAILING_IDS, *SHARE_IDS}
INVITING = ("chat.whatsapp.com/", "discord.gg/", "t.me/+")
