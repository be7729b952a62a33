import type { CountedJob } from '@tidewatch/api/cardinality.ts'
import type { State } from '../../ui/glyph.tsx'

/** One limit of a job and how near its series come. */
export interface LimitUse {
  readonly name: string
  readonly used: number
  readonly limit: number
}

/** The limits that a job has; what is not limited is left out. */
export function limitsOf({ limits, largestTarget, labels, labelNameLength, labelValueLength }: CountedJob): LimitUse[] {
  if (limits === undefined) return []
  return [
    { name: 'sample_limit', used: largestTarget.active, limit: limits.samples },
    { name: 'label_limit', used: labels, limit: limits.labels },
    { name: 'label_name_length_limit', used: labelNameLength, limit: limits.labelNameLength },
    { name: 'label_value_length_limit', used: labelValueLength, limit: limits.labelValueLength },
  ].filter(({ limit }) => limit > 0)
}

/** From four fifths on a limit is worth a look: a scrape that goes over it is lost as a whole. */
export function limitState({ used, limit }: LimitUse): State {
  return used >= limit ? 'critical' : used >= limit * 0.8 ? 'warning' : 'fine'
}
