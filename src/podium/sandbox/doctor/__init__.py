"""Try every limit of a sandbox with small hostile programs, and report what holds.

Some sandboxes accept a limit and enforce nothing; only trying tells.
"""

from podium.sandbox.doctor.examination import examine, examine_network
from podium.sandbox.doctor.table import ISOLATION, RESOURCES, TRIALS
from podium.sandbox.doctor.trials import Trial
from podium.sandbox.doctor.verdict import UNISOLATED, require_isolation

__all__ = ["ISOLATION", "RESOURCES", "TRIALS", "UNISOLATED", "Trial", "examine", "examine_network", "require_isolation"]
