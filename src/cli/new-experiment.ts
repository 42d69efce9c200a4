/** What `greekgym init` writes. */
export const NEW_EXPERIMENT = `# yaml-language-server: $schema=./schema.json
# An experiment: a market, a book, what counts as good, who learns, and against whom.
# Every key with its range and default: docs/config.md, or \`greekgym schema\`. What this file means: \`greekgym config explain experiment.yaml\`.

kind: demo # demo and validation judge on test episodes; experiment judges on select until \`compare --final\`
scenario:
  name: my-experiment
  version: 1 # raise it when anything below \`scenario\` changes
  market:
    # model: gbm simulates; model: file plays back a recorded series (then add splits with dates, and --data).
    price: { model: gbm, initial: 2000, drift: 0, volatility: 0.6 } # volatility a year as a fraction: 0.6 is 60%
  chain:
    # model: none | constant | eip1559 | file. What a rebalance costs besides spread and fee.
    fee: { model: eip1559, preset: l1, medianGwei: 20, logSd: 0.6, halfLifeHours: 12 }
    gasUnits: 180000 # gas of one rebalance
    inclusionBlocks: 1 # blocks between decision and trade
  book:
    legs: # quantity in coins; negative = short. moneyness = strike / price at the start.
      - { type: call, quantity: -5, moneyness: 1 }
      - { type: put, quantity: -5, moneyness: 1 }
  account: { numeraire: usd, collateral: usd, deltaConvention: bs }
  slots: # where to hedge; the first one hedges delta
    - { name: spot, kind: spot, specification: dex-spot-5bps }
  bounds: { delta: 0.2 } # reported: the share of decisions outside
  maturityDays: 7 # length of an episode
  stepSeconds: 7200 # of the simulation
  decisionInterval: 2h # of the policy: a whole multiple of stepSeconds
  terminal: unwind # unwind | mark | settle

objective: { name: mean-plus-sd, k: 1.5 } # of the cost of an episode; lower is better. Also: mean, cvar, entropic
delta: 0.02 # policies within this share of the best rule's objective count as equivalent

tune: { episodes: 500 } # training episodes on which each rule is tuned

agent:
  algorithm: ppo
  head: band # band | gate+size | target | menu: what the network's output means
  reference: best # the tuned rule that a band head starts from

train:
  steps: 500000 # decisions
  envs: 128 # environments stepped together
  workers: 2 # threads; never changes a result

compare:
  contenders: all # or a list: [delta, never, delta-band, whalley-wilmott]
  episodes: 2000
`;
