// Sums and means of many native histograms, count by count with what rounding loses (Kahan and Babuska): Prometheus since 3.9.
import type { FloatHistogram } from '@tidewatch/core/native-histogram.ts'
import { KahanSum } from '../evaluate/kahan.ts'
import { align, type Combined, combineHints, divide, likeAligned, scale, withHint } from './arithmetic.ts'
import { negativeSide, positiveSide, type Side, withSides } from './buckets.ts'

/** A sum, and what is missing of each of its counts, in the same buckets. */
interface Exact {
  readonly sum: FloatHistogram
  readonly lost: FloatHistogram
}

export class HistogramSum {
  #exact: Exact

  constructor(first: FloatHistogram) {
    this.#exact = { sum: first, lost: withoutCounts(first) }
  }

  get total(): FloatHistogram {
    return totalOf(this.#exact)
  }

  /** As `add` of two; where they do not go together the sum stays as it was. */
  add(next: FloatHistogram): Combined {
    const result = addExactly(this.#exact, next)
    if (!result.ok) return result
    this.#exact = result.exact
    return { ...result, value: result.exact.sum }
  }
}

/** The mean by way of the sum, while that is finite; then by way of the mean so far. */
export class HistogramMean {
  #exact: Exact
  #count = 1
  #isRunning = false

  constructor(first: FloatHistogram) {
    this.#exact = { sum: first, lost: withoutCounts(first) }
  }

  get total(): FloatHistogram {
    const { sum, lost } = this.#exact
    if (this.#isRunning) return totalOf(this.#exact)
    return totalOf({ sum: divide(sum, this.#count), lost: divide(lost, this.#count) })
  }

  add(next: FloatHistogram): Combined {
    const count = this.#count + 1
    if (!this.#isRunning) {
      const result = addExactly(this.#exact, next)
      if (!result.ok) return result
      if (!hasOverflow(result.exact.sum)) {
        this.#exact = result.exact
        this.#count = count
        return { ...result, value: result.exact.sum }
      }
      this.#isRunning = true
      this.#exact = { sum: divide(this.#exact.sum, this.#count), lost: divide(this.#exact.lost, this.#count) }
    }
    const share = (count - 1) / count
    const shrunk = { sum: scale(this.#exact.sum, share), lost: scale(this.#exact.lost, share) }
    const result = addExactly(shrunk, divide(next, count))
    if (!result.ok) return result
    this.#exact = result.exact
    this.#count = count
    return { ...result, value: result.exact.sum }
  }
}

const withoutCounts = (h: FloatHistogram): FloatHistogram => ({
  ...h,
  count: 0,
  sum: 0,
  zeroCount: 0,
  positiveBuckets: new Float64Array(h.positiveBuckets.length),
  negativeBuckets: new Float64Array(h.negativeBuckets.length),
})

const isInfinite = (value: number): boolean => value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY

function hasOverflow({ count, sum, zeroCount, positiveBuckets, negativeBuckets }: FloatHistogram): boolean {
  return (
    [count, sum, zeroCount].some(isInfinite) || positiveBuckets.some(isInfinite) || negativeBuckets.some(isInfinite)
  )
}

/** Both have the same buckets. */
function totalOf({ sum, lost }: Exact): FloatHistogram {
  const both = (a: Float64Array, b: Float64Array): Float64Array => a.map((value, i) => value + (b[i] as number))
  return {
    ...sum,
    count: sum.count + lost.count,
    sum: sum.sum + lost.sum,
    zeroCount: sum.zeroCount + lost.zeroCount,
    positiveBuckets: both(sum.positiveBuckets, lost.positiveBuckets),
    negativeBuckets: both(sum.negativeBuckets, lost.negativeBuckets),
  }
}

type Added =
  | Extract<Combined, { ok: false }>
  | (Omit<Extract<Combined, { ok: true }>, 'value'> & { readonly exact: Exact })

const kahan = new KahanSum()

/** One addition to a sum that already misses something: what is missing now. */
function add(sum: number, lost: number, value: number): readonly [sum: number, lost: number] {
  kahan.sum = sum
  kahan.compensation = lost
  kahan.add(value)
  return [kahan.sum, kahan.compensation]
}

function addExactly(exact: Exact, next: FloatHistogram): Added {
  const aligned = align(exact.sum, next)
  if (!aligned.ok) return aligned
  const { left, right, reconciled } = aligned
  const lost = likeAligned(exact.lost, left)
  const { hint, collision } = combineHints(exact.sum.counterResetHint, next.counterResetHint)
  const [count, countLost] = add(left.count, lost.count, right.count)
  const [sum, sumLost] = add(left.sum, lost.sum, right.sum)
  const [zeroCount, zeroLost] = add(left.zeroCount, lost.zeroCount, right.zeroCount)
  const positive = addSides(positiveSide(left), positiveSide(lost), positiveSide(right))
  const negative = addSides(negativeSide(left), negativeSide(lost), negativeSide(right))
  const total = withSides(left, positive.sum, negative.sum, { count, sum, zeroCount })
  const missing = withSides(left, positive.lost, negative.lost, { count: countLost, sum: sumLost, zeroCount: zeroLost })
  return {
    ok: true,
    exact: { sum: withHint(total, hint), lost: withHint(missing, hint) },
    resetCollision: collision,
    reconciled,
  }
}

/** `sum` and `lost` have the same indexes. */
function addSides(sum: Side, lost: Side, next: Side): { readonly sum: Side; readonly lost: Side } {
  const indexes: number[] = []
  const sums: number[] = []
  const losts: number[] = []
  let i = 0
  let j = 0
  while (i < sum.indexes.length || j < next.indexes.length) {
    const x = sum.indexes[i] ?? Number.POSITIVE_INFINITY
    const y = next.indexes[j] ?? Number.POSITIVE_INFINITY
    indexes.push(Math.min(x, y))
    const before = x <= y ? (sum.counts[i] as number) : 0
    const missing = x <= y ? (lost.counts[i] ?? 0) : 0
    const [now, left] = y <= x ? add(before, missing, next.counts[j] as number) : [before, missing]
    sums.push(now)
    losts.push(left)
    if (x <= y) i++
    if (y <= x) j++
  }
  return { sum: { indexes, counts: sums }, lost: { indexes, counts: losts } }
}
