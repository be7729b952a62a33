// Pipelines at work: opened, changed and closed as the configuration says.
import type { Clock } from '@tidewatch/core/clock.ts'
import type { StepCounts } from '@tidewatch/logstash/steps.ts'
import type { Counter, Family, Logger, Metrics } from '../../self/port.ts'
import { type InputParts, openInput } from './inputs.ts'
import type { LineRoutes } from './line-routes.ts'
import { Outputs } from './outputs.ts'
import type { LoadedPipeline, PipelineOutside } from './port.ts'
import { type PipelineCounts, PipelineRun } from './run.ts'

export interface PipelinesOptions {
  readonly parts: InputParts
  readonly routes: Pick<LineRoutes, 'lead'>
  readonly outside: PipelineOutside
}

export interface Pipelines extends AsyncDisposable {
  /** Closes what is not among these, so that others can have its ports; lines that come by other ways in are led through these from now on. */
  leave(loaded: readonly LoadedPipeline[]): Promise<void>
  /** What is the same as before goes on undisturbed. Rejects where a port cannot be had; the other pipelines are open then. */
  follow(loaded: readonly LoadedPipeline[]): Promise<void>
}

interface Running extends AsyncDisposable {
  readonly loaded: LoadedPipeline
  readonly run: PipelineRun
  readonly told: Told
  /** False until its inputs are open. */
  isOpen: boolean
  openInputs(): Promise<void>
}

export function createPipelines({ parts, outside, routes }: PipelinesOptions): Pipelines {
  const { metrics, clock } = parts
  const logger = parts.logger.child({ part: 'pipelines' })
  const counters = countersOf(metrics)
  const running = new Map<string, Running>()
  metrics.beforeRead(() => {
    for (const one of running.values()) tell(one, counters)
  })
  const close = async (name: string): Promise<void> => {
    const one = running.get(name)
    if (one === undefined) return
    running.delete(name)
    await one[Symbol.asyncDispose]()
    tell(one, counters)
  }
  const leave = async (loaded: readonly LoadedPipeline[]): Promise<void> => {
    for (const [name, { loaded: former }] of running)
      if (!loaded.some((next) => isSame(former, next))) await close(name)
    for (const next of loaded)
      if (!running.has(next.name))
        running.set(next.name, prepared(next, { parts, outside, logger, clock, sent: counters.sent }))
    routes.lead(
      loaded.flatMap(({ name, routes: led }) => {
        const run = running.get(name)?.run
        return run === undefined ? [] : led.map((route) => ({ ...route, run }))
      }),
    )
  }
  return {
    leave,
    async follow(loaded) {
      await leave(loaded)
      const failures: unknown[] = []
      for (const one of running.values()) {
        if (one.isOpen) continue
        try {
          await one.openInputs()
          one.isOpen = true
        } catch (error) {
          failures.push(error)
        }
      }
      if (failures.length > 0) throw failures[0]
    },
    async [Symbol.asyncDispose]() {
      for (const name of [...running.keys()]) await close(name)
    },
  }
}

const isSame = (a: LoadedPipeline, b: LoadedPipeline): boolean =>
  a.name === b.name && a.text === b.text && a.project === b.project && String(a.networks) === String(b.networks)

interface OpenParts extends Omit<PipelinesOptions, 'routes'> {
  readonly logger: Logger
  readonly clock: Clock
  readonly sent: Family<Counter>
}

/** At work for lines that are led to it; its inputs are closed yet. */
function prepared(loaded: LoadedPipeline, { parts, outside, logger, clock, sent }: OpenParts): Running {
  const stack = new AsyncDisposableStack()
  const outputs = stack.use(new Outputs({ name: loaded.name, outside, clock, logger, sent }))
  const run = new PipelineRun(loaded.pipeline, outputs)
  return {
    ...{ loaded, run, told: { events: {}, steps: new Map() }, isOpen: false },
    async openInputs() {
      await using opening = new AsyncDisposableStack()
      for (const input of loaded.pipeline.inputs) {
        const open = await openInput(input, { loaded, run, parts })
        if (open === undefined) continue
        opening.use(open)
        logger.info(`${input.kind} of ${loaded.name} is open`, { address: open.address })
      }
      stack.use(opening.move())
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

interface Told {
  events: Partial<PipelineCounts>
  readonly steps: Map<StepCounts, Pick<StepCounts, 'events' | 'failures' | 'dropped'>>
}

function countersOf(metrics: Metrics) {
  return {
    events: metrics.counter({
      name: 'tidewatch_pipeline_events_total',
      help: 'Events of pipelines: those that came in, lines that were kept, events that a filter dropped or that came to no output.',
      labels: ['pipeline', 'what'],
    }),
    steps: metrics.counter({
      name: 'tidewatch_pipeline_step_events_total',
      help: 'Events that came to a step of a pipeline.',
      labels: ['pipeline', 'step'],
    }),
    failures: metrics.counter({
      name: 'tidewatch_pipeline_step_failures_total',
      help: 'Events on which a step failed; they went on with a tag.',
      labels: ['pipeline', 'step'],
    }),
    dropped: metrics.counter({
      name: 'tidewatch_pipeline_step_dropped_total',
      help: 'Events that a step dropped.',
      labels: ['pipeline', 'step'],
    }),
    sent: metrics.counter({
      name: 'tidewatch_pipeline_messages_total',
      help: 'Messages of outputs beside the store, by outcome: sent, failed, limited, or full where too many waited.',
      labels: ['pipeline', 'output', 'outcome'],
    }),
  }
}

const kinds = ['events', 'stored', 'dropped', 'unrouted'] as const satisfies readonly (keyof PipelineCounts)[]

function tell({ loaded: { name }, run, told }: Running, counters: ReturnType<typeof countersOf>): void {
  for (const kind of kinds) counters.events.with(name, kind).add(run.counts[kind] - (told.events[kind] ?? 0))
  told.events = { ...run.counts }
  for (const step of run.pipeline.counts) {
    const before = told.steps.get(step) ?? { events: 0, failures: 0, dropped: 0 }
    const label = step.id === '' ? `${step.name}:${step.place.line}` : step.id
    counters.steps.with(name, label).add(step.events - before.events)
    counters.failures.with(name, label).add(step.failures - before.failures)
    counters.dropped.with(name, label).add(step.dropped - before.dropped)
    const { events, failures, dropped } = step
    told.steps.set(step, { events, failures, dropped })
  }
}
