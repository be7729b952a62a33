// What the now bar says. No React here.
import type { RuleGroup } from '@tidewatch/api/prometheus.ts'
import { countRules, type LiveAlert, liveAlerts } from '../data/rules.ts'
import type { State } from '../ui/glyph.tsx'
import { formatAge } from '../ui/units.ts'

export interface NowWords {
  readonly tone: 'calm' | 'warning' | 'critical'
  readonly glyph: State
  readonly title: string
  readonly detail: string
  readonly worst: LiveAlert | undefined
}

/** Older than this, something that should bring samples does not. */
const oldAfterMs = 180_000

export function describeNow(known: {
  groups: readonly RuleGroup[] | undefined
  problem: string | undefined
  newestAgeMs: number | undefined
}): NowWords | undefined {
  const { groups, problem, newestAgeMs } = known
  if (problem !== undefined)
    return {
      tone: 'warning',
      glyph: 'no-data',
      title: 'The state of alerts is not known.',
      detail: problem,
      worst: undefined,
    }
  if (groups === undefined) return undefined
  const firing = liveAlerts(groups).filter((live) => live.state === 'firing')
  const [worst] = firing
  if (worst !== undefined) {
    const tone = worst.severity === 'critical' ? 'critical' : worst.severity === 'info' ? 'calm' : 'warning'
    return { tone, glyph: worst.severity, title: `${firing.length} firing`, detail: '', worst }
  }
  const { rules, failing } = countRules(groups)
  if (rules === 0)
    return {
      tone: 'calm',
      glyph: 'info',
      title: 'No rule is loaded,',
      detail: 'so nothing can fire. See Rules for how to bring yours.',
      worst,
    }
  if (failing > 0)
    return {
      tone: 'warning',
      glyph: 'warning',
      title: `${failing} of ${rules} rules cannot be evaluated.`,
      detail: 'See Rules for the reason.',
      worst,
    }
  if (newestAgeMs !== undefined && newestAgeMs > oldAfterMs) {
    return {
      tone: 'warning',
      glyph: 'no-data',
      title: `The newest sample is ${formatAge(newestAgeMs)} old.`,
      detail: 'Rules see nothing newer. See Sources.',
      worst,
    }
  }
  const newest = newestAgeMs === undefined ? '' : `, newest sample ${formatAge(newestAgeMs)} ago`
  return {
    tone: 'calm',
    glyph: 'fine',
    title: 'Nothing is on fire.',
    detail: `${rules} ${rules === 1 ? 'rule' : 'rules'}${newest}.`,
    worst,
  }
}
