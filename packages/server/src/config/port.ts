import type { Problem } from '@tidewatch/core/error.ts'
import { formatDurationMs, parseDurationMs } from '@tidewatch/core/time.ts'
import { z } from 'zod'

/** How long and how safely acknowledged data waits before it is in the store. */
export type Durability = 'fsync' | 'group'

/** What `serve` was told by flags and environment, checked. */
export interface ServeOptions {
  readonly configPath: string | undefined
  /** The alertmanager.yml that counts, where it is not the one among the files of the configuration. */
  readonly alertmanagerConfigPath: string | undefined
  readonly dataDir: string
  readonly host: string
  readonly port: number
  readonly auth: boolean
  readonly clickhouseUrl: string | undefined
  readonly databaseUrl: string | undefined
  readonly role: readonly Role[]
  /** Undefined: off, nothing is deleted and no sample is too old. */
  readonly retentionMs: number | undefined
  readonly durability: Durability
  /** Memory for the newest samples, 1 MB to 800 MB. */
  readonly headMemoryBytes: number
  readonly externalUrl: string | undefined
  readonly reloadOnChange: boolean
  readonly tls: { readonly certFile: string; readonly keyFile: string } | undefined
}

export type Role = 'all' | 'ingest' | 'query' | 'rules' | 'probes'

/** A part of `tidewatch.yml` that one folder owns: its key and its schema. All are joined by app. */
export interface ConfigSection<T = unknown> {
  readonly key: string
  readonly schema: z.ZodType<T>
}

export function defineConfigSection<T>(section: ConfigSection<T>): ConfigSection<T> {
  return section
}

/** A duration of `leastMs` or more, in ms. `examples` of those that are usual here are in the message for what is none. */
export const durationFrom = (leastMs: number, examples = '30s or 1h') =>
  z.string().transform((written, context): number => {
    const ms = parseDurationMs(written)
    if (ms !== undefined && ms >= leastMs) return ms
    const length = leastMs > 1 ? ` of ${formatDurationMs(leastMs)} or more` : leastMs === 1 ? ' above 0' : ''
    context.addIssue({ code: 'custom', message: `not a duration${length}. Write one such as ${examples}` })
    return z.NEVER
  })

/** A text file of the configuration with the means to say where in it something is. */
export interface ConfigFile {
  /** As a person would write it: relative to where `--config` points. */
  readonly name: string
  readonly path: string
  readonly text: string
}

export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly Problem[] }

/** Told when a new configuration has been checked and is in force; must not throw for what `check` let pass. */
export interface ConfigFollower<T> {
  apply(config: T): Promise<void>
}

/** One rule file with what its owner made of it. */
export interface LoadedRuleFile<Rules> {
  readonly file: ConfigFile
  readonly rules: Rules
}

/** Everything that was read, checked. */
export interface LoadedConfig<Prometheus, Rules> {
  readonly prometheus: Prometheus
  /** prometheus.yml with every default filled in and without secrets, as Prometheus shows it. */
  readonly effectivePrometheus: string
  readonly rules: readonly LoadedRuleFile<Rules>[]
  /** tidewatch.yml by key, with defaults for what is not written. */
  readonly sections: ReadonlyMap<string, unknown>
  /** What app made of alertmanager.yml; undefined where there is none. */
  readonly alertmanager: unknown
  /** All files that were read; changes to them are what `--reload-on-change` watches. */
  readonly files: readonly ConfigFile[]
  /** What is no error but worth telling. */
  readonly notices: readonly string[]
}

/** Reads YAML by a schema, with positions; handed to the folders that own a file's form. */
export type YamlReader = <T>(file: ConfigFile, schema: z.ZodType<T>) => Parsed<T>

/** A number, boolean or time as `readWrittenYaml` gives it: with what was written, since `0x10` or `1.10` may be meant as text. */
export class PlainScalar {
  /** As it is written. */
  readonly text: string
  readonly value: unknown

  constructor(text: string, value: unknown) {
    this.text = text
    this.value = value
  }
}
