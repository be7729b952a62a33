// What the house rules look at: the source files git tracks or would track, parsed once.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseSync } from 'oxc-parser'

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..')

export interface SourceFile {
  /** From the root, with slashes. */
  readonly path: string
  readonly text: string
  readonly lines: number
  /** Module specifiers as written, of static and dynamic imports and of re-exports. */
  readonly imports: readonly string[]
}

/** Paths of TypeScript files of ours, tests included. */
function sourcePaths(): string[] {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts', '*.tsx'], {
    cwd: root,
    encoding: 'utf8',
  })
  return listed.split('\n').filter((path) => path !== '' && !path.endsWith('.d.ts') && !path.includes('/fixtures/'))
}

function readSource(path: string): SourceFile | undefined {
  let text: string
  try {
    text = readFileSync(join(root, path), 'utf8')
  } catch {
    // deleted and not yet committed
    return undefined
  }
  return { path, text, lines: text.split('\n').length - 1, imports: importsOf(path, text) }
}

export function allSources(): SourceFile[] {
  return sourcePaths().flatMap((path) => readSource(path) ?? [])
}

export const isTest = (path: string): boolean =>
  /(\.(test|suite)|\/fakes|-for-test)\.tsx?$/.test(path) ||
  path.startsWith('tests/') ||
  path.startsWith('packages/testkit/') ||
  path.includes('/testing/')

function importsOf(path: string, text: string): string[] {
  const { module, errors } = parseSync(path, text)
  if (errors.length > 0) throw new Error(`${path} cannot be parsed: ${errors[0]?.message}`)
  const specifiers = module.staticImports.map(({ moduleRequest }) => moduleRequest.value)
  for (const { entries } of module.staticExports)
    for (const { moduleRequest } of entries) if (moduleRequest !== null) specifiers.push(moduleRequest.value)
  for (const { moduleRequest } of module.dynamicImports) {
    const written = text.slice(moduleRequest.start, moduleRequest.end)
    if (/^['"`]/.test(written)) specifiers.push(written.slice(1, -1))
  }
  return specifiers
}
