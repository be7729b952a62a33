// Saved searches of logs: listed, kept, changed, deleted.
import { savedLogSearch, savedLogSearches } from '@tidewatch/api/logs.ts'
import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError } from '@tidewatch/core/error.ts'
import { defaultProject, type ProjectId } from '@tidewatch/core/matcher.ts'
import { z } from 'zod'
import { type AuditLog, defineRoute, type Identity, type Route } from '../../http/port.ts'
import type { LogSearchRows } from './state.ts'

const path = '/api/tidewatch/v1/logs/searches'
const params = z.object({ id: z.string().max(100) })
const saved = savedLogSearches.shape.searches.element

export interface LogSearchRouteParts {
  readonly rows: LogSearchRows
  readonly audit: AuditLog
  readonly clock: Clock
}

export function createLogSearchRoutes({ rows, audit, clock }: LogSearchRouteParts): readonly Route[] {
  const record = (who: string, action: string, subject: string) =>
    audit.record({ who, action: `log_search.${action}`, subject })
  return [
    defineRoute({
      ...{ method: 'GET', path, permission: 'view', errors: 'tidewatch' },
      summary: 'Saved searches of logs',
      response: savedLogSearches,
      handle: async ({ identity }) => ({ body: { searches: await rows.list(projectOf(identity)) } }),
    }),
    defineRoute({
      ...{ method: 'POST', path, permission: 'edit', errors: 'tidewatch' },
      summary: 'Keep a search of logs under a name',
      body: savedLogSearch,
      response: saved,
      async handle({ identity, body }) {
        const change = { by: identity.name, atMs: clock.nowMs() }
        const search = await rows.add(projectOf(identity), body, change)
        await record(identity.name, 'add', search.name)
        return { status: 201, body: search }
      },
    }),
    defineRoute({
      ...{ method: 'PUT', path: `${path}/:id`, permission: 'edit', errors: 'tidewatch' },
      summary: 'Change a saved search of logs',
      params,
      body: savedLogSearch,
      response: saved,
      async handle({ identity, params: { id }, body }) {
        const change = { by: identity.name, atMs: clock.nowMs() }
        const search = await rows.replace(projectOf(identity), id, body, change)
        await record(identity.name, 'change', search.name)
        return { body: search }
      },
    }),
    defineRoute({
      ...{ method: 'DELETE', path: `${path}/:id`, permission: 'edit', errors: 'tidewatch' },
      summary: 'Delete a saved search of logs',
      params,
      async handle({ identity, params: { id } }) {
        await rows.remove(projectOf(identity), id)
        await record(identity.name, 'delete', id)
        return {}
      },
    }),
  ]
}

/** Whose searches: the default project's, where one may see it. */
function projectOf({ projects }: Identity): ProjectId {
  const project = projects === 'all' || projects.has(defaultProject) ? defaultProject : [...projects][0]
  if (project === undefined)
    throw new AppError('access.denied', 'you are no member of any project.', { fix: 'Ask an administrator.' })
  return project
}
