// What an escaper is given, as text, and what kind of text it says it is.
import { describe, sprint } from '../format.ts'
import { SafeText, type Value } from '../value.ts'

export type ContentType =
  | 'plain'
  | 'template.CSS'
  | 'template.HTML'
  | 'template.HTMLAttr'
  | 'template.JS'
  | 'template.JSStr'
  | 'template.URL'
  | 'template.Srcset'

export interface Content {
  readonly text: string
  readonly type: ContentType
}

const types: ReadonlySet<string> = new Set<ContentType>([
  'template.CSS',
  'template.HTML',
  'template.HTMLAttr',
  'template.JS',
  'template.JSStr',
  'template.URL',
  'template.Srcset',
])
const isContentType = (type: string): type is ContentType => types.has(type)

/** Nil is no text at all here, not `<no value>`. */
export function contentOf(args: readonly Value[]): Content {
  const [first] = args
  if (args.length === 1) {
    if (typeof first === 'string') return { text: first, type: 'plain' }
    if (first instanceof SafeText && isContentType(first.type)) return { text: first.text, type: first.type }
    const text = describe(first)
    if (text !== undefined) return { text, type: 'plain' }
  }
  return { text: sprint(args.filter((arg) => arg !== undefined && arg !== null)), type: 'plain' }
}
