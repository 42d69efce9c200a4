import { expect, it, vi } from "vitest";
import { CorruptFileError } from "../../../src/core/errors.ts";

const next = (letter: string) => String.fromCharCode(letter.charCodeAt(0) + 1);

it("the environments' kernel is refused, not passed over, where its embedded text was changed", async () => {
  const { marketWasm, marketSha256 } = await import("../../../env/kernel/market.wasm.ts");
  const changed = marketWasm.slice(0, 2000) + marketWasm.slice(2000).replace(/[A-Y]/, next);
  vi.doMock("../../../env/kernel/market.wasm.ts", () => ({ marketWasm: changed, marketSha256 }));
  const { marketKernel } = await import("../../../env/kernel/kernel.ts");
  // Each time: a caller that survives the first error must not be given plain arithmetic silently.
  for (let k = 0; k < 2; k++) {
    let thrown: unknown;
    try {
      marketKernel();
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(CorruptFileError);
    expect((thrown as CorruptFileError).which).toBe("env/kernel/market.wasm.ts");
  }
});
