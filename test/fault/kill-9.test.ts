import { it } from "vitest";
import { temporaryFolder } from "../cli/greekgym.ts";
import { trainUnderKills } from "./kills.ts";

const folder = temporaryFolder();

it("three times kill -9 at random moments of a training with two workers lose nothing", async () => {
  await trainUnderKills(folder, 3, 1);
}, 240_000);
