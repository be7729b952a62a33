// Finds a team's files under their usual names, where `--config` names a directory.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { AppError, type Problem } from '@tidewatch/core/error.ts'
import type { ConfigFile } from './port.ts'

/** Folders below the given one that are looked into; teams keep them as `monitoring/`, `prometheus/`, `config/`. */
const maxDepth = 4
/** A configuration is written by hand; what is larger is something else. */
const maxFileBytes = 16 * 1024 * 1024
const maxEntries = 10_000

/** The files by their role. */
export interface FoundFiles {
  readonly prometheus: ConfigFile | undefined
  readonly tidewatch: ConfigFile | undefined
  /** Paths: which one counts may be said in tidewatch.yml. */
  readonly alertmanager: readonly string[]
  /** Files called alert-rules.yml: beside what was named or in `config/` there, and anywhere below a directory that was. */
  readonly alertRules: readonly ConfigFile[]
  readonly problems: readonly Problem[]
}

const usualNames = {
  prometheus: ['prometheus.yml', 'prometheus.yaml'],
  tidewatch: ['tidewatch.yml', 'tidewatch.yaml'],
  alertmanager: ['alertmanager.yml', 'alertmanager.yaml'],
  alertRules: ['alert-rules.yml', 'alert-rules.yaml'],
} as const

/** Looks at a file or a directory. Throws `config.unreadable` where the path itself cannot be read. */
export function discover(path: string): FoundFiles {
  let isDirectory: boolean
  try {
    isDirectory = statSync(path).isDirectory()
  } catch (error) {
    throw unreadable(path, error)
  }
  if (isDirectory) return discoverIn(path)
  const file = readConfigFile(path, dirname(path))
  const alertmanager = siblingOf(path, 'alertmanager')
  const found = {
    alertmanager: alertmanager === undefined ? [] : [alertmanager],
    alertRules: alertRulesBeside(path),
    problems: [],
  }
  if (isNamed(path, 'alertmanager'))
    return { ...found, prometheus: undefined, tidewatch: undefined, alertmanager: [path] }
  if (isNamed(path, 'tidewatch')) return { ...found, prometheus: undefined, tidewatch: file }
  const beside = siblingOf(path, 'tidewatch')
  const tidewatch = beside === undefined ? undefined : readConfigFile(beside, dirname(path))
  return { ...found, prometheus: file, tidewatch }
}

const isNamed = (path: string, role: keyof typeof usualNames): boolean =>
  (usualNames[role] as readonly string[]).includes(basename(path))

/** With `--config prometheus.yml` the tidewatch.yml and the alertmanager.yml beside it count too. */
function siblingOf(path: string, role: keyof typeof usualNames): string | undefined {
  return usualNames[role]
    .map((name) => join(dirname(path), name))
    .find((sibling) => statSync(sibling, { throwIfNoEntry: false })?.isFile() === true)
}

function alertRulesBeside(path: string): ConfigFile[] {
  const base = dirname(path)
  return [base, join(base, 'config')]
    .flatMap((folder) => usualNames.alertRules.map((name) => join(folder, name)))
    .filter((file) => file !== path && statSync(file, { throwIfNoEntry: false })?.isFile() === true)
    .map((file) => readConfigFile(file, base))
}

function discoverIn(directory: string): FoundFiles {
  const all = walk(directory)
  const problems: Problem[] = []
  const one = (role: 'prometheus' | 'tidewatch'): ConfigFile | undefined => {
    const matches = all.filter((file) => isNamed(file, role))
    if (matches.length > 1) {
      const names = matches.map((file) => relative(directory, file))
      problems.push({
        message: `there are several: ${names.join(', ')}.`,
        where: { file: directory, key: usualNames[role][0] },
        fix: 'Name the one that is meant with --config.',
      })
    }
    return matches[0] === undefined ? undefined : readConfigFile(matches[0], directory)
  }
  const alertmanager = all.filter((file) => isNamed(file, 'alertmanager'))
  const alertRules = all.filter((file) => isNamed(file, 'alertRules')).map((file) => readConfigFile(file, directory))
  return { prometheus: one('prometheus'), tidewatch: one('tidewatch'), alertmanager, alertRules, problems }
}

/** Files below a directory, sorted; hidden folders, packages and links to folders are left out. */
function walk(directory: string): string[] {
  const files: string[] = []
  const visit = (folder: string, depth: number): void => {
    const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
    for (const entry of entries) {
      if (files.length > maxEntries) return
      if (entry.isFile()) files.push(join(folder, entry.name))
      else if (
        entry.isSymbolicLink() &&
        statSync(join(folder, entry.name), { throwIfNoEntry: false })?.isFile() === true
      )
        files.push(join(folder, entry.name))
      else if (entry.isDirectory() && depth < maxDepth && !entry.name.startsWith('.') && entry.name !== 'node_modules')
        visit(join(folder, entry.name), depth + 1)
    }
  }
  try {
    visit(directory, 0)
  } catch (error) {
    throw unreadable(directory, error)
  }
  return files
}

/** Reads a file of the configuration; its name is shown relative to `base`. Throws `config.unreadable`. */
export function readConfigFile(path: string, base: string): ConfigFile {
  try {
    const bytes = statSync(path).size
    if (bytes > maxFileBytes) {
      throw new AppError(
        'config.unreadable',
        `${path} has ${bytes} bytes; a configuration file has at most ${maxFileBytes}.`,
        { where: { file: path } },
      )
    }
    const name = relative(base, path)
    return { name: name.startsWith('..') ? path : name, path, text: textOf(readFileSync(path), path) }
  } catch (error) {
    throw error instanceof AppError ? error : unreadable(path, error)
  }
}

/** UTF-8, or UTF-16 with its mark, as YAML has it. */
function textOf(bytes: Uint8Array, path: string): string {
  const mark =
    bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : 'utf-8'
  try {
    return new TextDecoder(mark, { fatal: true, ignoreBOM: mark === 'utf-8' }).decode(bytes)
  } catch (cause) {
    throw new AppError('config.unreadable', `${path} is not UTF-8 text.`, {
      where: { file: path },
      cause,
      fix: 'Save it as UTF-8.',
    })
  }
}

function unreadable(path: string, cause: unknown): AppError {
  const code = (cause as NodeJS.ErrnoException).code
  const why =
    code === 'ENOENT' ? 'does not exist' : code === 'EACCES' ? 'may not be read by this user' : 'cannot be read'
  return new AppError('config.unreadable', `${path} ${why}.`, {
    where: { file: path },
    cause,
    fix: 'Check the path given with --config.',
  })
}
