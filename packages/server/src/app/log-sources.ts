// Everything that lines come in by beside HTTP: ports, pipelines, files.
import type { ConfigFollower } from '../config/port.ts'
import type { Configuration } from './configuration.ts'
import { createFollowedFiles } from './followed-files.ts'
import { createListeners } from './listeners.ts'
import { type PipelinesOptions, startPipelines } from './pipelines.ts'

export interface LogSources extends AsyncDisposable {
  /** In the order in which they hear of a configuration: a port that changes hands is given back before it is taken. */
  readonly followers: readonly ConfigFollower<Configuration>[]
}

type Options = Parameters<typeof createListeners>[0] &
  Parameters<typeof createFollowedFiles>[0] &
  Omit<PipelinesOptions, 'listenerParts' | 'files'>

export function openLogSources(options: Options): LogSources {
  const stack = new AsyncDisposableStack()
  const listeners = stack.use(createListeners(options))
  const files = stack.use(createFollowedFiles(options))
  const pipelines = stack.use(startPipelines({ ...options, listenerParts: listeners.parts, files }))
  return {
    followers: [pipelines.leaving, listeners, pipelines, files],
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}
