// integral: the area below a gauge. Hot: once a series.
import { executionError } from '../evaluate/evaluator.ts'
import { KahanSum } from '../evaluate/kahan.ts'
import { goNumber } from '../evaluate/notes.ts'
import type { FloatKernel, FloatWindows, RangeFunction } from '../evaluate/range-windows.ts'
import { float } from '../evaluate/row.ts'

/** Which value an interval between two samples has: its first sample's, its last one's, or what lies between the two. */
const strategies = { left: 0, right: 1, middle: 2 } as const

const area = new KahanSum()

/** Value times seconds over the intervals between samples `first <= k < end`. */
function areaOf({ timesMs, values }: FloatWindows, first: number, end: number, strategy: number): number {
  area.reset()
  for (let k = first + 1; k < end; k++) {
    const before = values[k - 1] as number
    const after = values[k] as number
    const value = strategy === strategies.left ? before : strategy === strategies.right ? after : (before + after) / 2
    area.add((value * ((timesMs[k] as number) - (timesMs[k - 1] as number))) / 1000)
  }
  return area.total
}

const integralKernel: FloatKernel = (windows, out, context) => {
  const { from, until, steps } = windows
  const chosen = context.scalars[0]
  for (let i = 0; i < steps; i++) {
    const first = from[i] as number
    const end = until[i] as number
    const strategy = chosen?.[i] ?? strategies.middle
    if (strategy !== strategies.left && strategy !== strategies.right && strategy !== strategies.middle) {
      const expected = '0 (left), 1 (right) or 2 (mid-point)'
      throw executionError(`invalid integral strategy. Expected: ${expected}, got: ${goNumber(strategy)}`, context.call)
    }
    if (end - first < 2) continue
    out.values[i] = areaOf(windows, first, end, strategy)
    out.present[i] = float
  }
}

export const integralFunctions = {
  integral: { kind: 'range', floats: integralKernel },
} as const satisfies Record<string, RangeFunction>
