import * as compare from "./commands/compare.ts";
import * as resume from "./commands/resume.ts";
import * as train from "./commands/train.ts";

/** Every command, in the order of the help. */
export const commands = [train, resume, compare];
