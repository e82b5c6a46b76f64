"""Predicts the mean of what it has seen. Make it better and send it: zip submission.zip model.py."""


class Model:
    def fit(self, x: list[float], y: list[float]) -> None:
        self.mean = sum(y) / len(y)

    def predict(self, x: list[float]) -> list[float]:
        return [self.mean for _ in x]
