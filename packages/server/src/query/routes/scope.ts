// What a request is about: whose data, and which series.
import { AppError } from '@tidewatch/core/error.ts'
import type { Matcher, ProjectId } from '@tidewatch/core/matcher.ts'
import { compileLabelRegex } from '@tidewatch/core/regexp.ts'
import { parseMetricSelector } from '@tidewatch/promql/parse.ts'
import type { RequestContext } from '../../http/port.ts'
import type { QueryOptions } from '../port.ts'
import { badParameter } from '../service.ts'
import { aboutParameter, type Parameters } from './parameters.ts'

/** Who asks, and what of it they may see: all their projects, or the one they name. */
export function scope(
  context: RequestContext,
  parameters: Parameters,
): Pick<QueryOptions, 'projects' | 'user' | 'signal'> {
  const { identity, signal } = context
  const header = context.headers['x-scope-orgid']
  const named = parameters.get('project') ?? (Array.isArray(header) ? header[0] : header)
  const base = { user: identity.name, signal }
  if (named === undefined) return { ...base, projects: identity.projects }
  const project = Number(named) as ProjectId
  if (!Number.isSafeInteger(project) || project < 0)
    throw badParameter('project', `${JSON.stringify(named)} is not a project's number`)
  if (identity.projects !== 'all' && !identity.projects.has(project)) {
    throw new AppError('access.denied', `you are no member of project ${project}.`, {
      fix: 'Ask an administrator, or leave the project out.',
    })
  }
  return { ...base, projects: new Set([project]) }
}

/** `match[]`: a series selector, which must leave something out; in Prometheus's words where it is none. */
export function parseSelector(text: string): readonly Matcher[] {
  const matchers = parseSeriesSelector(text)
  if (matchers.some((matcher) => !matchesEmpty(matcher))) return matchers
  throw badParameter('match[]', 'match[] must contain at least one non-empty matcher')
}

function parseSeriesSelector(text: string): readonly Matcher[] {
  try {
    return parseMetricSelector(text)
  } catch (error) {
    throw aboutParameter('match[]', error)
  }
}

function matchesEmpty({ op, value }: Matcher): boolean {
  const matches = op === '=' || op === '!=' ? value === '' : compileLabelRegex(value)('')
  return op === '=' || op === '=~' ? matches : !matches
}
