// What the server has against what the ledger says.
import { getData } from '@tidewatch/testkit/server.ts'
import { longAgoMs, type SentRequest, type SentSample } from './load.ts'

export interface Findings {
  /** Samples in the answer. */
  readonly found: number
  /** Acknowledged and not there. */
  readonly lost: readonly SentSample[]
  /** There, with another value than was sent. */
  readonly wrong: readonly string[]
  /** There, and never sent. */
  readonly unknown: readonly string[]
  /** Twice in one answer. */
  readonly doubled: readonly string[]
}

interface RawSeries {
  readonly metric: Readonly<Record<string, string>>
  readonly values?: readonly (readonly [seconds: number, value: string])[]
  /** The sum of a native histogram is its value. */
  readonly histograms?: readonly (readonly [seconds: number, histogram: { readonly sum: string }])[]
}

/** Asks for every series of the metric by a plain range selector, now and long ago. */
export async function verifyByQuery(url: string, metric: string, requests: readonly SentRequest[]): Promise<Findings> {
  const sent = new Map<string, number>()
  const missing = new Map<string, SentSample>()
  let firstMs = Number.POSITIVE_INFINITY
  let lastMs = 0
  for (const { samples, acknowledged } of requests) {
    for (const one of samples) {
      sent.set(keyOf(one.series, one.atMs), one.value)
      if (acknowledged) missing.set(keyOf(one.series, one.atMs), one)
    }
    firstMs = Math.min(firstMs, (samples.at(-1) as SentSample).atMs)
    lastMs = Math.max(lastMs, (samples.at(-1) as SentSample).atMs)
  }
  const seen = { found: 0, wrong: [] as string[], unknown: [] as string[], doubled: [] as string[] }
  const rangeMs = lastMs - firstMs + 1000
  for (const backMs of [0, longAgoMs]) {
    for (const name of new Set(requests.flatMap(({ samples }) => samples.map(({ series }) => series)))) {
      const query = `${metric}{series="${name}"}[${rangeMs}ms]`
      const time = String((lastMs - backMs) / 1000)
      const { result } = await getData<{ readonly result: readonly RawSeries[] }>({ url }, '/api/v1/query', {
        query,
        time,
      })
      if (result.length > 1) seen.doubled.push(`series ${name} is there ${result.length} times`)
      const times = new Set<number>()
      for (const [seconds, value] of result.flatMap(valuesOf)) {
        const atMs = Math.round(seconds * 1000)
        const key = keyOf(name, atMs)
        seen.found++
        if (times.has(atMs)) seen.doubled.push(key)
        times.add(atMs)
        missing.delete(key)
        if (!sent.has(key)) seen.unknown.push(key)
        else if (sent.get(key) !== Number(value)) seen.wrong.push(`${key}: ${value} for ${sent.get(key)}`)
      }
    }
  }
  return { ...seen, lost: [...missing.values()] }
}

function valuesOf({ values = [], histograms = [] }: RawSeries): readonly (readonly [seconds: number, value: string])[] {
  return [...values, ...histograms.map(([seconds, { sum }]) => [seconds, sum] as const)]
}

const keyOf = (series: string, atMs: number): string => `${series}@${atMs}`
