// Lines that come by our own receivers, led through a pipeline where tidewatch.yml says so.
import type { Clock } from '@tidewatch/core/clock.ts'
import type { Problem } from '@tidewatch/core/error.ts'
import type { LogEvent } from '@tidewatch/logstash/event.ts'
import { type FieldPath, fieldPath, isFieldReference } from '@tidewatch/logstash/field-path.ts'
import type { Parsed } from '../../config/port.ts'
import type { LogIntake } from '../logs/port.ts'
import type { RouteSettings } from './config.ts'
import { beginPiped, type LineRoute } from './piped-intake.ts'
import type { LoadedPipeline, PlacedRoute } from './port.ts'
import type { PipelineRun } from './run.ts'

/** The pipelines with the routes that lead to them, or what is wrong with those. */
export function withRoutes(
  pipelines: readonly LoadedPipeline[],
  routes: readonly RouteSettings[],
): Parsed<readonly LoadedPipeline[]> {
  const problems: Problem[] = []
  const placed = new Map<LoadedPipeline, PlacedRoute[]>()
  for (const [order, { from, match, pipeline: wanted }] of routes.entries()) {
    const where = { file: 'tidewatch.yml', key: `pipelines.routes[${order}]` }
    const fitting = pipelines.filter((one) => isCalled(one, wanted))
    const [pipeline] = fitting.length > 1 ? fitting.filter(({ name }) => name === wanted) : fitting
    if (pipeline === undefined)
      problems.push({
        message: `there is ${fitting.length > 1 ? 'more than one' : 'no'} pipeline ${JSON.stringify(wanted)}`,
        where,
        fix:
          pipelines.length === 0
            ? 'Name its file in pipelines.files, or put it into pipelines/ beside tidewatch.yml.'
            : `Name one of ${pipelines.map(({ name }) => name).join(', ')}.`,
      })
    else placed.set(pipeline, [...(placed.get(pipeline) ?? []), { order, from, match }])
    for (const name of Object.keys(match))
      if (!isPath(name))
        problems.push({
          message: `${JSON.stringify(name)} names no field`,
          where,
          fix: 'Write service, host.name or [host][name].',
        })
  }
  if (problems.length > 0) return { ok: false, problems }
  return { ok: true, value: pipelines.map((one) => ({ ...one, routes: placed.get(one) ?? [] })) }
}

const isCalled = ({ name, path }: LoadedPipeline, wanted: string): boolean =>
  name === wanted || path === wanted || name.endsWith(`/${wanted}`)

/** `a.b` is what `[a][b]` is. */
const referenceOf = (name: string): string => (name.startsWith('[') ? name : `[${name.split('.').join('][')}]`)
const isPath = (name: string): boolean => isFieldReference(referenceOf(name))

export interface LineRoutes {
  /** The intake for one way in: lines go through the pipelines that the routes in force name. */
  from(kind: string): LogIntake
  /** Routes in force from now on; requests that were begun go on as they began. */
  lead(routes: readonly (PlacedRoute & { readonly run: PipelineRun })[]): void
}

export function createLineRoutes({ logs, clock }: { readonly logs: LogIntake; readonly clock: Clock }): LineRoutes {
  let all: readonly (LineRoute & { readonly from: readonly string[] })[] = []
  return {
    lead(routes) {
      all = routes
        .toSorted((a, b) => a.order - b.order)
        .map(({ from, match, run }) => ({ from, run, ...matcherOf(match) }))
    },
    from(kind) {
      const leading = (): readonly LineRoute[] => all.filter(({ from }) => from.includes(kind) || from.includes('all'))
      return {
        checkRoom: () => logs.checkRoom(),
        begin(options) {
          const routes = leading()
          return routes.length === 0 ? logs.begin(options) : beginPiped(options, { logs, clock, routes })
        },
        subscribe: (listener) => logs.subscribe(listener),
        mark: () => logs.mark(),
        stats: logs.stats,
        // what a pipeline will make of a line is not known before
        preview: (options, line) => (leading().length === 0 ? logs.preview?.(options, line) : undefined),
      }
    },
  }
}

function matcherOf(match: PlacedRoute['match']): Pick<LineRoute, 'fits'> {
  const tests = Object.entries(match).map(([name, patterns]) => ({
    path: fieldPath(referenceOf(name)),
    flat: name,
    patterns: patterns.map((pattern) => pattern.split('*')),
  }))
  if (tests.length === 0) return {}
  return { fits: (event) => tests.every(({ path, flat, patterns }) => isAny(fieldOf(event, path, flat), patterns)) }
}

/** Also where a sender wrote the name in one, and under the name that pipelines know it by. */
const fieldOf = (event: LogEvent, path: FieldPath, flat: string): unknown =>
  event.get(path) ??
  (Object.hasOwn(event.data, flat) ? event.data[flat] : undefined) ??
  (Object.hasOwn(aliases, flat) ? event.get(aliases[flat] as FieldPath) : undefined)

const aliases: Readonly<Record<string, FieldPath>> = {
  'host.name': fieldPath('host'),
  'log.file.path': fieldPath('path'),
  index: fieldPath('[@metadata][_index]'),
}

function isAny(value: unknown, patterns: readonly (readonly string[])[]): boolean {
  if (Array.isArray(value)) return value.some((item) => isAny(item, patterns))
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return false
  return patterns.some((parts) => isLike(String(value), parts))
}

/** Whether the text is these parts with anything between them. */
function isLike(text: string, parts: readonly string[]): boolean {
  const first = parts[0] ?? ''
  if (parts.length === 1) return text === first
  const last = parts[parts.length - 1] ?? ''
  const end = text.length - last.length
  if (end < first.length || !text.startsWith(first) || !text.endsWith(last)) return false
  let at = first.length
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, at)
    if (found < 0 || found + part.length > end) return false
    at = found + part.length
  }
  return true
}
