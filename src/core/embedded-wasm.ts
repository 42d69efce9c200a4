import { CorruptFileError } from "./errors.ts";
import { sha256Hex } from "./hash.ts";

/**
 * The bytes of a WebAssembly module that is embedded as base64 text. A damaged text may well be a valid module that computes something else,
 * so its SHA-256 is checked.
 * @param which the file that holds the text, for the error
 * Throws a CorruptFileError where the text is not base64 or not the one that was built.
 */
export function embeddedWasm(which: string, text: string, sha256: string): Uint8Array<ArrayBuffer> {
  const damaged = (value: unknown, cause?: unknown) =>
    new CorruptFileError("An embedded WebAssembly module is damaged.", {
      which,
      value,
      fix: "Install the package again, or build the module from its sources: npm run build:kernel.",
      ...(cause === undefined ? {} : { cause }),
    });
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = Uint8Array.from(atob(text.replaceAll("\n", "")), (c) => c.charCodeAt(0));
  } catch (cause) {
    throw damaged("not base64", cause);
  }
  const found = sha256Hex(bytes);
  if (found !== sha256) throw damaged(`SHA-256 ${found}`);
  return bytes;
}
