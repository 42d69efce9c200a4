/** The kernel for a memory that several threads share: the same arithmetic, and the team. */
export * from "./index";
export { awaitJob, awaitMembers, countOff, operation, publish, takePart } from "./team";
