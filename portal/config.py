"""Every setting of the portal, read once from the environment, with its default and its unit."""

import hashlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
NO_MAIL = "outbox:"
REQUIRED, OFFERED = "required", "offered"
DEMO_SECRET = "demonstration-only-not-a-secret"  # noqa: S105 - public on purpose; production refuses it


class ConfigurationError(Exception):
    """A setting is missing or cannot be used; the text is one sentence for the operator."""


@dataclass(frozen=True)
class Settings:
    """What the environment says. Sizes in bytes, times in hours unless the name says otherwise."""

    environment: str
    """demo, test or production."""
    database_url: str
    redis_url: str
    secret_key: str
    """Signs cookies and form tokens."""
    master_key: str
    """Encrypts drafts and stored secrets."""
    master_key_old: str
    """While it is changed: the one before, which still opens; else empty."""
    storage_url: str
    """A folder (file://) or any store that fsspec knows."""
    base_url: str
    mail_url: str
    """smtp[s]://user:password@host:port?from=address, or outbox: to send no mail."""
    default_locale: str
    log_key: Path | None
    """The file of the key that signs the log and receipts; None: one is made in `var`."""
    clamd: str
    """Where a virus scanner listens (host:port, or the path of a socket); empty: there is none."""
    upload_limit_bytes: int
    session_hours: int
    second_factor: str
    """required of those who decide, review, audit or bid; or offered to everybody."""
    database_pool_size: int
    jobs_at_once: int
    """How many long tasks run at the same time, on all machines together."""
    result_days: int
    """How many days the files of long tasks are kept."""
    trust_proxy: bool
    maintenance: str
    """While the portal is being worked on: yes, or until when (2026-12-01 06:00, Beijing time); then
    everybody is told so, and only /healthz, /readyz and /metrics answer."""
    failpoints: str
    """Where tests want the portal to break off (core/failpoints.py); empty: nowhere."""
    var: Path
    """Where the embedded servers, files and logs live."""

    @property
    def is_production(self) -> bool:
        """Whether real people's bids are at stake."""
        return self.environment == "production"

    @property
    def is_demo(self) -> bool:
        """Whether the clock may be moved and accounts are shown."""
        return self.environment == "demo"

    @property
    def requires_second_factor(self) -> bool:
        """Whether whoever has a role that needs one does nothing before it is set up."""
        return self.second_factor == REQUIRED

    @property
    def sends_mail(self) -> bool:
        """Whether there is a mail server; without one, mails are written and kept."""
        return self.mail_url != NO_MAIL

    @property
    def log_key_file(self) -> Path:
        """Where the log's key is."""
        return self.log_key or self.var / "keys" / "log.key"

    @property
    def checkpoints_file(self) -> Path:
        """Where the log's checkpoints are kept outside the database."""
        return self.var / "checkpoints.jsonl"

    @property
    def celery_broker_url(self) -> str:
        """The broker in Celery's words."""
        return self.redis_url.replace("redis+unix://", "redis+socket://")

    @property
    def queue(self) -> str:
        """The broker's queue of this portal alone, since several may share a broker."""
        return f"jiebang.{hashlib.sha256(self.database_url.encode()).hexdigest()[:12]}"

    @property
    def limiter_storage_url(self) -> str:
        """The broker in Flask-Limiter's words."""
        return self.redis_url.replace("redis+socket://", "redis+unix://")

    @property
    def told(self) -> dict[str, str]:
        """What the log says of the settings: no secret, of an address neither user nor password."""
        return {
            "environment": self.environment,
            "database": _place(self.database_url),
            "broker": _place(self.redis_url),
            "storage": _place(self.storage_url),
            "mail": _place(self.mail_url),
            "base_url": self.base_url,
            "locale": self.default_locale,
            "scanner": self.clamd,
            "upload_limit": str(self.upload_limit_bytes),
            "session_hours": str(self.session_hours),
            "second_factor": self.second_factor,
            "result_days": str(self.result_days),
            "trust_proxy": str(self.trust_proxy),
            "maintenance": self.maintenance,
        }

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> "Settings":
        """Read and check the environment. Raises ConfigurationError."""
        environ = os.environ if environ is None else environ
        var = Path(environ.get("JIEBANG_VAR") or ROOT / "var").resolve()
        environment = _one_of(environ, "JIEBANG_ENV", "demo", ("demo", "test", "production"))
        factor = REQUIRED if environment == "production" else OFFERED
        settings = cls(
            environment=environment,
            database_url=_psycopg(environ.get("DATABASE_URL", "")),
            redis_url=environ.get("REDIS_URL", ""),
            secret_key=environ.get("JIEBANG_SECRET_KEY") or DEMO_SECRET,
            master_key=environ.get("JIEBANG_MASTER_KEY") or DEMO_SECRET,
            master_key_old=environ.get("JIEBANG_MASTER_KEY_OLD", ""),
            storage_url=environ.get("JIEBANG_STORAGE_URL") or f"file://{var}/files",
            base_url=environ.get("JIEBANG_BASE_URL") or "http://127.0.0.1:8000",
            mail_url=environ.get("JIEBANG_MAIL_URL") or NO_MAIL,
            default_locale=environ.get("JIEBANG_DEFAULT_LOCALE") or "zh_Hans_CN",
            log_key=_path(environ, "JIEBANG_LOG_KEY"),
            clamd=environ.get("JIEBANG_CLAMD", ""),
            upload_limit_bytes=_number(environ, "JIEBANG_UPLOAD_LIMIT_MB", 50) << 20,
            session_hours=_number(environ, "JIEBANG_SESSION_HOURS", 12),
            second_factor=_one_of(environ, "JIEBANG_SECOND_FACTOR", factor, (REQUIRED, OFFERED)),
            database_pool_size=_number(environ, "JIEBANG_DATABASE_POOL", 8),
            jobs_at_once=_number(environ, "JIEBANG_JOBS", 1),
            result_days=_number(environ, "JIEBANG_RESULT_DAYS", 30),
            trust_proxy=environ.get("JIEBANG_TRUST_PROXY", "") == "1",
            maintenance=environ.get("JIEBANG_MAINTENANCE", ""),
            failpoints=environ.get("JIEBANG_FAILPOINTS", ""),
            var=var,
        )
        settings.check()
        return settings

    def check(self) -> None:
        """Raise ConfigurationError when the settings cannot serve."""
        if not self.database_url or not self.redis_url:
            raise ConfigurationError("DATABASE_URL and REDIS_URL must be set (./run sets both).")
        if self.sends_mail and not _is_mail_server(self.mail_url):
            raise ConfigurationError(
                "JIEBANG_MAIL_URL must be smtp://host, smtps://host or outbox: (no mail is sent)."
            )
        if self.clamd and not re.fullmatch(r"/.+|[^:/]+:\d{1,5}", self.clamd):
            raise ConfigurationError("JIEBANG_CLAMD must be host:port or the path of a socket.")
        if not re.fullmatch(r"|yes|\d{4}-\d\d-\d\d \d\d:\d\d", self.maintenance):
            raise ConfigurationError(
                "JIEBANG_MAINTENANCE must be yes, or a time: 2026-12-01 06:00."
            )
        if self.is_production and DEMO_SECRET in (self.secret_key, self.master_key):
            raise ConfigurationError(
                "Production needs JIEBANG_SECRET_KEY and JIEBANG_MASTER_KEY of its own."
            )
        if self.is_production and self.failpoints:
            raise ConfigurationError("Production does not start with JIEBANG_FAILPOINTS.")
        if self.is_production and self.log_key is None:
            raise ConfigurationError(
                "Production needs JIEBANG_LOG_KEY, the file of its log's key: jiebang log key"
            )


def _place(url: str) -> str:
    """Where an address leads, without who goes there."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _path(environ: Mapping[str, str], name: str) -> Path | None:
    return Path(environ[name]).resolve() if environ.get(name) else None


def _is_mail_server(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("smtp", "smtps") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # no number where the port should be
        return False


def _psycopg(url: str) -> str:
    for scheme in ("postgres://", "postgresql://"):
        if url.startswith(scheme):
            return "postgresql+psycopg://" + url.removeprefix(scheme)
    return url


def _one_of(environ: Mapping[str, str], name: str, default: str, known: tuple[str, ...]) -> str:
    value = environ.get(name) or default
    if value not in known:
        raise ConfigurationError(f"{name} must be one of {', '.join(known)}.")
    return value


def _number(environ: Mapping[str, str], name: str, default: int) -> int:
    text = environ.get(name) or str(default)
    if not text.isdigit() or int(text) == 0:
        raise ConfigurationError(f"{name} must be a whole number above zero.")
    return int(text)
