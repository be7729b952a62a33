/** What stands on one side only, `-` expected and `+` found, among the lines that both have. */
export function lineDiff(expected: readonly string[], found: readonly string[], indent: string): string {
  const lines: string[] = []
  const put = (mark: string, line: string): void => void lines.push(`${indent}${mark} ${line}`)
  const left = expected.slice(0, maxLines)
  const right = found.slice(0, maxLines)
  const common = commonLengths(left, right)
  let i = 0
  let j = 0
  while (i < left.length || j < right.length) {
    if (i < left.length && j < right.length && left[i] === right[j]) {
      put(' ', left[i] as string)
      i++
      j++
    } else if (j >= right.length || (i < left.length && lengthAt(common, i + 1, j) >= lengthAt(common, i, j + 1))) {
      put('-', left[i++] as string)
    } else put('+', right[j++] as string)
  }
  const more = expected.length + found.length - left.length - right.length
  if (more > 0) lines.push(`${indent}… and ${more} more lines`)
  return lines.join('\n')
}

/** The table below grows with the square of it. */
const maxLines = 1000

const lengthAt = (table: readonly Uint16Array[], i: number, j: number): number => table[i]?.[j] ?? 0

/** Of each pair of rests the length of the longest common subsequence. */
function commonLengths(left: readonly string[], right: readonly string[]): Uint16Array[] {
  const table = Array.from({ length: left.length + 1 }, () => new Uint16Array(right.length + 1))
  for (let i = left.length - 1; i >= 0; i--) {
    const row = table[i] as Uint16Array
    for (let j = right.length - 1; j >= 0; j--) {
      row[j] =
        left[i] === right[j]
          ? lengthAt(table, i + 1, j + 1) + 1
          : Math.max(lengthAt(table, i + 1, j), lengthAt(table, i, j + 1))
    }
  }
  return table
}
