import { floats, putSome, some } from "./vectors";

/** Copies `n` rows of `width` floats, whose numbers (u32) lie at `rows`, one after another to `to`. */
export function gather(from: usize, width: i32, rows: usize, n: i32, to: usize): void {
  for (const end = rows + floats(n); rows < end; rows += 4) {
    let row = from + <usize>load<u32>(rows) * floats(width);
    for (let left = width; left > 0; left -= 4) {
      putSome(to, some(row, left), left);
      row += 16;
      to += 16;
    }
    if (width & 3) to -= floats(4 - (width & 3));
  }
}
