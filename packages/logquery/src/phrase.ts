// Phrases as Lucene's sloppy phrase query finds them.

/**
 * Whether the words stand in the text so that moving them by at most `slop` places in all puts them in a row. With `isPrefix` the last one need only be
 * the beginning of a word.
 */
export function hasPhrase(
  wanted: readonly string[],
  words: readonly string[],
  slop: number,
  isPrefix: boolean,
): boolean {
  const last = wanted.length - 1
  const places = wanted.map((token, i) => {
    const found: number[] = []
    for (const [at, word] of words.entries()) {
      // how far the word stands from where the phrase would put it if it began at 0
      if (isPrefix && i === last ? word.startsWith(token) : word === token) found.push(at - i)
    }
    return found
  })
  if (places.some((found) => found.length === 0)) return false
  return slop === 0 ? hasExact(places) : hasSloppy(places, wanted, slop)
}

function hasExact(places: readonly (readonly number[])[]): boolean {
  const rest = places.slice(1).map((found) => new Set(found))
  return (places[0] as readonly number[]).some((start) => rest.every((found) => found.has(start)))
}

/** The least spread between the shifted places of all words; of a word that occurs twice in the phrase each takes its own place. */
function hasSloppy(places: readonly (readonly number[])[], wanted: readonly string[], slop: number): boolean {
  const next = places.map(() => 0)
  const valueAt = (i: number): number => places[i]?.[next[i] as number] ?? Number.POSITIVE_INFINITY
  const separateRepeats = (): boolean => {
    for (let i = 0; i < wanted.length; i++) {
      for (let j = 0; j < i; j++) {
        // the same word at the same real place cannot stand for both: the later of them goes on
        while (wanted[i] === wanted[j] && valueAt(i) + i === valueAt(j) + j) {
          next[i] = (next[i] as number) + 1
          if (valueAt(i) === Number.POSITIVE_INFINITY) return false
          j = 0
        }
      }
    }
    return true
  }
  if (!separateRepeats()) return false
  for (;;) {
    let least = 0
    let highest = Number.NEGATIVE_INFINITY
    for (let i = 0; i < places.length; i++) {
      if (valueAt(i) < valueAt(least)) least = i
      highest = Math.max(highest, valueAt(i))
    }
    if (highest - valueAt(least) <= slop) return true
    next[least] = (next[least] as number) + 1
    if (valueAt(least) === Number.POSITIVE_INFINITY || !separateRepeats()) return false
  }
}
