// Lines of logs in the terminal: those of the last hour, or as they come.
import { setTimeout as wait } from 'node:timers/promises'
import { errorAnswer } from '@tidewatch/api/error.ts'
import { type LogLine, logLanguages, logSearchEvent, logTailEvent } from '@tidewatch/api/logs.ts'
import { AppError, quoteValue } from '@tidewatch/core/error.ts'
import { parseDurationMs } from '@tidewatch/core/time.ts'
import type { Command, CommandCall } from './command.ts'
import { printLogLine } from './log-line.ts'
import { baseUrl, bearer, remoteFlags } from './remote.ts'

const path = '/api/tidewatch/v1/logs'
/** Between two tries to follow again, at most. */
const longestPauseMs = 10_000

export const logs: Command = {
  name: 'logs',
  summary: 'Search logs of a running server, or follow them',
  usage: "['QUERY'] [-f | --follow] [--since 1h]",
  flags: [
    { name: 'follow', argument: undefined, help: 'lines as they are accepted, until Ctrl-C (also -f)' },
    { name: 'since', argument: 'DURATION', help: 'how far back', fallback: '1h' },
    { name: 'limit', argument: 'LINES', help: 'the newest so many, 1 to 10000', fallback: '200' },
    { name: 'language', argument: 'kql|lucene|logql', help: 'what the query is written in', fallback: 'kql' },
    { name: 'output', argument: 'text|json', help: 'lines for people, or one JSON object each', fallback: 'text' },
    ...remoteFlags,
  ],
  async run(call) {
    const words = call.words.filter((word) => word !== '-f')
    const isFollowing = call.flags.has('follow') || words.length < call.words.length
    const language = oneOf(call, 'language', logLanguages)
    const output = oneOf(call, 'output', ['text', 'json'])
    if (words.length > 1)
      throw new AppError('config.invalid', 'give one query.', {
        fix: "Put it into quotes: tidewatch logs 'service:orders and level:error'",
      })
    const query = words[0] ?? ''
    const isColored = output === 'text' && process.stdout.isTTY && call.env.NO_COLOR === undefined
    const print = (line: LogLine): void =>
      call.out(output === 'json' ? JSON.stringify(line) : printLogLine(line, { isColored }))
    if (isFollowing) return follow(call, { query, language }, print)
    await search(call, { query, language }, print)
    return 0
  },
}

function oneOf<T extends string>({ flags }: CommandCall, name: string, choices: readonly T[]): T {
  const given = flags.get(name) ?? choices[0]
  const chosen = choices.find((choice) => choice === given)
  if (chosen !== undefined) return chosen
  throw new AppError('config.invalid', `--${name} ${quoteValue(given ?? '')} is none of ${choices.join(', ')}.`)
}

interface Question {
  readonly query: string
  readonly language: string
}

/** Oldest first, as a terminal is read: the newest stands above the prompt. */
async function search(call: CommandCall, question: Question, print: (line: LogLine) => void): Promise<void> {
  const sinceMs = parseDurationMs(call.flags.get('since') ?? '1h')
  if (sinceMs === undefined || sinceMs <= 0)
    throw new AppError('config.invalid', '--since is not a duration.', { fix: 'Write one such as 15m, 1h or 7d.' })
  const limit = call.flags.get('limit') ?? '200'
  const toMs = Date.now() + 60_000
  const asked = { ...question, limit, fromMs: String(Math.max(0, toMs - 60_000 - sinceMs)), toMs: String(toMs) }
  const found: LogLine[] = []
  for await (const text of textLines(await open(call, '/search', asked))) {
    const event = logSearchEvent.parse(JSON.parse(text))
    if (event.type === 'lines') found.push(...event.lines)
    if (event.type === 'error')
      throw new AppError('query.execution', event.message, event.fix === undefined ? {} : { fix: event.fix })
  }
  for (const line of found.reverse()) print(line)
  if (found.length === Number(limit)) call.err(`The newest ${limit}; --limit shows more.`)
  else if (found.length === 0) call.err('No lines.')
}

/** Until the program is ended. What is wrong with the question ends it; a server that goes away is tried again. */
async function follow(call: CommandCall, question: Question, print: (line: LogLine) => void): Promise<never> {
  let pauseMs = 500
  let isFirst = true
  for (;;) {
    try {
      for await (const text of textLines(await open(call, '/tail', { ...question }))) {
        if (!text.startsWith('data: ')) continue
        const event = logTailEvent.parse(JSON.parse(text.slice('data: '.length)))
        pauseMs = 500
        isFirst = false
        if (event.type === 'idle') continue
        for (const line of event.lines) print(line)
        if (event.share < 1)
          call.err(
            `-- ${event.matched - event.lines.length} more lines came in the meantime; narrow the query to see all --`,
          )
      }
      call.err('-- the server ended the tail; following again --')
    } catch (error) {
      if (isFirst || (error instanceof AppError && !error.retryable)) throw error
      call.err('-- the server went away; following again --')
    }
    await wait(pauseMs)
    pauseMs = Math.min(longestPauseMs, pauseMs * 2)
  }
}

async function open(
  call: CommandCall,
  action: string,
  parameters: Readonly<Record<string, string>>,
): Promise<ReadableStream<Uint8Array>> {
  const url = new URL(`${path}${action}?${new URLSearchParams(parameters)}`, baseUrl(call))
  const response = await fetch(url, { headers: bearer(call) }).catch((cause: unknown) => {
    throw new AppError('store.unavailable', `${url.origin} was not reached.`, {
      ...{ cause, retryable: true },
      fix: 'Is it running there? Name it with --url.',
    })
  })
  if (response.ok && response.body !== null) return response.body
  const said = errorAnswer.safeParse(await response.json().catch(() => undefined))
  // what a server says while it starts or is busy passes
  const retryable = response.status >= 500 || response.status === 429
  if (!said.success) throw new AppError('http.invalid', `${url.origin} answered ${response.status}.`, { retryable })
  const { message, fix } = said.data.error
  throw new AppError('http.invalid', message, { retryable, ...(fix === undefined ? {} : { fix }) })
}

async function* textLines(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = ''
  for await (const text of body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) if (line !== '') yield line
  }
}
