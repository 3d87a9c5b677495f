"""The findings of a reviewed postmortem, for tests of which something else is the subject."""

from collections.abc import Mapping

REVIEWED: Mapping[str, str] = {
    "root_cause": "A typo in the release",
    "better": "Test the release",
    "prevention": "process",
    "no_action": "The release is tested by now",
}
