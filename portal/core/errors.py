"""The errors of the domain; core/failures.py turns each into one kind of response."""

from portal.core.words import N_, Message


class DomainError(Exception):
    """Something the portal's rules refuse; carries words for the person who asked."""

    def __init__(self, text: str, **parameters: object) -> None:
        super().__init__(text)
        self.message = Message(text, parameters)

    def __str__(self) -> str:
        return str(self.message)


class NotAllowed(DomainError):
    """The policy says no."""


class NotFound(DomainError):
    """The thing is not there, or not there for this person."""

    def __init__(self) -> None:
        super().__init__("This page does not exist, or is not open to you.")


class IllegalMove(DomainError):
    """The lifecycle has no such move from the present state."""


class TooEarly(DomainError):
    """The rule holds only after a time that has not come yet."""


class DeadlinePassed(DomainError):
    """The rule held only until a time that has passed."""


class Overtaken(DomainError):
    """Somebody else has changed the thing since the writer saw it; nothing is overwritten."""


class NoRoom(DomainError):
    """A disc of the portal is full; what was begun is taken back."""

    def __init__(self) -> None:
        super().__init__(
            N_(
                "The portal has no room left on its disk. Nothing was changed, and what was saved "
                "before is safe. Please try again in a few minutes, and tell those who run the portal."
            )
        )


class Invalid(DomainError):
    """Input that breaks a rule; `field` names the form field, dotted for rows ("funds.0.amount")."""

    def __init__(self, field: str, text: str, **parameters: object) -> None:
        super().__init__(text, **parameters)
        self.field = field


class InvalidInput(DomainError):
    """Several broken rules at once, so that a form can show all of them."""

    def __init__(self, problems: list[Invalid]) -> None:
        super().__init__("Please correct the marked fields.")
        self.problems = problems


def check(*problems: Invalid | None) -> None:
    """Raise InvalidInput with every problem that is not None."""
    found = [problem for problem in problems if problem is not None]
    if found:
        raise InvalidInput(found)
