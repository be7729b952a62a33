import { Labels } from '@tidewatch/core/labels.ts'
import { expect, test } from 'vitest'
import { defineChannel, type Integration } from '../../notify/port.ts'
import { defaultTree, defaultTreeYaml } from './default-tree.ts'
import { createPolicy, type NamedChannel } from './routing.ts'
import { alertOf, policyOf, seconds, testMachine, told } from './testing-machine.ts'

const kind = defineChannel({ kind: 'none', title: '', repeats: 'once' } as Parameters<typeof defineChannel>[0])

function channel(name: string, receivers: readonly string[] = []): NamedChannel {
  const integration: Integration = {
    ...{ key: `channels/${name}`, receiver: name, channel: kind, config: {}, sendsResolved: true },
  }
  return { integration, receivers }
}

test('without alertmanager.yml all channels hear of everything, of critical alerts at once', () => {
  const policy = createPolicy({ config: undefined, integrations: [], channels: [channel('a'), channel('b')] })
  const { machine, until } = testMachine(policy)
  machine.receive(
    [alertOf({ alertname: 'X', severity: 'PAGE' }), alertOf({ alertname: 'Y', severity: 'warning' })],
    seconds(0),
  )
  expect(told(until(seconds(0)))).toEqual(['0s a firing X', '0s b firing X'])
  expect(told(until(seconds(30)))).toEqual(['30s a firing Y', '30s b firing Y'])
})

test('the tree that is shown is the one that is in force', () => {
  const shown = policyOf(defaultTreeYaml()).root
  const told = ({ receiver, groupBy, groupWaitMs, groupIntervalMs, repeatIntervalMs, key }: typeof shown) => ({
    ...{ receiver, groupBy, groupWaitMs, groupIntervalMs, repeatIntervalMs, key },
  })
  expect([shown, ...shown.routes].map(told)).toEqual([defaultTree(), ...defaultTree().routes].map(told))
})

const config = (): Parameters<typeof createPolicy>[0]['config'] => ({
  ...{ route: { ...defaultTree(), receiver: 'team', routes: [] }, inhibitRules: [], timeIntervals: new Map() },
  global: { resolve_timeout: 60_000 } as NonNullable<Parameters<typeof createPolicy>[0]['config']>['global'],
})

test('with alertmanager.yml a channel hears of the receivers that it names', () => {
  const integrations = [{ key: 'team/slack[0]', receiver: 'team', sendsResolved: false }]
  const policy = createPolicy({ config: config(), integrations, channels: [channel('a', ['team']), channel('b')] })
  expect(policy.destinationsOf(policy.root).map(({ key, receiver }) => [key, receiver])).toEqual([
    ['team/slack[0]', 'team'],
    ['channels/a', 'team'],
  ])
  expect(policy.resolveTimeoutMs).toBe(60_000)
})

test('an alert that names its channels goes past the tree; where none of them is there, by the tree', () => {
  const policy = createPolicy({ config: config(), integrations: [], channels: [channel('a'), channel('b')] })
  const labels = Labels.from({ alertname: 'X', severity: 'critical' })
  const [own] = policy.routesFor({ labels, channels: ['b', 'gone'] })
  expect(own).toMatchObject({ receiver: 'b', groupWaitMs: 0 })
  expect(policy.destinationsOf(own ?? defaultTree()).map(({ key }) => key)).toEqual(['channels/b'])
  expect(policy.routesFor({ labels, channels: ['b'] })[0]).toBe(own)
  expect(policy.routesFor({ labels, channels: ['gone'] })[0]?.receiver).toBe('team')
})
