"""Tables of clusters and of the published facts about them, each with its source."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.clusters.rules import TermKind
from portal.core.db import Base, Key, Name, Prose, worded


class Source(Base):
    """A publication from which facts were taken."""

    __tablename__ = "sources"
    __table_args__ = (UniqueConstraint("title", "publisher", "published_on"),)

    id: Mapped[Key]
    title: Mapped[str] = mapped_column(String(300))
    publisher: Mapped[Name]
    published_on: Mapped[date]


class Cluster(Base):
    """A 3 to 5-year programme of one industry that the city runs with a district."""

    __tablename__ = "clusters"
    __table_args__ = (
        CheckConstraint("years_min > 0 AND years_min <= years_max", name="years_in_order"),
    )

    id: Mapped[Key]
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[Name]
    name_en: Mapped[Name]
    district: Mapped[str] = mapped_column(String(40), index=True)
    years_min: Mapped[int]
    years_max: Mapped[int]
    position: Mapped[int]
    source_id: Mapped[UUID | None] = mapped_column(ForeignKey("sources.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=text("portal_now()"))

    source: Mapped[Source | None] = relationship()
    terms: Mapped[list["ClusterTerm"]] = relationship(order_by="ClusterTerm.position")
    funds: Mapped[list["ClusterFund"]] = relationship(order_by="ClusterFund.position")
    platforms: Mapped[list["ClusterPlatform"]] = relationship(order_by="ClusterPlatform.position")
    results: Mapped[list["ClusterResult"]] = relationship(order_by="ClusterResult.position")
    sites: Mapped[list["ClusterSite"]] = relationship()
    agreements: Mapped[list["ClusterAgreement"]] = relationship()
    issuers: Mapped[list["ClusterIssuer"]] = relationship(order_by="ClusterIssuer.position")


class ClusterTerm(Base):
    """One word of one list (strand, factor, chain stage, company, event …); `note` is its key."""

    __tablename__ = "cluster_terms"

    id: Mapped[Key]
    cluster_id: Mapped[UUID] = mapped_column(ForeignKey("clusters.id"), index=True)
    kind: Mapped[TermKind] = mapped_column(worded(TermKind, "term_kind"))
    text: Mapped[str] = mapped_column(String(300))
    note: Mapped[str] = mapped_column(String(100), default="")
    position: Mapped[int]


class ClusterFund(Base):
    """A published sum; never added up with another, since their scopes overlap."""

    __tablename__ = "cluster_funds"

    id: Mapped[Key]
    cluster_id: Mapped[UUID] = mapped_column(ForeignKey("clusters.id"), index=True)
    name: Mapped[Name]
    amount: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3), default="CNY")
    yearly: Mapped[bool] = mapped_column(Boolean, default=False)
    about: Mapped[bool] = mapped_column(Boolean, default=False)
    source_words: Mapped[str] = mapped_column(String(40), default="")
    funders: Mapped[list[str]]
    position: Mapped[int]


class ClusterPlatform(Base):
    """A platform of the cluster; `covers` and `links` are its published keywords."""

    __tablename__ = "cluster_platforms"

    id: Mapped[Key]
    cluster_id: Mapped[UUID] = mapped_column(ForeignKey("clusters.id"), index=True)
    name: Mapped[Name]
    operator: Mapped[Name] = mapped_column(default="")
    place: Mapped[Name] = mapped_column(default="")
    registered_companies: Mapped[int | None]
    resident_companies: Mapped[int | None]
    covers: Mapped[list[str]]
    links: Mapped[list[str]]
    position: Mapped[int]


class ClusterResult(Base):
    """A published result, in the words and figures of its source."""

    __tablename__ = "cluster_results"

    id: Mapped[Key]
    cluster_id: Mapped[UUID] = mapped_column(ForeignKey("clusters.id"), index=True)
    what: Mapped[str] = mapped_column(String(300))
    value: Mapped[str] = mapped_column(String(60))
    unit: Mapped[str] = mapped_column(String(20), default="")
    amount_over: Mapped[int | None]
    position: Mapped[int]


class ClusterSite(Base):
    """The park or place of a cluster."""

    __tablename__ = "cluster_sites"

    id: Mapped[Key]
    cluster_id: Mapped[UUID] = mapped_column(ForeignKey("clusters.id"), index=True)
    name: Mapped[Name]
    occupancy_percent: Mapped[int | None]
    companies: Mapped[int | None]
    companies_about: Mapped[bool] = mapped_column(Boolean, default=False)
    tech_plus_percent: Mapped[int | None]


class ClusterAgreement(Base):
    """An agreement on which a cluster rests."""

    __tablename__ = "cluster_agreements"

    id: Mapped[Key]
    cluster_id: Mapped[UUID] = mapped_column(ForeignKey("clusters.id"), index=True)
    name: Mapped[Name]
    year: Mapped[int]
    parties: Mapped[list[str]]


class ClusterIssuer(Base):
    """A government body that runs a cluster, as its source names it."""

    __tablename__ = "cluster_issuers"

    id: Mapped[Key]
    cluster_id: Mapped[UUID] = mapped_column(ForeignKey("clusters.id"), index=True)
    name: Mapped[Name]
    short: Mapped[str] = mapped_column(String(60), default="")
    level: Mapped[str] = mapped_column(String(20))
    position: Mapped[int]


class PastProject(Base):
    """A project that a source reports as awarded before the portal existed."""

    __tablename__ = "past_projects"

    id: Mapped[Key]
    cluster_id: Mapped[UUID] = mapped_column(ForeignKey("clusters.id"), index=True)
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    title: Mapped[Name]
    lead: Mapped[Name]
    partners: Mapped[list[str]]
    problem: Mapped[Prose]
    result: Mapped[Prose]
    site: Mapped[Name]
    scenario: Mapped[Name]
    effects: Mapped[list[dict[str, object]]] = mapped_column(JSONB)
    source_id: Mapped[UUID] = mapped_column(ForeignKey("sources.id"))
    position: Mapped[int]

    source: Mapped[Source] = relationship()
    cluster: Mapped[Cluster] = relationship()
