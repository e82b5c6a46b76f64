"""Distribution functions of the normal, Student's and the binomial distribution.

SciPy is imported only where one of its own is asked for: that takes longer than most scorings, which need the normal
one alone.
"""

from __future__ import annotations

from statistics import NormalDist

_NORMAL = NormalDist()


def normal_below(point: float) -> float:
    """The probability that a standard normal variable is below a point."""
    return _NORMAL.cdf(point)


def normal_quantile(probability: float) -> float:
    """The point below which a standard normal variable lies with this probability (0 < probability < 1)."""
    return _NORMAL.inv_cdf(probability)


def student_below(point: float, freedom: int) -> float:
    """The probability that a variable of Student's distribution with so many degrees of freedom is below a point."""
    from scipy.special import stdtr

    return float(stdtr(freedom, point))


def student_quantile(probability: float, freedom: int) -> float:
    """The point below which a variable of Student's distribution lies with this probability."""
    from scipy.special import stdtrit

    return float(stdtrit(freedom, probability))


def fair_tosses_at_most(heads: int, tosses: int) -> float:
    """The probability of at most so many heads in so many tosses of a fair coin."""
    from scipy.special import bdtr

    return float(bdtr(heads, tosses, 0.5))
