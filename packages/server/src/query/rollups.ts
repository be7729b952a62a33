// Buckets of one selector that came from the store, and what the answer says of them.
import type { SelectRequest } from '@tidewatch/promql/port.ts'
import type { SampleColumns } from '../head/port.ts'
import type { KeptRollup, StoredBuckets } from '../store/port.ts'
import type { RollupSpan } from './rollup-plan.ts'
import { appendBuckets, type BucketStretch } from './rollup-points.ts'
import { shapeFor } from './rollup-shape.ts'
import { idKey, tooManySamples } from './stored.ts'

/** A bucket takes as much memory as so many samples. */
const samplesPerBucket = 7

/** Collects blocks of one span after the other, by time, and reads series out of them. */
export class RollupColumns {
  readonly #spans: { readonly level: KeptRollup; readonly stretches: Map<string, BucketStretch[]> }[] = []
  readonly #request: SelectRequest
  readonly #lookbackMs: number
  #buckets = 0

  constructor(request: SelectRequest, lookbackMs: number) {
    this.#request = request
    this.#lookbackMs = lookbackMs
  }

  begin({ level }: RollupSpan): void {
    this.#spans.push({ level, stretches: new Map() })
  }

  /** Takes a block of the span that was begun last; it is sorted by series and time. Throws `query.limit` above `maxSamples` in all. */
  add(buckets: StoredBuckets, maxSamples: number): void {
    this.#buckets += buckets.length
    if (this.#buckets * samplesPerBucket > maxSamples) throw tooManySamples(maxSamples)
    const { ids, length } = buckets
    const stretches = this.#spans.at(-1)?.stretches
    let from = 0
    for (let i = 1; i <= length; i++) {
      if (i < length && ids[i * 2] === ids[from * 2] && ids[i * 2 + 1] === ids[from * 2 + 1]) continue
      const key = idKey(ids[from * 2] as number, ids[from * 2 + 1] as number)
      const known = stretches?.get(key)
      if (known === undefined) stretches?.set(key, [{ buckets, from, to: i }])
      else known.push({ buckets, from, to: i })
      from = i
    }
  }

  has(key: string): boolean {
    return this.#spans.some(({ stretches }) => stretches.has(key))
  }

  /** Appends a series' points. */
  read(key: string, into: SampleColumns): void {
    for (const { level, stretches } of this.#spans) {
      const own = stretches.get(key)
      if (own === undefined) continue
      const { shape } = shapeFor(this.#request.hints, level.widthMs, this.#lookbackMs)
      appendBuckets(own, shape, { widthMs: level.widthMs, into })
    }
  }
}

const names: Readonly<Record<KeptRollup['name'], string>> = { '5m': '5-minute', '1h': '1-hour' }

/** What is told to who asked, once for each level and kind. */
export class RollupNotes {
  readonly #untilMs = new Map<string, number>()

  add({ level, untilMs }: RollupSpan, request: SelectRequest, lookbackMs: number): void {
    const { isExact } = shapeFor(request.hints, level.widthMs, lookbackMs)
    const kind = `${names[level.name]} rollups${isExact ? '' : ', between whose borders values are estimated,'}`
    this.#untilMs.set(kind, Math.max(this.#untilMs.get(kind) ?? Number.NEGATIVE_INFINITY, untilMs))
  }

  get infos(): readonly string[] {
    return Array.from(this.#untilMs, ([kind, ms]) => `PromQL info: from ${kind} up to ${timeText(ms)}`)
  }
}

const timeText = (ms: number): string => new Date(ms).toISOString().replace('.000Z', 'Z')
