"""Say the most frequent digit of the training labels every time: what a model must beat to have learned anything."""

import numpy as np


class Model:
    def fit(self, images, labels):
        self.digit = np.bincount(labels).argmax()

    def predict(self, images):
        return np.full(len(images), self.digit)
