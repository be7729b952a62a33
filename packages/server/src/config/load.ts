// One configuration out of all files: whole, or not at all.
import { globSync } from 'node:fs'
import { basename, dirname, isAbsolute, join } from 'node:path'
import type { Problem } from '@tidewatch/core/error.ts'
import { z } from 'zod'
import { discover, readConfigFile } from './discover.ts'
import type { ConfigFile, ConfigSection, LoadedConfig, LoadedRuleFile, Parsed } from './port.ts'
import { resolveReferences } from './references.ts'
import { readYaml } from './yaml.ts'

/** What the folders that own parts of the configuration bring. */
export interface ConfigSchemas<Prometheus extends { readonly rule_files: readonly string[] }, Rules> {
  readonly prometheus: z.ZodType<Prometheus>
  /** Checks one rule file; positions and all. */
  readonly readRules: (file: ConfigFile) => Parsed<Rules>
  /** Keys of tidewatch.yml. */
  readonly sections: readonly ConfigSection[]
  readonly env: Readonly<Record<string, string | undefined>>
}

/** Reads and checks everything `path` names; without a path the defaults of every schema. */
export function loadConfig<P extends { readonly rule_files: readonly string[] }, R>(
  path: string | undefined,
  schemas: ConfigSchemas<P, R>,
): Parsed<LoadedConfig<P, R>> {
  const found = path === undefined ? { prometheus: undefined, tidewatch: undefined, problems: [] } : discover(path)
  const problems: Problem[] = [...found.problems]
  const notices: string[] = []
  const files: ConfigFile[] = [found.prometheus, found.tidewatch].filter((file) => file !== undefined)
  const keep = <T>(parsed: Parsed<T>): T | undefined => {
    if (parsed.ok) return parsed.value
    problems.push(...parsed.problems)
    return undefined
  }
  const prometheus = keep(readYaml(found.prometheus ?? emptyFile('prometheus.yml'), schemas.prometheus))
  const sections = keep(readSections(found.tidewatch ?? emptyFile('tidewatch.yml'), schemas.sections, schemas.env))
  const rules: LoadedRuleFile<R>[] = []
  if (found.prometheus !== undefined) {
    for (const file of findRuleFiles(found.prometheus, prometheus?.rule_files ?? namedIn(found.prometheus), notices)) {
      files.push(file)
      const read = keep(schemas.readRules(file))
      if (read !== undefined) rules.push({ file, rules: read })
    }
  }
  if (problems.length > 0 || prometheus === undefined || sections === undefined) return { ok: false, problems }
  return { ok: true, value: { prometheus, rules, sections, files, notices } }
}

/** The rule files that a prometheus.yml names which is wrong elsewhere: theirs are told in the same breath. */
function namedIn(file: ConfigFile): readonly string[] {
  const read = readYaml(file, z.looseObject({ rule_files: z.array(z.string()) }))
  return read.ok ? read.value.rule_files : []
}

const emptyFile = (name: string): ConfigFile => ({ name, path: name, text: '' })

/** rule_files as Prometheus finds them: patterns relative to the file that names them; one that matches nothing is no error. */
function findRuleFiles(from: ConfigFile, patterns: readonly string[], notices: string[]): ConfigFile[] {
  const base = dirname(from.path)
  const paths = new Set<string>()
  for (const pattern of patterns) {
    let matches = globSync(isAbsolute(pattern) ? pattern : join(base, pattern)).map(String)
    if (matches.length === 0 && isAbsolute(pattern)) {
      // a path inside a container: the same file usually stands beside prometheus.yml
      matches = globSync(join(base, basename(pattern)))
      if (matches.length > 0)
        notices.push(
          `${from.name}: rule_files: ${pattern} is not here; ${matches.join(', ')} beside it is used instead.`,
        )
    }
    if (matches.length === 0) notices.push(`${from.name}: rule_files: no file matches ${pattern}.`)
    for (const match of matches.sort()) paths.add(match)
  }
  return [...paths].map((path) => readConfigFile(path, base))
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
