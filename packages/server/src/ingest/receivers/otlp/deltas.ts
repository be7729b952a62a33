// Deltas added up to what Prometheus counts: one total a series, since its first delta here. Decision 012 tells what a restart does.
import type { ProjectId } from '@tidewatch/core/matcher.ts'
import { maxSchema } from './native.ts'
import type { Moment, NumberColumn, Point } from './point.ts'

/** Totals that are kept; the ones that nothing was added to for longest go first. */
const maxTotals = 100_000
const idleMs = 3_600_000
/** Of one sign of an exponential histogram; where there are more, they are merged two by two. OpenTelemetry's own default is 160. */
const maxBuckets = 320

interface Counted {
  readonly time: Moment
  readonly sum: number
  /** What the sum has lost by rounding (Neumaier). */
  readonly lost: number
  readonly hasSum: boolean
  readonly count: number
}

interface NumberTotal extends Counted {
  readonly kind: 'number'
}

interface ExplicitTotal extends Counted {
  readonly kind: 'explicit'
  readonly bounds: Float64Array
  readonly counts: Float64Array
}

export interface ExponentialTotal extends Counted {
  readonly kind: 'exponential'
  readonly scale: number
  readonly zeroCount: number
  readonly zeroThreshold: number
  /** By OTLP's index. */
  readonly positive: ReadonlyMap<number, number>
  readonly negative: ReadonlyMap<number, number>
}

type Total = NumberTotal | ExplicitTotal | ExponentialTotal

interface Slot {
  total: Total
  touchedMs: number
}

/** `repeated`: it is not after what was added last, so a sender sends it again, or too late. `fresh`: it is the first. */
export type Added = 'repeated' | 'fresh' | 'added'

export class DeltaTotals {
  readonly #slots = new Map<string, Slot>()

  /** What one request adds, to be taken back where it cannot be stored. */
  turn(project: ProjectId, nowMs: number): DeltaTurn {
    for (const [key, { touchedMs }] of this.#slots) {
      if (nowMs - touchedMs < idleMs && this.#slots.size <= maxTotals) break
      this.#slots.delete(key)
    }
    return new DeltaTurn(this.#slots, project, nowMs)
  }
}

interface Step {
  readonly key: string
  readonly before: Total | undefined
  readonly after: Total
}

export class DeltaTurn {
  readonly #slots: Map<string, Slot>
  readonly #project: ProjectId
  readonly #nowMs: number
  readonly #steps: Step[] = []

  constructor(slots: Map<string, Slot>, project: ProjectId, nowMs: number) {
    this.#slots = slots
    this.#project = project
    this.#nowMs = nowMs
  }

  /** Makes the point's value the total. */
  number(key: string, point: Point): Added {
    const before = this.#find(key, 'number')
    if (before !== undefined && !isAfter(point.time, before.time)) return 'repeated'
    const sums = added(before, point.value, true)
    this.#keep(key, { kind: 'number', time: { ...point.time }, ...sums, count: 0 })
    point.value = sums.sum + sums.lost
    return before === undefined ? 'fresh' : 'added'
  }

  /** Makes the point's counts and sum the totals. Other bounds than before begin a new total. */
  explicit(key: string, point: Point): Added {
    const former = this.#find(key, 'explicit')
    if (former !== undefined && !isAfter(point.time, former.time)) return 'repeated'
    const before = former !== undefined && isSameLayout(former, point) ? former : undefined
    const counts = point.counts.values.slice(0, point.counts.length)
    if (before !== undefined) for (let i = 0; i < counts.length; i++) counts[i] += before.counts[i]
    point.counts.values.set(counts)
    const bounds = before?.bounds ?? point.bounds.values.slice(0, point.bounds.length)
    this.#keep(key, { kind: 'explicit', time: { ...point.time }, bounds, counts, ...countedTogether(before, point) })
    return former === undefined ? 'fresh' : 'added'
  }

  /** The total with the point in it; undefined for one that is repeated. */
  exponential(key: string, point: Point): { readonly total: ExponentialTotal; readonly added: Added } | undefined {
    const before = this.#find(key, 'exponential')
    if (before !== undefined && !isAfter(point.time, before.time)) return undefined
    const buckets = mergedBuckets(before, point)
    const total: ExponentialTotal = {
      kind: 'exponential',
      time: { ...point.time },
      ...buckets,
      ...countedTogether(before, point),
    }
    this.#keep(key, total)
    return { total, added: before === undefined ? 'fresh' : 'added' }
  }

  /** How many additions there were. */
  get size(): number {
    return this.#steps.length
  }

  /**
   * Takes back what came after so many additions, so that the sender's next attempt counts. What another request has built upon stays: its
   * total has these deltas in it, and their repetition is known as such.
   */
  undo(size = 0): void {
    for (const step of this.#steps.splice(size).reverse()) this.#undo(step)
  }

  #undo({ key, before, after }: Step): void {
    const slot = this.#slots.get(key)
    if (slot?.total !== after) return
    if (before === undefined) this.#slots.delete(key)
    else slot.total = before
  }

  #find<Kind extends Total['kind']>(stream: string, kind: Kind): Extract<Total, { kind: Kind }> | undefined {
    const total = this.#slots.get(`${this.#project} ${stream}`)?.total
    return total?.kind === kind ? (total as Extract<Total, { kind: Kind }>) : undefined
  }

  #keep(stream: string, after: Total): void {
    const key = `${this.#project} ${stream}`
    const before = this.#slots.get(key)?.total
    // the order of the map is that of the last use
    this.#slots.delete(key)
    this.#slots.set(key, { total: after, touchedMs: this.#nowMs })
    this.#steps.push({ key, before, after })
  }
}

const isAfter = (a: Moment, b: Moment): boolean => a.ms > b.ms || (a.ms === b.ms && a.restNs > b.restNs)

function added(before: Counted | undefined, value: number, hasSum: boolean): Pick<Counted, 'sum' | 'lost' | 'hasSum'> {
  const former = before?.sum ?? 0
  const sum = former + value
  const lost = Math.abs(former) >= Math.abs(value) ? former - sum + value : value - sum + former
  // infinities have no remainder
  return { sum, lost: Number.isFinite(sum) ? (before?.lost ?? 0) + lost : 0, hasSum }
}

/** Counts and sums of both; the point gets them as well. */
function countedTogether(before: Counted | undefined, point: Point): Omit<Counted, 'time'> {
  const sums = added(before, point.sum, point.hasSum && (before?.hasSum ?? true))
  const count = (before?.count ?? 0) + point.count
  point.count = count
  point.sum = sums.sum + sums.lost
  point.hasSum = sums.hasSum
  return { ...sums, count }
}

function isSameLayout({ bounds, counts }: ExplicitTotal, point: Point): boolean {
  if (bounds.length !== point.bounds.length || counts.length !== point.counts.length) return false
  return bounds.every((bound, i) => bound === point.bounds.values[i])
}

/** At the coarser scale of both, what lies within the wider zero bucket in it. */
function mergedBuckets(before: ExponentialTotal | undefined, point: Point) {
  const zeroThreshold = Math.max(before?.zeroThreshold ?? 0, point.zeroThreshold)
  let scale = Math.min(before?.scale ?? maxSchema, point.scale, maxSchema)
  let positive = new Map<number, number>()
  let negative = new Map<number, number>()
  if (before !== undefined) {
    addShifted(positive, before.positive, before.scale - scale)
    addShifted(negative, before.negative, before.scale - scale)
  }
  addShifted(positive, dense(point.positive), point.scale - scale)
  addShifted(negative, dense(point.negative), point.scale - scale)
  while (Math.max(positive.size, negative.size) > maxBuckets) {
    positive = addShifted(new Map(), positive, 1)
    negative = addShifted(new Map(), negative, 1)
    scale--
  }
  let zeroCount = (before?.zeroCount ?? 0) + point.zeroCount
  if (zeroThreshold > 0)
    zeroCount += takeBelow(positive, zeroThreshold, scale) + takeBelow(negative, zeroThreshold, scale)
  return { scale, zeroThreshold, zeroCount, positive, negative }
}

function* dense({ offset, counts }: { offset: number; counts: NumberColumn }): Generator<[number, number]> {
  for (let i = 0; i < counts.length; i++) if (counts.values[i] !== 0) yield [offset + i, counts.values[i]]
}

function addShifted(to: Map<number, number>, from: Iterable<[number, number]>, shift: number): Map<number, number> {
  const width = 2 ** shift
  for (const [index, count] of from) {
    const at = Math.floor(index / width)
    to.set(at, (to.get(at) ?? 0) + count)
  }
  return to
}

/** Takes out the buckets that end at or below the threshold; how much they held. */
function takeBelow(buckets: Map<number, number>, threshold: number, scale: number): number {
  let taken = 0
  for (const [index, count] of buckets) {
    if (2 ** ((index + 1) / 2 ** scale) > threshold) continue
    taken += count
    buckets.delete(index)
  }
  return taken
}
