"""The straight line with the least squared errors."""


class Model:
    def fit(self, x: list[float], y: list[float]) -> None:
        mean_x, mean_y = sum(x) / len(x), sum(y) / len(y)
        spread = sum((value - mean_x) ** 2 for value in x)
        self.slope = sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y)) / spread
        self.offset = mean_y - self.slope * mean_x

    def predict(self, x: list[float]) -> list[float]:
        return [self.offset + self.slope * value for value in x]
