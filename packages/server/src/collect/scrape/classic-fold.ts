// Classic histograms made native ones with the same bounds (convert_classic_histograms_to_nhcb): their buckets, sum and count are put together by
// the labels that they share. Prometheus: util/convertnhcb, model/textparse/nhcbparse.go.
import { customBucketsSchema, type NativeHistogram } from '@tidewatch/core/native-histogram.ts'
import { histogramFault } from '@tidewatch/core/native-histogram-check.ts'
import type { ExemplarSample } from '@tidewatch/core/sample-batch.ts'
import { compact } from '../exposition/native-histogram-message.ts'

/** What a series is in its histogram. */
export interface HistogramPart {
  readonly role: 'bucket' | 'sum' | 'count'
  /** The upper bound of a bucket. */
  readonly bound: number
  /** The series of the whole: names and values, flat. */
  readonly whole: readonly string[]
}

export interface FoldedHistogram {
  /** Of the series of the whole. */
  readonly slot: number
  readonly histogram: NativeHistogram
  readonly timeMs: number
  readonly exemplars: readonly Omit<ExemplarSample, 'ref'>[]
}

interface Group {
  readonly buckets: { readonly bound: number; readonly count: number }[]
  readonly exemplars: Omit<ExemplarSample, 'ref'>[]
  sum: number
  count: number | undefined
  timeMs: number
}

type Member = Pick<HistogramPart, 'role' | 'bound'> & { readonly wholeSlot: number }

/** The histograms of one target, from scrape to scrape. */
export class ClassicFold {
  #members = new Map<number, Member>()
  /** Those of this scrape, by the slot of the whole. */
  readonly #groups = new Map<number, Group>()

  begin(): void {
    this.#groups.clear()
  }

  define(slot: number, { role, bound }: HistogramPart, wholeSlot: number): void {
    this.#members.set(slot, { role, bound, wholeSlot })
  }

  /** Takes a sample of a part. False where the series is none. */
  add(slot: number, value: number, timeMs: number): boolean {
    const member = this.#members.get(slot)
    if (member === undefined) return false
    const group = this.#groupOf(member)
    group.timeMs = timeMs
    if (member.role === 'sum') group.sum = value
    else if (member.role === 'count') group.count = value
    else group.buckets.push({ bound: member.bound, count: value })
    return true
  }

  /** Of a part that was added just before. One without a time cannot be told from others of the whole, and is left out. */
  exemplar(slot: number, exemplar: Omit<ExemplarSample, 'ref'>): void {
    const member = this.#members.get(slot)
    if (member !== undefined && !Number.isNaN(exemplar.timeMs)) this.#groupOf(member).exemplars.push(exemplar)
  }

  /** The histograms of this scrape; what does not make one is left out. */
  *histograms(): Generator<FoldedHistogram> {
    for (const [slot, { timeMs, exemplars, ...group }] of this.#groups) {
      const histogram = histogramOf(group)
      if (histogram !== undefined) yield { slot, histogram, timeMs, exemplars }
    }
  }

  forget(): void {
    this.#members.clear()
    this.#groups.clear()
  }

  /** Slots have other numbers now: that of `keep[i]` is i. Parts whose whole is gone are forgotten with it. */
  move(keep: Uint32Array): void {
    const numbers = new Map(Array.from(keep, (slot, i) => [slot, i]))
    const moved = new Map<number, Member>()
    for (const [slot, member] of this.#members) {
      const to = numbers.get(slot)
      const wholeSlot = numbers.get(member.wholeSlot)
      if (to !== undefined && wholeSlot !== undefined) moved.set(to, { ...member, wholeSlot })
    }
    this.#members = moved
    this.#groups.clear()
  }

  #groupOf({ wholeSlot }: Member): Group {
    let group = this.#groups.get(wholeSlot)
    if (group === undefined) {
      group = { buckets: [], exemplars: [], sum: 0, count: undefined, timeMs: Number.NaN }
      this.#groups.set(wholeSlot, group)
    }
    return group
  }
}

/** Undefined where the buckets are none, as where a bucket holds less than the one below it. */
function histogramOf({ buckets, sum, count }: Pick<Group, 'buckets' | 'sum' | 'count'>): NativeHistogram | undefined {
  const sorted = [...buckets].sort((a, b) => a.bound - b.bound)
  const last = sorted.at(-1)
  const total = count ?? (last?.bound === Number.POSITIVE_INFINITY ? last.count : undefined)
  if (total === undefined) return undefined
  const finite = sorted.filter(({ bound }) => bound !== Number.POSITIVE_INFINITY)
  const counts = Float64Array.from([...finite.map((bucket) => bucket.count), total])
  for (let i = counts.length - 1; i > 0; i--) counts[i] -= counts[i - 1]
  const histogram: NativeHistogram = {
    ...{ schema: customBucketsSchema, counterResetHint: 'unknown', count: total, sum, zeroThreshold: 0, zeroCount: 0 },
    ...{ positiveSpans: [{ offset: 0, length: counts.length }], positiveBuckets: counts },
    ...{ negativeSpans: [], negativeBuckets: new Float64Array(0), customValues: finite.map(({ bound }) => bound) },
    isInteger: Number.isInteger(total) && counts.every(Number.isInteger),
  }
  return histogramFault(histogram) === undefined ? compact(histogram) : undefined
}
