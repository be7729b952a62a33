// One configuration out of all files: whole, or not at all.
import { globSync } from 'node:fs'
import { basename, dirname, isAbsolute, join, resolve } from 'node:path'
import type { Problem } from '@tidewatch/core/error.ts'
import { z } from 'zod'
import { alertmanagerSection, findAlertmanagerFile } from './alertmanager.ts'
import { discover, type FoundFiles, readConfigFile } from './discover.ts'
import type { ConfigFile, ConfigSection, LoadedConfig, LoadedRuleFile, Parsed } from './port.ts'
import {
  effectiveYaml,
  JobNames,
  plainScrape,
  plainValues,
  readPrometheusFile,
  readScrapeFile,
} from './prometheus/file.ts'
import { resolveReferences } from './references.ts'
import { readYaml } from './yaml.ts'

/** What the folders that own parts of the configuration bring. */
export interface ConfigSchemas<Prometheus, Rules> {
  /** Makes what runs of a checked and filled-in prometheus.yml; the jobs of its scrape_config_files are among its own. */
  readonly prometheus: z.ZodType<Prometheus>
  /** Checks one rule file; positions and all. By tidewatch.yml as far as it is right. */
  readonly readRules: (file: ConfigFile, sections: ReadonlyMap<string, unknown>) => Parsed<Rules>
  /** Patterns of rule files in tidewatch.yml, relative to it. */
  readonly ruleGlobs?: (sections: ReadonlyMap<string, unknown>) => readonly string[]
  /** Whether a file that is called as rule files are is meant for us, though nobody names it. */
  readonly isOwnRuleFile?: (file: ConfigFile) => boolean
  /** Checks an alertmanager.yml, and names the files that it has read besides. */
  readonly readAlertmanager?: (
    file: ConfigFile,
  ) => Parsed<{ readonly setup: unknown; readonly files: readonly ConfigFile[] }>
  /** The alertmanager.yml that counts instead of the one that is found. */
  readonly alertmanagerConfig?: string | undefined
  /** Keys of tidewatch.yml. */
  readonly sections: readonly ConfigSection[]
  readonly env: Readonly<Record<string, string | undefined>>
  /** Judges prometheus.yml as a file for Prometheus's agent mode. */
  readonly agent?: boolean
  /** Leaves out the rule files that it names. */
  readonly withoutRules?: boolean
}

const nothingFound: FoundFiles = {
  prometheus: undefined,
  tidewatch: undefined,
  alertRules: [],
  alertmanager: [],
  problems: [],
}

/** Reads and checks everything `path` names; without a path the defaults of every schema. */
export function loadConfig<P, R>(path: string | undefined, schemas: ConfigSchemas<P, R>): Parsed<LoadedConfig<P, R>> {
  const found = path === undefined ? nothingFound : discover(path)
  const problems: Problem[] = [...found.problems]
  const notices: string[] = []
  const files: ConfigFile[] = [found.prometheus, found.tidewatch].filter((file) => file !== undefined)
  const keep = <T>(parsed: Parsed<T>): T | undefined => {
    if (parsed.ok) return parsed.value
    problems.push(...parsed.problems)
    return undefined
  }
  const main = readPrometheus(found.prometheus ?? emptyFile('prometheus.yml'), schemas, notices)
  const prometheus = keep(main.prometheus)
  files.push(...main.files)
  const sections = keep(readSections(found.tidewatch ?? emptyFile('tidewatch.yml'), schemas.sections, schemas.env))
  const rules: LoadedRuleFile<R>[] = []
  for (const file of ruleFilesOf(found, { main, sections, schemas, notices })) {
    files.push(file)
    const read = keep(schemas.readRules(file, sections ?? new Map()))
    if (read !== undefined) rules.push({ file, rules: read })
  }
  const alertmanager = keep(readAlertmanager(path, { found, sections, schemas }))
  files.push(...(alertmanager?.files ?? []))
  if (problems.length > 0 || prometheus === undefined || sections === undefined) return { ok: false, problems }
  const { effective: effectivePrometheus } = main
  const value = { prometheus, effectivePrometheus, rules, sections, alertmanager: alertmanager?.setup, files, notices }
  return { ok: true, value }
}

interface AlertmanagerSources<P, R> {
  readonly found: FoundFiles
  readonly sections: ReadonlyMap<string, unknown> | undefined
  readonly schemas: ConfigSchemas<P, R>
}

/** The alertmanager.yml that counts, and what it names. */
function readAlertmanager<P, R>(
  path: string | undefined,
  { found, sections, schemas }: AlertmanagerSources<P, R>,
): Parsed<{ readonly setup: unknown; readonly files: readonly ConfigFile[] }> {
  const nothing = { setup: undefined, files: [] }
  if (schemas.readAlertmanager === undefined) return { ok: true, value: nothing }
  const section = sections?.get(alertmanagerSection.key) as { readonly config_file?: string } | undefined
  const file = findAlertmanagerFile({
    ...{ named: schemas.alertmanagerConfig, written: section?.config_file, base: path },
    ...{ tidewatch: found.tidewatch, found: found.alertmanager },
  })
  if (!file.ok) return file
  if (file.value === undefined) return { ok: true, value: nothing }
  const read = schemas.readAlertmanager(file.value)
  return read.ok ? { ok: true, value: { setup: read.value.setup, files: [file.value, ...read.value.files] } } : read
}

interface RuleFileParts<P, R> {
  readonly main: PrometheusParts<P>
  readonly sections: ReadonlyMap<string, unknown> | undefined
  readonly schemas: ConfigSchemas<P, R>
  readonly notices: string[]
}

/** Each once: those of prometheus.yml, those of tidewatch.yml, and those that were found under their usual name. */
function ruleFilesOf<P, R>(found: FoundFiles, { main, sections, schemas, notices }: RuleFileParts<P, R>): ConfigFile[] {
  if (schemas.withoutRules === true) return []
  const { prometheus, tidewatch } = found
  const files = [
    ...(prometheus === undefined ? [] : findFiles(prometheus, 'rule_files', [...new Set(main.ruleFiles)], notices)),
    ...(tidewatch === undefined || sections === undefined
      ? []
      : findFiles(tidewatch, 'rules', schemas.ruleGlobs?.(sections) ?? [], notices)),
    ...found.alertRules.filter((file) => schemas.isOwnRuleFile?.(file) === true),
  ]
  return [...new Map(files.map((file) => [resolve(file.path), file])).values()]
}

interface PrometheusParts<P> {
  readonly prometheus: Parsed<P>
  readonly ruleFiles: readonly string[]
  /** Files of scrape configurations. */
  readonly files: readonly ConfigFile[]
  readonly effective: string
}

/** A prometheus.yml and the files of scrape configurations that it names. */
function readPrometheus<P>(
  file: ConfigFile,
  schemas: ConfigSchemas<P, unknown>,
  notices: string[],
): PrometheusParts<P> {
  const jobs = new JobNames()
  const { value, problems: own, context } = readPrometheusFile(file, schemas, jobs)
  const problems = [...own]
  // what is named in a file that is wrong elsewhere is told in the same breath
  const ruleFiles = own.length === 0 ? (value.rule_files ?? []) : namedIn(file)
  const files: ConfigFile[] = []
  if (problems.length > 0) return { prometheus: { ok: false, problems }, ruleFiles, files, effective: '' }
  const values = plainValues(value)
  const written = Object.entries(values).filter(([key]) => key === 'global' || context.isWritten(value, key))
  const scrapes: unknown[] = [...(values.scrape_configs ?? [])]
  for (const found of findFiles(file, 'scrape_config_files', value.scrape_config_files ?? [], notices)) {
    files.push(found)
    const read = readScrapeFile(found, value.global, jobs)
    problems.push(...read.problems)
    for (const key of read.context.passedOver)
      notices.push(`${found.name}: ${key} is not used: it is not supported here.`)
    if (read.problems.length === 0)
      scrapes.push(...read.value.map((config) => plainScrape(config, dirname(found.path))))
  }
  const prometheus: Parsed<P> =
    problems.length > 0
      ? { ok: false, problems }
      : readYaml(file, schemas.prometheus, { ...Object.fromEntries(written), scrape_configs: scrapes })
  return { prometheus, ruleFiles, files, effective: effectiveYaml(value) }
}

/** The rule files that a prometheus.yml names which is wrong elsewhere. */
function namedIn(file: ConfigFile): readonly string[] {
  const read = readYaml(file, z.looseObject({ rule_files: z.array(z.string()) }))
  return read.ok ? read.value.rule_files : []
}

const emptyFile = (name: string): ConfigFile => ({ name, path: name, text: '' })

/** Files as Prometheus finds them: patterns relative to the file that names them; one that matches nothing is no error. */
function findFiles(from: ConfigFile, key: string, patterns: readonly string[], notices: string[]): ConfigFile[] {
  const base = dirname(from.path)
  const paths: string[] = []
  for (const pattern of patterns) {
    let matches = globSync(isAbsolute(pattern) ? pattern : join(base, pattern)).map(String)
    if (matches.length === 0 && isAbsolute(pattern)) {
      // a path inside a container: the same files usually stand beside prometheus.yml, or in a folder of the same name
      matches = besides(pattern)
        .flatMap((near) => globSync(join(base, near)))
        .filter((match) => match !== from.path)
      if (matches.length > 0)
        notices.push(`${from.name}: ${key}: ${pattern} is not here; ${matches.join(', ')} beside it is used instead.`)
    }
    if (matches.length === 0) notices.push(`${from.name}: ${key}: no file matches ${pattern}.`)
    paths.push(...matches.sort())
  }
  return paths.map((path) => readConfigFile(path, base))
}

/** A bare `*.yml` is not looked for beside it: everything there would be taken for rules. */
function besides(pattern: string): readonly string[] {
  const name = basename(pattern)
  const folder = join(basename(dirname(pattern)), name)
  return /^\*(?:\.ya?ml)?$/.test(name) ? [folder] : [folder, name]
}

function readSections(
  file: ConfigFile,
  sections: readonly ConfigSection[],
  env: ConfigSchemas<never, never>['env'],
): Parsed<ReadonlyMap<string, unknown>> {
  const shape = Object.fromEntries(sections.map((section) => [section.key, section.schema.optional()]))
  const plain = readYaml(
    file,
    z.strictObject(Object.fromEntries(sections.map((section) => [section.key, z.unknown().optional()]))),
  )
  if (!plain.ok) return plain
  const resolved = resolveReferences(plain.value, { env, directory: dirname(file.path), fileName: file.name })
  if (resolved.problems.length > 0) return { ok: false, problems: resolved.problems }
  const schema = z.preprocess(() => resolved.value, z.strictObject(shape))
  const checked = readYaml(file, schema)
  if (!checked.ok) return checked
  const value = checked.value as Record<string, unknown>
  return {
    ok: true,
    value: new Map(sections.map((section) => [section.key, value[section.key] ?? section.schema.parse(undefined)])),
  }
}
