// Who is on call, the calendar, overrides, escalations.
import {
  escalationList,
  escalationQuery,
  feedAnswer,
  feedParams,
  nowQuery,
  onCallNow,
  onCallPlan,
  override as overrideAnswer,
  overrideList,
  overrideParams,
  rangeQuery,
  scheduleParams,
  shiftList,
  writeOverride,
} from '@tidewatch/api/oncall.ts'
import { z } from 'zod'
import { type AuditLog, defineRoute, type Route } from '../../http/port.ts'
import { describeEscalation, describePlan } from './describe.ts'
import type { OnCall } from './oncall.ts'

const base = '/api/tidewatch/v1/oncall'
const common = { errors: 'tidewatch' } as const
const view = { ...common, method: 'GET', permission: 'view' } as const

export function onCallRoutes(onCall: () => OnCall, audit: AuditLog): readonly Route[] {
  return [
    defineRoute({
      ...view,
      path: `${base}/now`,
      summary: 'Who is on call in each schedule, until when, and who comes next.',
      query: nowQuery,
      response: onCallNow,
      handle: async ({ query: { at } }) => ({ body: await onCall().now(at) }),
    }),
    defineRoute({
      ...view,
      path: `${base}/plan`,
      summary: 'People, schedules and escalation policies as configured; addresses are not told.',
      response: onCallPlan,
      handle: () => ({ body: describePlan(onCall().plan()) }),
    }),
    defineRoute({
      ...view,
      path: `${base}/schedules/:name/shifts`,
      summary: 'The shifts of a schedule over a range of time, with its gaps.',
      params: scheduleParams,
      query: rangeQuery,
      response: shiftList,
      handle: async ({ params: { name }, query: { from, to } }) => ({
        body: await onCall().shifts(name, { fromMs: from, toMs: to }),
      }),
    }),
    defineRoute({
      ...view,
      path: `${base}/escalations`,
      summary: 'Escalations with their steps, newest first.',
      query: escalationQuery,
      response: escalationList,
      handle: async ({ query: { open, limit } }) => {
        const rows = await onCall().escalations({ open: open === 'true', limit })
        return { body: { escalations: rows.map(describeEscalation) } }
      },
    }),
    ...overrideRoutes(onCall, audit),
    ...feedRoutes(onCall, audit),
  ]
}

function overrideRoutes(onCall: () => OnCall, audit: AuditLog): readonly Route[] {
  const path = `${base}/overrides`
  return [
    defineRoute({
      ...view,
      path,
      summary: 'Who stands in for others, by the begin.',
      response: overrideList,
      handle: async () => ({ body: { overrides: await onCall().overrides() } }),
    }),
    defineRoute({
      ...common,
      method: 'POST',
      path,
      permission: 'edit',
      summary: 'Somebody stands in for some time.',
      body: writeOverride,
      response: overrideAnswer,
      async handle({ body, identity }) {
        const made = await onCall().writeOverride(undefined, body, identity.name)
        await audit.record({ who: identity.name, action: 'oncall.override', subject: made.schedule, detail: made })
        return { status: 201, body: made }
      },
    }),
    defineRoute({
      ...common,
      method: 'PUT',
      path: `${path}/:id`,
      permission: 'edit',
      summary: 'Change an override.',
      params: overrideParams,
      body: writeOverride,
      response: overrideAnswer,
      async handle({ params: { id }, body, identity }) {
        const made = await onCall().writeOverride(id, body, identity.name)
        await audit.record({ who: identity.name, action: 'oncall.override', subject: made.schedule, detail: made })
        return { body: made }
      },
    }),
    defineRoute({
      ...common,
      method: 'DELETE',
      path: `${path}/:id`,
      permission: 'edit',
      summary: 'Take an override away.',
      params: overrideParams,
      async handle({ params: { id }, identity }) {
        await onCall().removeOverride(id)
        await audit.record({ who: identity.name, action: 'oncall.override.remove', subject: id })
        return { status: 204 }
      },
    }),
  ]
}

const calendarQuery = z.object({ key: z.string().max(200).default('') })

function feedRoutes(onCall: () => OnCall, audit: AuditLog): readonly Route[] {
  const path = `${base}/feeds/:kind/:name`
  return [
    defineRoute({
      ...view,
      path,
      summary: 'The secret address of the calendar of a person or a schedule.',
      params: feedParams,
      response: feedAnswer,
      handle: async ({ params: { kind, name } }) => ({ body: { url: await onCall().feedUrl(kind, name) } }),
    }),
    defineRoute({
      ...common,
      method: 'POST',
      path,
      permission: 'edit',
      summary: 'A new secret address of a calendar; the former one ends.',
      params: feedParams,
      response: feedAnswer,
      async handle({ params: { kind, name }, identity }) {
        const url = await onCall().renewFeed(kind, name)
        await audit.record({ who: identity.name, action: 'oncall.feed.renew', subject: `${kind} ${name}` })
        return { body: { url } }
      },
    }),
    defineRoute({
      ...common,
      method: 'GET',
      path: `${base}/calendar/:kind/:name`,
      permission: 'public',
      summary: 'Shifts as iCalendar, by the secret address alone.',
      params: feedParams,
      query: calendarQuery,
      handle: async ({ params: { kind, name }, query: { key } }) => ({
        headers: { 'content-type': 'text/calendar; charset=utf-8', 'cache-control': 'private, max-age=300' },
        body: await onCall().calendar(kind, name.replace(/\.ics$/, ''), key),
      }),
    }),
  ]
}
