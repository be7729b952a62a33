// Whether a test got what it expects, and how the difference is told.

import { AppError } from '@tidewatch/core/error.ts'
import { compareUtf8, Labels, metricNameLabel } from '@tidewatch/core/labels.ts'
import { formatDurationMs } from '@tidewatch/core/time.ts'
import { goQuote } from '@tidewatch/promql/quote.ts'
import { formatExponent } from '@tidewatch/template/float.ts'
import { notationError, printHistogram } from './histogram-notation.ts'
import { lineDiff } from './line-diff.ts'
import type { FoundSample } from './query.ts'
import { parseSeries, parseValues } from './series-notation.ts'
import type { AlertTest, ExpectedAlert, ExprTest } from './test-file.ts'

export interface CompareOptions {
  /** Numbers may differ by the least that a double can. */
  readonly fuzzyCompare: boolean
  /** Differences line by line in place of both sides whole. */
  readonly diff: boolean
}

interface PlainSample {
  readonly labels: Labels
  readonly value: number
  /** '' for a float. */
  readonly histogram: string
}

const indent = '        '

/** The text for a query test that failed; undefined where it passed. */
export function compareSamples(
  test: ExprTest,
  found: readonly FoundSample[],
  options: CompareOptions,
): string | undefined {
  const head = `    expr: ${goQuote(test.expr)}, time: ${formatDurationMs(test.evalTimeMs)},`
  const expected: PlainSample[] = []
  for (const one of test.expected) {
    try {
      const histogram = one.histogram === '' ? '' : readHistogram(one.histogram)
      expected.push({ labels: parseSeries(one.labels), value: one.value, histogram })
    } catch (error) {
      return `${head} err: labels ${goQuote(one.labels)}: ${AppError.from(error).message}`
    }
  }
  const got = found.map(({ labels, value, histogram }) => ({
    labels,
    value: histogram === undefined ? value : 0,
    histogram: histogram === undefined ? '' : printHistogram(histogram),
  }))
  const byLabels = (a: PlainSample, b: PlainSample): number => Labels.compare(a.labels, b.labels)
  expected.sort(byLabels)
  got.sort(byLabels)
  const isSame =
    expected.length === got.length &&
    expected.every((one, i) => isSameSample(one, got[i] as PlainSample, options.fuzzyCompare))
  if (isSame) return undefined
  const [want, have] = [expected.map(sampleText), got.map(sampleText)]
  if (options.diff) return `${head}\n${lineDiff(want, have, indent)}`
  return `${head}\n${indent}exp: ${listed(want)}\n${indent}got: ${listed(have)}`
}

const listed = (samples: readonly string[]): string => (samples.length === 0 ? 'nil' : samples.join(', '))

function readHistogram(text: string): string {
  const values = parseValues(text)
  const [first] = values
  if (values.length !== 1) throw notationError(`expected 1 value, got ${values.length}`)
  if (first === undefined || typeof first !== 'object')
    throw notationError(`expected histogram, got ${JSON.stringify(text)}`)
  return printHistogram(first)
}

function isSameSample(a: PlainSample, b: PlainSample, fuzzy: boolean): boolean {
  const values = a.value === b.value || (fuzzy && areNeighbours(a.value, b.value))
  return values && a.histogram === b.histogram && a.labels.key() === b.labels.key()
}

const bits = new DataView(new ArrayBuffer(16))

/** Whether no double lies between the two. */
function areNeighbours(a: number, b: number): boolean {
  if (!Number.isFinite(a) || !Number.isFinite(b)) return false
  const order = (value: number, at: number): bigint => {
    bits.setFloat64(at, value)
    const raw = bits.getBigInt64(at)
    return raw < 0n ? -(raw & 0x7fffffffffffffffn) : raw
  }
  const distance = order(a, 0) - order(b, 8)
  return distance >= -1n && distance <= 1n
}

function sampleText({ labels, value, histogram }: PlainSample): string {
  const shown = histogram === '' ? formatExponent(value, undefined).replace('e', 'E') : histogram
  return `${labelsText(labels.entries())} ${shown}`
}

/** Go's way, in which the name is a label like others. */
function labelsText(pairs: Iterable<readonly [string, string]>): string {
  const plain = /^[a-zA-Z_][a-zA-Z0-9_]*$/
  const parts = [...pairs].map(([name, value]) => `${plain.test(name) ? name : goQuote(name)}=${goQuote(value)}`)
  return `{${parts.join(', ')}}`
}

/** Alerts of one name at one moment against those a test expects; undefined where they are the same. */
export function compareAlerts(
  groupName: string,
  test: AlertTest,
  found: readonly ExpectedAlert[],
  options: CompareOptions,
): string | undefined {
  const expected = test.expected.map(({ labels, annotations }) =>
    alertText({ labels: { ...labels, alertname: test.alertName }, annotations }),
  )
  const got = found.map(alertText)
  expected.sort(compareUtf8)
  got.sort(compareUtf8)
  if (expected.length === got.length && expected.every((text, i) => text === got[i])) return undefined
  const name = groupName === '' ? '' : `    name: ${groupName},\n`
  const head = `${name}    alertname: ${test.alertName}, time: ${formatDurationMs(test.evalTimeMs)}, \n`
  if (options.diff) return head + lineDiff(numbered(expected), numbered(got), indent)
  return `${head}${indent}exp:${block(expected)}, \n${indent}got:${block(got)}`
}

const sortedPairs = (pairs: Readonly<Record<string, string>>): [string, string][] =>
  Object.entries(pairs).sort(([a], [b]) => compareUtf8(a, b))

function alertText({ labels, annotations }: ExpectedAlert): string {
  const withoutName = sortedPairs(labels).filter(([name]) => name !== metricNameLabel)
  return `Labels:${labelsText(withoutName)}\nAnnotations:${labelsText(sortedPairs(annotations))}`
}

function numbered(alerts: readonly string[]): string[] {
  return alerts.flatMap((text, i) => [`${i}:`, ...text.split('\n').map((line) => `  ${line}`)])
}

function block(alerts: readonly string[]): string {
  if (alerts.length === 0) return '[]'
  const lines = numbered(alerts).map((line) => `            ${line}`)
  return `[\n${lines.join('\n')}\n            ]`
}
