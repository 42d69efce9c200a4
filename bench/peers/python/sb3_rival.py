"""Stable-Baselines3's PPO on CartPole, one torch thread: throughput, and time to a mean return of 475."""

import collections
import time

import gymnasium
import numpy as np
import stable_baselines3
import torch
from stable_baselines3 import PPO
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.monitor import Monitor
from stable_baselines3.common.vec_env import DummyVecEnv

from serve import serve

torch.set_num_threads(1)


def learner(seed, learning_rate):
    env = DummyVecEnv([lambda: Monitor(gymnasium.make("CartPole-v1"))] * 8)
    return PPO(
        "MlpPolicy",
        env,
        n_steps=128,
        batch_size=256,
        n_epochs=4,
        learning_rate=learning_rate,
        gamma=0.99,
        gae_lambda=0.95,
        clip_range=0.2,
        clip_range_vf=0.2,
        ent_coef=0.01,
        vf_coef=0.5,
        max_grad_norm=0.5,
        seed=seed,
        device="cpu",
        policy_kwargs={
            "net_arch": {"pi": [64, 64], "vf": [64, 64]},
            "activation_fn": torch.nn.Tanh,
            "optimizer_kwargs": {"eps": 1e-5},
        },
    )


def throughput(seconds):
    model = learner(1, 2.5e-4)
    model.learn(1024)

    def one(_):
        start, steps = time.perf_counter(), 0
        while time.perf_counter() - start < seconds:
            model.learn(4096, reset_num_timesteps=False)
            steps += 4096
        return [steps / (time.perf_counter() - start)]

    return one


class Until475(BaseCallback):
    def __init__(self):
        super().__init__()
        self.last = collections.deque(maxlen=100)

    def _on_step(self):
        for info in self.locals["infos"]:
            if "episode" in info:
                self.last.append(info["episode"]["r"])
        return not (len(self.last) == 100 and np.mean(self.last) >= 475)


def to_475(_):
    """Seconds and environment steps of seeds 1 to 3 within 500,000 steps; null where a seed does not get there."""

    def one(index):
        if index >= 3:
            return None
        model, callback = learner(index + 1, 1e-3), Until475()
        start = time.perf_counter()
        model.learn(500_000, callback=callback)
        seconds = time.perf_counter() - start
        reached = len(callback.last) == 100 and np.mean(callback.last) >= 475
        return [seconds, model.num_timesteps] if reached else [None, None]

    return one


serve({"cartpole": throughput, "475": to_475}, stable_baselines3.__version__)
