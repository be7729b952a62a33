// Alerts that fire, as routes group them, and all that is known of one.
import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { alertDetail } from '@tidewatch/api/alert-why.ts'
import { alertGroups, type GettableAlert, gettableAlerts } from '@tidewatch/api/alertmanager.ts'
import { type State, severityState } from '../ui/glyph.tsx'
import { callAlertmanager, callOurs } from './client.ts'

export const alertsKey = ['alerts'] as const

/** All that fire, from rules and from other senders, those that are held back too. */
export const firingQuery = queryOptions({
  queryKey: [...alertsKey, 'firing'],
  queryFn: ({ signal }) => callAlertmanager('/alerts', { schema: gettableAlerts, signal }),
})

/** Groups of those that all matchers match; each is a text. */
export function alertGroupsQuery(matchers: readonly string[]) {
  return queryOptions({
    queryKey: [...alertsKey, 'groups', matchers],
    queryFn: ({ signal }) => {
      const text = new URLSearchParams(matchers.map((matcher) => ['filter', matcher])).toString()
      return callAlertmanager(`/alerts/groups${text === '' ? '' : `?${text}`}`, { schema: alertGroups, signal })
    },
    placeholderData: keepPreviousData,
  })
}

/** One alert with its time line; also one that has ended. */
export function alertDetailQuery(fingerprint: string) {
  return queryOptions({
    queryKey: [...alertsKey, 'one', fingerprint],
    queryFn: ({ signal }) => callOurs(`/alerts/${encodeURIComponent(fingerprint)}`, { schema: alertDetail, signal }),
    placeholderData: (before, query) => (query?.queryKey[2] === fingerprint ? before : undefined),
  })
}

/** Those that people are told of, the worst first: nothing holds them back. */
export const openAlerts = (alerts: readonly GettableAlert[]): GettableAlert[] =>
  alerts.filter(({ status }) => status.state !== 'suppressed').sort(compareFiring)

type Labelled = Pick<GettableAlert, 'labels' | 'annotations'>

export const nameOf = ({ labels }: Pick<Labelled, 'labels'>): string => labels.alertname ?? 'Alert without a name'

/** What a person reads first; empty where the sender said nothing. */
export const sentenceOf = ({ annotations }: Pick<Labelled, 'annotations'>): string =>
  annotations.summary ?? annotations.message ?? annotations.description ?? ''

export const severityOf = ({ labels }: Pick<Labelled, 'labels'>): State => severityState(labels.severity)

export const severityOrder: readonly State[] = ['critical', 'high', 'warning', 'info']

/** The worst first, then what fires longest. */
export function compareFiring(a: GettableAlert, b: GettableAlert): number {
  return (
    severityOrder.indexOf(severityOf(a)) - severityOrder.indexOf(severityOf(b)) ||
    Date.parse(a.startsAt) - Date.parse(b.startsAt) ||
    (a.fingerprint < b.fingerprint ? -1 : 1)
  )
}

export const alertHref = (fingerprint: string): string => `/alerts/${fingerprint}`
