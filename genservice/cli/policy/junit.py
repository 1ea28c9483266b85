"""Results of policy tests as JUnit XML, which every build server reads.

Elements and attributes are those of the schema of Jenkins' xUnit plugin (junit-10.xsd), and besides them
`file` and `line` of a test case: that schema lacks them, and build servers that annotate changes read
them. There is no clock in it: the same set and tests make the same bytes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from genservice.policy import Failure, Misread, PolicySet, Results, Row, Sentence
    from genservice.policy.values import Place

_FORBIDDEN = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 has no way of writing."""


def junit(
    policies: PolicySet,
    results: Results,
    rows: Sequence[Row],
    sentences: Sequence[Sentence],
    folder: Path,
) -> bytes:
    """A JUnit report.

    Args:
        policies: The set.
        results: What running its tests came to.
        rows: The rows that ran.
        sentences: The sentences that were read.
        folder: The folder of the set, as the caller calls it: files are named below it.
    """
    suites = _Suites(folder, policies.version)
    failed = {(item.row.suite.file, str(item.row)): item for item in results.failures}
    misread = {item.sentence.place: item for item in results.misread}
    for row in rows:
        suites.add(row.test.place, str(row), failed.get((row.suite.file, str(row))))
    for sentence in sentences:
        suites.add(sentence.place, sentence.text, misread.get(sentence.place))
    return suites.written()


class _Suites:
    """The report being made: one suite a file."""

    def __init__(self, folder: Path, version: str) -> None:
        self._folder = folder
        self._version = version
        self._root = ET.Element("testsuites", name="genservice policy test")
        self._suites: dict[str, ET.Element] = {}

    def add(self, place: Place, name: str, wrong: Failure | Misread | None) -> None:
        suite = self._suites.get(place.file)
        if suite is None:
            suite = self._suites[place.file] = self._suite(place.file)
        case = ET.SubElement(
            suite,
            "testcase",
            name=_plain(name),
            classname=place.file.removesuffix(".yaml").replace("/", "."),
            file=self._path(place.file),
            line=str(place.line),
        )
        if wrong is not None:
            message = "other than expected"
            ET.SubElement(case, "failure", message=message, type="difference").text = _plain(
                str(wrong)
            )

    def written(self) -> bytes:
        for element in (self._root, *self._suites.values()):
            element.set("tests", str(len(element.findall(".//testcase"))))
            element.set("failures", str(len(element.findall(".//failure"))))
            element.set("errors", "0")
        ET.indent(self._root)
        return ET.tostring(self._root, encoding="utf-8", xml_declaration=True) + b"\n"

    def _suite(self, file: str) -> ET.Element:
        suite = ET.SubElement(self._root, "testsuite", name=file, file=self._path(file))
        properties = ET.SubElement(suite, "properties")
        ET.SubElement(properties, "property", name="policy", value=self._version)
        return suite

    def _path(self, file: str) -> str:
        return _plain((self._folder / file).as_posix())


def _plain(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", text)
