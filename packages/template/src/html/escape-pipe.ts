// Puts the escapers of a context behind a pipeline.
import type { Command, Pipe } from '../parse-nodes.ts'
import type { Context } from './context.ts'
import type { EscaperName } from './escapers.ts'

const byDelimiter = {
  none: undefined,
  space: 'html unquoted',
  double: 'html attribute',
  single: 'html attribute',
} as const

/** The escapers for an action in that context, or what is wrong with it. */
export function escapersFor(context: Context, shown: () => string): readonly EscaperName[] | string {
  const names = namesFor(context, shown)
  if (typeof names === 'string') return names
  const last = byDelimiter[context.delimiter]
  return last === undefined ? names : [...names, last]
}

function namesFor({ state, urlPart }: Context, shown: () => string): readonly EscaperName[] | string {
  switch (state) {
    case 'url':
    case 'cssDoubleQuoted':
    case 'cssSingleQuoted':
    case 'cssDoubleQuotedUrl':
    case 'cssSingleQuotedUrl':
    case 'cssUrl': {
      if (urlPart === 'unknown') return `${shown()} appears in an ambiguous context within a URL`
      if (urlPart === 'queryOrFragment') return ['url escape']
      const isText = state === 'cssDoubleQuoted' || state === 'cssSingleQuoted'
      const name = isText ? 'css text' : 'url normalize'
      return urlPart === 'none' ? ['url filter', name] : [name]
    }
    case 'metaContentUrl':
      return ['url filter']
    case 'srcset':
      return ['url srcset']
    case 'js':
      return ['js value']
    case 'jsDoubleQuoted':
    case 'jsSingleQuoted':
      return ['js string']
    case 'jsTemplate':
      return ['js template']
    case 'jsRegexp':
      return ['js regexp']
    case 'css':
      return ['css value']
    case 'text':
      return ['html text']
    case 'rcdata':
      return ['html rcdata']
    case 'attr':
    case 'metaContent':
      return []
    case 'attrName':
    case 'tag':
      return ['html name']
    default:
      return ['html comment']
  }
}

/** Escapers that do what one of the functions does that every template has. */
const equivalents: Readonly<Partial<Record<string, string>>> = {
  'html attribute': 'html',
  'html text': 'html',
  'html rcdata': 'html',
  'url escape': 'urlquery',
  // urlquery is stricter, so it may stand in for it
  'url normalize': 'urlquery',
}
const normalized = (name: string): string => equivalents[name] ?? name

/** Behind the first, the second would change nothing. */
const redundant: Readonly<Partial<Record<string, readonly string[]>>> = {
  'html comment': ['html attribute', 'html text'],
  'css text': ['html attribute'],
  'js regexp': ['html attribute'],
  'js string': ['html attribute'],
  'js template': ['html attribute'],
  'url escape': ['url normalize'],
}

const predefined: ReadonlySet<string> = new Set(['html', 'urlquery'])

const nameOf = (command: Command | undefined): string | undefined => {
  const first = command?.args[0]
  return first?.kind === 'identifier' ? first.name : undefined
}

/** The function of the pipeline that must not stand there, since what comes behind it would escape twice or undo it. */
export function misplacedEscaper({ commands }: Pipe, context: Context): string | undefined {
  const isBare = context.state === 'attr' && context.delimiter === 'space'
  for (const [i, command] of commands.entries()) {
    const name = nameOf(command)
    if (name === undefined || !predefined.has(name)) continue
    if (i < commands.length - 1 || (isBare && name === 'html')) return name
  }
  return undefined
}

/** The pipeline with the escapers at its end. One that ends with `html` or `urlquery` keeps that in the place of its equivalent. */
export function withEscapers(pipe: Pipe, escapers: readonly EscaperName[]): Pipe {
  if (escapers.length === 0) return pipe
  const command = (name: string): Command => ({
    args: [{ kind: 'identifier', name, start: pipe.start }],
    start: pipe.start,
  })
  let commands = [...pipe.commands]
  let wanted: readonly string[] = escapers
  const last = commands.at(-1)
  const own = nameOf(last)
  if (last !== undefined && own !== undefined && predefined.has(own)) {
    if (commands.length === 1 && last.args.length > 1) {
      const [, ...args] = last.args
      const first = { kind: 'identifier', name: 'the arguments', start: last.start } as const
      commands = [{ ...last, args: [first, ...args] }, command(own)]
    }
    if (wanted.some((name) => normalized(name) === own)) {
      wanted = wanted.map((name) => (normalized(name) === own ? own : name))
      commands.pop()
    }
  }
  const known = new Set(commands.map((one) => normalized(nameOf(one) ?? '')))
  for (const name of wanted) {
    if (known.has(normalized(name))) continue
    const before = nameOf(commands.at(-1))
    if (before === undefined || redundant[before]?.includes(name) !== true) commands.push(command(name))
  }
  return { ...pipe, commands }
}
