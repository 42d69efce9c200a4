/** Text for people goes out through this port; nothing below src/cli writes to the console by itself. */
export interface Log {
  info(message: string): void;
  warn(message: string): void;
}
