// Buckets become points that stand for their samples. Called once a series and bucket; no allocation for each.
import { setStale } from '@tidewatch/core/stale.ts'
import type { SampleColumns } from '../head/port.ts'
import type { StoredBuckets } from '../store/port.ts'
import type { RollupShape } from './rollup-shape.ts'

/** Points of one series for a mean; beyond these each bucket has fewer, in proportion. */
const maxSpreadPoints = 500_000
/** As the evaluator has it: a window whose first or last sample is nearer to its end than so many average distances is extrapolated to there. */
const nearDistances = 1.1

/** A stretch of one series' buckets, times ascending. */
export interface BucketStretch {
  readonly buckets: StoredBuckets
  readonly from: number
  readonly to: number
}

/** Appends a series' points. Buckets of all stretches are `widthMs` wide. */
export function appendBuckets(
  stretches: readonly BucketStretch[],
  shape: RollupShape,
  { widthMs, into }: { readonly widthMs: number; readonly into: SampleColumns },
): void {
  const writer = new PointWriter(into, shape)
  if (shape.kind === 'spread' && !shape.isCounted) writer.share = shareOf(stretches)
  if ((shape.kind === 'line' || shape.kind === 'counter') && shape.everyMs === undefined)
    writer.edges = findEdges(stretches, widthMs, shape.rangeMs)
  for (const { buckets, from, to } of stretches) for (let i = from; i < to; i++) writer.bucket(buckets, i)
}

function shareOf(stretches: readonly BucketStretch[]): number {
  let total = 0
  for (const { buckets, from, to } of stretches) for (let i = from; i < to; i++) total += buckets.counts[i] as number
  return Math.min(1, maxSpreadPoints / total)
}

/**
 * Where samples end far from a window's end, how far a slope is drawn on depends on their average distance: then there have to be as many points as
 * samples. Tells for each bucket whether a window that holds it may hold such an end, in the order of the stretches.
 */
function findEdges(stretches: readonly BucketStretch[], widthMs: number, rangeMs: number): Uint8Array {
  const edges = new Uint8Array(stretches.reduce((sum, { from, to }) => sum + to - from, 0))
  const startsMs = new Float64Array(edges.length)
  let at = 0
  for (const { buckets, from, to } of stretches) {
    for (let i = from; i < to; i++, at++) {
      startsMs[at] = buckets.startsMs[i] as number
      if (endsFarFromBorder(buckets, i, widthMs)) edges[at] = 1
    }
  }
  // what is missing before or after makes one too
  for (let i = 0; i < edges.length; i++)
    if (startsMs[i - 1] !== (startsMs[i] as number) - widthMs || startsMs[i + 1] !== (startsMs[i] as number) + widthMs)
      edges[i] = 1
  return near(edges, startsMs, rangeMs)
}

/** Those within the range of one, before or after. */
function near(edges: Uint8Array, startsMs: Float64Array, rangeMs: number): Uint8Array {
  const found = new Uint8Array(edges.length)
  let edgeMs = Number.NEGATIVE_INFINITY
  for (let i = 0; i < edges.length; i++) {
    if (edges[i] === 1) edgeMs = startsMs[i] as number
    if ((startsMs[i] as number) - edgeMs < rangeMs) found[i] = 1
  }
  edgeMs = Number.POSITIVE_INFINITY
  for (let i = edges.length - 1; i >= 0; i--) {
    if (edges[i] === 1) edgeMs = startsMs[i] as number
    if (edgeMs - (startsMs[i] as number) < rangeMs) found[i] = 1
  }
  return found
}

function endsFarFromBorder(buckets: StoredBuckets, i: number, widthMs: number): boolean {
  const startMs = buckets.startsMs[i] as number
  const firstMs = buckets.firstMs[i] as number
  const lastMs = buckets.lastMs[i] as number
  const nearMs = (nearDistances * (lastMs - firstMs)) / ((buckets.counts[i] as number) - 1)
  return !(firstMs - startMs < nearMs && startMs + widthMs - lastMs < nearMs)
}

class PointWriter {
  share = 1
  /** By bucket, in the order of the calls; undefined where no window is exact anyway. */
  edges: Uint8Array | undefined
  #buckets = 0
  readonly #into: SampleColumns
  readonly #shape: RollupShape
  #lastMs = Number.NEGATIVE_INFINITY
  #lastValue = 0

  constructor(into: SampleColumns, shape: RollupShape) {
    this.#into = into
    this.#shape = shape
  }

  bucket(buckets: StoredBuckets, i: number): void {
    const { staleBeforeMs, staleAfterMs, counts } = buckets
    // NaN is not greater than anything: there is none
    if ((staleBeforeMs[i] as number) > 0) this.#stale(staleBeforeMs[i] as number)
    if ((counts[i] as number) > 0) this.#samples(buckets, i)
    if ((staleAfterMs[i] as number) > 0) this.#stale(staleAfterMs[i] as number)
    this.#buckets++
  }

  #samples(buckets: StoredBuckets, i: number): void {
    const shape = this.#shape
    const firstMs = buckets.firstMs[i] as number
    const lastMs = buckets.lastMs[i] as number
    const first = buckets.first[i] as number
    switch (shape.kind) {
      case 'held':
        this.#level(firstMs, lastMs, first, shape.everyMs)
        this.#point(lastMs, buckets.last[i] as number)
        return
      case 'lowest':
      case 'highest': {
        const value = (shape.kind === 'lowest' ? buckets.lowest : buckets.highest)[i] as number
        if (shape.everyMs !== undefined) this.#level(firstMs, lastMs, value, shape.everyMs)
        this.#point(lastMs, value)
        return
      }
      case 'sum':
        this.#point(lastMs, buckets.sums[i] as number)
        return
      case 'spread': {
        const count = buckets.counts[i] as number
        this.#same(firstMs, lastMs, (buckets.sums[i] as number) / count, Math.max(1, Math.round(count * this.share)))
        return
      }
      case 'line':
      case 'counter':
        this.#slope(buckets, i, shape)
        return
      default:
        shape satisfies never
    }
  }

  /** The value at the first moment and, until before the last, again and again. */
  #level(firstMs: number, lastMs: number, value: number, everyMs: number | undefined): void {
    if (firstMs < lastMs) this.#point(firstMs, value)
    if (everyMs === undefined) return
    const distanceMs = Math.max(1, Math.floor(everyMs))
    for (let atMs = firstMs + distanceMs; atMs < lastMs; atMs += distanceMs) this.#point(atMs, value)
  }

  #same(firstMs: number, lastMs: number, value: number, count: number): void {
    for (let k = 0; k < count - 1; k++) this.#point(Math.floor(firstMs + (k * (lastMs - firstMs)) / (count - 1)), value)
    this.#point(lastMs, value)
  }

  /**
   * A counter that was reset goes up to the sum of what it had reached before each reset, and down from there once: a counter's increase is
   * its last value less its first, plus that. Where the drop would not be seen, it begins again at zero.
   */
  #slope(buckets: StoredBuckets, i: number, shape: RollupShape & { kind: 'line' | 'counter' }): void {
    const firstMs = buckets.firstMs[i] as number
    const lastMs = buckets.lastMs[i] as number
    const first = buckets.first[i] as number
    const last = buckets.last[i] as number
    const count = buckets.counts[i] as number
    const peak = shape.kind === 'counter' ? (buckets.resets[i] as number) : 0
    const rawDistanceMs = count > 1 ? (lastMs - firstMs) / (count - 1) : 0
    const everyMs = shape.everyMs === undefined ? undefined : Math.max(shape.everyMs, rawDistanceMs)
    const isNext =
      everyMs !== undefined && firstMs - this.#lastMs <= everyMs && (shape.kind === 'line' || first >= this.#lastValue)
    if (!isNext) this.#point(firstMs, first)
    this.#setLast(firstMs, first)
    if (lastMs === firstMs) return
    const wanted = this.edges?.[this.#buckets] === 1 ? count : 0
    const middleMs = Math.floor((firstMs + lastMs) / 2)
    const hasPeak = peak > 0 && peak !== first && middleMs > firstMs
    // points between lie on the way up alone: each on the way down would be one more reset
    const hasMore = everyMs !== undefined || wanted > 2 + Number(hasPeak)
    const hasZero = peak > 0 && (last >= peak || hasMore) && middleMs + 1 < lastMs
    const knots = 2 + Number(hasPeak) + Number(hasZero)
    if (hasPeak) this.#lineTo(middleMs, peak, { everyMs, extra: 0 })
    if (hasZero) this.#lineTo(middleMs + 1, Math.min(0, last), { everyMs: undefined, extra: 0 })
    this.#lineTo(lastMs, last, { everyMs, extra: Math.max(0, wanted - knots) })
  }

  /** From the last point to this one, with points between: so near to one another, or so many. */
  #lineTo(
    toMs: number,
    value: number,
    { everyMs, extra }: { readonly everyMs: number | undefined; readonly extra: number },
  ): void {
    const fromMs = this.#lastMs
    const from = this.#lastValue
    const wanted = everyMs === undefined ? extra : Math.ceil((toMs - fromMs) / everyMs) - 1
    const between = Math.min(wanted, toMs - fromMs - 1)
    for (let k = 1; k <= between; k++) {
      const share = k / (between + 1)
      this.#point(Math.floor(fromMs + (toMs - fromMs) * share), from + (value - from) * share)
    }
    this.#point(toMs, value)
  }

  #point(atMs: number, value: number): void {
    const into = this.#into
    into.reserve(into.length + 1)
    into.timesMs[into.length] = atMs
    into.values[into.length] = value
    into.length++
    this.#setLast(atMs, value)
  }

  #setLast(atMs: number, value: number): void {
    this.#lastMs = atMs
    this.#lastValue = value
  }

  #stale(atMs: number): void {
    const into = this.#into
    into.reserve(into.length + 1)
    into.timesMs[into.length] = atMs
    setStale(new Uint32Array(into.values.buffer, into.values.byteOffset), into.length)
    into.length++
    this.#lastMs = Number.NEGATIVE_INFINITY
  }
}
