/**
 * A copy of a configuration whose words are the engine's own: it compares a name that was read from a file with one of the program letter by letter, each
 * time, and the names of property keys by their address.
 */
export function ownWords<T>(value: T): T {
  if (typeof value === "string") return Object.keys({ [value]: 0 })[0] as T;
  if (Array.isArray(value)) return value.map(ownWords) as T;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, ownWords(part)])) as T;
}
