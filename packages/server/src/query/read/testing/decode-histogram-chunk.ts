// The reading side of chunks of native histograms, by their description and with BigInts: what chunks are checked with.

/** Counts as they are, not as differences. */
export interface ChunkHistogram {
  readonly atMs: number
  readonly schema: number
  readonly zeroThreshold: number
  readonly positiveSpans: readonly { readonly offset: number; readonly length: number }[]
  readonly negativeSpans: readonly { readonly offset: number; readonly length: number }[]
  readonly customValues: readonly number[]
  readonly count: number
  readonly zeroCount: number
  /** By its bits: a stale marker is one of many NaNs. */
  readonly sumBits: bigint
  readonly positiveBuckets: readonly number[]
  readonly negativeBuckets: readonly number[]
}

export interface HistogramChunk {
  /** The byte that says what is known of a counter reset before the first. */
  readonly flags: number
  readonly histograms: readonly ChunkHistogram[]
}

const widths = [0, 3, 6, 9, 12, 18, 25, 56, 64]
const staleBits = 0x7ff0000000000002n

class Bits {
  readonly #data: Uint8Array
  #at = 0

  constructor(data: Uint8Array) {
    this.#data = data
  }

  take(count: number): bigint {
    let value = 0n
    for (let i = 0; i < count; i++, this.#at++) {
      const byte = this.#data[this.#at >> 3]
      if (byte === undefined) throw new Error('the chunk ends too early')
      value = (value << 1n) | BigInt((byte >> (7 - (this.#at & 7))) & 1)
    }
    return value
  }

  unsigned(): bigint {
    let ones = 0
    while (ones < 8 && this.take(1) === 1n) ones++
    return this.take(widths[ones] as number)
  }

  signed(): bigint {
    let ones = 0
    while (ones < 8 && this.take(1) === 1n) ones++
    const width = widths[ones] as number
    const value = this.take(width)
    if (width === 64) return BigInt.asIntN(64, value)
    return width > 0 && value > 1n << BigInt(width - 1) ? value - (1n << BigInt(width)) : value
  }

  double(): number {
    return doubleOf(this.take(64))
  }
}

function doubleOf(bits: bigint): number {
  return new Float64Array(BigUint64Array.of(bits).buffer)[0] as number
}

/** A value that is written as the bits that changed. */
class Changing {
  bits = 0n
  #leading = 0
  #trailing = 0

  read(bits: Bits, isFirst: boolean): number {
    if (isFirst) this.bits = bits.take(64)
    else if (bits.take(1) === 1n) {
      if (bits.take(1) === 1n) {
        this.#leading = Number(bits.take(5))
        this.#trailing = 64 - this.#leading - (Number(bits.take(6)) || 64)
      }
      this.bits ^= bits.take(64 - this.#leading - this.#trailing) << BigInt(this.#trailing)
    }
    return doubleOf(this.bits)
  }
}

/** A whole number that is written as the change of its change. */
class Whole {
  value = 0n
  #change = 0n

  /** `first` and `second` say how the first two are written. */
  read(bits: Bits, index: number, first: 'signed' | 'unsigned', second: 'signed' | 'unsigned' = 'signed'): number {
    if (index === 0) this.value = bits[first]()
    else {
      this.#change = index === 1 ? bits[second]() : this.#change + bits.signed()
      this.value += this.#change
    }
    return Number(this.value)
  }
}

export function decodeHistogramChunk(data: Uint8Array, encoding: number): HistogramChunk {
  const bits = new Bits(data)
  const count = Number(bits.take(16))
  const flags = Number(bits.take(8))
  const layout = readLayout(bits)
  const places = [...layout.positiveSpans, ...layout.negativeSpans].reduce((sum, { length }) => sum + length, 0)
  const positives = layout.positiveSpans.reduce((sum, { length }) => sum + length, 0)
  const read = encoding === 2 ? readIntegers : readFloats
  const histograms = read(bits, count, places).map(({ buckets, ...rest }) => {
    const [positiveBuckets, negativeBuckets] = [buckets.slice(0, positives), buckets.slice(positives)]
    return { ...layout, ...rest, positiveBuckets, negativeBuckets }
  })
  if (encoding === 2) for (const h of histograms) for (const side of [h.positiveBuckets, h.negativeBuckets]) addUp(side)
  return { flags, histograms }
}

function addUp(side: number[]): void {
  for (let i = 1; i < side.length; i++) side[i] = (side[i] as number) + (side[i - 1] as number)
}

function readLayout(bits: Bits) {
  const byte = Number(bits.take(8))
  const zeroThreshold = byte === 0 ? 0 : byte === 255 ? bits.double() : 2 ** (byte - 244)
  const schema = Number(bits.signed())
  const spans = () =>
    Array.from({ length: Number(bits.unsigned()) }, () => {
      const length = Number(bits.unsigned())
      return { offset: Number(bits.signed()), length }
    })
  const positiveSpans = spans()
  const negativeSpans = spans()
  const customValues =
    schema === -53
      ? Array.from({ length: Number(bits.unsigned()) }, () => {
          const scaled = bits.unsigned()
          return scaled === 0n ? bits.double() : Number(scaled - 1n) / 1000
        })
      : []
  return { schema, zeroThreshold, positiveSpans, negativeSpans, customValues }
}

interface Numbers {
  readonly atMs: number
  readonly count: number
  readonly zeroCount: number
  readonly sumBits: bigint
  readonly buckets: number[]
}

function readIntegers(bits: Bits, length: number, places: number): Numbers[] {
  const [at, count, zero, sum] = [new Whole(), new Whole(), new Whole(), new Changing()]
  const buckets = Array.from({ length: places }, () => new Whole())
  return Array.from({ length }, (_, i) => {
    const atMs = at.read(bits, i, 'signed', 'unsigned')
    const numbers = { atMs, count: count.read(bits, i, 'unsigned'), zeroCount: zero.read(bits, i, 'unsigned') }
    sum.read(bits, i === 0)
    if (sum.bits === staleBits) return { ...numbers, count: 0, zeroCount: 0, sumBits: sum.bits, buckets: [] }
    return { ...numbers, sumBits: sum.bits, buckets: buckets.map((one) => one.read(bits, i, 'signed')) }
  })
}

function readFloats(bits: Bits, length: number, places: number): Numbers[] {
  const [at, count, zero, sum] = [new Whole(), new Changing(), new Changing(), new Changing()]
  const buckets = Array.from({ length: places }, () => new Changing())
  return Array.from({ length }, (_, i) => {
    const atMs = at.read(bits, i, 'signed')
    const numbers = { atMs, count: count.read(bits, i === 0), zeroCount: zero.read(bits, i === 0) }
    sum.read(bits, i === 0)
    if (sum.bits === staleBits) return { ...numbers, sumBits: sum.bits, buckets: [] }
    return { ...numbers, sumBits: sum.bits, buckets: buckets.map((one) => one.read(bits, i === 0)) }
  })
}
