"""PyTorch on one thread: the PPO update (eager with fused Adam, and compiled), a decision's latency, a CleanRL-like PPO."""

import collections

import gymnasium
import numpy as np
import torch
from torch import nn

from serve import percentiles, rate, serve

torch.set_num_threads(1)


def tanh_network(inputs, outputs):
    return nn.Sequential(
        nn.Linear(inputs, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, outputs)
    )


def gaussian_update(batch, compiled):
    """One step: actor and critic 24-64-64-(3, 1), Gaussian with three components, clipped loss + entropy + value, norm clip, Adam."""
    torch.manual_seed(0)
    actor, critic = tanh_network(24, 3), tanh_network(24, 1)
    log_std = nn.Parameter(torch.zeros(3))
    parameters = [*actor.parameters(), *critic.parameters(), log_std]
    optimiser = torch.optim.Adam(parameters, lr=2.5e-4, eps=1e-5, fused=True)
    x = torch.randn(batch, 24)
    with torch.no_grad():
        action = actor(x) + torch.randn(batch, 3)
        old = -0.5 * ((action - actor(x)) ** 2).sum(-1) - 3 * 0.9189385332046727
    advantage, target = torch.randn(batch), torch.randn(batch)

    def loss_of(x, action, old, advantage, target):
        advantage = (advantage - advantage.mean()) / (advantage.std() + 1e-8)
        z = (action - actor(x)) * torch.exp(-log_std)
        log_probability = (-0.5 * z * z - log_std - 0.9189385332046727).sum(-1)
        ratio = torch.exp(log_probability - old)
        policy = torch.max(-advantage * ratio, -advantage * ratio.clamp(0.8, 1.2)).mean()
        entropy = (log_std + 0.5 + 0.9189385332046727).sum()
        value = ((critic(x).squeeze(-1) - target) ** 2).mean()
        return policy - 0.01 * entropy + 0.5 * value

    if compiled:
        # Each batch size gets code of its own, and none pays for the guards of those before.
        torch._dynamo.reset()
    loss_function = torch.compile(loss_of, dynamic=False) if compiled else loss_of

    def step():
        optimiser.zero_grad(set_to_none=True)
        loss_function(x, action, old, advantage, target).backward()
        nn.utils.clip_grad_norm_(parameters, 0.5)
        optimiser.step()

    return step


def update(batch, compiled):
    def make(seconds):
        step = gaussian_update(batch, compiled)
        for _ in range(5):
            step()
        return lambda _: rate(step, batch, seconds)

    return make


def latency(scripted):
    def make(seconds):
        network = tanh_network(24, 3).eval()
        if scripted:
            network = torch.jit.freeze(torch.jit.script(network))
        x = torch.randn(1, 24)

        def decide():
            with torch.inference_mode():
                return network(x)

        calls = max(200, int(20_000 * seconds))
        percentiles(decide, calls)
        return lambda _: percentiles(decide, calls)

    return make


class CleanLoop:
    """PPO on CartPole in one plain loop, the way CleanRL writes it: 8 environments, 128 steps, 4 epochs of 4 minibatches."""

    def __init__(self, seed, learning_rate):
        torch.manual_seed(seed)
        self.rng = np.random.default_rng(seed)
        self.envs = gymnasium.vector.SyncVectorEnv(
            [lambda: gymnasium.make("CartPole-v1") for _ in range(8)],
            autoreset_mode=gymnasium.vector.AutoresetMode.SAME_STEP,
        )
        self.actor, self.critic = tanh_network(4, 2), tanh_network(4, 1)
        for network, gain in ((self.actor, 0.01), (self.critic, 1.0)):
            layers = [m for m in network if isinstance(m, nn.Linear)]
            for i, layer in enumerate(layers):
                nn.init.orthogonal_(layer.weight, gain if i == len(layers) - 1 else 2**0.5)
                nn.init.zeros_(layer.bias)
        self.parameters = [*self.actor.parameters(), *self.critic.parameters()]
        self.optimiser = torch.optim.Adam(self.parameters, lr=learning_rate, eps=1e-5)
        self.obs = torch.as_tensor(self.envs.reset(seed=seed)[0])
        self.running = np.zeros(8)
        self.returns = collections.deque(maxlen=100)
        self.steps = 0

    def iteration(self):
        T, B = 128, 8
        obs = torch.zeros(T, B, 4)
        actions, log_probabilities, rewards, dones, values = (torch.zeros(T, B) for _ in range(5))
        for t in range(T):
            obs[t] = self.obs
            with torch.no_grad():
                policy = torch.distributions.Categorical(logits=self.actor(self.obs))
                action = policy.sample()
                values[t] = self.critic(self.obs).squeeze(-1)
            actions[t], log_probabilities[t] = action, policy.log_prob(action)
            seen, reward, terminated, truncated, _ = self.envs.step(action.numpy())
            done = np.logical_or(terminated, truncated)
            rewards[t], dones[t] = torch.as_tensor(reward), torch.as_tensor(done, dtype=torch.float32)
            self.obs = torch.as_tensor(seen)
            self.running += reward
            for value in self.running[done]:
                self.returns.append(value)
            self.running[done] = 0
            self.steps += B
        with torch.no_grad():
            next_value = self.critic(self.obs).squeeze(-1)
        advantages = torch.zeros(T, B)
        last = torch.zeros(B)
        for t in reversed(range(T)):
            alive = 1 - dones[t]
            delta = rewards[t] + 0.99 * next_value * alive - values[t]
            last = delta + 0.99 * 0.95 * alive * last
            advantages[t], next_value = last, values[t]
        flat = [a.reshape(T * B, *a.shape[2:]) for a in (obs, actions, log_probabilities, advantages, advantages + values, values)]
        order = np.arange(T * B)
        for _ in range(4):
            self.rng.shuffle(order)
            for start in range(0, T * B, T * B // 4):
                self.step(*[a[order[start : start + T * B // 4]] for a in flat])

    def step(self, obs, actions, old, advantages, returns, values):
        policy = torch.distributions.Categorical(logits=self.actor(obs))
        ratio = (policy.log_prob(actions) - old).exp()
        advantages = (advantages - advantages.mean()) / (advantages.std() + 1e-8)
        policy_loss = torch.max(-advantages * ratio, -advantages * ratio.clamp(0.8, 1.2)).mean()
        value = self.critic(obs).squeeze(-1)
        held = values + (value - values).clamp(-0.2, 0.2)
        value_loss = 0.5 * torch.max((value - returns) ** 2, (held - returns) ** 2).mean()
        loss = policy_loss - 0.01 * policy.entropy().mean() + 0.5 * value_loss
        self.optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.parameters, 0.5)
        self.optimiser.step()


def clean_loop(seconds):
    learner = CleanLoop(1, 2.5e-4)
    learner.iteration()
    return lambda _: rate(learner.iteration, 128 * 8, seconds)


serve(
    {
        **{f"update eager {b}": update(b, False) for b in (256, 1024, 4096)},
        **{f"update compiled {b}": update(b, True) for b in (256, 1024, 4096)},
        "latency eager": latency(False),
        "latency scripted": latency(True),
        "cartpole": clean_loop,
    },
    torch.__version__,
)
