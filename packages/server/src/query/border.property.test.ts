// A query over head and store gives what one plain evaluator over everything gives, wherever the border between them lies: with late samples,
// several samples at one moment, floats and native histograms in one series, stale markers of both, and series that only one of them has.
import { Labels } from '@tidewatch/core/labels.ts'
import { defaultProject, type Matcher } from '@tidewatch/core/matcher.ts'
import { isStaleHistogram, type NativeHistogram, staleHistogram } from '@tidewatch/core/native-histogram.ts'
import { encodeHistogram, replacesHistogram } from '@tidewatch/core/native-histogram-codec.ts'
import { compileLabelRegex } from '@tidewatch/core/regexp.ts'
import { evaluate } from '@tidewatch/promql/evaluate/evaluate.ts'
import { parse } from '@tidewatch/promql/parse.ts'
import type { SampleSource } from '@tidewatch/promql/port.ts'
import { MemorySource, memorySeries } from '@tidewatch/promql/testing/memory-source.ts'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { appendAll, bitsOf, headForTest, staleBits, startMs } from '../head/head-for-test.ts'
import { appendHistograms, histogramOf } from '../head/histogram-for-test.ts'
import type { SeriesRef } from '../head/port.ts'
import { createHeadReader } from '../head/reader.ts'
import type { MetricStoreReader, StoredSamples } from '../store/port.ts'
import { resultToJson } from './json.ts'
import { createMixedSource } from './source.ts'

/** BORDER_RUNS=100000 for a long run; a failure tells its seed. */
const numRuns = Number(process.env.BORDER_RUNS ?? 150)
const minute = 60_000
const spanMs = 90 * minute

interface Sent {
  readonly series: number
  readonly timeMs: number
  readonly value: number | 'stale' | NativeHistogram
}

const isHistogram = (value: Sent['value']): value is NativeHistogram => typeof value === 'object'

const labelsOf = (series: number): Labels =>
  Labels.from({ __name__: 'm_total', i: String(series), parity: series % 2 === 0 ? 'even' : 'odd' })

const expressions = [
  'm_total',
  'rate(m_total[5m])',
  'sum by (parity) (increase(m_total[20m]))',
  'm_total offset 7m',
  'm_total - m_total offset 11m',
  'max_over_time(sum(rate(m_total[5m]))[30m:1m])',
  'quantile_over_time(0.5, m_total{i=~"1|2"}[15m])',
  'last_over_time(m_total[1h])',
  'count_over_time(m_total{i!="3"}[10m])',
  `m_total @ ${(startMs + 40 * minute) / 1000}`,
  'rate(m_total[5m] @ end())',
  'absent(m_total{i="0"})',
  'histogram_count(m_total) or m_total',
  'histogram_quantile(0.5, sum(rate(m_total[10m])))',
  'histogram_quantile(0.9, sum by (le) (label_replace(rate(m_total[5m]), "le", "$1", "i", "(.*)")))',
]

const sent = fc.record({
  series: fc.integer({ min: 0, max: 4 }),
  // on a coarse grid, so that times meet, and late ones are frequent
  timeMs: fc.integer({ min: 0, max: spanMs / 15_000 }).map((step) => startMs + step * 15_000),
  value: fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 0, max: 50 }) },
    { weight: 1, arbitrary: fc.constant('stale' as const) },
    { weight: 1, arbitrary: fc.constant(Number.NaN) },
    { weight: 3, arbitrary: fc.tuple(fc.nat(40), fc.nat(5)).map(([count, width]) => histogramOf(count, width)) },
    { weight: 1, arbitrary: fc.constant(staleHistogram) },
  ),
})

/**
 * Of several at one moment a histogram counts before a float, a stale one after; then a number before a NaN, then the greater; of NaNs the greater
 * bits, as one would sort them.
 */
function winner(a: Sent['value'], b: Sent['value']): Sent['value'] {
  if (isHistogram(a) && isHistogram(b)) return replacesHistogram(encodeHistogram(a), encodeHistogram(b)) ? a : b
  if (isHistogram(a)) return isStaleHistogram(a) ? b : a
  if (isHistogram(b)) return winner(b, a)
  const isNumber = (value: number | 'stale'): boolean => value !== 'stale' && !Number.isNaN(value)
  if (isNumber(a) !== isNumber(b)) return isNumber(a) ? a : b
  if (isNumber(a)) return Math.max(a as number, b as number)
  return a === 'stale' ? b : a
}

function plainSource(all: readonly Sent[]): SampleSource {
  const bySeries = Map.groupBy(all, ({ series }) => series)
  const series = [...bySeries].map(([number, samples]) => {
    const byTime = new Map<number, Sent['value']>()
    for (const { timeMs, value } of samples) {
      const known = byTime.get(timeMs)
      byTime.set(timeMs, known === undefined ? value : winner(known, value))
    }
    const sorted = [...byTime]
      .sort(([a], [b]) => a - b)
      .map(([atMs, value]) => ({
        atMs,
        value: isHistogram(value) && isStaleHistogram(value) ? ('stale' as const) : value,
      }))
    return memorySeries(labelsOf(number), sorted)
  })
  return new MemorySource(series)
}

function matches(labels: Labels, matchers: readonly Matcher[]): boolean {
  return matchers.every(({ name, op, value }) => {
    const own = labels.get(name)
    if (op === '=') return own === value
    if (op === '!=') return own !== value
    return compileLabelRegex(value)(own) === (op === '=~')
  })
}

/** A store that has everything, duplicates included, and answers in blocks of a few rows. */
function storeOf(
  all: readonly Sent[],
  idOf: (series: number) => readonly [low: number, high: number],
  blockRows: number,
): MetricStoreReader {
  const numbers = [...new Set(all.map(({ series }) => series))]
  const rowsOf = (ids: Uint32Array, from: number, to: number): Sent[] => {
    const wanted = (series: number): boolean =>
      ids.some((low, i) => i % 2 === 0 && low === idOf(series)[0] && ids[i + 1] === idOf(series)[1])
    const rows = all.filter(({ series, timeMs }) => wanted(series) && timeMs >= from && timeMs <= to)
    return rows.sort((a, b) => idOf(a.series)[0] - idOf(b.series)[0] || a.timeMs - b.timeMs)
  }
  return {
    series: async (project, matchers, from, to) =>
      numbers
        .filter(
          (series) =>
            matches(labelsOf(series), matchers) &&
            all.some((one) => one.series === series && one.timeMs >= from && one.timeMs <= to),
        )
        .map((series) => ({
          project,
          idLow: idOf(series)[0],
          idHigh: idOf(series)[1],
          labels: labelsOf(series),
          seenMs: 0,
        })),
    async *samples(_project, ids, from, to) {
      const rows = rowsOf(ids, from, to).filter(({ value }) => !isHistogram(value))
      for (let at = 0; at < rows.length; at += blockRows) yield blockOf(rows.slice(at, at + blockRows), idOf)
    },
    async *histograms(_project, ids, from, to) {
      const rows = rowsOf(ids, from, to).filter(({ value }) => isHistogram(value))
      for (let at = 0; at < rows.length; at += blockRows) {
        const part = rows.slice(at, at + blockRows)
        yield { ...keysOf(part, idOf), bytes: part.map(({ value }) => encodeHistogram(value as NativeHistogram)) }
      }
    },
    metadata: async () => [],
  }
}

type IdOf = (series: number) => readonly [number, number]

function blockOf(rows: readonly Sent[], idOf: IdOf): StoredSamples {
  const values = new Float64Array(rows.length)
  new BigUint64Array(values.buffer).set(rows.map(({ value }) => floatBits(value)))
  return { ...keysOf(rows, idOf), values }
}

function keysOf(rows: readonly Sent[], idOf: IdOf): Pick<StoredSamples, 'length' | 'ids' | 'timesMs'> {
  return {
    length: rows.length,
    ids: Uint32Array.from(rows.flatMap(({ series }) => [...idOf(series)])),
    timesMs: Float64Array.from(rows, ({ timeMs }) => timeMs),
  }
}

const floatBits = (value: Sent['value']): bigint => (typeof value === 'number' ? bitsOf(value) : staleBits)

it(
  'answers the same wherever the head begins',
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(sent, { minLength: 1, maxLength: 400 }),
        fc.oneof(
          fc.constant(Number.NEGATIVE_INFINITY),
          fc.constant(Number.POSITIVE_INFINITY),
          fc.integer({ min: -60_000, max: spanMs + 60_000 }).map((ms) => startMs + ms),
        ),
        fc.constantFrom(...expressions),
        fc.record({
          from: fc.integer({ min: 0, max: 80 }),
          minutes: fc.integer({ min: 0, max: 30 }),
          stepMs: fc.constantFrom(15_000, 60_000, 61_000),
        }),
        fc.integer({ min: 1, max: 60 }),
        async (all, beginMs, query, { from, minutes, stepMs }, blockRows) => {
          using head = headForTest()
          const refs = new Map(all.map(({ series }) => [series, head.index.resolve(defaultProject, labelsOf(series))]))
          const idOf = (series: number): readonly [number, number] => {
            const ref = refs.get(series) as SeriesRef
            return [head.index.idLow[ref] as number, head.index.idHigh[ref] as number]
          }
          // the head never gets what is older than its begin
          const recent = all.filter(({ timeMs }) => timeMs >= beginMs)
          const placed = recent.map(({ series, ...one }) => ({ ...one, ref: refs.get(series) as SeriesRef }))
          appendAll(
            head,
            placed.flatMap(({ value, ...one }) => (isHistogram(value) ? [] : [{ ...one, bits: floatBits(value) }])),
          )
          appendHistograms(
            head,
            placed.flatMap(({ value, ...one }) =>
              isHistogram(value) ? [{ ...one, bytes: encodeHistogram(value) }] : [],
            ),
          )
          const reader = createHeadReader(head.descriptor)
          reader.acquire()
          const mixed = createMixedSource({
            head: reader,
            beginMs,
            store: storeOf(all, idOf, blockRows),
            projects: [defaultProject],
            maxSamples: 1_000_000,
            lookbackMs: 5 * minute,
            ask: async (windows) =>
              windows.map(({ matchers, startMs: windowStartMs, endMs }) => {
                const selected = head.index.select(defaultProject, matchers, windowStartMs, endMs)
                return {
                  refs: selected,
                  idLow: selected.map((ref) => head.index.idLow[ref] as number),
                  idHigh: selected.map((ref) => head.index.idHigh[ref] as number),
                }
              }),
          })
          const window = {
            startMs: startMs + from * minute,
            endMs: startMs + (from + minutes) * minute,
            stepMs,
            lookbackMs: 5 * minute,
            kind: 'range' as const,
            signal: new AbortController().signal,
          }
          const text = async (source: SampleSource): Promise<string> =>
            new TextDecoder().decode(resultToJson(await evaluate(parse(query), source, window), 0))
          expect(await text(mixed)).toBe(await text(plainSource(all)))
          reader.release()
        },
      ),
      { numRuns },
    )
  },
  300_000 + numRuns * 100,
)
