// What an alert did in the last 30 days, and what happened shortly before it began: a person's first questions after "what".
import type { AlertPast, AlertSuspect } from '@tidewatch/api/alert-why.ts'
import type { Episode } from '../history/read.ts'
import { alertingRules, ruleOfLabels, type WhyParts } from './parts.ts'

/** Something that a person did to this installation. */
export interface Change {
  readonly atMs: number
  readonly who: string
  /** `silence.set` and the like. */
  readonly action: string
  readonly subject: string
}

/** A release of a service that began to run. */
export interface Deployed {
  readonly atMs: number
  readonly service: string
  readonly environment: string
  readonly release: string
}

export interface PastParts extends WhyParts {
  readonly deploys: (fromMs: number, toMs: number) => Promise<readonly Deployed[]>
  /** What was changed between two moments, sign-ins and the like left out. */
  readonly changes: (fromMs: number, toMs: number) => Promise<readonly Change[]>
}

const spanMs = 30 * 86_400_000
const mostEpisodes = 500
/** What is older is no cause any more. */
const beforeMs = 30 * 60_000
/** Two that have one cause begin within an evaluation of one another. */
const afterMs = 60_000
const mostSuspects = 10
/** Alerts of the half hour that are looked at. */
const mostLookedAt = 200
/** Labels by which two alerts are about the same thing. */
const ownNames = new Set(['alertname', 'severity'])

export async function describePast(fingerprint: string, parts: PastParts): Promise<AlertPast> {
  const { episodes, clock } = parts
  const toMs = clock.nowMs()
  const fromMs = toMs - spanMs
  const own = (await episodes.page({ fromMs, toMs, fingerprint }, { limit: mostEpisodes })).episodes
  const [last] = own
  const shown = own.map(({ firedAtMs, endedAtMs, acknowledgedAtMs, severity }) => ({
    ...{ firedAtMs, severity },
    ...(endedAtMs === undefined ? {} : { endedAtMs }),
    ...(acknowledgedAtMs === undefined ? {} : { acknowledgedAtMs }),
  }))
  if (last === undefined) return { fromMs, toMs, suspects: [], episodes: shown }
  const rule = ruleOfLabels(alertingRules(parts), last.labels)
  const beganMs = last.firedAtMs - (rule?.rule.forMs ?? 0)
  return { fromMs, toMs, beganMs, suspects: await suspectsOf(last, beganMs, parts), episodes: shown }
}

async function suspectsOf(alert: Episode, beganMs: number, parts: PastParts): Promise<AlertSuspect[]> {
  const [fromMs, toMs] = [beganMs - beforeMs, Math.max(alert.firedAtMs, beganMs + afterMs)]
  const near = await parts.episodes.page({ fromMs, toMs }, { limit: mostLookedAt })
  const others = near.episodes
    .filter(({ firedAtMs, fingerprint }) => fingerprint !== alert.fingerprint && firedAtMs >= fromMs)
    .map((one) => ({ one, shared: sharedLabels(one.labels, alert.labels) }))
    .sort((a, b) => b.shared.length - a.shared.length || b.one.firedAtMs - a.one.firedAtMs)
    .slice(0, mostSuspects)
  const alerts = await Promise.all(
    others.map(async ({ one, shared }) => ({
      suspect: await toSuspect(one, shared, parts),
      near: Math.min(1, shared.length),
    })),
  )
  const changes = (await parts.changes(fromMs, toMs)).slice(0, mostSuspects).map((change) => ({
    suspect: {
      ...({
        kind: 'change',
        atMs: change.atMs,
        title: change.action,
        text: `${change.who}: ${change.subject}`,
      } as const),
    },
    near: 1,
  }))
  const deployed = (await parts.deploys(fromMs, toMs + 1))
    .slice(0, mostLookedAt)
    .map((one) => deploySuspect(one, alert))
  // what is new of the very service first, what is about the same thing, then what hardly ever happens, then what was last
  return [...deployed, ...changes, ...alerts]
    .sort((a, b) => b.near - a.near || timesOf(a.suspect) - timesOf(b.suspect) || b.suspect.atMs - a.suspect.atMs)
    .slice(0, mostSuspects)
    .map(({ suspect }) => suspect)
}

/** Labels by which an alert says what it is about, as far as deploys know it. */
const serviceLabels = ['service', 'service_name', 'job', 'app']
const placeLabels = ['environment', 'env', 'deployment_environment']

function deploySuspect({ atMs, service, environment, release }: Deployed, { labels }: Episode) {
  const isOf = serviceLabels.some((name) => labels[name] === service)
  const place = placeLabels.map((name) => labels[name]).find((value) => value !== undefined)
  const isElsewhere = environment !== '' && place !== undefined && place !== environment
  const where = environment === '' ? '' : ` in ${environment}`
  const suspect: AlertSuspect = { kind: 'deploy', atMs, title: `deploy of ${service}`, text: `${release}${where}` }
  return { suspect, near: isOf && !isElsewhere ? 2 : 0 }
}

const timesOf = ({ timesBefore = 0 }: AlertSuspect): number => timesBefore

/** `name=value` that both have. */
const sharedLabels = (a: Episode['labels'], b: Episode['labels']): string[] =>
  Object.entries(a)
    .filter(([name, value]) => !ownNames.has(name) && b[name] === value)
    .map(([name, value]) => `${name}=${value}`)

async function toSuspect(one: Episode, shared: readonly string[], { episodes }: PastParts): Promise<AlertSuspect> {
  const { fingerprint, firedAtMs, severity } = one
  const before = { fromMs: firedAtMs - spanMs, toMs: firedAtMs - 1, fingerprint }
  const { episodes: former } = await episodes.page(before, { limit: 100 })
  const alike = shared.length === 0 ? '' : `, also of ${shared.slice(0, 3).join(', ')}`
  const text = `${severity}${alike}`
  return { kind: 'alert', atMs: firedAtMs, title: one.name, text, fingerprint, timesBefore: former.length }
}
