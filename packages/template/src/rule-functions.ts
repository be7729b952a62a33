// What Prometheus's rule templates can call (prometheus/template/template.go), beside Go's own functions.
import { parseDurationMs } from '@tidewatch/core/time.ts'
import { escapeQuery } from './builtins.ts'
import { compareBytes } from './format.ts'
import { isIp, joinHostPort, splitHostPort } from './host-port.ts'
import {
  humanize,
  humanize1024,
  humanizeDuration,
  humanizePercentage,
  humanizeTimestamp,
  secondsToTime,
  toFloat,
} from './humanize.ts'
import { quote } from './quote.ts'
import { ofText, sharedFunctions } from './shared-functions.ts'
import { functionError } from './template-error.ts'
import { title } from './text-functions.ts'
import { entriesOf, type FunctionTable, itemsOf, List, Struct, type TemplateFunction, type Value } from './value.ts'

const sampleType = '*template.sample'
const resultType = 'template.queryResult'
const sample = { type: sampleType } as const
const result = { type: resultType } as const

/** One series of a query's result, as templates see it. */
export function createSample(labels: Value, value: Value): Struct {
  return new Struct(sampleType, { Labels: labels, Value: value })
}

export function createResult(samples: readonly Struct[]): List {
  return new List(resultType, samples)
}

function labelOf(value: Value, name: string): string {
  if (!(value instanceof Struct)) throw functionError('no sample')
  const text = entriesOf(value.fields.get('Labels'))?.get(name)
  return typeof text === 'string' ? text : ''
}

function first(value: Value): Value {
  const items = itemsOf(value) ?? []
  if (items.length === 0) throw functionError('first() called on vector with no elements')
  return items[0]
}

function sortByLabel(name: Value, value: Value): Value {
  const label = String(name)
  const items = itemsOf(value) ?? []
  return new List(
    resultType,
    [...items].sort((a, b) => compareBytes(labelOf(a, label), labelOf(b, label))),
  )
}

function stripDomain(text: string): string {
  const address = splitHostPort(text)
  const host = address?.host ?? text
  if (isIp(host)) return text
  const name = host.split('.')[0] ?? ''
  return address !== undefined && address.port !== '' ? joinHostPort({ host: name, port: address.port }) : name
}

function parseDuration(text: string): number {
  const ms = parseDurationMs(text)
  if (ms === undefined)
    throw functionError(text === '' ? 'empty duration string' : `not a valid duration string: ${quote(text)}`)
  return ms / 1000
}

const link = (expr: string, tab: number): string => `/graph?g0.expr=${escapeQuery(expr)}&g0.tab=${tab}`

const ofNumber = (call: (value: number) => Value): TemplateFunction => ({
  params: ['any'],
  call: (value) => call(toFloat(value)),
})

/** All functions but `query`, `externalURL` and `pathPrefix`, which depend on where the rule runs. */
const commonFunctions: FunctionTable = {
  first: { params: [result], call: first },
  label: { params: ['string', sample], call: (name, value) => labelOf(value, String(name)) },
  value: { params: [sample], call: (value) => (value instanceof Struct ? value.fields.get('Value') : undefined) },
  strvalue: { params: [sample], call: (value) => labelOf(value, '__value__') },
  sortByLabel: { params: ['string', result], call: sortByLabel },
  args: {
    params: ['any'],
    variadic: true,
    call: (...args) => new Map(args.map((arg, i) => [`arg${i}`, arg])),
  },
  humanize: ofNumber(humanize),
  humanize1024: ofNumber(humanize1024),
  humanizeDuration: ofNumber(humanizeDuration),
  humanizePercentage: ofNumber(humanizePercentage),
  humanizeTimestamp: ofNumber(humanizeTimestamp),
  toTime: ofNumber(secondsToTime),
  title: ofText(title),
  ...sharedFunctions,
  graphLink: ofText((expr) => link(expr, 0)),
  tableLink: ofText((expr) => link(expr, 1)),
  stripPort: ofText((text) => splitHostPort(text)?.host ?? text),
  stripDomain: ofText(stripDomain),
  parseDuration: ofText(parseDuration),
}

/** The functions for rules of an installation that people reach at `externalUrl`. `query` answers at once. */
export function ruleFunctions(externalUrl: string, query: (expr: string) => Value): FunctionTable {
  const path = URL.canParse(externalUrl) ? new URL(externalUrl).pathname : ''
  return {
    ...commonFunctions,
    query: ofText(query),
    externalURL: { params: [], call: () => externalUrl },
    pathPrefix: { params: [], call: () => (path === '/' && !externalUrl.endsWith('/') ? '' : path) },
  }
}
