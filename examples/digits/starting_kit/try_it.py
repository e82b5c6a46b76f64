"""Measure model.py at home: train it on half of scikit-learn's digits and let it read the other half."""

from model import Model
from sklearn.datasets import load_digits
from sklearn.metrics import accuracy_score, f1_score
from sklearn.model_selection import train_test_split

images, labels = load_digits(return_X_y=True)
train_images, test_images, train_labels, test_labels = train_test_split(images, labels, test_size=0.5, random_state=0)

model = Model()
model.fit(train_images, train_labels)
predicted = model.predict(test_images)

print(f"Accuracy {accuracy_score(test_labels, predicted):.3f}")
print(f"F1       {f1_score(test_labels, predicted, average='macro'):.3f}")
