// What about a pipeline is refused for safety, and what is told because it works otherwise here than where the file comes from.
import type { Problem } from '@tidewatch/core/error.ts'
import type { Place } from '@tidewatch/logstash/ast.ts'
import type { OutputDescription } from '@tidewatch/logstash/delivery.ts'
import type { InputDescription } from '@tidewatch/logstash/inputs.ts'
import type { Pipeline } from '@tidewatch/logstash/pipeline.ts'

interface OddityContext {
  readonly file: string
  readonly networks: readonly string[]
}

interface Oddities {
  readonly problems: readonly Problem[]
  readonly notes: readonly Problem[]
}

export function oddities({ inputs, outputs }: Pipeline, { file, networks }: OddityContext): Oddities {
  const problems: Problem[] = []
  const notes: Problem[] = []
  const at = (place: Place, key: string): Problem['where'] => ({ file, line: place.line, column: place.column, key })
  for (const input of inputs) {
    const told = inputOddity(input, networks)
    if (told !== undefined) notes.push({ ...told, where: at(input.place, input.kind) })
  }
  for (const output of outputs) {
    const where = at(output.place, output.kind)
    if (output.kind === 'file')
      problems.push({
        message: 'the output file is not written here: a line could name any file of this machine',
        where,
        fix: 'Leave the block out; lines are kept and exported from the page.',
      })
    const told = outputOddity(output)
    if (told !== undefined) notes.push({ ...told, where })
  }
  return { problems, notes }
}

type Told = Pick<Problem, 'message' | 'fix'>

function inputOddity({ kind, listen, codec }: InputDescription, networks: readonly string[]): Told | undefined {
  if (kind === 'stdin' || kind === 'generator')
    return { message: `the input ${kind} brings nothing in a server`, fix: 'Leave the block out.' }
  if (codec.multiline !== undefined && kind !== 'file')
    return {
      message: 'multiline joins lines that come in together; those that come later are events of their own',
      fix: 'Join lines where they are written, or let the file be read here.',
    }
  if (listen === undefined || networks.some((network) => !isLoopback(network))) return undefined
  return {
    message: `port ${listen.port} takes lines from this machine alone`,
    fix: 'Name the networks that may send in pipelines.networks of tidewatch.yml.',
  }
}

const isLoopback = (network: string): boolean => network.startsWith('127.') || network.startsWith('::1')

function outputOddity({ kind, settings }: OutputDescription): Told | undefined {
  const hosts = settings.get('hosts') ?? []
  if (kind === 'elasticsearch' && hosts.length > 0)
    return {
      message: `lines are kept here; nothing is sent to ${hosts.slice(0, 3).join(', ')}`,
      fix: 'Leave hosts out, or keep it for the day you go back.',
    }
  if (kind === 'email' && (settings.has('address') || settings.has('username')))
    return {
      message: 'mail goes by the mail server of the channels, not by the one that the block names',
      fix: 'Configure a channel of the kind email, or SMTP_HOST.',
    }
  return undefined
}
