// What the now bar says. No React here.
import type { AcknowledgementItem } from '@tidewatch/api/acknowledgements.ts'
import type { GettableAlert } from '@tidewatch/api/alertmanager.ts'
import type { RuleGroup } from '@tidewatch/api/prometheus.ts'
import { openAlerts, severityOf } from '../data/alerts.ts'
import { countRules } from '../data/rules.ts'
import type { State } from '../ui/glyph.tsx'
import { formatAge } from '../ui/units.ts'

export interface NowWords {
  readonly tone: 'calm' | 'warning' | 'critical'
  readonly glyph: State
  readonly title: string
  readonly detail: string
  /** The worst that nobody has, or else the worst. */
  readonly worst: GettableAlert | undefined
  readonly taker: AcknowledgementItem | undefined
}

/** Older than this, something that should bring samples does not. */
const oldAfterMs = 180_000

export function describeNow(known: {
  groups: readonly RuleGroup[] | undefined
  firing: readonly GettableAlert[] | undefined
  takers: ReadonlyMap<string, AcknowledgementItem>
  problem: string | undefined
  newestAgeMs: number | undefined
}): NowWords | undefined {
  const { groups, firing, takers, problem, newestAgeMs } = known
  const nobody = { worst: undefined, taker: undefined }
  if (problem !== undefined)
    return {
      tone: 'warning',
      glyph: 'no-data',
      title: 'The state of alerts is not known.',
      detail: problem,
      ...nobody,
    }
  if (firing === undefined || groups === undefined) return undefined
  if (firing.some(({ status }) => status.state !== 'suppressed')) return describeFire(openAlerts(firing), takers)
  const { rules, failing } = countRules(groups)
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

function describeFire(open: readonly GettableAlert[], takers: ReadonlyMap<string, AcknowledgementItem>): NowWords {
  const untaken = open.find(({ fingerprint }) => !takers.has(fingerprint))
  const worst = untaken ?? open[0]
  const taker = worst && takers.get(worst.fingerprint)
  const severity = worst === undefined ? 'warning' : severityOf(worst)
  const title = `${open.length} firing`
  if (taker !== undefined) return { tone: 'calm', glyph: 'acknowledged', title, detail: '', worst, taker }
  const tone = severity === 'critical' ? 'critical' : severity === 'info' ? 'calm' : 'warning'
  return { tone, glyph: severity, title, detail: '', worst, taker }
}
