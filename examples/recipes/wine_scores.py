"""Writes wine_scores.csv: what a random forest of scikit-learn says about each wine, by models that never saw it.

    pip install scikit-learn && python3 wine_scores.py

Row i belongs to row i of the set, columns are its classes 0, 1, 2. Ten stratified folds, 300 trees, seed 0; written with
scikit-learn 1.9.1, probabilities with as many digits as they need.
"""
import csv
import pathlib

from sklearn.datasets import load_wine
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import StratifiedKFold, cross_val_predict

features, labels = load_wine(return_X_y=True)
forest = RandomForestClassifier(n_estimators=300, random_state=0)
folds = StratifiedKFold(10, shuffle=True, random_state=0)
scores = cross_val_predict(forest, features, labels, cv=folds, method="predict_proba")
print("accuracy", (scores.argmax(axis=1) == labels).mean())
with open(pathlib.Path(__file__).with_name("wine_scores.csv"), "w", newline="") as file:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["class_0", "class_1", "class_2"])
    writer.writerows([repr(float(score)) for score in row] for row in scores)
