// What the test button sends: looks like an alert, and says that it is none.
import { fingerprintOf } from '@tidewatch/alertmanager/fingerprint.ts'
import { Labels } from '@tidewatch/core/labels.ts'
import type { Notification } from './port.ts'

export function testNotification(
  receiver: string,
  { externalUrl, nowMs, by }: { readonly externalUrl: string; readonly nowMs: number; readonly by: string },
): Notification {
  const labels = { alertname: 'TidewatchTest', severity: 'info' }
  const annotations = {
    summary: 'This is a test from Tidewatch.',
    description: `Nothing is wrong. ${by} tried the channel "${receiver}".`,
  }
  const alerts = `${externalUrl}/alerts`
  return {
    receiver,
    status: 'firing',
    reason: 'test',
    severity: 'low',
    groupKey: `test/${receiver}/${nowMs}`,
    groupLabels: { alertname: labels.alertname },
    commonLabels: labels,
    commonAnnotations: annotations,
    externalUrl,
    links: { alert: alerts, acknowledge: alerts, silence: alerts },
    alerts: [
      {
        ...{ status: 'firing', labels, annotations, startsAtMs: nowMs, endsAtMs: undefined, generatorUrl: alerts },
        fingerprint: fingerprintOf(Labels.from(labels)),
      },
    ],
    truncatedAlerts: 0,
  }
}
