// The whole of a prometheus.yml: read by its forms, checked, completed with every default.

import { field, list, StructForm, type Values } from '@tidewatch/yaml/form.ts'
import type { Complain } from '@tidewatch/yaml/place.ts'
import { toPlain, toYaml } from '@tidewatch/yaml/print.ts'
import type { ReadContext } from '@tidewatch/yaml/read-context.ts'
import { type ReadFile, readByForm } from '@tidewatch/yaml/read-file.ts'
import { checkedText, integer } from '@tidewatch/yaml/scalars.ts'
import type { ConfigFile } from '../port.ts'
import {
  completeScrape,
  defaultGlobal,
  type GlobalValues,
  globalForm,
  type ScrapeValues,
  scrapeConfigs,
  scrapeFileForm,
  scrapeForm,
} from './scrape.ts'
import { alerting, otlp, remoteReads, remoteWrites, storage, strategyFault, tracing } from './sections.ts'

const filePattern = checkedText((pattern) =>
  /^[^*]*(?:\*[^/]*)?$/.test(pattern)
    ? undefined
    : `${JSON.stringify(pattern)} is not a path of files: * may stand in its last part alone.`,
)

/** Of Go's garbage collector; shown as Prometheus shows it. */
const defaultGoGc = 75
const runtime = new StructForm({ gogc: field(integer, { initial: () => defaultGoGc }) })

const fileFields = {
  global: field(globalForm, { always: true, initial: defaultGlobal }),
  runtime: field(runtime, { initial: () => runtime.initial() }),
  alerting: field(alerting),
  rule_files: field(list(filePattern)),
  scrape_config_files: field(list(filePattern)),
  scrape_configs: field(scrapeConfigs),
  storage: field(storage),
  tracing: field(tracing),
  remote_write: field(remoteWrites),
  remote_read: field(remoteReads),
  otlp: field(otlp, { initial: () => otlp.initial() }),
}

export type PrometheusValues = Values<typeof fileFields>

const fileForm = new StructForm(fileFields)

export interface PrometheusFileOptions {
  /** For external labels. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Judged as a file for Prometheus's agent mode, which neither alerts nor evaluates nor reads. */
  readonly agent?: boolean
}

/** Reads and checks a prometheus.yml; the values are whole where there are no problems. */
export function readPrometheusFile(
  file: ConfigFile,
  { env, agent = false }: PrometheusFileOptions,
  jobs: JobNames,
): ReadFile<PrometheusValues> {
  const read = readByForm(file, fileForm)
  const { value, context } = read
  if (read.problems.length > 0) return read
  if (globalForm.isEmpty(value.global)) Object.assign(value.global, defaultGlobal())
  if (value.runtime.gogc === 0) value.runtime.gogc = defaultGoGc
  for (const config of value.scrape_configs ?? [])
    jobs.complete(config, value.global, context.complainAbout(config), file.name)
  for (const key of ['remote_write', 'remote_read'] as const) checkNames(value[key] ?? [], key, context)
  const fault = strategyFault(value.otlp.translation_strategy, value.global.metric_name_validation_scheme)
  if (fault !== undefined) context.complainAbout(value.otlp)('translation_strategy', fault)
  if (agent)
    for (const key of ['alerting', 'rule_files', 'remote_read'] as const)
      if (!fileForm.fields[key].form.isEmpty(value[key] as never))
        context.complainAbout(value)(key, 'an agent has no use for this.', 'Take it out.')
  expandLabels(value.global, env)
  return read
}

/** Reads a file of scrape_config_files; `jobs` knows the names that are taken. */
export function readScrapeFile(
  file: ConfigFile,
  globals: GlobalValues,
  jobs: JobNames,
): ReadFile<readonly ScrapeValues[]> {
  const { value, problems, context } = readByForm(file, scrapeFileForm)
  const configs = value.scrape_configs ?? []
  if (problems.length === 0)
    for (const config of configs) jobs.complete(config, globals, context.complainAbout(config), file.name)
  return { value: configs, problems, context }
}

/** Job names over all files, and the file of each. */
export class JobNames {
  readonly #files = new Map<string, string>()

  /** Works `global` into a job, and checks it against the others. */
  complete(config: ScrapeValues, globals: GlobalValues, complain: Complain, fileName: string): void {
    const known = this.#files.get(config.job_name)
    if (known !== undefined)
      complain(
        'job_name',
        `${JSON.stringify(config.job_name)} is the name of another job${known === fileName ? '' : `, in ${known}`}.`,
        'Give each job a name of its own.',
      )
    else this.#files.set(config.job_name, fileName)
    completeScrape(config, globals, complain)
  }
}

function checkNames(configs: readonly { readonly name: string }[], key: string, context: ReadContext): void {
  const seen = new Set<string>()
  for (const config of configs) {
    if (config.name !== '' && seen.has(config.name))
      context.complainAbout(config)('name', `${JSON.stringify(config.name)} is the name of another ${key}.`)
    seen.add(config.name)
  }
}

/** `$NAME` and `${NAME}` in external labels are the environment's, `$$` is a dollar, as Go expands them. */
function expandLabels(globals: GlobalValues, env: Readonly<Record<string, string | undefined>>): void {
  for (const [name, value] of globals.external_labels ?? []) {
    const expanded = value.replace(
      /\$(?:\{([^}]*)\}|([A-Za-z_]\w*|[*#$@!?\-0-9]))/g,
      (_, braced?: string, bare?: string) => {
        const variable = braced ?? bare ?? ''
        return variable === '$' ? '$' : (env[variable] ?? '')
      },
    )
    globals.external_labels?.set(name, expanded)
  }
}

/** The filled-in configuration, as Prometheus shows it. */
export const effectiveYaml = (values: PrometheusValues): string => toYaml(fileForm.print(values))

/** The filled-in configuration with its secrets, for schemas that make of it what runs. */
export const plainValues = (values: PrometheusValues): PlainValues =>
  toPlain(fileForm.print(values, true)) as PlainValues

type PlainValues = Readonly<Record<string, unknown>> & { readonly scrape_configs?: readonly unknown[] }
export const plainScrape = (values: ScrapeValues, directory: string): unknown =>
  toPlain(scrapeForm.print(values, true), directory)
