import { OTHER_WORK } from "../../../models/kernel/team.ts";

/** Work that members do besides networks; numbers of KernelTeam.run. */
export const WORK = {
  /** Message: an EnvOrder. */
  build: OTHER_WORK,
  /** Message: the seed, or undefined. */
  reset: OTHER_WORK + 1,
  step: OTHER_WORK + 2,
  /** Answers with a message: the state. */
  save: OTHER_WORK + 3,
  /** Message: the state. */
  load: OTHER_WORK + 4,
  /** Message: a ScoreRequest. Answers with a Score. */
  score: OTHER_WORK + 5,
} as const;
