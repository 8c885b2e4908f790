"""Many pages at once: with children that clean in parallel and are ended at a deadline."""

from noisefilter.batch.items import Item, Result, Status
from noisefilter.batch.many import clean_many

__all__ = ["Item", "Result", "Status", "clean_many"]
