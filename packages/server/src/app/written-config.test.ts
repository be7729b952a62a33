import { readAlertmanagerConfig } from '@tidewatch/alertmanager/config.ts'
import { expect, test } from 'vitest'
import { writtenConfig } from './written-config.ts'

const text = `
global:
  slack_api_url: https://hooks.example/secret
route:
  receiver: team
  routes:
    - match: { severity: critical }
      group_by: ['...']
receivers:
  - name: team
    slack_configs:
      - channel: '#ops'
    pagerduty_configs:
      - routing_key: very-secret
`

test('shows what was written, without secrets and without defaults', () => {
  const read = readAlertmanagerConfig({ name: 'alertmanager.yml', text })
  if (!read.ok) return expect.unreachable(JSON.stringify(read.problems))
  expect(writtenConfig(text, read.config.effectiveYaml)).toMatchInlineSnapshot(`
    "global:
      slack_api_url: <secret>
    route:
      receiver: team
      routes:
        - group_by:
            - ...
          match:
            severity: critical
    receivers:
      - name: team
        pagerduty_configs:
          - routing_key: <secret>
        slack_configs:
          - channel: "#ops"
    "
  `)
})
