"""NumPy's side of the benchmark, by another name than numpy.py, which `import numpy` would find: one JSON request a line on stdin, one answer a line on stdout.

{"make": name, "arguments": …} prepares work, {"run": count} times it, {"result": path} writes the result of the last run.
"""
import json
import sys
import time

import numpy as np


def load(path, shape):
    return np.fromfile(path, dtype=np.float32).reshape(shape)


def softmax(x, out):
    np.subtract(x, x.max(axis=1, keepdims=True), out=out)
    np.exp(out, out=out)
    out /= out.sum(axis=1, keepdims=True)
    return out


def matmul(a, b, a_shape, b_shape, transpose_a, transpose_b):
    A, B = load(a, a_shape), load(b, b_shape)
    A, B = (A.T if transpose_a else A), (B.T if transpose_b else B)
    out = np.empty((A.shape[0], B.shape[1]), np.float32)
    return lambda: np.matmul(A, B, out=out), lambda: out


def unary(name, x, n):
    X = load(x, [n])
    out = np.empty_like(X)

    def sigmoid():
        np.negative(X, out=out)
        np.exp(out, out=out)
        np.add(out, 1, out=out)
        return np.reciprocal(out, out=out)

    run = {
        "relu": lambda: np.maximum(X, 0, out=out),
        "tanh": lambda: np.tanh(X, out=out),
        "sigmoid": sigmoid,
    }[name]
    return run, lambda: out


def softmax_rows(x, shape):
    X = load(x, shape)
    out = np.empty_like(X)
    return lambda: softmax(X, out), lambda: out


def softmax_loss(x, shape, labels):
    X, t = load(x, shape), np.array(labels)
    rows = np.arange(len(t))
    y = np.empty_like(X)

    def run():
        softmax(X, y)
        float(-np.log(y[rows, t]).mean())
        y[rows, t] -= 1
        np.divide(y, len(t), out=y)

    return run, lambda: y


def step(sizes, batch, x, labels, weights, biases, rate):
    X, t = load(x, [batch, sizes[0]]), np.array(labels)
    rows = np.arange(batch)
    W = [load(w, [m, n]) for w, m, n in zip(weights, sizes, sizes[1:])]
    b = [load(v, [n]) for v, n in zip(biases, sizes[1:])]

    def run():
        outputs = [X]
        for l, (w, v) in enumerate(zip(W, b)):
            y = outputs[-1] @ w
            y += v
            if l < len(W) - 1:
                np.maximum(y, 0, out=y)
            outputs.append(y)
        dout = softmax(outputs.pop(), np.empty((batch, sizes[-1]), np.float32))
        float(-np.log(dout[rows, t]).mean())
        dout[rows, t] -= 1
        dout /= batch
        updates = []
        for l in range(len(W) - 1, -1, -1):
            updates.append((W[l], outputs[l].T @ dout))
            updates.append((b[l], dout.sum(axis=0)))
            if l > 0:
                dout = dout @ W[l].T
                dout *= outputs[l] > 0
        for value, gradient in updates:
            gradient *= rate
            value -= gradient

    return run, lambda: np.concatenate([v.ravel() for v in W + b])


MAKE = {"matmul": matmul, "unary": unary, "softmax": softmax_rows, "softmax_loss": softmax_loss, "step": step}
run = result = None
for line in sys.stdin:
    request = json.loads(line)
    answer = None
    if "make" in request:
        run, result = MAKE[request["make"]](**request["arguments"])
    elif "run" in request:
        start = time.perf_counter()
        for _ in range(request["run"]):
            run()
        answer = time.perf_counter() - start
    elif "result" in request:
        result().astype(np.float32).tofile(request["result"])
    else:
        blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
        answer = {"version": np.__version__, "blas": blas.get("name", "unknown")}
    print(json.dumps(answer), flush=True)
