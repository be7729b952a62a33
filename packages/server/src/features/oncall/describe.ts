// What the API shows of on-call.
import type { EscalationItem, OnCallPlanAnswer, ShiftItem } from '@tidewatch/api/oncall.ts'
import type { OnCallPlan } from './port.ts'
import type { Shift } from './schedule.ts'
import type { EscalationRow } from './state.ts'

export function describeShift({ startMs, endMs, onCall }: Shift): ShiftItem {
  const by = onCall?.by
  return {
    startMs,
    endMs,
    person: onCall?.person ?? null,
    layer: by !== undefined && 'layer' in by ? by.layer : null,
    override: by !== undefined && 'override' in by ? by.override : null,
  }
}

export function describeEscalation(row: EscalationRow): EscalationItem {
  const { id, policy, groupKey, escalation, notification, acknowledgedBy } = row
  const { status, openedAtMs, endedAtMs, nextAtMs, steps } = escalation
  return {
    ...{ id, policy, groupKey, status, openedAtMs },
    endedAtMs: endedAtMs ?? null,
    nextAtMs: nextAtMs ?? null,
    acknowledgedBy: acknowledgedBy ?? null,
    groupLabels: notification.groupLabels,
    severity: notification.severity,
    alerts: notification.alerts.length,
    steps: steps.map(({ atMs, number, targets, recipients }) => ({
      ...{ atMs, number: number + 1 },
      targets: [...targets],
      recipients: [...recipients],
    })),
  }
}

export function describePlan({ people, schedules, policies }: OnCallPlan): OnCallPlanAnswer {
  return {
    people: people.map(({ name, timeZone, contacts }) => ({
      name,
      timeZone: timeZone ?? null,
      contacts: contacts.map(({ address, channel }) => ({
        kind: address?.kind ?? 'channel',
        channel: channel ?? null,
      })),
    })),
    schedules: schedules.map(({ name, timeZone, layers }) => ({
      ...{ name, timeZone },
      layers: layers.map((layer) => ({
        name: layer.name,
        people: [...layer.people],
        turnMs: layer.turnMs,
        restricted: layer.windows.length > 0,
      })),
    })),
    policies: policies.map(({ name, repeats, steps }) => ({
      ...{ name, repeats },
      steps: steps.map(({ targets, waitMs }) => ({ targets: [...targets], waitMs })),
    })),
  }
}
