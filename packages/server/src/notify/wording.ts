// How Tidewatch itself puts an alert into words, where no template says how.
import { createHash } from 'node:crypto'
import type { Severity } from '@tidewatch/core/severity.ts'
import type { Notification, NotifiedAlert } from './port.ts'

/** The severity as people wrote it, else our word for it. */
export const severityWord = ({ commonLabels, severity }: Notification): string => commonLabels.severity ?? severity

const statement = (texts: Readonly<Record<string, string>>): string | undefined =>
  [texts.summary, texts.title, texts.message, texts.description].find((text) => text !== undefined && text !== '')

/** What it is about, in one line. */
export function headline(notification: Notification): string {
  const { alerts, commonAnnotations, commonLabels, groupLabels } = notification
  const said =
    statement(commonAnnotations) ?? (alerts.length === 1 ? statement(alerts[0]?.annotations ?? {}) : undefined)
  const name = commonLabels.alertname ?? groupLabels.alertname
  const firing = alerts.filter(({ status }) => status === 'firing').length
  const count = firing > 1 ? `${firing} alerts: ` : ''
  const line = said ?? name ?? Object.values(groupLabels).join(' ')
  return oneLine(`${count}${line === '' ? 'alert' : line}`)
}

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim()

/** The name of the rule, or what there is in its place. */
export const alertName = ({ commonLabels, groupLabels }: Notification): string =>
  commonLabels.alertname ?? groupLabels.alertname ?? Object.values(groupLabels)[0] ?? 'alert'

/** `RESOLVED`, or the severity in capitals. */
export const stateWord = (notification: Notification): string =>
  notification.status === 'resolved' ? 'RESOLVED' : severityWord(notification).toUpperCase()

/** The longer text: the description that all have in common, else a line for each alert. */
export function bodyText(notification: Notification, mostAlerts = 10): string {
  const { alerts, commonAnnotations } = notification
  const common = commonAnnotations.description ?? commonAnnotations.message ?? commonAnnotations.summary
  if (common !== undefined && common !== '') return common
  const lines = alerts.slice(0, mostAlerts).map((alert) => alertLine(alert, notification))
  const more = alerts.length - lines.length + notification.truncatedAlerts
  return [...lines, ...(more > 0 ? [`and ${more} more`] : [])].join('\n')
}

function alertLine(alert: NotifiedAlert, { commonLabels }: Notification): string {
  const own = Object.entries(alert.labels).filter(([name]) => commonLabels[name] === undefined)
  const labels = own.map(([name, value]) => `${name}=${value}`).join(' ')
  const text = [statement(alert.annotations) ?? alert.labels.alertname, labels].filter(
    (part) => part !== undefined && part !== '',
  )
  return `${alert.status === 'resolved' ? 'resolved: ' : ''}${text.join(' — ')}`
}

/** What a person may want to know beside the text: labels, what differs between the alerts, the links. */
export function detailsOf({ status, commonLabels, commonAnnotations, alerts }: Notification): object {
  const others = Object.fromEntries(
    Object.entries(commonAnnotations).filter(
      ([name]) => !['summary', 'description', 'message', 'title'].includes(name),
    ),
  )
  return {
    ...(status === 'resolved' ? { status } : {}),
    ...commonLabels,
    ...others,
    ...(alerts.length > 1 ? { alerts: alerts.length } : {}),
  }
}

/** When it began: the first of what fires, or when the last one ended. */
export function momentMs({ status, alerts }: Notification, nowMs: number): number {
  const times = alerts.flatMap(({ startsAtMs, endsAtMs }) => (status === 'resolved' ? (endsAtMs ?? []) : startsAtMs))
  if (times.length === 0) return nowMs
  return status === 'resolved' ? Math.max(...times) : Math.min(...times)
}

const colours: Readonly<Record<Severity, string>> = {
  critical: '#ff0000',
  high: '#ff0000',
  medium: '#ff9800',
  low: '#36a64f',
}

/** `#rrggbb` by severity; what has ended is green. */
export const colourOf = ({ status, severity }: Notification): string =>
  status === 'resolved' ? colours.low : colours[severity]

/** At most so many characters (code points), the last of them an ellipsis where something was cut. */
export function cut(text: string, most: number): string {
  // a code point has at most two units
  if (text.length <= most) return text
  const points = [...text]
  return points.length <= most ? text : `${points.slice(0, Math.max(0, most - 1)).join('')}…`
}

/** At most so many bytes of UTF-8, without half characters. */
export function cutBytes(text: string, mostBytes: number): string {
  if (Buffer.byteLength(text) <= mostBytes) return text
  const ellipsis = '…'
  const room = Math.max(0, mostBytes - Buffer.byteLength(ellipsis))
  return `${new TextDecoder('utf-8', { ignoreBOM: true }).decode(Buffer.from(text).subarray(0, room), { stream: true })}${ellipsis}`
}

/** SHA-256 of a group's key in hex: the key by which PagerDuty and Opsgenie know a group, as Alertmanager makes it. */
export const groupHash = (groupKey: string): string => createHash('sha256').update(groupKey).digest('hex')

/** Whether people elsewhere can open it: chats refuse buttons that lead to a local name. */
export function isPublicLink(link: string): boolean {
  const url = URL.parse(link)
  return (
    url !== null &&
    /^https?:$/.test(url.protocol) &&
    url.hostname.includes('.') &&
    !/^(?:127\.|0\.0\.0\.0)/.test(url.hostname)
  )
}
