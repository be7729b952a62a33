// One statement makes the buckets of some series of one day out of their samples. Deterministic: the same samples give the same buckets.
import { identifier, literal } from './literal.ts'
import type { RenderTarget } from './port.ts'
import type { RollupLevel } from './tables/rollups.ts'
import { samplesTable, sampleValue } from './tables/samples.ts'
import { seriesTable } from './tables/series.ts'

const staleBits = '9218868437227405314'

/** Buckets with fromMs <= start < untilMs. */
export interface BuildPart {
  readonly level: RollupLevel
  readonly fromMs: number
  readonly untilMs: number
  /** Series from this id on, below that; as decimal text. */
  readonly fromId: string
  readonly untilId: string | undefined
  /** Of two rows of a bucket the greater counts. */
  readonly version: number
}

/**
 * Of several samples of one moment the one that counts is found as reading does it (core/sample-order.ts): a number before a NaN, the greater,
 * 0 before -0, of NaNs the greater bits. The day's samples are read in their order, a series and bucket at a time, on one thread.
 */
export function buildStatement(part: BuildPart, target: RenderTarget): string {
  const { level, fromMs, untilMs, fromId, untilId, version } = part
  const { widthMs } = level
  const where = [
    `at_ms > ${int64(fromMs)} AND at_ms <= ${int64(untilMs)}`,
    `id >= toUInt64(${literal(fromId)})`,
    ...(untilId === undefined ? [] : [`id < toUInt64(${literal(untilId)})`]),
  ].join(' AND ')
  return `INSERT INTO ${identifier(target.localName(level.table))} (${columns.map(([name]) => name).join(', ')})
SELECT ${columns.map(([, from]) => from.replace('VERSION', String(version))).join(', ')} FROM (
SELECT id, start_ms,
arraySort(t -> t.1, groupArrayIf((toUInt32(at_ms - start_ms), if(kept.1, kept.2, nan)), NOT is_stale)) AS taken,
arraySort(groupArrayIf(toUInt32(at_ms - start_ms), is_stale)) AS stales,
length(taken) AS n, taken.2 AS v, if(n = 0, 0, taken[1].1) AS first_after, if(n = 0, 0, taken[n].1) AS last_after,
arrayFilter(x -> NOT isNaN(x), v) AS numbers
FROM (
SELECT id, at_ms, at_ms - positiveModulo(at_ms - 1, ${widthMs}) - 1 AS start_ms,
max((NOT isNaN(value), if(isNaN(value), 0., value), if(isNaN(value), bits, toUInt64(bits != 9223372036854775808)))) AS kept,
kept.1 = 0 AND kept.3 = ${staleBits} AS is_stale
FROM (SELECT id, at_ms, bits, ${sampleValue} AS value FROM ${samplesTable.name} WHERE ${where})
GROUP BY id, at_ms)
GROUP BY id, start_ms)
SETTINGS max_threads = 1, optimize_aggregation_in_order = 1, max_insert_threads = 1, insert_deduplicate = 0`
}

const bitsOf = (value: string): string => `reinterpretAsUInt64(${value})`
const firstValue = 'if(n = 0, 0., v[1])'
const lastValue = 'if(n = 0, 0., v[n])'
const lowest = `if(empty(numbers), ${firstValue}, arrayMin(numbers))`
const highest = `if(empty(numbers), ${lastValue}, arrayMax(numbers))`

/** Columns with what fills them, out of a bucket's values `v` in the order of time. */
const columns: readonly (readonly [name: string, from: string])[] = [
  ['id', 'id'],
  ['start_ms', 'start_ms'],
  ['first_after', 'first_after'],
  ['last_after', 'last_after'],
  ['stale_before', 'if(n = 0, 0, arrayFirst(t -> t < first_after, stales))'],
  ['stale_after', 'arrayFirst(t -> t > last_after, stales)'],
  ['samples', 'n'],
  ['first', bitsOf(firstValue)],
  ['last', bitsOf(lastValue)],
  ['lowest', `bitXor(${bitsOf(lowest)}, ${bitsOf(firstValue)})`],
  ['highest', `bitXor(${bitsOf(highest)}, ${bitsOf(lastValue)})`],
  ['sum', bitsOf(`if(n = 0, 0., arrayReduce('sumKahan', v))`)],
  ['resets', bitsOf(`if(n < 2, 0., arraySum((a, b) -> if(b < a, a, 0.), arrayPopBack(v), arrayPopFront(v)))`)],
  ['version', 'VERSION'],
]

/** Labels of the day's series, for as long as its buckets are kept; those with a sample at midnight have a bucket of the day before too. */
export function seriesStatements(level: RollupLevel, dayMs: number, target: RenderTarget): string[] {
  const into = `INSERT INTO ${identifier(target.localName(level.seriesTable))} (project, name, id, labels, seen_ms)`
  const ofDay = `FROM ${seriesTable.name} WHERE seen_ms >= ${int64(dayMs)} AND seen_ms < ${int64(dayMs + 86_400_000)}`
  // the same rows again are wanted again: they may have been deleted in between
  const again = 'SETTINGS max_threads = 1, insert_deduplicate = 0'
  const atMidnight = `id IN (SELECT id FROM ${samplesTable.name} WHERE at_ms = ${int64(dayMs)})`
  return [
    `${into} SELECT project, name, id, labels, seen_ms ${ofDay} ${again}`,
    `${into} SELECT project, name, id, labels, ${int64(dayMs - 1)} ${ofDay} AND ${atMidnight} ${again}`,
  ]
}

/** Where the day's series are cut into parts of so many, as decimal texts. */
export function cutsStatement(dayMs: number, seriesPerPart: number): string {
  return `SELECT toString(id) AS id FROM (
SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM (
SELECT DISTINCT id FROM ${seriesTable.name} WHERE seen_ms >= ${int64(dayMs)} AND seen_ms < ${int64(dayMs + 86_400_000)}))
WHERE place > 0 AND place % ${literal(seriesPerPart)} = 0 ORDER BY place`
}

const int64 = (ms: number): string => `toInt64(${literal(BigInt(ms))})`
