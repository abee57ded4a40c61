"""What a page prints about its report: label → value."""

from __future__ import annotations

from dataclasses import dataclass, field

from pipelines.reading.labels import Role
from pipelines.reading.markup import bare


@dataclass(slots=True)
class Metadata:
    """What a page prints about its report."""

    values: dict[str, str] = field(default_factory=dict)  # label → value verbatim, '' where blank
    roles: dict[Role, list[tuple[str, str]]] = field(default_factory=dict)
    loose_dates: list[str] = field(default_factory=list)  # dates of a byline that have no label
    consumed: set[int] = field(default_factory=set)  # items that are nothing but metadata or tools
    repeated: list[tuple[str, str, str]] = field(default_factory=list)  # label printed with two values

    def add(self, label: str, value: str, role: Role) -> None:
        known = self.values.get(label)
        if known and value and bare(known) != bare(value):
            self.repeated.append((label, known, value))
            return
        if known:
            return
        self.values[label] = value
        if value:
            self.roles.setdefault(role, []).append((label, value))

    def first(self, *roles: Role) -> str | None:
        """The first value under any of the roles, in the roles' order."""
        for role in roles:
            for _, value in self.roles.get(role, ()):
                return value
        return None
