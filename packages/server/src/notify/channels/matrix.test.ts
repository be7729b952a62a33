import { matrixRoom } from '@tidewatch/testkit/receivers/matrix.ts'
import { startStandIn } from '@tidewatch/testkit/receivers/stand-in.ts'
import { expect, it } from 'vitest'
import { alertOf, notificationOf, send } from '../testing/send.ts'

it('sends text and HTML under the transaction of its key: a repeat is one event', async () => {
  const room = matrixRoom('!ops:example.org', 'syt_secret')
  await using matrix = await startStandIn(room.vendor)
  const options = { homeserver: matrix.url, room_id: '!ops:example.org', access_token: 'syt_secret' }
  const alert = alertOf({}, { annotations: { summary: '<script>' } })
  for (const key of ['one', 'one', 'two'])
    expect(await send('matrix', options, notificationOf({ alerts: [alert] }), { key })).toMatchObject({
      outcome: 'delivered',
    })
  expect(room.events.size).toBe(2)
  expect([...room.events.values()][0]).toMatchObject({
    msgtype: 'm.text',
    body: 'CRITICAL: HighErrorRate\n<script>\nhttps://watch.example.org/alerts/1',
    formatted_body: expect.stringContaining('&lt;script&gt;'),
  })
})

it('waits as the server asks for, and fails for good in a room that it is not in', async () => {
  await using matrix = await startStandIn(matrixRoom('!ops:example.org', 'syt_secret').vendor)
  const options = { homeserver: matrix.url, room_id: '!ops:example.org', access_token: 'syt_secret' }
  matrix.mishap({ status: 429, body: '{"errcode":"M_LIMIT_EXCEEDED","retry_after_ms":2500}' })
  expect(await send('matrix', options, notificationOf())).toMatchObject({ outcome: 'retry', pauseMs: 2500 })
  expect(await send('matrix', { ...options, room_id: '!x:y' }, notificationOf())).toMatchObject({
    outcome: 'failed',
    status: 403,
  })
})
