// The real protocol over a real socket: a stand-in of Telegram's bot API.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { systemClock } from '@tidewatch/core/clock.ts'
import { Secret } from '@tidewatch/core/secret.ts'
import { expect, onTestFinished, test } from 'vitest'
import { createLogger } from '../../self/logger.ts'
import { TelegramUpdates } from './telegram-updates.ts'

interface Asked {
  readonly path: string
  readonly body: Readonly<Record<string, unknown>>
}

type Handler = (asked: Asked, response: ServerResponse) => void

/** Answers what the handler says; a call of getUpdates without an answer stays open, as Telegram's does. */
async function telegram(handle: Handler): Promise<string> {
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    response.setHeader('content-type', 'application/json')
    handle({ path: request.url ?? '', body: JSON.parse(await text(request)) as Asked['body'] }, response)
  }
  const server = createServer((request, response) => void answer(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function poll(apiUrl: string, take: (update: { readonly update_id: number }) => Promise<object | undefined>) {
  const lines: string[] = []
  const logger = createLogger({ clock: systemClock, format: 'json', level: 'info', write: (line) => lines.push(line) })
  const updates = new TelegramUpdates({
    ...{ bot: () => ({ token: new Secret('123:abc'), apiUrl }), take, logger },
    clock: { ...systemClock, sleep: () => new Promise((resolve) => setImmediate(resolve)) },
  })
  const stopping = new AbortController()
  const done = updates.run(stopping.signal)
  return {
    lines,
    async stop() {
      stopping.abort()
      await done
    },
  }
}

const press = (update: number) => ({
  update_id: update,
  callback_query: { id: `q${update}`, from: { id: 7, username: 'ana' }, data: 'token' },
})

test('what was pressed is taken once, answered, and confirmed by the next question', async () => {
  const offsets: unknown[] = []
  const confirmed = Promise.withResolvers<void>()
  const answers: unknown[] = []
  const url = await telegram(({ path, body }, response) => {
    if (path === '/bot123:abc/answerCallbackQuery') {
      answers.push(body)
      response.end('{"ok":true,"result":true}')
      return
    }
    expect(path).toBe('/bot123:abc/getUpdates')
    expect(body).toMatchObject({ timeout: 25, allowed_updates: ['callback_query'] })
    offsets.push(body.offset)
    if (body.offset === 0) response.end(JSON.stringify({ ok: true, result: [press(41), { update_id: 42, odd: 1 }] }))
    else confirmed.resolve()
  })
  const taken: number[] = []
  const polling = poll(url, async ({ update_id: update }) => {
    taken.push(update)
    return update === 41 ? { callback_query_id: 'q41', text: 'ana took 1 alert.' } : undefined
  })
  await confirmed.promise
  await polling.stop()
  expect(offsets).toEqual([0, 43])
  expect(taken).toEqual([41, 42])
  expect(answers).toEqual([{ callback_query_id: 'q41', text: 'ana took 1 alert.' }])
  expect(polling.lines).toEqual([])
})

test('a bot that has a webhook is told once, without its token, and asked again', async () => {
  let asked = 0
  const well = Promise.withResolvers<void>()
  const url = await telegram((_asked, response) => {
    asked++
    if (asked < 4) {
      response.statusCode = 409
      response.end('{"ok":false,"error_code":409,"description":"Conflict: webhook is active"}')
    } else well.resolve()
  })
  const polling = poll(url, async () => undefined)
  await well.promise
  await polling.stop()
  expect(polling.lines).toHaveLength(1)
  expect(polling.lines[0]).toContain('webhook is active')
  expect(polling.lines[0]).not.toContain('123:abc')
})

test('what cannot be taken now is asked for again', async () => {
  const offsets: unknown[] = []
  const again = Promise.withResolvers<void>()
  const url = await telegram(({ path, body }, response) => {
    if (path.endsWith('answerCallbackQuery')) response.end('{"ok":true}')
    else {
      offsets.push(body.offset)
      if (offsets.length < 3) response.end(JSON.stringify({ ok: true, result: [press(9)] }))
      else again.resolve()
    }
  })
  let failures = 0
  const polling = poll(url, async () => {
    if (failures++ === 0) throw new Error('the state is away')
    return { callback_query_id: 'q9', text: 'taken' }
  })
  await again.promise
  await polling.stop()
  expect(offsets).toEqual([0, 0, 10])
})
