// That nobody took an escalation is itself an alert.
import { Labels } from '@tidewatch/core/labels.ts'
import type { Alert } from '../../alerting/port.ts'
import { reached } from './escalation.ts'
import type { EscalationRow } from './state.ts'

export const missedAlertName = 'EscalationMissed'
/** It is handed on again each minute while it lasts; without that it ends by itself. */
const validForMs = 300_000
const longestGroup = 500

/** Of an escalation that was missed; with an end where it no longer is. */
export function missedAlert(row: EscalationRow, externalUrl: string, endsAtMs: number | undefined): Alert {
  const { escalation, notification, policy, groupKey } = row
  const name = notification.groupLabels.alertname ?? notification.commonLabels.alertname ?? 'alerts'
  const called = reached(escalation).map((one) => one.name)
  const whom = called.length === 0 ? 'nobody was on call' : `${called.join(', ')} were called`
  return {
    labels: Labels.from({
      alertname: missedAlertName,
      severity: 'critical',
      policy,
      missed: name,
      group: groupKey.slice(0, longestGroup),
    }),
    annotations: {
      summary: `Nobody took ${name}: ${whom}.`,
      description: `All steps of the escalation policy ${policy} are over and the alerts still fire. Take them at ${notification.links.alert}.`,
    },
    startsAtMs: escalation.endedAtMs ?? escalation.openedAtMs,
    endsAtMs,
    generatorUrl: `${externalUrl}/alerts`,
    validForMs,
  }
}
