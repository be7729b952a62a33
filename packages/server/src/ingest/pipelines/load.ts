// Pipeline files to what runs, with everything that is wrong or odd about them. The files of one folder are one pipeline, as Logstash puts
// them together; a file of YAML is one by itself.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, isAbsolute, join } from 'node:path'
import type { Clock } from '@tidewatch/core/clock.ts'
import type { Problem } from '@tidewatch/core/error.ts'
import { grokEngine } from '@tidewatch/grok/engine.ts'
import type { PipelineFiles } from '@tidewatch/logstash/filter.ts'
import { type LoadOptions, type LoadResult, loadPipeline } from '@tidewatch/logstash/pipeline.ts'
import type { StepObserver } from '@tidewatch/logstash/steps.ts'
import { loadYamlPipeline } from '@tidewatch/logstash/yaml-pipeline.ts'
import type { ConfigFile, Parsed } from '../../config/port.ts'
import { defaultSettings, type PipelineSettings } from './config.ts'
import { withRoutes } from './line-routes.ts'
import { oddities } from './oddities.ts'
import type { LoadedPipeline } from './port.ts'

export interface LoadContext {
  readonly settings: PipelineSettings
  readonly clock: Clock
  readonly env: Readonly<Record<string, string | undefined>>
}

/** One pipeline: a file of YAML, or the files of a folder in the order of their names. */
type Group = readonly [ConfigFile, ...ConfigFile[]]

const isYaml = ({ name }: ConfigFile): boolean => /\.ya?ml$/.test(name)

/** All of them, or everything that is wrong. */
export function loadPipelines(files: readonly ConfigFile[], context: LoadContext): Parsed<readonly LoadedPipeline[]> {
  const problems: Problem[] = []
  const pipelines: LoadedPipeline[] = []
  for (const group of groupsOf(files)) {
    const read = loadGroup(group, context)
    if (read.ok) pipelines.push(read.value)
    else problems.push(...read.problems)
  }
  problems.push(...repeatedPorts(pipelines))
  if (problems.length > 0) return { ok: false, problems }
  return withRoutes(pipelines, context.settings.routes)
}

function groupsOf(files: readonly ConfigFile[]): Group[] {
  const folders = new Map<string, [ConfigFile, ...ConfigFile[]]>()
  for (const file of files) {
    const key = isYaml(file) ? file.path : dirname(file.path)
    const known = folders.get(key)
    if (known === undefined) folders.set(key, [file])
    else known.push(file)
  }
  return [...folders.values()]
}

function loadGroup(group: Group, { settings, clock, env }: LoadContext): Parsed<LoadedPipeline> {
  const [first] = group
  const name = group.length === 1 ? first.name : `${dirname(first.name)}/*.conf`
  const text = group.map((file) => file.text).join('\n')
  const { pipeline, problems, notes } = loadText(text, {
    ...{ name, settings, clock, env, files: filesBelow(dirname(first.path)) },
    format: isYaml(first) ? 'yaml' : 'logstash',
  })
  const placed = (list: readonly Problem[]): Problem[] => list.map((problem) => inItsFile(problem, group))
  if (pipeline === undefined) return { ok: false, problems: placed(problems) }
  const odd = oddities(pipeline, { file: name, networks: settings.networks })
  if (odd.problems.length > 0) return { ok: false, problems: placed(odd.problems) }
  const { project, networks } = settings
  const loaded = { name, path: first.path, text, project, networks, pipeline, routes: [] }
  return { ok: true, value: { ...loaded, notes: placed([...notes, ...odd.notes]) } }
}

interface TextOptions extends LoadContext {
  readonly name: string
  readonly files: PipelineFiles
  readonly format: 'logstash' | 'yaml'
  readonly observer?: StepObserver
}

/** One text to a pipeline. */
export function loadText(
  text: string,
  { name, settings, clock, env, files, format, observer }: TextOptions,
): LoadResult {
  const options: LoadOptions = {
    ...{ file: name, clock, grok: grokEngine, files, environment: env },
    supportEscapes: settings.support_escapes,
    ecsCompatibility: settings.ecs_compatibility,
    timeZone: settings.time_zone,
    ...(observer === undefined ? {} : { observer }),
  }
  return format === 'yaml' ? loadYamlPipeline(text, options) : loadPipeline(text, options)
}

/** Reads a text by its form, with nothing of the machine within its reach: no files, no variables. */
export function loadAlone(
  text: string,
  { format, clock, observer }: Pick<TextOptions, 'format' | 'clock'> & { readonly observer: StepObserver },
): LoadResult {
  const files: PipelineFiles = { text: () => undefined, bytes: () => undefined, list: () => [] }
  const env = namesThemselves(text)
  return loadText(text, { name: 'pipeline', settings: defaultSettings(), clock, env, files, format, observer })
}

/** `${NAME}` stays as it is written. */
function namesThemselves(text: string): Record<string, string> {
  const names = [...text.matchAll(/\$\{([a-zA-Z_.][a-zA-Z0-9_.]*)\}/g)].map(
    ([whole, name]) => [name as string, whole] as const,
  )
  return Object.fromEntries(names)
}

/** Dictionaries, patterns and databases that settings name; relative ones stand beside the pipeline's file. */
export function filesBelow(folder: string): PipelineFiles {
  const pathOf = (path: string): string => (isAbsolute(path) ? path : join(folder, path))
  const bytes = (path: string): Uint8Array | undefined => {
    try {
      return statSync(pathOf(path)).size > maxFileBytes ? undefined : readFileSync(pathOf(path))
    } catch {
      // told by the setting that names it
      return undefined
    }
  }
  return {
    bytes,
    text: (path) => {
      const read = bytes(path)
      return read === undefined ? undefined : new TextDecoder().decode(read)
    },
    list(path) {
      try {
        return readdirSync(pathOf(path))
          .sort()
          .map((name) => join(pathOf(path), name))
      } catch {
        return []
      }
    },
  }
}

/** A database of places has some 70 MB. */
const maxFileBytes = 512 << 20

/** A place in the joined text as one in the file that it stands in. */
function inItsFile(problem: Problem, group: Group): Problem {
  let line = problem.where.line
  if (line === undefined || group.length === 1) return problem
  for (const { name, text } of group) {
    const lines = text.split('\n').length
    if (line <= lines) return { ...problem, where: { ...problem.where, file: name, line } }
    line -= lines
  }
  return problem
}

/** Two inputs cannot have one port; told before either is opened. */
function repeatedPorts(pipelines: readonly LoadedPipeline[]): Problem[] {
  const taken = new Map<string, string>()
  return pipelines.flatMap(({ name, pipeline }) =>
    pipeline.inputs.flatMap(({ kind, listen, place }) => {
      if (listen === undefined || listen.port === 0) return []
      const keys = (kind === 'syslog' ? ['tcp', 'udp'] : [kind === 'udp' ? 'udp' : 'tcp']).map(
        (way) => `${way} ${listen.port}`,
      )
      const former = keys.flatMap((key) => taken.get(key) ?? [])[0]
      for (const key of keys) taken.set(key, name)
      if (former === undefined) return []
      return [
        {
          message: `the port ${listen.port} is that of another input, in ${former}`,
          where: { file: name, line: place.line, column: place.column, key: kind },
          fix: 'Give one of them another port.',
        },
      ]
    }),
  )
}
