/** What computes: XNNPACK in WebAssembly, plain JavaScript, or TensorFlow's native library. */
export const TFJS_BACKENDS = ["wasm", "cpu", "tensorflow"] as const;
export type TfjsBackend = (typeof TFJS_BACKENDS)[number];
