/** The kernel for a memory that several threads share: the same arithmetic, and the team. */
export * from "./index";
export { awaitJob, awaitMembers, awaitPieces, countOff, generationOf, operation, publish, takePieces } from "./team";
