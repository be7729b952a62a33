import { expect, it } from 'vitest'
import { notificationOf, send } from '../testing/send.ts'

it('records and tells nobody', async () => {
  expect(await send('log', {}, notificationOf())).toMatchObject({ outcome: 'delivered', detail: '200 recorded' })
})
