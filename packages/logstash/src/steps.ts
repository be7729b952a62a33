// A body of filters and conditions as one function of an event. Hot: called per event; bench/src/logstash.ts.
import type { Problem } from '@tidewatch/core/error.ts'
import { nearest } from '@tidewatch/core/nearest.ts'
import type { Place, Statement } from './ast.ts'
import { compileCommonOptions } from './common-options.ts'
import { type Condition, type ConditionContext, compileCondition, NotComparable } from './conditions.ts'
import { type PluginConfig, resolvePlugin } from './config.ts'
import type { OutputDescription } from './delivery.ts'
import type { LogEvent } from './event.ts'
import type { FilterContext } from './filter.ts'
import { filters, refusedFilters } from './filters/registry.ts'
import { Settings, scalarText } from './settings.ts'

/** Undefined: the event goes on as it is. A list stands in its place. */
export type Step = (event: LogEvent) => readonly LogEvent[] | undefined

/** What one plugin has done since it was loaded. */
export interface StepCounts {
  readonly name: string
  /** The setting `id`; '' where there is none. */
  readonly id: string
  readonly place: Place
  events: number
  /** Events on which it threw. */
  failures: number
  dropped: number
  lastFailure: string
}

/** Told of every step of every event: what a playground shows. */
export interface StepObserver {
  step(counts: StepCounts, event: LogEvent, failure: string | undefined): void
}

export interface CompileContext extends ConditionContext {
  readonly filters: FilterContext
  readonly counts: StepCounts[]
  readonly outputs: OutputDescription[]
  readonly observer: StepObserver | undefined
  readonly problems: Problem[]
  /** Makes the step of a plugin that is an output; undefined for others. */
  outputStep(plugin: PluginConfig, section: 'filter' | 'output'): Step | undefined
}

/** One step after the other; events that a step makes go through those behind it. */
export function compileBody(body: readonly Statement[], section: 'filter' | 'output', context: CompileContext): Step {
  const steps = body.flatMap((statement): Step[] => {
    if (statement.type === 'if') return [compileIf(statement.branches, section, context)]
    const step = compilePlugin(resolvePlugin(statement, context), section, context)
    return step === undefined ? [] : [step]
  })
  return sequence(steps)
}

export function sequence(steps: readonly Step[]): Step {
  const runFrom = (event: LogEvent, start: number): readonly LogEvent[] | undefined => {
    for (let i = start; i < steps.length; i++) {
      const made = (steps[i] as Step)(event)
      if (made !== undefined) return made.flatMap((next) => (next.isCancelled ? [] : (runFrom(next, i + 1) ?? [next])))
      if (event.isCancelled) return []
    }
    return undefined
  }
  return (event) => runFrom(event, 0)
}

function compileIf(
  nodes: Extract<Statement, { type: 'if' }>['branches'],
  section: 'filter' | 'output',
  context: CompileContext,
): Step {
  const branches = nodes.map(({ condition, body }) => ({
    holds: condition === undefined ? () => true : guarded(compileCondition(condition, context)),
    step: compileBody(body, section, context),
  }))
  return (event) => {
    for (const { holds, step } of branches) if (holds(event)) return step(event)
    return undefined
  }
}

/** A condition that cannot be decided is false; a tag says so. */
function guarded(condition: Condition): Condition {
  return (event) => {
    try {
      return condition(event)
    } catch (error) {
      event.tag(error instanceof NotComparable ? '_condition_type_failure' : '_condition_failure')
      return false
    }
  }
}

const definitions = new Map(filters.map((definition) => [definition.name, definition]))

function compilePlugin(plugin: PluginConfig, section: 'filter' | 'output', context: CompileContext): Step | undefined {
  const output = context.outputStep(plugin, section)
  if (output !== undefined || section === 'output') return output
  const definition = definitions.get(plugin.name)
  if (definition === undefined) {
    context.problems.push(unknownFilter(plugin, context.file))
    return undefined
  }
  const settings = new Settings(plugin, context.file, context.problems)
  const filter = definition.compile(settings, context.filters)
  const decorate = compileCommonOptions(settings)
  settings.finish()
  return filterStep(filter, decorate, countsOf(plugin, context), context.observer)
}

export function countsOf(plugin: PluginConfig, { counts }: CompileContext): StepCounts {
  const id = plugin.settings.get('id')?.value
  const made = {
    name: plugin.name,
    id: id === undefined ? '' : (scalarText(id) ?? ''),
    place: plugin.place,
    ...{ events: 0, failures: 0, dropped: 0, lastFailure: '' },
  }
  counts.push(made)
  return made
}

function filterStep(
  filter: ReturnType<(typeof filters)[number]['compile']>,
  decorate: ((event: LogEvent) => void) | undefined,
  counts: StepCounts,
  observer: StepObserver | undefined,
): Step {
  return (event) => {
    counts.events++
    let failure: string | undefined
    let made: readonly LogEvent[] | undefined
    try {
      const result = filter.run(event)
      if (typeof result !== 'boolean') made = result
      if (decorate !== undefined && result !== false) {
        if (made === undefined) decorate(event)
        else for (const next of made) decorate(next)
      }
    } catch (error) {
      // the event stays, and says what failed; the step goes on with the next one
      failure = error instanceof Error ? error.message : String(error)
      counts.failures++
      counts.lastFailure = failure
      made = undefined
      tagFailure(event, filter.failureTags)
    }
    if (event.isCancelled) counts.dropped++
    observer?.step(counts, event, failure)
    return made
  }
}

function tagFailure(event: LogEvent, tags: readonly string[]): void {
  for (const tag of tags) event.tag(tag)
}

function unknownFilter({ name, place }: PluginConfig, file: string): Problem {
  const advice = Object.hasOwn(refusedFilters, name) ? refusedFilters[name] : undefined
  const names = filters.map((definition) => definition.name)
  const close = nearest(name, names)
  const hint = close === undefined ? '' : `Is ${close} meant? `
  return {
    message: advice === undefined ? `there is no filter ${name}` : `the filter ${name} is not run here`,
    where: { file, ...place, key: name },
    fix: advice ?? `${hint}There are ${names.join(', ')}.`,
  }
}
