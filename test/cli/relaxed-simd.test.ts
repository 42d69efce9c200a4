import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { enginesOf } from "../../src/cli/engine.ts";
import { experimentSchema } from "../../src/evaluate/experiment.ts";
import { TINY } from "./greekgym.ts";

const hasRelaxedSimd = Number(process.versions.node.split(".")[0]) >= 22;

describe("train.relaxedSimd", () => {
  const relaxed = (network: object) => {
    const data = parse(TINY);
    const { train, agent } = data;
    return experimentSchema.parse({ ...data, train: { ...train, relaxedSimd: true }, agent: { ...agent, network } });
  };

  it("is off unless asked for, and told by the name that the manifest gets", async () => {
    expect((await enginesOf(experimentSchema.parse(parse(TINY)), "tiny.yaml")).name).toBe("kernel (wasm-simd)");
    if (!hasRelaxedSimd) {
      await expect(enginesOf(relaxed({}), "tiny.yaml")).rejects.toThrow(/cannot run the kernel's WebAssembly/);
      return;
    }
    const engines = await enginesOf(relaxed({}), "tiny.yaml");
    expect(engines.name).toBe("kernel (wasm-relaxed-simd)");
    // Policies are judged by the exact kernels.
    expect(engines.playing.name).toBe("kernel");
  });

  it("is refused with another engine", async () => {
    await expect(enginesOf(relaxed({ engine: "tfjs" }), "tiny.yaml")).rejects.toThrow(
      /Relaxed SIMD is of the kernel engine alone/,
    );
  });
});
