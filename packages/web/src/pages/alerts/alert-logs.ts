// Lines of logs that belong to an alert: of its service, around the time that it was true. No React here.
import type { AlertDetail } from '@tidewatch/api/alert-why.ts'
import type { Search } from '../../data/search.ts'

/** Labels that name a service, the likeliest first. */
const serviceLabels = ['service', 'service_name', 'job', 'app'] as const
const beforeMs = 900_000
const afterMs = 300_000

/** The search of the page Logs; `nowMs` where the alert is still true. */
export function logsOfAlert(
  detail: Pick<AlertDetail, 'labels' | 'activeAtMs' | 'firedAtMs' | 'endedAtMs'>,
  nowMs: number,
): Search {
  const service = serviceLabels.map((name) => detail.labels[name]).find((value) => value !== undefined && value !== '')
  const startMs = detail.activeAtMs ?? detail.firedAtMs ?? nowMs
  return {
    q: service === undefined ? undefined : `service: "${service.replace(/["\\]/g, '\\$&')}"`,
    from: new Date(startMs - beforeMs).toISOString(),
    to: new Date(Math.min(nowMs, (detail.endedAtMs ?? nowMs) + afterMs)).toISOString(),
    range: undefined,
    live: undefined,
  }
}
