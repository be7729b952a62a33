// The hash by which limit_ratio samples series: xxHash64 over the labels as Prometheus lays them out, so that both choose the same ones.
import type { Labels } from '@tidewatch/core/labels.ts'

const utf8 = new TextEncoder()
const mask = (1n << 64n) - 1n
const p1: bigint = 0x9e3779b185ebca87n
const p2: bigint = 0xc2b2ae3d27d4eb4fn
const p3: bigint = 0x165667b19e3779f9n
const p4: bigint = 0x85ebca77c2b2ae63n
const p5: bigint = 0x27d4eb2f165667c5n

const rotate = (x: bigint, by: bigint): bigint => ((x << by) | (x >> (64n - by))) & mask
const round = (accumulator: bigint, lane: bigint): bigint => (rotate((accumulator + lane * p2) & mask, 31n) * p1) & mask
const merge = (hash: bigint, accumulator: bigint): bigint => ((hash ^ round(0n, accumulator)) * p1 + p4) & mask

/** xxHash64 with seed 0. Not for hot paths: called once a series. */
export function xxHash64(bytes: Uint8Array): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  let at = 0
  let hash = p5
  if (bytes.length >= 32) {
    let lanes: readonly [bigint, bigint, bigint, bigint] = [(p1 + p2) & mask, p2, 0n, -p1 & mask]
    for (; at + 32 <= bytes.length; at += 32) {
      const lane = (i: number): bigint => round(lanes[i] as bigint, view.getBigUint64(at + i * 8, true))
      lanes = [lane(0), lane(1), lane(2), lane(3)]
    }
    hash = (rotate(lanes[0], 1n) + rotate(lanes[1], 7n) + rotate(lanes[2], 12n) + rotate(lanes[3], 18n)) & mask
    for (const lane of lanes) hash = merge(hash, lane)
  }
  hash = (hash + BigInt(bytes.length)) & mask
  for (; at + 8 <= bytes.length; at += 8) {
    hash = (rotate(hash ^ round(0n, view.getBigUint64(at, true)), 27n) * p1 + p4) & mask
  }
  if (at + 4 <= bytes.length) {
    hash = (rotate(hash ^ ((BigInt(view.getUint32(at, true)) * p1) & mask), 23n) * p2 + p3) & mask
    at += 4
  }
  for (; at < bytes.length; at++) hash = (rotate(hash ^ ((BigInt(bytes[at] as number) * p5) & mask), 11n) * p1) & mask
  hash = ((hash ^ (hash >> 33n)) * p2) & mask
  hash = ((hash ^ (hash >> 29n)) * p3) & mask
  return hash ^ (hash >> 32n)
}

/** Names and values, each behind its length: one byte, or 255 and three more. */
function layOut(labels: Labels): Uint8Array {
  const bytes: number[] = []
  for (const text of labels.flat) {
    const encoded = utf8.encode(text)
    const { length } = encoded
    if (length < 255) bytes.push(length)
    else bytes.push(255, length & 255, (length >> 8) & 255, (length >> 16) & 255)
    for (const byte of encoded) bytes.push(byte)
  }
  return Uint8Array.from(bytes)
}

const shares = new WeakMap<Labels, number>()

/** Where a series lies between 0 and 1, always at the same place. */
export function labelsShare(labels: Labels): number {
  let share = shares.get(labels)
  if (share === undefined) {
    share = Number(xxHash64(layOut(labels))) / Number(mask)
    shares.set(labels, share)
  }
  return share
}
