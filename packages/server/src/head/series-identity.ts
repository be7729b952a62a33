// The stored identity of a series and how two with one hash are told apart.
import type { ProjectId } from '@tidewatch/core/matcher.ts'
import { metricNameSpan } from './label-bytes.ts'
import { labelLimits } from './label-limits.ts'
import type { SeriesCollisions } from './port.ts'
import { RefTable } from './ref-table.ts'
import type { SeriesColumns } from './series-columns.ts'
import type { SipHash } from './siphash.ts'

/** A keyed 64-bit hash of bytes[start, end) as two unsigned halves. */
export type IdHash = Pick<SipHash, 'hash' | 'low' | 'high'>

/** Gives each series its 64-bit id and finds series by id. */
export class SeriesIdentity {
  readonly #hash: IdHash
  readonly #columns: SeriesColumns
  readonly #collisions: SeriesCollisions | undefined
  readonly #byId = new RefTable()
  /** Ids of series whose hash was another one's: [low, high] by project and labels. */
  readonly #settled = new Map<string, readonly [number, number]>()
  readonly #message = new Uint8Array(4 + labelLimits.totalBytes)
  readonly #view = new DataView(this.#message.buffer)

  constructor(hash: IdHash, columns: SeriesColumns, collisions: SeriesCollisions | undefined) {
    this.#hash = hash
    this.#columns = columns
    this.#collisions = collisions
    for (const { project, labelBytes, idLow, idHigh } of collisions?.known ?? []) {
      this.#settled.set(keyOf(project, labelBytes, labelBytes.length), [idLow, idHigh])
    }
  }

  get bytes(): number {
    return this.#byId.bytes
  }

  /** The series with an id. */
  find(low: number, high: number): number | undefined {
    const { entries, mask } = this.#byId.shard(low)
    for (let at = low & mask; entries[at * 2 + 1] !== 0; at = (at + 1) & mask) {
      const ref = entries[at * 2 + 1] - 1
      if (this.#columns.idLow[ref] === low && this.#columns.idHigh[ref] === high) return ref
    }
    return undefined
  }

  /** Gives a new series the id that its labels have. */
  assign(ref: number, project: ProjectId, bytes: Uint8Array, length: number): void {
    if (this.#settled.size > 0) {
      const settled = this.#settled.get(keyOf(project, bytes, length))
      if (settled !== undefined) {
        this.put(ref, settled[0], settled[1])
        return
      }
    }
    this.#view.setUint32(0, project, true)
    this.#message.set(bytes.subarray(0, length), 4)
    this.#hash.hash(this.#message, 0, 4 + length)
    let { low, high } = this.#hash
    high = (this.#nameBits(length) << 16) | (high & 0xffff)
    high >>>= 0
    if (this.find(low, high) !== undefined) [low, high] = this.#settle(project, bytes.slice(0, length), low, high)
    this.put(ref, low, high)
  }

  /**
   * 16 bits of the metric name's hash lead the id: the store is sorted by id, so the series of one metric lie together and are read in half the time.
   * 48 bits are left to tell the series of a metric apart; what they cannot is settled as any collision is.
   */
  #nameBits(length: number): number {
    const [start, end] = metricNameSpan(this.#message, 4, 4 + length)
    this.#hash.hash(this.#message, start, end)
    return this.#hash.low & 0xffff
  }

  /** Gives a new series a stored id. */
  put(ref: number, low: number, high: number): void {
    this.#columns.idLow[ref] = low
    this.#columns.idHigh[ref] = high
    this.#byId.add(low | 0, ref)
  }

  remove(ref: number): void {
    this.#byId.remove(this.#columns.idLow[ref] | 0, ref)
  }

  /** The next id nobody has, written down so that the series has it for ever. */
  #settle(project: ProjectId, labelBytes: Uint8Array, low: number, high: number): readonly [number, number] {
    const taken = new Set([...this.#settled.values()].map(([l, h]) => `${l}:${h}`))
    do {
      low = (low + 1) >>> 0
      if (low === 0) high = (high + 1) >>> 0
    } while (this.find(low, high) !== undefined || taken.has(`${low}:${high}`))
    this.#collisions?.record({ project, labelBytes, idLow: low, idHigh: high })
    this.#settled.set(keyOf(project, labelBytes, labelBytes.length), [low, high])
    return [low, high]
  }
}

const keyOf = (project: number, bytes: Uint8Array, length: number): string =>
  `${project}:${Buffer.from(bytes.buffer, bytes.byteOffset, length).toString('latin1')}`
