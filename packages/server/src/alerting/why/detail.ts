// One alert as it is now: what it is, who hears of it, what holds it back, what comes next, and how it came there.
import type { AlertDetail, AlertHolding } from '@tidewatch/api/alert-why.ts'
import { AppError } from '@tidewatch/core/error.ts'
import { severityOf, unstatedSeverity } from '@tidewatch/core/severity.ts'
import { printNumber } from '@tidewatch/promql/print.ts'
import { mutingIntervals } from '../dispatch/flush.ts'
import { isResolved } from '../dispatch/held-alert.ts'
import type { AlertInspection } from '../dispatch/machine.ts'
import type { Episode } from '../history/read.ts'
import { nextOf } from './next.ts'
import {
  type Asker,
  alertingRules,
  type LiveAlert,
  liveAlerts,
  ruleOfLabels,
  shownRule,
  type WhyParts,
} from './parts.ts'
import { canBeBehind, samplesAround } from './samples.ts'
import { shownStep } from './why.ts'

export interface DetailSpan {
  readonly fromMs: number | undefined
  readonly toMs: number | undefined
}

const minuteMs = 60_000
const mostSteps = 1000
const journalDays = 30 * 86_400_000

/** Throws `state.not_found` where nothing is known of it. */
export async function describeAlert(
  fingerprint: string,
  span: DetailSpan,
  parts: WhyParts,
  asker: Asker,
): Promise<AlertDetail> {
  const nowMs = parts.clock.nowMs()
  const rules = alertingRules(parts)
  const held = parts.machine()?.inspect(fingerprint, nowMs)
  const live = liveAlerts(rules, parts.context()).find((one) => one.fingerprint === fingerprint)
  const page = await parts.episodes.page({ fromMs: 0, toMs: nowMs, fingerprint }, { limit: 1 })
  const [episode] = page.episodes
  const labels = await labelsOf(fingerprint, { held, live, episode }, parts, nowMs)
  const known = live?.known ?? ruleOfLabels(rules, labels)
  const times = timesOf({ held, live, episode }, nowMs)
  const { fromMs, toMs } = spanOf(span, times, { nowMs, forMs: known?.rule.forMs ?? 0 })
  const steps = await parts.journal.read(fingerprint, { fromMs, toMs, limit: mostSteps })
  const isHeard = held !== undefined && !isResolved(held.alert, nowMs)
  const holding = isHeard ? holdingOf(held, parts, nowMs) : []
  const groups = isHeard ? groupsOf(held, parts) : []
  const taken = isHeard ? parts.acknowledgements().of(fingerprint) : undefined
  const fits = canBeBehind(labels, known?.rule.labels ?? {})
  return {
    ...{ fingerprint, name: labels.alertname ?? '', ...times, labels, holding, groups, fromMs, toMs },
    severity: severityOf(labels.severity ?? '') ?? unstatedSeverity,
    annotations: { ...(live?.alert.annotations ?? held?.alert.annotations ?? {}) },
    generatorUrl: held?.alert.generatorUrl ?? '',
    ...(known === undefined ? {} : { rule: shownRule(known) }),
    ...(live === undefined ? {} : { value: printNumber(live.alert.value) }),
    ...(taken === undefined ? {} : { acknowledgement: taken }),
    next: nextOf({ ...times, forMs: known?.rule.forMs ?? 0, groups, holding, isTaken: taken !== undefined }),
    timeline: steps.map(shownStep),
    ...(known === undefined ? {} : { samples: await samplesAround(known, { fromMs, toMs, fits }, parts, asker) }),
  }
}

interface Sources {
  readonly held: AlertInspection | undefined
  readonly live: LiveAlert | undefined
  readonly episode: Episode | undefined
}

async function labelsOf(
  fingerprint: string,
  { held, live, episode }: Sources,
  { journal }: WhyParts,
  nowMs: number,
): Promise<Record<string, string>> {
  const found = live?.labels.toObject() ?? held?.alert.labels.toObject() ?? episode?.labels
  if (found !== undefined) return { ...found }
  const steps = await journal.read(fingerprint, { fromMs: nowMs - journalDays, toMs: nowMs, limit: 100 })
  const labelled = steps.findLast(({ detail }) => typeof detail.labels === 'string')
  if (labelled !== undefined) return JSON.parse(String(labelled.detail.labels)) as Record<string, string>
  throw new AppError('state.not_found', 'nothing is known of this alert.', {
    where: { key: 'fingerprint' },
    fix: 'Look at the page of alerts. What has fired is kept for 400 days, what was pending alone for 30.',
  })
}

type Times = Pick<AlertDetail, 'state' | 'activeAtMs' | 'firedAtMs' | 'endedAtMs'>

function timesOf({ held, live, episode }: Sources, nowMs: number): Times {
  const active = live === undefined ? {} : { activeAtMs: live.alert.activeAtMs }
  if (live?.alert.state === 'pending') return { state: 'pending', ...active }
  if (held !== undefined && !isResolved(held.alert, nowMs))
    return { state: 'firing', ...active, firedAtMs: held.alert.startsAtMs }
  if (live?.alert.state === 'firing') return { state: 'firing', ...active, firedAtMs: live.alert.firedAtMs }
  // another process holds the alerts
  if (episode !== undefined && episode.endedAtMs === undefined && held === undefined)
    return { state: 'firing', firedAtMs: episode.firedAtMs }
  return {
    state: 'ended',
    ...(episode === undefined ? {} : { firedAtMs: episode.firedAtMs }),
    ...(episode?.endedAtMs === undefined ? {} : { endedAtMs: episode.endedAtMs }),
  }
}

/** By default the last episode with what led to it and a while after. */
function spanOf(
  { fromMs, toMs }: DetailSpan,
  { activeAtMs, firedAtMs, endedAtMs }: Times,
  { nowMs, forMs }: { readonly nowMs: number; readonly forMs: number },
): { readonly fromMs: number; readonly toMs: number } {
  const beganMs = activeAtMs ?? (firedAtMs === undefined ? nowMs - 60 * minuteMs : firedAtMs - forMs)
  const untilMs = toMs ?? (endedAtMs === undefined ? nowMs : Math.min(nowMs, endedAtMs + 30 * minuteMs))
  return { fromMs: Math.min(fromMs ?? beganMs - 10 * minuteMs, untilMs), toMs: untilMs }
}

function groupsOf({ groups }: AlertInspection, { machine }: WhyParts): AlertDetail['groups'] {
  const policy = machine()?.policy
  return groups.map(({ group, told }) => ({
    ...{ key: group.key, receiver: group.route.receiver, dueAtMs: group.dueAtMs, hasFlushed: group.hasFlushed },
    integrations: (policy?.destinationsOf(group.route) ?? []).map(({ key }) => key),
    told: [...told].map(([integration, one]) => ({ integration, atMs: one.atMs, firing: one.firing.size > 0 })),
    repeatIntervalMs: group.route.repeatIntervalMs,
  }))
}

/** Everything that keeps people from hearing of it now. */
function holdingOf({ alert, groups, folding, hold }: AlertInspection, parts: WhyParts, nowMs: number): AlertHolding[] {
  const machine = parts.machine()
  const found: AlertHolding[] = []
  const inhibition = machine?.inhibitor.isInhibited(alert.labels, nowMs)
  if (inhibition !== undefined) {
    const names = inhibition.by.map((by) => machine?.alerts.get(by)?.alert.labels.get('alertname') ?? by)
    const text = `Muted by ${names.join(', ')}, which fires.`
    found.push({ stage: 'inhibited', by: [...inhibition.by], text })
  }
  for (const id of parts.silences.silencesOf(alert.labels, nowMs)) {
    const silence = parts.silences.find(id)
    const text = `Silenced by ${silence?.createdBy ?? id}: ${silence?.comment ?? ''}`
    found.push({ stage: 'silenced', by: [id], text, ...(silence === undefined ? {} : { untilMs: silence.endsAtMs }) })
  }
  for (const { group } of groups) {
    const by = machine === undefined ? [] : mutingIntervals(machine.policy, group.route, nowMs)
    const { receiver } = group.route
    if (by.length > 0)
      found.push({ stage: 'muted', by: [...by], text: `Muted at this time: ${by.join(', ')}.`, receiver })
  }
  if (folding !== undefined) {
    const cause = machine?.alerts.get(folding.under)?.alert.labels.get('alertname') ?? folding.under
    found.push({
      stage: 'folded',
      by: [folding.under],
      text: `Told with ${cause}, since it depends on ${folding.because}.`,
    })
  }
  if (hold !== undefined)
    found.push({ stage: 'throttled', by: [], text: `Not told again yet: ${hold.why}.`, untilMs: hold.untilMs })
  const taken = parts.acknowledgements().of(alert.fingerprint)
  if (taken !== undefined)
    found.push({ stage: 'acknowledged', by: [taken.by], text: `${taken.by} has taken it: no repeats, no escalation.` })
  return found
}
