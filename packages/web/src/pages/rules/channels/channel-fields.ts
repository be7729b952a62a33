// The options of a kind of channel as fields of a form, from the JSON schema that the server tells. No React here.
import type { ChannelKind } from '../../../data/notify.ts'

type FieldKind = 'text' | 'number' | 'truth' | 'choice' | 'list' | 'template' | 'secret'

export interface ChannelField {
  readonly name: string
  readonly title: string
  readonly help: string
  readonly kind: FieldKind
  readonly required: boolean
  /** Of a choice. */
  readonly choices: readonly string[]
  /** What counts where nothing is written; empty where there is nothing to say. */
  readonly standard: string
  /** Mostly left as it is. */
  readonly rare: boolean
}

export interface ChannelForm {
  readonly fields: readonly ChannelField[]
  /** Options that are lists of objects and the like: written by hand. */
  readonly byHand: readonly string[]
}

/** Fields in the schema's order; what has a title or is required comes first, as it is what people fill in. */
export function channelForm({ options }: Pick<ChannelKind, 'options'>): ChannelForm {
  const properties = recordOf(options.properties)
  const required = new Set(Array.isArray(options.required) ? options.required : [])
  const fields: ChannelField[] = []
  const byHand: string[] = []
  for (const [name, value] of Object.entries(properties)) {
    const schema = recordOf(value)
    const kind = fieldKind(schema)
    if (kind === undefined) byHand.push(name)
    else fields.push(toField(name, schema, { kind, required: required.has(name) }))
  }
  return { fields: [...fields.filter(({ rare }) => !rare), ...fields.filter(({ rare }) => rare)], byHand }
}

type Schema = Readonly<Record<string, unknown>>

const recordOf = (value: unknown): Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

function toField(
  name: string,
  schema: Schema,
  { kind, required }: { readonly kind: FieldKind; readonly required: boolean },
): ChannelField {
  const title = textOf(schema.title)
  const standard = schema.default
  return {
    ...{ name, kind, required },
    title: title === '' ? capital(name.replaceAll('_', ' ')) : title,
    help: textOf(schema.help),
    choices: Array.isArray(schema.enum) ? schema.enum.map(String) : [],
    standard: typeof standard === 'object' || standard === undefined ? '' : String(standard),
    rare: !required && (title === '' || name.endsWith('_file') || name === 'timeout'),
  }
}

function fieldKind(schema: Schema): FieldKind | undefined {
  if (isSecret(schema)) return 'secret'
  if (Array.isArray(schema.enum)) return 'choice'
  const types = typesOf(schema)
  if (types.has('object') || types.size === 0) return undefined
  if (types.has('array')) return isPlainList(schema) ? 'list' : undefined
  if (schema.format === 'go-template') return 'template'
  if (types.has('string')) return 'text'
  if (types.has('boolean')) return 'truth'
  return types.has('integer') || types.has('number') ? 'number' : undefined
}

const isSecret = (schema: Schema): boolean =>
  schema.writeOnly === true || branches(schema).some((branch) => branch.writeOnly === true)

const branches = (schema: Schema): Schema[] => (Array.isArray(schema.anyOf) ? schema.anyOf.map(recordOf) : [])

/** Also those of its branches. */
function typesOf(schema: Schema): Set<string> {
  const own = Array.isArray(schema.type)
    ? schema.type.map(String)
    : schema.type === undefined
      ? []
      : [String(schema.type)]
  return new Set([...own, ...branches(schema).flatMap((branch) => [...typesOf(branch)])])
}

/** A list of texts, which may also be written as one with commas. */
const isPlainList = (schema: Schema): boolean =>
  [schema, ...branches(schema)].some((one) => one.type === 'array' && !typesOf(recordOf(one.items)).has('object'))

const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1)
