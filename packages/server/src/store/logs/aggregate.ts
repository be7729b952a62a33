// Groups of lines with what is counted and measured in them, as one statement.
import { AppError } from '@tidewatch/core/error.ts'
import type { LogColumn, Predicate } from '@tidewatch/logquery/predicate.ts'
import { literal } from '../literal.ts'
import { fieldExpression, numbersOf } from './fields.ts'
import { minuteRows } from './minutes.ts'
import type { LogAggregation, LogFilter, LogGroup, LogGroupRow, LogMeasure } from './port.ts'
import { type RenderedPredicate, renderPredicate, timeLiteral } from './render.ts'
import { rowsOf, type Selection, statement } from './select.ts'

interface GroupExpression {
  /** The key as a text. */
  readonly key: string
  /** A number that the key is the text of: lines are grouped by it, which is faster, and groups are in its order. */
  readonly number?: string
  /** Holds for the lines that are in a group; undefined where all are. */
  readonly has?: string
  readonly columns: readonly string[]
  /** Keys are in order as numbers. */
  readonly isNumeric?: boolean
}

export function aggregateStatement(
  filter: LogFilter,
  rendered: RenderedPredicate | Selection,
  aggregation: LogAggregation,
): string {
  const groups = aggregation.groups.map((group) => groupExpression(group, filter, 'time_ns'))
  const columns = [...groups, ...aggregation.measures.map(measureExpression)].flatMap((one) => one.columns)
  const counted = countedGroups(aggregation, groups, rowsOf(filter, rendered, columns))
  return statement(`${counted}${orderedGroups(aggregation, groups)}`)
}

/** The same groups out of counts by minute; undefined where these do not tell. */
export function minuteStatement(filter: LogFilter, aggregation: LogAggregation): string | undefined {
  const rows = minuteRows(filter, aggregation)
  if (rows === undefined) return undefined
  const counted = rows.map(({ sql, time }) => {
    const groups = aggregation.groups.map((group) => groupExpression(group, filter, time))
    return countedGroups(aggregation, groups, sql)
  })
  const keys = aggregation.groups.map((_, i) => `k${i}`)
  const by = keys.length === 0 ? '' : ` GROUP BY ${keys.join(', ')}`
  const groups = aggregation.groups.map((group) => byKeyAlone(groupExpression(group, filter, 'time_ns')))
  return statement(
    `SELECT ${[...keys, 'sum(counted.n) AS n'].join(', ')} FROM (${counted.join(' UNION ALL ')}) AS counted${by}${orderedGroups(aggregation, groups)}`,
  )
}

const byKeyAlone = ({ number, isNumeric, ...rest }: GroupExpression): GroupExpression => ({
  ...rest,
  isNumeric: isNumeric === true || number !== undefined,
})

/** Groups of these rows with what is counted and measured in them. */
function countedGroups(aggregation: LogAggregation, groups: readonly GroupExpression[], rows: string): string {
  const conditions = groups.flatMap(({ has }) => (has === undefined || leavesOutEmpty(aggregation) ? [] : [has]))
  const keys = groups.map(({ key }, i) => `${key} AS k${i}`)
  const values = aggregation.measures.map((measure, i) => `${measureExpression(measure).sql} AS m${i}`)
  const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`
  const by = groups.length === 0 ? '' : ` GROUP BY ${groups.map(({ number }, i) => number ?? `k${i}`).join(', ')}`
  return `SELECT ${[...keys, 'count() AS n', ...values].join(', ')} FROM (${rows})${where}${by}`
}

/** Nothing where all lines are one group. */
function orderedGroups(aggregation: LogAggregation, groups: readonly GroupExpression[]): string {
  if (groups.length === 0) return ''
  const limit = aggregation.limit + (leavesOutEmpty(aggregation) ? 1 : 0)
  return ` ORDER BY ${orderOf(aggregation, groups).join(', ')} LIMIT ${literal(limit)}`
}

export type AggregateRow = Readonly<Record<string, unknown>> & { readonly n: number }

export function readGroups(rows: readonly AggregateRow[], aggregation: LogAggregation): LogGroupRow[] {
  const all = leavesOutEmpty(aggregation) ? rows.filter((row) => row.k0 !== '').slice(0, aggregation.limit) : rows
  return all.map((row) => ({
    keys: aggregation.groups.map((_, i) => String(row[`k${i}`])),
    count: row.n,
    values: aggregation.measures.map((_, i) => readValue(row[`m${i}`])),
  }))
}

/** Of few values the group of lines that have none is cheaper than a look at each line: it is left out when all are read. */
function leavesOutEmpty({ groups, measures }: LogAggregation): boolean {
  const [group] = groups
  if (groups.length !== 1 || measures.length > 0 || group?.kind !== 'field' || group.missing !== undefined) return false
  return group.field.kind === 'column' && fewValues.has(group.field.column)
}

const fewValues: ReadonlySet<LogColumn> = new Set(['service', 'environment', 'release', 'severityText'])

function readValue(value: unknown): number | readonly number[] | undefined {
  if (typeof value === 'number') return value
  if (!Array.isArray(value)) return undefined
  const numbers = value.filter((one): one is number => typeof one === 'number')
  // of no numbers the engine says null for each
  return numbers.length === value.length && numbers.length > 0 ? numbers : undefined
}

function orderOf({ order, groups, measures }: LogAggregation, expressions: readonly GroupExpression[]): string[] {
  const way = order?.descending === true ? ' DESC' : ''
  const keys = expressions.map(
    ({ number, isNumeric }, i) => number ?? (isNumeric === true ? `toFloat64(k${i})` : `k${i}`),
  )
  if (order === undefined || order.by === 'keys') return keys.map((key) => key + way)
  if (order.by === 'count') return [`n${way}`, ...keys]
  if (order.by.measure >= measures.length || measures[order.by.measure]?.kind === 'percentiles')
    throw new AppError('internal.bug', `Groups (${groups.length}) are to be in order of a measure that is none`)
  return [`m${order.by.measure}${way} NULLS LAST`, ...keys]
}

/** `time`: an expression, ns since 1970. */
function groupExpression(group: LogGroup, filter: LogFilter, time: string): GroupExpression {
  switch (group.kind) {
    case 'field': {
      const { texts, single, columns } = fieldExpression(group.field)
      if (group.missing !== undefined) {
        const missing = literal(group.missing)
        if (single !== undefined) return { key: `if(${single.has}, ${single.text}, ${missing})`, columns }
        return { key: `arrayJoin(if(empty(${texts}), [${missing}], ${texts}))`, columns }
      }
      return single === undefined
        ? { key: `arrayJoin(${texts})`, columns }
        : { key: single.text, has: single.has, columns }
    }
    case 'interval':
      return intervalGroup(group, filter, time)
    case 'spans': {
      const starts = group.startsNs.map(timeLiteral).join(', ')
      const begin = `roundDown(${time}, [${starts}])`
      return { key: `toString(${begin})`, number: begin, columns: ['time_ns'] }
    }
    case 'numbers': {
      const offset = literal(group.offset ?? 0)
      const begin = `floor((number - ${offset}) / ${literal(group.width)}) * ${literal(group.width)} + ${offset}`
      const given = numbersOf(group.field)
      const values =
        group.missing === undefined ? given : `if(empty(${given}), [toFloat64(${literal(group.missing)})], ${given})`
      const key = `toString(arrayJoin(arrayDistinct(arrayMap(number -> ${begin}, ${values}))))`
      return { key, columns: fieldExpression(group.field).columns, isNumeric: true }
    }
    case 'predicates':
      return predicatesGroup(group.of)
    default:
      return group satisfies never
  }
}

/** Of few intervals the number of each is the key: small ones are counted without looking them up. */
function intervalGroup(
  { widthNs, offsetNs = 0n }: LogGroup & { readonly kind: 'interval' },
  { fromNs, toNs }: Pick<LogFilter, 'fromNs' | 'toNs'>,
  time: string,
): GroupExpression {
  const columns = ['time_ns']
  const width = timeLiteral(widthNs)
  const past = (fromNs - offsetNs) % widthNs
  const firstNs = fromNs - (past < 0n ? past + widthNs : past)
  if (firstNs >= 0n && toNs < endNs && (toNs - firstNs) / widthNs < maxNumbered) {
    const number = `toUInt16(intDiv(${time} - ${timeLiteral(firstNs)}, ${width}))`
    return { key: `toString(${timeLiteral(firstNs)} + ${number} * ${width})`, number, columns }
  }
  const begin = `${time} - positiveModulo(${time} - ${timeLiteral(offsetNs)}, ${width})`
  return { key: `toString(${begin})`, number: begin, columns }
}

const maxNumbered = 65_536n
/** Of times as the store has them, ns. */
const endNs = 2n ** 63n

function predicatesGroup(of: readonly Predicate[]): GroupExpression {
  const rendered = of.map((predicate) => renderPredicate(predicate))
  const open = rendered.findIndex(({ isExact }) => !isExact)
  if (open >= 0)
    throw new AppError(
      'query.limit',
      `The store cannot group by filter ${open + 1}: it compares dates, nested objects or words that are repeated`,
      {
        fix: 'Search with that filter instead, or compare fields that are numbers or texts',
      },
    )
  const places = rendered.map(({ where }, i) => `if(${where}, ['${i}'], [])`)
  return { key: `arrayJoin(arrayConcat(${places.join(', ')}))`, columns: ['*'], isNumeric: true }
}

function measureExpression(measure: LogMeasure): { readonly sql: string; readonly columns: readonly string[] } {
  if (measure.kind === 'body-bytes') return { sql: 'toFloat64(sum(length(body)))', columns: ['body'] }
  const { columns, ...given } = fieldExpression(measure.field)
  const orMissing = (list: string, none: string): string =>
    measure.missing === undefined ? list : `if(empty(${list}), [${none}], ${list})`
  const texts = orMissing(given.texts, literal(String(measure.missing)))
  const numbers = orMissing(numbersOf(measure.field), `toFloat64(${literal(measure.missing ?? 0)})`)
  switch (measure.kind) {
    case 'count':
      return { sql: `toFloat64(sum(length(${texts})))`, columns }
    case 'numbers':
      return { sql: `toFloat64(sum(length(${numbers})))`, columns }
    case 'cardinality':
      return { sql: `toFloat64(uniqCombined64Array(${texts}))`, columns }
    case 'min':
    case 'max':
    case 'sum':
    case 'avg':
      return { sql: `${measure.kind}OrNullArray(${numbers})`, columns }
    case 'stddev':
      return { sql: `stddevPopOrNullArray(${numbers})`, columns }
    case 'percentiles': {
      const levels = measure.percents.map((percent) => literal(percent / 100)).join(', ')
      return { sql: `quantilesTDigestArray(${levels})(${numbers})`, columns }
    }
    default:
      return measure satisfies never
  }
}
