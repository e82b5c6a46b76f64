"""Average the training images of each digit, and read an image as the digit whose average is nearest."""

import numpy as np


class Model:
    def fit(self, images, labels):
        self.digits = np.unique(labels)
        self.averages = np.array([images[labels == digit].mean(axis=0) for digit in self.digits])

    def predict(self, images):
        distances = np.linalg.norm(images[:, None, :] - self.averages[None, :, :], axis=2)
        return self.digits[distances.argmin(axis=1)]
