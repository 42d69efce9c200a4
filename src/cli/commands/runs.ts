import type { Argv } from "yargs";
import * as best from "./run-actions/best.ts";
import * as diff from "./run-actions/diff.ts";
import * as gc from "./run-actions/gc.ts";
import * as list from "./run-actions/list.ts";
import * as reindex from "./run-actions/reindex.ts";
import * as reproduce from "./run-actions/reproduce.ts";
import * as show from "./run-actions/show.ts";
import * as tag from "./run-actions/tag.ts";

export const command = "runs";
export const describe = "List, show, compare, tag, reproduce and clean up runs";

export function builder(yargs: Argv) {
  let y = yargs;
  for (const action of [list, show, diff, best, tag, reproduce, reindex, gc]) y = y.command(action as never);
  return y.demandCommand(1, "Name an action: ls, show, diff, best, tag, reproduce, reindex or gc.");
}

export function handler(): void {}
