// The way from alerts to the outbox. First 10,000 alerts posted in 100 requests: routed, grouped and kept, as the product does it but for HTTP; the
// aim is 2 s and 100 MB more memory. Then, with those 10,000 active, a critical alert with a group_wait of 0 s from its delivery to the row of the
// outbox; the aim is below 1 s to the receiver's server, of which this is our part.
//   node --expose-gc bench/src/dispatch.ts
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readAlertmanagerConfig } from '@tidewatch/alertmanager/config.ts'
import { systemClock as clock } from '@tidewatch/core/clock.ts'
import { readPostedAlerts } from '@tidewatch/server/alerting/alertmanager-api/posted.ts'
import { Dispatcher } from '@tidewatch/server/alerting/dispatch/live.ts'
import { createPolicy } from '@tidewatch/server/alerting/dispatch/routing.ts'
import { createDispatchStore, dispatchState } from '@tidewatch/server/alerting/dispatch/state.ts'
import { Journal, journalState } from '@tidewatch/server/alerting/journal.ts'
import { enqueueNotification } from '@tidewatch/server/notify/outbox-rows.ts'
import { notifyState } from '@tidewatch/server/notify/state.ts'
import { createLogger } from '@tidewatch/server/self/logger.ts'
import { createStateStore } from '@tidewatch/server/state/store.ts'

const alertCount = 10_000
const requests = 100

const yaml = `
route:
  receiver: team
  group_by: [alertname, cluster]
  group_wait: 30s
  routes:
    - { receiver: critical, matchers: [severity="critical"], group_wait: 0s, group_interval: 1s }
${Array.from({ length: 40 }, (_, i) => `    - { receiver: team, matchers: [service="service-${i}"] }`).join('\n')}
inhibit_rules:
${Array.from({ length: 100 }, (_, i) => `  - { source_matchers: [alertname="Down${i}"], target_matchers: [alertname=~"Slow${i}|Late${i}"], equal: [instance] }`).join('\n')}
receivers: [{ name: team }, { name: critical }]
`

function policyOf(): ReturnType<typeof createPolicy> {
  const read = readAlertmanagerConfig({ name: 'alertmanager.yml', text: yaml })
  if (!read.ok) throw new Error(JSON.stringify(read.problems))
  const integrations = ['team', 'critical'].map((receiver) => ({
    ...{ key: `${receiver}/webhook[0]`, receiver, sendsResolved: true },
  }))
  return createPolicy({ config: read.config, integrations, channels: [] })
}

const bodies = Array.from({ length: requests }, (_, request) =>
  JSON.stringify(
    Array.from({ length: alertCount / requests }, (_, i) => {
      const number = request * (alertCount / requests) + i
      return {
        labels: {
          alertname: `Slow${number % 200}`,
          ...{ cluster: `eu-${number % 10}`, instance: `node-${number}:9100`, job: 'node' },
          ...{ service: `service-${number % 60}`, severity: 'warning' },
        },
        annotations: { summary: `node-${number} is slow`, runbook: `https://runbooks.example/slow/${number % 200}` },
        generatorURL: 'http://prometheus.example/graph?g0.expr=up',
      }
    }),
  ),
)

const memoryMb = (): number => {
  globalThis.gc?.()
  return process.memoryUsage().rss / 2 ** 20
}

async function main(): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'tidewatch-bench-'))
  const logger = createLogger({ clock, format: 'json', level: 'error', write: () => undefined })
  const features = [dispatchState, journalState, notifyState]
  const state = await createStateStore({ dataDir, databaseUrl: undefined, env: {}, features, clock, logger })
  const journal = new Journal({ state, clock })
  let onWake = (): void => {}
  const store = createDispatchStore(state, {
    enqueue: (transaction, id, integration, notification, nowMs) =>
      enqueueNotification(
        transaction as Parameters<typeof enqueueNotification>[0],
        id,
        integration,
        notification,
        nowMs,
      ),
  })
  const dispatcher = new Dispatcher(policyOf(), {
    ...{ store, clock, journal, silencesOf: () => [], acknowledgedBy: () => undefined, externalUrl: () => '' },
    notifications: { wake: () => onWake() },
    links: () => ({ alert: '', acknowledge: '', silence: '' }),
    onFailure: (error) => console.error(error),
  })
  const stop = new AbortController()
  const ready = Promise.withResolvers<void>()
  const running = [dispatcher.run(stop.signal, ready.resolve), journal.run(stop.signal)]
  await ready.promise
  const beforeMb = memoryMb()
  const startMs = clock.monotonicMs()
  const cpu = process.cpuUsage()
  for (const body of bodies) {
    const { good } = readPostedAlerts(JSON.parse(body), { mode: 'fallback', nowMs: clock.nowMs() })
    await dispatcher.deliver(good)
  }
  const tookMs = clock.monotonicMs() - startMs
  const { user, system } = process.cpuUsage(cpu)
  const groups = dispatcher.machine?.groups.size
  console.log(
    `${alertCount} alerts in ${requests} requests, ${groups} groups: ${tookMs.toFixed(0)} ms, ` +
      `${((user + system) / 1000).toFixed(0)} ms of processor time, ${(memoryMb() - beforeMb).toFixed(1)} MB more`,
  )
  const waits: number[] = []
  for (let i = 0; i < 50; i++) {
    const told = new Promise<void>((resolve) => {
      onWake = resolve
    })
    const beginMs = clock.monotonicMs()
    const labels = { alertname: `Down${i}`, severity: 'critical', instance: `node-${i}` }
    const { good } = readPostedAlerts([{ labels }], { mode: 'fallback', nowMs: clock.nowMs() })
    await dispatcher.deliver(good)
    await told
    waits.push(clock.monotonicMs() - beginMs)
  }
  waits.sort((a, b) => a - b)
  const at = (share: number): string => (waits[Math.floor(waits.length * share)] ?? 0).toFixed(1)
  console.log(`critical beside ${alertCount} active: to the outbox in ${at(0.5)} ms (median), ${at(0.99)} ms (worst)`)
  stop.abort()
  await Promise.all(running)
  await state[Symbol.asyncDispose]()
  rmSync(dataDir, { recursive: true, force: true })
}

await main()
