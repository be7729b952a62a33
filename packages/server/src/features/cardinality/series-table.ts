// What the page's figures are made of: for each series its metric, job and instance, and a sum over its labels by which label sets can be
// compared without being written out. In slices; typed arrays by series number.
import { metricNameLabel } from '@tidewatch/core/labels.ts'
import type { ProjectId } from '@tidewatch/core/matcher.ts'
import type { LabelPostings, SeriesSurvey } from '../../head/port.ts'
import { Slices } from './slices.ts'

/** By series number; numbers of values are those of the postings, 0 is none (so they begin at 1). */
export interface SeriesTable {
  readonly end: number
  readonly metric: Uint32Array
  readonly job: Uint32Array
  readonly instance: Uint32Array
  /** How many labels, the name included. */
  readonly labels: Uint8Array
  /** The sum of `pairHash` over a series' labels; 53 bits of it tell label sets apart. */
  readonly low: Uint32Array
  readonly high: Uint32Array
  /** Names by number of `metric`, `job` and `instance`, as they were when they were read. */
  readonly metricNames: readonly (string | undefined)[]
  readonly jobNames: readonly (string | undefined)[]
  readonly instanceNames: readonly (string | undefined)[]
  /** Longest label name and value of a job's series, UTF-8 bytes; by number of the job. */
  readonly longestName: Uint32Array
  readonly longestValue: Uint32Array
}

/** Reads one project's postings, every entry once. */
export async function readSeriesTable(
  survey: SeriesSurvey,
  project: ProjectId,
  signal: AbortSignal,
): Promise<SeriesTable> {
  const walk = new PostingsWalk(survey.end, new Slices(signal))
  const { end } = survey
  const column = async (name: string): Promise<{ of: Uint32Array; names: readonly (string | undefined)[] }> => {
    const of = new Uint32Array(end)
    const postings = survey.names(project).get(name)
    const names: (string | undefined)[] = [undefined]
    if (postings === undefined) return { of, names }
    await walk.values(postings, (refs, count, id, value) => {
      names[id + 1] = value
      for (let i = 0; i < count; i++) if (refs[i] < end) of[refs[i]] = id + 1
    })
    return { of, names }
  }
  const metric = await column(metricNameLabel)
  const job = await column('job')
  const instance = await column('instance')
  const labels = new Uint8Array(end)
  const low = new Uint32Array(end)
  const high = new Uint32Array(end)
  const longestName = new Uint32Array(job.names.length)
  const longestValue = new Uint32Array(job.names.length)
  for (const [name, postings] of survey.names(project)) {
    const nameBytes = Buffer.byteLength(name)
    await walk.values(postings, (refs, count, _id, value) => {
      const hash = pairHash(name, value)
      const valueBytes = Buffer.byteLength(value)
      for (let i = 0; i < count; i++) {
        const ref = refs[i]
        if (ref >= end) continue
        labels[ref]++
        low[ref] += hash.low
        high[ref] += hash.high
        const of = job.of[ref]
        if (nameBytes > longestName[of]) longestName[of] = nameBytes
        if (valueBytes > longestValue[of]) longestValue[of] = valueBytes
      }
    })
  }
  return {
    ...{ end, metric: metric.of, job: job.of, instance: instance.of, labels, low, high, longestName, longestValue },
    ...{ metricNames: metric.names, jobNames: job.names, instanceNames: instance.names },
  }
}

/** Goes over the series of each value of a label, a bounded number at once. */
export class PostingsWalk {
  readonly #slices: Slices
  #refs: Uint32Array

  constructor(end: number, slices: Slices) {
    this.#slices = slices
    this.#refs = new Uint32Array(Math.max(64, Math.min(end, 1 << 16)))
  }

  /** Calls `visit` with the first `count` of `refs`; a value of many series comes in several pieces. `visit` runs for less than a ms. */
  async values(
    postings: LabelPostings,
    visit: (refs: Uint32Array, count: number, value: number, text: string) => void,
  ): Promise<void> {
    for (let id = 0; id < postings.values.length; id++) {
      const text = postings.values[id]
      if (text === undefined) continue
      const count = postings.count(id)
      if (count > this.#refs.length) this.#refs = new Uint32Array(count + (count >>> 2))
      // a copy: what is taken out or added while others have the thread does not move what is left to visit
      const length = postings.copyTo(id, this.#refs, 0)
      for (let from = 0; from < length; from += pieceRefs) {
        const part = this.#refs.subarray(from, Math.min(length, from + pieceRefs))
        visit(part, part.length, id, text)
        if (this.#slices.isOver(part.length + 8)) await this.#slices.turn()
      }
    }
  }
}

const pieceRefs = 8192

/** 64 bits for a label: the sum over a set does not depend on the order. */
export function pairHash(name: string, value: string): { readonly low: number; readonly high: number } {
  let low = 0x811c9dc5
  let high = 0x9747b28c
  const add = (code: number): void => {
    low = Math.imul(low ^ code, 0x01000193)
    high = Math.imul(high ^ code, 0x5bd1e995)
    high ^= high >>> 15
  }
  for (let i = 0; i < name.length; i++) add(name.charCodeAt(i))
  // no character: `ab`=`c` is another label than `a`=`bc`
  add(0x1_0000)
  for (let i = 0; i < value.length; i++) add(value.charCodeAt(i))
  return { low: finish(low), high: finish(high ^ low) }
}

/** Spreads all bits over all bits, so that sums of several do not meet by their patterns. */
function finish(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}

/** A label set's sum, less one label's, as one number of 53 bits. */
export function setKey(table: SeriesTable, ref: number, less: { readonly low: number; readonly high: number }): number {
  const low = (table.low[ref] - less.low) >>> 0
  const high = (table.high[ref] - less.high) >>> 0
  return (high >>> 11) * 2 ** 32 + low
}
