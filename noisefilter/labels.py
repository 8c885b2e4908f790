"""The closed sets of words that results use: labels, kinds, flags and reasons."""

from enum import StrEnum

PRESETS = ("precision", "balanced", "recall")
"""Names of the policies whose thresholds models know."""


class Label(StrEnum):
    """What a block is to a reader who wants only this page's article."""

    CONTENT = "content"
    TITLE = "title"
    BYLINE = "byline"
    DATE = "date"
    CAPTION = "caption"
    AD = "ad"
    SPAM = "spam"
    RELATED = "related"
    CTA = "cta"
    SHARE = "share"
    NAV = "nav"
    CONSENT = "consent"
    LEGAL = "legal"
    TAGS = "tags"
    SOURCE = "source"
    COMMENT = "comment"


class Kind(StrEnum):
    """How a block is laid out on the page."""

    PARAGRAPH = "paragraph"
    HEADING = "heading"
    LIST_ITEM = "list_item"
    TABLE_ROW = "table_row"
    CODE = "code"
    QUOTE = "quote"
    OTHER = "other"


class Flag(StrEnum):
    """What a caller should know about a page as a whole."""

    EMPTY = "empty"
    """No block was kept; `Article.text` is ""."""
    PAYWALL = "paywall"
    """The page says it is not free, or asks to subscribe or log in near the article."""
    CONSENT = "consent"
    """A cookie notice, login wall or the like is on the page; the article may be whole all the same."""
    SPAM = "spam"
    """There is a block of spam in or right beside the article, or one that is hidden."""
    HIDDEN_TEXT = "hidden_text"
    """A hidden block was kept, such as an answer that readers unfold, or it is spam; see `Block.hidden`."""
    REMOVAL_BUDGET = "removal_budget"
    """Noise was kept, because dropping it would have removed too much of the page."""
    LONG = "long"
    """2,000 blocks, 150,000 characters or a block of 20,000: only what is surely noise was dropped."""
    DEEP = "deep"
    """Elements are nested more than 256 deep; deeper ones were moved up."""
    LOW_QUALITY = "low_quality"
    """`Article.quality` is under 0.5."""


class Reason(StrEnum):
    """Why a block was kept or dropped."""

    CONTENT = "content"
    """Kept: the model takes it for content."""
    RECOVERED = "recovered"
    """Kept: Trafilatura left it out, the model is sure that it is content."""
    TREATMENT = "treatment"
    """Kept: noise of a label whose treatment in the policy is to keep it."""
    BUDGET = "budget"
    """Kept: noise, but dropping it would have removed too much of the page."""
    KEEP_RULE = "keep_rule"
    """Kept: the caller's ``keep``."""
    DROP_RULE = "drop_rule"
    """Dropped: the caller's ``drop``."""
    NOISE = "noise"
    """Dropped: its probability of being noise is over the policy's threshold, or no character of it shows."""
    NOT_EXTRACTED = "not_extracted"
    """Dropped: Trafilatura left it out, the model is not sure enough to put it back."""


class Treatment(StrEnum):
    """What a policy does with blocks of a label."""

    DROP = "drop"
    KEEP = "keep"
