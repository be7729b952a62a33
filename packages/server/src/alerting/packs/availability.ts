import { type RulePack, selector } from './pack.ts'

export const availability: RulePack = {
  name: 'availability',
  title: 'What is down',
  summary: 'Wakes people when the API or another scraped service does not answer.',
  parameters: [
    { name: 'api', title: 'Targets of the API', kind: 'selector', fallback: 'job=~".*api.*"' },
    selector('All services that are to answer', 'job!=""'),
  ],
  text: `groups:
  - name: availability
    rules:
      - alert: APIDown
        expr: |-
          up{<<api>>} == 0
        for: 2m
        labels: { severity: critical }
        annotations:
          summary: 'The API at {{ $labels.instance }} does not answer'
          description: 'Its scrapes have failed for 2 minutes. Is the process running, and does the network lead to it?'
      - alert: ServiceDown
        expr: |-
          up{<<selector>>} == 0
        for: 1m
        labels: { severity: critical }
        annotations:
          summary: '{{ $labels.job }} at {{ $labels.instance }} does not answer'
          description: 'Its scrapes have failed for 1 minute.'
`,
}
