// Alerts that belong together become one notification: what was told to people, and what is new. The seam where inhibit, silence and route will
// stand is `deliver`: they decide which alerts come this far and to which receivers.
import { createHash } from 'node:crypto'
import type { Labels } from '@tidewatch/core/labels.ts'
import { severityOf, unstatedSeverity, worstSeverity } from '@tidewatch/core/severity.ts'
import type { Notification, NotificationReason, NotifiedAlert } from '../notify/port.ts'
import type { Alert } from './port.ts'

/** What a group has told people, kept over restarts. Times in ms; by the alerts' fingerprint. */
export interface GroupMemory {
  readonly key: string
  /** Alerts that were told to be firing. */
  readonly told: ReadonlyMap<string, NotifiedAlert>
  readonly toldAtMs: number
}

/** While nothing changes a group that fires is told again so often. */
export const repeatIntervalMs = 4 * 3_600_000

const groupLabel = 'alertname'

/** Alertmanager's 64-bit FNV-1a over the sorted labels, as 16 hex digits. */
export function fingerprint(labels: Labels): string {
  const separator = 0xff
  let hash = 0xcbf29ce484222325n
  const add = (byte: number): void => {
    hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & 0xffffffffffffffffn
  }
  for (const text of labels.flat) {
    for (const byte of Buffer.from(text)) add(byte)
    add(separator)
  }
  return hash.toString(16).padStart(16, '0')
}

/** The group an alert belongs to: those of one name. */
export function groupKeyOf(alert: Alert): string {
  return `{}:{${groupLabel}=${JSON.stringify(alert.labels.get(groupLabel))}}`
}

export interface GroupDecision {
  readonly notification: Notification | undefined
  readonly memory: GroupMemory
}

/**
 * What to tell of a group after some of its alerts came in. Pure. A notification carries all that fires, and what has ended since the last one;
 * there is none where nothing changed and the repeat interval is not over.
 */
export function decide(
  memory: GroupMemory,
  incoming: readonly Alert[],
  externalUrl: string,
  nowMs: number,
): GroupDecision {
  const told = new Map(memory.told)
  const ended: NotifiedAlert[] = []
  let isNews = false
  for (const alert of incoming) {
    const shown = notified(alert)
    const known = told.get(shown.fingerprint)
    if (shown.status === 'firing') {
      // the same labels firing since another moment: the end between was never seen
      isNews ||= known === undefined || known.startsAtMs !== shown.startsAtMs
      told.set(shown.fingerprint, shown)
    } else if (known !== undefined) {
      told.delete(shown.fingerprint)
      ended.push(shown)
      isNews = true
    }
  }
  const isRepeat = told.size > 0 && nowMs - memory.toldAtMs >= repeatIntervalMs
  if (!isNews && !isRepeat) return { notification: undefined, memory: { ...memory, told } }
  const alerts = [...told.values(), ...ended]
  const status = told.size > 0 ? 'firing' : 'resolved'
  const reason =
    status === 'resolved' ? 'resolved' : isRepeat && !isNews ? 'repeat' : memory.told.size === 0 ? 'firing' : 'changed'
  const notification = toNotification({ key: memory.key, alerts, status, reason, externalUrl })
  return { notification, memory: { key: memory.key, told, toldAtMs: nowMs } }
}

function notified(alert: Alert): NotifiedAlert {
  return {
    status: alert.endsAtMs === undefined ? 'firing' : 'resolved',
    labels: alert.labels.toObject(),
    annotations: alert.annotations,
    startsAtMs: alert.startsAtMs,
    endsAtMs: alert.endsAtMs,
    generatorUrl: alert.generatorUrl,
    fingerprint: fingerprint(alert.labels),
  }
}

interface GroupNews {
  readonly key: string
  readonly alerts: readonly NotifiedAlert[]
  readonly status: Notification['status']
  readonly reason: NotificationReason
  readonly externalUrl: string
}

function toNotification({ key, alerts, status, reason, externalUrl }: GroupNews): Notification {
  const name = alerts[0]?.labels[groupLabel]
  const page = `${externalUrl}/alerts`
  return {
    receiver: '',
    status,
    reason,
    severity:
      worstSeverity(alerts.map(({ labels }) => severityOf(labels.severity ?? '') ?? unstatedSeverity)) ??
      unstatedSeverity,
    links: { alert: page, acknowledge: page, silence: page },
    groupKey: key,
    groupLabels: name === undefined ? {} : { [groupLabel]: name },
    commonLabels: inAll(alerts.map(({ labels }) => labels)),
    commonAnnotations: inAll(alerts.map(({ annotations }) => annotations)),
    externalUrl,
    alerts,
    truncatedAlerts: 0,
  }
}

/** The pairs that all have. */
function inAll(all: readonly Readonly<Record<string, string>>[]): Record<string, string> {
  const [first = {}, ...rest] = all
  return Object.fromEntries(
    Object.entries(first).filter(([name, value]) => rest.every((other) => other[name] === value)),
  )
}

/** Stable over restarts and different for each new state of a group: a channel with a key of its own can tell a repeat by it. */
export function notificationId(notification: Notification, receiver: string, nowMs: number): string {
  return createHash('sha256').update(`${receiver}\n${notification.groupKey}\n${nowMs}`).digest('hex').slice(0, 32)
}
