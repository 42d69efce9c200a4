"""onnxruntime in Python, one thread, on the graph GREEKGYM_ONNX from raw features to intents, for the accounts of GREEKGYM_ROWS."""

import json
import os

import numpy as np
import onnxruntime

from serve import percentiles, serve


def latency(seconds):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(os.environ["GREEKGYM_ONNX"], options, providers=["CPUExecutionProvider"])
    with open(os.environ["GREEKGYM_ROWS"]) as file:
        rows = np.array(json.load(file))
    available = np.ones(rows.shape[1], bool)
    at = [0]

    def decide():
        at[0] = (at[0] + 1) % len(rows)
        return session.run(None, {"features": rows[at[0] : at[0] + 1], "available": available})

    calls = max(200, int(20_000 * seconds))
    percentiles(decide, calls)
    return lambda _: percentiles(decide, calls)


serve({"latency": latency}, onnxruntime.__version__)
