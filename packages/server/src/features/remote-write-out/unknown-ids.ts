import type { SeriesCache } from './series-cache.ts'

/** The ids that the cache does not know, each once, as halves. */
export function unknownIds(ids: Uint32Array, length: number, known: SeriesCache): Uint32Array {
  const seen = new Set<bigint>()
  const missing: number[] = []
  for (let i = 0; i < length; i++) {
    const low = ids[i * 2] as number
    const high = ids[i * 2 + 1] as number
    if (known.get(low, high) !== undefined) continue
    const id = (BigInt(high) << 32n) | BigInt(low)
    if (seen.has(id)) continue
    seen.add(id)
    missing.push(low, high)
  }
  return Uint32Array.from(missing)
}
