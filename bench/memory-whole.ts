/** `node memory-whole.js program [argument…]`: runs a program of ours in this process; the last line printed says how much memory it held at most. */
const [program, ...rest] = process.argv.slice(2);
process.argv.splice(1, process.argv.length - 1, program!, ...rest);
process.on("exit", () => {
  // On a line of its own, whatever the program has printed; resourceUsage counts kilobytes.
  process.stdout.write(`\n${JSON.stringify({ maxRss: process.resourceUsage().maxRSS * 1024 })}\n`);
});
await import(program!);
