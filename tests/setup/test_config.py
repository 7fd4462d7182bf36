"""Settings: what production refuses, and what keeps two portals on one broker apart."""

import pytest

from portal.config import ConfigurationError, Settings

SERVERS = {"DATABASE_URL": "postgresql://localhost/one", "REDIS_URL": "redis://localhost"}


def test_two_portals_on_one_broker_have_a_queue_each():
    one = Settings.from_environment(SERVERS)
    other = Settings.from_environment(SERVERS | {"DATABASE_URL": "postgresql://localhost/two"})
    assert one.celery_broker_url == other.celery_broker_url
    assert one.queue != other.queue
    assert one.queue == Settings.from_environment(SERVERS).queue
    assert "localhost" not in one.queue


@pytest.mark.parametrize("missing", ["JIEBANG_SECRET_KEY", "JIEBANG_MASTER_KEY", "JIEBANG_LOG_KEY"])
def test_production_refuses_the_secret_of_the_demonstration(missing):
    own = {"JIEBANG_SECRET_KEY": "a", "JIEBANG_MASTER_KEY": "b", "JIEBANG_LOG_KEY": "c"}
    own["JIEBANG_ENV"] = "production"
    assert Settings.from_environment(SERVERS | own).is_production
    with pytest.raises(ConfigurationError, match=missing):
        Settings.from_environment(SERVERS | {k: v for k, v in own.items() if k != missing})


def test_production_refuses_failpoints():
    own = {"JIEBANG_SECRET_KEY": "a", "JIEBANG_MASTER_KEY": "b", "JIEBANG_LOG_KEY": "c"}
    own["JIEBANG_FAILPOINTS"] = "gate"
    assert Settings.from_environment(SERVERS | own).failpoints == "gate"
    with pytest.raises(ConfigurationError, match="JIEBANG_FAILPOINTS"):
        Settings.from_environment(SERVERS | own | {"JIEBANG_ENV": "production"})


@pytest.mark.parametrize(
    ("environment", "told", "required"),
    [
        ("production", "", True),
        ("production", "offered", False),
        ("demo", "", False),
        ("test", "required", True),
    ],
)
def test_a_production_requires_a_second_factor_unless_told(environment, told, required):
    own = {"JIEBANG_SECRET_KEY": "a", "JIEBANG_MASTER_KEY": "b", "JIEBANG_LOG_KEY": "c"}
    own |= {"JIEBANG_ENV": environment, "JIEBANG_SECOND_FACTOR": told}
    assert Settings.from_environment(SERVERS | own).requires_second_factor is required


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", ""),
        ("REDIS_URL", ""),
        ("JIEBANG_ENV", "nowhere"),
        ("JIEBANG_UPLOAD_LIMIT_MB", "-1"),
        ("JIEBANG_SESSION_HOURS", "many"),
        ("JIEBANG_SECOND_FACTOR", "sometimes"),
        ("JIEBANG_MAIL_URL", "mail.example"),
        ("JIEBANG_MAIL_URL", "smtp://"),
        ("JIEBANG_MAIL_URL", "smtp://mail.example:many"),
        ("JIEBANG_MAINTENANCE", "soon"),
    ],
)
def test_a_setting_that_cannot_serve_is_named(name, value):
    with pytest.raises(ConfigurationError, match=name):
        Settings.from_environment(SERVERS | {name: value})


@pytest.mark.parametrize(
    ("url", "sends"),
    [("", False), ("outbox:", False), ("smtp://mail.example", True), ("smtps://m:465", True)],
)
def test_mail_is_sent_only_where_a_server_is_named(url, sends):
    assert Settings.from_environment(SERVERS | {"JIEBANG_MAIL_URL": url}).sends_mail is sends


def test_what_is_told_of_the_settings_has_no_secret():
    secret = {name: f"hidden-{name}" for name in ("JIEBANG_SECRET_KEY", "JIEBANG_MASTER_KEY")}
    places = {
        "DATABASE_URL": "postgresql://hidden:hidden@db.example:5433/one?password=hidden",
        "REDIS_URL": "redis://:hidden@broker.example/0",
        "JIEBANG_MAIL_URL": "smtps://hidden:hidden@mail.example?from=a@b.example",
        "JIEBANG_STORAGE_URL": "s3://hidden:hidden@bids",
    }
    told = Settings.from_environment(secret | places).told
    assert "hidden" not in str(told)
    assert told["database"] == "postgresql+psycopg://db.example:5433/one"
    assert (told["mail"], told["storage"]) == ("smtps://mail.example", "s3://bids")
