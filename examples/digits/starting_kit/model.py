"""A first model: an image is what most of its five nearest training images are."""

from sklearn.neighbors import KNeighborsClassifier


class Model:
    def fit(self, images, labels):
        """Learn. images: n x 64 numbers from 0 to 16; labels: n digits."""
        self.neighbours = KNeighborsClassifier(n_neighbors=5).fit(images, labels)

    def predict(self, images):
        """Return one digit for each image."""
        return self.neighbours.predict(images)
