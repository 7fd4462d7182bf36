"""What the guides say: a few steps for each kind of user, each with the page where it is done."""

from dataclasses import dataclass

from portal.core.access import BIDDERS, OFFICERS, Role
from portal.core.words import N_


@dataclass(frozen=True)
class Step:
    """One thing to do: in one sentence, then what one hesitates over; `endpoint` is where it is done,
    `picture` the name of the screen that shows it."""

    title: str
    text: str
    endpoint: str = ""
    picture: str = ""


@dataclass(frozen=True)
class Guide:
    """The way of one kind of user; `roles` are theirs."""

    slug: str
    title: str
    lead: str
    steps: tuple[Step, ...]
    roles: frozenset[Role] = frozenset()


READER = Guide(
    "reader",
    N_("For everybody who reads"),
    N_("Nothing here needs an account. What was published once stays, and you can check it."),
    (
        Step(
            N_("Find a challenge"),
            N_(
                "The list can be searched by words and narrowed by stage, cluster, district and "
                "budget. The address of the page keeps your choice, so you can send it to others."
            ),
            "challenges.listed",
            "list",
        ),
        Step(
            N_("Read what is asked"),
            N_(
                "Each challenge shows its indicators with units and how they are tested, the site "
                "where the result has to work, who pays, and the date until which one may bid."
            ),
            picture="challenge",
        ),
        Step(
            N_("See who won, and why"),
            N_(
                "A notice names the winners with their scores. While it is open anybody may raise "
                "an objection, and the objection is answered before the award stands."
            ),
            "awards.notices",
            "notice",
        ),
        Step(
            N_("See what came of it"),
            N_(
                "The registry puts what was asked, promised and measured side by side for every "
                "accepted project."
            ),
            "registry.listed",
            "registry",
        ),
        Step(
            N_("Check that nothing was changed"),
            N_(
                "Every act has an entry in a log that cannot be rewritten unseen. Take the log and "
                "the verifier, and check it on your own machine."
            ),
            "log.about",
            "proof",
        ),
    ),
)
BIDDER = Guide(
    "bidder",
    N_("For bidders"),
    N_(
        "From the first question to the last payment: what you do, and what the portal does for you."
    ),
    (
        Step(
            N_("Register your organisation"),
            N_(
                "You need the unified social credit code. Whoever registers first bids for the "
                "organisation and may add partners to a team."
            ),
            "accounts.register",
        ),
        Step(
            N_("Follow challenges and ask"),
            N_(
                "Follow a challenge and its news comes to your inbox. Ask while questions are "
                "taken: the answer goes to everybody, your name to nobody."
            ),
            "challenges.listed",
            "challenge",
        ),
        Step(
            N_("Build the team and write the bid"),
            N_(
                "Each partner confirms its part. The bid is written section by section and kept as "
                "you type; several people may write at once, and nothing is overwritten."
            ),
            "bids.mine",
            "bid",
        ),
        Step(
            N_("Hand it in and keep the receipt"),
            N_(
                "The bid is sealed at once: nobody reads it before the opening. Until the deadline "
                "you may hand in a new version. Keep the receipt: it proves what you sent and when."
            ),
            "site.protection",
            "receipt",
        ),
        Step(
            N_("Correct what is asked for"),
            N_(
                "After the opening the officer checks the form. If something is missing you are "
                "told what, and until when you may correct it."
            ),
            "site.desk",
        ),
        Step(
            N_("Read the result, object if you must"),
            N_(
                "You see your own scores and the comments. While the notice is open you may object, "
                "with a reason and evidence; the answer is public."
            ),
            "awards.notices",
            "notice",
        ),
        Step(
            N_("Sign, report, be paid"),
            N_(
                "The contract has the indicators that you promised. Report each milestone with its "
                "evidence; once it is accepted its payment is due."
            ),
            "projects.mine",
            "project",
        ),
    ),
    BIDDERS,
)
REVIEWER = Guide(
    "reviewer",
    N_("For reviewers"),
    N_("You are asked because of what you know, drawn by lot, and bidders do not learn your name."),
    (
        Step(
            N_("Say what you know"),
            N_(
                "Disciplines, keywords, employers, when you are away and how many bids you take. "
                "By this you are found and kept away from conflicts."
            ),
            "expertise.own",
            "expertise",
        ),
        Step(
            N_("Answer the invitation"),
            N_(
                "Declare every conflict before you accept. Who does not answer in time is replaced "
                "by the next in the order of the draw."
            ),
            "reviews.mine",
            "reviews",
        ),
        Step(
            N_("Score beside the bid"),
            N_(
                "The bid stands at the left, the sheet at the right. Type the points and press "
                "Enter; what you typed is saved by itself, even if the browser is closed."
            ),
            "reviews.mine",
            "sheet",
        ),
        Step(
            N_("Give reasons"),
            N_(
                "A very high or very low score needs a reason. Write it for the team: it reads "
                "your comment, without your name."
            ),
        ),
        Step(
            N_("Hand in the sheet"),
            N_(
                "A sheet that was handed in is locked. If scores lie far apart you may be asked "
                "once more, or meet in a panel."
            ),
            "site.desk",
        ),
    ),
    frozenset({Role.REVIEWER}),
)
OFFICER = Guide(
    "officer",
    N_("For officers of city and district"),
    N_("The workbench says what you have to do and by when. Here is the whole way once."),
    (
        Step(
            N_("Gather needs and write the call"),
            N_(
                "Needs become drafts of challenges with one click. A whole call may also come in as "
                "a workbook; with one thing wrong nothing is imported."
            ),
            "needs.board",
            "needs",
        ),
        Step(
            N_("Publish with a second person"),
            N_(
                "One officer proposes, another approves. Publishing makes the key of the sealed "
                "bids; three custodians get a share each and prove that it works."
            ),
            "challenges.mine",
            "desk",
        ),
        Step(
            N_("Answer questions, correct in the open"),
            N_(
                "Answers go to everybody. Whatever changes after publishing is an amendment that "
                "shows the old and the new, and extends the deadline where it has to."
            ),
            "challenges.mine",
            "amendment",
        ),
        Step(
            N_("Open the bids"),
            N_(
                "After the deadline two of three custodians enter their shares. Each bid is checked "
                "against its receipt; then comes the formal check."
            ),
            "keys.mine",
            "opening",
        ),
        Step(
            N_("Draw reviewers and watch the round"),
            N_(
                "The draw can be repeated by anybody. The board shows who has answered, who is "
                "late, and what the portal has done about it."
            ),
            "pool.register",
            "round",
        ),
        Step(
            N_("Decide and announce"),
            N_(
                "The ranking follows the published rule; leave it only with a reason. The notice "
                "is open for the announced days, and each objection is answered."
            ),
            "awards.notices",
            "notice",
        ),
        Step(
            N_("Follow the project"),
            N_(
                "Contract, milestones, payments, changes and acceptance stand on the project's "
                "page; the board of the cluster adds all of them up."
            ),
            "projects.mine",
            "project",
        ),
    ),
    OFFICERS,
)
OWNER = Guide(
    "scenario-owner",
    N_("For scenario owners"),
    N_(
        "You have the site and the problem. This is how it becomes a challenge, and how you know "
        "that it was solved."
    ),
    (
        Step(
            N_("Raise the need"),
            N_(
                "Say what does not work, where, and what it costs you. Officers and the experts "
                "whom they ask read it; it is not public."
            ),
            "needs.mine",
            "need",
        ),
        Step(
            N_("Help to write the challenge"),
            N_(
                "The draft names your site. See that the indicators are the ones by which you would "
                "say that it works, and that they can be measured on the site."
            ),
        ),
        Step(
            N_("Let teams see the site"),
            N_(
                "Teams ask questions through the portal; the officer passes them to you and "
                "answers in public, so that all know the same."
            ),
        ),
        Step(
            N_("Stand beside the measurement"),
            N_(
                "At acceptance every indicator is measured on your site, beside what was asked and "
                "what was promised."
            ),
            "registry.listed",
            "registry",
        ),
        Step(
            N_("Tell what came of it"),
            N_(
                "For some years the project reports what it brings. Others with the same problem "
                "find it in the registry."
            ),
            "registry.listed",
        ),
    ),
)
GUIDES = (READER, BIDDER, REVIEWER, OFFICER, OWNER)
BY_SLUG = {guide.slug: guide for guide in GUIDES}


def guide_for(roles: frozenset[Role]) -> Guide:
    """The guide of somebody with these roles."""
    return next((guide for guide in GUIDES if guide.roles & roles), READER)
