// Samples of one selector that came from the store, kept as they arrived: columns, and for each series the stretches of them that are its own.
import { AppError } from '@tidewatch/core/error.ts'
import { replaces } from '@tidewatch/core/sample-order.ts'
import { wordsOf } from '@tidewatch/promql/evaluate/sample-buffer.ts'
import type { SampleColumns, TimedHistograms } from '../head/port.ts'
import type { StoredHistograms, StoredSamples } from '../store/port.ts'

interface Block {
  readonly timesMs: Float64Array
  readonly values: Float64Array
}

interface Stretch {
  readonly block: Block
  readonly from: number
  readonly to: number
}

/** A series' id as a Map key; made once for each stretch, never for each sample. */
export const idKey = (low: number, high: number): string => `${high}:${low}`

/** Collects blocks and reads series out of them. */
export class StoredColumns implements Disposable {
  readonly #stretches = new Map<string, Stretch[]>()
  readonly #blocks: Block[] = []
  readonly #histograms = new Map<string, { readonly timesMs: number[]; readonly bytes: Uint8Array[] }>()
  #samples = 0

  get samples(): number {
    return this.#samples
  }

  /** Takes a block over, and it is best sorted by series and time. Throws `query.limit` above `maxSamples` in all. */
  add(block: StoredSamples, maxSamples: number): void {
    this.#samples += block.length
    if (this.#samples > maxSamples) throw tooManySamples(maxSamples)
    const columns = { timesMs: block.timesMs, values: block.values }
    this.#blocks.push(columns)
    const { ids, timesMs, length } = block
    let from = 0
    for (let i = 1; i <= length; i++) {
      const isSame = i < length && ids[i * 2] === ids[i * 2 - 2] && ids[i * 2 + 1] === ids[i * 2 - 1]
      if (isSame && (timesMs[i] as number) >= (timesMs[i - 1] as number)) continue
      const key = idKey(ids[from * 2] as number, ids[from * 2 + 1] as number)
      const known = this.#stretches.get(key)
      const stretch = { block: columns, from, to: i }
      if (known === undefined) this.#stretches.set(key, [stretch])
      else known.push(stretch)
      from = i
    }
    free(ids)
  }

  /**
   * Nothing is read any more. The memory goes back at once: left to the collector, some ten MB of columns set it going over the whole heap, and it took
   * as much time as all the rest of reading a rule's past.
   */
  [Symbol.dispose](): void {
    for (const { timesMs, values } of this.#blocks.splice(0)) {
      free(timesMs)
      free(values)
    }
    this.#stretches.clear()
    this.#histograms.clear()
  }

  /** Takes native histograms over; each counts as the samples that take as much memory. */
  addHistograms({ ids, timesMs, bytes, length }: StoredHistograms, maxSamples: number): void {
    for (let i = 0; i < length; i++) {
      const one = bytes[i] as Uint8Array
      this.#samples += 1 + (one.length >>> 4)
      const key = idKey(ids[i * 2] as number, ids[i * 2 + 1] as number)
      let known = this.#histograms.get(key)
      if (known === undefined) {
        known = { timesMs: [], bytes: [] }
        this.#histograms.set(key, known)
      }
      known.timesMs.push(timesMs[i] as number)
      known.bytes.push(one)
    }
    if (this.#samples > maxSamples) throw tooManySamples(maxSamples)
  }

  has(key: string): boolean {
    return this.#stretches.has(key) || this.#histograms.has(key)
  }

  /** A series' native histograms by time, duplicates not yet resolved. */
  histograms(key: string): TimedHistograms | undefined {
    return this.#histograms.get(key)
  }

  /** Appends a series' samples, times ascending and unique. */
  read(key: string, into: SampleColumns): void {
    const stretches = this.#stretches.get(key)
    if (stretches === undefined) return
    if (stretches.length > 1) stretches.sort((a, b) => firstMs(a) - firstMs(b))
    const begin = into.length
    for (const stretch of stretches) {
      const { block, from, to } = stretch
      const first = into.length
      into.reserve(first + to - from)
      if (first > begin && (into.timesMs[first - 1] as number) > firstMs(stretch)) {
        mergeFromEnd(into, begin, stretch)
        keepOnePerTime(into, begin)
        continue
      }
      // as memory, not as numbers: a stale marker is known by its bits
      into.timesMs.set(block.timesMs.subarray(from, to), first)
      into.values.set(block.values.subarray(from, to), first)
      into.length = first + to - from
      keepOnePerTime(into, Math.max(0, first - 1))
    }
  }
}

const firstMs = ({ block, from }: Stretch): number => block.timesMs[from] as number

/** Puts a stretch into what is there from `begin` on: parts of one day that are not merged yet overlap. There is room for it. */
function mergeFromEnd(into: SampleColumns, begin: number, { block, from, to }: Stretch): void {
  const { timesMs, values } = into
  const words = wordsOf(values)
  const added = wordsOf(block.values)
  let kept = into.length - 1
  let at = into.length + to - from
  into.length = at
  for (let next = to - 1; next >= from; ) {
    at--
    const isKept = kept >= begin && (timesMs[kept] as number) > (block.timesMs[next] as number)
    const source = isKept ? words : added
    const index = isKept ? kept-- : next--
    timesMs[at] = (isKept ? timesMs[index] : block.timesMs[index]) as number
    words[at * 2] = source[index * 2] as number
    words[at * 2 + 1] = source[index * 2 + 1] as number
  }
}

function free(column: Float64Array | Uint32Array): void {
  if (column.buffer instanceof ArrayBuffer) column.buffer.transfer(0)
}

/** Of several samples at one time keeps the one that counts, in place, from index `from` on. */
function keepOnePerTime(columns: SampleColumns, from: number): void {
  const { timesMs, values, length } = columns
  let i = from + 1
  while (i < length && timesMs[i] !== timesMs[i - 1]) i++
  if (i >= length) return
  const words = wordsOf(values)
  let last = i - 1
  for (; i < length; i++) {
    if (timesMs[i] === timesMs[last]) {
      if (!replaces({ values, words, at: i }, { values, words, at: last })) continue
    } else {
      last++
    }
    timesMs[last] = timesMs[i] as number
    words[last * 2] = words[i * 2] as number
    words[last * 2 + 1] = words[i * 2 + 1] as number
  }
  columns.length = last + 1
}

export function tooManySamples(maxSamples: number): AppError {
  return new AppError(
    'query.limit',
    `query processing would load too many samples into memory in query execution (more than ${maxSamples})`,
    {
      fix: 'Ask for fewer series, a shorter range or a longer step.',
    },
  )
}
