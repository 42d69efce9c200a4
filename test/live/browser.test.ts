import { beforeAll, describe, expect, it } from "vitest";
import { renderBrowserModule } from "../../scripts/build-browser.ts";
import { browserModule, page } from "../../src/cli/export-formats.ts";
import { INTENT_WIDTH } from "../../src/core/contracts/intent.ts";
import { ContractError } from "../../src/core/errors.ts";
import { openPolicy } from "../../src/live/browser.ts";
import { askPage, findChromium } from "../support/chromium.ts";
import { bundleFiles, experiment, HEADS } from "./fixture.ts";

const e = experiment();
const files = bundleFiles(e);
const golden = JSON.parse(new TextDecoder().decode(files["golden.json"])) as {
  features: string[];
  rows: number[][];
  intents: number[][];
};
const named = (row: readonly number[]) => Object.fromEntries(golden.features.map((name, f) => [name, row[f]!]));

describe("a policy opened from a bundle's files", () => {
  const policy = openPolicy(files);

  it("takes features by name and gives intents by slot", () => {
    for (const [i, row] of golden.rows.entries()) {
      const [intent] = policy.decide(named(row));
      expect(intent!.slot).toBe("spot");
      expect(intent!.kind).toBe(golden.intents[i]![0] === 0 ? "none" : "trade");
      expect(Math.abs(intent!.change - golden.intents[i]![2]!)).toBeLessThan(
        1e-5 * Math.max(20, Math.abs(intent!.change)),
      );
    }
    expect(policy.statement).toMatch(/^NOT BETTER/);
    expect(golden.rows).toContainEqual(Object.values(policy.example));
    expect(policy.decide(policy.example)[0]!.kind).toBe("trade");
  });

  it("takes null for a feature that cannot be had", () => {
    const without = "base_fee_gwei";
    const at = golden.features.indexOf(without);
    const available = Uint8Array.from(golden.features, (_, f) => (f === at ? 0 : 1));
    let moved = 0;
    for (const row of golden.rows) {
      const raw = Float64Array.from(row, (x, f) => (f === at ? 0 : x));
      const out = new Float64Array(INTENT_WIDTH);
      policy.policy.decide(1, raw, available, new Float64Array(0), new Uint8Array(0), out);
      expect(policy.decide({ ...named(row), [without]: null })[0]!.change).toBe(out[2]);
      if (out[2] !== policy.decide(named(row))[0]!.change) moved++;
    }
    expect(moved).toBeGreaterThan(0);
  });

  it("refuses a feature that is missing, misspelt or no number, naming it", () => {
    const { delta: _, ...rest } = named(golden.rows[0]!);
    expect(() => policy.decide(rest)).toThrow(/features.delta/);
    expect(() => policy.decide({ ...named(golden.rows[0]!), detla: 1 })).toThrow(
      /value: "detla"\n.*\n.*Did you mean "delta"/,
    );
    expect(() => policy.decide({ ...named(golden.rows[0]!), delta: Number.NaN })).toThrow(ContractError);
  });
});

/** What a page does: answers the golden rows with the module's own policy and with one that it fetches, and tries a corrupt one. */
const PAGE = `<!doctype html><script type="module">
  import { policy, fetchPolicy } from "./policy.js";
  const { rows, intents, features } = await (await fetch("bundle/golden.json")).json();
  const fetched = await fetchPolicy("bundle/");
  const out = new Float64Array(rows.length * intents[0].length);
  const available = new Uint8Array(features.length).fill(1);
  const answers = [policy, fetched].map((p) => {
    p.policy.decide(rows.length, Float64Array.from(rows.flat()), available, new Float64Array(0), new Uint8Array(0), out);
    return [...out];
  });
  const changes = rows.map((row) => policy.decide(Object.fromEntries(features.map((name, f) => [name, row[f]])))[0].change);
  const corrupt = await fetchPolicy("corrupt").then(() => "it opened", (error) => error.message);
  const absent = await fetchPolicy("nowhere").then(() => "it opened", (error) => error.message);
  const { engine, statement, hash } = policy;
  await fetch("done", { method: "POST", body: JSON.stringify({ answers, changes, engine, statement, hash, fetched: fetched.hash, corrupt, absent }) });
</script>`;

const chromium = findChromium();
const title = `an exported policy in a page${chromium === undefined ? " (skipped: there is no Chromium; install one or name it in CHROMIUM)" : ""}`;

describe.skipIf(chromium === undefined)(title, () => {
  let library: string;
  let module: string;
  beforeAll(async () => {
    library = await renderBrowserModule();
    module = browserModule(library, files);
  });
  const served = (bundle: Readonly<Record<string, Uint8Array>>, folder: string) =>
    Object.fromEntries(Object.entries(bundle).map(([name, bytes]) => [`${folder}/${name}`, bytes]));
  const ask = async (headers?: Readonly<Record<string, string>>) => {
    const corrupt = {
      ...files,
      "weights.safetensors": files["weights.safetensors"]!.map((x, i) => (i === 900 ? x ^ 1 : x)),
    };
    const site = { "index.html": PAGE, "policy.js": module, ...served(files, "bundle"), ...served(corrupt, "corrupt") };
    return (await askPage(chromium!, site, headers)) as {
      answers: number[][];
      changes: number[];
      engine: string;
      statement: string;
      hash: string;
      fetched: string;
      corrupt: string;
      absent: string;
    };
  };

  it("gives its golden intents to 1e-5 from one module script, fetches bundles, and refuses a corrupt one", async () => {
    const said = await ask();
    const own = openPolicy(files);
    expect(said.engine).toBe("kernel");
    expect(said.statement).toBe(own.statement);
    expect([said.hash, said.fetched]).toEqual([own.hash, own.hash]);
    const wanted = golden.intents.flat();
    for (const answer of said.answers) {
      expect(answer).toHaveLength(wanted.length);
      // 20 units of book: 1e-5 of it is the tolerance of an exported policy.
      for (const [i, x] of answer.entries())
        expect(Math.abs(x - wanted[i]!)).toBeLessThanOrEqual(1e-5 * Math.max(20, Math.abs(wanted[i]!)));
    }
    expect(said.changes).toEqual(golden.rows.map((row) => own.decide(named(row))[0]!.change));
    expect(said.corrupt).toMatch("where: corrupt/weights.safetensors");
    expect(said.absent).toMatch("nowhere/manifest.json");
  });

  it("computes without WebAssembly where the page's security policy forbids it", async () => {
    const said = await ask({ "content-security-policy": "script-src 'self' 'unsafe-inline'" });
    expect(said.engine).toBe("reference");
    for (const [i, x] of said.answers[0]!.entries())
      expect(Math.abs(x - golden.intents.flat()[i]!)).toBeLessThanOrEqual(1e-5 * Math.max(20, Math.abs(x)));
  });

  it("shows its answer in the page that is exported with it", async () => {
    const told = `<script type="module">
      await fetch("done", { method: "POST", body: JSON.stringify(document.getElementById("out").textContent) });
    </script>`;
    const text = await askPage(chromium!, { "index.html": page("ppo") + told, "policy.js": module });
    expect(text).toContain(openPolicy(files).statement);
    expect(text).toMatch(/"slot": "spot",\s+"kind": "trade"/);
  });

  it.each(HEADS)("opens with the $head head", async (head) => {
    const own = bundleFiles(e, head);
    const index = `<!doctype html><script type="module">
      import { policy } from "./policy.js";
      await fetch("done", { method: "POST", body: JSON.stringify(policy.description.head.head) });
    </script>`;
    const policyJs = browserModule(library, own);
    // To open is to reproduce the golden intents.
    expect(await askPage(chromium!, { "index.html": index, "policy.js": policyJs })).toBe(head.head);
  });
});
