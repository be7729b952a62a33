// A dashboard asks the same again and again, each time a little later: what was answered is kept, and only the new steps are evaluated. An answer is
// never older than what was acknowledged before it was asked for (docs/decisions/007-range-reuse.md). Per query.
import { parse } from '@tidewatch/promql/parse.ts'
import type { SampleChanges } from '../head/port.ts'
import { type IndexedJson, joinStretches, type MatrixIndex } from './indexed-json.ts'
import type { QueryJob } from './protocol.ts'
import { isStepIndependent } from './step-independent.ts'

export interface RangeReuseOptions {
  readonly changes: SampleChanges
  readonly monotonicMs: () => number
  /** Memory for answers, bytes; 32 MB by default. */
  readonly maxBytes?: number
  /** How much of an answer was there already. */
  readonly onReuse?: (share: 'all' | 'part' | 'none') => void
}

type Evaluate = (job: QueryJob) => Promise<IndexedJson>

interface Kept {
  readonly startMs: number
  /** Of its last step. */
  readonly lastMs: number
  readonly json: Uint8Array
  readonly index: MatrixIndex
  /** Of the changes that it surely has seen. */
  readonly sequence: number
  /** Monotonic, of its oldest part. */
  readonly madeAtMs: number
}

/** Retention takes old samples away without telling: an answer is made anew after so long. */
const maxAgeMs = 3_600_000
/** Verdicts on query texts. */
const maxVerdicts = 2000

export class RangeReuse {
  readonly #options: RangeReuseOptions
  /** By query and phase of its steps; the one used longest ago first. */
  readonly #kept = new Map<string, Kept>()
  readonly #verdicts = new Map<string, boolean>()
  #bytes = 0

  constructor(options: RangeReuseOptions) {
    this.#options = options
  }

  /** Bytes of answers that are kept. */
  get bytes(): number {
    return this.#bytes
  }

  /** The answer of a range query. `evaluate` is called for the steps that are not known: for all, for the newest, or not at all. */
  async run(job: QueryJob, evaluate: Evaluate): Promise<IndexedJson> {
    // who asks what a query does wants it done
    if (job.stats !== undefined || !this.#isFit(job)) return await evaluate(job)
    const { changes, monotonicMs, onReuse } = this.#options
    const { startMs, stepMs } = job
    const now = { sequence: changes.sequence, madeAtMs: monotonicMs() }
    const lastMs = startMs + Math.floor((job.endMs - startMs) / stepMs) * stepMs
    const key = keyOf(job)
    const kept = this.#find(key, job)
    const validMs = kept === undefined ? Number.NEGATIVE_INFINITY : this.#validUntil(kept, stepMs)
    if (kept === undefined || validMs < startMs) {
      onReuse?.('none')
      const whole = await evaluate({ ...job, keepsPlaces: true })
      this.#keep(key, { ...now, startMs, lastMs }, whole)
      return whole
    }
    const step = (atMs: number): number => (atMs - kept.startMs) / stepMs
    const known = { answer: kept, from: step(startMs), to: step(Math.min(validMs, lastMs)) + 1 }
    if (validMs >= lastMs) {
      onReuse?.('all')
      return startMs === kept.startMs && lastMs === kept.lastMs ? kept : joinStretches([known])
    }
    const fromMs = validMs + stepMs
    const { json, index } = await evaluate({ ...job, startMs: fromMs, keepsPlaces: true })
    // it cannot be taken apart: native histograms have come into it
    if (index === undefined) return await evaluate(job)
    onReuse?.('part')
    const joined = joinStretches([known, { answer: { json, index }, from: 0, to: (lastMs - fromMs) / stepMs + 1 }])
    this.#keep(key, { sequence: now.sequence, madeAtMs: kept.madeAtMs, startMs, lastMs }, joined)
    return joined
  }

  #isFit({ query, startMs, endMs, stepMs, limit }: QueryJob): boolean {
    if (limit > 0 || ![startMs, endMs, stepMs].every(Number.isInteger)) return false
    const known = this.#verdicts.get(query)
    if (known !== undefined) return known
    const verdict = isFitText(query)
    if (this.#verdicts.size >= maxVerdicts) this.#verdicts.clear()
    this.#verdicts.set(query, verdict)
    return verdict
  }

  /** What is kept of the query from its start on. */
  #find(key: string, { startMs }: QueryJob): Kept | undefined {
    const kept = this.#kept.get(key)
    if (kept === undefined || startMs < kept.startMs || startMs > kept.lastMs) return undefined
    if (this.#options.monotonicMs() - kept.madeAtMs > maxAgeMs) return undefined
    // to the end of the row: used last
    this.#kept.delete(key)
    this.#kept.set(key, kept)
    return kept
  }

  /** Its last step that nothing which came since can have changed. */
  #validUntil(kept: Kept, stepMs: number): number {
    const earliestMs = this.#options.changes.earliestSince(kept.sequence)
    if (earliestMs > kept.lastMs) return kept.lastMs
    return kept.startMs + (Math.ceil((earliestMs - kept.startMs) / stepMs) - 1) * stepMs
  }

  #keep(key: string, of: Omit<Kept, 'json' | 'index'>, { json, index }: IndexedJson): void {
    this.#forget(key)
    if (index === undefined) return
    const kept = { ...of, json, index }
    this.#kept.set(key, kept)
    this.#bytes += bytesOf(kept)
    const { maxBytes = 32 * 2 ** 20 } = this.#options
    for (const oldest of this.#kept.keys()) {
      if (this.#bytes <= maxBytes) return
      this.#forget(oldest)
    }
  }

  #forget(key: string): void {
    const kept = this.#kept.get(key)
    if (kept === undefined) return
    this.#kept.delete(key)
    this.#bytes -= bytesOf(kept)
  }
}

function isFitText(query: string): boolean {
  try {
    return isStepIndependent(parse(query))
  } catch {
    // whoever evaluates it says what is wrong
    return false
  }
}

/** Queries of the same key have the same values where they have the same steps. */
function keyOf({ query, startMs, stepMs, lookbackMs, projects }: QueryJob): string {
  return `${projects.join(',')} ${stepMs} ${startMs % stepMs} ${lookbackMs} ${query}`
}

const bytesOf = ({ json, index }: Kept): number =>
  json.buffer.byteLength + index.cells.byteLength + index.series.byteLength + 1000
