"""Gymnasium's vectorised (numpy) CartPole, 1024 copies, actions drawn beforehand."""

import gymnasium
import numpy as np

from serve import rate, serve


def cartpole(seconds):
    env = gymnasium.make_vec("CartPole-v1", num_envs=1024, vectorization_mode="vector_entry_point")
    actions = np.random.default_rng(0).integers(0, 2, (256, 1024))
    env.reset(seed=0)
    at = [0]

    def step():
        env.step(actions[at[0] % 256])
        at[0] += 1

    rate(step, 1024, seconds)
    return lambda _: rate(step, 1024, seconds)


serve({"cartpole 1024": cartpole}, gymnasium.__version__)
