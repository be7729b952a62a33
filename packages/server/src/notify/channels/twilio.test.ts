import { startStandIn } from '@tidewatch/testkit/receivers/stand-in.ts'
import { twilioApi } from '@tidewatch/testkit/receivers/twilio.ts'
import { expect, it } from 'vitest'
import { smsSegments } from '../sms-text.ts'
import { alertOf, FakeMemory, integrationOf, notificationOf, resolvedOf, send } from '../testing/send.ts'

const account = { sid: `AC${'0'.repeat(32)}`, token: 'authtoken-secret', from: '+15005550006' }
const base = {
  account_sid: account.sid,
  auth_token: account.token,
  from: account.from,
  to: '+436641111111, +436642222222',
}

const forms = (requests: readonly { readonly path: string; readonly body: string }[]) =>
  requests.map(({ path, body }) => ({
    what: /(\w+)\.json$/.exec(path)?.[1],
    ...Object.fromEntries(new URLSearchParams(body)),
  }))

it('sends an SMS to each number, with the link that acknowledges', async () => {
  await using twilio = await startStandIn(twilioApi(account))
  const result = await send('twilio', { ...base, api_url: twilio.url }, notificationOf())
  expect(result).toMatchObject({ outcome: 'delivered', detail: '201 told: sms +436641111111, sms +436642222222' })
  expect(forms(twilio.taken)).toMatchObject([
    {
      what: 'Messages',
      To: '+436641111111',
      From: account.from,
      Body: 'CRITICAL HighErrorRate: Error rate above 5 % https://watch.example.org/ack/abc',
    },
    { what: 'Messages', To: '+436642222222' },
  ])
})

it('calls too, and calls nobody for an end', async () => {
  await using twilio = await startStandIn(twilioApi(account))
  const options = { ...base, to: '+436641111111', mode: 'both', api_url: twilio.url }
  const alert = alertOf({}, { annotations: { summary: 'a & b < c' } })
  for (const one of [notificationOf({ alerts: [alert] }), resolvedOf()])
    expect(await send('twilio', options, one)).toMatchObject({ outcome: 'delivered' })
  expect(forms(twilio.taken).map(({ what }) => what)).toEqual(['Messages', 'Calls', 'Messages'])
  expect(forms(twilio.taken)[1]).toMatchObject({ Twiml: expect.stringContaining('a &amp; b &lt; c') })
})

it('is for critical alerts, unless the configuration says otherwise', async () => {
  await using twilio = await startStandIn(twilioApi(account))
  const options = { ...base, api_url: twilio.url }
  expect(await send('twilio', options, notificationOf({ severity: 'high' }))).toMatchObject({ outcome: 'skipped' })
  expect(
    await send('twilio', { ...options, severities: 'critical, error' }, notificationOf({ severity: 'high' })),
  ).toMatchObject({ outcome: 'delivered' })
  expect(await send('twilio', options, notificationOf({ severity: 'low', reason: 'test' }))).toMatchObject({
    outcome: 'delivered',
  })
})

it('tells who can be told where one number is wrong', async () => {
  await using twilio = await startStandIn(twilioApi({ ...account, badNumbers: ['+436641111111'] }))
  const result = await send('twilio', { ...base, api_url: twilio.url }, notificationOf())
  expect(result).toMatchObject({ outcome: 'delivered' })
  expect(result.detail).toMatch(/sms \+436641111111: 400 .*21211.*told: sms \+436642222222/)
})

it('does not tell again who has been told when another is tried again', async () => {
  await using twilio = await startStandIn(twilioApi(account))
  const memory = new FakeMemory()
  twilio.mishap({ status: 500 })
  const options = { ...base, api_url: twilio.url }
  expect(await send('twilio', options, notificationOf(), { memory })).toMatchObject({ outcome: 'retry', status: 500 })
  expect(await send('twilio', options, notificationOf(), { memory })).toMatchObject({ outcome: 'delivered' })
  expect(forms(twilio.taken)).toMatchObject([{ To: '+436642222222' }, { To: '+436641111111' }])
})

it.each(['x', 'ж', '€'])('keeps within three parts, link and all, for text of %s', async (letter) => {
  await using twilio = await startStandIn(twilioApi(account))
  const alert = alertOf({}, { annotations: { summary: letter.repeat(3000) } })
  await send('twilio', { ...base, api_url: twilio.url }, notificationOf({ alerts: [alert] }))
  const [{ Body = '' } = {}] = forms(twilio.taken) as { Body?: string }[]
  expect(smsSegments(Body)).toBe(3)
  expect(Body).toMatch(/https:\/\/watch\.example\.org\/ack\/abc$/)
})

it('says what is wrong with numbers and severities', () => {
  expect(() => integrationOf('twilio', { ...base, to: '0664 111', severities: 'loud' })).toThrow(
    'to.0: not a number as Twilio takes it. Write it as +436641234567\nseverities: loud is no severity. There are critical, high, medium, low.',
  )
})
