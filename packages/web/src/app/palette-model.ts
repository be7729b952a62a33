// What the palette finds. No React here.
import type { PageEntry } from '../pages/registry.ts'

export interface PaletteItem {
  readonly id: string
  readonly group: 'Pages' | 'Actions' | 'Metrics' | 'Query' | 'Logs'
  readonly title: string
  readonly detail?: string
  /** Further words that find it. */
  readonly words?: string
  /** Where it leads; an action has none. */
  readonly href?: string
}

const maxMetrics = 12

export function pageItems(pages: readonly PageEntry[]): PaletteItem[] {
  return pages.flatMap(({ path, title, words, places = [] }): PaletteItem[] => [
    { id: `page ${path}`, group: 'Pages', title, words, href: path },
    ...places.map((place): PaletteItem => {
      const href = `${path}?${new URLSearchParams(place.search).toString()}`
      return { id: `page ${href}`, group: 'Pages', title: `${title}: ${place.title}`, words: place.words, href }
    }),
  ])
}

export const metricHref = (query: string): string => `/explore?${new URLSearchParams({ q: query }).toString()}`

/** Items for a text: names that begin with it before those that have it; metrics only once something is typed. */
export function findItems(text: string, fixed: readonly PaletteItem[], metrics: readonly string[]): PaletteItem[] {
  const wanted = text.trim().toLowerCase()
  if (wanted === '') return [...fixed]
  const found = fixed.filter((item) => rank(wanted, `${item.title} ${item.words ?? ''}`) < Number.POSITIVE_INFINITY)
  const names = metrics
    .map((name) => ({ name, rank: rank(wanted, name) }))
    .filter((one) => one.rank < Number.POSITIVE_INFINITY)
    .sort((a, b) => a.rank - b.rank || a.name.length - b.name.length || (a.name < b.name ? -1 : 1))
    .slice(0, maxMetrics)
    .map(({ name }): PaletteItem => ({ id: `metric ${name}`, group: 'Metrics', title: name, href: metricHref(name) }))
  const query: PaletteItem[] = looksLikeQuery(text)
    ? [{ id: 'query', group: 'Query', title: text.trim(), detail: 'run as PromQL', href: metricHref(text.trim()) }]
    : []
  return [...query, ...found, ...names, ...logItems(text.trim())]
}

/** Any text may stand in a line: an id of a trace or request, a hash, a word. */
function logItems(text: string): PaletteItem[] {
  if (text.length < 3) return []
  const href = `/logs?${new URLSearchParams({ q: quoteKql(text), range: '1d' }).toString()}`
  return [{ id: 'logs', group: 'Logs', title: text, detail: 'find in logs of a day', href }]
}

/** A text in quotes, as the search bar's first language writes it. */
const quoteKql = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`

/** 0 where it begins with the text, 1 where a word does, 2 where all parts occur, infinite where not. */
function rank(wanted: string, candidate: string): number {
  const text = candidate.toLowerCase()
  if (text.startsWith(wanted)) return 0
  if (text.split(/[\s_:]/).some((word) => word.startsWith(wanted))) return 1
  return wanted.split(/[\s_]+/).every((part) => text.includes(part)) ? 2 : Number.POSITIVE_INFINITY
}

const looksLikeQuery = (text: string): boolean => /[({[]/.test(text) && text.trim().length > 2

/** The newest choice first, each once. */
export function rememberItem(recent: readonly string[], id: string): string[] {
  return [id, ...recent.filter((other) => other !== id)].slice(0, 5)
}

/** Recently chosen items to the front; the rest keeps its order. */
export function recentFirst(items: readonly PaletteItem[], recent: readonly string[]): PaletteItem[] {
  const place = (item: PaletteItem) => (recent.includes(item.id) ? recent.indexOf(item.id) : recent.length)
  return items.toSorted((a, b) => place(a) - place(b))
}
