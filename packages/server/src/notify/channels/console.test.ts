import { expect, it } from 'vitest'
import { alertOf, FakeOutside, notificationOf, resolvedOf, send } from '../testing/send.ts'

it('is plain where it is no terminal, and coloured where it is', async () => {
  const outside = new FakeOutside()
  expect(await send('console', {}, notificationOf(), { outside })).toMatchObject({ outcome: 'delivered' })
  outside.terminal.isTerminal = true
  await send('console', {}, resolvedOf(), { outside })
  expect(outside.written).toEqual([
    '2026-01-02T03:04:05.000Z CRITICAL Error rate above 5 %\n  The API answers 12 % of requests with an error.\n',
    '2026-01-02T03:14:05.000Z \u001B[1m\u001B[32mRESOLVED\u001B[0m Error rate above 5 %\n  The API answers 12 % of requests with an error.\n',
  ])
})

it('lets no label steer the terminal', async () => {
  const outside = new FakeOutside()
  await send(
    'console',
    { color: 'always' },
    notificationOf({ alerts: [alertOf({}, { annotations: { summary: '\u001B[2Jgone\u0007' } })] }),
    { outside },
  )
  for (const steering of ['\u001B[2J', '\u0007']) expect(outside.written[0]).not.toContain(steering)
})
