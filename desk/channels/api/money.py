"""Money as all areas of the API say it."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

KOPECKS = 100


class Amount(BaseModel):
    """A sum: count with `kopecks`, show `amount`."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"kopecks": 118050, "amount": "1180.50", "currency": "UAH"}}
    )

    kopecks: int = Field(description="Whole kopiykas.")
    amount: str = Field(description="The same in hryvnias, two decimals.", pattern=r"^-?\d+\.\d\d$")
    currency: Literal["UAH"] = "UAH"


def money(kopecks: int) -> Amount:
    """A sum for an answer."""
    whole, part = divmod(abs(kopecks), KOPECKS)
    return Amount(kopecks=kopecks, amount=f"{'-' if kopecks < 0 else ''}{whole}.{part:02}")
