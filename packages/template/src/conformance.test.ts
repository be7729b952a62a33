// What Go 1.27 and Prometheus 3.5.3 print for 606 templates. Messages are not compared, but whether there is one, and at which line and column.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { AppError } from '@tidewatch/core/error.ts'
import { Labels } from '@tidewatch/core/labels.ts'
import { describe, expect, test } from 'vitest'
import { createResult, createSample, ruleFunctions } from './rule-functions.ts'
import { expandRuleTemplate, type TemplateSample } from './rules.ts'
import { createTemplate } from './template.ts'
import { StringMap, Uint, type Value } from './value.ts'

const repository = fileURLToPath(new URL('../../../', import.meta.url))
const directory = join(process.env.CONFORMANCE_DIR ?? join(repository, '../shared/conformance'), 'alertmanager')
const hasCases = existsSync(directory)

type Json = null | boolean | number | string | readonly Json[] | Fields
interface Fields {
  readonly [key: string]: Json
}

/** The cases, their whole numbers as `{"$int": "1"}`: JSON.parse would not tell 1 from 1.0, nor keep the digits of large ones. */
function readCases(file: string): Fields {
  const raw = readFileSync(join(directory, file), 'utf8')
  const marked = raw.replace(/"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/g, (token) =>
    /^-?\d+$/.test(token) ? `{"$int":"${token}"}` : token,
  )
  return fields(JSON.parse(marked))
}

function isFields(value: Json | undefined): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const fields = (value: Json | undefined): Fields => (isFields(value) ? value : {})

const isList = (value: Json | undefined): value is readonly Json[] => Array.isArray(value)
const list = (value: Json | undefined): readonly Json[] => (isList(value) ? value : [])
const text = (value: Json | undefined): string => (typeof value === 'string' ? value : '')

function toFloat(value: string): number {
  return /inf/i.test(value)
    ? value.startsWith('-')
      ? Number.NEGATIVE_INFINITY
      : Number.POSITIVE_INFINITY
    : Number(value)
}

/** Data of a case as templates see it. */
function toValue(json: Json | undefined): Value {
  if (isFields(json)) {
    if ('$float' in json) return toFloat(text(json.$float))
    if ('$int' in json) return BigInt(text(json.$int))
    if ('$uint' in json) return new Uint(BigInt(text(fields(json.$uint).$int)))
    return new Map(Object.entries(json).map(([key, value]) => [key, toValue(value)]))
  }
  if (isList(json)) return json.map(toValue)
  return json
}

/** The outcome of a case, in the form that `expected` gives. */
function outcome(run: () => string): string {
  try {
    return run()
  } catch (error) {
    return refusal(error)
  }
}

function refusal(error: unknown): string {
  if (!(error instanceof AppError)) throw error
  const { line, column } = error.where ?? {}
  return `error at ${line}${column === undefined ? '' : `:${column}`}`
}

/** Output, or where Go's message says the fault is: `template: t:1:8: ...`. */
function expected(kase: Fields): string {
  if (typeof kase.error !== 'string') return text(kase.output)
  return `error at ${/template: [^:]+:(\d+(?::\d+)?): /.exec(kase.error)?.[1] ?? '?'}`
}

test('the conformance cases are there', ({ skip }) => {
  skip(!hasCases && process.env.CI !== 'true', `no conformance cases in ${directory}; set CONFORMANCE_DIR`)
  expect(hasCases).toBe(true)
})

describe.runIf(hasCases)('the template language of Go', () => {
  const file = hasCases ? readCases('gotemplate.json') : {}
  // escaping by context (html/template) is for mail and comes with it; complex numbers are for nobody
  const cases = list(file.cases)
    .map(fields)
    .filter((kase) => kase.html !== true && kase.text !== '{{1i}}')

  test('there are as many cases as there were', () => expect(cases.length).toBe(407))

  test.each(cases.map((kase) => [text(kase.id), kase] as const))('%s', (_id, kase) => {
    const data = toValue('dataRef' in kase ? fields(file.data)[text(kase.dataRef)] : kase.data)
    expect(outcome(() => createTemplate(text(kase.text), { name: 't' }).execute(data))).toBe(expected(kase))
  })
})

function sampleValue(sample: Fields): number | string {
  if (typeof sample.histogram === 'string') return sample.histogram
  const { value } = sample
  if (isFields(value)) return Number(text(value.$int))
  return typeof value === 'number' ? value : toFloat(text(value))
}

const stringsOf = (json: Json | undefined): Record<string, string> =>
  Object.fromEntries(Object.entries(fields(json)).map(([key, value]) => [key, text(value)]))

describe.runIf(hasCases)('the rule templates of Prometheus', () => {
  const file = hasCases ? readCases('promtemplates.json') : {}
  const cases = list(file.cases)
    .map(fields)
    .filter((kase) => kase.html !== true)
  const alerts = cases.filter((kase) => '$alert' in fields(kase.data))
  const others = cases.filter((kase) => !('$alert' in fields(kase.data)))

  test('there are as many cases as there were', () => expect([alerts.length, others.length]).toEqual([94, 105]))

  test.each(alerts.map((kase) => [text(kase.id), kase] as const))('%s', async (_id, kase) => {
    const alert = fields(fields(kase.data).$alert)
    const query = async (expr: string): Promise<readonly TemplateSample[]> =>
      list(fields(kase.queries)[expr])
        .map(fields)
        .map((sample) => ({ labels: Labels.from(stringsOf(sample.labels)), value: sampleValue(sample) }))
    const context = {
      name: 'A',
      labels: stringsOf(alert.labels),
      externalLabels: stringsOf(alert.externalLabels),
      externalUrl: text(alert.externalURL),
      value: toFloat(text(alert.value)),
      atMs: 0,
      query,
    }
    expect(await expandRuleTemplate(text(kase.text), context).catch(refusal)).toBe(expected(kase))
  })

  test.each(others.map((kase) => [text(kase.id), kase] as const))('%s', (_id, kase) => {
    const samples = list(kase.queryResult)
      .map(fields)
      .map((sample) => createSample(new StringMap(stringsOf(sample.labels)), sampleValue(sample)))
    const functions = ruleFunctions(text(kase.externalURL), () => createResult(samples))
    // the options of Prometheus's own test, which are not those of its rules
    const missingKey = list(kase.options).includes('missingkey=error') ? 'error' : 'zero'
    const name = text(kase.error).includes('__alert_A') ? '__alert_A' : 'test'
    const run = (): string =>
      createTemplate(text(kase.text), { name, functions, missingKey }).execute(toValue(kase.data))
    expect(outcome(run)).toBe(expected(kase))
  })
})
