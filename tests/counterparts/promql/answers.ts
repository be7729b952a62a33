// What a server answers to a query, and whether two answers are the same to the last bit, nearly, or not.

export interface Window {
  readonly startMs: number
  readonly endMs: number
  /** 0: an instant query. */
  readonly stepMs: number
}

export interface Row {
  readonly labels: string
  /** Time and value as they are written, alternately. */
  readonly cells: readonly string[]
}

export type Answer =
  | { readonly kind: 'error'; readonly status: number; readonly type: string; readonly message: string }
  | { readonly kind: 'result'; readonly type: string; readonly rows: readonly Row[] }

interface Body {
  readonly status: string
  readonly errorType?: string
  readonly error?: string
  readonly data?: { readonly resultType: string; readonly result: unknown }
}

type Cell = readonly [number, string]
interface Series {
  readonly metric: Readonly<Record<string, string>>
  readonly value?: Cell
  readonly values?: readonly Cell[]
}

export async function ask(url: string, query: string, { startMs, endMs, stepMs }: Window): Promise<Answer> {
  const times: Record<string, string> =
    stepMs === 0
      ? { time: String(startMs / 1000) }
      : { start: String(startMs / 1000), end: String(endMs / 1000), step: String(stepMs / 1000) }
  const response = await fetch(`${url}/api/v1/query${stepMs === 0 ? '' : '_range'}`, {
    method: 'POST',
    body: new URLSearchParams({ query, ...times }),
  })
  const body = (await response.json()) as Body
  if (body.data === undefined)
    return { kind: 'error', status: response.status, type: body.errorType ?? '', message: body.error ?? '' }
  const { resultType: type, result } = body.data
  if (type === 'scalar' || type === 'string')
    return { kind: 'result', type, rows: [{ labels: '', cells: (result as Cell).map(String) }] }
  const rows = (result as readonly Series[]).map(({ metric, value, values }) => ({
    labels: labelsText(metric),
    cells: (values ?? (value === undefined ? [] : [value])).flat().map(String),
  }))
  // what a range query answers is sorted by labels; the series of an instant query have no order of their own
  return { kind: 'result', type, rows: stepMs === 0 ? rows.sort(byLabels) : rows }
}

const byLabels = (a: Row, b: Row): number => (a.labels < b.labels ? -1 : a.labels > b.labels ? 1 : 0)

const labelsText = (metric: Readonly<Record<string, string>>): string =>
  JSON.stringify(Object.entries(metric).sort(([a], [b]) => (a < b ? -1 : 1)))

type Likeness = 'same' | 'near' | 'other'

export interface Comparison {
  readonly likeness: Likeness
  /** The first time at which they differ, in ms, where they differ in a cell. */
  readonly atMs?: number
  readonly why?: string
}

const same: Comparison = { likeness: 'same' }

/** How alike two answers are; numbers are near within 10^-12 of the greater. */
export function compare(ours: Answer, theirs: Answer): Comparison {
  if (ours.kind === 'error' || theirs.kind === 'error') return compareErrors(ours, theirs)
  if (ours.type !== theirs.type) return { likeness: 'other', why: `type ${ours.type}, not ${theirs.type}` }
  const labelsOf = ({ rows }: { readonly rows: readonly Row[] }): string => rows.map(({ labels }) => labels).join()
  if (labelsOf(ours) !== labelsOf(theirs)) return { likeness: 'other', why: differentSeries(ours.rows, theirs.rows) }
  let found = same
  for (const [i, row] of ours.rows.entries()) {
    const one = compareRows(row, theirs.rows[i] as Row)
    if (one.likeness === 'other') return one
    if (one.likeness === 'near') found = one
  }
  return found
}

function differentSeries(ours: readonly Row[], theirs: readonly Row[]): string {
  const known = new Set(theirs.map(({ labels }) => labels))
  const own = new Set(ours.map(({ labels }) => labels))
  const more = [...own].filter((labels) => !known.has(labels)).slice(0, 3)
  const fewer = [...known].filter((labels) => !own.has(labels)).slice(0, 3)
  return `series only ours: ${more.join(' ')}; only theirs: ${fewer.join(' ')}; ${ours.length} and ${theirs.length}`
}

function compareRows(ours: Row, theirs: Row): Comparison {
  const isTime = (i: number): boolean => i % 2 === 0
  let found = same
  const length = Math.max(ours.cells.length, theirs.cells.length)
  for (let i = 0; i < length; i++) {
    const [a, b] = [ours.cells[i], theirs.cells[i]]
    if (a === b) continue
    const near = !isTime(i) && isNear(Number(a), Number(b))
    if (near && found.likeness === 'near') continue
    const time = isTime(i) ? Math.min(Number(a ?? Infinity), Number(b ?? Infinity)) : Number(ours.cells[i - 1])
    const atMs = Math.round(time * 1000)
    found = { likeness: near ? 'near' : 'other', atMs, why: `${ours.labels} at ${time}: ${a}, not ${b}` }
    if (!near) return found
  }
  return found
}

function isNear(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-12 * Math.max(Math.abs(a), Math.abs(b))
}

/** Which of several groups and series are told first depends on the order of series, and whether their names are told on when these are dropped. */
const normalWords = (message: string): string =>
  message.replace(/(match group ).*( on the .* hand-side of the operation: ).*(;many-to-many)/, '$1$2$3')

function compareErrors(ours: Answer, theirs: Answer): Comparison {
  const text = (answer: Answer): string =>
    answer.kind === 'error'
      ? `${answer.status} ${answer.type}: ${normalWords(answer.message)}`
      : `${answer.rows.length} rows`
  if (ours.kind === theirs.kind && text(ours) === text(theirs)) return same
  return { likeness: 'other', why: `${text(ours)}, not ${text(theirs)}` }
}
