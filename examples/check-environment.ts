/** An environment of your own, and the checkers that ship with greekgym. */
import { box, ContractError, checkEnv, discrete, type Env, register } from "greekgym";

/** Guess the sign of the number that is shown. */
function guessSign(): Env {
  let shown = 0;
  let steps = 0;
  let state = 1;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    shown = state / 2 ** 31 - 1 || 0;
    return Float32Array.of(shown);
  };
  return {
    metadata: { id: "GuessSign-v1" },
    observationSpace: box(-1, 1, [1]),
    actionSpace: discrete(2),
    reset({ seed } = {}) {
      if (seed !== undefined) state = seed >>> 0;
      steps = 0;
      return { obs: next(), info: {} };
    },
    step(action) {
      const reward = (action === 1) === shown > 0 ? 1 : 0;
      steps++;
      return { obs: next(), reward, terminated: steps >= 10, truncated: false, info: {} };
    },
    saveState: () => ({ shown, steps, state }),
    loadState(saved) {
      for (const key of ["shown", "steps", "state"])
        if (typeof saved[key] !== "number")
          throw new ContractError("A saved state does not fit.", { which: key, value: saved[key] });
      ({ shown, steps, state } = saved as { shown: number; steps: number; state: number });
    },
  };
}

const findings = checkEnv(guessSign, { seed: 3, steps: 200 });
for (const { severity, rule, message } of findings) console.log(`${severity} ${rule}: ${message}`);
console.log(`${findings.length} findings`);
register("GuessSign-v1", { description: "guess the sign of a number", make: guessSign });
