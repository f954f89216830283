#!/usr/bin/env python3
"""XGBoost on the public credit sets, as a yardstick for FedLab.Learning.

    python3 compare.py DATA_FOLDER [SET ...]

DATA_FOLDER holds one folder a set with bank.csv.gz (id, features, label last) and source.csv.gz (id, features, other row order).
A row is a test row when sha256(id), read as a big-endian integer, is 0 modulo 5. Two models a set: all features, and the bank's alone.
Settings: hist, 50 trees, depth 4, learning rate 0.1, 32 bins, lambda 1. Text columns are one-hot encoded from the training rows.
Prints AUC, KS and log loss on the test rows, and the seconds of training. Needs numpy and xgboost (Debian: python3-xgboost, 1.7.4).
"""

import csv
import gzip
import hashlib
import math
import os
import sys
import time

import numpy
import xgboost

SETS = ["default_credit", "give_me_some_credit", "german_credit", "sba_small_business"]
SETTINGS = {"objective": "binary:logistic", "tree_method": "hist", "max_depth": 4, "eta": 0.1, "max_bin": 32, "lambda": 1.0}
TREES = 50


def read(path):
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        header, *rows = list(csv.reader(file))
    return header, rows


def is_test(identifier):
    return int.from_bytes(hashlib.sha256(identifier.encode("utf-8")).digest(), "big") % 5 == 0


def number(text):
    return float(text) if text else math.nan


def columns(header, rows, first, last, train):
    """Numeric columns as they are, text columns one-hot over the categories of the training rows; missing stays missing."""
    matrix = []
    for position in range(first, last):
        texts = [row[position] for row in rows]
        try:
            matrix.append([number(text) for text in texts])
        except ValueError:
            for category in sorted({text for text, used in zip(texts, train) if used and text}):
                matrix.append([math.nan if not text else float(text == category) for text in texts])
    return numpy.array(matrix, dtype=numpy.float64).T.reshape(len(rows), -1)


def auc(labels, scores):
    order = numpy.argsort(scores, kind="stable")
    ranks = numpy.empty(len(scores))
    _, start, count = numpy.unique(scores[order], return_index=True, return_counts=True)
    ranks[order] = numpy.repeat(start + (count + 1) / 2.0, count)
    positives = labels.sum()
    return (ranks[labels == 1].sum() - positives * (positives + 1) / 2) / (positives * (len(labels) - positives))


def ks(labels, scores):
    thresholds = numpy.unique(scores)
    below = [numpy.searchsorted(numpy.sort(scores[labels == label]), thresholds, side="right") / (labels == label).sum() for label in (0, 1)]
    return numpy.abs(below[0] - below[1]).max()


def log_loss(labels, scores):
    clipped = numpy.clip(scores.astype(numpy.float64), 1e-15, 1 - 1e-15)
    return -numpy.mean(numpy.where(labels == 1, numpy.log(clipped), numpy.log(1 - clipped)))


def evaluate(name, kind, features, labels, train):
    started = time.perf_counter()
    base = labels[train].mean()
    model = xgboost.train(
        dict(SETTINGS, base_score=base), xgboost.DMatrix(features[train], label=labels[train]), num_boost_round=TREES)
    seconds = time.perf_counter() - started
    test = ~train
    scores = model.predict(xgboost.DMatrix(features[test]))
    print(f"{name:22} {kind:9} {auc(labels[test], scores):.4f} {ks(labels[test], scores):.4f} {log_loss(labels[test], scores):.4f} {seconds:7.2f}")


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    folder, chosen = sys.argv[1], sys.argv[2:] or SETS
    print(f"xgboost {xgboost.__version__}")
    print(f"{'set':22} {'features':9} {'AUC':6} {'KS':6} {'loss':6} {'seconds':>7}")
    for name in chosen:
        bank_header, bank_rows = read(os.path.join(folder, name, "bank.csv.gz"))
        source_header, source_rows = read(os.path.join(folder, name, "source.csv.gz"))
        by_id = {row[0]: row for row in source_rows}
        source_rows = [by_id[row[0]] for row in bank_rows]
        train = numpy.array([not is_test(row[0]) for row in bank_rows])
        labels = numpy.array([int(row[-1]) for row in bank_rows])
        bank = columns(bank_header, bank_rows, 1, len(bank_header) - 1, train)
        source = columns(source_header, source_rows, 1, len(source_header), train)
        evaluate(name, "all", numpy.hstack([bank, source]), labels, train)
        evaluate(name, "bank only", bank, labels, train)


if __name__ == "__main__":
    main()
