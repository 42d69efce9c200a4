import * as compare from "./commands/compare.ts";
import * as config from "./commands/config.ts";
import * as data from "./commands/data.ts";
import * as doctor from "./commands/doctor.ts";
import * as env from "./commands/env.ts";
import * as evaluate from "./commands/evaluate.ts";
import * as exportCommand from "./commands/export.ts";
import * as init from "./commands/init.ts";
import * as live from "./commands/live.ts";
import * as quickstart from "./commands/quickstart.ts";
import * as record from "./commands/record.ts";
import * as report from "./commands/report.ts";
import * as resume from "./commands/resume.ts";
import * as runs from "./commands/runs.ts";
import * as schema from "./commands/schema.ts";
import * as train from "./commands/train.ts";
import * as tune from "./commands/tune.ts";

/** Every command, in the order of the help. */
export const commands = [
  quickstart,
  init,
  train,
  resume,
  compare,
  evaluate,
  tune,
  report,
  exportCommand,
  record,
  live,
  runs,
  config,
  env,
  data,
  schema,
  doctor,
];
