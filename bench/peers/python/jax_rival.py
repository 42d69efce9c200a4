"""JAX: the PPO update, compiled, one call a step and fifty steps a call; and PPO on CartPole compiled whole, after PureJaxRL.

With CORES=1 it is pinned to one core. Compilation is part of `prepare`, never of a round.
"""

import os

from serve import pin_to_one_core, rate, serve

if os.environ.get("CORES") == "1":
    pin_to_one_core()

import time

import jax
import jax.numpy as jnp
import optax

HALF_LOG_TWO_PI = 0.9189385332046727


def init(key, sizes, gain):
    """Orthogonal weights, zero biases."""
    keys = jax.random.split(key, len(sizes) - 1)
    gains = [2**0.5] * (len(sizes) - 2) + [gain]
    make = jax.nn.initializers.orthogonal
    return [(make(g)(k, (a, b)), jnp.zeros(b)) for k, a, b, g in zip(keys, sizes, sizes[1:], gains)]


def mlp(layers, x):
    for weight, bias in layers[:-1]:
        x = jnp.tanh(x @ weight + bias)
    return x @ layers[-1][0] + layers[-1][1]


def optimiser(learning_rate):
    return optax.chain(optax.clip_by_global_norm(0.5), optax.adam(learning_rate, eps=1e-5))


def clipped(log_probability, old, advantage):
    advantage = (advantage - advantage.mean()) / (advantage.std() + 1e-8)
    ratio = jnp.exp(log_probability - old)
    return jnp.maximum(-advantage * ratio, -advantage * jnp.clip(ratio, 0.8, 1.2)).mean()


def gaussian_loss(p, x, action, old, advantage, target):
    actor, critic, log_std = p
    z = (action - mlp(actor, x)) * jnp.exp(-log_std)
    log_probability = (-0.5 * z * z - log_std - HALF_LOG_TWO_PI).sum(-1)
    entropy = (log_std + 0.5 + HALF_LOG_TWO_PI).sum()
    value = ((mlp(critic, x)[:, 0] - target) ** 2).mean()
    return clipped(log_probability, old, advantage) - 0.01 * entropy + 0.5 * value


def update(batch, scanned):
    def make(seconds):
        tx = optimiser(2.5e-4)
        keys = jax.random.split(jax.random.PRNGKey(0), 6)
        p = (init(keys[0], [24, 64, 64, 3], 1.0), init(keys[1], [24, 64, 64, 1], 1.0), jnp.zeros(3))
        x = jax.random.normal(keys[2], (batch, 24))
        noise = jax.random.normal(keys[3], (batch, 3))
        old = (-0.5 * noise * noise - HALF_LOG_TWO_PI).sum(-1)
        data = (x, mlp(p[0], x) + noise, old, jax.random.normal(keys[4], (batch,)), jax.random.normal(keys[5], (batch,)))

        def step(carry, _):
            p, state = carry
            change, state = tx.update(jax.grad(gaussian_loss)(p, *data), state, p)
            return (optax.apply_updates(p, change), state), None

        if scanned:
            work, steps = jax.jit(lambda carry: jax.lax.scan(step, carry, None, 50)[0], donate_argnums=0), 50
        else:
            work, steps = jax.jit(lambda carry: step(carry, None)[0], donate_argnums=0), 1
        held = [work((p, tx.init(p)))]

        def call():
            # Calls are queued; waiting for every twentieth keeps the queue short without a stop a step.
            for _ in range(20 if steps == 1 else 1):
                held[0] = work(held[0])
            jax.block_until_ready(held[0])

        call()
        return lambda _: rate(call, batch * (20 if steps == 1 else steps), seconds)

    return make


# --- CartPole and PPO as pure functions -------------------------------------------------------------------------------


def cartpole_step(state, action):
    """Gymnasium's dynamics for one copy: state [4] -> next state, terminated."""
    x, v, angle, spin = state
    push = (jnp.where(action == 1, 10.0, -10.0) + 0.05 * spin**2 * jnp.sin(angle)) / 1.1
    turn = (9.8 * jnp.sin(angle) - jnp.cos(angle) * push) / (0.5 * (4 / 3 - 0.1 * jnp.cos(angle) ** 2 / 1.1))
    pull = push - 0.05 * turn * jnp.cos(angle) / 1.1
    new = jnp.stack([x + 0.02 * v, v + 0.02 * pull, angle + 0.02 * spin, spin + 0.02 * turn])
    limit = 12 * 2 * jnp.pi / 360
    return new, (jnp.abs(new[0]) > 2.4) | (jnp.abs(new[2]) > limit)


def train(learning_rate, iterations, envs=8, T=128):
    """Compiles `iterations` of rollout and update (4 epochs of 4 minibatches) into one function of the carried state."""
    tx = optimiser(learning_rate)

    def begin(seed):
        keys = jax.random.split(jax.random.PRNGKey(seed), 4)
        p = (init(keys[0], [4, 64, 64, 2], 0.01), init(keys[1], [4, 64, 64, 1], 1.0))
        state = jax.random.uniform(keys[2], (envs, 4), minval=-0.05, maxval=0.05)
        zeros = jnp.zeros(envs)
        # The last 100 returns in a ring, and how many episodes have ended.
        return (p, tx.init(p), state, zeros, zeros, keys[3], jnp.zeros(100), jnp.zeros((), jnp.int32))

    def env_step(carry, _):
        p, state, length, total, key, ring, ended = carry
        key, draw, fresh = jax.random.split(key, 3)
        logits = jax.nn.log_softmax(mlp(p[0], state))
        action = jax.random.categorical(draw, logits)
        old = jnp.take_along_axis(logits, action[:, None], 1)[:, 0]
        value = mlp(p[1], state)[:, 0]
        new, terminated = jax.vmap(cartpole_step)(state, action)
        length, total = length + 1, total + 1
        done = terminated | (length >= 500)
        place = jnp.where(done, (ended + jnp.cumsum(done) - 1) % 100, 100)
        ring = ring.at[place].set(total, mode="drop")
        ended = ended + done.sum()
        start = jax.random.uniform(fresh, (envs, 4), minval=-0.05, maxval=0.05)
        following = jnp.where(done[:, None], start, new)
        kept = jnp.where(done, 0.0, 1.0)
        row = (state, action, old, value, kept)
        return (p, following, length * kept, total * kept, key, ring, ended), row

    def loss(p, rows):
        obs, action, old, value, advantage = rows
        logits = jax.nn.log_softmax(mlp(p[0], obs))
        log_probability = jnp.take_along_axis(logits, action[:, None], 1)[:, 0]
        entropy = -(jnp.exp(logits) * logits).sum(-1).mean()
        v = mlp(p[1], obs)[:, 0]
        target = advantage + value
        held = value + jnp.clip(v - value, -0.2, 0.2)
        value_loss = 0.5 * jnp.maximum((v - target) ** 2, (held - target) ** 2).mean()
        return clipped(log_probability, old, advantage) - 0.01 * entropy + 0.5 * value_loss

    def iteration(carry, _):
        p, opt, state, length, total, key, ring, ended = carry
        (p, state, length, total, key, ring, ended), rows = jax.lax.scan(
            env_step, (p, state, length, total, key, ring, ended), None, T
        )
        obs, action, old, value, kept = rows

        def back(carry, row):
            gain, following = carry
            v, k = row
            gain = 1 + 0.99 * following * k - v + 0.99 * 0.95 * k * gain
            return (gain, v), gain

        _, advantage = jax.lax.scan(back, (jnp.zeros(envs), mlp(p[1], state)[:, 0]), (value, kept), reverse=True)
        flat = jax.tree.map(lambda a: a.reshape(T * envs, *a.shape[2:]), (obs, action, old, value, advantage))

        def epoch(carry, key):
            order = jax.random.permutation(key, T * envs)
            parts = jax.tree.map(lambda a: a[order].reshape(4, -1, *a.shape[1:]), flat)

            def minibatch(carry, rows):
                p, opt = carry
                change, opt = tx.update(jax.grad(loss)(p, rows), opt, p)
                return (optax.apply_updates(p, change), opt), None

            return jax.lax.scan(minibatch, carry, parts)[0], None

        key, *draws = jax.random.split(key, 5)
        (p, opt), _ = jax.lax.scan(epoch, (p, opt), jnp.stack(draws))
        mean = jnp.where(ended >= 100, ring.mean(), 0.0)
        return (p, opt, state, length, total, key, ring, ended), mean

    return begin, jax.jit(lambda carry: jax.lax.scan(iteration, carry, None, iterations))


def cartpole(seconds):
    begin, run = train(2.5e-4, 20)
    held = [run(begin(1))[0]]

    def call():
        held[0], mean = run(held[0])
        mean.block_until_ready()

    call()
    return lambda _: rate(call, 20 * 1024, seconds)


def to_475(_):
    """Seconds and environment steps of seeds 1 to 5; looked at every iteration, as a user who stops there would."""
    begin, run = train(1e-3, 1)
    carry, _ = run(begin(0))
    jax.block_until_ready(run(carry))

    def one(index):
        carry = begin(index + 1)
        jax.block_until_ready(carry)
        start = time.perf_counter()
        for done in range(1, 489):
            carry, mean = run(carry)
            if float(mean[0]) >= 475:
                return [time.perf_counter() - start, 1024 * done]
        return [None, None]

    return one


serve(
    {
        **{f"update step {b}": update(b, False) for b in (256, 1024, 4096)},
        **{f"update scan {b}": update(b, True) for b in (256, 1024, 4096)},
        "cartpole": cartpole,
        "475": to_475,
    },
    jax.__version__,
)
