// Finds series by their label bytes. Called once for each series of a request. Bench: bench/src/head.ts.
import { AppError } from '@tidewatch/core/error.ts'
import type { Labels } from '@tidewatch/core/labels.ts'
import type { Matcher, ProjectId } from '@tidewatch/core/matcher.ts'
import { LabelArena } from './label-arena.ts'
import {
  canonicalize,
  checkTotalBytes,
  createLabelSpans,
  decodeFlat,
  decodeLabels,
  encodeLabels,
  parseSpans,
} from './label-bytes.ts'
import { labelLimits } from './label-limits.ts'
import type { LookupHash } from './lookup-hash.ts'
import { countAtMost, match, RegexMemory } from './matching.ts'
import type { HeadMemory } from './memory.ts'
import type { SeriesIndex, SeriesRef } from './port.ts'
import { type LabelName, ProjectPostings } from './postings.ts'
import { RefTable } from './ref-table.ts'
import type { SeriesColumns } from './series-columns.ts'
import type { SeriesIdentity } from './series-identity.ts'
import { StringInterner } from './string-interner.ts'

interface IndexParts {
  readonly memory: HeadMemory
  readonly columns: SeriesColumns
  readonly lookup: LookupHash
  readonly identity: SeriesIdentity
  readonly maxSeries: number
}

/** Label sets of all series in the head, their numbers and ids, and who has which label. */
export class HeadSeriesIndex implements SeriesIndex {
  /** Seconds of a clock that never jumps, set by the writer: when a series was last asked for. */
  tick = 0
  readonly #memory: HeadMemory
  readonly #columns: SeriesColumns
  readonly #lookup: LookupHash
  readonly #identity: SeriesIdentity
  readonly #maxSeries: number
  readonly #labels: LabelArena
  readonly #table = new RefTable()
  readonly #projects = new Map<ProjectId, ProjectPostings>()
  readonly #regexes = new RegexMemory()
  readonly #interner = new StringInterner()
  readonly #freeRefs: number[] = []
  readonly #spans = createLabelSpans()
  readonly #canonical = new Uint8Array(labelLimits.totalBytes)
  readonly #canonicalView = new DataView(this.#canonical.buffer)
  readonly #encoded = new Uint8Array(labelLimits.totalBytes)
  /** A bit for each series, all cleared between uses. */
  readonly #bits: Uint32Array
  #view: DataView = this.#canonicalView
  #next = 0
  #size = 0

  constructor(parts: IndexParts) {
    this.#memory = parts.memory
    this.#columns = parts.columns
    this.#lookup = parts.lookup
    this.#identity = parts.identity
    this.#maxSeries = parts.maxSeries
    this.#labels = new LabelArena(parts.memory.labels)
    this.#bits = new Uint32Array((parts.maxSeries + 31) >>> 5)
  }

  get idLow(): Uint32Array {
    return this.#columns.idLow
  }
  get idHigh(): Uint32Array {
    return this.#columns.idHigh
  }
  get size(): number {
    return this.#size
  }
  /** One more than the greatest number in use. */
  get end(): number {
    return this.#next
  }
  get labelBytes(): number {
    return this.#labels.usedBytes
  }
  get tableBytes(): number {
    return this.#table.bytes + this.#identity.bytes
  }

  resolve(project: ProjectId, labels: Labels): SeriesRef {
    return this.resolveEncoded(project, this.#encoded, 0, encodeLabels(labels, this.#encoded))
  }

  resolveEncoded(project: ProjectId, bytes: Uint8Array, start: number, end: number): SeriesRef {
    const length = end - start
    checkTotalBytes(length)
    if (this.#view.buffer !== bytes.buffer) this.#view = new DataView(bytes.buffer)
    const at = bytes.byteOffset + start
    const hash = this.#lookup.hash(project, this.#view, at, length)
    const known = this.#find(hash, project, this.#view, at, length)
    if (known >= 0) {
      this.#columns.touched[known] = this.tick
      return known as SeriesRef
    }
    return this.#resolveUnknown(project, bytes, start, end)
  }

  guess(after: number, project: ProjectId, bytes: Uint8Array, start: number, limit: number): number {
    const { follower, live, project: projects, touched } = this.#columns
    const ref = follower[after] - 1
    if (ref < 0 || live[ref] !== 1 || projects[ref] !== project) return -1
    const { i32 } = this.#memory.labels
    const stored = this.#memory.labelAt[ref]
    const length = i32[stored]
    if (start + length > limit) return -1
    if (this.#view.buffer !== bytes.buffer) this.#view = new DataView(bytes.buffer)
    if (!equals(i32, stored + 1, this.#view, bytes.byteOffset + start, length)) return -1
    touched[ref] = this.tick
    return ref
  }

  encodedLength(ref: number): number {
    return this.#memory.labels.i32[this.#memory.labelAt[ref]]
  }

  note(after: number, ref: number): void {
    this.#columns.follower[after] = ref + 1
  }

  labels(ref: SeriesRef): Labels {
    const at = this.#memory.labelAt[ref]
    const start = (at + 1) * 4
    return decodeLabels(this.#memory.labels.u8, start, start + this.#memory.labels.i32[at], this.#interner)
  }

  project(ref: SeriesRef): ProjectId {
    return this.#columns.project[ref] as ProjectId
  }

  lastMs(ref: number): number {
    const { lastMs, histogramLastMs } = this.#columns
    return this.#memory.histogramTips[ref] === 0 ? lastMs[ref] : Math.max(lastMs[ref], histogramLastMs[ref])
  }

  isSaved(ref: SeriesRef): boolean {
    return this.#columns.saved[ref] === 1
  }

  markSaved(ref: SeriesRef): void {
    this.#columns.saved[ref] = 1
  }

  generation(ref: SeriesRef): number {
    return this.#memory.generations[ref]
  }

  touch(ref: SeriesRef, generation: number): boolean {
    if (this.#columns.live[ref] !== 1 || this.#memory.generations[ref] !== generation) return false
    this.#columns.touched[ref] = this.tick
    return true
  }

  select(project: ProjectId, matchers: readonly Matcher[], startMs: number, endMs: number): Uint32Array {
    const postings = this.#projects.get(project) ?? new ProjectPostings()
    const everything = (): Uint32Array => this.#everything(project)
    const refs = match(postings, matchers, { memory: this.#regexes, everything, bits: this.#bits })
    const isInside = this.#isInside(startMs, endMs)
    let left = 0
    for (let i = 0; i < refs.length; i++) {
      const ref = refs[i]
      if (isInside(ref)) refs[left++] = ref
    }
    return refs.slice(0, left)
  }

  countAtMost(project: ProjectId, matchers: readonly Matcher[]): number {
    return countAtMost(this.#projects.get(project) ?? new ProjectPostings(), matchers)
  }

  labelNames(project: ProjectId, matchers: readonly Matcher[], startMs: number, endMs: number): string[] {
    const names = this.#projects.get(project)?.names ?? []
    if (matchers.length === 0) {
      const isInside = this.#isInside(startMs, endMs)
      return [...names].flatMap(([text, name]) => (name.values.some((_, id) => name.some(id, isInside)) ? [text] : []))
    }
    return this.#withMarked(this.select(project, matchers, startMs, endMs), (bits) => {
      const found: string[] = []
      for (const [text, name] of names) if (name.values.some((_, id) => name.anyMarked(id, bits))) found.push(text)
      return found
    })
  }

  labelValues(
    project: ProjectId,
    name: string,
    matchers: readonly Matcher[],
    startMs: number,
    endMs: number,
  ): string[] {
    const entry: LabelName | undefined = this.#projects.get(project)?.names.get(name)
    if (matchers.length === 0) {
      // the first series of a value mostly has samples then: far fewer are looked at than there are
      const isInside = this.#isInside(startMs, endMs)
      return (entry?.values.filter((value, id) => value !== undefined && entry.some(id, isInside)) as string[]) ?? []
    }
    return this.#withMarked(this.select(project, matchers, startMs, endMs), (bits) => {
      const found: string[] = []
      for (const [id, value] of entry?.values.entries() ?? []) {
        if (value !== undefined && entry?.anyMarked(id, bits) === true) found.push(value)
      }
      return found
    })
  }

  /** The postings of a project by label name, as they are. */
  postings(project: ProjectId): ReadonlyMap<string, LabelName> {
    return this.#projects.get(project)?.names ?? new Map()
  }

  /** Adds a series that has an id already; undefined where the labels are there (then with the id they have) or the id is another's. */
  restore(
    project: ProjectId,
    labels: Labels,
    id: { readonly low: number; readonly high: number },
  ): SeriesRef | undefined {
    const length = encodeLabels(labels, this.#canonical)
    const hash = this.#lookup.hash(project, this.#canonicalView, 0, length)
    if (this.#find(hash, project, this.#canonicalView, 0, length) >= 0) return undefined
    if (this.#identity.find(id.low, id.high) !== undefined) return undefined
    const ref = this.#create(project, length, hash, id)
    this.markSaved(ref)
    return ref
  }

  /** Forgets series; their numbers and label bytes are retired through `retire` and come back by `release…`. */
  evict(refs: readonly number[], retire: (ref: number, labelAt: number) => void): void {
    const byProject = Map.groupBy(refs, (ref) => this.#columns.project[ref] as ProjectId)
    for (const [project, group] of byProject) {
      const flats = group.map((ref) => this.#flat(ref))
      const postings = this.#projects.get(project)
      this.#withMarked(group, (bits) => postings?.remove(flats, bits))
      if (postings?.names.size === 0) this.#projects.delete(project)
    }
    for (const ref of refs) {
      const at = this.#memory.labelAt[ref]
      const view = new DataView(this.#memory.labels.buffer)
      const length = this.#memory.labels.i32[at]
      this.#table.remove(this.#lookup.hash(this.#columns.project[ref], view, (at + 1) * 4, length), ref)
      this.#identity.remove(ref)
      this.#columns.live[ref] = 0
      this.#size--
      retire(ref, at)
    }
  }

  releaseLabels(labelAt: number): void {
    this.#labels.release(labelAt)
  }

  releaseRef(ref: number): void {
    this.#freeRefs.push(ref)
  }

  #find(hash: number, project: number, view: DataView, at: number, length: number): number {
    const { entries, mask } = this.#table.shard(hash)
    const { i32 } = this.#memory.labels
    for (let place = hash & mask; ; place = (place + 1) & mask) {
      const ref = entries[place * 2 + 1] - 1
      if (ref < 0) return -1
      if (entries[place * 2] !== hash) continue
      const stored = this.#memory.labelAt[ref]
      if (i32[stored] !== length || this.#columns.project[ref] !== project) continue
      if (equals(i32, stored + 1, view, at, length)) return ref
    }
  }

  #resolveUnknown(project: ProjectId, bytes: Uint8Array, start: number, end: number): SeriesRef {
    parseSpans(bytes, start, end, this.#spans)
    const length = canonicalize(bytes, this.#spans, this.#canonical)
    const hash = this.#lookup.hash(project, this.#canonicalView, 0, length)
    const known = this.#find(hash, project, this.#canonicalView, 0, length)
    if (known < 0) return this.#create(project, length, hash)
    this.#columns.touched[known] = this.tick
    return known as SeriesRef
  }

  /** Adds the series whose bytes stand in `#canonical`. */
  #create(
    project: ProjectId,
    length: number,
    hash: number,
    id?: { readonly low: number; readonly high: number },
  ): SeriesRef {
    if (this.#size >= this.#maxSeries || (this.#freeRefs.length === 0 && this.#next >= this.#maxSeries))
      throw tooManySeries(this.#maxSeries)
    const labelAt = this.#labels.put(this.#canonical, length)
    if (labelAt === undefined) throw tooManySeries(this.#size)
    const ref = (this.#freeRefs.pop() ?? this.#next++) as SeriesRef
    try {
      if (id === undefined) this.#identity.assign(ref, project, this.#canonical, length)
      else this.#identity.put(ref, id.low, id.high)
    } catch (error) {
      this.#labels.release(labelAt)
      this.#freeRefs.push(ref)
      throw error
    }
    this.#columns.begin(ref, project, this.tick)
    Atomics.store(this.#memory.tips, ref, 0)
    Atomics.store(this.#memory.labelAt, ref, labelAt)
    Atomics.add(this.#memory.generations, ref, 1)
    this.#table.add(hash, ref)
    this.#size++
    let postings = this.#projects.get(project)
    if (postings === undefined) {
      postings = new ProjectPostings()
      this.#projects.set(project, postings)
    }
    postings.add(ref, decodeFlat(this.#canonical, 0, length, this.#interner))
    return ref
  }

  #flat(ref: number): string[] {
    const at = this.#memory.labelAt[ref]
    const start = (at + 1) * 4
    return decodeFlat(this.#memory.labels.u8, start, start + this.#memory.labels.i32[at], this.#interner)
  }

  /** Whether a series' first and last sample, or first and last native histogram, span any of the time. */
  #isInside(startMs: number, endMs: number): (ref: number) => boolean {
    const { firstMs, lastMs, histogramFirstMs, histogramLastMs } = this.#columns
    const { histogramTips } = this.#memory
    return (ref) =>
      (lastMs[ref] >= startMs && firstMs[ref] <= endMs) ||
      (histogramTips[ref] !== 0 && histogramLastMs[ref] >= startMs && histogramFirstMs[ref] <= endMs)
  }

  #everything(project: ProjectId): Uint32Array {
    const { live, project: projects } = this.#columns
    const refs = new Uint32Array(this.#size)
    let count = 0
    for (let ref = 0; ref < this.#next; ref++) if (live[ref] === 1 && projects[ref] === project) refs[count++] = ref
    return refs.subarray(0, count)
  }

  #withMarked<T>(refs: Iterable<number>, use: (bits: Uint32Array) => T): T {
    for (const ref of refs) this.#bits[ref >>> 5] |= 1 << (ref & 31)
    try {
      return use(this.#bits)
    } finally {
      for (const ref of refs) this.#bits[ref >>> 5] = 0
    }
  }
}

function tooManySeries(limit: number): AppError {
  return new AppError('ingest.too_many_series', `the head has ${limit} series, which is all it has room for`, {
    fix: 'Drop labels with many values at the sender, or raise the limit on series.',
    retryAfterSeconds: 30,
  })
}

function equals(stored: Int32Array, storedAt: number, view: DataView, at: number, length: number): boolean {
  const whole = at + (length & ~3)
  // four words at once: half of the time that one by one takes
  for (; at + 16 <= whole; at += 16, storedAt += 4) {
    const differing =
      (stored[storedAt] ^ view.getInt32(at, true)) |
      (stored[storedAt + 1] ^ view.getInt32(at + 4, true)) |
      (stored[storedAt + 2] ^ view.getInt32(at + 8, true)) |
      (stored[storedAt + 3] ^ view.getInt32(at + 12, true))
    if (differing !== 0) return false
  }
  for (; at < whole; at += 4, storedAt++) if (stored[storedAt] !== view.getInt32(at, true)) return false
  let tail = 0
  for (let k = (length & 3) - 1; k >= 0; k--) tail = (tail << 8) | view.getUint8(whole + k)
  return (length & 3) === 0 || stored[storedAt] === tail
}
