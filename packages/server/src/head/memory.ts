// The head's shared memory and its layout. The main thread alone writes; workers map the same buffers (docs/decisions/001-threads.md).
import type { HeadDescriptor } from './port.ts'

/** Shared memory as typed views; offsets count in each view's own elements. */
export interface Arena {
  readonly buffer: SharedArrayBuffer
  readonly u8: Uint8Array
  readonly u16: Uint16Array
  readonly u32: Uint32Array
  readonly i32: Int32Array
  readonly f64: Float64Array
}

/** Everything that writer and readers share. A chunk's address counts in units of 8 bytes; 0 is none. */
export interface HeadMemory {
  readonly control: Int32Array
  /** Where each time slot begins, in ms, by slot number modulo `slotRing`. */
  readonly slotStartMs: Float64Array
  /** By series: its newest chunk, an address with `openTip` set where it is an open block. */
  readonly tips: Int32Array
  /** By series: the slot of the newest chunk where that is sealed; written before `tips`. */
  readonly tipSlots: Int32Array
  /** By series: the address of its newest native histogram, 0 where there is none, and a slot no later than that one's. */
  readonly histogramTips: Int32Array
  readonly histogramTipSlots: Int32Array
  /** By series: where its label bytes are, in units of 4 bytes: a length in bytes, then the bytes. */
  readonly labelAt: Int32Array
  /** By series: how often the number was given to a series. */
  readonly generations: Int32Array
  readonly labels: Arena
  readonly samples: Arena
}

/** Marks an open block in `tips`: addresses are smaller. */
export const openTip = 1 << 30
export const tipAddress = openTip - 1

/** Words of `control`. */
export const control = {
  /** Counts up whenever something was taken out of sight. */
  epoch: 0,
  /** Number of the oldest slot a reader that comes now may look at. */
  beginSlot: 1,
  /** From here on a claim and an epoch for each reader, each pair on a cache line of its own. */
  readers: 16,
} as const

export const readerStride = 16
export const maxReaders = 128
/** How many time slots can be told apart at once. */
export const slotRing = 1024

/** Pages the samples' arena is divided into. */
export const pageBytes = 32_768
export const pageUnits = pageBytes / 8

export interface HeadSizes {
  readonly maxSeries: number
  /** Addresses to reserve for samples and for labels; memory is taken when it is written to. Below 2 GB. */
  readonly sampleBytes: number
  readonly labelBytes: number
}

interface SharedBuffers {
  readonly control: SharedArrayBuffer
  readonly slotStartMs: SharedArrayBuffer
  readonly tips: SharedArrayBuffer
  readonly tipSlots: SharedArrayBuffer
  readonly histogramTips: SharedArrayBuffer
  readonly histogramTipSlots: SharedArrayBuffer
  readonly labelAt: SharedArrayBuffer
  readonly generations: SharedArrayBuffer
  readonly labels: SharedArrayBuffer
  readonly samples: SharedArrayBuffer
}

/** Reserves the memory of a head. Buffers are of fixed size: V8 reads growable ones 16 times slower. */
export function reserveMemory(sizes: HeadSizes): { memory: HeadMemory; descriptor: HeadDescriptor } {
  const bySeries = sizes.maxSeries * 4
  const buffers: SharedBuffers = {
    control: new SharedArrayBuffer((control.readers + maxReaders * readerStride) * 4),
    slotStartMs: new SharedArrayBuffer(slotRing * 8),
    tips: new SharedArrayBuffer(bySeries),
    tipSlots: new SharedArrayBuffer(bySeries),
    histogramTips: new SharedArrayBuffer(bySeries),
    histogramTipSlots: new SharedArrayBuffer(bySeries),
    labelAt: new SharedArrayBuffer(bySeries),
    generations: new SharedArrayBuffer(bySeries),
    labels: new SharedArrayBuffer(sizes.labelBytes),
    samples: new SharedArrayBuffer(sizes.sampleBytes),
  }
  return { memory: viewsOf(buffers), descriptor: buffers as unknown as HeadDescriptor }
}

/** The same memory in another thread. */
export function mapMemory(descriptor: HeadDescriptor): HeadMemory {
  return viewsOf(descriptor as unknown as SharedBuffers)
}

function viewsOf(buffers: SharedBuffers): HeadMemory {
  return {
    control: new Int32Array(buffers.control),
    slotStartMs: new Float64Array(buffers.slotStartMs),
    tips: new Int32Array(buffers.tips),
    tipSlots: new Int32Array(buffers.tipSlots),
    histogramTips: new Int32Array(buffers.histogramTips),
    histogramTipSlots: new Int32Array(buffers.histogramTipSlots),
    labelAt: new Int32Array(buffers.labelAt),
    generations: new Int32Array(buffers.generations),
    labels: arenaOf(buffers.labels),
    samples: arenaOf(buffers.samples),
  }
}

export function arenaOf(buffer: SharedArrayBuffer): Arena {
  return {
    buffer,
    u8: new Uint8Array(buffer),
    u16: new Uint16Array(buffer),
    u32: new Uint32Array(buffer),
    i32: new Int32Array(buffer),
    f64: new Float64Array(buffer),
  }
}
