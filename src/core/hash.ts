import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import canonicalize from "canonicalize";
import { ContractError } from "./errors.ts";

/** SHA-256 of bytes or of a UTF-8 string, as lower-case hexadecimal. Browser-safe and synchronous. */
export function sha256Hex(data: Uint8Array | string): string {
  return bytesToHex(sha256(typeof data === "string" ? utf8ToBytes(data) : data));
}

/** The canonical JSON text of a value (RFC 8785): one value, one text, whatever the order of its keys. */
export function canonicalJson(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new ContractError("A value has no JSON form.", { value: String(value) });
  return text;
}

/** SHA-256 of a value's canonical JSON. */
export function canonicalHash(value: unknown): string {
  return sha256Hex(canonicalJson(value));
}
