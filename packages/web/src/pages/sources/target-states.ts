import type { Target } from '@tidewatch/api/prometheus.ts'
import type { State } from '../../ui/glyph.tsx'

/** How a target's health is shown; what is down comes first. */
export const targetStates: Readonly<
  Record<Target['health'], { readonly state: State; readonly word: string; readonly order: number }>
> = {
  down: { state: 'critical', word: 'Down', order: 0 },
  unknown: { state: 'no-data', word: 'Not yet', order: 1 },
  up: { state: 'fine', word: 'Up', order: 2 },
}
