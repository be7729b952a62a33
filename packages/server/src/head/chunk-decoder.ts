// Called once for each chunk a query reads. Bench: bench/src/head.ts.
import { chunkKind, columnHeaderUnits, headerUnits, packedUnits, powersOfTen } from './chunk-layout.ts'
import type { Arena } from './memory.ts'

/** Samples of a sealed chunk written into columns from `to` on; `words` views the memory of `values`. Returns how many. */
export function decodeSealed(
  arena: Arena,
  at: number,
  into: {
    readonly timesMs: Float64Array
    readonly values: Float64Array
    readonly words: Uint32Array
    readonly to: number
  },
): number {
  const header = arena.u32[at * 2 + 4]
  const count = (header >>> 8) & 255
  decodeTimes(arena, arena.u32[at * 2 + 5], count, into.timesMs, into.to)
  const kind = header & 15
  if (kind === chunkKind.same) fillWords(arena, at + headerUnits, count, into.words, into.to)
  else if (kind === chunkKind.raw) copyWords(arena, at + headerUnits, count, into.words, into.to)
  else decodeWhole(arena, at, count, into.values, into.words, into.to)
  return count
}

/** How many samples a sealed chunk holds. */
export function sealedCount(arena: Arena, at: number): number {
  return (arena.u32[at * 2 + 4] >>> 8) & 255
}

/** Numbers of 0, 1, 2 or 4 bytes into `out` from `to` on. */
function unpack(arena: Arena, at: number, width: number, count: number, out: Float64Array, to: number): void {
  if (width === 1) {
    const { u8 } = arena
    const from = at << 3
    for (let i = 0; i < count; i++) out[to + i] = u8[from + i]
  } else if (width === 2) {
    const { u16 } = arena
    const from = at << 2
    for (let i = 0; i < count; i++) out[to + i] = u16[from + i]
  } else if (width === 3) {
    const { u32 } = arena
    const from = at << 1
    for (let i = 0; i < count; i++) out[to + i] = u32[from + i]
  } else {
    out.fill(0, to, to + count)
  }
}

export function decodeTimes(arena: Arena, column: number, count: number, out: Float64Array, to: number): void {
  const interval = arena.u32[column * 2]
  const width = arena.u32[column * 2 + 1] & 15
  let time = arena.f64[column + 1]
  const from = column + columnHeaderUnits
  if (width === 1) {
    const { u8 } = arena
    for (let i = 0; i < count; i++, time += interval) out[to + i] = time + u8[(from << 3) + i]
    return
  }
  unpack(arena, from, width, count, out, to)
  for (let i = to; i < to + count; i++, time += interval) out[i] += time
}

function decodeWhole(
  arena: Arena,
  at: number,
  count: number,
  values: Float64Array,
  words: Uint32Array,
  to: number,
): void {
  const header = arena.u32[at * 2 + 4]
  const width = (header >>> 4) & 3
  const base = arena.f64[at + headerUnits]
  const step = arena.f64[at + headerUnits + 1]
  const packed = at + headerUnits + 2
  unpack(arena, packed, width, count, values, to)
  const end = to + count
  if ((header & 15) === chunkKind.delta) {
    let whole = base
    for (let i = to; i < end; i++) {
      whole += step + values[i]
      values[i] = whole
    }
  } else {
    for (let i = to; i < end; i++) values[i] += base
  }
  const exponent = (header >>> 16) & 255
  if (exponent > 0) {
    const divisor = powersOfTen[exponent]
    for (let i = to; i < end; i++) values[i] /= divisor
  }
  const exceptions = header >>> 24
  if (exceptions === 0) return
  const bits = packed + packedUnits(count, width)
  const places = (bits + exceptions) << 3
  for (let i = 0; i < exceptions; i++) {
    const place = to + arena.u8[places + i]
    words[place * 2] = arena.u32[(bits + i) * 2]
    words[place * 2 + 1] = arena.u32[(bits + i) * 2 + 1]
  }
}

/** Moves values by their bits, as an engine may change a NaN's when it copies it as a number. */
export function copyWords(arena: Arena, from: number, count: number, words: Uint32Array, to: number): void {
  const { u32 } = arena
  for (let i = 0; i < count * 2; i++) words[to * 2 + i] = u32[from * 2 + i]
}

function fillWords(arena: Arena, from: number, count: number, words: Uint32Array, to: number): void {
  const low = arena.u32[from * 2]
  const high = arena.u32[from * 2 + 1]
  for (let i = to; i < to + count; i++) {
    words[i * 2] = low
    words[i * 2 + 1] = high
  }
}
