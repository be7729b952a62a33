// Called per series of a query, in a worker. Bench: bench/src/head.ts.
import { threadId } from 'node:worker_threads'
import { AppError } from '@tidewatch/core/error.ts'
import type { Labels } from '@tidewatch/core/labels.ts'
import { copyWords, decodeSealed, sealedCount } from './chunk-decoder.ts'
import { headerUnits } from './chunk-layout.ts'
import { announcedAt, idle } from './epochs.ts'
import { nodeHeaderUnits } from './histogram-chain.ts'
import { decodeLabels } from './label-bytes.ts'
import { control, type HeadMemory, mapMemory, maxReaders, openTip, slotRing, tipAddress } from './memory.ts'
import type { HeadDescriptor, HeadReader, SampleColumns, SeriesRef, TimedHistograms } from './port.ts'
import { StringInterner } from './string-interner.ts'

/** Label sets that a reader remembers; then it begins anew. */
const maxRememberedLabels = 200_000

/** Reads a head in any thread. There may be up to 128 at once; throws `query.busy` where there are more. */
export function createHeadReader(descriptor: HeadDescriptor): HeadReader {
  return new SharedHeadReader(mapMemory(descriptor))
}

/** Gives back what a thread held that ended without disposing of its readers: without this its memory and its place are held for ever. */
export function releaseReadersOf(descriptor: HeadDescriptor, endedThreadId: number): void {
  const shared = mapMemory(descriptor).control
  for (let i = 0; i < maxReaders; i++) {
    const at = announcedAt(i)
    if (Atomics.load(shared, at - 1) !== ownerMark(endedThreadId)) continue
    Atomics.store(shared, at, idle)
    Atomics.store(shared, at - 1, 0)
  }
}

class SharedHeadReader implements HeadReader {
  readonly #memory: HeadMemory
  readonly #place: number
  /** What this reader announced; 0 while it is idle. */
  #epoch: number = idle
  #beginSlot = 0
  #beginMs = Number.NEGATIVE_INFINITY
  readonly #labels = new Map<number, { readonly generation: number; readonly labels: Labels }>()
  readonly #interner = new StringInterner()
  /** Addresses of the chunks to read, newest first. */
  readonly #chunks: number[] = []
  /** Addresses of the native histograms to read, newest first. */
  readonly #nodes: number[] = []
  #words: Uint32Array = new Uint32Array(0)

  constructor(memory: HeadMemory) {
    this.#memory = memory
    this.#place = claimPlace(memory.control)
  }

  acquire(): { readonly beginMs: number } {
    if (this.#epoch !== idle) throw new AppError('internal.bug', 'a head reader was acquired twice')
    const shared = this.#memory.control
    let epoch: number
    do {
      epoch = Atomics.load(shared, control.epoch)
      Atomics.store(shared, this.#place, epoch)
      // the writer may have looked at the announcements just before this one: then it has counted on already
    } while (Atomics.load(shared, control.epoch) !== epoch)
    this.#epoch = epoch
    this.#beginSlot = Atomics.load(shared, control.beginSlot)
    this.#beginMs = this.#memory.slotStartMs[this.#beginSlot % slotRing]
    return { beginMs: this.#beginMs }
  }

  release(): void {
    this.#epoch = idle
    Atomics.store(this.#memory.control, this.#place, idle)
  }

  [Symbol.dispose](): void {
    this.release()
    Atomics.store(this.#memory.control, this.#place - 1, 0)
  }

  labels(ref: SeriesRef): Labels {
    const { generations, labelAt, labels } = this.#memory
    const generation = Atomics.load(generations, ref)
    const known = this.#labels.get(ref)
    if (known?.generation === generation) return known.labels
    const at = Atomics.load(labelAt, ref)
    const start = (at + 1) * 4
    const decoded = decodeLabels(labels.u8, start, start + labels.i32[at], this.#interner)
    this.#check()
    if (this.#labels.size >= maxRememberedLabels) this.#labels.clear()
    this.#labels.set(ref, { generation, labels: decoded })
    return decoded
  }

  read(ref: SeriesRef, startMs: number, endMs: number, into: SampleColumns): void {
    const from = into.length
    const start = Math.max(startMs, this.#beginMs)
    const chunks = this.#chunks
    const total = this.#collect(ref, start, endMs)
    // before anything is allocated by what may have been overwritten
    this.#check()
    if (total === 0) return
    into.reserve(from + total)
    if (this.#words.buffer !== into.values.buffer || this.#words.byteOffset !== into.values.byteOffset) {
      this.#words = new Uint32Array(into.values.buffer, into.values.byteOffset)
    }
    let end = from
    for (let i = chunks.length - 2; i >= 0; i -= 2) end += this.#decode(chunks[i], chunks[i + 1], start, into, end)
    this.#check()
    cut(into, { from, end, startMs: start, endMs }, this.#words)
  }

  readHistograms(ref: SeriesRef, startMs: number, endMs: number): TimedHistograms | undefined {
    const { histogramTips, samples } = this.#memory
    if (Atomics.load(histogramTips, ref) === 0) return undefined
    const nodes = this.#nodes
    const total = this.#collectNodes(ref, Math.max(startMs, this.#beginMs), endMs)
    // before anything is allocated by what may have been overwritten
    this.#check()
    if (nodes.length === 0) return undefined
    const all = new Uint8Array(total)
    const timesMs: number[] = []
    const bytes: Uint8Array[] = []
    let to = 0
    for (let i = nodes.length - 1; i >= 0; i--) {
      const at = nodes[i]
      const length = samples.u32[at * 2 + 4]
      const start = (at + nodeHeaderUnits) * 8
      if (to + length > total) break
      all.set(samples.u8.subarray(start, start + length), to)
      timesMs.push(samples.f64[at + 1])
      bytes.push(all.subarray(to, to + length))
      to += length
    }
    this.#check()
    return { timesMs, bytes }
  }

  /** Throws where the memory was taken away; what was read may then be anything. */
  #check(): void {
    if (this.#epoch !== idle && Atomics.load(this.#memory.control, this.#place) === this.#epoch) return
    if (this.#epoch === idle) throw new AppError('internal.bug', 'a head reader was used without being acquired')
    throw new AppError('query.busy', 'the head needed memory that this query held for too long', {
      fix: 'Ask again, for a shorter range or fewer series.',
      retryAfterSeconds: 1,
    })
  }

  /** The chunks that may have samples of the time, as [address | openTip, count] pairs; returns the sum of the counts. */
  #collect(ref: number, startMs: number, endMs: number): number {
    const arena = this.#memory.samples
    const chunks = this.#chunks
    chunks.length = 0
    let total = 0
    let chunk = this.#tip(ref)
    while (chunk !== 0) {
      const at = chunk & tipAddress
      const firstMs = arena.f64[at + 1]
      if (firstMs <= endMs) {
        const count = (chunk & openTip) === 0 ? sealedCount(arena, at) : Atomics.load(arena.i32, at * 2 + 5)
        chunks.push(chunk, count)
        // what was overwritten could lead round in circles
        if ((chunks.length & 127) === 0) this.#check()
        total += count
        if (firstMs <= startMs && count > 0) break
      }
      chunk = Atomics.load(arena.i32, at * 2)
      if (arena.u32[at * 2 + 1] < this.#beginSlot) break
    }
    return total
  }

  /** The native histograms of the time, newest first, into `#nodes`; returns how many bytes they have. */
  #collectNodes(ref: number, startMs: number, endMs: number): number {
    const { histogramTips, histogramTipSlots, samples } = this.#memory
    const { i32, u32, f64 } = samples
    const nodes = this.#nodes
    nodes.length = 0
    let total = 0
    let slot = Atomics.load(histogramTipSlots, ref)
    let at = Atomics.load(histogramTips, ref)
    // an address beyond the arena is memory that was taken away: the check after this says so
    for (let seen = 1; at > 0 && at < f64.length && slot >= this.#beginSlot; seen++) {
      const timeMs = f64[at + 1]
      if (timeMs < startMs) break
      if (timeMs <= endMs) {
        nodes.push(at)
        total += u32[at * 2 + 4]
      }
      // what was overwritten could lead round in circles
      if ((seen & 63) === 0) this.#check()
      slot = Atomics.load(i32, at * 2 + 1)
      at = Atomics.load(i32, at * 2)
    }
    return total
  }

  /** The newest chunk, 0 where there is none or its memory is not this reader's to look at. */
  #tip(ref: number): number {
    const { tips, tipSlots } = this.#memory
    for (;;) {
      const tip = Atomics.load(tips, ref)
      if (tip === 0 || (tip & openTip) !== 0) return tip
      const slot = Atomics.load(tipSlots, ref)
      // the slot is the chunk's only if the chunk was the newest before and after
      if (Atomics.load(tips, ref) === tip) return slot < this.#beginSlot ? 0 : tip
    }
  }

  #decode(chunk: number, count: number, startMs: number, into: SampleColumns, to: number): number {
    const arena = this.#memory.samples
    const at = chunk & tipAddress
    if ((chunk & openTip) === 0) {
      return decodeSealed(arena, at, { timesMs: into.timesMs, values: into.values, words: this.#words, to })
    }
    const { u32 } = arena
    const firstMs = arena.f64[at + 1]
    const capacity = u32[at * 2 + 4] >>> 8
    const times = at * 2 + 6
    // most short queries want the end of the open block alone
    let skip = 0
    if (firstMs < startMs) {
      skip = count
      while (skip > 0 && firstMs + u32[times + skip - 1] >= startMs) skip--
    }
    for (let i = skip; i < count; i++) into.timesMs[to + i - skip] = firstMs + u32[times + i]
    copyWords(arena, at + headerUnits + capacity / 2 + skip, count - skip, this.#words, to)
    return count - skip
  }
}

/** Leaves out what the first and the last chunk have beyond the time. */
function cut(
  into: SampleColumns,
  { from, end, startMs, endMs }: { from: number; end: number; startMs: number; endMs: number },
  words: Uint32Array,
): void {
  const { timesMs } = into
  let first = from
  while (first < end && timesMs[first] < startMs) first++
  while (end > first && timesMs[end - 1] > endMs) end--
  if (first > from) {
    timesMs.copyWithin(from, first, end)
    words.copyWithin(from * 2, first * 2, end * 2)
  }
  into.length = from + end - first
}

/** Never 0, which is a free place. */
const ownerMark = (ownerThreadId: number): number => ownerThreadId + 1

/** Takes one of the places where readers announce themselves; returns where the epoch is announced. */
function claimPlace(shared: Int32Array): number {
  for (let i = 0; i < maxReaders; i++) {
    const at = announcedAt(i)
    if (Atomics.compareExchange(shared, at - 1, 0, ownerMark(threadId)) === 0) {
      Atomics.store(shared, at, idle)
      return at
    }
  }
  throw new AppError('query.busy', `the head has ${maxReaders} readers already`, { retryAfterSeconds: 1 })
}
