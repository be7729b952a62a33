// What of a service's lines is before its deploy, and what is since.
import type { Deploy } from '@tidewatch/api/deploys.ts'
import { AppError, quoteValue } from '@tidewatch/core/error.ts'
import type { ProjectId } from '@tidewatch/core/matcher.ts'
import { allOf, anyOf, notOf, type Predicate, testOf } from '@tidewatch/logquery/predicate.ts'

/** Where deploys are known. */
export interface DeploySource {
  list(
    projects: readonly ProjectId[],
    query: { readonly fromMs: number; readonly toMs: number; readonly limit: number },
  ): Promise<readonly Deploy[]>
  find(projects: readonly ProjectId[], id: string): Promise<Deploy | undefined>
}

interface Span {
  readonly fromMs: number
  readonly toMs: number
}

export interface DeployBorders {
  /** The newest first. */
  readonly deploys: readonly Deploy[]
  /** Only lines of it are asked for. */
  readonly chosen: Deploy | undefined
  /** What there was before is looked for from here on, and before there: the span itself is looked at in any case. */
  readonly before: Span
  /** The deploy that divides a service's lines. */
  deployOf(service: string, environment: string): Deploy | undefined
}

/** A span is compared with at least so much before a deploy: what comes once in a few minutes is not new. */
const leastBeforeMs = 3_600_000
const maxDeploys = 1000

/** Throws `http.invalid` for an id that names none. */
export async function deployBorders(
  source: DeploySource,
  asked: Span & { readonly deploy: string },
  projects: readonly ProjectId[],
): Promise<DeployBorders> {
  const { fromMs, toMs, deploy: choice } = asked
  const before = { fromMs: Math.max(0, 2 * fromMs - toMs), toMs: Math.max(fromMs, 1) }
  if (choice === 'none') return { deploys: [], chosen: undefined, before, deployOf: () => undefined }
  if (choice !== 'latest') return chosenBorder(await chosenOf(source, choice, projects), asked)
  const range = { fromMs: before.fromMs, toMs, limit: maxDeploys }
  return { before, chosen: undefined, ...latestOf(await source.list(projects, range)) }
}

async function chosenOf(source: DeploySource, id: string, projects: readonly ProjectId[]): Promise<Deploy> {
  const chosen = await source.find(projects, id)
  if (chosen !== undefined) return chosen
  throw new AppError('http.invalid', `${quoteValue(id)} is no deploy that is known.`, {
    where: { key: 'query.deploy' },
    fix: 'Take an id of /api/tidewatch/v1/deploys, or latest, or none.',
  })
}

function chosenBorder(chosen: Deploy, { fromMs, toMs }: Span): DeployBorders {
  const endMs = Math.max(1, Math.min(fromMs, chosen.atMs))
  return {
    ...{ deploys: [chosen], chosen },
    before: { fromMs: Math.max(0, endMs - Math.max(toMs - fromMs, leastBeforeMs)), toMs: endMs },
    deployOf: () => chosen,
  }
}

/** Of each service in each environment the last one. `newestFirst` as they are listed. */
function latestOf(newestFirst: readonly Deploy[]): Pick<DeployBorders, 'deploys' | 'deployOf'> {
  const byPlace = new Map<string, Deploy>()
  const byService = new Map<string, Deploy>()
  for (const deploy of newestFirst) {
    const place = placeOf(deploy.service, deploy.environment)
    if (!byPlace.has(place)) byPlace.set(place, deploy)
    if (!byService.has(deploy.service)) byService.set(deploy.service, deploy)
  }
  return {
    deploys: [...byPlace.values()],
    // one of nowhere is one of everywhere, and lines of nowhere are of each
    deployOf: (service, environment) =>
      environment === ''
        ? byService.get(service)
        : newest(byPlace.get(placeOf(service, environment)), byPlace.get(placeOf(service, ''))),
  }
}

const placeOf = (service: string, environment: string): string => JSON.stringify([service, environment])

function newest(a: Deploy | undefined, b: Deploy | undefined): Deploy | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return a.atMs >= b.atMs ? a : b
}

/** Lines of the service where a deploy was. */
export function linesOfDeploy({ service, environment }: Deploy): Predicate {
  const isOf = testOf({ kind: 'column', column: 'service' }, { op: 'equals', unit: 'value', values: [service] })
  if (environment === '') return isOf
  const place = { kind: 'column', column: 'environment' } as const
  const isThere = testOf(place, { op: 'equals', unit: 'value', values: [environment] })
  return allOf([isOf, anyOf([isThere, notOf(testOf(place, { op: 'exists' }))])])
}
