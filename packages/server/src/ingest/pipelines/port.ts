import type { Problem } from '@tidewatch/core/error.ts'
import type { ProjectId } from '@tidewatch/core/matcher.ts'
import type { Pipeline } from '@tidewatch/logstash/pipeline.ts'

/** A pipeline file that was read and is right. */
export interface LoadedPipeline {
  /** As a person would write it: what problems, log lines and metrics name it by. */
  readonly name: string
  readonly path: string
  readonly text: string
  /** All of whose lines it keeps. */
  readonly project: ProjectId
  /** Who may send to its inputs. */
  readonly networks: readonly string[]
  readonly pipeline: Pipeline
  /** Lines of our own ways in that are led through it. */
  readonly routes: readonly PlacedRoute[]
  /** What loads, and is most likely not meant. */
  readonly notes: readonly Problem[]
}

/** Which lines come to a pipeline. */
export interface PlacedRoute {
  /** Its place among the routes of all pipelines: the first that fits counts. */
  readonly order: number
  /** Kinds of receivers and the like, or `all`. */
  readonly from: readonly string[]
  /** Fields and what they may be. */
  readonly match: Readonly<Record<string, readonly string[]>>
}

/** A mail that a pipeline sends; several addresses have commas between them. */
export interface PipelineMail {
  readonly to: string
  readonly subject: string
  readonly body: string
}

/** What outputs need of the world; app hands it in. */
export interface PipelineOutside {
  /** Undefined where no mail server is configured. */
  readonly mail: ((mail: PipelineMail, signal: AbortSignal) => Promise<void>) | undefined
  /** One request; resolves with the status. */
  post(url: string, request: PipelineRequest): Promise<number>
}

export interface PipelineRequest {
  readonly method: 'POST' | 'PUT'
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly signal: AbortSignal
}
