"""Halves what is left with every guess."""


class Player:
    def __init__(self) -> None:
        self.least, self.most = 1, 100

    def guess(self) -> int:
        return (self.least + self.most) // 2

    def hear(self, answer: str) -> None:
        if answer == "higher":
            self.least = self.guess() + 1
        else:
            self.most = self.guess() - 1
