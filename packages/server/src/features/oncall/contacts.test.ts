import { expect, it } from 'vitest'
import { integrationOf } from '../../notify/testing/send.ts'
import { personalIntegrations, reaches } from './contacts.ts'
import type { Contact } from './port.ts'

const channels = [
  integrationOf('slack', { api_url: 'https://hooks.slack.com/services/T0/B0/x' }),
  integrationOf('slack', { app_token: 'xoxb-secret', channel: '#ops' }),
  integrationOf('telegram', { bot_token: '1:x', chat_id: -100 }),
  integrationOf('email', { to: 'ops@example.org', from: 'a@example.org', smarthost: 'mail:587' }),
  integrationOf('twilio', {
    ...{ account_sid: `AC${'0'.repeat(32)}`, auth_token: 'secret', from: '+4915100000', to: '+4915100001' },
  }),
].map((one, i) => ({ ...one, receiver: `channel${i}` }))

const address = (kind: 'email' | 'phone' | 'telegram' | 'slack', value: string): Contact => ({
  address: { kind, value },
  channel: undefined,
})
const configsOf = (...contacts: Contact[]): unknown[] =>
  personalIntegrations(
    { people: [{ name: 'ada', timeZone: undefined, contacts }], schedules: [], policies: [] },
    channels,
  ).map(({ key, receiver, config }) => [key, receiver, config])

it('makes of each contact an integration of its own, for that address alone', () => {
  expect(
    configsOf(
      address('email', 'ada@example.org'),
      address('phone', '+4915112345678'),
      address('telegram', '12345'),
      address('slack', 'U012AB3CD'),
      { address: undefined, channel: 'channel3' },
    ),
  ).toMatchObject([
    ['oncall/ada/0', 'oncall/ada', { to: 'ada@example.org', smarthost: 'mail:587' }],
    // whoever is on call is called for every severity
    ['oncall/ada/1', 'oncall/ada', { to: ['+4915112345678'], severities: ['critical', 'high', 'medium', 'low'] }],
    ['oncall/ada/2', 'oncall/ada', { chat_id: '12345' }],
    // an incoming webhook reaches nobody alone
    ['oncall/ada/3', 'oncall/ada', { channel: 'U012AB3CD' }],
    ['oncall/ada/4', 'oncall/ada', { to: 'ops@example.org' }],
  ])
})

it('knows which channels reach single addresses', () => {
  expect(reaches(channels)('slack', 'channel0')).toBe(false)
  expect(reaches(channels)('slack', 'channel1')).toBe(true)
  expect(reaches(channels)('email', 'channel4')).toBe(false)
  expect(reaches(channels.slice(0, 1))('slack', undefined)).toBe(false)
})
