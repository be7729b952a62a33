// What a filled-in form is in tidewatch.yml. No React here.
import type { ChannelField } from './channel-fields.ts'

export interface ChannelEntry {
  readonly name: string
  readonly kind: string
  readonly fields: readonly ChannelField[]
  /** By the field's name; of a secret the environment variable that holds it. What is empty is left out. */
  readonly values: Readonly<Record<string, string>>
}

/** An entry below `channels:`, as it is pasted. Secrets are named, never written. */
export function channelYaml({ name, kind, fields, values }: ChannelEntry): string {
  const lines = ['channels:', `  - name: ${scalar(name)}`, `    kind: ${scalar(kind)}`]
  for (const field of fields) {
    const value = (values[field.name] ?? '').trim()
    if (value !== '' && value !== field.standard) lines.push(`    ${field.name}: ${fieldValue(field, value)}`)
  }
  return `${lines.join('\n')}\n`
}

function fieldValue({ kind }: ChannelField, value: string): string {
  switch (kind) {
    case 'secret':
      return `\${${value}}`
    case 'truth':
      return value
    case 'number':
      return /^-?\d+(\.\d+)?$/.test(value) ? value : quoted(value)
    case 'list':
      return `[${value
        .split(',')
        .map((one) => one.trim())
        .filter((one) => one !== '')
        .map(quoted)
        .join(', ')}]`
    case 'text':
    case 'choice':
    case 'template':
      return scalar(value)
    default:
      return kind satisfies never
  }
}

/** Words that YAML takes for something else than text. */
const otherWords = /^(true|false|yes|no|on|off|null|y|n)$/i

/** As it is where every YAML reader takes it for text, else in quotes. */
function scalar(value: string): string {
  return /^[A-Za-z_][\w./@-]*$/.test(value) && !otherWords.test(value) ? value : quoted(value)
}

function quoted(value: string): string {
  return /[\n\r\t]/.test(value) ? JSON.stringify(value) : `'${value.replaceAll("'", "''")}'`
}

/** The variable that is proposed for a secret: `OPS_TOKEN`. */
export function variableName(channel: string, field: string): string {
  const words = `${channel === '' ? 'channel' : channel}_${field}`.toUpperCase().replaceAll(/[^A-Z0-9]+/g, '_')
  return /^\d/.test(words) ? `_${words}` : words
}

/** What is wrong with the form, to be said beside it; undefined: it can be pasted. */
export function formProblem({ name, fields, values }: ChannelEntry): string | undefined {
  if (name.trim() === '') return 'Give it a name.'
  const missing = fields.filter((field) => field.required && (values[field.name] ?? '').trim() === '')
  if (missing.length > 0) return `Still needed: ${missing.map(({ title }) => title).join(', ')}.`
  const bad = fields.find(
    (field) => field.kind === 'secret' && !/^([A-Za-z_]\w*)?$/.test((values[field.name] ?? '').trim()),
  )
  return bad === undefined ? undefined : `${bad.title}: name a variable of the environment, not the secret itself.`
}
