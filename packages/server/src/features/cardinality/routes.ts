// The cardinality page's figures.
import { cardinalityQuery, cardinalityReport, labelParams, labelValuesReport } from '@tidewatch/api/cardinality.ts'
import { AppError } from '@tidewatch/core/error.ts'
import { defaultProject, type ProjectId } from '@tidewatch/core/matcher.ts'
import { defineRoute, type Identity, type Route } from '../../http/port.ts'
import type { Cardinality } from './cardinality.ts'

const path = '/api/tidewatch/v1/cardinality'
const common = { method: 'GET', permission: 'view', errors: 'tidewatch' } as const

export function cardinalityRoutes(cardinality: Pick<Cardinality, 'report' | 'labelValues'>): readonly Route[] {
  return [
    defineRoute({
      ...common,
      path,
      summary: 'Series by metric, label and job, how fast new ones appear, and which labels could be dropped.',
      query: cardinalityQuery,
      response: cardinalityReport,
      handle: async ({ identity, query: { limit }, signal }) => ({
        body: await cardinality.report(projectOf(identity), { limit, signal }),
      }),
    }),
    defineRoute({
      ...common,
      path: `${path}/labels/:name`,
      summary: 'The values of a label that the most series have.',
      params: labelParams,
      query: cardinalityQuery,
      response: labelValuesReport,
      handle: ({ identity, params, query: { limit }, signal }) => ({
        body: cardinality.labelValues(projectOf(identity), params.name, { limit, signal }),
      }),
    }),
  ]
}

/** Whose series: the default project's, where one may see it. */
function projectOf({ projects }: Identity): ProjectId {
  const project = projects === 'all' || projects.has(defaultProject) ? defaultProject : [...projects][0]
  if (project === undefined)
    throw new AppError('access.denied', 'you are no member of any project.', { fix: 'Ask an administrator.' })
  return project
}
