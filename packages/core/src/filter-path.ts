// Elasticsearch's `filter_path`: which parts of an answer its asker wants. https://www.elastic.co/guide/en/elasticsearch/reference/8.19/common-options.html

const maxPaths = 100

/** The paths of a parameter such as `errors,items.*.error`; those with a minus in front leave out. Undefined where all is wanted. */
export interface FilterPath {
  readonly wanted: readonly (readonly string[])[]
  readonly unwanted: readonly (readonly string[])[]
}

export function parseFilterPath(text: string | undefined): FilterPath | undefined {
  const paths = (text ?? '')
    .split(',')
    .map((path) => path.trim())
    .filter((path) => path !== '' && path !== '-')
    .slice(0, maxPaths)
  if (paths.length === 0) return undefined
  const parts = (path: string): readonly string[] => path.split('.').slice(0, 64)
  return {
    wanted: paths.filter((path) => !path.startsWith('-')).map(parts),
    unwanted: paths.filter((path) => path.startsWith('-')).map((path) => parts(path.slice(1))),
  }
}

/** What is left of a JSON value; undefined where nothing is. Arrays have no step of their own in a path. */
export function filterByPath(value: unknown, { wanted, unwanted }: FilterPath): unknown {
  const kept = unwanted.length === 0 ? value : leave(value, unwanted)
  return wanted.length === 0 ? kept : keep(kept, wanted)
}

type Paths = readonly (readonly string[])[]

function keep(value: unknown, paths: Paths): unknown {
  if (paths.some((path) => path.every((part) => part === '**'))) return value
  if (Array.isArray(value)) {
    const elements = value.map((element) => keep(element, paths)).filter((element) => element !== undefined)
    return elements.length === 0 ? undefined : elements
  }
  if (typeof value !== 'object' || value === null) return undefined
  const found: [string, unknown][] = []
  for (const [name, inner] of Object.entries(value)) {
    const rest = paths.flatMap((path) => stepsInto(path, name))
    const left = rest.length === 0 ? undefined : keep(inner, rest)
    if (left !== undefined) found.push([name, left])
  }
  return found.length === 0 ? undefined : Object.fromEntries(found)
}

function leave(value: unknown, paths: Paths): unknown {
  if (Array.isArray(value)) return value.map((element) => leave(element, paths))
  if (typeof value !== 'object' || value === null) return value
  const found: [string, unknown][] = []
  for (const [name, inner] of Object.entries(value)) {
    const rest = paths.flatMap((path) => stepsInto(path, name))
    if (rest.some((path) => path.length === 0)) continue
    found.push([name, rest.length === 0 ? inner : leave(inner, rest)])
  }
  return Object.fromEntries(found)
}

/** What is left of the path below a key of this name; several, since `**` stands for any number of steps. */
function stepsInto(path: readonly string[], name: string): Paths {
  const [first, ...rest] = path
  if (first === undefined) return []
  if (first === '**') return [path, ...stepsInto(rest, name)]
  return isLike(first, name) ? [rest] : []
}

/** A part with `*` for any letters. */
function isLike(part: string, name: string): boolean {
  if (!part.includes('*')) return part === name
  const pieces = part.split('*')
  const last = pieces.pop() ?? ''
  const first = pieces.shift() ?? ''
  if (name.length < first.length + last.length || !name.startsWith(first) || !name.endsWith(last)) return false
  let at = first.length
  for (const piece of pieces) {
    const found = name.indexOf(piece, at)
    if (found < 0 || found + piece.length > name.length - last.length) return false
    at = found + piece.length
  }
  return true
}
