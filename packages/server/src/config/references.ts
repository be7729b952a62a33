// `${NAME}` and `file:/path` in values of tidewatch.yml, resolved after parsing, so a value can never change the structure around it.
import { readFileSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import type { Problem } from '@tidewatch/core/error.ts'

const environmentReference = /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g

export interface ReferenceContext {
  readonly env: Readonly<Record<string, string | undefined>>
  /** What relative `file:` paths are relative to. */
  readonly directory: string
  readonly fileName: string
}

/** A copy of a parsed value with its references resolved, and what could not be. */
export function resolveReferences(
  value: unknown,
  context: ReferenceContext,
): { readonly value: unknown; readonly problems: readonly Problem[] } {
  const problems: Problem[] = []
  const walk = (current: unknown, path: string): unknown => {
    if (typeof current === 'string') return resolveText(current, path, context, problems)
    if (Array.isArray(current)) return current.map((item, i) => walk(item, `${path}[${i}]`))
    // a plain date of YAML is a Date
    if (typeof current !== 'object' || current === null || current instanceof Date) return current
    return Object.fromEntries(
      Object.entries(current).map(([key, item]) => [key, walk(item, path === '' ? key : `${path}.${key}`)]),
    )
  }
  return { value: walk(value, ''), problems }
}

function resolveText(text: string, path: string, context: ReferenceContext, problems: Problem[]): string {
  const report = (message: string, fix: string): string => {
    problems.push({ message, fix, where: { file: context.fileName, key: path } })
    return text
  }
  if (text.startsWith('file:')) {
    const name = text.slice('file:'.length)
    const file = isAbsolute(name) ? name : join(context.directory, name)
    try {
      return readFileSync(file, 'utf8').trimEnd()
    } catch {
      return report(`the file ${name} cannot be read.`, 'Check the path and its permissions.')
    }
  }
  return text.replace(environmentReference, (whole, name: string) => {
    const value = context.env[name]
    if (value !== undefined) return value
    report(`the environment variable ${name} is not set.`, `Set ${name}, or write the value here.`)
    return whole
  })
}
