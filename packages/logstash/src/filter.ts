// What a filter is to the pipeline, and what it may ask for when it is compiled.
import type { Clock } from '@tidewatch/core/clock.ts'
import type { GrokEngine } from '@tidewatch/grok/grok-engine.ts'
import type { LogEvent } from './event.ts'
import type { Settings } from './settings.ts'

/** Whether names of fields follow the Elastic Common Schema; `disabled` is what files written before Logstash 8 expect. */
export type EcsCompatibility = 'disabled' | 'v1' | 'v8'

/** Files that settings name. The package opens none: whoever loads a pipeline hands their contents in. */
export interface PipelineFiles {
  /** Undefined where there is no such file. */
  text(path: string): string | undefined
  bytes(path: string): Uint8Array | undefined
  /** Paths of the files of a folder, sorted; empty where there is none. */
  list(folder: string): readonly string[]
}

export interface FilterContext {
  readonly clock: Clock
  readonly grok: GrokEngine | undefined
  readonly files: PipelineFiles
  readonly ecs: EcsCompatibility
  /** Of dates that do not say theirs, and whose filter does not either. */
  readonly timeZone: string
  /** 0 to below 1. */
  readonly random: () => number
  readonly uuid: () => string
  /** How many more events the one event that came in may become. */
  readonly budget: { left: number }
}

export interface Filter {
  /** Whether it did its work, after which the common options are followed; or the events that stand in the place of this one. */
  run(event: LogEvent): boolean | readonly LogEvent[]
  /** Put on an event on which it threw. */
  readonly failureTags: readonly string[]
}

export interface FilterDefinition {
  readonly name: string
  compile(settings: Settings, context: FilterContext): Filter
}

export const ecsOf = (settings: Settings, context: FilterContext): EcsCompatibility =>
  settings.choice('ecs_compatibility', ['disabled', 'v1', 'v8'], context.ecs)
