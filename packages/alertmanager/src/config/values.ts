// Values that an alertmanager.yml has and a prometheus.yml has not.
import { AppError } from '@tidewatch/core/error.ts'
import { Secret } from '@tidewatch/core/secret.ts'
import { createTemplate } from '@tidewatch/template/template.ts'
import { type Field, type Fields, type Form, field, type StructForm, type Values } from '@tidewatch/yaml/form.ts'
import { keyText } from '@tidewatch/yaml/place.ts'
import { resolveScalar } from '@tidewatch/yaml/resolve.ts'
import { checkedText, text } from '@tidewatch/yaml/scalars.ts'
import { redactUrl, urlFault, urlParts } from '@tidewatch/yaml/url.ts'
import { isMap, isScalar, isSeq, type Node } from 'yaml'

/** Text with a template in it. */
export const template = (initial = ''): Field<string> => field(text, { initial: () => initial })

/** Undefined where nothing, or the empty text, is written. */
function concealed(form: Form<string>): Form<Secret | undefined> {
  return {
    zero: () => undefined,
    read(node, path, context) {
      const value = form.read(node, path, context)
      return value === undefined || value === '' ? undefined : new Secret(value)
    },
    isEmpty: (value) => value === undefined,
    print: (value) =>
      value === undefined ? { kind: 'null' } : { kind: 'secret', text: value.reveal(), shown: '<secret>' },
  }
}

/** A password, key or token. */
export const hidden: Form<Secret | undefined> = concealed(text)

/** What printed configurations have in place of a secret; Alertmanager reads it back without a word. */
const concealedText = '<secret>'

function webUrlFault(value: string): string | undefined {
  const shown = JSON.stringify(redactUrl(value))
  const fault = urlFault(value)
  if (fault !== undefined) return `${shown} is not a URL: ${fault}.`
  const { scheme, host } = urlParts(value)
  if (scheme !== 'http' && scheme !== 'https') return `${shown} is not a URL of http or https.`
  return host === '' ? `${shown} has no host.` : undefined
}

/** The same without its text, which is a secret. */
function secretUrlFault(value: string): string | undefined {
  if (value === concealedText) return undefined
  const fault = urlFault(value)
  if (fault !== undefined) return `this is not a URL: ${fault}.`
  const { scheme, host } = urlParts(value)
  if (scheme !== 'http' && scheme !== 'https') return 'this is not a URL of http or https.'
  return host === '' ? 'this URL has no host.' : undefined
}

/** Undefined: not written. */
export const webUrl: Form<string | undefined> = {
  zero: () => undefined,
  read: (node, path, context) => checkedText(webUrlFault).read(node, path, context),
  isEmpty: (value) => value === undefined,
  print: (value) => (value === undefined ? { kind: 'null' } : { kind: 'secret', text: value, shown: redactUrl(value) }),
}

/** A URL that whoever knows it may post to. */
export const hiddenUrl: Form<Secret | undefined> = concealed(checkedText(secretUrlFault))

/** The same, or a template that gives one. */
export const hiddenUrlTemplate: Form<Secret | undefined> = concealed(
  checkedText((value) => {
    if (value === '') return undefined
    return value.includes('{{') ? templateFault(value) : secretUrlFault(value)
  }),
)

/** What is wrong with a template that knows the built-in functions alone. */
export function templateFault(value: string): string | undefined {
  try {
    createTemplate(value, { name: '' })
    return undefined
  } catch (error) {
    if (error instanceof AppError) return `this is not a template: ${error.message}.`
    throw error
  }
}

/** `host:port`, the host in brackets where it has colons itself. Empty: not given. */
export const hostPort: Form<string> = checkedText((value) => {
  if (value === '') return undefined
  const shown = JSON.stringify(value)
  const match = /^(?:\[[^[\]]*\]|[^:[\]]*):([^:[\]]*)$/.exec(value)
  if (match === null) return `${shown} is not host:port.`
  return match[1] === '' ? `${shown} has no port.` : undefined
})

const goUnits: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
}

/** Milliseconds of a duration as Go writes it: `1h30m`, `1.5s`; undefined where it is none. */
function parseGoDuration(value: string): number | undefined {
  const match = /^([-+]?)((?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|[smh]))+)$/.exec(value)
  if (match === null) return /^[-+]?0$/.test(value) ? 0 : undefined
  let ms = 0
  for (const [, number, unit] of (match[2] as string).matchAll(/(\d+\.?\d*|\.\d+)([a-zµμ]+)/g))
    ms += Number(number) * (goUnits[unit as string] as number)
  return match[1] === '-' ? -ms : ms
}

/** Milliseconds. With `takesNumbers` a number without unit is nanoseconds, as Go's decoder has it. */
const goDurationForm = (takesNumbers: boolean): Form<number> => ({
  zero: () => 0,
  read(node, path, context) {
    const resolved = isScalar(node) ? resolveScalar(node) : undefined
    if (takesNumbers && resolved?.kind === 'int') return Number(resolved.value) / 1e6
    const value = text.read(node, path, context)
    if (value === undefined) return undefined
    const ms = parseGoDuration(value)
    if (ms === undefined)
      context.problem(node, path, `${JSON.stringify(value)} is not a duration.`, 'Write one such as 30s, 1m or 1h30m.')
    return ms
  },
  isEmpty: (value) => value === 0,
  print: (value) => ({ kind: 'text', text: `${value}ms` }),
})

export const goDuration: Form<number> = goDurationForm(false)
export const timeout: Form<number> = goDurationForm(true)

/** Any YAML, as plain data. */
export const anything: Form<unknown> = {
  zero: () => undefined,
  read(node, path, context) {
    const before = context.problems.length
    const value = plainOf(node, path, context)
    return context.problems.length > before ? undefined : value
  },
  isEmpty: (value) => value === undefined,
  print: printAny,
}

type ReadArguments = Parameters<Form<unknown>['read']>

function plainOf(raw: Node | null, path: ReadArguments[1], context: ReadArguments[2]): unknown {
  const node = context.follow(raw, path)
  if (isSeq(node)) return node.items.map((item, i) => plainOf(item as Node | null, [...path, i], context))
  if (isMap(node)) {
    const entries: [string, unknown][] = []
    for (const { key, value } of node.items) {
      if (!isScalar(key)) context.problem(node, path, 'a key must be plain text.')
      else entries.push([keyText(key), plainOf(value as Node | null, [...path, keyText(key)], context)])
    }
    return Object.fromEntries(entries)
  }
  if (!isScalar(node)) return null
  const resolved = resolveScalar(node)
  if (resolved.kind === 'null') return null
  if (resolved.kind === 'int') return Number(resolved.value)
  return 'value' in resolved ? resolved.value : keyText(node)
}

function printAny(value: unknown): ReturnType<Form<unknown>['print']> {
  if (value === null || value === undefined) return { kind: 'null' }
  if (typeof value === 'string') return { kind: 'text', text: value }
  if (typeof value === 'number' || typeof value === 'boolean') return { kind: 'word', text: String(value), value }
  if (Array.isArray(value)) return { kind: 'list', items: value.map(printAny), flow: false }
  return { kind: 'map', entries: Object.entries(value).map(([key, item]) => [key, printAny(item)] as const) }
}

/** Values among which there are secrets as plain text: shown by nothing that prints. */
export class Sealed<V> {
  readonly #values: V

  constructor(values: V) {
    this.#values = values
  }

  reveal(): V {
    return this.#values
  }

  toJSON(): string {
    return concealedText
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return concealedText
  }
}

/** A struct whose values are sealed; undefined where it is not written. */
export function sealed<F extends Fields>(form: StructForm<F>): Form<Sealed<Values<F>> | undefined> {
  return {
    zero: () => undefined,
    read(node, path, context) {
      const values = form.read(node, path, context)
      return values === undefined ? undefined : new Sealed(values)
    },
    isEmpty: (value) => value === undefined,
    print: (value, whole) => (value === undefined ? { kind: 'null' } : form.print(value.reveal(), whole)),
  }
}
