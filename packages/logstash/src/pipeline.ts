// A pipeline file to something that runs. All that is wrong is told at once, and nothing runs then.
import type { Clock } from '@tidewatch/core/clock.ts'
import type { Problem } from '@tidewatch/core/error.ts'
import type { GrokEngine } from '@tidewatch/grok/grok-engine.ts'
import type { Section, Statement } from './ast.ts'
import { type PluginConfig, resolvePlugin } from './config.ts'
import type { Delivery, OutputDescription } from './delivery.ts'
import type { LogEvent } from './event.ts'
import type { EcsCompatibility, FilterContext, PipelineFiles } from './filter.ts'
import { compileInput, type InputDescription } from './inputs.ts'
import { compileOutput, isMisplacedStore } from './outputs.ts'
import { parsePipeline } from './parse.ts'
import { type CompileContext, compileBody, type Step, type StepCounts, type StepObserver, sequence } from './steps.ts'

/** Events that one event may become by split and clone. */
const defaultMaxEvents = 10_000

export interface LoadOptions {
  /** The name that problems are told under. */
  readonly file: string
  readonly clock: Clock
  /** Undefined: files with grok in them are refused. */
  readonly grok?: GrokEngine
  readonly files?: PipelineFiles
  /** What `${VAR}` stands for. */
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** Logstash's `config.support_escapes`. Default: false. */
  readonly supportEscapes?: boolean
  /** Logstash's `pipeline.ecs_compatibility`. Default: disabled. */
  readonly ecsCompatibility?: EcsCompatibility
  /** Of dates that do not say theirs. Default: UTC. */
  readonly timeZone?: string
  readonly random?: () => number
  readonly uuid?: () => string
  readonly maxEvents?: number
  readonly observer?: StepObserver
}

/** An event that came through, and where it goes. */
export interface Processed {
  readonly event: LogEvent
  readonly deliveries: readonly Delivery[]
}

export interface Pipeline {
  readonly inputs: readonly InputDescription[]
  /** In the order of the file. */
  readonly counts: readonly StepCounts[]
  /** In the order of the file; those that stand under filter by mistake are among them. */
  readonly outputs: readonly OutputDescription[]
  /** Runs one event through all filters and outputs; empty where it was dropped. The event is changed. Throws nothing. */
  process(event: LogEvent): readonly Processed[]
}

export interface LoadResult {
  /** Undefined where there are problems. */
  readonly pipeline: Pipeline | undefined
  readonly problems: readonly Problem[]
  /** What loads, and is most likely not meant. */
  readonly notes: readonly Problem[]
}

const noFiles: PipelineFiles = { text: () => undefined, bytes: () => undefined, list: () => [] }

export function loadPipeline(text: string, options: LoadOptions): LoadResult {
  const parsed = parsePipeline(text, options.file)
  if (!parsed.ok) return { pipeline: undefined, problems: [parsed.problem], notes: [] }
  return compilePipeline(parsed.sections, options)
}

/** The tree of a file, or of the same steps written otherwise, to something that runs. */
export function compilePipeline(sections: readonly Section[], options: LoadOptions): LoadResult {
  const { context, budget } = contextOf(options)
  const inputs: InputDescription[] = []
  const steps: Record<'filter' | 'output', Step[]> = { filter: [], output: [] }
  for (const { type, body } of sections) {
    if (type === 'input') compileInputs(body, context, inputs, options)
    else steps[type].push(compileBody(body, type, context))
  }
  const { problems, notes, counts, outputs } = context
  if (problems.length > 0) return { pipeline: undefined, problems, notes }
  const run = sequence([...steps.filter, ...steps.output])
  const maxEvents = options.maxEvents ?? defaultMaxEvents
  const process = (event: LogEvent): readonly Processed[] => {
    budget.left = maxEvents
    const made = run(event)
    return made === undefined ? [processed(event)] : made.filter(({ isCancelled }) => !isCancelled).map(processed)
  }
  return { pipeline: { inputs, counts, outputs, process }, problems, notes }
}

const processed = (event: LogEvent): Processed => ({ event, deliveries: event.deliveries })

function contextOf(options: LoadOptions): { context: CompileContext; budget: { left: number } } {
  const budget = { left: 0 }
  const filters: FilterContext = {
    clock: options.clock,
    grok: options.grok,
    files: options.files ?? noFiles,
    ecs: options.ecsCompatibility ?? 'disabled',
    timeZone: options.timeZone ?? 'UTC',
    random: options.random ?? Math.random,
    uuid: options.uuid ?? (() => crypto.randomUUID()),
    budget,
  }
  const context: CompileContext = {
    file: options.file,
    supportEscapes: options.supportEscapes ?? false,
    environment: options.environment ?? {},
    ...{ problems: [], notes: [], counts: [], outputs: [] },
    filters,
    observer: options.observer,
    outputStep: (plugin, section) => outputStep(plugin, section, context),
  }
  return { context, budget }
}

function outputStep(plugin: PluginConfig, section: 'filter' | 'output', context: CompileContext): Step | undefined {
  if (section === 'output') return compileOutput(plugin, context)
  if (!isMisplacedStore(plugin)) return undefined
  context.notes.push({
    message:
      'elasticsearch stands under filter, where Logstash looks events up and stores none; events that come here are stored',
    where: { file: context.file, ...plugin.place, key: plugin.name },
    fix: 'Move the block to output { }.',
  })
  return compileOutput(plugin, context)
}

function compileInputs(
  body: readonly Statement[],
  context: CompileContext,
  inputs: InputDescription[],
  { clock, grok }: LoadOptions,
): void {
  for (const statement of body) {
    if (statement.type === 'plugin') {
      const { file, problems } = context
      compileInput(resolvePlugin(statement, context), { file, problems, clock, grok, inputs })
      continue
    }
    context.problems.push({
      message: 'an input cannot depend on a condition',
      where: { file: context.file, ...statement.place },
      fix: 'Move the condition to filter { }.',
    })
  }
}
