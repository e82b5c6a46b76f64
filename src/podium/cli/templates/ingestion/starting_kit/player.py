"""Counts upwards. Make it better and send it: zip submission.zip player.py."""


class Player:
    def __init__(self) -> None:
        self.number = 1

    def guess(self) -> int:
        return self.number

    def hear(self, answer: str) -> None:
        self.number += 1
