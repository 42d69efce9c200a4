import * as compare from "./commands/compare.ts";
import * as live from "./commands/live.ts";
import * as quickstart from "./commands/quickstart.ts";
import * as record from "./commands/record.ts";
import * as resume from "./commands/resume.ts";
import * as train from "./commands/train.ts";

/** Every command, in the order of the help. */
export const commands = [quickstart, train, resume, compare, record, live];
