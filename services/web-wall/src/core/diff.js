// What differs between two messages, line by line. Pure.

/** Lines of a message that are compared; its bound of 16 KiB may be nothing but line ends. */
export const MAX_LINES = 500;

/** `[mark, text]` of each line: "=" in both, "-" in the first alone, "+" in the second alone. The fewest changes. */
export function diff(first, second) {
  const [one, other] = [linesOf(first), linesOf(second)];
  const common = lengths(one, other);
  const found = [];
  let [left, right] = [0, 0];
  while (left < one.length || right < other.length) {
    if (left < one.length && right < other.length && one[left] === other[right]) {
      found.push(["=", one[left]]);
      left += 1;
      right += 1;
    } else if (right >= other.length || (left < one.length && common[left + 1][right] >= common[left][right + 1])) {
      found.push(["-", one[left]]);
      left += 1;
    } else {
      found.push(["+", other[right]]);
      right += 1;
    }
  }
  return found;
}

function linesOf(text) {
  return text.replace(/(\r?\n)+$/, "").split(/\r?\n/, MAX_LINES);
}

/** How many lines the rests from (left, right) on have in common, in order. */
function lengths(one, other) {
  const table = Array.from({ length: one.length + 1 }, () => new Uint16Array(other.length + 1));
  for (let left = one.length - 1; left >= 0; left -= 1) {
    for (let right = other.length - 1; right >= 0; right -= 1) {
      table[left][right] =
        one[left] === other[right]
          ? table[left + 1][right + 1] + 1
          : Math.max(table[left + 1][right], table[left][right + 1]);
    }
  }
  return table;
}
