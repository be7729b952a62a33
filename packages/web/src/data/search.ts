// The URL's search part as plain texts: readable, and the same in every tool that makes links to us. No React here.

export type Search = Readonly<Record<string, string | readonly string[] | undefined>>

/** `?a=1&q=x&q=y` is `{ a: '1', q: ['x', 'y'] }`. */
export function parseSearch(text: string): Record<string, string | string[]> {
  const search: Record<string, string | string[]> = {}
  const parameters = new URLSearchParams(text)
  for (const name of new Set(parameters.keys())) {
    const values = parameters.getAll(name)
    search[name] = values.length === 1 ? (values[0] ?? '') : values
  }
  return search
}

/** Leaves out what is undefined; colons and slashes stay readable. */
export function stringifySearch(search: Search): string {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(search)) {
    if (value === undefined) continue
    for (const one of typeof value === 'string' ? [value] : value) parameters.append(name, one)
  }
  const text = parameters.toString().replaceAll('%3A', ':').replaceAll('%2F', '/')
  return text === '' ? '' : `?${text}`
}

/** One value, the first of several. */
export function searchText(search: Search, name: string): string | undefined {
  const value = search[name]
  return typeof value === 'string' ? value : value?.[0]
}

/** All values, in order. */
export function searchTexts(search: Search, name: string): readonly string[] {
  const value = search[name]
  return value === undefined ? [] : typeof value === 'string' ? [value] : value
}

/**
 * The `search` of a link to another page: the time range and Live come along, of the rest there is only `part`.
 * Typed so that it fits every route, as pages are made from a list and the router does not know their searches.
 */
export function linkSearch(part: Search = {}): never {
  const search = ({ range, from, to, live }: Search): Search => ({ range, from, to, live, ...part })
  return search as never
}
