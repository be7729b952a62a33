// "Why did it, why didn't it fire" over HTTP.
import {
  alertDetail,
  alertDetailQuery,
  alertFingerprintParams,
  alertPast,
  alertWhy,
  alertWhyQuery,
} from '@tidewatch/api/alert-why.ts'
import { defineRoute, type RequestContext, type Route } from '../../http/port.ts'
import { readLabelPairs } from '../history/label-pairs.ts'
import { describeAlert } from './detail.ts'
import type { Asker } from './parts.ts'
import { describePast, type PastParts } from './past.ts'
import { explain } from './why.ts'

const base = '/api/tidewatch/v1/alerts'
const common = { method: 'GET', permission: 'view', errors: 'tidewatch' } as const

export function createWhyRoutes(parts: PastParts): Route[] {
  return [
    defineRoute({
      ...{ ...common, path: `${base}/:fingerprint`, params: alertFingerprintParams, query: alertDetailQuery },
      response: alertDetail,
      summary: 'One alert: as it is now, who hears of it, what holds it back, what comes next, and its time line',
      handle: async ({ params, query: { from, to }, ...context }) => ({
        body: await describeAlert(params.fingerprint, { fromMs: from, toMs: to }, parts, askerOf(context)),
      }),
    }),
    defineRoute({
      ...{ ...common, path: `${base}/:fingerprint/past`, params: alertFingerprintParams, response: alertPast },
      summary: 'When one alert fired in the last 30 days, and what happened shortly before it began',
      handle: async ({ params }) => ({ body: await describePast(params.fingerprint, parts) }),
    }),
    defineRoute({
      ...{ ...common, path: `${base}/why`, query: alertWhyQuery, response: alertWhy },
      summary: 'Why a rule fired at a time, or did not: its query then, its evaluations, and what became of its alerts',
      handle: async ({ query: { rule, at, label }, ...context }) => ({
        body: await explain({ rule, atMs: at, labels: readLabelPairs(label) }, parts, askerOf(context)),
      }),
    }),
  ]
}

const askerOf = ({ identity, signal }: Pick<RequestContext, 'identity' | 'signal'>): Asker => ({
  ...{ projects: identity.projects, user: identity.name, signal },
})
