// The stand-in's alerts of API v2, acknowledgements, silences and one alert's time line, in memory.
import type { FakeAnswer, FakeRequest, FakeState } from './fake-api.ts'
import { fakeRules } from './fake-data.ts'

const fingerprint = '48cfe4044530f0ad'
const minuteMs = 60_000
const ok = (body: unknown): FakeAnswer => ({ status: 200, body })
const iso = (atMs: number): string => new Date(atMs).toISOString()

interface RuleShown {
  readonly type: string
  readonly name: string
  readonly query: string
  readonly duration?: number
  readonly alerts?: readonly { readonly labels: object; readonly annotations: object; readonly state: string }[]
}

function firingRule(nowMs: number): RuleShown | undefined {
  const groups = fakeRules(nowMs, true) as readonly { readonly rules: readonly unknown[] }[]
  const rules = groups.flatMap(({ rules: all }) => all as readonly RuleShown[])
  return rules.find(({ alerts }) => alerts?.some(({ state }) => state === 'firing'))
}

function firingAlerts(nowMs: number) {
  const alert = firingRule(nowMs)?.alerts?.[0]
  if (alert === undefined) return []
  return [
    {
      ...{ fingerprint, labels: alert.labels, annotations: alert.annotations, generatorURL: '' },
      ...{ startsAt: iso(nowMs - 8 * minuteMs), endsAt: iso(nowMs + 8 * minuteMs), updatedAt: iso(nowMs) },
      receivers: [{ name: 'team' }],
      status: { state: 'active', silencedBy: [], inhibitedBy: [], mutedBy: [] },
    },
  ]
}

function alertDetail(nowMs: number) {
  const rule = firingRule(nowMs)
  const alert = rule?.alerts?.[0]
  const [activeAtMs, firedAtMs] = [nowMs - 18 * minuteMs, nowMs - 8 * minuteMs]
  return {
    ...{ fingerprint, name: rule?.name, state: 'firing', severity: 'critical' },
    ...{ labels: alert?.labels, annotations: alert?.annotations, value: '1364', activeAtMs, firedAtMs },
    rule: {
      ...{ name: rule?.name, group: 'chain', file: '/etc/tidewatch/rules/chain.yml', kind: 'prometheus' },
      ...{ query: rule?.query, forMs: 600_000, keepFiringForMs: 0 },
    },
    generatorUrl: '',
    groups: [],
    next: { text: 'team is told again if it still fires.', atMs: nowMs + 60 * minuteMs },
    holding: [],
    fromMs: activeAtMs,
    toMs: nowMs,
    timeline: [
      { atMs: activeAtMs, stage: 'pending', text: 'the condition holds', detail: {} },
      { atMs: firedAtMs, stage: 'firing', text: 'it fires', detail: {} },
    ],
  }
}

/** Undefined where the path is none of these. */
export function answerAlerting({ method, path }: FakeRequest, state: FakeState): FakeAnswer | undefined {
  const nowMs = Date.now()
  const alerts = state.empty || !state.firing ? [] : firingAlerts(nowMs)
  switch (`${method} ${path}`) {
    case 'GET /api/v2/alerts':
      return ok(alerts)
    case 'GET /api/v2/alerts/groups':
      return ok(alerts.length === 0 ? [] : [{ labels: {}, receiver: { name: 'team' }, alerts }])
    case 'GET /api/v2/silences':
      return ok([])
    case 'GET /api/tidewatch/v1/alerts/acknowledgements':
      return ok({ acknowledgements: [] })
    case 'GET /api/tidewatch/v1/rules':
      return ok({ rules: [] })
    case `GET /api/tidewatch/v1/alerts/${fingerprint}`:
      return ok(alertDetail(nowMs))
    default:
      return undefined
  }
}
