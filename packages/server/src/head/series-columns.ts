/** What the main thread knows of each series, in columns by series number. Arrays are replaced when they grow: take them anew after adding series. */
export class SeriesColumns {
  capacity = 0
  /** Stored identity. */
  idLow = new Uint32Array(0)
  idHigh = new Uint32Array(0)
  project = new Uint32Array(0)
  /** Whether the number is a series now. */
  live = new Uint8Array(0)
  saved = new Uint8Array(0)
  /** When the series was last resolved, by the index's `tick`. */
  touched = new Uint32Array(0)
  /** Times of its first and last sample in the head; Infinity and -Infinity while it has none. */
  firstMs = new Float64Array(0)
  lastMs = new Float64Array(0)
  /** Slot of the newest chunk, or rather of its last sample; while an open block is added to, this is where it was looked at last. */
  tipSlot = new Uint32Array(0)
  /** Size class of the open block, -1 where the newest chunk is sealed or missing. */
  openClass = new Int8Array(0)
  /** Size class to begin the next block with. */
  startClass = new Uint8Array(0)

  grow(capacity: number): void {
    this.capacity = capacity
    this.idLow = grown(this.idLow, new Uint32Array(capacity))
    this.idHigh = grown(this.idHigh, new Uint32Array(capacity))
    this.project = grown(this.project, new Uint32Array(capacity))
    this.live = grown(this.live, new Uint8Array(capacity))
    this.saved = grown(this.saved, new Uint8Array(capacity))
    this.touched = grown(this.touched, new Uint32Array(capacity))
    this.firstMs = grown(this.firstMs, new Float64Array(capacity))
    this.lastMs = grown(this.lastMs, new Float64Array(capacity))
    this.tipSlot = grown(this.tipSlot, new Uint32Array(capacity))
    this.openClass = grown(this.openClass, new Int8Array(capacity))
    this.startClass = grown(this.startClass, new Uint8Array(capacity))
  }

  /** Makes the number a new series without samples. */
  begin(ref: number, project: number, tick: number): void {
    this.project[ref] = project
    this.live[ref] = 1
    this.saved[ref] = 0
    this.touched[ref] = tick
    this.firstMs[ref] = Number.POSITIVE_INFINITY
    this.lastMs[ref] = Number.NEGATIVE_INFINITY
    this.tipSlot[ref] = 0
    this.openClass[ref] = -1
    this.startClass[ref] = 0
  }
}

function grown<T extends { set(from: T): void }>(from: T, to: T): T {
  to.set(from)
  return to
}
