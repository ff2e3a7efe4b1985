"""A country's portal and its content. Nothing here is about a reporter."""

from django.conf import settings

from countries.models.addresses import RESERVED_SLUGS, WEB_ADDRESS, refuse_reserved_slug
from countries.models.banner import Banner, ReadyText
from countries.models.contact import Contact, ContactKind, ContactText
from countries.models.decided_setting import DecidedSetting
from countries.models.help_service import HelpService, ServiceKind
from countries.models.language import Language, TextDirection
from countries.models.partner import Partner, PartnerRole, PartnerText
from countries.models.picture import MediaType, Picture
from countries.models.portal import HeaderLayout, Pattern, Portal, PortalState, Region
from countries.models.portal_group import PortalGroup
from countries.models.source import LARGEST_QUOTA, Source, SourceKey, SourceKind
from countries.models.statistics import PublishedStatistics
from countries.models.text import ApprovedText, PortalText
from countries.models.text_review import PortalTextPart, TextReview, text_digest
from countries.models.withdrawal import ItemKind, WithdrawnItem

if settings.STAFF:
    # Not loaded on the public surface, which has no accounts to refer to.
    from countries.models.approval import ApprovalRequest, ApprovalState
    from countries.models.contact_check import CheckMethod, ContactCheck, ContactReminder
    from countries.models.emergency import EmergencyOutcome, EmergencySuspension
    from countries.models.interface_translation import (
        GlossaryTerm,
        InterfaceTranslation,
        LanguageReview,
        LanguageRole,
        TranslationState,
    )
    from countries.models.mode import InstallationMode, ModeKind
    from countries.models.setting_change import SettingChange
    from countries.models.withdrawal import Withdrawal, WithdrawalOutcome
