"""What a page hands to its shell. The menu is made where the pages are known (config), so that this room knows none."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class MenuItem:
    """
    One entry of the main menu. `more_only`: a phone's bottom bar leaves it out and lists it at the foot of the page.

    `key` is the letter that leads there after `g`; empty: none.
    """

    title: str
    url: str
    icon: str
    key: str = ""
    current: bool = False
    count: int = 0  # shown beside the title unless 0
    more_only: bool = False


@dataclass(frozen=True, kw_only=True)
class Person:
    """Who is signed in; `url` is the account page."""

    name: str
    url: str


@dataclass(frozen=True, kw_only=True)
class Notices:
    """The bell: where the list of notices is, and how many are unread."""

    url: str
    unread: int


@dataclass(frozen=True, kw_only=True)
class TourStep:
    """One step of a tour: what to do, in one or two sentences. `target` is the id of what it speaks of, or the address of a link in the menu."""

    title: str
    text: str
    target: str


@dataclass(frozen=True, kw_only=True)
class Tour:
    """
    What a person of one role should know first, in four steps at most; `name` is kept when it was seen, by a POST to `seen_url`.

    `is_offered`: on this page, for it was not seen yet. `is_started`: the person has asked for it.
    """

    name: str
    steps: tuple[TourStep, ...]
    help_url: str
    seen_url: str
    start_url: str
    is_offered: bool = False
    is_started: bool = False


@dataclass(frozen=True, kw_only=True)
class Shell:
    """
    The frame of a page, as context variable `shell`.

    `made_up_note` is the sentence at the foot of each page while `is_made_up`; `person`, `notices` and `tour` are None before sign-in.
    """

    menu: tuple[MenuItem, ...] = ()
    home_url: str = "/"
    person: Person | None = None
    notices: Notices | None = None
    tour: Tour | None = None
    plan_title: str = ""
    is_made_up: bool = False
    made_up_note: str = ""


@dataclass(frozen=True, kw_only=True)
class Tab:
    """One tab over a panel: a link, so its state lives in the URL."""

    title: str
    url: str
    current: bool = False
    count: int | None = None


@dataclass(frozen=True, kw_only=True)
class Crumb:
    title: str
    url: str = ""  # empty: the page itself, or a level that has no page
