"""Numbers that stand for rows: as large as a database column holds, and no larger."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

Id = Annotated[int, Field(ge=1, le=2**63 - 1)]
ExitCode = Annotated[int, Field(ge=-(2**31), le=2**31 - 1)]
PageNumber = Annotated[int, Field(ge=1, le=10**9)]
