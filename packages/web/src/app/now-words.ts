// What the now bar says. No React here.
import type { AlertsSummary, FiringRow } from '@tidewatch/api/firing-alerts.ts'
import { type State, severityState } from '../ui/glyph.tsx'
import { formatAge } from '../ui/units.ts'

export interface NowWords {
  readonly tone: 'calm' | 'warning' | 'critical'
  readonly glyph: State
  readonly title: string
  readonly detail: string
  /** The worst that nobody has, or else the worst. */
  readonly worst: FiringRow | undefined
}

/** Older than this, something that should bring samples does not. */
const oldAfterMs = 180_000

export function describeNow(known: {
  summary: AlertsSummary | undefined
  problem: string | undefined
  newestAgeMs: number | undefined
}): NowWords | undefined {
  const { summary, problem, newestAgeMs } = known
  const nobody = { worst: undefined }
  if (problem !== undefined)
    return {
      tone: 'warning',
      glyph: 'no-data',
      title: 'The state of alerts is not known.',
      detail: problem,
      ...nobody,
    }
  if (summary === undefined) return undefined
  if (summary.worst.length > 0) return describeFire(summary)
  const { total: rules, failing } = summary.rules
  if (rules === 0)
    return {
      tone: 'calm',
      glyph: 'info',
      title: 'No rule is loaded,',
      detail: 'so nothing can fire. See Rules for how to bring yours.',
      ...nobody,
    }
  if (failing > 0)
    return {
      tone: 'warning',
      glyph: 'warning',
      title: `${failing} of ${rules} rules cannot be evaluated.`,
      detail: 'See Rules for the reason.',
      ...nobody,
    }
  if (newestAgeMs !== undefined && newestAgeMs > oldAfterMs) {
    return {
      tone: 'warning',
      glyph: 'no-data',
      title: `The newest sample is ${formatAge(newestAgeMs)} old.`,
      detail: 'Rules see nothing newer. See Sources.',
      ...nobody,
    }
  }
  const newest = newestAgeMs === undefined ? '' : `, newest sample ${formatAge(newestAgeMs)} ago`
  return {
    tone: 'calm',
    glyph: 'fine',
    title: 'Nothing is on fire.',
    detail: `${rules} ${rules === 1 ? 'rule' : 'rules'}${newest}.`,
    ...nobody,
  }
}

function describeFire({ counts, worst: [first], next }: AlertsSummary): NowWords {
  const worst = next ?? first
  const title = `${counts.open + counts.taken} firing`
  if (next === undefined) return { tone: 'calm', glyph: 'acknowledged', title, detail: '', worst }
  const glyph = severityState(next.severity)
  const tone = glyph === 'critical' ? 'critical' : glyph === 'info' ? 'calm' : 'warning'
  return { tone, glyph, title, detail: '', worst }
}
