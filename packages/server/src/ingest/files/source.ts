import type { ProjectId } from '@tidewatch/core/matcher.ts'
import type { LogIntake } from '../logs/port.ts'
import type { FileFormat, Multiline } from './config.ts'

/** Files that are followed in one way. */
export interface FileSource {
  /** What positions are remembered under: the same over restarts and reloads. */
  readonly key: string
  readonly patterns: readonly string[]
  readonly exclude: readonly string[]
  readonly format: FileFormat
  readonly project: ProjectId
  readonly start: 'beginning' | 'end'
  readonly multiline: Multiline | undefined
  readonly maxLineBytes: number
  readonly ignoreOlderMs: number | undefined
  /** Where lines go: the intake, or a pipeline before it. */
  readonly logs: LogIntake
  /** What is known of a file by its path: who writes it. Undefined: it is not followed. */
  describe(path: string): Promise<FileOrigin | undefined>
  /** How far another program had read a file that we do not know yet; asked once. */
  readonly formerPosition?:
    | ((file: { readonly device: bigint; readonly inode: bigint; readonly path: string }) => number | undefined)
    | undefined
}

export interface FileOrigin {
  readonly service: string
  readonly resource: ReadonlyMap<string, string>
}
