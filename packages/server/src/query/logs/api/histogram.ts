// How many lines when: bars of a width that people count in, by severity or another field.
import type { LogHistogram } from '@tidewatch/api/logs.ts'
import { severityWord } from '@tidewatch/core/log-severity.ts'
import { allOf, notOf, testOf } from '@tidewatch/logquery/predicate.ts'
import type { FieldOfLog, LogFilter, LogGroup, LogReader } from '../../../store/port.ts'
import { fieldNamed } from './filter.ts'

const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour
/** In ms. */
const widths: readonly number[] = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((n) => n * second),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * minute),
  ...[1, 2, 3, 6, 12].map((n) => n * hour),
  ...[1, 2, 7, 14, 28, 91, 182, 364].map((n) => n * day),
]
/** Values of a field that have bars of their own. */
const maxValues = 10
/** What the rest of them is counted under. */
const others = 'other'
const unknown = 'unknown'

interface Bars {
  readonly widthMs: number
  /** Where a bar begins, from which all others are whole widths away. */
  readonly offsetMs: number
}

/** So that there are at most so many between the two, ms since 1970. */
export function barsOf(fromMs: number, toMs: number, most: number): Bars {
  const count = (width: number): number => Math.floor((toMs - 1) / width) - Math.floor(fromMs / width) + 1
  const widthMs = widths.find((width) => count(width) <= most)
  if (widthMs !== undefined && most > 1) return { widthMs, offsetMs: 0 }
  return { widthMs: Math.ceil((toMs - fromMs) / most), offsetMs: fromMs }
}

export interface HistogramQuestion {
  readonly fromMs: number
  readonly toMs: number
  readonly bars: number
  /** A field, or '' for counts alone. */
  readonly by: string
}

interface Asking {
  readonly reader: LogReader
  readonly filter: LogFilter
  readonly signal: AbortSignal
}

export async function histogramOf(asking: Asking, question: HistogramQuestion): Promise<LogHistogram> {
  const { fromMs, toMs, bars: most, by } = question
  const bars = barsOf(fromMs, toMs, most)
  if (most === 1 && by === '') {
    const total = await asking.reader.count(asking.filter, asking)
    return { widthMs: bars.widthMs, bars: total === 0 ? [] : [{ startMs: fromMs, counts: { '': total } }], total }
  }
  const found = new BarCounts()
  if (by === '') await addCounts(asking, bars, found)
  else if (isSeverity(by)) await addSeverities(asking, bars, found)
  else await addValues(asking, bars, { found, field: fieldNamed(by) })
  return { widthMs: bars.widthMs, ...found.finish() }
}

const isSeverity = (name: string): boolean => {
  const field = fieldNamed(name)
  return field.kind === 'column' && field.column === 'severity'
}

class BarCounts {
  readonly #bars = new Map<number, Map<string, number>>()
  #total = 0

  add(startNs: string, value: string, count: number): void {
    const startMs = Number(BigInt(startNs) / 1_000_000n)
    const bar = this.#bars.get(startMs) ?? new Map<string, number>()
    this.#bars.set(startMs, bar)
    bar.set(value, (bar.get(value) ?? 0) + count)
    this.#total += count
  }

  finish(): Pick<LogHistogram, 'bars' | 'total'> {
    const bars = [...this.#bars].sort(([a], [b]) => a - b)
    return {
      bars: bars.map(([startMs, counts]) => ({ startMs, counts: Object.fromEntries(counts) })),
      total: this.#total,
    }
  }
}

/** Groups of a statement at most: bars times values, with room. */
const maxGroups = 100_000

const intervalOf = ({ widthMs, offsetMs }: Bars): LogGroup => ({
  kind: 'interval',
  widthNs: BigInt(widthMs) * 1_000_000n,
  offsetNs: BigInt(offsetMs) * 1_000_000n,
})

async function addCounts({ reader, filter, signal }: Asking, bars: Bars, found: BarCounts): Promise<void> {
  const wanted = { groups: [intervalOf(bars)], measures: [], limit: maxGroups }
  for (const { keys, count } of await reader.aggregate(filter, wanted, { signal })) found.add(keys[0] ?? '0', '', count)
}

async function addSeverities({ reader, filter, signal }: Asking, bars: Bars, found: BarCounts): Promise<void> {
  const field: FieldOfLog = { kind: 'column', column: 'severity' }
  const groups: readonly LogGroup[] = [intervalOf(bars), { kind: 'field', field, missing: '0' }]
  for (const { keys, count } of await reader.aggregate(filter, { groups, measures: [], limit: maxGroups }, { signal }))
    found.add(keys[0] ?? '0', severityWord(Number(keys[1])) ?? unknown, count)
}

/** The most frequent values by name, all others together: a field with a million values has ten bars too. */
async function addValues(
  asking: Asking,
  bars: Bars,
  { found, field }: { readonly found: BarCounts; readonly field: FieldOfLog },
): Promise<void> {
  const { reader, filter, signal } = asking
  const top = await reader.aggregate(
    filter,
    {
      groups: [{ kind: 'field', field }],
      measures: [],
      order: { by: 'count', descending: true },
      limit: maxValues,
    },
    { signal },
  )
  const values = top.map(({ keys }) => keys[0] ?? '')
  const isTop = testOf(field, { op: 'equals', unit: 'value', values })
  const exists = testOf(field, { op: 'exists' })
  const some = { ...filter, predicate: allOf([filter.predicate, isTop]) }
  const groups: readonly LogGroup[] = [intervalOf(bars), { kind: 'field', field }]
  const wanted = { groups, measures: [], limit: maxGroups }
  if (values.length > 0)
    for (const { keys, count } of await reader.aggregate(some, wanted, { signal }))
      if (values.includes(keys[1] ?? '')) found.add(keys[0] ?? '0', keys[1] ?? '', count)
  const rests = [
    { value: unknown, predicate: notOf(exists) },
    ...(values.length < maxValues ? [] : [{ value: others, predicate: allOf([exists, notOf(isTop)]) }]),
  ]
  for (const { value, predicate } of rests) {
    const rest = { ...filter, predicate: allOf([filter.predicate, predicate]) }
    const counted = { groups: [intervalOf(bars)], measures: [], limit: maxGroups }
    for (const { keys, count } of await reader.aggregate(rest, counted, { signal }))
      found.add(keys[0] ?? '0', value, count)
  }
}
