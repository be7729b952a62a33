// Buckets in an order: by count, by key, or by a metric inside of them.
import { compareUtf8 } from '@tidewatch/core/labels.ts'
import { numberOf } from '@tidewatch/logquery/analysis.ts'
import type { LogAggregation, LogGroupRow, LogMeasure } from '../../../../store/port.ts'
import { fault, unsupported } from '../fault.ts'
import type { OrderKey } from './port.ts'
import type { Tree } from './tree.ts'

export interface RowOrder {
  readonly measures: readonly LogMeasure[]
  /** The same order in the store, where it knows it. */
  readonly inStore: LogAggregation['order'] | undefined
  sort(rows: readonly LogGroupRow[]): readonly LogGroupRow[]
}

export function orderRows(order: readonly OrderKey[], inner: Tree): RowOrder {
  const measures: LogMeasure[] = []
  const keys = order.map(({ by, descending }) => {
    if (by === 'count' || by === 'key') return { by, descending }
    measures.push(measureAt(by.path, inner))
    return { by: measures.length - 1, descending }
  })
  const [first] = keys
  return {
    measures,
    inStore:
      first === undefined || keys.length > 2 || measures.some(({ kind }) => kind === 'percentiles')
        ? undefined
        : inStoreOf(first),
    sort: (rows) =>
      rows.toSorted((a, b) => {
        for (const { by, descending } of keys) {
          const result =
            by === 'count'
              ? a.count - b.count
              : by === 'key'
                ? compareKeys(a, b)
                : compareValues(a.values[by], b.values[by], descending)
          if (result !== 0) return descending ? -result : result
        }
        return 0
      }),
  }
}

const inStoreOf = ({
  by,
  descending,
}: {
  readonly by: 'count' | 'key' | number
  readonly descending: boolean
}): LogAggregation['order'] => ({
  by: by === 'key' ? 'keys' : by === 'count' ? 'count' : { measure: by },
  descending,
})

/** As numbers where both are. */
function compareKeys(a: LogGroupRow, b: LogGroupRow): number {
  const [left, right] = [a.keys.at(-1) ?? '', b.keys.at(-1) ?? '']
  const [first, second] = [numberOf(left), numberOf(right)]
  return first === undefined || second === undefined ? compareUtf8(left, right) : first - second
}

/** None is last, whichever way the order goes. */
function compareValues(
  a: LogGroupRow['values'][number],
  b: LogGroupRow['values'][number],
  descending: boolean,
): number {
  const [left, right] = [a, b].map((value) => (typeof value === 'object' ? value[0] : value))
  if (left === undefined || right === undefined)
    return left === right ? 0 : (left === undefined) === descending ? -1 : 1
  return left - right
}

/** `1`, `1.avg`, `1[95]`, `1.95`. */
function measureAt(path: string, inner: Tree): LogMeasure {
  if (path.includes('>'))
    throw unsupported(`an order by [${path.slice(0, 60)}]`, 'Order by a metric right inside of the buckets')
  const match = /^([^.[]+)(?:\.(.+)|\[(.+)\])?$/.exec(path)
  const node = inner.find(({ name }) => name === match?.[1])
  if (match === null || node === undefined || node.kind !== 'metric')
    throw fault(
      'aggregation_execution_exception',
      `Invalid aggregation order path [${path.slice(0, 60)}]. The provided aggregation [${path.slice(0, 60)}] either does not exist, or is a pipeline aggregation and cannot be used to sort the buckets.`,
      { status: 400 },
    )
  const property = match[2] ?? match[3]
  const measure = node.aggregation.measureOf(property)
  if (measure !== undefined) return measure
  const [percentiles] = node.aggregation.measures
  const percent = Number(property)
  if (percentiles?.kind === 'percentiles' && percent >= 0 && percent <= 100)
    return { ...percentiles, percents: [percent] }
  throw fault('illegal_argument_exception', `[${path.slice(0, 60)}] is no number of a metric`)
}
