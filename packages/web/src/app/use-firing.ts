import { useQuery } from '@tanstack/react-query'
import { alertsSummaryQuery } from '../data/alerts.ts'

/** Alerts are asked for on every page, live or not: what is on fire does not wait for a reload. */
export const alertsEveryMs = 10_000

/** How many alerts fire that nothing holds back. */
export function useFiringCount(): number {
  const { data } = useQuery({ ...alertsSummaryQuery, refetchInterval: alertsEveryMs })
  return data === undefined ? 0 : data.counts.open + data.counts.taken
}
