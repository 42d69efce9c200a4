import { describe, expect, it } from "vitest";
import { renderJson } from "../../src/report/json.ts";
import { renderMarkdown } from "../../src/report/markdown.ts";
import { sample, smallSample } from "./sample.ts";

describe("renderMarkdown", () => {
  it("tells the smallest report from verdict to provenance", () => {
    expect(renderMarkdown(smallSample())).toMatchInlineSnapshot(`
      "# Gas spikes: PPO with a learned no-trade band against tuned baselines

      **Inconclusive.** 200 episodes do not tell ppo-band from composite. Not hedging skill: the gain is mostly carry or direction. About 1800 further episodes would decide.

      ## What was compared

      Scenario gas-spikes, version 2 (experiment). 3 contenders: 1 learned policy, 2 baselines. Each met the same shocks in 2000 episodes of the select split. Objective: mean-plus-sd with k = 1.5, in bps of notional; lower is better.

      Run it again:

      \`\`\`sh
      greekgym compare experiments/gas-spikes.yaml --contenders all,runs/20260114-093012-gas-spikes-ppo --episodes 2000 --seed 7 --final --report report.html
      \`\`\`

      ## Contenders

      Contenders by objective, lowest (best) first; costs in bps of notional; differences are ppo-band minus the row, so a negative one favours ppo-band.

      | Contender | Objective, mean-plus-sd | Difference, simultaneous 95% interval | Improves, episodes ppo-band is cheaper | Mean | sd | CVaR 95, worst 5% | Steps, tuning or learning | Trials | Core time | Tuned parameters |
      | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |
      | **1. ppo-band (learned)** | **81.9** | – | – | 38.9 | 28.7 | 106.3 | 2 000 000 | 1 | 21 min | – |
      | 2. composite (baseline, tuned) | **86.2** | −4.25 (−5.92 to −2.58) | 62% | 41.8 | 29.6 | 111.4 | 2 000 000 | 360 | 5.2 min | base = −2.61, cost = 0.33, toxicity = 0.08, spread = 0.04, gamma = 0.29, timeLeft = 0.11, volatility = −0.07, fraction = 0.86, wait = 2 |
      | 3. never (baseline) | **620.7** | −538.75 (−586.93 to −490.57) | 100% | 2.1 | 412.4 | 971.2 | 0 | 0 | 0 s | – |

      *Figure.* Objective of ppo-band minus each row's: left of zero ppo-band is better, and it is clearly so (the whole simultaneous interval left of zero) against 2 of 2 rows. Against composite: −4.25 bps of notional, simultaneous 95% interval −5.92 to −2.58. Against never: −538.75 bps of notional, simultaneous 95% interval −586.93 to −490.57.

      How the contenders trade: means over episodes. Slippage is spread and impact.

      | Contender | Rebalances, an episode | Turnover, units of underlying | Slippage, bps of notional | Fees, bps of notional | Gas, bps of notional | Max drawdown, bps of notional | Outside bounds, of decisions | Liquidations, an episode |
      | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
      | **1. ppo-band (learned)** | 49.8 | 0.707 | 7.88 | 7.88 | 9.66 | 54.5 | 0.5% | 0 |
      | 2. composite (baseline, tuned) | 57.1 | 0.788 | 8.68 | 8.68 | 10.63 | 56.2 | 0.5% | 0 |
      | 3. never (baseline) | 0.0 | 0.000 | 0.00 | 0.00 | 0.00 | 783.6 | 61.0% | 0 |

      ## Where costs arise

      Why ppo-band differs from composite: objective of the first minus that of the second, bps of notional; negative favours ppo-band. Hedging skill shows in trading costs and risk, not in carry or direction.

      | Source | Difference, bps of notional |
      | --- | ---: |
      | Trading costs (spread, fee, impact, gas) | −2.555 |
      | Carry (collateral, funding, basis) | +0.064 |
      | Direction (mean delta, times the mean move) | −0.834 |
      | Timing (the rest of delta: how exposure and later moves went together) | −0.556 |
      | Option Greeks (gamma, theta, vega, vanna, volga, residual) | +0.982 |
      | Risk (objective (mean-plus-sd) beyond the mean) | −1.350 |
      | **Objective** | **−4.250** |

      *Figure.* What the mean cost is made of: right of zero costs, left of zero earns, the ring is the sum; ppo-band differs from composite most in gamma and theta (1.7 bps of notional more). The table below holds every number of this figure.

      Parts of the mean cost of an episode, bps of notional. A positive part costs, a negative one earns; each row sums to the mean cost.

      | Contender | delta | gamma | theta | vega | vanna | volga | residual | collateral | funding | basis | spread | fee | impact | gas | Sum | Mean cost |
      | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
      | **1. ppo-band** | −0.23 | −63.62 | 77.18 | −1.06 | 0.26 | −0.27 | −0.15 | 0.00 | 1.82 | −0.47 | 5.59 | 7.88 | 2.29 | 9.66 | **38.90** | 38.90 |
      | 2. composite | 1.16 | −64.44 | 76.25 | −0.89 | 0.46 | −0.32 | 0.29 | 0.00 | 1.89 | −0.60 | 6.16 | 8.68 | 2.52 | 10.63 | **41.80** | 41.80 |
      | 3. never | −0.22 | −64.38 | 65.16 | −1.38 | 0.24 | −0.10 | 0.90 | 0.00 | 2.30 | −0.41 | 0.00 | 0.00 | 0.00 | 0.00 | **2.10** | 2.10 |

      ## Splits, test touches and caveats

      - Train split: seeds 1 to 100 000
      - Select split: seeds 200 001 to 202 000
      - Test split: seeds 300 001 to 302 000
      - Judged on: select
      - Test split touched: 0 times
      - Equivalence margin: 2.0% of the objective of the row to beat
      - Evaluation seed: 7
      - Scenario hash: 9f1c04be77a2

      ## Provenance

      - Run: 20260114-093012-gas-spikes-ppo
      - Seed: 7
      - Config hash: 5c0de1f2a9b84d17
      - Source (git): 6b1b9da41f0c
      - Engine: kernel (wasm simd)
      - Node: 20.20.2

      Generated by:

      \`\`\`sh
      greekgym compare experiments/gas-spikes.yaml --contenders all,runs/20260114-093012-gas-spikes-ppo --episodes 2000 --seed 7 --final --report report.html
      \`\`\`
      "
    `);
  });

  it("tells each figure of the full report in words", () => {
    const text = renderMarkdown(sample());
    expect(text.match(/^\*Figure\.\*/gm)).toHaveLength(7);
    expect(text).not.toMatch(/NaN|undefined|Infinity/);
  });

  it("fences a command that holds a fence", () => {
    const base = smallSample();
    const text = renderMarkdown({ ...base, provenance: { ...base.provenance, command: "echo ```\n# not a heading" } });
    expect(text).toContain("````sh\necho ```\n# not a heading\n````");
  });
});

describe("checkInput", () => {
  it("names a series that does not fit the others", () => {
    const base = sample();
    const episode = { ...base.episode!, price: base.episode!.price.slice(1) };
    expect(() => renderMarkdown({ ...base, episode })).toThrowErrorMatchingInlineSnapshot(`
      [ContractError: "episode.price" has the wrong length.
        where: episode.price
        value: 2016
        fix:   Pass an array of length 2017.]
    `);
  });
});

describe("renderJson", () => {
  it("returns the input unrounded under a format name and version", () => {
    const { title, evaluation, provenance, ...rest } = sample();
    expect(JSON.parse(renderJson(sample()))).toEqual({
      format: "greekgym-report",
      version: 1,
      title,
      evaluation,
      provenance,
      ...rest,
    });
  });

  it("leaves out the parts that are missing", () => {
    expect(Object.keys(JSON.parse(renderJson(smallSample())))).toEqual([
      "format",
      "version",
      "title",
      "evaluation",
      "provenance",
      "costSamples",
      "frontier",
    ]);
  });
});
