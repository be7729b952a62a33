// What was asked before, on this device alone: newest first, with stars that keep a query. No React here.
const historyKey = 'tidewatch.queries'
const starsKey = 'tidewatch.starred-queries'
const maxHistory = 100
const maxStars = 200

type Reads = Pick<Storage, 'getItem'>
type Keeps = Pick<Storage, 'getItem' | 'setItem'>

export const readHistory = (storage: Reads): string[] => readTexts(storage, historyKey, maxHistory)
const readStars = (storage: Reads): string[] => readTexts(storage, starsKey, maxStars)

/** The newest first, each once. */
export function remember(storage: Keeps, queries: readonly string[]): void {
  const asked = queries.map((query) => query.trim()).filter((query) => query !== '')
  write(storage, historyKey, [...new Set([...asked, ...readHistory(storage)])].slice(0, maxHistory))
}

/** Puts a star on a query, or takes it away; the stars that are there now. */
export function toggleStar(storage: Keeps, query: string): string[] {
  const stars = readStars(storage)
  const next = stars.includes(query) ? stars.filter((one) => one !== query) : [query, ...stars].slice(0, maxStars)
  write(storage, starsKey, next)
  return next
}

export interface HistoryRow {
  readonly query: string
  readonly starred: boolean
}

/** Stars first, then the newest; those that hold all words of `find`. */
export function historyRows(storage: Reads, find: string): HistoryRow[] {
  const stars = readStars(storage)
  const rest = readHistory(storage).filter((query) => !stars.includes(query))
  const words = find
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
  return [
    ...stars.map((query) => ({ query, starred: true })),
    ...rest.map((query) => ({ query, starred: false })),
  ].filter(({ query }) => words.every((word) => query.toLowerCase().includes(word)))
}

function readTexts(storage: Reads, key: string, most: number): string[] {
  try {
    const value: unknown = JSON.parse(storage.getItem(key) ?? '[]')
    return Array.isArray(value) ? value.filter((one) => typeof one === 'string').slice(0, most) : []
  } catch {
    // forbidden or damaged storage: it begins anew
    return []
  }
}

function write(storage: Keeps, key: string, texts: readonly string[]): void {
  try {
    storage.setItem(key, JSON.stringify(texts))
  } catch {
    // storage may be forbidden or full; the history is a convenience
  }
}
