/**
 * What the main thread knows of each series, in columns by series number. They have room for all series there may be, since growing them would stop
 * everything for tens of milliseconds; the system gives memory for what is written to only.
 */
export class SeriesColumns {
  /** Stored identity. */
  readonly idLow: Uint32Array
  readonly idHigh: Uint32Array
  readonly project: Uint32Array
  /** Whether the number is a series now. */
  readonly live: Uint8Array
  readonly saved: Uint8Array
  /** When the series was last resolved, by the index's `tick`. */
  readonly touched: Uint32Array
  /** The series that followed it in the last request, plus one; 0: none did. It may be another series by now, or nobody's. */
  readonly follower: Uint32Array
  /** Times of its first and last sample in the head; Infinity and -Infinity while it has none. */
  readonly firstMs: Float64Array
  readonly lastMs: Float64Array
  /** The same for native histograms; nothing is said of a series that has none (`histogramTips`), so that such take no memory here. */
  readonly histogramFirstMs: Float64Array
  readonly histogramLastMs: Float64Array
  /** Slot of the newest chunk, or rather of its last sample; while an open block is added to, this is where it was looked at last. */
  readonly tipSlot: Uint32Array
  /** Size class of the open block, -1 where the newest chunk is sealed or missing. */
  readonly openClass: Int8Array
  /** Size class to begin the next block with. */
  readonly startClass: Uint8Array

  constructor(maxSeries: number) {
    this.idLow = new Uint32Array(maxSeries)
    this.idHigh = new Uint32Array(maxSeries)
    this.project = new Uint32Array(maxSeries)
    this.live = new Uint8Array(maxSeries)
    this.saved = new Uint8Array(maxSeries)
    this.touched = new Uint32Array(maxSeries)
    this.follower = new Uint32Array(maxSeries)
    this.firstMs = new Float64Array(maxSeries)
    this.lastMs = new Float64Array(maxSeries)
    this.histogramFirstMs = new Float64Array(maxSeries)
    this.histogramLastMs = new Float64Array(maxSeries)
    this.tipSlot = new Uint32Array(maxSeries)
    this.openClass = new Int8Array(maxSeries)
    this.startClass = new Uint8Array(maxSeries)
  }

  /** Makes the number a new series without samples. */
  begin(ref: number, project: number, tick: number): void {
    this.project[ref] = project
    this.live[ref] = 1
    this.saved[ref] = 0
    this.touched[ref] = tick
    this.follower[ref] = 0
    this.firstMs[ref] = Number.POSITIVE_INFINITY
    this.lastMs[ref] = Number.NEGATIVE_INFINITY
    this.tipSlot[ref] = 0
    this.openClass[ref] = -1
    this.startClass[ref] = 0
  }
}
