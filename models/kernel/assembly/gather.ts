import { floats, putSome, some } from "./vectors";

/** Copies `n` rows of `width` floats, whose numbers (u32) lie at `rows`, one after another to `to`. */
export function gather(from: usize, width: i32, rows: usize, n: i32, to: usize): void {
  const whole = floats(width & ~3);
  const left = width & 3;
  for (const end = rows + floats(n); rows < end; rows += 4) {
    let row = from + <usize>load<u32>(rows) * floats(width);
    for (const last = row + whole; row < last; row += 16) {
      v128.store(to, v128.load(row));
      to += 16;
    }
    if (left > 0) {
      putSome(to, some(row, left), left);
      to += floats(left);
    }
  }
}
