// What Go 1.27 and Prometheus 3.5.3 print for 644 templates. Messages are not compared, but whether there is one, and at which line and column.
import { Labels } from '@tidewatch/core/labels.ts'
import { describe, expect, test } from 'vitest'
import {
  directory,
  expected,
  type Fields,
  fields,
  hasCases,
  isFields,
  list,
  outcome,
  readCases,
  refusal,
  stringsOf,
  text,
  toFloat,
  toValue,
} from './conformance-cases.ts'
import { createResult, createSample, ruleFunctions } from './rule-functions.ts'
import { expandRuleTemplate, type TemplateSample } from './rules.ts'
import { createTemplate } from './template.ts'
import { StringMap } from './value.ts'

test('the conformance cases are there', ({ skip }) => {
  skip(!hasCases && process.env.CI !== 'true', `no conformance cases in ${directory}; set CONFORMANCE_DIR`)
  expect(hasCases).toBe(true)
})

describe.runIf(hasCases)('the template language of Go', () => {
  const file = hasCases ? readCases('gotemplate.json') : {}
  const cases = list(file.cases).map(fields)

  test('there are at least as many cases as there were', () => expect(cases.length).toBeGreaterThanOrEqual(438))

  test.each(cases.map((kase) => [text(kase.id), kase] as const))('%s', (_id, kase) => {
    const data = toValue('dataRef' in kase ? fields(file.data)[text(kase.dataRef)] : kase.data)
    const isHtml = kase.html === true
    expect(outcome(() => createTemplate(text(kase.text), { name: 't', isHtml }).execute(data))).toBe(expected(kase))
  })
})

function sampleValue(sample: Fields): number | string {
  if (typeof sample.histogram === 'string') return sample.histogram
  const { value } = sample
  if (isFields(value)) return Number(text(value.$int))
  return typeof value === 'number' ? value : toFloat(text(value))
}

describe.runIf(hasCases)('the rule templates of Prometheus', () => {
  const file = hasCases ? readCases('promtemplates.json') : {}
  const cases = list(file.cases).map(fields)
  const alerts = cases.filter((kase) => '$alert' in fields(kase.data))
  const others = cases.filter((kase) => !('$alert' in fields(kase.data)))

  test('there are at least as many cases as there were', () => {
    expect(alerts.length).toBeGreaterThanOrEqual(94)
    expect(others.length).toBeGreaterThanOrEqual(112)
  })

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
    const isHtml = kase.html === true
    const options = { name, functions, missingKey, isHtml, ...(isHtml ? { callFunction: 'tmpl' } : {}) } as const
    expect(outcome(() => createTemplate(text(kase.text), options).execute(toValue(kase.data)))).toBe(expected(kase))
  })
})
