// How long the templates of notifications take: a group of 10,000 alerts through the mail and the chat message that are built in, and a short title
// for each of 10,000 notifications. Aimed at: the mail in well under a second.
import {
  type NotificationAlert,
  type NotificationData,
  NotificationTemplates,
} from '@tidewatch/template/notification-templates.ts'

const count = 10_000
const startsAt = Date.UTC(2026, 0, 31, 10)

function alertOf(i: number): NotificationAlert {
  return {
    status: i % 5 === 0 ? 'resolved' : 'firing',
    labels: {
      alertname: 'InstanceDown',
      cluster: 'eu-1',
      instance: `node-${i}:9100`,
      job: 'node',
      severity: 'critical',
    },
    annotations: { summary: `node-${i} is down`, runbook: 'https://runbooks.example/instance-down?from=alert&id=1' },
    startsAt,
    endsAt: i % 5 === 0 ? startsAt + 60_000 : undefined,
    generatorURL: 'https://prometheus.example/graph?g0.expr=up+%3D%3D+0&g0.tab=1',
    fingerprint: i.toString(16).padStart(16, '0'),
  }
}

function groupOf(size: number): NotificationData {
  return {
    receiver: 'team',
    status: 'firing',
    alerts: Array.from({ length: size }, (_, i) => alertOf(i)),
    groupLabels: { alertname: 'InstanceDown' },
    commonLabels: { alertname: 'InstanceDown', cluster: 'eu-1', job: 'node', severity: 'critical' },
    commonAnnotations: {},
    externalURL: 'https://tidewatch.example',
  }
}

const templates = NotificationTemplates.parse([])

/** Runs twice to warm up, then three times; prints the best, with the data's conversion in it. */
function measure(name: string, run: () => string): void {
  let best = Number.POSITIVE_INFINITY
  let size = 0
  for (let round = 0; round < 5; round++) {
    const start = performance.now()
    size = run().length
    if (round >= 2) best = Math.min(best, performance.now() - start)
  }
  console.log(`${name.padEnd(40)} ${best.toFixed(0).padStart(6)} ms  ${(size / 1024).toFixed(0)} KiB`)
}

measure(`${count} alerts, mail`, () => templates.html('{{ template "email.default.html" . }}', groupOf(count)))
measure(`${count} alerts, Telegram`, () =>
  templates.text('{{ template "telegram.default.message" . }}', groupOf(count)),
)
measure(`${count} alerts, as JSON`, () => templates.text('{{ toJson . }}', groupOf(count)))
const groups = Array.from({ length: count }, () => groupOf(1))
measure(`${count} titles`, () =>
  groups.map((data) => templates.text('{{ template "slack.default.title" . }}', data)).join(''),
)

const cold = performance.now()
NotificationTemplates.parse([]).html('{{ template "email.default.html" . }}', groupOf(1))
console.log(`templates built in, parsed and one mail: ${(performance.now() - cold).toFixed(1)} ms`)
