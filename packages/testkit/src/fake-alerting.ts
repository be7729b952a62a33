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
  readonly alerts?: readonly {
    readonly labels: Readonly<Record<string, string>>
    readonly annotations: Readonly<Record<string, string>>
    readonly state: string
    readonly value: string
  }[]
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

/** What the page asks of all that fires: one alert of one group, another one on its way. */
function firingAnswers(nowMs: number, isFiring: boolean): Readonly<Record<string, unknown>> {
  const groups = fakeRules(nowMs, isFiring) as readonly { readonly rules: readonly unknown[] }[]
  const rules = groups.flatMap(({ rules: all }) => all as readonly RuleShown[])
  const alertsIn = (wanted: string) =>
    rules.flatMap((rule) =>
      (rule.alerts ?? []).filter(({ state }) => state === wanted).map((alert) => ({ rule, alert })),
    )
  const rowOf = ({ rule, alert }: ReturnType<typeof alertsIn>[number]) => ({
    ...{ fingerprint, name: rule.name, sentence: alert.annotations.summary ?? '', labels: alert.labels },
    severity: alert.labels.severity === 'warning' ? 'medium' : 'critical',
    value: Number(alert.value),
  })
  const rows = alertsIn('firing').map((one) => ({
    ...{ ...rowOf(one), standing: 'open', startsAtMs: nowMs - 8 * minuteMs, silences: 0, mutedBy: [] },
  }))
  const waiting = alertsIn('pending').map((one) => ({
    ...{ ...rowOf(one), sinceMs: nowMs - 4 * minuteMs, forMs: (one.rule.duration ?? 0) * 1000 },
  }))
  const counts = { open: rows.length, taken: 0, suppressed: 0 }
  const pending = { total: waiting.length, rows: waiting }
  const shown = rows.length === 0 ? [] : [{ id: 'team', receiver: 'team', labels: {}, total: rows.length, rows }]
  return {
    firing: { counts, receivers: rows.length === 0 ? [] : ['team'], groupCount: shown.length, groups: shown },
    'firing/labels': {
      ...{ alerts: rows.map(({ labels }) => ({ fingerprint, labels, taken: false })), truncated: false },
    },
    pending,
    silenced: {},
    summary: {
      ...{ counts, severities: { critical: rows.length, high: 0, medium: 0, low: 0 }, worst: rows, pending },
      ...(rows[0] === undefined ? {} : { next: rows[0] }),
      rules: { total: rules.length, failing: isFiring ? 1 : 0 },
    },
  }
}

const nothing = { counts: { open: 0, taken: 0, suppressed: 0 }, pending: { total: 0, rows: [] } }
/** Before there is any rule. */
const emptyAnswers: Readonly<Record<string, unknown>> = {
  firing: { counts: nothing.counts, receivers: [], groupCount: 0, groups: [] },
  'firing/labels': { alerts: [], truncated: false },
  pending: nothing.pending,
  silenced: {},
  summary: {
    ...{ ...nothing, severities: { critical: 0, high: 0, medium: 0, low: 0 }, worst: [] },
    rules: { total: 0, failing: 0 },
  },
}

const past = (nowMs: number) => ({
  ...{ suspects: [], fromMs: nowMs - 30 * 86_400_000, toMs: nowMs },
  episodes: [{ firedAtMs: nowMs - 8 * minuteMs, severity: 'critical' }],
})

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
  const asked = /^\/api\/tidewatch\/v1\/alerts\/(.+)$/.exec(path)?.[1] ?? ''
  const answers = state.empty ? emptyAnswers : firingAnswers(nowMs, state.firing)
  if (method === 'GET' && answers[asked] !== undefined) return ok(answers[asked])
  switch (`${method} ${path}`) {
    case `GET /api/tidewatch/v1/alerts/${fingerprint}/past`:
      return ok(past(nowMs))
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
