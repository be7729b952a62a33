// Which part of a selector's window the store's samples answer, and which its rollups: what samples are gone for always; and where very much is asked
// for in coarse steps, also what there still are samples of, if the value is the same.
import type { SelectRequest } from '@tidewatch/promql/port.ts'
import type { KeptRollup, KeptRollups } from '../store/port.ts'
import { shapeFor } from './rollup-shape.ts'

/** Samples with fromMs < time <= untilMs. */
export interface RollupSpan {
  readonly level: KeptRollup
  readonly fromMs: number
  readonly untilMs: number
}

export interface StoredPlan {
  /** By time. */
  readonly rollups: readonly RollupSpan[]
  /** Samples from this moment on are read as they are. */
  readonly rawStartMs: number
}

/** From these on it is worth it. */
const coarseStepMs = 3_600_000
const longWindowMs = 7 * 86_400_000

/** For samples with request.startMs <= time <= endMs. */
export function planStored(
  request: SelectRequest,
  endMs: number,
  { kept, lookbackMs }: { readonly kept: KeptRollups; readonly lookbackMs: number },
): StoredPlan {
  const { startMs, hints } = request
  const isExact = ({ widthMs }: KeptRollup): boolean => shapeFor(hints, widthMs, lookbackMs).isExact
  const coarseFirst = kept.levels.toReversed()
  const exact = coarseFirst.filter(isExact)
  const instead =
    (hints.stepMs ?? 0) >= coarseStepMs && endMs - startMs > longWindowMs
      ? exact.find((level) => level.fromMs <= kept.rawFromMs && level.freshUntilMs > startMs)
      : undefined
  const borderMs = Math.min(endMs, Math.max(kept.rawFromMs, instead?.freshUntilMs ?? Number.NEGATIVE_INFINITY))
  if (borderMs < startMs) return { rollups: [], rawStartMs: startMs }
  // the coarsest that is exact has the fewest buckets; else the finest is the nearest
  const preferred = isCoarse(hints.stepMs)
    ? [...exact, ...kept.levels.filter((level) => !exact.includes(level))]
    : kept.levels
  const order = instead === undefined ? preferred : [instead, ...preferred.filter((level) => level !== instead)]
  return { rollups: cover({ fromMs: startMs - 1, untilMs: borderMs }, order), rawStartMs: borderMs + 1 }
}

const isCoarse = (stepMs = 0): boolean => stepMs >= coarseStepMs

interface Gap {
  readonly fromMs: number
  readonly untilMs: number
}

/** Each level takes what is left of the gap and what it has. */
function cover(gap: Gap, order: readonly KeptRollup[]): RollupSpan[] {
  const spans: RollupSpan[] = []
  let left: Gap[] = [gap]
  for (const level of order) {
    const after: Gap[] = []
    for (const { fromMs, untilMs } of left) {
      const span = { level, fromMs: Math.max(fromMs, level.fromMs), untilMs: Math.min(untilMs, level.untilMs) }
      if (span.fromMs >= span.untilMs) {
        after.push({ fromMs, untilMs })
        continue
      }
      spans.push(span)
      if (fromMs < span.fromMs) after.push({ fromMs, untilMs: span.fromMs })
      if (span.untilMs < untilMs) after.push({ fromMs: span.untilMs, untilMs })
    }
    left = after
  }
  return spans.sort((a, b) => a.fromMs - b.fromMs)
}
