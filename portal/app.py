"""The one place where the parts are put together."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from wsgiref.headers import Headers

from flask import Flask
from flask_babel import Babel
from flask_talisman import Talisman
from flask_wtf import CSRFProtect
from sqlalchemy.orm import configure_mappers
from werkzeug.middleware.proxy_fix import ProxyFix
from whitenoise import WhiteNoise

from portal.accounts import views as accounts
from portal.accounts.claims import views as claims
from portal.accounts.demonstrated import views as demonstrated
from portal.accounts.factor import views as factor
from portal.accounts.passwords import views as passwords
from portal.audit.queries import moment as log_moment
from portal.awards import views as awards
from portal.awards import ways as awards_ways
from portal.awards.objections import views as objections
from portal.bids import views as bids
from portal.bids import ways as bids_ways
from portal.bids.amended import views as bids_amended
from portal.bids.checks import views as checks
from portal.bids.counting import views as counting
from portal.bids.counting import ways as counting_ways
from portal.bids.gathering import views as gathering
from portal.bids.likeness import views as likeness
from portal.bids.losses import views as losses
from portal.bids.losses import ways as losses_ways
from portal.bids.opening import count_handed_in
from portal.bids.receipting import views as receipts
from portal.bids.returning import views as returning
from portal.bids.sections import views as sections
from portal.bids.strict import views as strict
from portal.bids.teams import joining
from portal.bids.teams import views as teams
from portal.bids.unopened import views as unopened
from portal.challenges import views as challenges
from portal.challenges.amendments import views as amendments
from portal.challenges.amendments import ways as amendments_ways
from portal.challenges.amendments import writing as amending
from portal.challenges.approvals import views as approvals
from portal.challenges.calls import views as calls
from portal.challenges.editor import views as editor
from portal.challenges.exchange import views as exchange
from portal.challenges.finding import views as finding
from portal.challenges.finding import ways as finding_ways
from portal.challenges.keys import views as keys
from portal.challenges.keys import ways as keys_ways
from portal.challenges.needs import views as needs
from portal.challenges.needs import ways as needs_ways
from portal.challenges.questions import views as questions
from portal.challenges.questions import ways as questions_ways
from portal.challenges.ways import WaysOn
from portal.config import ConfigurationError, Settings
from portal.core import assets, clock, failpoints, failures, locking, parts, web
from portal.core import db as database
from portal.core.compiled import keep_compiled
from portal.core.files import FileStore
from portal.core.logs import configure_logs
from portal.core.papers import Known
from portal.core.requests import Request
from portal.core.screening.scanner import Scanner
from portal.core.signing import DEMO_NAME, KeyFileError, Signer, load, load_or_make
from portal.integrity import views as integrity
from portal.notifications import views as notifications
from portal.notifications.mails import views as mails
from portal.projects import views as projects
from portal.projects import ways as projects_ways
from portal.projects.acceptance import views as acceptance
from portal.projects.applications import views as applications
from portal.projects.boards import views as boards
from portal.projects.changes import views as changes
from portal.projects.contracts import checking as contracts_checking
from portal.projects.contracts import signing_views as signing
from portal.projects.contracts import views as contracts
from portal.projects.endings import views as endings
from portal.projects.followups import views as followups
from portal.projects.funds import reversing_views as reversals
from portal.projects.funds import views as funds
from portal.projects.milestones import deciding_views as milestones
from portal.projects.races import views as races
from portal.projects.registry import views as registry
from portal.reviews import ways as reviews_ways
from portal.reviews.allotment import invitations
from portal.reviews.allotment import views as allotment
from portal.reviews.board import views as board
from portal.reviews.conflicts import views as conflicts
from portal.reviews.draws import views as draws
from portal.reviews.panels import hearings
from portal.reviews.panels import views as panels
from portal.reviews.pool import views as pool
from portal.reviews.pool.exchange import views as experts
from portal.reviews.pool.own import views as expertise
from portal.reviews.rankings import views as rankings
from portal.reviews.rankings.disagreement import views as disagreements
from portal.reviews.results import views as results
from portal.reviews.rounds import views as rounds
from portal.reviews.sheets import views as sheets
from portal.site import jobs, navigation, proofs, styleguide, witnesses
from portal.site import views as site
from portal.site.guide import pictures
from portal.site.guide import views as guide
from portal.site.refusals import record_refusal
from portal.site.search import views as search

ROOT = Path(__file__).resolve().parent.parent
FEATURES = (
    accounts,
    claims,
    factor,
    passwords,
    notifications,
    mails,
    challenges,
    amendments,
    amending,
    exchange,
    finding,
    needs,
    approvals,
    keys,
    questions,
    editor,
    calls,
    bids,
    counting,
    gathering,
    losses,
    returning,
    unopened,
    sections,
    strict,
    receipts,
    likeness,
    teams,
    joining,
    bids_amended,
    checks,
    pool,
    experts,
    expertise,
    allotment,
    invitations,
    conflicts,
    draws,
    rounds,
    rankings,
    disagreements,
    results,
    board,
    sheets,
    panels,
    hearings,
    awards,
    objections,
    projects,
    contracts,
    signing,
    milestones,
    funds,
    reversals,
    acceptance,
    changes,
    endings,
    races,
    integrity,
    applications,
    followups,
    registry,
    boards,
    site,
    search,
    guide,
    proofs,
    witnesses,
    jobs,
    styleguide,
)
WAYS: tuple[WaysOn, ...] = (
    bids_ways.ways_on,
    losses_ways.ways_on,
    counting_ways.ways_on,
    reviews_ways.ways_on,
    awards_ways.ways_on,
    projects_ways.ways_on,
    keys_ways.ways_on,
    questions_ways.ways_on,
    needs_ways.ways_on,
    amendments_ways.ways_on,
    finding_ways.ways_on,
)
"""In the order of the process: where a challenge's page leads."""
PAPERS: tuple[Known, ...] = (contracts_checking.known,)
"""What tells of a paper whose code was scanned."""
CONTENT_POLICY = {
    "default-src": "'self'",
    "img-src": "'self' data:",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
YEAR = 31_536_000
WAIT_FOR_CONNECTION = 45
"""Seconds that a request waits for its turn at the database; with locks it stays within the grace
before an opening (portal/bids/rules.py)."""


def create_app(
    settings: Settings | None = None, overrides: Mapping[str, Any] | None = None
) -> Flask:
    """A portal ready to serve; `overrides` are Flask settings for tests."""
    settings = settings or Settings.from_environment()
    app = Flask("portal", root_path=str(ROOT), template_folder="templates", static_folder=None)
    app.static_folder = str(ROOT / "static")
    app.request_class = Request
    locking.use(settings.master_key, settings.master_key_old)
    failpoints.arm(settings.failpoints)
    app.config.from_mapping(flask_settings(settings), **(overrides or {}))
    app.extensions["portal_settings"] = settings
    scanner = Scanner(settings.clamd) if settings.clamd else None
    limit = settings.upload_limit_bytes
    app.extensions["portal_files"] = FileStore(settings.storage_url, limit, scanner)
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    app.jinja_env.add_extension("jinja2.ext.do")
    keep_compiled(app, ROOT / "var")
    app.extensions["portal_signer"] = signer_of(settings)
    configure_logs(settings)
    if settings.maintenance:
        failures.close_for_maintenance(app)
    web.take_in_first(app)
    _install_extensions(app, settings)
    web.install(app)
    failures.install(app)
    navigation.install(app)
    app.extensions["portal_on_error"].append(record_refusal)
    app.extensions["challenge_ways"] = WAYS
    app.extensions["known_papers"] = PAPERS
    app.extensions["bids_handed_in"] = count_handed_in
    for feature in FEATURES:
        app.register_blueprint(feature.pages)
    if settings.is_demo:
        app.register_blueprint(demonstrated.pages)
    _install_servers(app, settings)
    if settings.is_production:
        refuse_moved_clock(app)
    configure_mappers()  # once, before servers and workers fork, not in each of their processes
    return app


def signer_of(settings: Settings) -> Signer:
    """The key that signs the log and receipts: made once where nothing is at stake; production has
    its own. Raises ConfigurationError."""
    try:
        if not settings.is_production:
            return load_or_make(settings.log_key_file, DEMO_NAME)
        signer = load(settings.log_key_file)
    except KeyFileError as error:
        raise ConfigurationError(str(error)) from None
    if signer.name == DEMO_NAME:
        raise ConfigurationError("Production does not sign with a demonstration's key.")
    return signer


def refuse_moved_clock(app: Flask) -> None:
    """Raise ConfigurationError when the database's clock has been moved: in production every
    deadline is real. Leaves no connection behind, as web servers and workers fork after this."""
    with app.app_context():
        ahead = clock.offset(database.db.session)
        database.db.session.close()
        database.db.engine.dispose()
    if ahead:
        raise ConfigurationError(
            f"The portal's clock is {ahead} ahead (a demonstration's database?): "
            "production does not start with it."
        )


def flask_settings(settings: Settings) -> dict[str, Any]:
    """The portal's settings in the words of Flask and its extensions."""
    secure = settings.base_url.startswith("https://")
    return {
        "SECRET_KEY": settings.secret_key,
        "SQLALCHEMY_ENGINES": {
            "default": {
                "url": settings.database_url,
                "pool_size": settings.database_pool_size,
                "max_overflow": settings.database_pool_size,
                "pool_timeout": WAIT_FOR_CONNECTION,
                "pool_pre_ping": True,
                "hide_parameters": True,  # an error is logged, and what somebody typed never is
                "connect_args": {"options": "-c timezone=UTC -c lock_timeout=10000"},
            }
        },
        "MAX_CONTENT_LENGTH": settings.upload_limit_bytes + (2 << 20),
        "MAX_FORM_MEMORY_SIZE": 4 << 20,
        "DEFAULT_LOCALE": settings.default_locale,
        "BABEL_DEFAULT_LOCALE": settings.default_locale[:2],
        "BABEL_DEFAULT_TIMEZONE": "Asia/Shanghai",
        "BABEL_TRANSLATION_DIRECTORIES": str(ROOT / "translations"),
        "SESSION_HOURS": settings.session_hours,
        "MAINTENANCE": settings.maintenance.removeprefix("yes"),
        "SECOND_FACTOR_REQUIRED": settings.requires_second_factor,
        "SESSION_COOKIE_NAME": "jiebang",
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": secure,
        "WTF_CSRF_TIME_LIMIT": settings.session_hours * 3600,
        "WTF_CSRF_SSL_STRICT": False,
        "RATELIMIT_STORAGE_URI": settings.limiter_storage_url,
        "RATELIMIT_IN_MEMORY_FALLBACK_ENABLED": True,  # the same limits, counted by each process
    }


def _install_extensions(app: Flask, settings: Settings) -> None:
    database.install(app)
    accounts.login_manager.init_app(app)
    protection = CSRFProtect(app)
    for view in witnesses.FOR_PROGRAMS:
        protection.exempt(view)
    Babel(app, locale_selector=web.locale_code)
    parts.install(app, log_moment)
    web.limiter.init_app(app)
    https = settings.base_url.startswith("https://")
    Talisman(
        app,
        force_https=False,
        strict_transport_security=https,
        session_cookie_secure=https,
        content_security_policy=CONTENT_POLICY,
        referrer_policy="same-origin",
    )


def _guard_static(headers: Headers, path: str, url: str) -> None:
    """A file is what its type says, whatever a browser thinks of its content."""
    headers["X-Content-Type-Options"] = "nosniff"


def _install_servers(app: Flask, settings: Settings) -> None:
    static = WhiteNoise(
        app.wsgi_app,
        max_age=YEAR if settings.is_production else 3600,
        allow_all_origins=False,
        add_headers_function=_guard_static,
    )
    static.add_files(str(ROOT / "static"), prefix="static/")
    made = assets.prepare(ROOT / "static", settings.var / "static")
    app.extensions["portal_assets"] = made
    static.add_files(str(made), prefix="static/")
    static.add_files(str(pictures.FOLDER), prefix=pictures.PREFIX)
    app.wsgi_app = static  # type: ignore[method-assign]
    if settings.trust_proxy:
        app.wsgi_app = ProxyFix(static, x_for=1, x_proto=1, x_host=1)  # type: ignore[method-assign]
