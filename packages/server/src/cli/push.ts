import { AppError, quoteValue } from '@tidewatch/core/error.ts'
import { allValues, type Command, type CommandCall } from './command.ts'
import { readStandardInput } from './input-text.ts'
import { postJson, remoteFlags } from './remote.ts'

interface Value {
  readonly name: string
  readonly value: number | string
}

export const push: Command = {
  name: 'push',
  summary: 'Send values of metrics to a running server',
  usage: 'NAME VALUE | NAME=VALUE ... | -',
  flags: [
    {
      name: 'namespace',
      argument: 'NAME',
      help: 'stands before each name: MalarMarket RequestCount is malar_market_request_count',
    },
    { name: 'label', argument: 'NAME=VALUE', help: 'a label of all of them; may be repeated' },
    { name: 'timestamp', argument: 'TIME', help: 'ISO 8601 or seconds since 1970', fallback: 'now' },
    ...remoteFlags,
  ],
  async run(call) {
    const values = call.words[0] === '-' && call.words.length === 1 ? await fromInput() : fromWords(call.words)
    const body = typeof values === 'string' ? values : JSON.stringify(groupOf(values, call))
    const { accepted } = (await postJson(call, '/api/tidewatch/v1/push', body)) as { readonly accepted: number }
    call.out(accepted === 1 ? '1 value stored.' : `${accepted} values stored.`)
    return 0
  },
}

/** Of standard input: JSON is sent as it is; else a value a line, behind its name. */
async function fromInput(): Promise<readonly Value[] | string> {
  const text = await readStandardInput()
  if (/^\s*[[{]/.test(text)) return text
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !line.trimStart().startsWith('#'))
  return lines.map((line) => {
    const [name, written, ...rest] = line.includes('=') ? splitPair(line) : line.trim().split(/\s+/)
    if (name === undefined || written === undefined || rest.length > 0) throw usageError(line)
    return { name, value: numberOf(written) }
  })
}

function fromWords(words: readonly string[]): readonly Value[] {
  const [name, written] = words
  if (words.length === 2 && name !== undefined && written !== undefined && !name.includes('='))
    return [{ name, value: numberOf(written) }]
  if (words.length === 0) throw usageError('')
  return words.map((word) => {
    const [key, value] = splitPair(word)
    if (key === undefined || value === undefined) throw usageError(word)
    return { name: key, value: numberOf(value) }
  })
}

function groupOf(metrics: readonly Value[], { flags, rawArgs }: CommandCall): Readonly<Record<string, unknown>> {
  const labels = Object.fromEntries(
    allValues(rawArgs, 'label').map((text): [string, string] => {
      const [name, value] = splitPair(text)
      if (name === undefined || value === undefined)
        throw new AppError('config.invalid', `--label has ${quoteValue(text)}.`, { fix: 'Write --label name=value.' })
      return [name, value]
    }),
  )
  const namespace = flags.get('namespace')
  const timestamp = flags.get('timestamp')
  return {
    metrics,
    labels,
    ...(namespace === undefined ? {} : { namespace }),
    ...(timestamp === undefined ? {} : { timestamp }),
  }
}

function splitPair(text: string): readonly (string | undefined)[] {
  const at = text.indexOf('=')
  return at < 1 ? [] : [text.slice(0, at).trim(), text.slice(at + 1).trim()]
}

function numberOf(text: string): number | string {
  if (/^(NaN|[+-]?Inf)$/.test(text)) return text
  const number = Number(text)
  if (text !== '' && Number.isFinite(number)) return number
  throw new AppError('config.invalid', `${quoteValue(text)} is not a number.`, {
    fix: 'tidewatch push orders_open 12, or orders_open=12 carts=3',
  })
}

const usageError = (found: string): AppError =>
  new AppError('config.invalid', `give a name and a value${found === '' ? '' : `, not ${quoteValue(found)}`}.`, {
    fix: 'tidewatch push orders_open 12, or orders_open=12 carts=3, or - to read them from standard input.',
  })
