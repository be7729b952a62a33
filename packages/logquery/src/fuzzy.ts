/** Edits that Elasticsearch allows by itself (`AUTO`): none below three characters, one below six, else two. */
export function automaticEdits(text: string, low = 3, high = 6): 0 | 1 | 2 {
  const { length } = [...text]
  return length < low ? 0 : length < high ? 1 : 2
}

/** Whether at most `edits` inserts, deletes, replacements and swaps of neighbours lead from one to the other (optimal string alignment). */
export function isWithinEdits(wanted: readonly string[], text: string, edits: number, prefixLength = 0): boolean {
  // an early no: a text of so many UTF-16 units has at least half as many characters
  if (text.length > 2 * (wanted.length + edits)) return false
  const found = [...text]
  if (Math.abs(found.length - wanted.length) > edits) return false
  for (let i = 0; i < Math.min(prefixLength, wanted.length); i++) if (wanted[i] !== found[i]) return false
  let before: number[] = []
  let last = found.map((_, i) => i + 1)
  last.unshift(0)
  for (let i = 1; i <= wanted.length; i++) {
    const row = [i]
    for (let j = 1; j <= found.length; j++) {
      const isSame = wanted[i - 1] === found[j - 1]
      let cost = Math.min(
        (last[j] as number) + 1,
        (row[j - 1] as number) + 1,
        (last[j - 1] as number) + (isSame ? 0 : 1),
      )
      const isSwap = i > 1 && j > 1 && wanted[i - 1] === found[j - 2] && wanted[i - 2] === found[j - 1]
      if (isSwap) cost = Math.min(cost, (before[j - 2] as number) + 1)
      row.push(cost)
    }
    if (Math.min(...row) > edits) return false
    before = last
    last = row
  }
  return (last[found.length] as number) <= edits
}
