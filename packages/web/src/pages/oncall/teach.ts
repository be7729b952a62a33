// What a person pastes into tidewatch.yml to begin. No React here.
import type { Snippet } from '../../ui/code-block.tsx'

const schedule = `  schedules:
    - name: backend
      time_zone: Europe/Berlin
      layers:
        - name: week
          people: [ada, ben]
          rotation: weekly
          hand_over: { at: '09:00', day: monday }
          starts: 2026-01-05
`

export const onCallSnippets: readonly Snippet[] = [
  {
    title: 'tidewatch.yml',
    text: `channels:
  - { name: ops, kind: ntfy, topic: our-alerts }
  - { name: pager, kind: oncall, policy: backend }   # sending to it begins an escalation

oncall:
  people:
    - { name: ada, contacts: [{ channel: ops }] }
    - { name: ben, contacts: [{ channel: ops }] }
${schedule}  policies:
    - name: backend
      repeat: 2                                      # after the last step twice more from the first
      steps:
        - { notify: [{ schedule: backend }], wait: 5m }
        - { notify: [{ person: ben }], wait: 10m }
`,
  },
  { title: 'Schedule', text: `oncall:\n${schedule}` },
]

export const drillSnippets: readonly Snippet[] = [
  {
    title: 'tidewatch.yml',
    text: `drills:
  - name: pager
    at: '10:00'
    days: [tuesday]
    time_zone: Europe/Berlin
    labels: { severity: critical }     # it is routed by them, as a real alert
    acknowledge_within: 15m
`,
  },
]

export const heartbeatSnippets: readonly Snippet[] = [
  { title: 'tidewatch.yml', text: `heartbeat: { url: 'https://hc-ping.com/YOUR-CHECK', interval: 1m }\n` },
]
