import { defineConfig } from "vitest/config";

/** The slow suites: learning targets on five literal seeds, faults by kill -9. Run by `npm run check:slow`. */
export default defineConfig({
  test: {
    include: ["test/learning/**/*.test.ts", "test/fault/slow/**/*.test.ts"],
    reporters: ["verbose", "./test/support/closing-line.ts"],
    testTimeout: 1_800_000,
    pool: "forks",
    maxWorkers: 2,
  },
});
