// Drills: what is planned, how they went, and one now.
import { drillList, drillParams, drillRun, drillRunList, drillRunParams, drillRunQuery } from '@tidewatch/api/drills.ts'
import { AppError } from '@tidewatch/core/error.ts'
import { type AuditLog, defineRoute, type Route } from '../../http/port.ts'
import type { Drills } from './drills.ts'
import type { HeartbeatStatus } from './port.ts'
import type { DrillRun } from './run.ts'
import type { DrillRows } from './state.ts'

const base = '/api/tidewatch/v1/drills'
const common = { errors: 'tidewatch' } as const

export interface DrillRouteParts {
  readonly drills: () => Drills
  readonly rows: () => DrillRows
  readonly heartbeat: () => HeartbeatStatus | undefined
  readonly audit: AuditLog
}

export function drillRoutes({ drills, rows, heartbeat, audit }: DrillRouteParts): readonly Route[] {
  return [
    defineRoute({
      ...common,
      method: 'GET',
      path: base,
      permission: 'view',
      summary: 'Fire drills: when they come next, and how they went.',
      response: drillList,
      handle: async () => ({
        body: {
          heartbeat: describeHeartbeat(heartbeat()),
          drills: await Promise.all(
            drills().all.map(async (drill) => ({
              name: drill.name,
              timeZone: drill.timeZone,
              nextAtMs: drills().nextMs(drill),
              acknowledgeWithinMs: drill.acknowledgeWithinMs,
              ...figures(await rows().list({ drill: drill.name, limit: 100 })),
            })),
          ),
        },
      }),
    }),
    defineRoute({
      ...common,
      method: 'GET',
      path: `${base}/runs`,
      permission: 'view',
      summary: 'Runs of fire drills, newest first.',
      query: drillRunQuery,
      response: drillRunList,
      handle: async ({ query: { drill, limit } }) => ({
        body: { runs: (await rows().list({ drill, limit })).map(describe) },
      }),
    }),
    defineRoute({
      ...common,
      method: 'GET',
      path: `${base}/runs/:id`,
      permission: 'view',
      summary: 'One run of a fire drill.',
      params: drillRunParams,
      response: drillRun,
      async handle({ params: { id } }) {
        const run = await rows().find(id)
        if (run === undefined) throw new AppError('state.not_found', 'there is no such run.', { where: { key: 'id' } })
        return { body: describe(run) }
      },
    }),
    defineRoute({
      ...common,
      method: 'POST',
      path: `${base}/:name/run`,
      permission: 'edit',
      summary: 'Begin a fire drill now.',
      params: drillParams,
      response: drillRun,
      async handle({ params: { name }, identity }) {
        const run = await drills().start(name, identity.name)
        await audit.record({ who: identity.name, action: 'drill.run', subject: name })
        return { status: 201, body: describe(run) }
      },
    }),
  ]
}

const describe = (run: DrillRun) => ({
  ...run,
  endedAtMs: run.endedAtMs ?? null,
  deliveries: [...run.deliveries],
  fingerprint: run.fingerprint ?? null,
  deliveredAtMs: run.deliveredAtMs ?? null,
  acknowledgedAtMs: run.acknowledgedAtMs ?? null,
  acknowledgedBy: run.acknowledgedBy ?? null,
})

function describeHeartbeat(status: HeartbeatStatus | undefined) {
  if (status === undefined) return null
  return { ...status, last: status.last ?? null, lastSentAtMs: status.lastSentAtMs ?? null }
}

/** Over the newest runs that are over. */
function figures(runs: readonly DrillRun[]) {
  const over = runs.filter(({ status }) => status !== 'running')
  const after = (ms: (run: DrillRun) => number | undefined): number | null =>
    median(over.flatMap((run) => (ms(run) === undefined ? [] : [(ms(run) ?? 0) - run.startedAtMs])))
  return {
    runs: over.length,
    delivered: over.filter(({ deliveredAtMs }) => deliveredAtMs !== undefined).length,
    acknowledged: over.filter(({ status }) => status === 'passed').length,
    medianDeliveryMs: after(({ deliveredAtMs }) => deliveredAtMs),
    medianAcknowledgeMs: after(({ acknowledgedAtMs }) => acknowledgedAtMs),
    last: over[0] === undefined ? null : describe(over[0]),
  }
}

function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? null
}
