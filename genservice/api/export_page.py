"""An export as a page to read: one file, without scripts, and with nothing that is fetched from elsewhere."""

import asyncio
import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from litestar import MediaType, Response
from markupsafe import Markup

from genservice.api.service import Service
from genservice.policy import PolicySet
from genservice.rights import SignalKept, ViewerExport

LEVELS: Mapping[str, str] = {
    "off": "nothing of yours",
    "context_only": "only the situation it is shown in, such as the time of day",
    "full": "whatever the rules allow and you agreed to",
}


@dataclass(frozen=True)
class ExportPage:
    """The page, ready to be filled.

    Attributes:
        policy: The Content-Security-Policy that it is served under: its own style, and nothing else.
    """

    _template: Template
    _style: str
    policy: str

    async def response(self, export: ViewerExport, service: Service) -> Response[Any]:
        """The page of an export, by the names that the catalogue and the policy set in force give.

        Raises:
            UnavailableError: The database does not answer.
        """
        policies = service.policies()
        titles = await service.titles.get_many(_titles_of(export, policies))
        names = {title_id: title.name for title_id, title in titles.items()}
        page = await asyncio.to_thread(self.render, export, policies, names)
        return Response(
            page, media_type=MediaType.HTML, headers={"Content-Security-Policy": self.policy}
        )

    def render(self, export: ViewerExport, policies: PolicySet, titles: Mapping[str, str]) -> str:
        """The page of an export.

        Args:
            export: What is held.
            policies: The set in force, for labels.
            titles: Id of a title -> its name.
        """
        words = _Words(policies, titles)
        controls = export.controls
        return self._template.render(
            export=export,
            style=Markup(self._style),  # noqa: S704 - our own file, without markup in it
            level=LEVELS[controls.level],
            off=[words.signal(name) for name in controls.signals_off],
            left_out=[spaced(word) for word in controls.themes_left_out],
            titles_left_out=[words.title(title_id) for title_id in controls.titles_left_out],
            moment=moment,
            day=day,
            counted=counted,
            spaced=spaced,
            value=words.value,
            consent=words.consent,
        )


def load_page() -> ExportPage:
    """The page, read from the package's files."""
    loader = PackageLoader("genservice.api")
    environment = Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style = loader.get_source(environment, "viewer_export.css")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    )
    return ExportPage(environment.get_template("viewer_export.html"), style, policy)


@dataclass(frozen=True)
class _Words:
    """Names as a viewer reads them."""

    policies: PolicySet
    titles: Mapping[str, str]

    def signal(self, name: str) -> str:
        signal = self.policies.signal(name)
        return signal.label if signal is not None else spaced(name)

    def consent(self, name: str) -> str:
        declared = (each.label for each in self.policies.consents if each.name == name)
        return next(declared, None) or spaced(name)

    def title(self, title_id: str) -> str:
        return self.titles.get(title_id, title_id)

    def value(self, signal: SignalKept) -> str:
        """A signal's value on one line."""
        declared = self.policies.signal(signal.name)
        kind = None if declared is None else declared.value
        value = signal.value
        if isinstance(value, dict):
            place = cast("dict[str, Any]", value)
            return ", ".join(str(place[key]) for key in ("city", "country") if place.get(key))
        if isinstance(value, (list, tuple)):
            items = [str(item) for item in cast("list[Any]", value)]
            if kind == "title_ids":
                return ", ".join(map(self.title, items))
            return ", ".join(map(spaced, items) if kind == "terms" else items)
        return spaced(value) if kind == "term" else str(value)


def _titles_of(export: ViewerExport, policies: PolicySet) -> set[str]:
    """The titles that a viewer's signals and controls name."""
    named = set(export.controls.titles_left_out)
    for signal in export.signals:
        declared = policies.signal(signal.name)
        if declared is not None and declared.value == "title_ids":
            named.update(map(str, signal.value))
    return named


def spaced(word: str) -> str:
    """A word of a vocabulary, as it is read: `slow_burn` is slow burn."""
    return word.replace("_", " ")


def moment(at: datetime) -> Markup:
    """A time, to the minute."""
    return Markup('<time datetime="{}">{}</time>').format(
        f"{at:%Y-%m-%dT%H:%M:%SZ}", f"{at.day} {at:%B %Y, %H:%M} UTC"
    )


def day(at: datetime) -> Markup:
    """The day of a time."""
    return Markup('<time datetime="{}">{}</time>').format(f"{at:%Y-%m-%d}", f"{at.day} {at:%B %Y}")


def counted(number: int, one: str, many: str) -> str:
    """A number of things."""
    return f"{number} {one if number == 1 else many}"
