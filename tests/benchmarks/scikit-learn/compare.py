#!/usr/bin/env python3
"""scikit-learn's logistic regression on the public credit sets against FedLab's fits over three banks.

    FEDLAB_DATA=DATA_FOLDER FEDLAB_FITS=FITS_FOLDER dotnet run -c Release --project tests/FedLab.Learning.Tests -- -class '*LogisticPublicDataTests'
    python3 compare.py DATA_FOLDER FITS_FOLDER

DATA_FOLDER holds one folder a set with bank.csv.gz (id, features, label last) and source.csv.gz (id, features, other row order).
A row is a test row when sha256(id), read as a big-endian integer, is 0 modulo 5; the fits are of the other rows.
Only which columns were estimated and where the caps lie is read from a fit; means, deviations and the optimum are computed here.
The optimum is scikit-learn's newton-cholesky on standardised columns with the least tolerance that it accepts; standard errors, which
scikit-learn does not give, come from the Hessian at its optimum. Prints the largest relative differences and fails above 1e-6.
Needs numpy and scikit-learn (Debian: python3-sklearn, 1.2.1).
"""

import csv
import glob
import gzip
import hashlib
import json
import math
import os
import sys
import time
import warnings

import numpy
import sklearn
from sklearn.linear_model import LogisticRegression

ACCURACY = 1e-6


def read(path):
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        header, *rows = list(csv.reader(file))
    return header, rows


def is_test(identifier):
    return int.from_bytes(hashlib.sha256(identifier.encode("utf-8")).digest(), "big") % 5 == 0


def training_columns(folder):
    """Text of every feature and the labels, of the training rows."""
    bank_header, bank_rows = read(os.path.join(folder, "bank.csv.gz"))
    source_header, source_rows = read(os.path.join(folder, "source.csv.gz"))
    by_id = {row[0]: row for row in source_rows}
    rows = [row[1:] + by_id[row[0]][1:] for row in bank_rows if not is_test(row[0])]
    header = bank_header[1:] + source_header[1:]
    label = header.index(bank_header[-1])
    columns = {name: [row[position] for row in rows] for position, name in enumerate(header) if position != label}
    return columns, numpy.array([int(row[label]) for row in rows])


def design(columns, fit):
    matrix = []
    for line in fit["coefficients"][1:]:
        texts = columns[line["feature"]]
        if line["kind"] == "Missing":
            matrix.append([float(not text) for text in texts])
        elif line["kind"] == "Category":
            matrix.append([float(text == line["category"]) for text in texts])
        else:
            values = numpy.array([float(text) if text else math.nan for text in texts])
            lower, upper = fit["caps"][line["feature"]]
            values = numpy.clip(values, -math.inf if lower is None else lower, math.inf if upper is None else upper)
            matrix.append(numpy.where(numpy.isnan(values), numpy.nanmean(values), values))
    return numpy.array(matrix, dtype=numpy.float64).T


def optimum(features, labels, ridge):
    """Intercept and coefficients on the columns' own scale, their standard errors, the deviance, and the seconds of fitting."""
    means, deviations = features.mean(axis=0), features.std(axis=0)
    standardised = (features - means) / deviations
    penalty = {"penalty": "l2", "C": 1 / ridge} if ridge else {"penalty": None}
    model = LogisticRegression(solver="newton-cholesky", tol=1e-15, max_iter=200, **penalty)
    started = time.perf_counter()
    with warnings.catch_warnings():
        # The tolerance is below what rounding allows; that the search ends there is intended.
        warnings.simplefilter("ignore")
        model.fit(standardised, labels)
    seconds = time.perf_counter() - started
    weights = numpy.concatenate([model.intercept_, model.coef_[0]])
    rows = numpy.hstack([numpy.ones((len(labels), 1)), standardised])
    margins = rows @ weights
    probabilities = 1 / (1 + numpy.exp(-margins))
    hessian = (rows * (probabilities * (1 - probabilities))[:, None]).T @ rows
    inverse = numpy.linalg.inv(hessian + numpy.diag([0.0] + [ridge] * len(deviations)))
    covariance = inverse @ hessian @ inverse
    back = numpy.diag(1 / numpy.concatenate([[1.0], deviations]))
    back[0, 1:] = -means / deviations
    deviance = 2 * numpy.sum(numpy.logaddexp(0, margins) - labels * margins)
    return back @ weights, numpy.sqrt(numpy.diag(back @ covariance @ back.T)), deviance, seconds


def largest(values, references):
    return numpy.max(numpy.abs(numpy.array(values) - references) / numpy.abs(references))


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    data, fits = sys.argv[1], sorted(glob.glob(os.path.join(sys.argv[2], "*.json")))
    if not fits:
        sys.exit(f"{sys.argv[2]} holds no fit.")
    print(f"scikit-learn {sklearn.__version__}")
    print(f"{'set':22} {'caps':>6} {'ridge':>5} {'columns':>7} {'coefficients':>12} {'errors':>8} {'deviance':>8} {'seconds':>7}")
    worst, read_sets = 0, {}
    for path in fits:
        with open(path, encoding="utf-8") as file:
            fit = json.load(file)
        if fit["set"] not in read_sets:
            read_sets[fit["set"]] = training_columns(os.path.join(data, fit["set"]))
        columns, labels = read_sets[fit["set"]]
        weights, errors, deviance, seconds = optimum(design(columns, fit), labels, fit["ridge"])
        differences = [
            largest([line["estimate"] for line in fit["coefficients"]], weights),
            largest([line["standardError"] for line in fit["coefficients"]], errors),
            largest([fit["deviance"]], numpy.array([deviance])),
        ]
        worst = max([worst, *differences])
        print(
            f"{fit['set']:22} {fit['winsorise']:6} {fit['ridge']:5} {len(weights):7} "
            f"{differences[0]:12.1e} {differences[1]:8.1e} {differences[2]:8.1e} {seconds:7.2f}")
    if not worst <= ACCURACY:
        sys.exit(f"The largest relative difference, {worst:.1e}, is above {ACCURACY:.0e}.")


if __name__ == "__main__":
    main()
