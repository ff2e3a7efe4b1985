"""Models of the staff side, one module per noun."""

from analysts.codes import IncidentKind
from analysts.codes.answer_kinds import Clearance
from analysts.codes.next_steps import NextStepKind, WaitingFor
from analysts.codes.recipient_kinds import RecipientKind, RouteStep
from analysts.models.alert import AlertReason, ChildAlert, ChildAlertQuerySet
from analysts.models.appeal import Appeal, AppealQuerySet
from analysts.models.assessment import Assessment, AssessmentQuerySet
from analysts.models.batch import AddressAllowance, AllowanceState, Batch, BatchItem, BatchKind, BatchState
from analysts.models.bulk import BulkClosing
from analysts.models.desk import Draft, Note, Question, Skip, SystemicCase, SystemicCaseQuerySet
from analysts.models.export import (
    Export,
    ExportFormat,
    ExportPart,
    ExportProblem,
    ExportState,
    ExportSubject,
)
from analysts.models.facet import IncidentFacet
from analysts.models.figures.agreement import Agreement, CodeCorrection
from analysts.models.figures.period import PeriodClose
from analysts.models.figures.portal_hour import PortalHour
from analysts.models.figures.provider_sheet import IndependenceStatement, ProviderSheet, SheetWithdrawal
from analysts.models.figures.rollup import (
    DailyFigure,
    FigureDimension,
    FigureProgress,
    FigureSubject,
    FigureTarget,
    GaugeKind,
    WorkGauge,
)
from analysts.models.flood import FloodFolding, FloodSample, FloodSampleItem
from analysts.models.hold import Hold, HoldQuerySet
from analysts.models.hosting import AvailabilityCheck, Chase, ChaseQuerySet, CheckOutcome, HostingTrace, TraceMethod
from analysts.models.incident import Incident
from analysts.models.incident_queries import IncidentQuerySet
from analysts.models.legal import LegalText, LegalTextKind, SenderIdentity
from analysts.models.next_step import NextStep, NextStepQuerySet
from analysts.models.notice import DeadReason, DropReason, Notice, NoticeItem, NoticeQuerySet, NoticeState
from analysts.models.notice_template import NoticeTemplate, Purpose
from analysts.models.operations import HostReading, JobFailure, ReadingKind, UnitState
from analysts.models.origins import (
    EnteredAddress,
    EnteredAddressQuerySet,
    HistoryImport,
    HistoryPart,
    HistoryRow,
    ImportFormat,
    ImportState,
)
from analysts.models.queue_head import QueueHead, QueueReturn
from analysts.models.recipient import Channel, Recipient, RecipientQuerySet
from analysts.models.redaction import Redaction
from analysts.models.reply import Confirmation, Reply
from analysts.models.report import Report, Sighting
from analysts.models.routing import (
    Hosted,
    PoliceHold,
    PoliceHoldQuerySet,
    Referral,
    Route,
    RouteExample,
    RouteRule,
)
from analysts.models.search_count import SearchCount
from analysts.models.staff.alarm import (
    Alarm,
    AlarmKind,
    WorkerHeartbeat,
    WorkerKind,
    is_intake_missed,
    is_worker_missed,
)
from analysts.models.staff.delay import Delay
from analysts.models.staff.entry_code import EntryCode
from analysts.models.staff.recipient_access import RecipientAccess, RecipientAccessQuerySet
from analysts.models.staff.saved_view import SavedView, SavedViewQuerySet
from analysts.models.staff.user import (
    DESK_FIELDS,
    DESK_ORDER,
    HOTLINE,
    CoverageGap,
    PortalGrant,
    User,
    desk_choices,
    desk_fields_of,
)
from analysts.models.staff.welfare import (
    Density,
    DisplayPreferences,
    Exposure,
    MaskedTerm,
    SupportContact,
    SupportKind,
    TypeSize,
)
from analysts.models.url_list import FeedScope, MemberKey, UrlListEntry, UrlListState
from analysts.models.words_release import ReleaseGround, WordsRelease, WordsReleaseQuerySet
from analysts.models.workstation import Workstation
