import { useQuery } from '@tanstack/react-query'
import { liveAlerts, rulesQuery } from '../data/rules.ts'

/** Alerts are asked for on every page, live or not: what is on fire does not wait for a reload. */
export const rulesEveryMs = 10_000

/** How many alerts fire. */
export function useFiringCount(): number {
  const { data } = useQuery({ ...rulesQuery, refetchInterval: rulesEveryMs })
  return data === undefined ? 0 : liveAlerts(data).filter((live) => live.state === 'firing').length
}
