"""All trials, in the order in which they are run and shown."""

from __future__ import annotations

from podium.sandbox.doctor.disk import OUTPUT_FILES, OUTPUT_SIZE, SHARED_MEMORY, TEMPORARY_FILES
from podium.sandbox.doctor.files import FILES_OF_THE_MACHINE, WRITING_OUTSIDE
from podium.sandbox.doctor.network import NETWORK, OTHER_SOCKETS
from podium.sandbox.doctor.processes import LEFT_BEHIND, OTHER_PROCESSES, PROCESSES
from podium.sandbox.doctor.system_calls import SYSTEM_CALLS
from podium.sandbox.doctor.usage import MEMORY, OPEN_FILES, PRINTED_TEXT, PROCESSORS, TIME

ISOLATION = (
    NETWORK,
    OTHER_SOCKETS,
    FILES_OF_THE_MACHINE,
    WRITING_OUTSIDE,
    OTHER_PROCESSES,
    LEFT_BEHIND,
    SYSTEM_CALLS,
)
"""What keeps a program inside. A worker runs nothing where one of these fails."""

RESOURCES = (
    MEMORY,
    PROCESSES,
    PROCESSORS,
    TIME,
    OUTPUT_SIZE,
    OUTPUT_FILES,
    TEMPORARY_FILES,
    SHARED_MEMORY,
    OPEN_FILES,
    PRINTED_TEXT,
)
"""What keeps it from using up the machine."""

TRIALS = ISOLATION + RESOURCES
