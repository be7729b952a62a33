// The pipeline files of a configuration: those that tidewatch.yml names, or those in the usual places beside it.
import { globSync, statSync } from 'node:fs'
import { dirname, isAbsolute, join } from 'node:path'
import { systemClock } from '@tidewatch/core/clock.ts'
import { AppError, formatProblem, type Problem } from '@tidewatch/core/error.ts'
import { readConfigFile } from '../config/discover.ts'
import type { ConfigFile, LoadedConfig } from '../config/port.ts'
import { type PipelineSettings, pipelinesSection, usualFiles } from '../ingest/pipelines/config.ts'
import { loadPipelines } from '../ingest/pipelines/load.ts'
import type { LoadedPipeline } from '../ingest/pipelines/port.ts'

export interface ReadPipelines {
  readonly pipelines: readonly LoadedPipeline[]
  readonly files: readonly ConfigFile[]
  readonly problems: readonly Problem[]
  readonly notices: readonly string[]
}

/** Those of a configuration in force. */
export const pipelinesOf = ({
  sections,
}: Pick<LoadedConfig<unknown, unknown>, 'sections'>): readonly LoadedPipeline[] =>
  sections.get(pipelinesSection.key) as readonly LoadedPipeline[]

/** `tcp:5044` for every port that an input names: it is the pipeline's. */
export function portsOf(pipelines: readonly LoadedPipeline[]): ReadonlySet<string> {
  return new Set(
    pipelines.flatMap(({ pipeline }) =>
      pipeline.inputs.flatMap(({ kind, listen }) => {
        if (listen === undefined || listen.port === 0) return []
        const ways = kind === 'syslog' ? ['tcp', 'udp'] : [kind === 'udp' ? 'udp' : 'tcp']
        return ways.map((way) => `${way}:${listen.port}`)
      }),
    ),
  )
}

/** A listener's settings without the ports that are others'; undefined where none is left. */
export function withoutPorts(config: unknown, taken: ReadonlySet<string>): unknown {
  if (typeof config !== 'object' || config === null) return config
  const ways = ['tcp', 'udp'].filter((way) => way in config)
  const isTaken = (way: string): boolean => {
    const address: unknown = Reflect.get(config, way)
    return typeof address === 'object' && address !== null && taken.has(`${way}:${Reflect.get(address, 'port')}`)
  }
  const lost = ways.filter(isTaken)
  if (lost.length === 0) return config
  const left = { ...config, ...Object.fromEntries(lost.map((way) => [way, undefined])) }
  const listens = ways.some((way) => Reflect.get(left, way) !== undefined) || Reflect.get(left, 'tls') !== undefined
  return listens ? left : undefined
}

/** A hundred files are a mistake in a pattern. */
const maxFiles = 100

export function readPipelines(
  path: string | undefined,
  { sections, files: known }: Pick<LoadedConfig<unknown, unknown>, 'sections' | 'files'>,
  env: Readonly<Record<string, string | undefined>>,
): ReadPipelines {
  const nothing = { pipelines: [], files: [], problems: [], notices: [] }
  if (path === undefined) return nothing
  const settings = sections.get(pipelinesSection.key) as PipelineSettings
  const tidewatch = known.find(({ name }) => /(?:^|\/)tidewatch\.ya?ml$/.test(name))
  const base = tidewatch === undefined ? folderOf(path) : dirname(tidewatch.path)
  const notices: string[] = []
  try {
    const files = namedFiles(settings.files, base, notices)
    const read = loadPipelines(files, { settings, clock: systemClock, env })
    if (!read.ok) return { ...nothing, files, problems: read.problems }
    notices.push(...read.value.flatMap(({ notes }) => notes.map(formatProblem)))
    return { pipelines: read.value, files, problems: [], notices }
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    const { message, fix, where = {} } = error
    return { ...nothing, problems: [{ message, where, ...(fix === undefined ? {} : { fix }) }] }
  }
}

function namedFiles(patterns: readonly string[] | undefined, base: string, notices: string[]): ConfigFile[] {
  const paths = new Set<string>()
  for (const pattern of patterns ?? usualFiles) {
    const matches = globSync(isAbsolute(pattern) ? pattern : join(base, pattern)).map(String)
    const files = matches.filter((match) => statSync(match).isFile()).sort()
    if (files.length === 0 && patterns !== undefined)
      notices.push(`tidewatch.yml: pipelines: no file matches ${pattern}.`)
    for (const file of files) paths.add(file)
  }
  if (paths.size > maxFiles)
    throw new AppError('config.invalid', `${paths.size} pipeline files are more than ${maxFiles}.`, {
      where: { key: 'pipelines.files' },
      fix: 'Name those that are meant.',
    })
  return [...paths].map((file) => readConfigFile(file, base))
}

const folderOf = (path: string): string => (statSync(path).isDirectory() ? path : dirname(path))
