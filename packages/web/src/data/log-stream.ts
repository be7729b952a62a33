// Searches that come piece by piece, and the tail. No React here.
import { type LogSearchEvent, type LogTailEvent, logSearchEvent, logTailEvent } from '@tidewatch/api/logs.ts'
import { ApiFailure, openOurs } from './client.ts'
import { type LogQuestion, type LogSpan, logSearchText } from './logs.ts'

export interface LogSearchOptions {
  readonly span: LogSpan
  readonly limit: number
  readonly cursor?: string | undefined
  readonly signal: AbortSignal
}

/** The events of a search as they come. Throws an ApiFailure for a bad answer, a bad piece of one, and one that breaks off. */
export async function* streamLogSearch(
  question: Pick<LogQuestion, 'query' | 'language'>,
  { span, limit, cursor, signal }: LogSearchOptions,
): AsyncGenerator<LogSearchEvent> {
  const response = await openOurs(`/logs/search?${logSearchText(question, span, { limit, cursor })}`, { signal })
  if (response.body === null) throw brokenOff()
  let isWhole = false
  for await (const line of textLines(response.body)) {
    const event = readEvent(line)
    if (event.type === 'error')
      throw new ApiFailure('failed', { what: event.message, fix: event.fix }, { status: response.status })
    isWhole = event.type === 'end'
    yield event
  }
  if (!isWhole) throw brokenOff()
}

function readEvent(line: string): LogSearchEvent {
  const parsed = logSearchEvent.safeParse(parseJson(line))
  if (parsed.success) return parsed.data
  const problem = { what: 'The answer cannot be read', fix: 'Reload: page and server may be of different versions' }
  throw new ApiFailure('unreadable', problem, { cause: parsed.error })
}

const brokenOff = (): ApiFailure =>
  new ApiFailure('unreachable', { what: 'The search broke off', fix: 'Ask again: the connection was lost meanwhile' })

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The lines of a body, without empty ones, however its pieces are cut. */
export async function* textLines(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let rest = ''
  try {
    for (;;) {
      const { done, value } = await reader.read()
      rest += done ? decoder.decode() : decoder.decode(value, { stream: true })
      const lines = rest.split('\n')
      rest = done ? '' : (lines.pop() ?? '')
      for (const line of lines) if (line.trim() !== '') yield line
      if (done) return
    }
  } finally {
    // whoever stops listening ends the search
    await reader.cancel().catch(() => {})
  }
}

export interface TailListener {
  readonly onLines: (event: Extract<LogTailEvent, { type: 'lines' }>) => void
  /** Each time it is connected: what came meanwhile has to be asked for. */
  readonly onOpen: () => void
  /** `final`: the server refuses it; otherwise the browser tries again by itself. */
  readonly onLost: (final: boolean) => void
}

/** Listens to what is accepted from now on; returns what ends it. */
export function openLogTail(
  question: Pick<LogQuestion, 'query' | 'language'>,
  { onLines, onOpen, onLost }: TailListener,
): () => void {
  const source = new EventSource(`/api/tidewatch/v1/logs/tail?${logSearchText(question, undefined)}`)
  source.onopen = onOpen
  source.onerror = () => onLost(source.readyState === EventSource.CLOSED)
  source.onmessage = ({ data }) => {
    const event = logTailEvent.safeParse(parseJson(String(data)))
    if (event.success && event.data.type === 'lines') onLines(event.data)
  }
  return () => source.close()
}
