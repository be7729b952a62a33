// A machine over a written alertmanager.yml, for tests.
import { readAlertmanagerConfig } from '@tidewatch/alertmanager/config.ts'
import { Labels } from '@tidewatch/core/labels.ts'
import type { Alert, JournalEntry } from '../port.ts'
import { ChangeRecorder } from './change.ts'
import type { GroupNews } from './flush.ts'
import { DispatchMachine, type DispatchMachineOptions } from './machine.ts'
import type { DispatchPolicy } from './policy.ts'
import { createPolicy } from './routing.ts'

export const startMs = Date.UTC(2026, 0, 1)
export const seconds = (count: number): number => startMs + count * 1000

export function policyOf(yaml: string, sendsResolved = true): DispatchPolicy {
  const read = readAlertmanagerConfig({ name: 'alertmanager.yml', text: yaml })
  if (!read.ok) throw new Error(JSON.stringify(read.problems))
  const { config } = read
  const integrations = [...config.receivers.keys()].map((receiver) => ({
    ...{ key: `${receiver}/webhook[0]`, receiver, sendsResolved },
  }))
  return createPolicy({ config, integrations, channels: [] })
}

export const simpleYaml = `
route: { receiver: team, group_by: [alertname], group_wait: 10s, group_interval: 1m, repeat_interval: 1h }
receivers: [{ name: team }]
`

export function alertOf(labels: Readonly<Record<string, string>>, times: Partial<Alert> = {}): Alert {
  return {
    ...{ labels: Labels.from(labels), annotations: {}, startsAtMs: startMs, endsAtMs: undefined, generatorUrl: '' },
    validForMs: 86_400_000,
    ...times,
  }
}

export interface TestMachine {
  readonly machine: DispatchMachine
  readonly recorder: ChangeRecorder
  readonly steps: JournalEntry[]
  /** Everything that comes out until then, at its moment. */
  until(atMs: number): GroupNews[]
}

export function testMachine(policy: DispatchPolicy, mutes: Partial<DispatchMachineOptions> = {}): TestMachine {
  const steps: JournalEntry[] = []
  const recorder = new ChangeRecorder((entry) => steps.push(entry))
  const machine = new DispatchMachine({
    ...{ policy, recorder, silencesOf: () => [], acknowledgedBy: () => undefined, externalUrl: () => 'http://here' },
    links: () => ({ alert: '', acknowledge: '', silence: '' }),
    ...mutes,
  })
  const until = (atMs: number): GroupNews[] => {
    const news: GroupNews[] = []
    for (let due = machine.nextDueMs(); due !== undefined && due <= atMs; due = machine.nextDueMs()) {
      const told = machine.advance(due)
      recorder.add(told)
      news.push(...told)
    }
    return news
  }
  return { machine, recorder, steps, until }
}

/** `0s firing A B` for each, in order: when it was told, the reason, who it was about. */
export const told = (news: readonly GroupNews[]): string[] =>
  news.map(({ atMs, notification: { reason, alerts, receiver } }) => {
    const names = alerts.map(
      ({ labels, status }) => `${labels.alertname}${labels.i ?? ''}${status === 'resolved' ? '!' : ''}`,
    )
    return `${(atMs - startMs) / 1000}s ${receiver} ${reason} ${names.join(' ')}`
  })
