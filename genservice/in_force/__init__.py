"""Which policy set rules, and how another one comes to: a set that is valid and passes its own tests.

    candidates   what a set must meet before it may rule
    ruling       the set in force in this process: asked once per request
    choosing     the set at the start
    folder       that files changed
    following    the set after the start: the folder's, or the registry's
    keeping      the followers of a process, together
    acting       what policy owners do over HTTP
    shadow       a set that is decided beside the one in force

A set takes the place of another in one step, and only once it is on record.
"""

from genservice.in_force.acting import Owner, PolicyActs
from genservice.in_force.candidates import Candidates
from genservice.in_force.choosing import choose, choose_registered
from genservice.in_force.folder import FolderChanges, signature
from genservice.in_force.following import FolderFollower, Pace, RegistryFollower
from genservice.in_force.keeping import Following
from genservice.in_force.ruling import InForce
from genservice.in_force.shadow import Shadow

__all__ = [
    "Candidates",
    "FolderChanges",
    "FolderFollower",
    "Following",
    "InForce",
    "Owner",
    "Pace",
    "PolicyActs",
    "RegistryFollower",
    "Shadow",
    "choose",
    "choose_registered",
    "signature",
]
