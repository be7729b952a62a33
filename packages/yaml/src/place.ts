// Where in a file something stands, and how its key is written.
import type { Scalar } from 'yaml'

export type Path = readonly (string | number)[]

/** Tells a fault of a struct; `key` is the one at fault. */
export type Complain = (key: string, message: string, fix?: string) => void

/** `scrape_configs[0].job_name`. */
export const keyOf = (path: Path): string =>
  path.map((part, i) => (typeof part === 'number' ? `[${part}]` : `${i === 0 ? '' : '.'}${part}`)).join('')

/** The text of a scalar as it is written; bytes that are no text have a lone surrogate in their place. */
export function keyText(node: Scalar): string {
  if (node.value instanceof Uint8Array) {
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(node.value)
    } catch {
      return '\ud800'
    }
  }
  return typeof node.value === 'string' ? node.value : (node.source ?? String(node.value))
}
