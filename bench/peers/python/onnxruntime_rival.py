"""onnxruntime in Python, one thread, on the graph that the suite wrote."""

import os

import numpy as np
import onnxruntime

from serve import percentiles, serve


def latency(seconds):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(os.environ["GREEKGYM_ONNX"], options, providers=["CPUExecutionProvider"])
    feeds = {
        i.name: np.full([d if isinstance(d, int) else 1 for d in i.shape], 0.3, np.float32 if "float)" in i.type else np.float64)
        for i in session.get_inputs()
    }
    calls = max(200, int(20_000 * seconds))
    decide = lambda: session.run(None, feeds)
    percentiles(decide, calls)
    return lambda _: percentiles(decide, calls)


serve({"latency": latency}, onnxruntime.__version__)
